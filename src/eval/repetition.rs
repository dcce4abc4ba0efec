//! Which instances a block has: the values of `count` and `for_each`.

use super::Scope;
use super::expression::{Evaluator, evaluate};
use crate::config::Expr;
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, InstanceKey, Kind, Marks, Members, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which instances a block has.
#[derive(Clone, Debug, PartialEq)]
pub enum Repetition {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`: keys 0 to n - 1.
    Count(u64),
    /// `for_each`: what `each.value` is, by key.
    ForEach(Members),
    /// It depends on something that is not known yet.
    Unknown,
}

impl Repetition {
    /// The keys of the instances; none while they are not known.
    pub fn keys(&self) -> Option<Vec<InstanceKey>> {
        match self {
            Self::Single => Some(vec![InstanceKey::None]),
            Self::Count(n) => Some((0..*n).map(InstanceKey::Int).collect()),
            Self::ForEach(items) => Some(items.keys().cloned().map(InstanceKey::Str).collect()),
            Self::Unknown => None,
        }
    }
}

/// Evaluates the `count` or `for_each` of a block, whichever it has. What is wrong is reported, and then unknown.
pub fn expand(count: Option<&Expr>, for_each: Option<&Expr>, scope: &dyn Scope, diags: &mut Diagnostics) -> Repetition {
    let found = match (count, for_each) {
        (Some(e), _) => evaluate_count(e, scope, diags),
        (None, Some(e)) => evaluate_for_each(e, scope, diags),
        (None, None) => Some(Repetition::Single),
    };
    found.unwrap_or(Repetition::Unknown)
}

/// Evaluates `count`. None when it is wrong, which is reported. An unknown count is [`Repetition::Unknown`], and no error
/// here: whether that can be lived with is for the plan to say.
pub fn evaluate_count(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Option<Repetition> {
    let invalid = |detail: String| Diagnostic::error("Invalid count argument", detail).at(expr.span);
    let before = diags.iter().filter(|d| d.is_error()).count();
    let (value, marks) = evaluate(expr, scope, diags).unmark();
    if diags.iter().filter(|d| d.is_error()).count() > before {
        return None;
    }
    if marks.contains(Marks::EPHEMERAL) {
        diags.push(invalid(
            "The given \"count\" is derived from an ephemeral value, which means that Terraform cannot persist it between plan/apply rounds. Use only non-ephemeral values to specify the number of resource instances.".into(),
        ));
        return None;
    }
    if value.is_null() {
        diags.push(invalid("The given \"count\" argument value is null. An integer is required.".into()));
        return None;
    }
    let number = match convert(&value, &Type::Number) {
        Ok(number) => number,
        Err(error) => {
            let detail = format!("Invalid expression value: {}.", error.message);
            diags.push(Diagnostic::error("Incorrect value type", detail).at(expr.span));
            return None;
        }
    };
    let Some(n) = number.as_number() else { return Some(Repetition::Unknown) };
    if n.is_negative() {
        diags.push(invalid("The given \"count\" argument value is unsuitable: must be greater than or equal to zero.".into()));
        return None;
    }
    match n.as_u64() {
        Some(n) if u32::try_from(n).is_ok() => Some(Repetition::Count(n)),
        _ => {
            diags.push(invalid("The given \"count\" argument value is unsuitable: value must be a whole number, between -9223372036854775808 and 9223372036854775807.".into()));
            None
        }
    }
}

/// Evaluates `for_each`. None when it is wrong, which is reported; unknown keys are [`Repetition::Unknown`].
pub fn evaluate_for_each(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Option<Repetition> {
    let mut evaluator = Evaluator::new(scope, Vec::new());
    let value = evaluator.eval(expr);
    let failed = evaluator.errors > 0;
    diags.extend(evaluator.diags);
    if failed {
        return None;
    }
    match for_each_items(&value) {
        Ok(repetition) => Some(repetition),
        Err(detail) => {
            let is_set = matches!(value.kind(), Kind::Set(..)) && value.marks().is_empty();
            let summary = if is_set { "Invalid for_each set argument" } else { "Invalid for_each argument" };
            diags.push(Diagnostic::error(summary, detail).at(expr.span));
            None
        }
    }
}

fn for_each_items(value: &Value) -> Result<Repetition, String> {
    if value.is_sensitive() {
        return Err("Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.".into());
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return Err("The given \"for_each\" value is derived from an ephemeral value, which means that Terraform cannot persist it between plan/apply rounds. Use only non-ephemeral values to specify a resource's instance keys.".into());
    }
    let ty = value.ty();
    if value.is_null() {
        return Err("The given \"for_each\" argument value is unsuitable: the given \"for_each\" argument value is null. A map, or set of strings is allowed.".into());
    }
    match value.kind() {
        Kind::Unknown(Type::Dynamic | Type::Map(_) | Type::Set(_), _) => Ok(Repetition::Unknown),
        // Which attributes an object has is part of its type.
        Kind::Unknown(Type::Object(o), _) => {
            let unknown = |(name, ty): (&Arc<str>, &Type)| (name.clone(), Value::unknown(ty.clone()));
            Ok(Repetition::ForEach(o.attributes.iter().map(unknown).collect()))
        }
        Kind::Map(_, items) | Kind::Object(items) => Ok(Repetition::ForEach(items.clone())),
        Kind::Set(element, items) => set_items(element, items),
        _ => Err(format!(
            "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.",
            ty.friendly_name()
        )),
    }
}

fn set_items(element: &Type, items: &[Value]) -> Result<Repetition, String> {
    if items.is_empty() {
        return Ok(Repetition::ForEach(Members::default()));
    }
    if *element != Type::String {
        return Err(format!(
            "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.",
            element.friendly_name()
        ));
    }
    let mut out = BTreeMap::new();
    for item in items {
        match item.kind() {
            Kind::String(s) => drop(out.insert(s.clone(), item.clone())),
            Kind::Null(_) => {
                return Err("The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.".into());
            }
            _ => return Ok(Repetition::Unknown),
        }
    }
    Ok(Repetition::ForEach(out.into()))
}
