//! `show -json` of a plan.

use super::checks::Check;
use super::resource::{Described, identity, root_module};
use super::{TERRAFORM_VERSION, checks, configuration, timestamp, values};
use crate::cli::output::schemas::SchemaBook;
use crate::config::Config;
use crate::plan::{OutputChange, Plan, RelevantAttribute};
use levee_model::{Action, Change, InstanceAddr, Reason, ReplaceOrder, Type, Value, json as model_json};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Version of the format.
pub(crate) const FORMAT_VERSION: &str = "1.2";

/// The document. Its members stand in Terraform's order; what is null or empty is left out where Terraform does.
#[derive(Serialize)]
pub(crate) struct Document {
    format_version: &'static str,
    terraform_version: &'static str,
    #[serde(skip_serializing_if = "Json::is_null")]
    variables: Json,
    planned_values: Json,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_drift: Vec<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_changes: Vec<Json>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    output_changes: Map<String, Json>,
    prior_state: Json,
    configuration: Json,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_attributes: Vec<Relevant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
    timestamp: String,
    applyable: bool,
    complete: bool,
    errored: bool,
}

#[derive(Serialize)]
struct Relevant {
    resource: String,
    attribute: Json,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Describes a plan and the configuration that it was made from.
pub(crate) fn document(plan: &Plan, config: &Config, relevant: &BTreeSet<RelevantAttribute>, schemas: &SchemaBook) -> Document {
    let attribute = |r: &RelevantAttribute| Relevant { resource: r.resource.to_string(), attribute: values::path(&r.path) };
    Document {
        format_version: FORMAT_VERSION,
        terraform_version: TERRAFORM_VERSION,
        variables: variables(plan),
        planned_values: planned_values(plan, schemas),
        resource_drift: plan.drift.iter().map(|c| resource_change(c, schemas)).collect(),
        resource_changes: plan.changes.iter().map(|c| planned_change(c, plan, schemas)).collect(),
        output_changes: plan.outputs.iter().map(|(n, o)| (n.to_string(), output_change(o))).collect(),
        prior_state: prior_state(plan, schemas),
        configuration: configuration::document(config, schemas, &plan.generated.keys().map(InstanceAddr::resource).collect()),
        relevant_attributes: relevant.iter().map(attribute).collect(),
        checks: checks::all(&plan.checks),
        timestamp: timestamp::now(),
        applyable: plan.is_applyable(),
        complete: !plan.targeted,
        errored: false,
    }
}

fn variables(plan: &Plan) -> Json {
    if plan.variables.is_empty() {
        return Json::Null;
    }
    let variable = |v: &Value| json!({ "value": model_json::to_json(v) });
    plan.variables.iter().map(|(n, v)| (n.to_string(), variable(v))).collect::<Map<_, _>>().into()
}

fn planned_values(plan: &Plan, schemas: &SchemaBook) -> Json {
    let stays = |c: &&Arc<Change>| c.deposed.is_none() && c.action != Action::Delete;
    // What is forgotten stays where it is, though nothing is known of it any more.
    let forgotten = Value::null(Type::Dynamic);
    let objects = plan.changes.iter().filter(stays);
    let objects = objects.filter_map(|c| Some(described(c, if c.action == Action::Forget { &forgotten } else { c.after.as_ref()? })));
    let outputs: Map<String, Json> =
        plan.outputs.iter().filter_map(|(name, o)| Some((name.to_string(), values::output(o.after.as_ref()?, o.sensitive)))).collect();
    let root = root_module(objects, schemas);
    if outputs.is_empty() { json!({ "root_module": root }) } else { json!({ "outputs": outputs, "root_module": root }) }
}

fn prior_state(plan: &Plan, schemas: &SchemaBook) -> Json {
    let objects = plan.changes.iter().filter_map(|c| Some(described(c, c.before.as_ref()?)));
    let outputs: Map<String, Json> =
        plan.outputs.iter().filter_map(|(name, o)| Some((name.to_string(), values::output(o.before.as_ref()?, o.sensitive)))).collect();
    json!({
        "format_version": super::state::FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "values": { "outputs": outputs, "root_module": root_module(objects, schemas) },
    })
}

fn described<'a>(change: &'a Change, value: &'a Value) -> Described<'a> {
    let deposed = change.deposed.as_ref().map(|key| &*key.0);
    Described { addr: &change.addr, value, deposed, tainted: false, dependencies: &[] }
}

fn planned_change(change: &Change, plan: &Plan, schemas: &SchemaBook) -> Json {
    let mut out = resource_change(change, schemas);
    if let Some(block) = plan.generated.get(&change.addr) {
        out["change"]["generated_config"] = (**block).into();
    }
    out
}

fn resource_change(change: &Change, schemas: &SchemaBook) -> Json {
    let entry = schemas.get(&change.addr);
    let schema = entry.as_ref().map(|e| &e.schema.block);
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let mut inner = Map::new();
    inner.insert("actions".into(), actions(change.action));
    inner.insert("before".into(), values::known(before));
    inner.insert("after".into(), values::known(after));
    let known = after.is_none_or(Value::is_wholly_known);
    inner.insert("after_unknown".into(), if known { json!({}) } else { values::unknown(after) });
    inner.insert("before_sensitive".into(), values::sensitive(before, schema));
    inner.insert("after_sensitive".into(), values::sensitive(after, schema));
    if !change.replace_paths.is_empty() {
        inner.insert("replace_paths".into(), change.replace_paths.iter().map(values::path).collect());
    }
    if let Some(id) = &change.importing {
        inner.insert("importing".into(), json!({ "id": &**id }));
    }
    let mut out = identity(&change.addr, schemas);
    if let Some(previous) = &change.previous {
        out.insert("previous_address".into(), previous.to_string().into());
    }
    if !change.addr.module.is_root() {
        out.insert("module_address".into(), change.addr.module.to_string().into());
    }
    if let Some(key) = &change.deposed {
        out.insert("deposed".into(), (*key.0).into());
    }
    out.insert("change".into(), inner.into());
    if let Some(reason) = action_reason(change) {
        out.insert("action_reason".into(), reason.into());
    }
    out.into()
}

fn output_change(output: &OutputChange) -> Json {
    let mut out = Map::new();
    out.insert("actions".into(), actions(output.action));
    out.insert("before".into(), values::known(output.before.as_ref()));
    if output.after.as_ref().is_none_or(Value::is_known) {
        out.insert("after".into(), values::known(output.after.as_ref()));
    }
    let known = output.after.as_ref().is_none_or(Value::is_wholly_known);
    let unknown = if known { Json::Bool(false) } else { values::unknown(output.after.as_ref()) };
    out.insert("after_unknown".into(), unknown);
    out.insert("before_sensitive".into(), output.sensitive.into());
    out.insert("after_sensitive".into(), output.sensitive.into());
    out.into()
}

fn actions(action: Action) -> Json {
    match action {
        Action::NoOp => json!(["no-op"]),
        Action::Create => json!(["create"]),
        Action::Read => json!(["read"]),
        Action::Update => json!(["update"]),
        Action::Replace(ReplaceOrder::DeleteThenCreate) => json!(["delete", "create"]),
        Action::Replace(ReplaceOrder::CreateThenDelete) => json!(["create", "delete"]),
        Action::Delete => json!(["delete"]),
        Action::Forget => json!(["forget"]),
    }
}

/// Terraform's word for the reason of a change.
pub(crate) fn action_reason(change: &Change) -> Option<&'static str> {
    Some(match change.reason.as_ref()? {
        Reason::CannotUpdate(_) => "replace_because_cannot_update",
        Reason::Tainted => "replace_because_tainted",
        Reason::ByRequest => "replace_by_request",
        Reason::ByTriggers(_) => "replace_by_triggers",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoMoveTarget => "delete_because_no_move_target",
        Reason::NoModule => "delete_because_no_module",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::CheckNested => "read_because_check_nested",
        Reason::GoneOutside => return None,
    })
}

#[cfg(test)]
mod tests;
