//! What of an object is ours, where nothing but its manifest says so: the members that the manifest has, as they are now.

use crate::manifest::secret;
use crate::quantity;
use levee_sdk::model::value::Kind;
use levee_sdk::model::{Type, Value, json};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::sync::Arc;

/// A path that is the cluster's to fill in, such as `spec.template.metadata.annotations`: what lies there is no difference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filled(Vec<Vec<String>>);

impl Filled {
    /// From paths with dots. `metadata.annotations["a.b/c"]` is one of three names.
    pub(crate) fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self(paths.into_iter().map(steps).collect())
    }

    fn holds(&self, at: &[String]) -> bool {
        self.0.iter().any(|path| !path.is_empty() && at.starts_with(path))
    }
}

/// The names of a path: dots and brackets part them, quotes hold them together.
pub(crate) fn steps(path: &str) -> Vec<String> {
    let (mut out, mut name, mut quoted) = (Vec::new(), String::new(), false);
    for c in path.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' | '[' | ']' if !quoted => {
                if !name.is_empty() {
                    out.push(std::mem::take(&mut name));
                }
            }
            c => name.push(c),
        }
    }
    if !name.is_empty() {
        out.push(name);
    }
    out
}

/// What stands at a path.
pub(crate) fn at<'a>(object: &'a Json, path: &str) -> Option<&'a Json> {
    steps(path).iter().try_fold(object, |json, step| match json {
        Json::Array(elements) => elements.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// The manifest as it is now: what it says, in the cluster's words.
pub(crate) fn now(manifest: &Value, live: &Json, filled: &Filled) -> Value {
    let live = if manifest.get("stringData").is_some() { Cow::Owned(secret::open(live)) } else { Cow::Borrowed(live) };
    masked(manifest, Some(&live), filled, &mut Vec::new()).unwrap_or_else(|| manifest.clone())
}

/// `None` where it is not there any more.
fn masked(said: &Value, live: Option<&Json>, filled: &Filled, at: &mut Vec<String>) -> Option<Value> {
    if said.is_null() || filled.holds(at) {
        return Some(said.clone());
    }
    let Some(live) = live.filter(|l| !l.is_null()) else { return is_nothing(said).then(|| said.clone()) };
    match (said.kind(), live) {
        (Kind::Object(members) | Kind::Map(_, members), Json::Object(there)) => {
            let kept = members.iter().filter_map(|(name, value)| {
                at.push(name.to_string());
                let now = masked(value, there.get(&**name), filled, at);
                at.pop();
                Some((name.clone(), now?))
            });
            Some(Value::object(kept.collect()))
        }
        (Kind::Tuple(elements) | Kind::List(_, elements), Json::Array(there)) => Some(list(elements, there, filled, at)),
        (Kind::String(text), Json::String(now)) if quantity::same(text, now) => Some(said.clone()),
        // An amount may be written as a number, and is a text there.
        (Kind::Number(n), Json::String(now)) if quantity::same(&n.to_string(), now) => Some(said.clone()),
        _ if json::to_json(said) == *live || same_number(said, live) => Some(said.clone()),
        _ => Some(value(live)),
    }
}

/// Elements with names are told apart by them, and what others added is not ours; other lists are a whole.
fn list(said: &[Value], live: &[Json], filled: &Filled, at: &mut Vec<String>) -> Value {
    let name = |v: &Value| v.get("name").and_then(|n| n.as_str().map(str::to_owned));
    let are_named = said.iter().all(|v| name(v).is_some()) && live.iter().all(|l| l["name"].is_string());
    let mut out = Vec::new();
    for (i, element) in said.iter().enumerate() {
        let wanted = name(element);
        let live = if are_named { live.iter().find(|l| l["name"].as_str() == wanted.as_deref()) } else { live.get(i) };
        at.push(i.to_string());
        let now = live.and_then(|live| masked(element, Some(live), filled, at));
        at.pop();
        out.extend(now);
    }
    if !are_named {
        out.extend(live.iter().skip(said.len()).map(value));
    }
    Value::tuple(out)
}

fn same_number(said: &Value, live: &Json) -> bool {
    let live = live.as_number().and_then(|n| levee_sdk::model::Number::parse(&n.to_string()));
    live.is_some_and(|live| said.as_number() == Some(&live))
}

/// What Kubernetes leaves out of its answers.
fn is_nothing(value: &Value) -> bool {
    match value.kind() {
        Kind::Bool(b) => !b,
        Kind::Number(n) => n.as_i64() == Some(0),
        Kind::String(s) => s.is_empty(),
        Kind::Tuple(e) | Kind::List(_, e) => e.is_empty(),
        Kind::Object(m) | Kind::Map(_, m) => m.values().all(|v| v.is_null() || is_nothing(v)),
        _ => false,
    }
}

/// JSON as a value of whatever type it has.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => levee_sdk::model::Number::parse(&n.to_string()).map_or_else(|| Value::null(Type::Number), Value::number),
        Json::String(s) => Value::string(s.as_str()),
        Json::Array(elements) => Value::tuple(elements.iter().map(value).collect::<Vec<_>>()),
        Json::Object(members) => Value::object(members.iter().map(|(k, v)| (Arc::from(k.as_str()), value(v))).collect()),
    }
}

/// A value as a manifest: what is null is not said.
pub(crate) fn manifest(value: &Value) -> Json {
    fn without_nulls(json: Json) -> Json {
        match json {
            Json::Object(members) => {
                let said = members.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v)));
                Json::Object(said.collect::<Map<_, _>>())
            }
            Json::Array(elements) => Json::Array(elements.into_iter().map(without_nulls).collect()),
            other => other,
        }
    }
    without_nulls(json::to_json(value))
}

/// The object without what changes by itself, and what is not ours to write.
pub(crate) fn quiet(mut object: Json) -> Json {
    if let Some(members) = object.as_object_mut() {
        members.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for name in ["managedFields", "resourceVersion", "generation", "selfLink"] {
            metadata.remove(name);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) {
            annotations.remove(crate::metadata::OP_ANNOTATION);
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_manifest_says_is_looked_at_and_nothing_else() {
        let said = value(&json!({
            "metadata": { "labels": { "a": "1" }, "annotations": { "x.y/z": "old" } },
            "spec": { "paused": false, "cpu": "1000m", "gpu": 2, "gone": 1, "null": null, "n": 3, "list": [1, 2], "named": [{ "name": "b", "v": 1 }] },
        }));
        let live = json!({
            "metadata": { "labels": { "a": "2", "theirs": "1" }, "annotations": { "x.y/z": "new" }, "uid": "u" },
            "spec": { "cpu": "1", "gpu": "2", "n": 3.0, "list": [1, 2, 3], "named": [{ "name": "a", "v": 9 }, { "name": "b", "v": 1, "w": 2 }], "w": 1 },
        });
        let filled = Filled::of([r#"metadata.annotations["x.y/z"]"#]);
        let wanted = value(&json!({
            "metadata": { "labels": { "a": "2" }, "annotations": { "x.y/z": "old" } },
            "spec": { "paused": false, "cpu": "1000m", "gpu": 2, "null": null, "n": 3, "list": [1, 2, 3], "named": [{ "name": "b", "v": 1 }] },
        }));
        assert_eq!(now(&said, &live, &filled), wanted);
    }

    #[test]
    fn paths_may_hold_dots_in_quotes() {
        assert_eq!(steps(r#"metadata.annotations["a.b/c"].x[0]"#), ["metadata", "annotations", "a.b/c", "x", "0"]);
        assert_eq!(at(&json!({ "a": [{ "b": 7 }] }), "a[0].b"), Some(&json!(7)));
    }
}
