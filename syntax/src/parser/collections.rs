//! Tuples, objects and `for` expressions.

use super::{Parser, invalid};
use crate::ast::{Expr, ExprKind, For, Item, Range};
use crate::cursor::range;
use crate::token::{Token, TokenKind};

const FOR: &str = "Invalid 'for' expression";

impl<'t> Parser<'t> {
    pub(super) fn tuple(&mut self) -> Expr<'t> {
        let open = self.cursor.read();
        self.cursor.push_newlines(false);
        let expr = if self.cursor.at_word("for") { self.for_expression(open, false) } else { self.tuple_items(open) };
        self.cursor.pop_newlines();
        expr
    }

    fn tuple_items(&mut self, open: Token) -> Expr<'t> {
        let mut items = Vec::new();
        let close = loop {
            if let Some(close) = self.cursor.accept(TokenKind::CloseBracket) {
                break close;
            }
            let before = self.diags.len();
            items.push(self.expression());
            if self.lost_since(before) {
                break self.cursor.recover(TokenKind::CloseBracket);
            }
            let next = self.cursor.peek();
            match next.kind {
                TokenKind::Comma => drop(self.cursor.read()),
                TokenKind::CloseBracket => break self.cursor.read(),
                TokenKind::End => {
                    self.unless_recovering(
                        range(open),
                        "Unterminated tuple constructor expression",
                        "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file.",
                    );
                    break self.cursor.recover(TokenKind::CloseBracket);
                }
                _ => {
                    self.unless_recovering(
                        range(next),
                        "Missing item separator",
                        "Expected a comma to mark the beginning of the next item.",
                    );
                    break self.cursor.recover(TokenKind::CloseBracket);
                }
            }
        };
        items.shrink_to_fit();
        Expr { kind: ExprKind::Tuple(items), range: range(open).to(range(close)) }
    }

    pub(super) fn object(&mut self) -> Expr<'t> {
        let open = self.cursor.read();
        // In a `for` line ends mean nothing, even in front of the word.
        self.cursor.push_newlines(false);
        let is_for = self.cursor.at_word("for");
        self.cursor.pop_newlines();
        self.cursor.push_newlines(!is_for);
        let expr = if is_for { self.for_expression(open, true) } else { self.object_items(open) };
        self.cursor.pop_newlines();
        expr
    }

    fn object_items(&mut self, open: Token) -> Expr<'t> {
        let mut items = Vec::new();
        let close = loop {
            match self.cursor.peek().kind {
                TokenKind::Newline => {
                    self.cursor.read();
                    continue;
                }
                TokenKind::CloseBrace => break self.cursor.read(),
                _ => {}
            }
            let Some(item) = self.object_item(open) else { break self.cursor.recover(TokenKind::CloseBrace) };
            items.push(item);
            let next = self.cursor.peek();
            match next.kind {
                TokenKind::CloseBrace => break self.cursor.read(),
                TokenKind::Comma | TokenKind::Newline => drop(self.cursor.read()),
                TokenKind::End => {
                    self.unterminated_object(open);
                    break self.cursor.recover(TokenKind::CloseBrace);
                }
                _ => {
                    let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
                    self.unless_recovering(range(next), "Missing attribute separator", detail);
                    break self.cursor.recover(TokenKind::CloseBrace);
                }
            }
        };
        items.shrink_to_fit();
        Expr { kind: ExprKind::Object(items), range: range(open).to(range(close)) }
    }

    fn unterminated_object(&mut self, open: Token) {
        self.unless_recovering(
            range(open),
            "Unterminated object constructor expression",
            "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
        );
    }

    /// One `key = value`; nothing if the rest of the object has to be passed over.
    fn object_item(&mut self, open: Token) -> Option<Item<'t>> {
        let before = self.diags.len();
        let key = self.expression();
        if self.lost_since(before) {
            return None;
        }
        let next = self.cursor.peek();
        if !matches!(next.kind, TokenKind::Assign | TokenKind::Colon) {
            self.no_separator(open, next);
            return None;
        }
        self.cursor.read();
        let before = self.diags.len();
        let value = self.expression();
        (!self.lost_since(before)).then_some(Item { key, value })
    }

    fn no_separator(&mut self, open: Token, next: Token) {
        const EQUALS: &str = "Expected an equals sign (\"=\") to mark the beginning of the attribute value.";
        let (summary, detail) = match next.kind {
            TokenKind::End => return self.unterminated_object(open),
            TokenKind::Newline | TokenKind::Comma => {
                ("Missing attribute value", "Expected an attribute value, introduced by an equals sign (\"=\").".to_owned())
            }
            TokenKind::Name => (
                "Missing key/value separator",
                format!(
                    "{EQUALS} If you intended to given an attribute name containing periods or spaces, write the name in quotes to create a string literal."
                ),
            ),
            _ => ("Missing key/value separator", EQUALS.to_owned()),
        };
        self.unless_recovering(range(next), summary, detail);
    }

    fn for_expression(&mut self, open: Token, object: bool) -> Expr<'t> {
        let closing = if object { TokenKind::CloseBrace } else { TokenKind::CloseBracket };
        self.cursor.push_newlines(false);
        self.cursor.read(); // The word itself.
        let expr = self.for_inside(range(open), object, closing).unwrap_or_else(|| {
            let close = self.cursor.recover(closing);
            invalid(range(open).to(range(close)))
        });
        self.cursor.pop_newlines();
        expr
    }

    /// What stands after `for`; nothing if it could not be read.
    fn for_inside(&mut self, open: Range, object: bool, closing: TokenKind) -> Option<Expr<'t>> {
        let (key_name, value_name) = self.for_names(FOR, "For expression requires")?;
        if !self.cursor.accept_word("in") {
            self.wrong_for("For expression requires the 'in' keyword after its name declarations.");
            return None;
        }
        let collection = self.sure_expression()?;
        if self.cursor.accept(TokenKind::Colon).is_none() {
            self.wrong_for("For expression requires a colon after the collection expression.");
            return None;
        }
        let before = self.diags.len();
        let mut value = self.expression();
        let mut key = None;
        if self.cursor.accept(TokenKind::FatArrow).is_some() {
            key = Some(std::mem::replace(&mut value, self.expression()));
        }
        if self.lost_since(before) {
            return None;
        }
        let ellipsis = self.cursor.accept(TokenKind::Ellipsis);
        let condition = if self.cursor.accept_word("if") { Some(self.sure_expression()?) } else { None };
        let close = if let Some(close) = self.cursor.accept(closing) {
            close
        } else {
            self.wrong_for("Extra characters after the end of the 'for' expression.");
            self.cursor.recover(closing)
        };
        self.check_for(object, key.as_ref(), &value, ellipsis);
        let node = For { key_name, value_name, collection, object, key, value, condition, grouping: ellipsis.is_some() };
        Some(Expr { kind: ExprKind::For(Box::new(node)), range: open.to(range(close)) })
    }

    /// An expression, unless the parser lost its place in it.
    fn sure_expression(&mut self) -> Option<Expr<'t>> {
        let before = self.diags.len();
        let expr = self.expression();
        (!self.lost_since(before)).then_some(expr)
    }

    fn wrong_for(&mut self, detail: &str) {
        let at = self.cursor.next_range();
        self.unless_recovering(at, FOR, detail);
    }

    /// The one or two names between `for` and `in`; nothing, and told, if there are none.
    pub(super) fn for_names(&mut self, summary: &str, requires: &str) -> Option<(Option<&'t str>, &'t str)> {
        let Some(first) = self.cursor.accept(TokenKind::Name) else {
            let at = self.cursor.next_range();
            self.unless_recovering(at, summary, format!("{requires} variable name after 'for'."));
            return None;
        };
        let first = self.cursor.text(first);
        if self.cursor.accept(TokenKind::Comma).is_none() {
            return Some((None, first));
        }
        let Some(second) = self.cursor.accept(TokenKind::Name) else {
            let at = self.cursor.next_range();
            self.unless_recovering(at, summary, format!("{requires} value variable name after comma."));
            return None;
        };
        Some((Some(first), self.cursor.text(second)))
    }

    fn check_for(&mut self, object: bool, key: Option<&Expr<'t>>, value: &Expr<'t>, ellipsis: Option<Token>) {
        match (object, key) {
            (false, Some(key)) => self.error(key.range, FOR, "Key expression is not valid when building a tuple."),
            (true, None) => self.error(value.range, FOR, "Key expression is required when building an object."),
            _ => {}
        }
        if let Some(ellipsis) = ellipsis.filter(|_| !object) {
            self.error(range(ellipsis), FOR, "Grouping ellipsis (...) cannot be used when building a tuple.");
        }
    }
}
