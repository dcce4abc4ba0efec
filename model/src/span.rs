//! Where text stands: source files, and byte ranges in them.

use std::fmt;
use std::sync::Arc;

/// A file known to a [`Sources`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A byte range of one source file. Twelve bytes, so that every expression can afford one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `range` of `source`; offsets beyond 4 GiB are clamped.
    pub fn new(source: SourceId, range: std::ops::Range<usize>) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { source, start: clamp(range.start), end: clamp(range.end) }
    }
}

/// One source file: its name as shown to the user and its whole text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the root module's directory, with `/`.
    pub name: Arc<str>,
    /// The text as read.
    pub text: Arc<str>,
    /// Whether some of its bytes were no UTF-8; the text holds replacement characters for them.
    pub lossy: bool,
}

/// All source files of one configuration; spans are resolved against it when something is printed.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A span in a person's terms, as messages write it: `FILE:LINE,COLUMN-COLUMN`. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// File name as shown.
    pub file: Arc<str>,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the end.
    pub end_column: usize,
}

impl Sources {
    /// Adds a file and names it.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { name: name.into(), text: text.into(), lossy: false });
        id
    }

    /// Adds a file as it was read, which need not be UTF-8.
    pub fn add_bytes(&mut self, name: impl Into<Arc<str>>, bytes: Vec<u8>) -> SourceId {
        match String::from_utf8(bytes) {
            Ok(text) => self.add(name, text),
            Err(error) => {
                let id = self.add(name, String::from_utf8_lossy(error.as_bytes()));
                self.files.iter_mut().skip(id.0 as usize).for_each(|file| file.lossy = true);
                id
            }
        }
    }

    /// The file of an id handed out by [`Sources::add`].
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text under a span (empty when the span is not of these files).
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Where a span is, in words: `main.tf:3,1-12`. Empty when it is not of these files.
    pub fn place(&self, span: Span) -> String {
        self.locate(span).map_or_else(String::new, |l| l.to_string())
    }

    /// Lines and columns of a span.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let source = self.get(span.source)?;
        Some(locate(&source.name, &source.text, span.start as usize..span.end as usize))
    }
}

/// Lines and columns of a range of a text.
pub fn locate(file: &str, text: &str, range: std::ops::Range<usize>) -> Location {
    let (line, column) = position(text, range.start);
    let (end_line, end_column) = position(text, range.end);
    Location { file: Arc::from(file), line, column, end_line, end_column }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{},{}-", self.file, self.line, self.column)?;
        if self.end_line != self.line {
            write!(f, "{},", self.end_line)?;
        }
        write!(f, "{}", self.end_column)
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    // A byte order mark is no column.
    let start = before.rfind('\n').map_or_else(|| before.len() - before.trim_start_matches('\u{feff}').len(), |i| i + 1);
    (line, before[start..].chars().count() + 1)
}

impl Sources {
    /// All files, in the order they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Source> {
        self.files.iter()
    }
}

impl<'a> IntoIterator for &'a Sources {
    type Item = &'a Source;
    type IntoIter = std::slice::Iter<'a, Source>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
