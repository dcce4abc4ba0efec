//! Says in words why one type does not convert to another.

use super::{Safety, convertible, same_type};
use crate::text::quote;
use crate::types::{ObjectType, Type};

/// Why no value of type `got` can become a `want`, in Terraform's words: `string required`.
pub fn mismatch(got: &Type, want: &Type) -> String {
    match (got, want) {
        (Type::Object(a), Type::Object(b)) => objects(a, b),
        (Type::Tuple(_), Type::List(t)) if **t == Type::Dynamic => "all list elements must have the same type".into(),
        (Type::Tuple(_), Type::Set(t)) if **t == Type::Dynamic => "all set elements must have the same type".into(),
        (Type::Object(_), Type::Map(t)) if **t == Type::Dynamic => "all map elements must have the same type".into(),
        (Type::Tuple(ts), Type::List(t) | Type::Set(t)) => elements(ts.iter().enumerate().map(|(i, e)| (i.to_string(), e)), t),
        (Type::Object(o), Type::Map(t)) => elements(o.attributes.iter().map(|(k, e)| (quote(k), e)), t),
        (Type::List(a) | Type::Set(a), Type::List(b)) => format!("incorrect list element type: {}", mismatch(a, b)),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => format!("incorrect set element type: {}", mismatch(a, b)),
        (Type::Map(a), Type::Map(b)) => format!("incorrect map element type: {}", mismatch(a, b)),
        _ => format!("{} required", want.constraint_name()),
    }
}

fn elements<'a>(mut have: impl Iterator<Item = (String, &'a Type)>, want: &Type) -> String {
    match have.find(|(_, t)| !convertible(t, want, Safety::Unsafe)) {
        Some((key, t)) => format!("element {key}: {}", mismatch(t, want)),
        None => format!("all elements must be {}", want.constraint_name()),
    }
}

fn objects(got: &ObjectType, want: &ObjectType) -> String {
    let missing: Vec<String> = want
        .attributes
        .keys()
        .filter(|name| !got.attributes.contains_key(*name) && !want.optional.contains(*name))
        .map(|name| quote(name))
        .collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [one, two] => return format!("attributes {one} and {two} are required"),
        [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
    }
    let differing = |safety: Safety| {
        want.attributes.iter().find_map(|(name, want)| {
            let got = got.attributes.get(name)?;
            let wrong = !same_type(got, want) && !convertible(got, want, safety);
            wrong.then(|| format!("attribute {}: {}", quote(name), mismatch(got, want)))
        })
    };
    differing(Safety::Unsafe).or_else(|| differing(Safety::Safe)).unwrap_or_else(|| "incorrect object attributes".into())
}
