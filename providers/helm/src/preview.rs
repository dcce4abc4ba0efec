//! What a change of a release does to the objects of its chart: rendered by helm, and held beside what the record says was rendered.

use crate::client::Helm;
use crate::manifest;
use crate::operations::Work;
use crate::planning;
use crate::release::Release;
use crate::values;
use levee_sdk::error::Result;
use levee_sdk::model::{Change, Marks, Step, Value};
use levee_sdk::{Ctx, OpToken, Shape};
use serde_json::{Map, Value as Json};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;

/// So many lines are told of one release; the rest is counted.
const MOST: usize = 400;
/// So much of one text is told in a line.
const WIDEST: usize = 160;
/// Shorter texts are not secret by what they are.
const SHORTEST_SECRET: usize = 4;

/// What is told of a change, line by line.
pub(crate) async fn preview(ctx: &Ctx<Helm>, change: &Change) -> Result<Vec<String>> {
    let plain = |v: &Option<Value>| v.clone().map(|v| v.unmark_deep().0);
    let Some(after) = plain(&change.after) else { return Ok(Vec::new()) };
    let before = plain(&change.before).filter(|_| !change.action.is_replace());
    let prior = before.as_ref().and_then(|b| Release::from_value(b).ok());
    let Ok(planned) = Release::from_value(&after) else { return Ok(Vec::new()) };
    let mut out: Vec<String> = prior.iter().filter_map(planning::words).collect();
    let is_pending = prior.as_ref().and_then(|p| p.status.as_deref()).is_some_and(|s| s.starts_with("pending") || s == "uninstalling");
    // What is only written once cannot be rendered now, and helm renders nothing of what is half done.
    if planned.metadata.is_some() || is_pending || planned.set_wo_revision.unwrap_or_default() > 0 || !is_known(&after) {
        return Ok(out);
    }
    let mut secrets = planned.said().secrets();
    secrets.extend(prior.iter().flat_map(|p| p.said().secrets()));
    secrets.extend([&change.before, &change.after].into_iter().flatten().flat_map(marked));
    secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let work = Work { ctx, release: &planned, op: OpToken::new() };
    work.lint().await?;
    if prior.is_none() {
        let made = manifest::objects(&work.render_new().await?);
        out.extend(made.keys().map(|key| format!("+ {key}")));
    } else {
        let Some(history) = work.history().await? else { return Ok(out) };
        let old = history.latest().map(|r| manifest::objects(&r.manifest)).unwrap_or_default();
        let new = manifest::objects(&work.render_upgrade(&history).await?);
        out.extend(compared(&old, &new, &secrets));
    }
    Ok(shortened(out))
}

/// Whether all that a chart is rendered from is known.
fn is_known(after: &Value) -> bool {
    let all =
        ["chart", "repository", "name", "namespace", "values", "set", "set_list", "set_sensitive", "postrender", "repository_password"];
    all.iter().all(|name| after.get(name).is_none_or(|v| v.is_wholly_known()))
}

/// Texts in what the configuration has made sensitive: a document, or an assignment.
fn marked(object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let texts = |value: &Value, out: &mut Vec<String>| {
        let Some(text) = value.as_str() else { return };
        match values::yaml(text) {
            Ok(document @ (Json::Object(_) | Json::Array(_))) => values::texts(&document, out),
            _ => out.push(text.to_owned()),
        }
    };
    let plain = object.clone().unmark_deep().0;
    for path in object.marked_paths(Marks::SENSITIVE) {
        let found = path.0.iter().try_fold(plain.clone(), |value, step| match step {
            Step::Attribute(name) | Step::Key(name) => value.get(name),
            Step::Index(i) => value.elements()?.get(*i).cloned(),
            Step::Element(element) => Some(element.clone()),
        });
        if let Some(value) = found {
            texts(&value, &mut out);
        }
    }
    out.retain(|text| text.len() >= SHORTEST_SECRET);
    out
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        lines.truncate(MOST);
        lines.push(format!("and {more} lines more"));
    }
    lines
}

/// What differs, object by object.
fn compared(old: &Map<String, Json>, new: &Map<String, Json>, secrets: &[String]) -> Vec<String> {
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out = Vec::new();
    for key in keys {
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) if old != new => {
                out.push(format!("~ {key}"));
                out.extend(object(old, new, secrets).into_iter().map(|line| format!("    {line}")));
            }
            (None, Some(_)) => out.push(format!("+ {key}")),
            (Some(_), None) => out.push(format!("- {key}")),
            _ => {}
        }
    }
    if out.is_empty() {
        out.push("what it renders stays as it is".to_owned());
    }
    out
}

/// What differs in an object. What is hidden is compared as it is, and shown as hidden.
fn object(old: &Json, new: &Json, secrets: &[String]) -> Vec<String> {
    let flat = |json: &Json| {
        let mut out = BTreeMap::new();
        flatten(json, String::new(), &mut out);
        out
    };
    let shown = |json: &Json| flat(&manifest::hidden(json.clone(), secrets));
    let (was, is, was_shown, is_shown) = (flat(old), flat(new), shown(old), shown(new));
    let paths: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let text = |of: &BTreeMap<String, String>, path: &String| of.get(path).cloned().unwrap_or_default();
    let mut out = Vec::new();
    for path in paths.into_iter().filter(|path| was.get(*path) != is.get(*path)) {
        let (before, after) = (text(&was_shown, path), text(&is_shown, path));
        match (was.contains_key(path), is.contains_key(path)) {
            (true, true) if before.contains('\n') || after.contains('\n') => {
                out.push(format!("~ {path}:"));
                out.extend(lines(&before, &after));
            }
            (true, true) => out.push(format!("~ {path}: {} -> {}", short(&before), short(&after))),
            (false, _) => out.push(format!("+ {path}: {}", short(&after))),
            _ => out.push(format!("- {path}: {}", short(&before))),
        }
    }
    out
}

fn lines(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let changed = diff.iter_all_changes().filter_map(|c| match c.tag() {
        ChangeTag::Equal => None,
        ChangeTag::Insert => Some(format!("    + {}", short(c.value().trim_end()))),
        ChangeTag::Delete => Some(format!("    - {}", short(c.value().trim_end()))),
    });
    changed.collect()
}

fn short(text: &str) -> String {
    let line = text.replace('\n', "\\n");
    match line.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

fn flatten(json: &Json, path: String, out: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(members) if !members.is_empty() => members.iter().for_each(|(name, value)| flatten(value, below(name), out)),
        Json::Array(elements) if !elements.is_empty() => {
            elements.iter().enumerate().for_each(|(i, value)| flatten(value, format!("{path}[{i}]"), out));
        }
        Json::String(text) => drop(out.insert(path, text.clone())),
        other => drop(out.insert(path, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_is_told_and_what_is_hidden_stays_so() {
        let map = |value: Json| value.as_object().unwrap().clone();
        let old = map(json!({
            "v1/Secret/s": { "kind": "Secret", "data": { "a": "aHVzaA==", "b": "eA==" } },
            "v1/ConfigMap/c": { "data": { "n": 1, "text": "a\nb\n", "url": "db://open-sesame@x" } },
            "v1/Service/gone": {},
        }));
        let new = map(json!({
            "v1/Secret/s": { "kind": "Secret", "data": { "a": "cXVpZXQ=", "b": "eA==" } },
            "v1/ConfigMap/c": { "data": { "n": 2, "text": "a\nc\n", "url": "db://open-sesame@y" } },
            "v1/Service/new": {},
        }));
        let told = compared(&old, &new, &["open-sesame".into()]);
        assert_eq!(
            told,
            [
                "~ v1/ConfigMap/c",
                "    ~ data.n: 1 -> 2",
                "    ~ data.text:",
                "        - b",
                "        + c",
                "    ~ data.url: db://(sensitive value)@x -> db://(sensitive value)@y",
                "~ v1/Secret/s",
                "    ~ data.a: (sensitive value) -> (sensitive value)",
                "- v1/Service/gone",
                "+ v1/Service/new",
            ]
        );
        assert_eq!(compared(&old, &old, &[]), ["what it renders stays as it is"]);
    }
}
