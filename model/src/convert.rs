//! Conversion of values between types, as Terraform does it; [`unify`] finds the common type, [`set_order`] orders sets.

use crate::members::Members;
use crate::number::Number;
use crate::path::{Path, Step};
use crate::text::quote;
use crate::types::{ObjectType, Type};
use crate::value::{Kind, Refinement, Value};
use std::sync::Arc;
use thiserror::Error;

mod mismatch;
mod order;
mod unification;

pub use mismatch::mismatch;
pub use order::set_order;
pub use unification::{unify, unify_safe};

/// Why a value cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ConvertError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong, in Terraform's words: `a number is required`.
    pub message: String,
}

/// Which conversions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Only those that always succeed.
    Safe,
    /// Those too that depend on the value.
    Unsafe,
}

/// Converts a value to a type constraint. Null, unknown and marks stay; `Dynamic` in the constraint takes what is there;
/// optional members that are missing become null.
///
/// # Errors
/// In Terraform's words, with the path to the offending part.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if has_type(value, ty) {
        return Ok(value.clone());
    }
    let from = value.ty();
    if !convertible(&from, ty, Safety::Unsafe) {
        return Err(ConvertError { path: Path::root(), message: mismatch(&from, ty) });
    }
    apply(value, ty, &mut Path::root())
}

/// Whether the value is of exactly this type already (optional members count as members).
pub fn has_type(value: &Value, ty: &Type) -> bool {
    match (value.kind(), ty) {
        (Kind::Null(t) | Kind::Unknown(t, _), _) => same_type(t, ty),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => true,
        (Kind::List(t, _), Type::List(want)) | (Kind::Set(t, _), Type::Set(want)) | (Kind::Map(t, _), Type::Map(want)) => {
            same_type(t, want)
        }
        (Kind::Tuple(vs), Type::Tuple(ts)) => vs.len() == ts.len() && vs.iter().zip(ts.iter()).all(|(v, t)| has_type(v, t)),
        (Kind::Object(m), Type::Object(o)) => {
            m.len() == o.attributes.len() && m.iter().zip(&o.attributes).all(|((name, v), (want, t))| name == want && has_type(v, t))
        }
        _ => false,
    }
}

/// Whether two types are the same, whichever of their members are optional.
pub fn same_type(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => same_type(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_type(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            a.attributes.len() == b.attributes.len()
                && a.attributes.iter().zip(&b.attributes).all(|((n, a), (m, b))| n == m && same_type(a, b))
        }
        _ => a == b,
    }
}

/// The type without any mention of optional members, as values have it.
#[must_use]
pub fn without_optional(ty: &Type) -> Type {
    match ty {
        Type::List(t) => Type::list(without_optional(t)),
        Type::Set(t) => Type::set(without_optional(t)),
        Type::Map(t) => Type::map(without_optional(t)),
        Type::Tuple(ts) => Type::tuple(ts.iter().map(without_optional).collect::<Vec<_>>()),
        Type::Object(o) => Type::object(o.attributes.iter().map(|(k, t)| (k.clone(), without_optional(t))).collect()),
        leaf => leaf.clone(),
    }
}

/// Whether some value of one type can be converted to the other.
#[expect(clippy::match_same_arms, reason = "the order of the arms is the order of the rules")]
pub(crate) fn convertible(from: &Type, to: &Type, safety: Safety) -> bool {
    if same_type(from, to) {
        return true;
    }
    let unsafely = safety == Safety::Unsafe;
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => unsafely,
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::String, Type::Bool | Type::Number) => unsafely,
        (Type::Object(a), Type::Object(b)) => b.attributes.iter().all(|(name, want)| match a.attributes.get(name) {
            Some(have) => convertible(have, want, safety),
            None => b.optional.contains(name),
        }),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| convertible(a, b, safety)),
        (Type::List(a) | Type::Set(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            convertible(a, b, safety)
        }
        (Type::List(a), Type::Set(b)) => unsafely && convertible(a, b, safety),
        (Type::Tuple(a), Type::List(b) | Type::Set(b)) => all_convertible(&a.iter().collect::<Vec<_>>(), b, safety, true),
        (Type::Object(a), Type::Map(b)) => all_convertible(&a.attributes.values().collect::<Vec<_>>(), b, safety, false),
        (Type::Map(a), Type::Object(b)) => {
            unsafely && b.attributes.iter().all(|(name, want)| convertible(a, want, safety) || b.optional.contains(name))
        }
        _ => false,
    }
}

/// Whether all these become elements of one collection.
fn all_convertible(from: &[&Type], element: &Type, safety: Safety, sequence: bool) -> bool {
    if from.is_empty() {
        return true;
    }
    let element = match element {
        Type::Dynamic => match unification::common_type(&from.iter().map(|&t| t.clone()).collect::<Vec<_>>(), safety) {
            None => return false,
            Some(Type::Dynamic) if sequence && from.iter().any(|t| **t != Type::Dynamic) => return false,
            Some(t) => t,
        },
        t => t.clone(),
    };
    from.iter().all(|t| convertible(t, &element, safety))
}

fn fail(path: &Path, message: impl Into<String>) -> ConvertError {
    ConvertError { path: path.clone(), message: message.into() }
}

/// Converts where [`convertible`] said that it may work.
fn apply(value: &Value, ty: &Type, path: &mut Path) -> Result<Value, ConvertError> {
    if *ty == Type::Dynamic || has_type(value, ty) {
        return Ok(value.clone());
    }
    if !value.marks().is_empty() {
        let (plain, marks) = value.clone().unmark();
        return Ok(apply(&plain, ty, path)?.mark(marks));
    }
    match (value.kind(), ty) {
        (Kind::Unknown(from, known), _) => Ok(convert_unknown(from, known.as_deref(), ty)),
        (Kind::Null(from), _) => Ok(Value::null(replace_dynamic(from, &without_optional(ty)))),
        (Kind::Bool(b), Type::String) => Ok(Value::string(if *b { "true" } else { "false" })),
        (Kind::Number(n), Type::String) => Ok(Value::string(n.to_string())),
        (Kind::String(s), Type::Number) => Number::parse(s).map(Value::number).ok_or_else(|| fail(path, "a number is required")),
        (Kind::String(s), Type::Bool) => parse_bool(s).map_err(|message| fail(path, message)),
        (Kind::Object(m), Type::Object(o)) => object_to_object(m, o, path),
        (Kind::Tuple(vs), Type::Tuple(ts)) => {
            let pairs = vs.iter().zip(ts.iter()).enumerate();
            let new: Result<Vec<_>, _> = pairs.map(|(i, (v, t))| step(path, Step::Index(i), |p| apply(v, t, p))).collect();
            Ok(Value::tuple(new?))
        }
        (Kind::Tuple(vs) | Kind::List(_, vs) | Kind::Set(_, vs), Type::List(_) | Type::Set(_)) => sequence(value, vs, ty, path),
        (Kind::Object(m) | Kind::Map(_, m), Type::Map(element)) => to_map(value, m, element, path),
        (Kind::Map(have, m), Type::Object(o)) => map_to_object(have, m, o, path),
        _ => Err(fail(path, mismatch(&value.ty(), ty))),
    }
}

fn step<T>(path: &mut Path, step: Step, f: impl FnOnce(&mut Path) -> Result<T, ConvertError>) -> Result<T, ConvertError> {
    path.0.push(step);
    let result = f(path);
    path.0.pop();
    result
}

fn parse_bool(s: &str) -> Result<Value, &'static str> {
    match s {
        "true" | "1" => Ok(Value::bool(true)),
        "false" | "0" => Ok(Value::bool(false)),
        _ if s.eq_ignore_ascii_case("true") => Err("a bool is required; to convert from string, use lowercase \"true\""),
        _ if s.eq_ignore_ascii_case("false") => Err("a bool is required; to convert from string, use lowercase \"false\""),
        _ => Err("a bool is required"),
    }
}

fn object_to_object(m: &Members, o: &ObjectType, path: &mut Path) -> Result<Value, ConvertError> {
    let mut new = Vec::with_capacity(o.attributes.len());
    for (name, want) in &o.attributes {
        let value = match m.get(name) {
            Some(v) => step(path, Step::Attribute(name.clone()), |p| apply(v, want, p))?,
            None => Value::null(without_optional(want)),
        };
        new.push((name.clone(), value));
    }
    Ok(Value::object(new.into()))
}

/// A list, set or tuple becomes a list or set.
fn sequence(value: &Value, vs: &[Value], ty: &Type, path: &mut Path) -> Result<Value, ConvertError> {
    let (Type::List(want) | Type::Set(want)) = ty else { return Err(fail(path, mismatch(&value.ty(), ty))) };
    let to_set = matches!(ty, Type::Set(_));
    if !to_set && matches!(value.kind(), Kind::Set(..)) && vs.len() > 1 && !value.is_wholly_known() {
        // Unknown elements may turn out equal: how many there will be is not known.
        return Ok(Value::unknown(replace_dynamic(&value.ty(), &without_optional(ty))));
    }
    let element = match (&**want, value.kind()) {
        (Type::Dynamic, Kind::Tuple(_)) => {
            let types: Vec<Type> = vs.iter().map(Value::ty).collect();
            if types.is_empty() { Type::Dynamic } else { unify(&types).unwrap_or(Type::Dynamic) }
        }
        (Type::Dynamic, Kind::List(t, _) | Kind::Set(t, _)) | (t, _) => t.clone(),
    };
    let new: Result<Vec<_>, _> = vs.iter().enumerate().map(|(i, v)| step(path, Step::Index(i), |p| apply(v, &element, p))).collect();
    let noun = if to_set { "set" } else { "list" };
    let (element, new) = settle(&element, new?, path, noun)?;
    Ok(if to_set { Value::set(element, new) } else { Value::list(element, new) })
}

/// Where the element type has `Dynamic` in it, brings the elements to a common type.
fn settle(element: &Type, vs: Vec<Value>, path: &mut Path, noun: &str) -> Result<(Type, Vec<Value>), ConvertError> {
    if !element.has_dynamic() || vs.is_empty() {
        return Ok((without_optional(element), vs));
    }
    let types: Vec<Type> = vs.iter().map(Value::ty).collect();
    let Some(common) = unify(&types) else {
        return Err(fail(path, "cannot find a common base type for all elements"));
    };
    let mut new = Vec::with_capacity(vs.len());
    for (i, v) in vs.iter().enumerate() {
        new.push(step(path, Step::Index(i), |p| apply(v, &common, p))?);
    }
    let element = new.iter().map(Value::ty).find(|t| *t != Type::Dynamic).unwrap_or(Type::Dynamic);
    if new.iter().any(|v| v.ty() != Type::Dynamic && !has_type(v, &element)) {
        return Err(fail(path, format!("element types must all match for conversion to {noun}")));
    }
    Ok((element, new))
}

fn to_map(value: &Value, m: &Members, want: &Type, path: &mut Path) -> Result<Value, ConvertError> {
    let element = match (want, value.kind()) {
        (Type::Dynamic, Kind::Map(t, _)) => t.clone(),
        (Type::Dynamic, _) => {
            let types: Vec<Type> = m.values().map(Value::ty).collect();
            if types.is_empty() { Type::Dynamic } else { unify(&types).unwrap_or(Type::Dynamic) }
        }
        (t, _) => t.clone(),
    };
    let new: Result<Vec<_>, _> = m.iter().map(|(k, v)| step(path, Step::Key(k.clone()), |p| apply(v, &element, p))).collect();
    let (element, new) = settle(&element, new?, path, "map")?;
    Ok(Value::map(element, m.keys().cloned().zip(new).collect()))
}

fn map_to_object(have: &Type, m: &Members, o: &ObjectType, path: &mut Path) -> Result<Value, ConvertError> {
    let mut new = Vec::with_capacity(o.attributes.len());
    for (name, want) in &o.attributes {
        let value = match m.get(name) {
            Some(v) if convertible(have, want, Safety::Unsafe) => step(path, Step::Key(name.clone()), |p| apply(v, want, p))?,
            Some(v) => {
                let why = mismatch(&v.ty(), want);
                return Err(fail(path, format!("map element type is incompatible with attribute {}: {why}", quote(name))));
            }
            None if o.optional.contains(name) => Value::null(without_optional(want)),
            None => return Err(fail(path, format!("map has no element for required attribute {}", quote(name)))),
        };
        new.push((name.clone(), value));
    }
    Ok(Value::object(new.into()))
}

/// An unknown keeps what is known about it as far as it holds in the new type.
fn convert_unknown(from: &Type, known: Option<&Refinement>, ty: &Type) -> Value {
    let to = replace_dynamic(from, &without_optional(ty));
    let known = known.cloned().unwrap_or_default();
    let mut new = Refinement { not_null: known.not_null, ..Refinement::default() };
    let exactly = |new: &mut Refinement, n: usize| {
        (new.length_min, new.length_max) = (Some(n as u64), Some(n as u64));
    };
    match (from, &to) {
        (Type::Object(o), Type::Map(_)) => exactly(&mut new, o.attributes.len()),
        (Type::Tuple(ts), Type::List(_)) => exactly(&mut new, ts.len()),
        (Type::Tuple(ts), Type::Set(_)) => {
            exactly(&mut new, ts.len());
            new.length_min = new.length_min.map(|n| n.min(1));
        }
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            new.length_min = known.length_min;
            new.length_max = known.length_max;
            if matches!(to, Type::Set(_)) {
                new.length_min = new.length_min.map(|n| n.min(1));
            }
        }
        _ => {}
    }
    Value::refined(to, new)
}

/// The target with its `Dynamic` parts filled from the source as far as that is possible without a value.
fn replace_dynamic(from: &Type, to: &Type) -> Type {
    let common = |types: &[Type]| unify(types).unwrap_or(Type::Dynamic);
    match (from, to) {
        (Type::Dynamic, _) => to.clone(),
        (_, Type::Dynamic) => from.clone(),
        (Type::Map(a), Type::Map(b)) => Type::map(replace_dynamic(a, b)),
        (Type::Object(a), Type::Map(b)) => Type::map(replace_dynamic(&common(&a.attributes.values().cloned().collect::<Vec<_>>()), b)),
        (Type::List(a) | Type::Set(a), Type::List(b)) => Type::list(replace_dynamic(a, b)),
        (Type::List(a) | Type::Set(a), Type::Set(b)) => Type::set(replace_dynamic(a, b)),
        (Type::Tuple(a), Type::List(b)) => Type::list(replace_dynamic(&common(a), b)),
        (Type::Tuple(a), Type::Set(b)) => Type::set(replace_dynamic(&common(a), b)),
        (Type::Tuple(a), Type::Tuple(b)) => Type::tuple(a.iter().zip(b.iter()).map(|(a, b)| replace_dynamic(a, b)).collect::<Vec<_>>()),
        (Type::Map(a), Type::Object(b)) => Type::object(b.attributes.iter().map(|(k, t)| (k.clone(), replace_dynamic(a, t))).collect()),
        (Type::Object(a), Type::Object(b)) => {
            let member =
                |(k, t): (&Arc<str>, &Type)| (k.clone(), a.attributes.get(k).map_or_else(|| t.clone(), |have| replace_dynamic(have, t)));
            Type::object(b.attributes.iter().map(member).collect())
        }
        _ => to.clone(),
    }
}

#[cfg(test)]
mod tests;
