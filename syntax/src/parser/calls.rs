//! Function calls.

use super::{Parser, invalid};
use crate::ast::{Call, Expr, ExprKind, Range};
use crate::cursor::range;
use crate::token::{Token, TokenKind};
use std::borrow::Cow;

impl<'t> Parser<'t> {
    /// A call whose first name was read.
    pub(super) fn call(&mut self, first: Token) -> Expr<'t> {
        let mut name = Cow::Borrowed(self.cursor.text(first));
        let mut name_range = range(first);
        let mut open = self.cursor.read();
        while open.kind == TokenKind::DoubleColon {
            let next = self.cursor.read();
            if next.kind != TokenKind::Name {
                return self.no_call(
                    name_range.to(range(next)),
                    next,
                    "Missing function name",
                    "Function scope resolution symbol :: must be followed by a function name in this scope.",
                );
            }
            name.to_mut().push_str("::");
            name.to_mut().push_str(self.cursor.text(next));
            name_range = name_range.to(range(next));
            open = self.cursor.read();
        }
        if open.kind != TokenKind::OpenParen {
            return self.no_call(
                name_range.to(range(open)),
                open,
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the function call.",
            );
        }
        self.cursor.push_newlines(false);
        let open = range(open);
        let (arguments, expand_final) = self.arguments(name_range.to(open));
        let close = self.cursor.previous_range();
        self.cursor.pop_newlines();
        let call = Call { name, name_range, open, close, arguments, expand_final };
        Expr { kind: ExprKind::Call(Box::new(call)), range: name_range.to(close) }
    }

    fn no_call(&mut self, whole: Range, at: Token, summary: &str, detail: &str) -> Expr<'t> {
        self.error(range(at), summary, detail);
        self.cursor.recover_over(TokenKind::OpenParen);
        invalid(whole)
    }

    /// The arguments and the closing parenthesis; whether the last one is followed by `...`.
    fn arguments(&mut self, opening: Range) -> (Vec<Expr<'t>>, bool) {
        let mut arguments = Vec::new();
        let mut expand_final = false;
        while self.cursor.accept(TokenKind::CloseParen).is_none() {
            let before = self.diags.len();
            arguments.push(self.expression());
            if self.lost_since(before) {
                self.cursor.recover(TokenKind::CloseParen);
                break;
            }
            let separator = self.cursor.read();
            match separator.kind {
                TokenKind::Comma => {}
                TokenKind::CloseParen => break,
                TokenKind::Ellipsis => {
                    expand_final = true;
                    self.after_ellipsis(separator);
                    break;
                }
                _ => {
                    self.no_comma(opening, separator);
                    break;
                }
            }
        }
        arguments.shrink_to_fit();
        (arguments, expand_final)
    }

    fn after_ellipsis(&mut self, ellipsis: Token) {
        if self.cursor.accept(TokenKind::CloseParen).is_none() {
            self.unless_recovering(
                range(ellipsis),
                "Missing closing parenthesis",
                "An expanded function argument (with ...) must be immediately followed by closing parentheses.",
            );
            self.cursor.recover(TokenKind::CloseParen);
        }
    }

    fn no_comma(&mut self, opening: Range, separator: Token) {
        if separator.kind == TokenKind::End {
            self.error(
                opening,
                "Unterminated function call",
                "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parenthesis nesting elsewhere in this file.",
            );
        } else {
            self.error(
                range(separator),
                "Missing argument separator",
                "A comma is required to separate each function argument from the next.",
            );
        }
        self.cursor.recover(TokenKind::CloseParen);
    }
}
