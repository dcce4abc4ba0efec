//! The source lines that a message is about, and which part of them.

use levee_model::{Sources, Span};
use std::sync::Arc;

/// A place in a file. Lines and columns count from 1, bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) byte: usize,
}

/// Whole lines of one file with a part highlighted.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    /// The file as shown.
    pub(crate) file: Arc<str>,
    /// Where the part begins.
    pub(crate) start: Place,
    /// Where it ends (one past).
    pub(crate) end: Place,
    /// The lines, without the last line break.
    pub(crate) code: String,
    /// First byte of `code` in the highlighted part, and one past its last.
    pub(crate) highlight: (usize, usize),
}

/// The lines that a span touches; none if it is not of these files.
pub(crate) fn excerpt(sources: &Sources, span: Span) -> Option<Excerpt> {
    let source = sources.get(span.source)?;
    let place = sources.locate(span)?;
    let text = &*source.text;
    let start = boundary(text, span.start as usize);
    let end = boundary(text, span.end as usize).max(start);
    let first = text[..start].rfind('\n').map_or(0, |i| i + 1);
    // A span that ends with a line break does not touch the next line.
    let last = if end > start && text[..end].ends_with('\n') { end - 1 } else { end };
    let stop = text[last..].find('\n').map_or(text.len(), |i| last + i);
    let code = text[first..stop].trim_end_matches('\r').to_owned();
    let highlight = (start - first, (end - first).min(code.len()));
    Some(Excerpt {
        file: place.file,
        start: Place { line: place.line, column: place.column, byte: start },
        end: Place { line: place.end_line, column: place.end_column, byte: end },
        code,
        highlight,
    })
}

fn boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
