//! What follows a term: attributes, indexes and splats.

use super::{Parser, invalid};
use crate::ast::{Expr, ExprKind, Range, Splat, Step};
use crate::cursor::range;
use crate::token::{Token, TokenKind};

const LEGACY: &str = "Invalid legacy index syntax";
const NAME_REQUIRED: &str = "An attribute name is required after a dot.";

impl<'t> Parser<'t> {
    /// Reads the steps that follow `from`.
    pub(super) fn traversals(&mut self, from: Expr<'t>) -> Expr<'t> {
        let mut result = from;
        loop {
            result = match self.cursor.peek().kind {
                TokenKind::Dot => self.dot(result),
                TokenKind::OpenBracket => self.bracket(result),
                _ => return result,
            };
        }
    }

    fn dot(&mut self, source: Expr<'t>) -> Expr<'t> {
        let dot = self.cursor.read();
        let next = self.cursor.peek();
        match next.kind {
            TokenKind::Name => {
                self.cursor.read();
                let range = range(dot).to(range(next));
                step(source, Step::Attr { name: self.cursor.text(next), range })
            }
            TokenKind::Number => {
                let step_taken = self.legacy_index(dot, None, "Use the proper index syntax instead, like");
                step(source, step_taken)
            }
            TokenKind::Star => self.attribute_splat(source, dot),
            _ => {
                self.error(range(next), "Invalid attribute name", NAME_REQUIRED);
                self.cursor.recovering = true;
                invalid(source.range.to(range(dot)))
            }
        }
    }

    /// `.0`, where `.0.1` would be read as a fraction, which is told at `at`.
    fn legacy_index(&mut self, dot: Token, at: Option<Token>, instead: &str) -> Step<'t> {
        let token = self.cursor.read();
        let whole = range(dot).to(range(token));
        let text = self.cursor.text(token);
        let Some((first, second)) = text.split_once('.') else {
            return Step::Index { key: self.number(token), range: whole };
        };
        let detail =
            format!("When using the legacy index syntax, chaining two indexes together is not permitted. {instead} [{first}][{second}].");
        self.error(range(at.unwrap_or(token)), LEGACY, detail);
        Step::Index { key: invalid(range(token)), range: whole }
    }

    /// `.*`, which takes the attributes that follow to each element.
    fn attribute_splat(&mut self, source: Expr<'t>, dot: Token) -> Expr<'t> {
        let star = self.cursor.read();
        let marker = range(dot).to(range(star));
        let first = self.cursor.next_range();
        let mut steps = Vec::new();
        while let Some(dot) = self.cursor.accept(TokenKind::Dot) {
            let next = self.cursor.peek();
            match next.kind {
                TokenKind::Number => {
                    steps.push(self.legacy_index(
                        dot,
                        Some(star),
                        "Use the proper index syntax with a full splat expression [*] instead, like",
                    ));
                }
                TokenKind::Name => {
                    self.cursor.read();
                    steps.push(Step::Attr { name: self.cursor.text(next), range: range(dot).to(range(next)) });
                }
                _ => {
                    self.no_attribute(next, star);
                    return source;
                }
            }
        }
        let last = steps.last().map_or(marker, Step::range);
        let item = Expr { kind: ExprKind::Item, range: marker };
        let each = if steps.is_empty() { item } else { Expr { kind: ExprKind::Traverse(Box::new(item), steps), range: first.to(last) } };
        let range = source.range.to(last);
        Expr { kind: ExprKind::Splat(Box::new(Splat { source, full: false, marker, each })), range }
    }

    fn no_attribute(&mut self, next: Token, star: Token) {
        if next.kind == TokenKind::Star {
            self.unless_recovering(
                range(next),
                "Nested splat expression not allowed",
                "A splat expression (*) cannot be used inside another attribute-only splat expression.",
            );
        } else {
            self.unless_recovering(range(star), "Invalid attribute name", NAME_REQUIRED);
        }
        self.cursor.recovering = true;
    }

    fn bracket(&mut self, source: Expr<'t>) -> Expr<'t> {
        let open = self.cursor.read();
        if self.cursor.peek().kind == TokenKind::Star {
            return self.full_splat(source, open);
        }
        self.cursor.push_newlines(false);
        let before = self.diags.len();
        let key = self.expression();
        let close = if self.lost_since(before) {
            self.cursor.recover(TokenKind::CloseBracket)
        } else {
            self.closing_bracket("Missing close bracket on index", "The index operator must end with a closing bracket (\"]\").")
        };
        self.cursor.pop_newlines();
        step(source, Step::Index { key, range: range(open).to(range(close)) })
    }

    fn closing_bracket(&mut self, summary: &str, detail: &str) -> Token {
        let close = self.cursor.read();
        if close.kind == TokenKind::CloseBracket || self.cursor.recovering {
            return close;
        }
        // Told where reading goes on, as Terraform does.
        let close = self.cursor.recover(TokenKind::CloseBracket);
        self.error(range(close), summary, detail);
        close
    }

    /// `[*]`, which takes all steps that follow to each element.
    fn full_splat(&mut self, source: Expr<'t>, open: Token) -> Expr<'t> {
        self.cursor.read(); // The star.
        let close = self.closing_bracket(
            "Missing close bracket on splat index",
            "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").",
        );
        let marker = range(open).to(range(close));
        let item = Expr { kind: ExprKind::Item, range: marker };
        let each = self.nested(|p| p.traversals(item), invalid);
        let range = source.range.to(each.range);
        Expr { kind: ExprKind::Splat(Box::new(Splat { source, full: true, marker, each })), range }
    }
}

/// One more step.
fn step<'t>(source: Expr<'t>, next: Step<'t>) -> Expr<'t> {
    let range = Range { end: next.range().end, ..source.range };
    let kind = match source.kind {
        ExprKind::Traverse(inner, mut steps) => {
            steps.push(next);
            ExprKind::Traverse(inner, steps)
        }
        kind => ExprKind::Traverse(Box::new(Expr { kind, range: source.range }), vec![next]),
    };
    Expr { kind, range }
}
