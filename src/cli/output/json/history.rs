//! What the store remembers, as documents. Sensitive values are null in them, and named in trees beside them.

use super::{timestamp, values};
use crate::cli::output::history::{end, kind};
use crate::cli::output::plan::block::secret_like;
use crate::cli::output::schemas::SchemaBook;
use crate::engine::history::{PastRun, PastVersion, StateDifference};
use crate::engine::{CheckReport, RunRecord, StateObject};
use levee_model::json::marked_tree;
use levee_model::{Marks, Value};
use levee_sdk::schema::Block;
use serde_json::{Value as Json, json};

const FORMAT_VERSION: &str = "1.0";

/// All runs.
pub(crate) fn runs(runs: &[PastRun]) -> Json {
    let all = runs.iter().map(|past| {
        let mut out = run(&past.record);
        out["objects"] = past.objects.into();
        out
    });
    json!({ "format_version": FORMAT_VERSION, "runs": all.collect::<Vec<_>>() })
}

fn run(record: &RunRecord) -> Json {
    json!({
        "run": record.id.0,
        "kind": kind(record),
        "outcome": end(record),
        "who": record.who,
        "started_at": timestamp::of(record.started),
        "ended_at": record.ended.map(|(at, _)| timestamp::of(at)),
        "serial": record.serial,
        "steps": record.entries,
        "steps_in_doubt": record.unresolved,
        "resumed": record.resumed,
        "levee_version": record.spec.levee_version,
    })
}

/// The versions of an instance.
pub(crate) fn versions(versions: &[PastVersion], schemas: &SchemaBook) -> Json {
    let all = versions.iter().map(|version| {
        json!({
            "run": run(&version.run),
            "actions": version.actions,
            "deposed": version.deposed,
            "before": object(version.before.as_ref(), schemas),
            "after": object(version.after.as_ref(), schemas),
        })
    });
    json!({ "format_version": FORMAT_VERSION, "versions": all.collect::<Vec<_>>() })
}

/// What differs between two states.
pub(crate) fn states(found: &StateDifference, schemas: &SchemaBook) -> Json {
    let objects = found.objects.iter().map(|(before, after)| {
        let either = after.as_ref().or(before.as_ref());
        json!({
            "address": either.map(|o| o.addr.to_string()),
            "deposed": either.and_then(|o| o.deposed.as_ref()).map(|key| &*key.0),
            "before": object(before.as_ref(), schemas),
            "after": object(after.as_ref(), schemas),
        })
    });
    let outputs = found.outputs.iter().map(|(name, (before, after))| {
        let shown = |v: &Option<Value>| v.as_ref().map(|v| masked(v, None));
        (name.to_string(), json!({ "before": shown(before), "after": shown(after) }))
    });
    json!({
        "format_version": FORMAT_VERSION,
        "from": found.from,
        "to": found.to,
        "objects": objects.collect::<Vec<_>>(),
        "outputs": outputs.collect::<serde_json::Map<_, _>>(),
    })
}

fn object(object: Option<&StateObject>, schemas: &SchemaBook) -> Json {
    let Some(object) = object else { return Json::Null };
    let entry = schemas.get(&object.addr);
    let schema = entry.as_ref().map(|e| &e.schema.block);
    let mut out = masked(&object.value, schema);
    out["tainted"] = object.tainted.into();
    out
}

fn masked(value: &Value, schema: Option<&Block>) -> Json {
    let mut sensitive = values::sensitive(Some(value), schema);
    for (name, _) in schema.into_iter().flat_map(|s| &s.attributes).filter(|(_, a)| a.computed && !a.optional) {
        if let Some(like) = value.get(name).and_then(|v| secret_like(value, &v)) {
            sensitive[&**name] = marked_tree(&like, Marks::SENSITIVE);
        }
    }
    let mut shown = values::known(Some(value));
    hide(&mut shown, &sensitive);
    json!({ "value": shown, "sensitive": sensitive })
}

/// Takes out what a tree says is secret.
fn hide(value: &mut Json, sensitive: &Json) {
    match (value, sensitive) {
        (value, Json::Bool(true)) => *value = Json::Null,
        (Json::Object(members), Json::Object(marks)) => {
            for (name, mark) in marks {
                if let Some(member) = members.get_mut(name) {
                    hide(member, mark);
                }
            }
        }
        (Json::Array(items), Json::Array(marks)) => items.iter_mut().zip(marks).for_each(|(item, mark)| hide(item, mark)),
        _ => {}
    }
}

/// What a look at the store found; none if there is no state yet.
pub(crate) fn check(report: Option<&CheckReport>) -> Json {
    let Some(report) = report else { return json!({ "format_version": FORMAT_VERSION, "state": null }) };
    json!({
        "format_version": FORMAT_VERSION,
        "sound": report.damage.is_empty(),
        "layout": report.layout,
        "bytes": report.size,
        "lineage": report.base.map(|b| b.lineage.to_string()),
        "serial": report.base.map(|b| b.serial),
        "objects": report.objects,
        "runs": report.runs,
        "steps": report.entries,
        "damage": report.damage,
        "notes": report.notes,
    })
}
