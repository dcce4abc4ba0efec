//! Equality as the language's `==` has it, for functions that search.

use levee_model::{Kind, Type, Value};

/// Whether two values without marks are equal; None where that is not known yet.
pub(super) fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a.kind(), b.kind()) {
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Null(_), Kind::Unknown(_, known)) | (Kind::Unknown(_, known), Kind::Null(_)) => {
            if known.as_ref().is_some_and(|known| known.not_null) { Some(false) } else { None }
        }
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Unknown(..), _) | (_, Kind::Unknown(..)) => {
            let (a, b) = (a.ty(), b.ty());
            if a == b || a.has_dynamic() || b.has_dynamic() { None } else { Some(false) }
        }
        (Kind::Tuple(a), Kind::Tuple(b)) => {
            if a.len() == b.len() {
                all(a.iter().zip(b.iter()))
            } else {
                Some(false)
            }
        }
        (Kind::List(s, a), Kind::List(t, b)) => {
            if same(s, t) && a.len() == b.len() {
                all(a.iter().zip(b.iter()))
            } else {
                Some(false)
            }
        }
        (Kind::Set(s, a), Kind::Set(t, b)) => {
            if !same(s, t) {
                return Some(false);
            }
            let known = a.iter().chain(b.iter()).all(Value::is_wholly_known);
            if known { Some(a == b) } else { None }
        }
        (Kind::Map(s, a), Kind::Map(t, b)) => {
            if same(s, t) && a.keys().eq(b.keys()) {
                all(a.values().zip(b.values()))
            } else {
                Some(false)
            }
        }
        (Kind::Object(a), Kind::Object(b)) => {
            if a.keys().eq(b.keys()) {
                all(a.values().zip(b.values()))
            } else {
                Some(false)
            }
        }
        (a, b) => Some(a == b),
    }
}

fn same(a: &Type, b: &Type) -> bool {
    a == b || a.has_dynamic() || b.has_dynamic()
}

fn all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = true;
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = false,
        }
    }
    known.then_some(true)
}
