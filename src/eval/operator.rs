//! Operators. None of them short-circuits: both operands are always evaluated.

use super::comparison::{equal, less};
use super::expression::Evaluator;
use super::refine::unknown_not_null;
use crate::config::expr::{BinaryOp, Expr, UnaryOp};
use levee_model::convert::convert;
use levee_model::{Marks, Number, Type, Value};

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Expr, whole: &Expr) -> Value {
        let ty = match op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let Some((value, marks)) = self.operand(operand, &ty, "unary operand", whole) else {
            return Value::unknown(ty);
        };
        if value.is_null() {
            return self.operation_failed(whole, ty, "argument must not be null");
        }
        let result = match op {
            UnaryOp::Negate => value.as_number().map(|n| Value::number(n.neg())),
            UnaryOp::Not => value.as_bool().map(|b| Value::bool(!b)),
        };
        result.unwrap_or_else(|| unknown_not_null(ty)).mark(marks)
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, whole: &Expr) -> Value {
        if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
            return self.equality(op == BinaryOp::NotEqual, left, right);
        }
        let (operand, result) = types(op);
        let a = self.operand(left, &operand, "left operand", whole);
        let b = self.operand(right, &operand, "right operand", whole);
        let (Some((a, a_marks)), Some((b, b_marks))) = (a, b) else {
            return Value::unknown(result);
        };
        if a.is_null() || b.is_null() {
            return self.operation_failed(whole, result, "argument must not be null");
        }
        match apply(op, &a, &b) {
            Ok(value) => value.unwrap_or_else(|| unknown_not_null(result)).mark(a_marks.union(b_marks)),
            Err(message) => self.operation_failed(whole, result, &message),
        }
    }

    fn equality(&mut self, negate: bool, left: &Expr, right: &Expr) -> Value {
        let before = self.errors;
        let (a, a_marks) = self.eval(left).unmark_deep();
        let (b, b_marks) = self.eval(right).unmark_deep();
        if self.errors > before {
            return Value::unknown(Type::Bool);
        }
        let result = equal(&a, &b).map(|same| Value::bool(same != negate));
        result.unwrap_or_else(|| unknown_not_null(Type::Bool)).mark(a_marks.union(b_marks))
    }

    /// An operand of the type wanted, and its marks; none when there was a mistake.
    fn operand(&mut self, e: &Expr, ty: &Type, which: &str, whole: &Expr) -> Option<(Value, Marks)> {
        let before = self.errors;
        let (value, marks) = self.eval(e).unmark();
        if self.errors > before {
            return None;
        }
        match convert(&value, ty) {
            Ok(value) => Some((value, marks)),
            Err(error) => {
                self.fail(whole, e.span, "Invalid operand", format!("Unsuitable value for {which}: {}.", error.message));
                None
            }
        }
    }

    fn operation_failed(&mut self, whole: &Expr, ty: Type, message: &str) -> Value {
        self.fail(whole, whole.span, "Operation failed", format!("Error during operation: {message}."));
        Value::unknown(ty)
    }
}

/// The type of the operands, and of the result.
fn types(op: BinaryOp) -> (Type, Type) {
    match op {
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => (Type::Number, Type::Number),
        BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => (Type::Number, Type::Bool),
        BinaryOp::And | BinaryOp::Or => (Type::Bool, Type::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => (Type::Dynamic, Type::Bool),
    }
}

/// The result; none where it is not known yet.
fn apply(op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>, String> {
    let bools = |f: fn(bool, bool) -> bool| Ok(a.as_bool().zip(b.as_bool()).map(|(a, b)| Value::bool(f(a, b))));
    let order = |result: Option<bool>| Ok(result.map(Value::bool));
    match op {
        BinaryOp::And => bools(|a, b| a && b),
        BinaryOp::Or => bools(|a, b| a || b),
        BinaryOp::Less => order(less(a, b)),
        BinaryOp::Greater => order(less(b, a)),
        BinaryOp::LessOrEqual => order(or(less(a, b), equal(a, b))),
        BinaryOp::GreaterOrEqual => order(or(less(b, a), equal(a, b))),
        BinaryOp::Equal | BinaryOp::NotEqual => Ok(None),
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            let Some((a, b)) = a.as_number().zip(b.as_number()) else { return Ok(None) };
            let result = match op {
                BinaryOp::Add => Number::add(a, b),
                BinaryOp::Subtract => Number::sub(a, b),
                BinaryOp::Multiply => Number::mul(a, b),
                BinaryOp::Divide => Number::div(a, b),
                _ => Number::rem(a, b),
            };
            result.map(|n| Some(Value::number(n))).map_err(|e| e.to_string())
        }
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    Some(a? || b?)
}
