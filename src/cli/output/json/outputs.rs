//! Outputs of the root module, as `output -json` and `show -json` hold them.

use super::values;
use levee_model::{Value, json};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every output with its type, value and whether it is sensitive.
pub(crate) fn all(outputs: &BTreeMap<Arc<str>, Value>) -> Json {
    let all: Map<String, Json> = outputs.iter().map(|(name, v)| (name.to_string(), values::output(v, v.is_sensitive()))).collect();
    all.into()
}

/// The value of one output alone.
pub(crate) fn one(value: &Value) -> Json {
    json::to_json(value)
}
