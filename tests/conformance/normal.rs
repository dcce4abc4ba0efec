//! Documents without what differs from run to run: the directory, random ids, and orders that mean nothing.

use super::Result;
use super::document::{digest, map_text};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a program is run.
pub(super) struct Place {
    temp: tempfile::TempDir,
    dir: PathBuf,
    /// The directory as programs may show it, longest first.
    spellings: Vec<String>,
}

impl Place {
    /// A directory of its own; programs run in `inside` of it.
    pub(super) fn new(inside: &str) -> Result<Self> {
        let temp = tempfile::tempdir()?;
        let dir = temp.path().join(inside);
        std::fs::create_dir_all(&dir)?;
        let real = dir.canonicalize()?;
        let spellings = [&real, &dir].map(|d| d.to_string_lossy().trim_end_matches('/').to_owned()).to_vec();
        Ok(Self { temp, dir, spellings })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory that holds all of it.
    pub(super) fn top(&self) -> &Path {
        self.temp.path()
    }

    /// A text without the directory's name, and with the program's own name as the corpus has it.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = self.without_dir(text);
        text.replace("Levee", "Terraform").replace("levee", "terraform")
    }

    /// A text without the directory's name.
    pub(super) fn without_dir(&self, text: &str) -> String {
        self.spellings.iter().fold(text.to_owned(), |t, s| t.replace(s, "<cwd>"))
    }
}

/// Random ids, replaced by the address of the object that they were first seen at.
#[derive(Default)]
pub(super) struct Ids {
    labels: BTreeMap<String, String>,
    seen: BTreeMap<String, usize>,
}

impl Ids {
    /// Learns the ids of a state's document.
    pub(super) fn learn(&mut self, document: &Value) {
        let mut objects = Vec::new();
        walk(&document["values"]["root_module"], &mut objects);
        objects.sort_by(|a, b| a.0.cmp(&b.0));
        for (address, resource) in objects {
            let Some(id) = resource["values"]["id"].as_str().filter(|id| is_uuid(id)) else { continue };
            if !self.labels.contains_key(id) {
                let n = self.seen.entry(address.clone()).or_default();
                *n += 1;
                let label = if *n == 1 { format!("<id:{address}>") } else { format!("<id:{address}#{n}>") };
                self.labels.insert(id.to_owned(), label);
            }
        }
    }

    pub(super) fn text(&self, text: &str) -> String {
        if !text.contains('-') {
            return text.to_owned();
        }
        self.labels.iter().fold(text.to_owned(), |t, (id, label)| if t.contains(id) { t.replace(id, label) } else { t })
    }

    /// A document with labels for ids, and without the directory.
    pub(super) fn apply(&self, value: &Value, place: &Place) -> Value {
        map_text(value, &|text| place.without_dir(&self.text(text)))
    }
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_digit() || matches!(c, 'a'..='f'))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn walk(module: &Value, out: &mut Vec<(String, Value)>) {
    for resource in items(&module["resources"]) {
        let deposed = if resource["deposed_key"].as_str().is_some_and(|k| !k.is_empty()) { " (deposed)" } else { "" };
        out.push((format!("{}{deposed}", resource["address"].as_str().unwrap_or_default()), resource.clone()));
    }
    items(&module["child_modules"]).iter().for_each(|m| walk(m, out));
}

fn sort_by_text(values: &mut [Value]) {
    values.sort_by_cached_key(Value::to_string);
}

fn key(value: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|n| value[*n].as_str().unwrap_or_default().to_owned()).collect()
}

fn sort_by(values: &mut [Value], names: &[&str]) {
    values.sort_by_cached_key(|v| key(v, names));
}

fn module(found: &Value) -> Value {
    let mut out = found.clone();
    if let Some(resources) = out.get_mut("resources").and_then(Value::as_array_mut) {
        for resource in resources.iter_mut() {
            if let Some(names) = resource.get_mut("depends_on").and_then(Value::as_array_mut) {
                sort_by_text(names);
            }
            hide_key(resource, "deposed_key");
        }
        sort_by(resources, &["address", "deposed_key"]);
    }
    if let Some(children) = out.get_mut("child_modules").and_then(Value::as_array_mut) {
        children.iter_mut().for_each(|c| *c = module(c));
        sort_by(children, &["address"]);
    }
    out
}

fn hide_key(value: &mut Value, name: &str) {
    if value[name].as_str().is_some_and(|k| !k.is_empty()) {
        value[name] = "<deposed>".into();
    }
}

fn values(found: &Value) -> Value {
    let mut out = if found.is_object() { found.clone() } else { json!({}) };
    if out["root_module"].is_object() {
        out["root_module"] = module(&out["root_module"]);
    }
    out
}

/// A list of check results or of relevant attributes in an order of its own.
pub(super) fn reordered(found: &Value) -> Value {
    if !found.is_array() {
        return found.clone();
    }
    let mut out = items(found).to_vec();
    for check in &mut out {
        if check["status"].is_string() && check["objects"].is_null() && !check["instances"].is_array() {
            check["instances"] = json!([]);
        }
        for instance in check.get_mut("instances").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(problems) = instance.get_mut("problems").and_then(Value::as_array_mut) {
                sort_by_text(problems);
            }
        }
        if let Some(instances) = check.get_mut("instances").and_then(Value::as_array_mut) {
            sort_by_text(instances);
        }
    }
    sort_by_text(&mut out);
    out.into()
}

fn is_filled(value: &Value) -> bool {
    items(value).first().is_some()
}

/// The document of `show -json` for a state.
pub(super) fn state(document: &Value, big: bool) -> Value {
    let mut out = json!({ "values": Value::Null });
    if !document["values"].is_null() {
        out["values"] = values(&document["values"]);
    }
    if is_filled(&document["checks"]) {
        out["checks"] = reordered(&document["checks"]);
    }
    if !big {
        return out;
    }
    let mut objects = Vec::new();
    walk(&out["values"]["root_module"], &mut objects);
    json!({ "sha256": digest(&out), "resource_count": objects.len() })
}

const OF_A_CHANGE: &[&str] = &[
    "address",
    "previous_address",
    "module_address",
    "mode",
    "type",
    "name",
    "index",
    "provider_name",
    "deposed",
    "action_reason",
    "change",
];

fn changes(found: &Value) -> Value {
    let mut out: Vec<Value> = items(found).iter().map(change).collect();
    sort_by(&mut out, &["address", "deposed"]);
    out.into()
}

fn change(found: &Value) -> Value {
    let kept = OF_A_CHANGE.iter().filter_map(|name| found.get(*name).map(|v| ((*name).to_owned(), v.clone())));
    let mut out: Value = kept.collect::<Map<_, _>>().into();
    hide_key(&mut out, "deposed");
    if out.get("deposed").is_some_and(Value::is_null) {
        out.as_object_mut().and_then(|o| o.remove("deposed"));
    }
    if let Some(paths) = out["change"].get_mut("replace_paths").and_then(Value::as_array_mut) {
        sort_by_text(paths);
    }
    out
}

/// The document of `show -json` for a plan.
pub(super) fn plan(document: &Value) -> Value {
    let mut out = json!({
        "applyable": document["applyable"],
        "complete": document["complete"],
        "errored": document["errored"],
        "resource_changes": changes(&document["resource_changes"]),
        "output_changes": if document["output_changes"].is_object() { document["output_changes"].clone() } else { json!({}) },
        "planned_values": values(&document["planned_values"]),
    });
    if is_filled(&document["resource_drift"]) {
        out["resource_drift"] = changes(&document["resource_drift"]);
    }
    for name in ["variables", "configuration"] {
        if !document[name].is_null() {
            out[name] = document[name].clone();
        }
    }
    if is_filled(&document["checks"]) {
        out["checks"] = reordered(&document["checks"]);
    }
    if is_filled(&document["relevant_attributes"]) {
        out["relevant_attributes"] = reordered(&document["relevant_attributes"]);
    }
    out
}

/// A big plan's counts, a few of its changes, and digests of the rest.
pub(super) fn big_plan(mut plan: Value) -> Value {
    let changes = items(&plan["resource_changes"]).to_vec();
    let mut actions: BTreeMap<String, usize> = BTreeMap::new();
    for change in &changes {
        let names: Vec<&str> = items(&change["change"]["actions"]).iter().filter_map(Value::as_str).collect();
        *actions.entry(names.join("+")).or_default() += 1;
    }
    let ends = changes.iter().take(3).chain(changes.iter().skip(changes.len().saturating_sub(3))).cloned();
    plan["resource_changes"] = ends.collect::<Vec<_>>().into();
    plan["resource_change_count"] = changes.len().into();
    plan["action_counts"] = json!(actions);
    plan["resource_changes_sha256"] = digest(&changes.into()).into();
    plan["planned_values"] = json!({ "sha256": digest(&plan["planned_values"]) });
    for name in ["relevant_attributes", "configuration"] {
        plan.as_object_mut().and_then(|o| o.remove(name));
    }
    plan
}

/// A state file of version 4.
pub(super) fn state_file(mut document: Value) -> Value {
    for name in ["serial", "lineage", "terraform_version"] {
        document.as_object_mut().and_then(|o| o.remove(name));
    }
    let mut resources = items(&document["resources"]).to_vec();
    sort_by(&mut resources, &["module", "mode", "type", "name"]);
    for instance in resources.iter_mut().flat_map(|r| r.get_mut("instances").and_then(Value::as_array_mut).into_iter().flatten()) {
        instance.as_object_mut().and_then(|o| o.remove("private"));
        for name in ["sensitive_attributes", "dependencies"] {
            if let Some(list) = instance.get_mut(name).and_then(Value::as_array_mut) {
                sort_by_text(list);
            }
        }
        hide_key(instance, "deposed");
    }
    document["resources"] = resources.into();
    if let Some(results) = document.get_mut("check_results").and_then(Value::as_array_mut) {
        for result in results.iter_mut() {
            if let Some(objects) = result.get_mut("objects").and_then(Value::as_array_mut) {
                sort_by_text(objects);
            }
        }
        sort_by_text(results);
    }
    document
}
