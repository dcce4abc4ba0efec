//! `show -json` of a plan.

use super::resource::{Described, identity, root_module};
use super::{TERRAFORM_VERSION, timestamp, values};
use crate::cli::output::schemas::SchemaBook;
use crate::plan::{OutputChange, Plan, PlannedCheck};
use levee_model::{Action, Change, Mode, Reason, ReplaceOrder, Value, json as model_json};
use serde_json::{Map, Value as Json, json};

/// Version of the format.
pub(crate) const FORMAT_VERSION: &str = "1.2";

/// The document.
pub(crate) fn document(plan: &Plan, schemas: &SchemaBook) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), FORMAT_VERSION.into());
    out.insert("terraform_version".into(), TERRAFORM_VERSION.into());
    if !plan.variables.is_empty() {
        let variable = |v: &Value| json!({ "value": model_json::to_json(v) });
        let all: Map<String, Json> = plan.variables.iter().map(|(n, v)| (n.to_string(), variable(v))).collect();
        out.insert("variables".into(), all.into());
    }
    out.insert("planned_values".into(), planned_values(plan, schemas));
    if !plan.drift.is_empty() {
        out.insert("resource_drift".into(), plan.drift.iter().map(|c| resource_change(c, schemas)).collect());
    }
    if !plan.changes.is_empty() {
        out.insert("resource_changes".into(), plan.changes.iter().map(|c| resource_change(c, schemas)).collect());
    }
    if !plan.outputs.is_empty() {
        let all: Map<String, Json> = plan.outputs.iter().map(|(n, o)| (n.to_string(), output_change(o))).collect();
        out.insert("output_changes".into(), all.into());
    }
    out.insert("prior_state".into(), prior_state(plan, schemas));
    if !plan.checks.is_empty() {
        out.insert("checks".into(), plan.checks.iter().map(check).collect());
    }
    out.insert("timestamp".into(), timestamp::now().into());
    out.insert("applyable".into(), (plan.has_changes() || !plan.drift.is_empty()).into());
    out.insert("complete".into(), (!plan.targeted).into());
    out.insert("errored".into(), false.into());
    out.into()
}

fn planned_values(plan: &Plan, schemas: &SchemaBook) -> Json {
    let stays = |c: &&Change| c.deposed.is_none() && c.addr.mode != Mode::Data;
    let objects = plan.changes.iter().filter(stays).filter_map(|c| Some(described(c, c.after.as_ref()?)));
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

fn resource_change(change: &Change, schemas: &SchemaBook) -> Json {
    let schema = schemas.get(&change.addr).map(|e| &e.schema.block);
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let mut inner = Map::new();
    inner.insert("actions".into(), actions(change.action));
    inner.insert("before".into(), values::known(before));
    inner.insert("after".into(), values::known(after));
    inner.insert("after_unknown".into(), values::unknown(after));
    inner.insert("before_sensitive".into(), values::sensitive(before, schema));
    inner.insert("after_sensitive".into(), values::sensitive(after, schema));
    if !change.replace_paths.is_empty() {
        inner.insert("replace_paths".into(), change.replace_paths.iter().map(values::path).collect());
    }
    let mut out = identity(&change.addr, schemas);
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
    let secret = |v: Option<&Value>| {
        if output.sensitive { Json::Bool(true) } else { v.map_or(Json::Bool(false), |v| values::sensitive(Some(v), None)) }
    };
    json!({
        "actions": actions(output.action),
        "before": values::known(output.before.as_ref()),
        "after": values::known(output.after.as_ref()),
        "after_unknown": values::unknown(output.after.as_ref()),
        "before_sensitive": secret(output.before.as_ref()),
        "after_sensitive": secret(output.after.as_ref()),
    })
}

fn check(check: &PlannedCheck) -> Json {
    let status = match check.passed {
        Some(true) => "pass",
        Some(false) => "fail",
        None => "unknown",
    };
    let problems: Vec<Json> = check.message.iter().map(|m| json!({ "message": m })).collect();
    json!({ "address": { "to_display": check.addr }, "status": status, "problems": problems })
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
        Reason::NoModule => "delete_because_no_module",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::GoneOutside => return None,
    })
}

#[cfg(test)]
mod tests;
