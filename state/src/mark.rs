//! A note beside the file of how far it was written. `SQLite` reads a log that was cut or removed as the state of an earlier
//! moment, without a word; the note tells that there was a later one. It is written after a transaction is on disk, never
//! before, and costs no synchronisation: after a loss of power it may be behind, which does no harm, and never ahead.

use crate::file::private_file;
use crate::meta::Meta;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What a note says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) lineage: Uuid,
    pub(crate) serial: u64,
    pub(crate) commits: u64,
}

/// Writes notes, and forgets about those that cannot be written: nothing depends on any of them.
#[derive(Debug)]
pub(crate) struct Marker {
    path: PathBuf,
    file: Option<File>,
}

impl From<Meta> for Mark {
    fn from(meta: Meta) -> Self {
        Self { lineage: meta.base.lineage, serial: meta.base.serial, commits: meta.commits }
    }
}

impl Mark {
    /// As one line of constant length, with a checksum: half a note, or a damaged one, is none.
    fn text(self) -> String {
        let body = format!("{} {:020} {:020}", self.lineage, self.serial, self.commits);
        format!("{body} {:010}\n", crc32fast::hash(body.as_bytes()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let lineage = words.next()?.parse().ok()?;
        let mark = Self { lineage, serial: words.next()?.parse().ok()?, commits: words.next()?.parse().ok()? };
        (mark.text() == text).then_some(mark)
    }

    /// The note at `path`, if there is a whole one.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(path).ok()?)
    }

    /// Whether it speaks of a later moment than the file does.
    pub(crate) fn is_ahead_of(self, meta: &Meta) -> bool {
        self.lineage == meta.base.lineage && self.commits > meta.commits
    }
}

impl Marker {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Notes what is on disk.
    pub(crate) fn write(&mut self, meta: Meta) {
        if self.file.is_none() {
            self.file = private_file().create(true).truncate(false).open(&self.path).ok();
        }
        let text = Mark::from(meta).text();
        let Some(file) = &mut self.file else { return };
        if file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(text.as_bytes())).is_err() {
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_note_is_one() {
        let mark = Mark { lineage: Uuid::new_v4(), serial: 7, commits: 123 };
        let text = mark.text();
        assert_eq!(Mark::parse(&text), Some(mark));
        for bad in [&text[..text.len() - 1], &text.replace('7', "8"), &text.replace(" 0", "  0"), ""] {
            assert_eq!(Mark::parse(bad), None, "{bad}");
        }
    }
}
