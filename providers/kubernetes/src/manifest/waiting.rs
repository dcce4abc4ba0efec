//! Waiting for an object of any kind: for its rollout, for conditions, for fields.

use crate::client::{Kubernetes, Place, gone};
use crate::manifest::mask;
use crate::rollout;
use levee_sdk::Ctx;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use regex_automata::meta::Regex;
use serde_json::Value as Json;
use std::time::Duration;

const PACE: Pace = Pace::millis(100, 3_000);
const LIMIT: Duration = Duration::from_mins(10);

/// What is waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Until all pods are of the newest template and ready.
    pub(crate) rollout: bool,
    /// Types of conditions with the status that each should have.
    pub(crate) conditions: Vec<(String, String)>,
    /// Paths with a pattern that the value should match; `*` is any value.
    pub(crate) fields: Vec<(String, String)>,
}

/// Waits.
pub(crate) async fn wait(ctx: &Ctx<Kubernetes>, place: &Place, wanted: &Wanted) -> Result<()> {
    if wanted.rollout {
        rollout::wait(ctx, place).await?;
    }
    let mut patterns = Vec::new();
    for (path, pattern) in &wanted.fields {
        let wrong = |e| ProviderError::invalid(format!("wait for {path}: {pattern:?} is no pattern: {e}"));
        let regex = if pattern == "*" { None } else { Some(Regex::new(pattern).map_err(wrong)?) };
        patterns.push((path, pattern, regex));
    }
    let wait = Wait::new(format!("state of {}", place.what()), PACE, LIMIT);
    wait.run(ctx, || async {
        let live = ctx.client.get(place).await?.ok_or_else(|| gone(place))?;
        let conditions = conditions(&live, &wanted.conditions);
        let fields = patterns.iter().filter_map(|(path, pattern, regex)| field(&live, path, pattern, regex.as_ref()));
        let missing: Vec<String> = conditions.into_iter().chain(fields).collect();
        Ok(if missing.is_empty() { Look::Ready(()) } else { Look::Pending(missing.join(", ")) })
    })
    .await
}

/// What is missing of the conditions. A new kind is to be established, or no object can be of it.
fn conditions(live: &Json, wanted: &[(String, String)]) -> Vec<String> {
    let of = |kind: &str| {
        let all = live.pointer("/status/conditions").and_then(Json::as_array);
        all.into_iter().flatten().find(|c| c["type"].as_str() == Some(kind))
    };
    let established = (live["kind"] == "CustomResourceDefinition").then(|| ("Established".to_owned(), "True".to_owned()));
    let missing = |(kind, status): &(String, String)| match of(kind) {
        Some(condition) if condition["status"].as_str() == Some(status) => None,
        Some(condition) => {
            let message = condition["message"].as_str().filter(|m| !m.is_empty()).map(|m| format!(": {m}")).unwrap_or_default();
            Some(format!("{kind} is {}{message}", condition["status"].as_str().unwrap_or("Unknown")))
        }
        None => Some(format!("no condition {kind} yet")),
    };
    wanted.iter().chain(&established).filter_map(missing).collect()
}

/// What is missing of a field.
fn field(live: &Json, path: &str, pattern: &str, regex: Option<&Regex>) -> Option<String> {
    let text = match mask::at(live, path) {
        None | Some(Json::Null) => return Some(format!("no {path} yet")),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let is_it = regex.is_none_or(|regex| regex.is_match(&text));
    (!is_it).then(|| format!("{path} is {text}, not {pattern}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_is_told() {
        let live = json!({ "kind": "X", "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "False", "message": "no" }] } });
        let wanted = [("Ready".to_owned(), "True".to_owned()), ("Done".to_owned(), "True".to_owned())];
        assert_eq!(conditions(&live, &wanted), ["Ready is False: no", "no condition Done yet"]);
        assert_eq!(field(&live, "status.phase", "*", None), None);
        let regex = Regex::new("^Run").unwrap();
        assert_eq!(field(&live, "status.phase", "^Run", Some(&regex)), None);
        assert_eq!(field(&live, "status.other", "*", None).unwrap(), "no status.other yet");
    }
}
