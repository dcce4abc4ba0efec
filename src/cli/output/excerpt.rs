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
    /// The block that the part stands in, as its first line names it.
    pub(crate) context: Option<String>,
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
        context: block_around(text, stop),
        start: Place { line: place.line, column: place.column, byte: start },
        end: Place { line: place.end_line, column: place.end_column, byte: end },
        code,
        highlight,
    })
}

/// The heading of the last top-level block that begins before `end`: `resource "aws_vpc" "main"`. Top-level blocks begin in
/// the first column wherever people format their files, so no tree is needed to find it.
fn block_around(text: &str, end: usize) -> Option<String> {
    let is_inside = |c: char| c.is_whitespace() || matches!(c, '}' | ']' | ')' | '#' | '/');
    let heading = text[..end].lines().rev().find(|line| !line.is_empty() && !line.starts_with(is_inside))?;
    let (heading, _) = heading.split_once('{')?;
    let heading = heading.trim_end();
    heading.starts_with(|c: char| c.is_ascii_lowercase()).then(|| heading.to_owned()).filter(|h| !h.contains('='))
}

fn boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, marked: &str, context: Option<&str>, code: &str) {
        let mut sources = Sources::default();
        let id = sources.add("a.tf", text);
        let start = text.find(marked).expect("the text holds it");
        let found = excerpt(&sources, Span::new(id, start..start + marked.len())).expect("a place");
        assert_eq!((found.context.as_deref(), &*found.code), (context, code));
        assert_eq!(&found.code[found.highlight.0..found.highlight.1], marked.trim_end());
    }

    #[test]
    fn lines_and_the_block_around_them() {
        let text = "locals {\n  a = 1\n}\n\n# about b\nresource \"x\" \"b\" {\n  v {\n    w = é.c\n  }\n}\nstray = 1\n";
        check(text, "1\n", Some("locals"), "  a = 1");
        check(text, "é.c", Some("resource \"x\" \"b\""), "    w = é.c");
        check(text, "resource", Some("resource \"x\" \"b\""), "resource \"x\" \"b\" {");
        check(text, "v {\n    w", Some("resource \"x\" \"b\""), "  v {\n    w = é.c");
        check(text, "stray", None, "stray = 1");
    }
}
