//! What the store remembers, as text: runs, the versions of an instance, what differs between two states.

use super::color::Paint;
use super::json::timestamp;
use super::plan::draw::{Pen, put};
use super::plan::{block, difference, word};
use super::schemas::SchemaBook;
use crate::engine::history::{PastRun, PastVersion, StateDifference};
use crate::engine::{RunKind, RunRecord, StateObject};
use levee_model::{Action, Path};
use std::time::SystemTime;

/// A table of all runs.
pub(crate) fn runs(runs: &[PastRun], paint: Paint) -> String {
    let Some(first) = runs.first() else {
        return "No run is recorded yet.\n".to_owned();
    };
    let head =
        format_args!("{:>5}  {:<20}  {:<24}  {:<12} {:>6} {:>7} {:>7}  who\n", "run", "begun", "kind", "end", "serial", "steps", "objects");
    let mut out = paint.bold(head).to_string();
    for PastRun { record, objects } in runs {
        let serial = record.serial.map_or_else(|| "-".to_owned(), |s| s.to_string());
        out.push_str(&format!(
            "{:>5}  {:<20}  {:<24}  {:<12} {serial:>6} {:>7} {objects:>7}  {}\n",
            record.id.0,
            moment(record.started),
            kind(record),
            end(record),
            record.entries,
            record.who
        ));
    }
    out + &beginning(first.record.id.0)
}

fn beginning(run: u64) -> String {
    format!("\nThe store begins with run {run}; what was before is not recorded.\n")
}

/// To the second: `2026-11-21T20:15:00Z`.
pub(crate) fn moment(time: SystemTime) -> String {
    let whole = timestamp::of(time);
    whole.split('.').next().map_or_else(String::new, |t| format!("{}Z", t.trim_end_matches('Z')))
}

/// What a run was for.
pub(crate) fn kind(record: &RunRecord) -> String {
    match record.spec.kind {
        RunKind::Apply => "apply".to_owned(),
        RunKind::Destroy => "destroy".to_owned(),
        RunKind::Refresh => "change of the state".to_owned(),
        RunKind::Recover => "recover".to_owned(),
        RunKind::Rollback { of } => format!("rollback of {of}"),
    }
}

/// How a run ended.
pub(crate) fn end(record: &RunRecord) -> &'static str {
    use crate::engine::timeline::RunEnd;
    match record.ended {
        None => "open",
        Some(_) if record.unresolved > 0 => "in doubt",
        Some((_, RunEnd::Succeeded)) => "succeeded",
        Some((_, RunEnd::Failed)) => "failed",
        Some((_, RunEnd::Interrupted)) => "interrupted",
    }
}

/// Each version of an instance, and how it differs from the one before.
pub(crate) fn versions(versions: &[PastVersion], schemas: &SchemaBook, paint: Paint) -> String {
    let mut out = String::new();
    for version in versions {
        let run = &version.run;
        let done = match (version.actions.is_empty(), &version.before, &version.after) {
            (false, ..) => version.actions.join(", "),
            (true, None, Some(_)) => "taken into the state".to_owned(),
            (true, _, None) => "no longer in the state".to_owned(),
            (true, Some(_), Some(_)) => "changed in the state".to_owned(),
        };
        let deposed = version.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed object {key})"));
        let head = format!("Run {}, {} of {}, {}: {done}{deposed}", run.id, kind(run), run.who, moment(run.started));
        out.push_str(&format!("{}\n", paint.bold(head)));
        out.push_str(&drawn(version.before.as_ref(), version.after.as_ref(), schemas, paint));
        out.push('\n');
    }
    if let Some(first) = versions.first() {
        out.push_str(&format!("The first version that is recorded is that of run {}.\n", first.run.id));
    }
    out
}

/// What differs between two states.
pub(crate) fn states(found: &StateDifference, schemas: &SchemaBook, paint: Paint) -> String {
    let (from, to) = (found.from, found.to);
    if found.objects.is_empty() && found.outputs.is_empty() {
        return format!("The states after run {from} and after run {to} are the same.\n");
    }
    let mut out = format!("From the state after run {from} to the state after run {to}:\n\n");
    for (before, after) in &found.objects {
        let Some(object) = after.as_ref().or(before.as_ref()) else { continue };
        let deposed = object.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed object {key})"));
        let what = match (before, after) {
            (None, _) => "is new",
            (_, None) => "is gone",
            (Some(b), Some(a)) if b.value == a.value && a.tainted => "is tainted",
            (Some(b), Some(a)) if b.value == a.value => "is no longer tainted",
            _ => "differs",
        };
        out.push_str(&format!("{}\n", paint.bold(format!("  # {}{deposed} {what}", object.addr))));
        out.push_str(&format!("{}\n", drawn(before.as_ref(), after.as_ref(), schemas, paint)));
    }
    if !found.outputs.is_empty() {
        out.push_str("Outputs:\n");
    }
    for (name, (before, after)) in &found.outputs {
        let node = difference::compare(before.as_ref(), after.as_ref(), &Path::root(), &[]);
        let pen = Pen::changes(paint);
        pen.margin(&mut out, 0, node.action);
        put(&mut out, format_args!("{name} = "));
        pen.value(&mut out, &node, 0, true);
        out.push('\n');
    }
    out
}

/// How an object differs from what it was.
fn drawn(before: Option<&StateObject>, after: Option<&StateObject>, schemas: &SchemaBook, paint: Paint) -> String {
    let Some(object) = after.or(before) else { return String::new() };
    let (old, new) = (before.map(|o| &o.value), after.map(|o| &o.value));
    let entry = schemas.get(&object.addr);
    let schema = entry.as_ref().map(|e| &e.schema.block);
    let node = block::compare_block(old, new, schema, &Path::root(), &[]);
    if node.action == Action::NoOp {
        let tainted = |o: Option<&StateObject>| o.is_some_and(|o| o.tainted);
        let mark = if tainted(before) == tainted(after) { "    (no attribute differs)" } else { "    (the mark of being tainted differs)" };
        return format!("{mark}\n");
    }
    let (pen, addr) = (Pen::changes(paint), &object.addr);
    let mut out = String::new();
    pen.margin(&mut out, 0, node.action);
    put(&mut out, format_args!("{} \"{}\" \"{}\" ", word(addr.mode), addr.type_name, addr.name));
    pen.value(&mut out, &node, 0, false);
    out.push('\n');
    out
}
