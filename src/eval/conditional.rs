//! `condition ? yes : no`, and the `if` of templates.

use super::expression::{Evaluator, dynamic};
use super::refine::{definitely_not_null, length_bounds, number_bounds};
use crate::config::expr::Expr;
use levee_model::convert::{convert, unify};
use levee_model::{Kind, Marks, Number, Refinement, Span, Type, Value};
use std::cmp::Ordering;

/// How the condition came out.
pub(super) enum Decision {
    Yes,
    No,
    Unknown,
    /// There was a mistake, and it is reported.
    Wrong,
}

impl Evaluator<'_> {
    pub(super) fn conditional(&mut self, condition: &Expr, yes: &Expr, no: &Expr) -> Value {
        // Mistakes count only in the branch that is taken.
        let (yes_value, yes_diags) = self.apart(|e| e.eval(yes));
        let (no_value, no_diags) = self.apart(|e| e.eval(no));
        let Some(ty) = result_type(&yes_value, &no_value) else {
            let span = Span { end: no.span.end, ..yes.span };
            let detail =
                format!("The true and false result expressions must have consistent types. {}.", mismatch(&yes_value.ty(), &no_value.ty()));
            self.fail(condition, span, "Inconsistent conditional result types", detail);
            return dynamic();
        };
        let (decision, marks) = self.decide(condition);
        // Which branch is taken says nothing about the other, but its marks are kept all the same.
        let marks = marks.union(yes_value.marks()).union(no_value.marks());
        let (value, diags, which) = match decision {
            Decision::Yes => (yes_value, yes_diags, "true"),
            Decision::No => (no_value, no_diags, "false"),
            Decision::Unknown => return either(yes_value, no_value, ty, marks),
            Decision::Wrong => return Value::unknown(ty),
        };
        self.adopt(diags);
        match convert(&value, &ty) {
            Ok(value) => value.mark(marks),
            Err(error) => {
                let detail = format!("The {which} result value has the wrong type: {}.", error.message);
                self.fail(condition, yes.span, "Inconsistent conditional result types", detail);
                Value::unknown(ty)
            }
        }
    }

    /// Evaluates a condition.
    pub(super) fn decide(&mut self, condition: &Expr) -> (Decision, Marks) {
        let before = self.errors;
        let (value, marks) = self.eval(condition).unmark();
        if self.errors > before {
            return (if value.is_known() { Decision::Wrong } else { Decision::Unknown }, marks);
        }
        if value.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            self.fail(condition, condition.span, "Null condition", detail);
            return (Decision::Wrong, marks);
        }
        if !value.is_known() {
            return (Decision::Unknown, marks);
        }
        match convert(&value, &Type::Bool).ok().and_then(|v| v.as_bool()) {
            Some(true) => (Decision::Yes, marks),
            Some(false) => (Decision::No, marks),
            None => {
                let detail = "The condition expression must be of type bool.";
                self.fail(condition, condition.span, "Incorrect condition type", detail);
                (Decision::Wrong, marks)
            }
        }
    }
}

/// The type that both branches have in common. A bare null takes the other's.
fn result_type(yes: &Value, no: &Value) -> Option<Type> {
    let bare_null = |v: &Value| matches!(v.kind(), Kind::Null(Type::Dynamic)) && v.marks().is_empty();
    if bare_null(yes) {
        return Some(no.ty());
    }
    if bare_null(no) {
        return Some(yes.ty());
    }
    // Where nothing is known of one branch, nothing is known of the type either. That a null is secret hides that it is bare.
    let hides_type = |v: &Value| matches!(v.kind(), Kind::Unknown(Type::Dynamic, _) | Kind::Null(Type::Dynamic));
    if hides_type(yes) || hides_type(no) {
        return Some(Type::Dynamic);
    }
    unify(&[yes.ty(), no.ty()])
}

/// What is known of the result while it is not known which branch it comes from.
pub(super) fn either(yes: Value, no: Value, ty: Type, marks: Marks) -> Value {
    let (yes, yes_marks) = yes.unmark();
    let (no, no_marks) = no.unmark();
    let marks = marks.union(yes_marks).union(no_marks);
    if yes.is_null() && no.is_null() {
        return Value::null(ty).mark(marks);
    }
    if ty == Type::Dynamic {
        return Value::unknown(ty).mark(marks);
    }
    let mut known = Refinement { not_null: definitely_not_null(&yes) && definitely_not_null(&no), ..Refinement::default() };
    if yes.ty() == Type::Number && no.ty() == Type::Number {
        let ((yes_min, yes_max), (no_min, no_max)) = (number_bounds(&yes), number_bounds(&no));
        known.number_min = wider(yes_min, no_min, Ordering::Less);
        known.number_max = wider(yes_max, no_max, Ordering::Greater);
    } else if yes.ty().element().is_some() && yes.ty() == no.ty() {
        let ((yes_min, yes_max), (no_min, no_max)) = (length_bounds(&yes), length_bounds(&no));
        known.length_min = Some(yes_min.min(no_min)).filter(|n| *n > 0);
        known.length_max = yes_max.zip(no_max).map(|(a, b)| a.max(b));
    }
    Value::refined(ty, known).mark(marks)
}

fn wider(a: Option<(Number, bool)>, b: Option<(Number, bool)>, keep: Ordering) -> Option<(Number, bool)> {
    let (a, b) = a.zip(b)?;
    Some(match a.0.cmp(&b.0) {
        Ordering::Equal => (a.0, a.1 || b.1),
        order if order == keep => a,
        _ => b,
    })
}

/// In what two types differ, in a few words.
fn mismatch(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attributes {
                match b.attributes.get(name) {
                    None => return format!("The 'true' value includes object attribute {name:?}, which is absent in the 'false' value"),
                    Some(other) if other != ty && unify(&[ty.clone(), other.clone()]).is_none() => {
                        return format!("Type mismatch for object attribute {name:?}: {}", mismatch(ty, other));
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = b.attributes.keys().find(|n| !a.attributes.contains_key(*n)) {
                return format!("The 'false' value includes object attribute {name:?}, which is absent in the 'true' value");
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            if a.len() != b.len() {
                return format!("The 'true' tuple has length {}, but the 'false' tuple has length {}", a.len(), b.len());
            }
            for (i, (x, y)) in a.iter().zip(b.iter()).enumerate() {
                if x != y && unify(&[x.clone(), y.clone()]).is_none() {
                    return format!("Type mismatch for tuple element {i}: {}", mismatch(x, y));
                }
            }
        }
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b))
            if a.is_collection() && b.is_collection() =>
        {
            let kind = yes.friendly_name();
            let kind = kind.split(' ').next().unwrap_or("collection");
            return format!("Mismatched {kind} element types: {}", mismatch(a, b));
        }
        _ => {}
    }
    format!("The 'true' value is {}, but the 'false' value is {}", yes.friendly_name(), no.friendly_name())
}
