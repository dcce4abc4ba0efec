//! What an operation came to, beside what is recorded of it, group by group.

use super::diagnostics::squashed;
use super::document::differences;
use super::normal::reordered;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an operation came to.
pub(super) struct Observed {
    pub(super) result: Value,
    /// What was begun and ended, in its order.
    pub(super) sequence: Vec<(String, String, String)>,
}

impl From<Value> for Observed {
    fn from(result: Value) -> Self {
        Self { result, sequence: Vec::new() }
    }
}

/// Members of an operation's result, and the group that they belong to.
const WHOLE: &[(&str, &str)] = &[
    ("exit", "exit"),
    ("valid", "exit"),
    ("state", "state"),
    ("changes", "summary"),
    ("events", "events"),
    ("stdout", "stdout"),
    ("stdout_json", "stdout"),
    ("statefile", "statefile"),
    ("content", "files"),
    ("edges", "graph"),
];

/// The same for the members of a plan.
const OF_A_PLAN: &[(&str, &str)] = &[
    ("applyable", "plan_flags"),
    ("complete", "plan_flags"),
    ("errored", "plan_flags"),
    ("resource_drift", "drift"),
    ("output_changes", "outputs"),
    ("planned_values", "planned_values"),
    ("variables", "variables"),
    ("checks", "checks"),
    ("relevant_attributes", "relevant_attributes"),
    ("configuration", "configuration"),
    ("resource_change_count", "size"),
    ("action_counts", "size"),
    ("resource_changes_sha256", "size"),
];

/// Every difference with its group; groups in `ignored` are left out.
pub(super) fn compare(expected: &Value, observed: &Observed, ignored: &[&str]) -> Vec<(&'static str, String)> {
    let actual = &observed.result;
    let mut out = Vec::new();
    for (member, group) in WHOLE {
        if let Some(wanted) = expected.get(*member) {
            out.extend(differences(&any_order(wanted), &any_order(&actual[*member]), member).into_iter().map(|d| (*group, d)));
        }
    }
    if let Some(wanted) = expected.get("diagnostics") {
        compare_diagnostics(list(wanted), list(&actual["diagnostics"]), &mut out);
    }
    if let Some(wanted) = expected.get("plan") {
        compare_plans(wanted, &actual["plan"], &mut out);
    }
    for pair in list(&expected["order"]) {
        out.extend(violated(pair, &observed.sequence).map(|d| ("order", d)));
    }
    out.retain(|(group, _)| !ignored.contains(group));
    out
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A state's document or file, with its check results in an order of their own.
fn any_order(document: &Value) -> Value {
    let mut out = document.clone();
    for name in ["checks", "check_results"] {
        if let Some(found) = out.get_mut(name) {
            *found = reordered(found);
        }
    }
    out
}

/// Summaries first; what is more precise is only compared when they agree.
fn compare_diagnostics(expected: &[Value], actual: &[Value], out: &mut Vec<(&'static str, String)>) {
    const LEVELS: [[&str; 3]; 2] = [["errors", "errors_detail", "errors_range"], ["warnings", "warnings_detail", "warnings_range"]];
    const FIELDS: [&[&str]; 3] = [&["summary"], &["summary", "detail"], &["summary", "file", "line"]];
    for (severity, groups) in ["error", "warning"].into_iter().zip(LEVELS) {
        for (group, fields) in groups.into_iter().zip(FIELDS) {
            let (wanted, found) = (view(expected, severity, fields), view(actual, severity, fields));
            if wanted != found {
                out.push((group, format!("expected {wanted:?}, got {found:?}")));
                break;
            }
        }
    }
}

fn view(diagnostics: &[Value], severity: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let text = |v: &Value| v.as_str().map_or_else(|| if v.is_null() { String::new() } else { v.to_string() }, squashed);
    let wanted = diagnostics.iter().filter(|d| d["severity"] == severity);
    let mut out: Vec<Vec<String>> = wanted.map(|d| fields.iter().map(|f| text(&d[*f])).collect()).collect();
    out.sort();
    out
}

fn compare_plans(expected: &Value, actual: &Value, out: &mut Vec<(&'static str, String)>) {
    for (member, group) in OF_A_PLAN {
        let (wanted, found) = (expected.get(*member), actual.get(*member));
        if wanted.is_none() && (*member == "configuration" || found.is_none()) {
            continue;
        }
        let absent = json!("<absent>");
        let (wanted, found) = (reordered(wanted.unwrap_or(&absent)), reordered(found.unwrap_or(&absent)));
        out.extend(differences(&wanted, &found, member).into_iter().map(|d| (*group, d)));
    }
    let (wanted, found) = (by_object(&expected["resource_changes"]), by_object(&actual["resource_changes"]));
    for (object, change) in &wanted {
        match found.get(object) {
            Some(actual) => compare_changes(object, change, actual, out),
            None => out.push(("actions", format!("{object}: no such change"))),
        }
    }
    out.extend(found.keys().filter(|o| !wanted.contains_key(*o)).map(|o| ("actions", format!("{o}: unexpected change"))));
}

fn by_object(changes: &Value) -> BTreeMap<String, &Value> {
    let name = |c: &Value| {
        let deposed = if c["deposed"].is_null() { "" } else { " (deposed)" };
        format!("{}{deposed}", c["address"].as_str().unwrap_or_default())
    };
    list(changes).iter().map(|c| (name(c), c)).collect()
}

fn compare_changes(object: &str, expected: &Value, actual: &Value, out: &mut Vec<(&'static str, String)>) {
    let outside = |change: &Value| {
        let mut copy = change.clone();
        copy.as_object_mut().and_then(|c| c.remove("change"));
        copy
    };
    out.extend(differences(&outside(expected), &outside(actual), object).into_iter().map(|d| ("actions", d)));
    let (wanted, found) = (&expected["change"], &actual["change"]);
    let names: std::collections::BTreeSet<&String> =
        [wanted, found].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys).collect();
    for name in names {
        let group = match name.as_str() {
            "actions" | "replace_paths" | "importing" => "actions",
            "after_unknown" => "unknown",
            "before_sensitive" | "after_sensitive" => "sensitive",
            _ => "values",
        };
        let absent = json!("<absent>");
        let (wanted, found) = (wanted.get(name).unwrap_or(&absent), found.get(name).unwrap_or(&absent));
        out.extend(differences(wanted, found, &format!("{object}.{name}")).into_iter().map(|d| (group, d)));
    }
}

/// `[[address, kind], [address, kind]]`: the first must have ended before the second begins.
fn violated(pair: &Value, sequence: &[(String, String, String)]) -> Option<String> {
    let kind = |action: &str| if action == "delete" { "delete" } else { "apply" };
    let is = |event: &(String, String, String), of: &Value| of[0] == *event.0 && of[1] == *kind(&event.1);
    let begun = sequence.iter().position(|e| e.2 == "start" && is(e, &pair[1]))?;
    let ended = sequence.iter().rposition(|e| e.2 != "start" && is(e, &pair[0]));
    if ended.is_some_and(|ended| ended < begun) {
        return None;
    }
    Some(format!("{} must end before {} begins", pair[0], pair[1]))
}
