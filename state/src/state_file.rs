//! Terraform's state file beside the store: what the store holds is written there for others to read, and what others wrote
//! there is taken over. The store stays the truth; a digest tells whose the file's content is.

use crate::error::StateError;
use crate::file::private_file;
use crate::lock::LockGuard;
use crate::meta;
use crate::record::Recorder;
use crate::rows::StateEdit;
use crate::run::{self, RunEnd, RunSpec};
use crate::seal::{self, Damage};
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::tfstate::{self, FileError, FileFormat};
use crate::writer::Write;
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// A state file that somebody else wrote.
#[derive(Debug)]
pub struct FileState {
    /// What it holds.
    pub snapshot: Snapshot,
    digest: String,
}

impl FileState {
    /// Reads a state file's text.
    ///
    /// # Errors
    /// It is no state.
    pub fn parse(text: &str, format: FileFormat) -> Result<Self, FileError> {
        Ok(Self { snapshot: tfstate::decode(text, format)?, digest: digest_of(text) })
    }
}

/// What a state file's content is told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest(String);

/// In bytes, how much of a file is read at once.
const CHUNK: usize = 128 * 1024;

impl FileDigest {
    /// That of the file at `path`; none where it cannot be read.
    pub fn of(path: &Path) -> Option<Self> {
        let mut digest = Digesting(Sha256::new());
        std::io::copy(&mut BufReader::with_capacity(CHUNK, File::open(path).ok()?), &mut digest).ok()?;
        Some(Self(hexadecimal(digest.0)))
    }
}

/// A state as the text of a state file.
///
/// # Errors
/// A row is no JSON.
pub fn file_text(snapshot: &Snapshot, format: FileFormat) -> Result<String, StateError> {
    let mut text = Vec::new();
    tfstate::encode(snapshot, format, &mut text).map_err(|e| no_json(&e))?;
    String::from_utf8(text).map_err(|_| StateError::Internal { doing: "writing the state file", detail: "it is no text".to_owned() })
}

fn no_json(error: &serde_json::Error) -> StateError {
    StateError::Internal { doing: "writing the state file", detail: format!("a row is no JSON ({:?})", error.classify()) }
}

impl Store {
    /// Whether this store wrote, or took over, the file of that digest last.
    pub fn knows_file(&self, digest: &FileDigest) -> Result<bool, StateError> {
        Ok(self.file_digest()?.as_ref() == Some(&digest.0))
    }

    /// The state file at `path`, if there is one that this store neither wrote nor took over. An empty one is none.
    pub fn foreign_file(&self, path: &Path, format: FileFormat) -> Result<Option<Result<FileState, FileError>>, StateError> {
        // Another process may be writing it just now.
        let _gate = if self.shared().require_write().is_ok() { Some(self.shared().file.gate()?) } else { None };
        let text = match std::fs::read_to_string(path) {
            Ok(text) if text.is_empty() => return Ok(None),
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StateError::from_io(path, "opened", &e)),
        };
        if self.file_digest()? == Some(digest_of(&text)) {
            return Ok(None);
        }
        Ok(Some(FileState::parse(&text, format)))
    }

    /// Puts what a file holds in place of what the store holds, lineage and serial with it, as one recorded run.
    pub fn take_over(&self, guard: &LockGuard, spec: &RunSpec, file: FileState) -> Result<(), StateError> {
        self.check_guard(guard)?;
        let FileState { snapshot, digest } = file;
        let conn = self.shared().file.open_writer()?;
        let old = self.snapshot()?.objects.into_iter().map(|o| StateEdit::Remove { addr: o.addr, deposed: o.deposed });
        let base = snapshot.base();
        let hiding = self.hiding_for_writing()?;
        let mut edits: Vec<_> = old.chain(snapshot.objects.into_iter().map(|row| StateEdit::Put(Box::new(row)))).collect();
        hiding.hide_edits(&mut edits);
        let mut outputs = snapshot.outputs;
        outputs.values_mut().for_each(|row| hiding.hide_output(row));
        let id = self.shared().write("taking over a state file", |conn| run::insert(conn, spec, &guard.who()).map(Ok))?;
        let mut recorder = Recorder::new(conn, self.path().to_path_buf(), id, 0, guard.id());
        let checks = snapshot.checks.unwrap_or_else(|| "[]".to_owned());
        recorder.commit(vec![
            Write::Edits(edits),
            Write::Outputs(outputs),
            Write::Checks(checks),
            Write::TakenOver { base, digest },
            Write::Finish(RunEnd::Succeeded),
        ])
    }

    /// Writes the state to the file at `path`, whole or not at all, readable to its owner alone. A file that says so already
    /// is left as it is.
    pub fn export(&self, path: &Path, format: FileFormat) -> Result<(), StateError> {
        // Of two runs that end at the same time, the second writes what both have done.
        let _gate = self.shared().file.gate()?;
        let snapshot = self.snapshot()?;
        // The text is made twice: it may be large, and memory for it is dearer than the time.
        let mut digest = Digesting(Sha256::new());
        tfstate::encode(&snapshot, format, &mut digest).map_err(|e| no_json(&e))?;
        let digest = hexadecimal(digest.0);
        if self.file_digest()?.as_ref() == Some(&digest) && path.exists() {
            return Ok(());
        }
        // What a link leads to is replaced, not the link.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        replace(&path, |out| Ok(tfstate::encode(&snapshot, format, out)?)).map_err(|e| StateError::from_io(&path, "written", &e))?;
        self.shared().write("recording the state file", |conn| remember(conn, &digest).map(Ok))
    }

    fn file_digest(&self) -> Result<Option<String>, StateError> {
        Ok(self.shared().read("reading the state file's digest", read_digest)?.flatten())
    }
}

pub(crate) fn read_digest(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let sealed = |row: &Row<'_>| seal::verify(row, 0..2, "state_file").and_then(|()| row.get(1));
    let found = conn.query_row("SELECT only, digest, seal FROM state_file", [], sealed).optional()?;
    Damage::unless_all("state_file", meta::read(conn)?.state_file, usize::from(found.is_some()))?;
    Ok(found)
}

pub(crate) fn remember(conn: &Connection, digest: &str) -> rusqlite::Result<()> {
    conn.execute("INSERT OR REPLACE INTO state_file (only, digest, seal) VALUES (1, ?1, seal(1, ?1))", [digest])?;
    conn.execute("UPDATE meta SET state_file = 1", []).map(drop)
}

fn digest_of(text: &str) -> String {
    hexadecimal(Sha256::new_with_prefix(text))
}

fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes a text for its digest alone.
struct Digesting(Sha256);

impl std::io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> std::io::Result<()>) -> std::io::Result<()> {
    let mut fresh = OsString::from(path);
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    match std::fs::remove_file(&fresh) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let file = private_file().create_new(true).open(&fresh)?;
    let mut out = BufWriter::new(&file);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}
