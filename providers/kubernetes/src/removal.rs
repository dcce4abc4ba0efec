//! Deleting an object, and waiting until it is gone: what still holds it is told.

use crate::client::{Kubernetes, Place};
use levee_sdk::Ctx;
use levee_sdk::error::Result;
use levee_sdk::wait::{Look, Pace, Wait};
use serde_json::Value as Json;
use std::time::Duration;

const PACE: Pace = Pace::millis(50, 5_000);
const LIMIT: Duration = Duration::from_mins(5);

/// Deletes the object with this uid and waits until it is gone.
pub(crate) async fn remove(ctx: &Ctx<Kubernetes>, place: &Place, uid: Option<&str>, propagation: &str) -> Result<()> {
    ctx.client.delete(place, uid, propagation).await?;
    let wait = Wait::new(format!("deletion of {}", place.what()), PACE, LIMIT);
    let is_it = |object: &Json| uid.is_none() || object["metadata"]["uid"].as_str() == uid;
    wait.run(ctx, || async {
        let there = ctx.client.get(place).await?.filter(is_it);
        Ok(there.map_or(Look::Ready(()), |object| Look::Pending(held_by(&object))))
    })
    .await
}

/// What keeps an object that is being deleted.
fn held_by(object: &Json) -> String {
    let conditions = object.pointer("/status/conditions").and_then(Json::as_array);
    let is_remaining =
        |c: &&Json| c["status"] == "True" && matches!(c["type"].as_str(), Some(t) if t.ends_with("Remaining") || t.ends_with("Failure"));
    let remaining = conditions.into_iter().flatten().filter(is_remaining).filter_map(|c| c["message"].as_str());
    let remaining: Vec<&str> = remaining.collect();
    if !remaining.is_empty() {
        return remaining.join("; ");
    }
    let of = |pointer: &str| {
        let names = object.pointer(pointer).and_then(Json::as_array);
        names.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let finalizers = [of("/metadata/finalizers"), of("/spec/finalizers")].concat();
    if finalizers.is_empty() { "being deleted".to_owned() } else { format!("held by {}", finalizers.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_holds_it_is_told() {
        assert_eq!(held_by(&json!({})), "being deleted");
        assert_eq!(held_by(&json!({ "metadata": { "finalizers": ["a/b", "c"] } })), "held by a/b, c");
        let condition = |kind: &str, status: &str| json!({ "type": kind, "status": status, "message": "pods. has 2 resource instances" });
        let namespace = json!({ "spec": { "finalizers": ["kubernetes"] }, "status": { "conditions": [
            condition("NamespaceContentRemaining", "True"), condition("NamespaceFinalizersRemaining", "False"),
        ] } });
        assert_eq!(held_by(&namespace), "pods. has 2 resource instances");
    }
}
