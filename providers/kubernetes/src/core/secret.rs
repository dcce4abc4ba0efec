//! `kubernetes_secret`.

use crate::core::config_map::anew_if_immutable;
use crate::field::{Field, Fixed, boolean, bytes_map, number, text, text_map, timeouts};
use crate::kind::{Kind, Rules, Scope};
use crate::metadata;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::Draft;
use levee_sdk::model::{Diagnostic, Diagnostics, Members, Type, Value};
use serde_json::Value as Json;
use std::sync::Arc;

const FIELDS: &[Field] = &[
    text_map("binary_data").optional().sensitive().local(),
    text_map("binary_data_wo").optional().write_only().local(),
    number("binary_data_wo_revision").optional().local(),
    bytes_map("data").optional().computed().sensitive(),
    text_map("data_wo").optional().write_only().local(),
    number("data_wo_revision").optional().local(),
    boolean("immutable").optional(),
    text("type").optional().force_new().default(Fixed::Text("Opaque")),
    boolean("wait_for_service_account_token").optional().local().default(Fixed::Bool(true)),
    timeouts(&["create"]),
];

/// `kubernetes_secret`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_secret", "kubernetes_secret_v1"],
    doc: "Secrets that pods read.",
    api_version: "v1",
    kind: "Secret",
    plural: "secrets",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &SecretRules,
};

/// What sets secrets apart: their values are in base64 there, in clear here, and some are in base64 on both sides.
pub(crate) struct SecretRules;

impl Rules for SecretRules {
    fn written(&self, planned: &Value, object: &mut Json) {
        let mut data = object["data"].as_object().cloned().unwrap_or_default();
        for name in ["binary_data", "binary_data_wo", "data_wo"] {
            let said = planned.get(name).filter(Value::is_known);
            for (key, value) in said.as_ref().and_then(Value::members).into_iter().flatten() {
                let Some(text) = value.as_str() else { continue };
                // Binary data is in base64 already.
                let packed = if name == "data_wo" { STANDARD.encode(text) } else { text.to_owned() };
                data.insert(key.to_string(), packed.into());
            }
        }
        if !data.is_empty() {
            object["data"] = Json::Object(data);
        }
    }

    fn read(&self, live: &Json, known: Option<&Value>, object: Value) -> Value {
        let says = |name: &str| known.and_then(|k| k.get(name)).filter(|v| !v.is_null() && v.is_known());
        if ["data_wo", "data_wo_revision", "binary_data_wo", "binary_data_wo_revision"].into_iter().any(|name| says(name).is_some()) {
            // What was written so that nobody may read it is not read back.
            return object.with("data", says("data").unwrap_or_else(|| Value::null(Type::map(Type::String))));
        }
        let Some(binary) = says("binary_data") else { return object };
        let keys = || binary.members().into_iter().flat_map(Members::keys);
        let now: Members = keys().filter_map(|key| Some((key.clone(), Value::string(live["data"][&**key].as_str()?)))).collect();
        let data = object.get("data").unwrap_or_else(|| Value::null(Type::Dynamic));
        let is_binary = |key: &Arc<str>| keys().any(|k| k == key);
        let object = object.with("binary_data", Value::map(Type::String, now));
        match data.members() {
            Some(data) => {
                let rest = data.iter().filter(|(key, _)| !is_binary(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
                object.with("data", Value::map(Type::String, rest))
            }
            None => object,
        }
    }

    fn plan(&self, draft: &mut Draft) {
        anew_if_immutable(draft);
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let is_set = |name: &str| config.get(name).is_some_and(|v| !v.is_null());
        let pairs = [("data", "data_wo"), ("binary_data", "binary_data_wo")];
        let both = pairs.iter().filter(|(open, hidden)| is_set(open) && is_set(hidden));
        let told = both.map(|(open, hidden)| Diagnostic::error(format!("Both {open} and {hidden} are set"), "One of them is enough."));
        told.collect()
    }
}
