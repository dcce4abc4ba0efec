//! Tokens to a tree. Whatever the text, there is a tree: what could not be read is passed over, and told.
//!
//! After a mistake the parser goes to where the argument, block or bracket ends in which it was found, and reads on from
//! there; what seems wrong on the way is not told, as it is likely no mistake of its own.

mod body;
mod expression;
mod operators;
mod traversal;
mod collections;
mod calls;
mod text;
mod template;

use crate::ast::{Body, Expr, ExprKind, Range};
use crate::cursor::{Cursor, range};
use crate::scan::{scan, scan_template};
use crate::strange::strange_tokens;
use crate::token::{Token, TokenKind};
use levee_model::{Diagnostic, Diagnostics, SourceId, Sources, stack};

/// How deep brackets, blocks, operators and directives may nest in each other.
const DEEPEST: u16 = 500;

/// A text to parse, and how to speak of it.
#[derive(Clone, Copy, Debug)]
pub struct File<'t> {
    /// Whose places the diagnostics name.
    pub source: SourceId,
    /// What a message calls it when it tells a second place.
    pub name: &'t str,
    /// The text.
    pub text: &'t str,
    /// Where the text begins in its file, for the places of diagnostics; the tree's ranges are the text's own.
    pub offset: u32,
    /// Whether some of its bytes were no UTF-8, and stand in the text as replacement characters.
    pub lossy: bool,
}

impl<'t> File<'t> {
    /// A text that is no file, or whose name nobody knows.
    pub fn unnamed(source: SourceId, text: &'t str) -> Self {
        Self { source, name: "", text, offset: 0, lossy: false }
    }

    /// A file of the table; an empty one if it holds none of that id.
    pub fn of(sources: &'t Sources, source: SourceId) -> Self {
        match sources.get(source) {
            Some(known) => Self { source, name: &known.name, text: &known.text, offset: 0, lossy: known.lossy },
            None => Self::unnamed(source, ""),
        }
    }
}

/// Parses a whole file.
pub fn parse_body(file: File<'_>) -> (Body<'_>, Diagnostics) {
    let Some(mut parser) = Parser::new(file, scan) else { return (Body::default(), too_large(file)) };
    let body = parser.body(TokenKind::End);
    (body, parser.diags)
}

/// Parses an expression that is all of the text. Line ends mean nothing in it.
pub fn parse_expression(file: File<'_>) -> (Expr<'_>, Diagnostics) {
    let Some(mut parser) = Parser::new(file, scan) else { return (invalid(Range { start: 0, end: 0 }), too_large(file)) };
    parser.cursor.push_newlines(false);
    let expr = parser.expression();
    let next = parser.cursor.peek();
    if next.kind != TokenKind::End {
        parser.unless_recovering(
            range(next),
            "Extra characters after expression",
            "An expression was successfully parsed, but extra characters were found after it.",
        );
    }
    (expr, parser.diags)
}

/// Parses a template that is all of the text.
pub fn parse_template(file: File<'_>) -> (Expr<'_>, Diagnostics) {
    let Some(mut parser) = Parser::new(file, scan_template) else { return (invalid(Range { start: 0, end: 0 }), too_large(file)) };
    let expr = parser.bare_template();
    (expr, parser.diags)
}

fn too_large(file: File<'_>) -> Diagnostics {
    let detail = format!("{} has {} bytes, and cannot be read: a file may have 4 GiB at most.", file.name, file.text.len());
    Diagnostic::error("File too large", detail).into()
}

/// What stands where no expression could be read.
fn invalid<'t>(range: Range) -> Expr<'t> {
    Expr { kind: ExprKind::Invalid, range }
}

struct Parser<'t> {
    file: File<'t>,
    cursor: Cursor<'t>,
    diags: Diagnostics,
    depth: u16,
    gave_up: bool,
}

impl<'t> Parser<'t> {
    fn new(file: File<'t>, scan: fn(&str, bool) -> Vec<Token>) -> Option<Self> {
        u32::try_from(file.text.len()).ok()?;
        let tokens = scan(file.text, file.lossy);
        let diags = strange_tokens(file, &tokens);
        Some(Self { file, cursor: Cursor::new(file.text, tokens), diags, depth: 0, gave_up: false })
    }

    fn error(&mut self, at: Range, summary: impl Into<String>, detail: impl Into<String>) {
        if !self.gave_up {
            self.diags.push(Diagnostic::error(summary, detail).at(at.span(self.file.source, self.file.offset)));
        }
    }

    /// Tells a mistake that is none when the parser is where it is only because of another one.
    fn unless_recovering(&mut self, at: Range, summary: impl Into<String>, detail: impl Into<String>) {
        if !self.cursor.recovering {
            self.error(at, summary, detail);
        }
    }

    /// Whether something was told since there were `before` messages, and the parser lost its place over it.
    fn lost_since(&self, before: usize) -> bool {
        self.cursor.recovering && self.failed_since(before)
    }

    fn failed_since(&self, before: usize) -> bool {
        self.gave_up || self.diags.len() > before
    }

    /// Reads something that may hold things of its own kind. Beyond the deepest level the rest of the text is given up.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T, otherwise: impl FnOnce(Range) -> T) -> T {
        if self.depth >= DEEPEST {
            let at = self.cursor.next_range();
            self.error(at, "Nesting too deep", format!("The text nests more than {DEEPEST} levels deep here, which cannot be read."));
            self.gave_up = true;
            self.cursor.give_up();
            return otherwise(at);
        }
        self.depth += 1;
        let result = stack::deep(|| read(self));
        self.depth -= 1;
        result
    }

    /// A range as messages write it: `FILE:LINE,COLUMN-COLUMN`.
    fn place(&self, at: Range) -> String {
        levee_model::span::locate(self.file.name, self.file.text, at.start as usize..at.end as usize).to_string()
    }
}

#[cfg(test)]
mod tests;
