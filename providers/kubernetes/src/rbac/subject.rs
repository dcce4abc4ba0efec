//! Who is allowed something, and by which role.

use crate::field::{Field, Fixed, object_type, text};
use crate::kind::Rules;
use levee_sdk::model::Value;
use serde_json::Value as Json;

pub(crate) const ROLE_REF: &[Field] = &[text("api_group").required(), text("kind").required(), text("name").required()];

pub(crate) const SUBJECT: &[Field] = &[
    text("api_group").optional().computed(),
    text("kind").required(),
    text("name").required(),
    text("namespace").optional().default(Fixed::Text("default")),
];

/// Of bindings: only a service account lies in a namespace, whatever the schema's default says.
pub(crate) struct Binding;

impl Rules for Binding {
    fn written(&self, _: &Value, object: &mut Json) {
        for subject in object["subjects"].as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            if subject.get("kind").and_then(Json::as_str) != Some("ServiceAccount") {
                subject.remove("namespace");
            }
        }
    }
    fn read(&self, _: &Json, known: Option<&Value>, object: Value) -> Value {
        // What is not sent is as it was said.
        let said = known.and_then(|k| k.get("subject"));
        let said = said.as_ref().and_then(Value::elements).unwrap_or_default();
        let subjects = object.get("subject");
        let now = subjects.as_ref().and_then(Value::elements).unwrap_or_default();
        let one = |(at, subject): (usize, &Value)| {
            let is_account = subject.get("kind").is_some_and(|kind| kind.as_str() == Some("ServiceAccount"));
            let namespace = said.get(at).and_then(|s| s.get("namespace")).filter(|n| n.is_known() && !is_account);
            namespace.map_or_else(|| subject.clone(), |namespace| subject.clone().with("namespace", namespace))
        };
        let now: Vec<Value> = now.iter().enumerate().map(one).collect();
        object.with("subject", Value::list(object_type(SUBJECT), now))
    }
}
