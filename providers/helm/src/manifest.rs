//! What a chart renders: objects in a YAML text, by what names them, with nothing in them that is not to be shown.

use crate::run::without;
use crate::values::{self, HIDDEN};
use serde_json::{Map, Value as Json};

/// The objects of a manifest by `apps/v1/Deployment/shop/web`. What Secrets hold, and `secrets` wherever they stand, is hidden.
pub(crate) fn shown(manifest: &str, secrets: &[String]) -> Map<String, Json> {
    objects(manifest).into_iter().map(|(key, object)| (key, hidden(object, secrets))).collect()
}

/// The objects of a manifest as they are.
pub(crate) fn objects(manifest: &str) -> Map<String, Json> {
    let documents = documents(manifest);
    let read = documents.iter().filter_map(|text| values::yaml(text).ok()).filter(Json::is_object);
    read.map(|object| (key(&object), object)).collect()
}

/// The texts between lines of three dashes.
pub(crate) fn documents(manifest: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for line in manifest.lines() {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    out
}

fn key(object: &Json) -> String {
    let text = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
    let parts = [text("/apiVersion"), text("/kind"), text("/metadata/namespace"), text("/metadata/name")];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("/")
}

/// An object without what is not to be shown.
pub(crate) fn hidden(mut object: Json, secrets: &[String]) -> Json {
    if object["kind"] == "Secret" {
        for part in ["data", "stringData"] {
            if let Some(members) = object.get_mut(part).and_then(Json::as_object_mut) {
                members.values_mut().for_each(|value| *value = HIDDEN.into());
            }
        }
    }
    let packed = packed(secrets);
    redact(&mut object, &packed);
    object
}

/// Secrets as they are, and as base64 has them.
fn packed(secrets: &[String]) -> Vec<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    secrets.iter().cloned().chain(secrets.iter().map(|s| STANDARD.encode(s))).collect()
}

fn redact(value: &mut Json, secrets: &[String]) {
    match value {
        Json::String(text) => *text = without(text, secrets),
        Json::Number(number) if secrets.contains(&number.to_string()) => *value = HIDDEN.into(),
        Json::Array(elements) => elements.iter_mut().for_each(|e| redact(e, secrets)),
        Json::Object(members) => members.values_mut().for_each(|m| redact(m, secrets)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "---\n# Source: a\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\ndata: {a: aHVzaA==}\n---\n\
        apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {url: 'db://me:hush@host', n: 4711, b: aHVzaA==}\n---\n\n";

    #[test]
    fn objects_are_named_and_secrets_hidden() {
        let shown = shown(MANIFEST, &["hush".into(), "4711".into()]);
        assert_eq!(shown.keys().collect::<Vec<_>>(), ["v1/ConfigMap/c", "v1/Secret/ns/s"]);
        let text = Json::Object(shown).to_string();
        assert!(!text.contains("hush") && !text.contains("aHVz") && !text.contains("4711"), "{text}");
        assert!(text.contains("db://me:(sensitive value)@host"), "{text}");
        assert_eq!(objects(MANIFEST).len(), 2);
    }
}
