//! The machine-readable event stream of `plan -json` and `apply -json`: one JSON object a line, in Terraform's format.

use super::{
    TERRAFORM_VERSION, diagnostic as json_diagnostic, outputs as json_outputs, plan as json_plan, resource as json_resource, timestamp,
};
use crate::event::{ProvisionMoment, StepKind, Subject, Summary};
use crate::plan::{OutputChange, Plan};
use levee_model::{Action, Change, Diagnostic, InstanceAddr, Sources, Value};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Version of the event format.
const UI_VERSION: &str = "1.2";

/// An event of a type, with the fields that every event has.
fn event(level: &str, kind: &str, message: impl Into<String>, rest: Json) -> Json {
    let mut out = Map::new();
    out.insert("@level".into(), level.into());
    out.insert("@message".into(), message.into().into());
    out.insert("@module".into(), "terraform.ui".into());
    out.insert("@timestamp".into(), timestamp::now().into());
    if let Json::Object(rest) = rest {
        out.extend(rest);
    }
    out.insert("type".into(), kind.into());
    out.into()
}

/// The first event of every stream.
pub(crate) fn version() -> Json {
    let ours = env!("CARGO_PKG_VERSION");
    let rest = json!({ "levee": ours, "terraform": TERRAFORM_VERSION, "ui": UI_VERSION });
    event("info", "version", format!("levee {ours}"), rest)
}

/// Something to tell outside of a result.
pub(crate) fn log(text: &str) -> Json {
    event("info", "log", text, Json::Null)
}

/// A stage of `init`; the code tells programs which.
pub(crate) fn init_output(code: &str, text: &str) -> Json {
    event("info", "init_output", text, json!({ "message_code": code }))
}

/// A message.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, sources: Option<&Sources>) -> Json {
    let (level, word) = if diagnostic.is_error() { ("error", "Error") } else { ("warn", "Warning") };
    let rest = json!({ "diagnostic": json_diagnostic::diagnostic(diagnostic, sources) });
    event(level, "diagnostic", format!("{word}: {}", diagnostic.summary), rest)
}

fn resource(addr: &InstanceAddr) -> Json {
    let within = InstanceAddr { module: levee_model::ModuleInstance::root(), ..addr.clone() };
    json!({
        "addr": addr.to_string(),
        "module": addr.module.to_string(),
        "resource": within.to_string(),
        "implied_provider": addr.type_name.split('_').next().unwrap_or_default(),
        "resource_type": &*addr.type_name,
        "resource_name": &*addr.name,
        "resource_key": json_resource::index(&addr.key),
    })
}

/// All events of a finished plan: drift, changes, the summary and the outputs.
pub(crate) fn plan(plan: &Plan) -> Vec<Json> {
    let drift = plan.drift.iter().map(|c| change_event("resource_drift", "Drift detected", c));
    let planned = plan.changes.iter().filter(|c| c.action != Action::NoOp || c.importing.is_some() || c.previous.is_some());
    let mut out: Vec<Json> = drift.chain(planned.map(|c| planned_change(c))).collect();
    let (add, change, remove) = plan.counts();
    let imported = plan.imported();
    let import = if imported > 0 { format!("{imported} to import, ") } else { String::new() };
    let message = format!("Plan: {import}{add} to add, {change} to change, {remove} to destroy.");
    let counts = Summary { imported, added: add, changed: change, destroyed: remove, ..Summary::default() };
    let mut summary = change_summary(message, counts, "plan");
    if let Some(expected) = &plan.expected {
        // Not in Terraform's format, whose readers are told to pass over what they do not know.
        summary["expected_seconds"] = json!((expected.duration.as_secs_f64() * 10.0).round() / 10.0);
    }
    out.push(summary);
    if !plan.outputs.is_empty() {
        let all: Map<String, Json> = plan.outputs.iter().map(|(n, o)| (n.to_string(), planned_output(o))).collect();
        out.push(event("info", "outputs", format!("Outputs: {}", all.len()), json!({ "outputs": all })));
    }
    out
}

/// What is to happen to an object.
pub(crate) fn planned_change(change: &Change) -> Json {
    change_event("planned_change", "Plan to", change)
}

fn change_event(kind: &str, verb: &str, change: &Change) -> Json {
    let action = match change.action {
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp if change.previous.is_some() => "move",
        other => action(other),
    };
    let mut inner = Map::new();
    inner.insert("resource".into(), resource(&change.addr));
    if let Some(previous) = &change.previous {
        inner.insert("previous_resource".into(), resource(previous));
    }
    if let Some(id) = &change.importing {
        inner.insert("importing".into(), json!({ "id": &**id }));
    }
    inner.insert("action".into(), action.into());
    if let Some(reason) = json_plan::action_reason(change) {
        inner.insert("reason".into(), streamed(reason).into());
    }
    let what = if kind == "resource_drift" { format!("({action})") } else { action.to_owned() };
    event("info", kind, format!("{}: {verb} {what}", change.addr), json!({ "change": inner }))
}

/// The stream has shorter words for why something is replaced.
fn streamed(reason: &'static str) -> &'static str {
    match reason {
        "replace_by_request" => "requested",
        "replace_by_triggers" => "replace_triggered_by",
        other => other.strip_prefix("replace_because_").unwrap_or(other),
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Replace(_) => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

fn planned_output(output: &OutputChange) -> Json {
    json!({ "sensitive": output.sensitive, "action": action(output.action) })
}

/// What was planned, or done.
pub(crate) fn change_summary(message: String, counts: Summary, operation: &str) -> Json {
    let changes = json!({
        "add": counts.added,
        "change": counts.changed,
        "import": counts.imported,
        "remove": counts.destroyed,
        "operation": operation,
    });
    event("info", "change_summary", message, json!({ "changes": changes }))
}

/// The outputs after a run; sensitive values are left out.
pub(crate) fn outputs(all: &BTreeMap<Arc<str>, Value>) -> Json {
    let Json::Object(mut shown) = json_outputs::all(all) else { return Json::Null };
    for (name, value) in all {
        if value.has_marks()
            && let Some(Json::Object(members)) = shown.get_mut(&**name)
        {
            members.remove("value");
        }
    }
    event("info", "outputs", format!("Outputs: {}", all.len()), json!({ "outputs": shown }))
}

/// An object is being read, or has been.
pub(crate) fn refresh(subject: &Subject, done: bool, message: String) -> Json {
    let mut hook = Map::new();
    hook.insert("resource".into(), resource(&subject.addr));
    identify(&mut hook, subject);
    let kind = if done { "refresh_complete" } else { "refresh_start" };
    event("info", kind, message, json!({ "hook": hook }))
}

/// A moment of a step, with what the format calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Start,
    Progress(Duration),
    Complete(Duration),
    Errored(Duration),
}

/// A step begins, goes on, or ends.
pub(crate) fn step(subject: &Subject, kind: StepKind, moment: Moment, message: String) -> Json {
    let mut hook = Map::new();
    hook.insert("resource".into(), resource(&subject.addr));
    hook.insert("action".into(), step_action(kind).into());
    let gone = matches!((kind, moment), (StepKind::Delete, Moment::Complete(_)));
    if !gone && !matches!(moment, Moment::Progress(_) | Moment::Errored(_)) {
        identify(&mut hook, subject);
    }
    let (level, name, elapsed) = match moment {
        Moment::Start => ("info", "apply_start", None),
        Moment::Progress(elapsed) => ("info", "apply_progress", Some(elapsed)),
        Moment::Complete(elapsed) => ("info", "apply_complete", Some(elapsed)),
        Moment::Errored(elapsed) => ("info", "apply_errored", Some(elapsed)),
    };
    if let Some(elapsed) = elapsed {
        hook.insert("elapsed_seconds".into(), elapsed.as_secs().into());
    }
    event(level, name, message, json!({ "hook": hook }))
}

/// A provisioner begins, says something, or ends.
pub(crate) fn provision(subject: &Subject, provisioner: &str, moment: &ProvisionMoment) -> Json {
    let addr = &subject.addr;
    let mut hook = Map::new();
    hook.insert("resource".into(), resource(addr));
    hook.insert("provisioner".into(), provisioner.into());
    let (name, message) = match moment {
        ProvisionMoment::Started => ("provision_start", format!("{addr}: Provisioning with '{provisioner}'...")),
        ProvisionMoment::Output(line) => {
            hook.insert("output".into(), line.clone().into());
            ("provision_progress", format!("{addr}: ({provisioner}): {line}"))
        }
        ProvisionMoment::Finished => ("provision_complete", format!("{addr}: ({provisioner}) Provisioning complete")),
        ProvisionMoment::Failed => ("provision_errored", format!("{addr}: ({provisioner}) Provisioning errored")),
    };
    event("info", name, message, json!({ "hook": hook }))
}

fn identify(hook: &mut Map<String, Json>, subject: &Subject) {
    if let Some(id) = &subject.id {
        hook.insert("id_key".into(), "id".into());
        hook.insert("id_value".into(), id.clone().into());
    }
}

fn step_action(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Create => "create",
        StepKind::Update => "update",
        StepKind::Delete => "delete",
        StepKind::Read => "read",
        StepKind::Forget => "remove",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_what_readers_expect() {
        let subject =
            Subject { addr: "module.net[0].aws_vpc.a[\"x\"]".parse().expect("an address"), deposed: None, id: Some("vpc-1".into()) };
        let found = step(&subject, StepKind::Create, Moment::Complete(Duration::from_secs(61)), "done".into());
        assert_eq!(found["type"], "apply_complete");
        assert_eq!(found["@module"], "terraform.ui");
        let expected = json!({
            "resource": {
                "addr": "module.net[0].aws_vpc.a[\"x\"]", "module": "module.net[0]", "resource": "aws_vpc.a[\"x\"]",
                "implied_provider": "aws", "resource_type": "aws_vpc", "resource_name": "a", "resource_key": "x",
            },
            "action": "create", "id_key": "id", "id_value": "vpc-1", "elapsed_seconds": 61,
        });
        assert_eq!(found["hook"], expected);
    }

    #[test]
    fn reasons_are_those_of_the_stream() {
        for (reason, expected) in [
            ("replace_because_tainted", "tainted"),
            ("replace_by_request", "requested"),
            ("replace_by_triggers", "replace_triggered_by"),
            ("read_because_config_unknown", "read_because_config_unknown"),
            ("delete_because_each_key", "delete_because_each_key"),
        ] {
            assert_eq!(streamed(reason), expected);
        }
    }

    #[test]
    fn secrets_are_left_out() {
        let all = BTreeMap::from([
            (Arc::from("plain"), Value::string("shown")),
            (Arc::from("secret"), Value::string("hidden").sensitive()),
            (Arc::from("part"), Value::tuple(vec![Value::string("hidden").sensitive()])),
        ]);
        let text = outputs(&all).to_string();
        assert!(text.contains("shown") && !text.contains("hidden"), "{text}");
    }
}
