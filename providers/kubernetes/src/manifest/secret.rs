//! Secrets among manifests: what of them is never shown, and `stringData`, which is `data` once the cluster has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::model::value::Kind;
use levee_sdk::model::{Path, Step, Value};
use serde_json::{Map, Value as Json};

/// Where an object holds what is never shown; of several objects, where each does.
pub(crate) fn of(object: &Value) -> Vec<Path> {
    match object.kind() {
        Kind::Tuple(elements) | Kind::List(_, elements) => {
            let inside = |(at, element): (usize, &Value)| {
                let of = of(element).into_iter();
                of.map(move |path| Path(std::iter::once(Step::Index(at)).chain(path.0).collect())).collect::<Vec<_>>()
            };
            elements.iter().enumerate().flat_map(inside).collect()
        }
        Kind::Object(_) | Kind::Map(..) if object.get("kind").is_some_and(|kind| kind.unmark().0.as_str() == Some("Secret")) => {
            let there = |name: &&str| object.get(name).is_some_and(|v| !v.is_null());
            ["data", "stringData"].into_iter().filter(there).map(Path::attribute).collect()
        }
        _ => Vec::new(),
    }
}

fn is_secret(object: &Json) -> bool {
    object["kind"] == "Secret" && object["apiVersion"] == "v1"
}

/// The object with its `stringData` in `data`, as the cluster keeps it: only so it is owned by who applied it.
pub(crate) fn packed(mut object: Json) -> Json {
    if !is_secret(&object) {
        return object;
    }
    let Some(Json::Object(texts)) = object.as_object_mut().and_then(|o| o.remove("stringData")) else { return object };
    let mut data = object["data"].as_object().cloned().unwrap_or_default();
    let packed = |(key, value): (String, Json)| {
        // What is no text goes there as it is: the server says best what is wrong with it.
        let packed = value.as_str().map(|text| Json::from(STANDARD.encode(text)));
        (key, packed.unwrap_or(value))
    };
    data.extend(texts.into_iter().map(packed));
    object["data"] = Json::Object(data);
    object
}

/// The object with what its `data` says also as texts in `stringData`.
pub(super) fn open(object: &Json) -> Json {
    let mut object = object.clone();
    if is_secret(&object) {
        let text = |value: &Json| String::from_utf8(STANDARD.decode(value.as_str()?).ok()?).ok();
        let texts = object["data"].as_object().into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), text(value)?.into())));
        object["stringData"] = Json::Object(texts.collect::<Map<_, _>>());
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::mask::{self, Filled};
    use serde_json::json;

    #[test]
    fn texts_of_secrets_are_data_there() {
        let manifest = json!({ "apiVersion": "v1", "kind": "Secret", "data": { "a": "YQ==" }, "stringData": { "b": "b" } });
        let live = packed(manifest.clone());
        assert_eq!(live, json!({ "apiVersion": "v1", "kind": "Secret", "data": { "a": "YQ==", "b": "Yg==" } }));
        let said = mask::value(&manifest);
        assert_eq!(mask::now(&said, &live, &Filled::default()), said);
        let mut changed = live;
        changed["data"]["b"] = json!("Yw==");
        let now = mask::manifest(&mask::now(&said, &changed, &Filled::default()));
        assert_eq!(now["stringData"], json!({ "b": "c" }));
    }

    #[test]
    fn what_secrets_hold_is_found() {
        let objects = json!([{ "kind": "ConfigMap", "data": { "a": "b" } }, { "kind": "Secret", "data": { "a": "b" }, "type": "Opaque" }]);
        let told: Vec<String> = of(&mask::value(&objects)).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["[1].data"]);
    }
}
