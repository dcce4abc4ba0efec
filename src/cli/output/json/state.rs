//! `show -json` of the state.

use super::resource::{Described, root_module};
use super::{TERRAFORM_VERSION, outputs};
use crate::cli::output::schemas::SchemaBook;
use crate::engine::StateView;
use serde_json::{Map, Value as Json, json};

/// Version of the format.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// The document.
pub(crate) fn document(state: &StateView, schemas: &SchemaBook) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), FORMAT_VERSION.into());
    out.insert("terraform_version".into(), TERRAFORM_VERSION.into());
    if !state.objects.is_empty() || !state.outputs.is_empty() {
        out.insert("values".into(), values(state, schemas));
    }
    out.into()
}

fn values(state: &StateView, schemas: &SchemaBook) -> Json {
    let objects = state.objects.iter().map(|object| Described {
        addr: &object.addr,
        value: &object.value,
        deposed: object.deposed.as_ref().map(|key| &*key.0),
        tainted: object.tainted,
        dependencies: &object.dependencies,
    });
    let root = root_module(objects, schemas);
    if state.outputs.is_empty() {
        return json!({ "root_module": root });
    }
    json!({ "outputs": outputs::all(&state.outputs), "root_module": root })
}
