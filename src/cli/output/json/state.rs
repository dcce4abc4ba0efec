//! `show -json` of the state.

use super::checks::Check;
use super::resource::{Described, root_module};
use super::{TERRAFORM_VERSION, checks, outputs};
use crate::cli::output::schemas::SchemaBook;
use crate::engine::StateView;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::fmt;

/// Version of the format.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// The document. Of a state without anything in it nothing is said.
#[derive(Serialize)]
pub(crate) struct Document {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Describes a state.
pub(crate) fn document(state: &StateView, schemas: &SchemaBook) -> Document {
    if state.objects.is_empty() && state.outputs.is_empty() {
        return Document { format_version: FORMAT_VERSION, terraform_version: None, values: None, checks: Vec::new() };
    }
    Document {
        format_version: FORMAT_VERSION,
        terraform_version: Some(TERRAFORM_VERSION),
        values: Some(values(state, schemas)),
        checks: checks::all(&state.checks),
    }
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
