//! A large file in pieces: what reads the one can do so while the next is parsed, and neither tokens nor tree of a whole file are held.

use crate::ast::Body;
use crate::parser::{File, parse_body};
use levee_model::Diagnostics;

/// Some of a file's top-level blocks, or all of them.
#[derive(Debug)]
pub struct Piece<'t> {
    /// The text, as a file of its own; the tree's ranges are in it.
    pub file: File<'t>,
    /// What stands in it.
    pub body: Body<'t>,
    /// What is wrong with it.
    pub diags: Diagnostics,
    /// Whether it is the file's last.
    pub is_last: bool,
}

impl<'t> Piece<'t> {
    /// A whole file.
    pub fn whole(file: File<'t>) -> Self {
        let (body, diags) = parse_body(file);
        Self { file, body, diags, is_last: true }
    }
}

/// Parses a file in pieces of about `size` bytes, in order. Together they are what [`parse_body`] makes of it: a piece ends after a line
/// with nothing but a closing brace, and if that was no end of a top-level block (it stood in a heredoc, say), then the piece up to there
/// is no row of blocks without a mistake. From one that is not, the rest of the file is one piece.
pub fn parse_pieces(file: File<'_>, size: usize) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = Some(file);
    std::iter::from_fn(move || {
        let file = rest.take()?;
        let Some((first, others)) = seam(file.text, size).and_then(|at| split(file, at)) else { return Some(Piece::whole(file)) };
        let piece = Piece { is_last: false, ..Piece::whole(first) };
        if !piece.diags.is_empty() || !piece.body.attributes.is_empty() {
            return Some(Piece::whole(file));
        }
        rest = Some(others);
        Some(piece)
    })
}

/// Where the first line after `size` bytes ends that is nothing but a closing brace, if something follows.
fn seam(text: &str, size: usize) -> Option<usize> {
    let mut from = size;
    loop {
        let rest = text.as_bytes().get(from..)?;
        let brace = from + rest.windows(2).position(|w| w == b"\n}")? + 2;
        let end = match text.as_bytes().get(brace..)? {
            [b'\n', ..] => brace + 1,
            [b'\r', b'\n', ..] => brace + 2,
            _ => {
                from = brace;
                continue;
            }
        };
        return (end < text.len()).then_some(end);
    }
}

/// A file as two; none if its places cannot be told.
fn split(file: File<'_>, at: usize) -> Option<(File<'_>, File<'_>)> {
    u32::try_from(file.text.len()).ok()?.checked_add(file.offset)?;
    let (first, others) = file.text.split_at_checked(at)?;
    let offset = file.offset + u32::try_from(at).ok()?;
    Some((File { text: first, ..file }, File { text: others, offset, ..file }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Sources;

    fn texts(text: &str) -> Vec<&str> {
        let source = Sources::default().add("main.tf", "");
        parse_pieces(File::unnamed(source, text), 0).map(|piece| piece.file.text).collect()
    }

    #[test]
    fn blocks_are_apart_and_what_only_looks_like_their_end_is_not() {
        assert_eq!(texts("a {\n}\nb {\n  c {\n  }\n}\r\nd {}\n"), ["a {\n}\n", "b {\n  c {\n  }\n}\r\n", "d {}\n"]);
        let heredoc = "a {\n}\nb {\n  c = <<E\n}\nE\n}\nd {\n}\n";
        assert_eq!(texts(heredoc), ["a {\n}\n", &heredoc[6..]]);
        let comment = "a {\n  /*\n}\n*/\n}\nb {\n}\n";
        assert_eq!(texts(comment), [comment]);
        let with_argument = "a {\n}\nb = 1\nc {\n}\nd {\n}\n";
        assert_eq!(texts(with_argument), ["a {\n}\n", &with_argument[6..]]);
    }
}
