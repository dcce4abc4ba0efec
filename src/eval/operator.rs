//! Operators. None of them short-circuits: both operands are always evaluated.

use super::comparison::{equal, less};
use super::expression::Evaluator;
use super::refine::unknown_not_null;
use crate::config::expr::{Binary, BinaryOp, Expr, UnaryOp};
use levee_model::convert::convert;
use levee_model::{Marks, Number, Span, Type, Value};

/// An operand that was evaluated.
struct Operand {
    value: Value,
    /// Whether there was a mistake in it.
    failed: bool,
    span: Span,
}

/// An operator with its operands, for messages: where it stands, and the expressions that it is made of.
struct Operation<'e> {
    parts: Vec<&'e Expr>,
    span: Span,
}

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Expr, whole: &Expr) -> Value {
        let ty = match op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let operation = || Operation { parts: vec![whole], span: whole.span };
        let operand = self.operand(operand);
        let Some((value, marks)) = self.converted(operand, &ty, "unary operand", &operation) else {
            return Value::unknown(ty);
        };
        if value.is_null() {
            return self.operation_failed(&operation(), ty, "argument must not be null");
        }
        let result = match op {
            UnaryOp::Negate => value.as_number().map(|n| Value::number(n.neg())),
            UnaryOp::Not => value.as_bool().map(|b| Value::bool(!b)),
        };
        result.unwrap_or_else(|| unknown_not_null(ty)).mark(marks)
    }

    /// Operators of one precedence, from the left to the right.
    pub(super) fn binary(&mut self, chain: &Binary) -> Value {
        let mut left = self.operand(&chain.first);
        for (i, (op, operand)) in chain.rest.iter().enumerate() {
            let (before, failed) = (self.errors, left.failed);
            let span = Span { end: operand.span.end, ..left.span };
            let operation = || {
                let right = chain.rest[..=i].iter().map(|(_, operand)| operand);
                Operation { parts: [&chain.first].into_iter().chain(right).collect(), span }
            };
            let right = self.operand(operand);
            let value = self.operation(*op, left, right, &operation);
            left = Operand { value, failed: failed || self.errors > before, span };
        }
        left.value
    }

    fn operation<'e>(&mut self, op: BinaryOp, left: Operand, right: Operand, operation: &dyn Fn() -> Operation<'e>) -> Value {
        if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
            return equality(op == BinaryOp::NotEqual, left, right);
        }
        let (operand, result) = types(op);
        let a = self.converted(left, &operand, "left operand", operation);
        let b = self.converted(right, &operand, "right operand", operation);
        let (Some((a, a_marks)), Some((b, b_marks))) = (a, b) else {
            return Value::unknown(result);
        };
        if a.is_null() || b.is_null() {
            return self.operation_failed(&operation(), result, "argument must not be null");
        }
        match apply(op, &a, &b) {
            Ok(value) => value.unwrap_or_else(|| unknown_not_null(result)).mark(a_marks.union(b_marks)),
            Err(message) => self.operation_failed(&operation(), result, &message),
        }
    }

    fn operand(&mut self, e: &Expr) -> Operand {
        let before = self.errors;
        let value = self.eval(e);
        Operand { value, failed: self.errors > before, span: e.span }
    }

    /// An operand as the type wanted, and its marks; none when there was a mistake.
    fn converted<'e>(&mut self, operand: Operand, ty: &Type, which: &str, operation: &dyn Fn() -> Operation<'e>) -> Option<(Value, Marks)> {
        if operand.failed {
            return None;
        }
        let (value, marks) = operand.value.unmark();
        match convert(&value, ty) {
            Ok(value) => Some((value, marks)),
            Err(error) => {
                let detail = format!("Unsuitable value for {which}: {}.", error.message);
                self.fail_in(&operation().parts, operand.span, "Invalid operand", detail);
                None
            }
        }
    }

    fn operation_failed(&mut self, operation: &Operation<'_>, ty: Type, message: &str) -> Value {
        self.fail_in(&operation.parts, operation.span, "Operation failed", format!("Error during operation: {message}."));
        Value::unknown(ty)
    }
}

fn equality(negate: bool, left: Operand, right: Operand) -> Value {
    if left.failed || right.failed {
        return Value::unknown(Type::Bool);
    }
    let (a, a_marks) = left.value.unmark_deep();
    let (b, b_marks) = right.value.unmark_deep();
    let result = equal(&a, &b).map(|same| Value::bool(same != negate));
    result.unwrap_or_else(|| unknown_not_null(Type::Bool)).mark(a_marks.union(b_marks))
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
