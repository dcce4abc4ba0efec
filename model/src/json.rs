//! Values to and from JSON, as state rows, plan files and `-json` output hold them.

mod text;

pub use text::from_json_text;

use crate::number::Number;
use crate::path::{Path, Step};
use crate::text::{nfc, quote};
use crate::types::{ObjectType, Type};
use crate::value::{Kind, Marks, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::Arc;
use thiserror::Error;

/// Why JSON is not a value of the type wanted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct JsonError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong: `string is required`.
    pub message: String,
}

/// The value in JSON, with every digit of its numbers. Unknown parts are left out of objects and maps, and null elsewhere;
/// an infinity, which JSON lacks, is null too (see [`infinity_in`]). Marks are ignored: what is secret is the caller's matter.
pub fn to_json(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => number_to_json(n),
        Kind::String(s) => Json::String(s.to_string()),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Json::Array(vs.iter().map(to_json).collect()),
        Kind::Map(_, m) | Kind::Object(m) => {
            Json::Object(m.iter().filter(|(_, v)| v.is_known()).map(|(k, v)| (k.to_string(), to_json(v))).collect())
        }
    }
}

/// As [`to_json`], for a place of type `ty`: where that is `Dynamic` the value is wrapped with its type, so that
/// [`from_json`] can read it back.
pub fn to_json_typed(value: &Value, ty: &Type) -> Json {
    match (value.kind(), ty) {
        (_, Type::Dynamic) => {
            let actual = value.ty();
            if actual == Type::Dynamic {
                return Json::Null;
            }
            let mut wrapped = Map::new();
            wrapped.insert("value".into(), to_json_typed(value, &actual));
            wrapped.insert("type".into(), type_to_json(&actual));
            Json::Object(wrapped)
        }
        (Kind::List(_, vs) | Kind::Set(_, vs), Type::List(t) | Type::Set(t)) => {
            Json::Array(vs.iter().map(|v| to_json_typed(v, t)).collect())
        }
        (Kind::Tuple(vs), Type::Tuple(ts)) => Json::Array(vs.iter().zip(ts.iter()).map(|(v, t)| to_json_typed(v, t)).collect()),
        (Kind::Map(_, m), Type::Map(t)) => {
            Json::Object(m.iter().filter(|(_, v)| v.is_known()).map(|(k, v)| (k.to_string(), to_json_typed(v, t))).collect())
        }
        (Kind::Object(m), Type::Object(o)) => {
            let member =
                |(k, v): (&Arc<str>, &Value)| (k.to_string(), o.attributes.get(k).map_or_else(|| to_json(v), |t| to_json_typed(v, t)));
            Json::Object(m.iter().filter(|(_, v)| v.is_known()).map(member).collect())
        }
        _ => to_json(value),
    }
}

/// Where the first infinite number stands, which JSON cannot hold.
pub fn infinity_in(value: &Value) -> Option<Path> {
    fn walk(v: &Value, at: &mut Path) -> bool {
        let mut inside = |step: Step, v: &Value| {
            at.0.push(step);
            let found = walk(v, at);
            if !found {
                at.0.pop();
            }
            found
        };
        match v.kind() {
            Kind::Number(n) => n.is_infinite(),
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().enumerate().any(|(i, v)| inside(Step::Index(i), v)),
            Kind::Map(_, m) => m.iter().any(|(k, v)| inside(Step::Key(k.clone()), v)),
            Kind::Object(m) => m.iter().any(|(k, v)| inside(Step::Attribute(k.clone()), v)),
            _ => false,
        }
    }
    let mut at = Path::root();
    walk(value, &mut at).then_some(at)
}

fn number_to_json(n: &Number) -> Json {
    match n.as_i64() {
        Some(i) => Json::Number(i.into()),
        None if n.is_infinite() => Json::Null,
        None => n.to_string().parse().map_or(Json::Null, Json::Number),
    }
}

fn number_from_json(n: &serde_json::Number) -> Option<Number> {
    Number::parse(n.as_str())
}

/// Reads a value of a type. Where the type is `Dynamic` the JSON holds the type too, as [`to_json_typed`] writes it.
/// What an object lacks is null; what its type does not have is refused.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    read(json, ty, &mut Path::root())
}

fn fail(path: &Path, message: impl Into<String>) -> JsonError {
    JsonError { path: path.clone(), message: message.into() }
}

fn inside<T>(path: &mut Path, step: Step, f: impl FnOnce(&mut Path) -> Result<T, JsonError>) -> Result<T, JsonError> {
    path.0.push(step);
    let result = f(path);
    path.0.pop();
    result
}

fn read(json: &Json, ty: &Type, path: &mut Path) -> Result<Value, JsonError> {
    match (json, ty) {
        (Json::Null, _) => Ok(Value::null(crate::convert::without_optional(ty))),
        (_, Type::Dynamic) => read_wrapped(json, path),
        (_, Type::Bool | Type::Number | Type::String) => read_primitive(json, ty).ok_or_else(|| wrong(path, ty)),
        (Json::Array(items), Type::List(t)) => Ok(Value::list(element_type(t), read_all(items, t, path)?)),
        (Json::Array(items), Type::Set(t)) => Ok(Value::set(element_type(t), read_all(items, t, path)?)),
        (Json::Array(items), Type::Tuple(ts)) => {
            if items.len() != ts.len() {
                let problem = if items.len() > ts.len() { "too many tuple elements" } else { "not enough tuple elements" };
                return Err(fail(path, format!("{problem} (need {})", ts.len())));
            }
            let pairs = items.iter().zip(ts.iter()).enumerate();
            let vs: Result<Vec<_>, _> = pairs.map(|(i, (v, t))| inside(path, Step::Index(i), |p| read(v, t, p))).collect();
            Ok(Value::tuple(vs?))
        }
        (Json::Object(m), Type::Map(t)) => {
            let mut members = Vec::with_capacity(m.len());
            for (k, v) in m {
                let key = nfc(k);
                let v = inside(path, Step::Key(key.clone()), |p| read(v, t, p))?;
                members.push((key, v));
            }
            Ok(Value::map(element_type(t), members.into()))
        }
        (Json::Object(m), Type::Object(o)) => read_object(m, o, path),
        _ => Err(wrong(path, ty)),
    }
}

fn element_type(t: &Type) -> Type {
    crate::convert::without_optional(t)
}

fn wrong(path: &Path, ty: &Type) -> JsonError {
    let article = if matches!(ty, Type::Object(_)) { "an" } else { "a" };
    fail(path, format!("{article} {} is required", ty.friendly_name()))
}

fn read_all(items: &[Json], t: &Type, path: &mut Path) -> Result<Vec<Value>, JsonError> {
    items.iter().enumerate().map(|(i, v)| inside(path, Step::Index(i), |p| read(v, t, p))).collect()
}

fn read_primitive(json: &Json, ty: &Type) -> Option<Value> {
    match (json, ty) {
        (Json::Bool(b), Type::Bool) => Some(Value::bool(*b)),
        (Json::Bool(b), Type::String) => Some(Value::string(if *b { "true" } else { "false" })),
        (Json::Number(n), Type::Number) => number_from_json(n).map(Value::number),
        (Json::Number(n), Type::String) => number_from_json(n).map(|n| Value::string(n.to_string())),
        (Json::String(s), Type::String) => Some(Value::string(nfc(s))),
        (Json::String(s), Type::Number) => Number::parse(s).map(Value::number),
        (Json::String(s), Type::Bool) => match s.as_str() {
            "true" | "1" => Some(Value::bool(true)),
            "false" | "0" => Some(Value::bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn read_object(m: &Map<String, Json>, o: &ObjectType, path: &mut Path) -> Result<Value, JsonError> {
    if let Some(name) = m.keys().find(|k| !o.attributes.contains_key(k.as_str())) {
        return Err(fail(path, format!("unsupported attribute {}", quote(name))));
    }
    let mut members = Vec::with_capacity(o.attributes.len());
    for (name, t) in &o.attributes {
        let value = match m.get(&**name) {
            Some(v) => inside(path, Step::Attribute(name.clone()), |p| read(v, t, p))?,
            None => Value::null(element_type(t)),
        };
        members.push((name.clone(), value));
    }
    Ok(Value::object(members.into()))
}

fn read_wrapped(json: &Json, path: &mut Path) -> Result<Value, JsonError> {
    let (Some(ty), Some(value)) = (json.get("type"), json.get("value")) else {
        return Err(fail(path, "an object with \"type\" and \"value\" is required"));
    };
    let ty = type_from_json(ty).map_err(|e| fail(path, e.message))?;
    read(value, &ty, path)
}

/// A value of the type that the JSON implies: arrays become tuples and objects become objects.
pub fn from_json_dynamic(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => Value::number(number_from_json(n).unwrap_or(Number::ZERO)),
        Json::String(s) => Value::string(nfc(s)),
        Json::Array(items) => Value::tuple(items.iter().map(from_json_dynamic).collect::<Vec<_>>()),
        Json::Object(m) => Value::object(m.iter().map(|(k, v)| (nfc(k), from_json_dynamic(v))).collect()),
    }
}

/// The type as Terraform writes it in JSON: `["list","string"]`.
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |kind: &str, of: Json| Json::Array(vec![kind.into(), of]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(t) => pair("list", type_to_json(t)),
        Type::Set(t) => pair("set", type_to_json(t)),
        Type::Map(t) => pair("map", type_to_json(t)),
        Type::Tuple(ts) => pair("tuple", Json::Array(ts.iter().map(type_to_json).collect())),
        Type::Object(o) => {
            let members = o.attributes.iter().map(|(k, t)| (k.to_string(), type_to_json(t))).collect();
            let mut parts = vec!["object".into(), Json::Object(members)];
            if !o.optional.is_empty() {
                parts.push(Json::Array(o.optional.iter().map(|k| Json::String(k.to_string())).collect()));
            }
            Json::Array(parts)
        }
    }
}

/// Reads a type as [`type_to_json`] writes it.
pub fn type_from_json(json: &Json) -> Result<Type, JsonError> {
    read_type(json).ok_or_else(|| fail(&Path::root(), "invalid type description"))
}

/// The types that are one word.
fn type_of_name(name: &str) -> Option<Type> {
    match name {
        "dynamic" => Some(Type::Dynamic),
        "bool" => Some(Type::Bool),
        "number" => Some(Type::Number),
        "string" => Some(Type::String),
        _ => None,
    }
}

fn read_type(json: &Json) -> Option<Type> {
    if let Json::String(name) = json {
        return type_of_name(name);
    }
    let parts = json.as_array()?;
    let of = parts.get(1)?;
    match parts.first()?.as_str()? {
        "list" => Some(Type::list(read_type(of)?)),
        "set" => Some(Type::set(read_type(of)?)),
        "map" => Some(Type::map(read_type(of)?)),
        "tuple" => Some(Type::tuple(of.as_array()?.iter().map(read_type).collect::<Option<Vec<_>>>()?)),
        "object" => {
            let attributes = of.as_object()?.iter().map(|(k, t)| Some((Arc::from(k.as_str()), read_type(t)?)));
            let names = parts.get(2).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            let optional = names.iter().map(|k| k.as_str().map(Arc::from)).collect::<Option<BTreeSet<_>>>()?;
            Some(Type::Object(Arc::new(ObjectType { attributes: attributes.collect::<Option<_>>()?, optional })))
        }
        _ => None,
    }
}

/// Which parts are unknown, as Terraform's `after_unknown`: `true` for an unknown part, `false` for a known leaf, and
/// arrays and objects for what has parts, where objects leave out what is `false`.
pub fn unknown_tree(value: &Value) -> Json {
    tree(value, &mut |v| if v.is_known() { None } else { Some(Json::Bool(true)) })
}

/// Which parts bear all of `marks`, in the form of [`unknown_tree`], as Terraform's `after_sensitive`.
pub fn marked_tree(value: &Value, marks: Marks) -> Json {
    tree(value, &mut |v| {
        if v.marks().contains(marks) {
            return Some(Json::Bool(true));
        }
        // Nothing can be said about the parts of what is unknown.
        match v.kind() {
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Some(Json::Array(Vec::new())),
            Kind::Unknown(Type::Map(_) | Type::Object(_), _) => Some(Json::Object(Map::new())),
            _ => None,
        }
    })
}

fn tree(value: &Value, decide: &mut dyn FnMut(&Value) -> Option<Json>) -> Json {
    if let Some(decided) = decide(value) {
        return decided;
    }
    match value.kind() {
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Json::Array(vs.iter().map(|v| tree(v, decide)).collect()),
        Kind::Map(_, m) | Kind::Object(m) => {
            let members = m.iter().map(|(k, v)| (k.to_string(), tree(v, decide)));
            Json::Object(members.filter(|(_, t)| *t != Json::Bool(false)).collect())
        }
        _ => Json::Bool(false),
    }
}

#[cfg(test)]
mod tests;
