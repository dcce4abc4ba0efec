//! The one way to lay out a file of the native syntax, the same as Terraform's to the byte.
//!
//! In reading order: what is written differently (`rewrite`), how tokens fall into lines and lines into columns (`lines`),
//! and where a space stands (`spacing`).

mod rewrite;
mod lines;
mod spacing;

use crate::scan::scan;
use crate::token::TokenKind;
use std::borrow::Cow;

/// A token as it is to be written.
#[derive(Clone, Debug)]
struct Piece<'t> {
    kind: TokenKind,
    text: Cow<'t, str>,
    /// Spaces before it.
    spaces: usize,
}

/// Lays out a file. Only white space changes, and what is written in an old way: `"${x}"` for `x`, and quoted types. The text
/// must be free of mistakes: of what cannot be parsed, the result is not to be used.
pub fn format(text: &str) -> String {
    let tokens = scan(text, false);
    let mut pieces = rewrite::rewrite(text, &tokens);
    lines::lay_out(&mut pieces);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for piece in &pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(&piece.text);
    }
    out
}

#[cfg(test)]
mod tests;
