//! `==` and the order of numbers, where some of what is compared may not be known yet.

use super::refine::{definitely_not_null, may_become, number_bounds};
use levee_model::convert::same_type;
use levee_model::{Kind, Members, Type, Value};

/// Whether two values without marks are equal; none where that is not known yet.
pub(super) fn equal(a: &Value, b: &Value) -> Option<bool> {
    if a.is_null() && definitely_not_null(b) || b.is_null() && definitely_not_null(a) {
        return Some(false);
    }
    match (a.is_known(), b.is_known()) {
        (false, false) => return None,
        (true, false) => return equal_to_unknown(a, b),
        (false, true) => return equal_to_unknown(b, a),
        (true, true) => {}
    }
    if a.is_null() || b.is_null() {
        return Some(a.is_null() && b.is_null());
    }
    if type_is_open(a) || type_is_open(b) {
        return if may_agree(&a.ty(), &b.ty()) { None } else { Some(false) };
    }
    if !same_type(&a.ty(), &b.ty()) {
        return Some(false);
    }
    match (a.kind(), b.kind()) {
        (Kind::Tuple(a), Kind::Tuple(b)) | (Kind::List(_, a), Kind::List(_, b)) => {
            if a.len() == b.len() {
                all(a.iter().zip(b.iter()))
            } else {
                Some(false)
            }
        }
        (Kind::Set(_, xs), Kind::Set(_, ys)) => {
            if a.is_wholly_known() && b.is_wholly_known() {
                Some(xs == ys)
            } else {
                None
            }
        }
        (Kind::Map(_, a), Kind::Map(_, b)) | (Kind::Object(a), Kind::Object(b)) => members(a, b),
        (a, b) => Some(a == b),
    }
}

/// Whether some part is not known well enough to tell the type of the whole.
fn type_is_open(v: &Value) -> bool {
    match v.kind() {
        Kind::Unknown(ty, _) => ty.has_dynamic(),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().any(type_is_open),
        Kind::Map(_, m) | Kind::Object(m) => m.values().any(type_is_open),
        _ => false,
    }
}

/// Whether two types may turn out to be the same once all is known.
fn may_agree(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => may_agree(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| may_agree(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            a.attributes.keys().eq(b.attributes.keys()) && a.attributes.values().zip(b.attributes.values()).all(|(a, b)| may_agree(a, b))
        }
        _ => same_type(a, b),
    }
}

fn members(a: &Members, b: &Members) -> Option<bool> {
    if a.keys().eq(b.keys()) { all(a.values().zip(b.values())) } else { Some(false) }
}

/// The first pair that differs or is not known decides.
fn all<'a>(mut pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    pairs
        .find_map(|(a, b)| match equal(a, b) {
            Some(true) => None,
            other => Some(other),
        })
        .unwrap_or(Some(true))
}

fn equal_to_unknown(known: &Value, unknown: &Value) -> Option<bool> {
    if !may_become(unknown, known) {
        return Some(false);
    }
    let ty = unknown.ty();
    if known.is_null() || ty.has_dynamic() || same_type(&ty, &known.ty()) {
        return None;
    }
    Some(false)
}

/// Whether `a < b`; none where that is not known yet.
pub(super) fn less(a: &Value, b: &Value) -> Option<bool> {
    if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
        return Some(a < b);
    }
    let ((a_min, a_max), (b_min, b_max)) = (number_bounds(a), number_bounds(b));
    if let (Some((a, _)), Some((b, _))) = (&a_max, &b_min)
        && a < b
    {
        return Some(true);
    }
    match (a_min, b_max) {
        (Some((a, _)), Some((b, _))) if a > b => Some(false),
        _ => None,
    }
}
