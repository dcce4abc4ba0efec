//! Waiting for pods to be replaced: of deployments, stateful sets and daemon sets.

use crate::client::{Collection, Kubernetes, Place, gone};
use crate::kind::Settling;
use crate::pods::health;
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::wait::{Look, Pace, Wait};
use serde_json::{Value as Json, json};
use std::time::Duration;

const PACE: Pace = Pace::millis(100, 3_000);
const LIMIT: Duration = Duration::from_mins(10);

/// Whether the object's flag says to wait; these flags are on unless they are off.
pub(crate) fn is_wanted(planned: &Value, flag: &str) -> bool {
    planned.get(flag).and_then(|v| v.as_bool()).unwrap_or(true)
}

/// How far a rollout is.
struct Progress {
    ready: i64,
    wanted: i64,
    is_done: bool,
}

/// Waits until all pods are of the newest template and ready, where `wait_for_rollout` says so.
pub(crate) async fn of(at: Settling<'_>) -> Result<()> {
    if is_wanted(at.planned, "wait_for_rollout") {
        wait(at.ctx, at.place).await?;
    }
    Ok(())
}

/// Waits until all pods are of the newest template and ready.
pub(crate) async fn wait(ctx: &Ctx<Kubernetes>, place: &Place) -> Result<()> {
    let wait = Wait::new(format!("rollout of {}", place.what()), PACE, LIMIT);
    wait.run(ctx, || async {
        let object = ctx.client.get(place).await?.ok_or_else(|| gone(place))?;
        let progress = progress(&object);
        if progress.is_done {
            return Ok(Look::Ready(()));
        }
        let pods = newest_pods(&ctx.client, place, &object).await?;
        let picture = health::picture(progress.ready, progress.wanted, &pods);
        if is_given_up(&object) {
            return Err(given_up(place, &picture));
        }
        Ok(Look::Pending(picture))
    })
    .await
}

fn number(object: &Json, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Json::as_i64).unwrap_or_default()
}

fn progress(object: &Json) -> Progress {
    let is_seen = number(object, "/status/observedGeneration") >= number(object, "/metadata/generation");
    match object["kind"].as_str() {
        Some("DaemonSet") => {
            let wanted = number(object, "/status/desiredNumberScheduled");
            let (updated, ready) = (number(object, "/status/updatedNumberScheduled"), number(object, "/status/numberAvailable"));
            let is_done = is_seen && ready >= wanted && (updated >= wanted || is_on_delete(object));
            Progress { ready: ready.min(updated), wanted, is_done }
        }
        Some("StatefulSet") => {
            let wanted = object.pointer("/spec/replicas").and_then(Json::as_i64).unwrap_or(1);
            let (updated, ready) = (number(object, "/status/updatedReplicas"), number(object, "/status/readyReplicas"));
            let kept = number(object, "/spec/updateStrategy/rollingUpdate/partition");
            let is_done = is_seen && ready >= wanted && (updated >= wanted - kept || is_on_delete(object));
            Progress { ready, wanted, is_done }
        }
        // It replaces no pods: those of an older template stay until they end.
        Some("ReplicationController") => {
            let wanted = object.pointer("/spec/replicas").and_then(Json::as_i64).unwrap_or(1);
            let (all, ready) = (number(object, "/status/replicas"), number(object, "/status/availableReplicas"));
            Progress { ready, wanted, is_done: is_seen && all == wanted && ready >= wanted }
        }
        _ => {
            let wanted = object.pointer("/spec/replicas").and_then(Json::as_i64).unwrap_or(1);
            let updated = number(object, "/status/updatedReplicas");
            let ready = number(object, "/status/availableReplicas");
            let all = number(object, "/status/replicas");
            let is_done = is_seen && updated >= wanted && all <= updated && ready >= updated;
            Progress { ready: ready.min(updated), wanted, is_done }
        }
    }
}

fn is_on_delete(object: &Json) -> bool {
    object.pointer("/spec/updateStrategy/type").and_then(Json::as_str) == Some("OnDelete")
}

/// Whether the deployment's own deadline for progress is over.
fn is_given_up(object: &Json) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Json::as_array);
    conditions.into_iter().flatten().any(|c| c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded")
        && number(object, "/status/observedGeneration") >= number(object, "/metadata/generation")
}

fn given_up(place: &Place, picture: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Failed, format!("the rollout of {} made no progress any more: {picture}", place.what()))
        .hint("progress_deadline_seconds says how long a deployment may make none")
}

/// The pods of the newest template: of a deployment those of its newest replica set, else all.
async fn newest_pods(k: &Kubernetes, place: &Place, object: &Json) -> Result<Vec<Json>> {
    let namespace = place.namespace().unwrap_or_default();
    let selector = &object["spec"]["selector"];
    let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
    if object["kind"] == "ReplicationController" {
        let selector = json!({ "matchLabels": selector });
        return health::pods(k, namespace, &selector, |pod| health::is_child_of(pod, uid)).await;
    }
    if object["kind"] != "Deployment" {
        return health::pods(k, namespace, selector, |pod| health::is_child_of(pod, uid)).await;
    }
    let sets = k.list(&Collection::new("apps/v1", "replicasets", Some(namespace)), "").await?;
    let revision = |set: &Json| set["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str()?.parse::<i64>().ok();
    let newest = sets.into_iter().filter(|set| health::is_child_of(set, uid)).max_by_key(|set| revision(set).unwrap_or_default());
    let Some(newest) = newest.as_ref().and_then(|set| set["metadata"]["uid"].as_str()) else { return Ok(Vec::new()) };
    health::pods(k, namespace, selector, |pod| health::is_child_of(pod, newest)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_done_when_no_old_pod_is_left() {
        let of = |status: Json| {
            progress(&json!({ "kind": "Deployment", "metadata": { "generation": 2 }, "spec": { "replicas": 2 }, "status": status }))
        };
        assert!(!of(json!({})).is_done);
        assert!(!of(json!({ "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2 })).is_done);
        assert!(!of(json!({ "observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3 })).is_done);
        assert!(of(json!({ "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2 })).is_done);
        let none = json!({ "kind": "DaemonSet", "metadata": { "generation": 1 }, "status": { "observedGeneration": 1 } });
        assert!(progress(&none).is_done, "no node, no pod");
    }
}
