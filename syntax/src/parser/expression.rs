//! Expressions from the outside in: conditionals, operators, and the terms between them.

use super::{Parser, invalid};
use crate::ast::{Conditional, Expr, ExprKind, UnaryOp};
use crate::cursor::range;
use crate::token::{Token, TokenKind};
use levee_model::Number;

impl<'t> Parser<'t> {
    /// Reads an expression. Where none begins, nothing is read.
    pub(super) fn expression(&mut self) -> Expr<'t> {
        self.nested(Self::conditional, invalid)
    }

    fn conditional(&mut self) -> Expr<'t> {
        let before = self.diags.len();
        let condition = self.operations(0);
        if self.lost_since(before) || self.cursor.accept(TokenKind::Question).is_none() {
            return condition;
        }
        let before = self.diags.len();
        let yes = self.expression();
        if self.lost_since(before) {
            return condition;
        }
        let colon = self.cursor.peek();
        if colon.kind != TokenKind::Colon {
            self.error(
                range(colon),
                "Missing false expression in conditional",
                "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
            );
            return condition;
        }
        self.cursor.read();
        let before = self.diags.len();
        let no = self.expression();
        if self.lost_since(before) {
            return condition;
        }
        let range = condition.range.to(no.range);
        Expr { kind: ExprKind::Conditional(Box::new(Conditional { condition, yes, no })), range }
    }

    /// A term and the steps that follow it.
    pub(super) fn operand(&mut self) -> Expr<'t> {
        let term = self.term();
        self.traversals(term)
    }

    fn term(&mut self) -> Expr<'t> {
        let start = self.cursor.peek();
        match start.kind {
            TokenKind::OpenParen => self.parentheses(),
            TokenKind::Number => {
                self.cursor.read();
                self.number(start)
            }
            TokenKind::Name => self.name_or_call(),
            TokenKind::OpenQuote | TokenKind::OpenHeredoc => self.template(),
            TokenKind::Minus => self.unary(UnaryOp::Negate),
            TokenKind::Not => self.unary(UnaryOp::Not),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenBrace => self.object(),
            _ => self.no_term(start),
        }
    }

    fn no_term(&mut self, start: Token) -> Expr<'t> {
        let (summary, detail) = if start.kind == TokenKind::End {
            ("Missing expression", "Expected the start of an expression, but found the end of the file.")
        } else {
            ("Invalid expression", "Expected the start of an expression, but found an invalid expression token.")
        };
        self.unless_recovering(range(start), summary, detail);
        self.cursor.recovering = true;
        invalid(range(start))
    }

    fn parentheses(&mut self) -> Expr<'t> {
        let open = self.cursor.read();
        self.cursor.push_newlines(false);
        let before = self.diags.len();
        let inner = self.expression();
        if self.failed_since(before) {
            self.cursor.recover(TokenKind::CloseParen);
            self.cursor.pop_newlines();
            return inner;
        }
        if self.cursor.peek().kind != TokenKind::CloseParen {
            let at = self.cursor.next_range();
            self.error(at, "Unbalanced parentheses", "Expected a closing parenthesis to terminate the expression.");
            self.cursor.recovering = true;
        }
        let close = self.cursor.read();
        self.cursor.pop_newlines();
        Expr { kind: ExprKind::Paren(Box::new(inner)), range: range(open).to(range(close)) }
    }

    /// The value of a number token.
    pub(super) fn number(&mut self, token: Token) -> Expr<'t> {
        let range = range(token);
        let Some(number) = Number::parse(self.cursor.text(token)) else {
            self.error(range, "Invalid number literal", "Failed to recognize the value of this number literal.");
            return invalid(range);
        };
        Expr { kind: ExprKind::Number(number), range }
    }

    fn name_or_call(&mut self) -> Expr<'t> {
        let token = self.cursor.read();
        if matches!(self.cursor.peek().kind, TokenKind::OpenParen | TokenKind::DoubleColon) {
            return self.call(token);
        }
        let kind = match self.cursor.text(token) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            name => ExprKind::Name(name),
        };
        Expr { kind, range: range(token) }
    }

    fn unary(&mut self, op: UnaryOp) -> Expr<'t> {
        let sign = self.cursor.read();
        // One operand alone: `-46+5` is `(-46)+5`.
        let operand = self.nested(Self::operand, invalid);
        let range = range(sign).to(operand.range);
        Expr { kind: ExprKind::Unary(op, Box::new(operand)), range }
    }
}
