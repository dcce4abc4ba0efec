//! How pods are doing, in a few words: `3 of 5 pods ready, 1 ImagePullBackOff: no such image`.

use crate::client::{Collection, Kubernetes};
use levee_cluster::encoded;
use levee_sdk::error::Result;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// So much of a reason's message is told.
const TOLD: usize = 160;

/// Words that a pod's container or scheduling says when it is on its way as it should be.
const ON_ITS_WAY: &[&str] = &["ContainerCreating", "PodInitializing", "Completed"];

/// The pods that a label selector of an object picks, and that `is_meant` picks of these.
pub(crate) async fn pods(k: &Kubernetes, namespace: &str, selector: &Json, is_meant: impl Fn(&Json) -> bool) -> Result<Vec<Json>> {
    let labels = selector.get("matchLabels").and_then(Json::as_object);
    let terms = labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let query = format!("labelSelector={}", encoded(&terms.collect::<Vec<_>>().join(",")));
    let found = k.list(&Collection::new("v1", "pods", Some(namespace)), &query).await?;
    Ok(found.into_iter().filter(is_meant).collect())
}

/// Whether an object belongs to the one with this uid.
pub(crate) fn is_child_of(object: &Json, uid: &str) -> bool {
    let owners = object.pointer("/metadata/ownerReferences").and_then(Json::as_array);
    owners.into_iter().flatten().any(|o| o["uid"].as_str() == Some(uid))
}

/// What keeps pods from being ready: each reason with how many it keeps, the most frequent first.
pub(crate) fn troubles(pods: &[Json]) -> String {
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (reason, message) in pods.iter().filter_map(trouble) {
        let entry = reasons.entry(reason).or_insert((0, message));
        entry.0 += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let one = |(reason, (count, message)): (String, (usize, String))| {
        if message.is_empty() { format!("{count} {reason}") } else { format!("{count} {reason}: {message}") }
    };
    reasons.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `3 of 5 pods ready`, and what keeps the others.
pub(crate) fn picture(ready: i64, wanted: i64, pods: &[Json]) -> String {
    let troubles = troubles(pods);
    let comma = if troubles.is_empty() { "" } else { ", " };
    format!("{ready} of {wanted} pods ready{comma}{troubles}")
}

/// Why a pod is not ready, where it says so.
fn trouble(pod: &Json) -> Option<(String, String)> {
    let statuses = |pointer: &str| pod.pointer(pointer).and_then(Json::as_array).into_iter().flatten();
    let containers = statuses("/status/initContainerStatuses").chain(statuses("/status/containerStatuses"));
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    for container in containers {
        let waiting = &container["state"]["waiting"];
        if let Some(reason) = waiting["reason"].as_str().filter(|r| !ON_ITS_WAY.contains(r)) {
            return Some((reason.to_owned(), short(&text(&waiting["message"]))));
        }
        let ended = &container["state"]["terminated"];
        if let Some(reason) = ended["reason"].as_str().filter(|r| !ON_ITS_WAY.contains(r)) {
            return Some((reason.to_owned(), short(&text(&ended["message"]))));
        }
    }
    let conditions = statuses("/status/conditions");
    let refused = |c: &&Json| c["type"] == "PodScheduled" && c["status"] == "False";
    let unscheduled = conditions.into_iter().find(refused);
    unscheduled.map(|c| (text(&c["reason"]), short(&text(&c["message"])))).or_else(|| {
        let reason = pod.pointer("/status/reason").and_then(Json::as_str)?;
        Some((reason.to_owned(), short(&text(&pod["status"]["message"]))))
    })
}

/// The first line of it, not too long.
fn short(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    if line.chars().count() > TOLD { format!("{}…", line.chars().take(TOLD).collect::<String>()) } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn waiting(reason: &str, message: &str) -> Json {
        json!({ "status": { "containerStatuses": [{ "state": { "waiting": { "reason": reason, "message": message } } }] } })
    }

    #[test]
    fn a_picture_says_what_keeps_pods() {
        let running = json!({ "status": { "containerStatuses": [{ "state": { "running": {} } }] } });
        assert_eq!(picture(2, 2, &[running.clone(), waiting("ContainerCreating", "")]), "2 of 2 pods ready");
        let pods = [
            running,
            waiting("CrashLoopBackOff", "back-off 10s"),
            waiting("ImagePullBackOff", "no such image\nat all"),
            waiting("ImagePullBackOff", "no such image"),
            json!({ "status": { "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available" },
            ] } }),
        ];
        let told = "1 of 5 pods ready, 2 ImagePullBackOff: no such image, 1 CrashLoopBackOff: back-off 10s, \
                    1 Unschedulable: 0/1 nodes are available";
        assert_eq!(picture(1, 5, &pods), told);
    }
}
