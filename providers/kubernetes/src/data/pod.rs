//! The data source `kubernetes_pod`.

use crate::data::metadata;
use crate::field::{Field, one, text};
use crate::kind::{Kind, Rules, Scope};
use crate::pods::spec::POD_SPEC;
use levee_sdk::model::Value;
use serde_json::Value as Json;

const FIELDS: &[Field] = &[one("spec", POD_SPEC).computed().attribute(), text("status").computed().local()];

/// The data source `kubernetes_pod`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_pod", "kubernetes_pod_v1"],
    doc: "An object that is there: Pod.",
    api_version: "v1",
    kind: "Pod",
    plural: "pods",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED_MADE_UP,
    fields: FIELDS,
    rules: &PodRules,
};

struct PodRules;

impl Rules for PodRules {
    fn read(&self, live: &Json, _: Option<&Value>, object: Value) -> Value {
        // Of its status no more is told than how far it is.
        match live.pointer("/status/phase").and_then(Json::as_str) {
            Some(phase) => object.with("status", Value::string(phase)),
            None => object,
        }
    }
}
