//! Operators with two operands, by how tightly they bind.

use super::Parser;
use crate::ast::{Binary, BinaryOp, Expr, ExprKind};
use crate::token::TokenKind;

impl<'t> Parser<'t> {
    /// Operands joined by operators that bind at least as tightly as `least`.
    pub(super) fn operations(&mut self, least: u8) -> Expr<'t> {
        let before = self.diags.len();
        let mut left = self.operand();
        if self.lost_since(before) {
            return left;
        }
        // The precedence of the chain that `left` is, while it may still grow.
        let mut chained = None;
        while let Some(op) = operator(self.cursor.peek().kind).filter(|op| op.precedence() >= least) {
            self.cursor.read();
            let before = self.diags.len();
            let right = self.operations(op.precedence() + 1);
            if self.lost_since(before) {
                return left;
            }
            left = join(left, op, right, chained == Some(op.precedence()));
            chained = Some(op.precedence());
        }
        left
    }
}

/// Adds an operand to the chain that `left` is, or begins a new one.
fn join<'t>(left: Expr<'t>, op: BinaryOp, right: Expr<'t>, grow: bool) -> Expr<'t> {
    let range = left.range.to(right.range);
    let kind = match left.kind {
        ExprKind::Binary(mut chain) if grow => {
            chain.rest.push((op, right));
            ExprKind::Binary(chain)
        }
        kind => ExprKind::Binary(Box::new(Binary { first: Expr { kind, range: left.range }, rest: vec![(op, right)] })),
    };
    Expr { kind, range }
}

fn operator(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Or => BinaryOp::Or,
        TokenKind::And => BinaryOp::And,
        TokenKind::Equal => BinaryOp::Equal,
        TokenKind::NotEqual => BinaryOp::NotEqual,
        TokenKind::Greater => BinaryOp::Greater,
        TokenKind::GreaterOrEqual => BinaryOp::GreaterOrEqual,
        TokenKind::Less => BinaryOp::Less,
        TokenKind::LessOrEqual => BinaryOp::LessOrEqual,
        TokenKind::Plus => BinaryOp::Add,
        TokenKind::Minus => BinaryOp::Subtract,
        TokenKind::Star => BinaryOp::Multiply,
        TokenKind::Slash => BinaryOp::Divide,
        TokenKind::Percent => BinaryOp::Modulo,
        _ => return None,
    })
}
