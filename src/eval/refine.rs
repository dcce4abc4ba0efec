//! What is known about unknown values, read and added.

use levee_model::{Kind, Members, Number, Refinement, Type, Value};

/// Whether a value is certainly not null.
pub(super) fn definitely_not_null(value: &Value) -> bool {
    match value.kind() {
        Kind::Null(_) => false,
        Kind::Unknown(_, known) => known.as_ref().is_some_and(|k| k.not_null),
        _ => true,
    }
}

/// An unknown value of a type that will not be null.
pub(super) fn unknown_not_null(ty: Type) -> Value {
    if ty == Type::Dynamic {
        return Value::unknown(ty);
    }
    Value::refined(ty, Refinement { not_null: true, ..Refinement::default() })
}

/// Least and greatest number that a value may be, each with whether the bound itself is allowed.
pub(super) type Bounds = (Option<(Number, bool)>, Option<(Number, bool)>);

/// The bounds of a number; of a known one they are the number itself.
pub(super) fn number_bounds(value: &Value) -> Bounds {
    match value.kind() {
        Kind::Number(n) => (Some((n.clone(), true)), Some((n.clone(), true))),
        Kind::Unknown(_, Some(known)) => (known.number_min.clone(), known.number_max.clone()),
        _ => (None, None),
    }
}

/// Least and greatest length of a collection.
pub(super) fn length_bounds(value: &Value) -> (u64, Option<u64>) {
    match value.kind() {
        Kind::Unknown(_, Some(known)) => (known.length_min.unwrap_or(0), known.length_max),
        Kind::Unknown(..) | Kind::Null(_) => (0, None),
        // A set with unknown elements may turn out smaller.
        Kind::Set(_, items) if !items.iter().all(Value::is_wholly_known) => (1, Some(items.len() as u64)),
        _ => {
            let n = value.elements().map(<[Value]>::len).or_else(|| value.members().map(Members::len));
            (n.unwrap_or(0) as u64, n.map(|n| n as u64))
        }
    }
}

/// Whether `known` can be what the unknown value turns out to be.
pub(super) fn may_become(unknown: &Value, known: &Value) -> bool {
    let Kind::Unknown(_, Some(refinement)) = unknown.kind() else { return true };
    match known.kind() {
        Kind::Null(_) => !refinement.not_null,
        Kind::String(s) => refinement.prefix.as_ref().is_none_or(|p| s.starts_with(&**p)),
        Kind::Number(n) => {
            let above = refinement.number_min.as_ref().is_none_or(|(min, inclusive)| n > min || *inclusive && n == min);
            let below = refinement.number_max.as_ref().is_none_or(|(max, inclusive)| n < max || *inclusive && n == max);
            above && below
        }
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
            let (least, most) = length_bounds(known);
            most.is_none_or(|most| refinement.length_min.is_none_or(|min| most >= min))
                && refinement.length_max.is_none_or(|max| least <= max)
        }
        _ => true,
    }
}

/// The part of a known beginning that cannot change whatever follows it: a character that a following mark could combine
/// with is left out.
pub(super) fn safe_prefix(text: &str) -> &str {
    const NEVER_COMBINES: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let Some(last) = text.chars().next_back() else { return text };
    if NEVER_COMBINES.contains(last) { text } else { &text[..text.len() - last.len_utf8()] }
}
