//! Fields that somebody else owns: who owns what, and taking them over where the plan said so.

use crate::client::{Kubernetes, Place};
use crate::metadata::MANAGER;
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;

/// Applies; what others wrote into our fields since is overwritten, since the plan showed it, and it is told from whom.
pub(crate) async fn apply_over(ctx: &Ctx<Kubernetes>, place: &Place, object: &Json, live: &Json) -> Result<Json> {
    match ctx.client.apply(place, MANAGER, false, object).await {
        Err(error) if is_about_owners(&error) => {
            ctx.status(&format!("taking over: {}", owners(&error.message, live)));
            ctx.client.apply(place, MANAGER, true, object).await
        }
        answer => answer,
    }
}

/// Whether it was refused because others own fields that are to change.
pub(crate) fn is_about_owners(error: &ProviderError) -> bool {
    error.kind == ErrorKind::Conflict && (error.message.contains("conflict with \"") || error.message.contains("conflicts with \""))
}

/// Who owns what, of the server's words, and since when, of the object itself as it is:
/// `.spec.replicas of kubectl-scale (since 2026-05-01T12:00:00Z)`.
pub(crate) fn owners(message: &str, live: &Json) -> String {
    let mut told = Vec::new();
    for part in message.split("conflicts with \"").flat_map(|p| p.split("conflict with \"")).skip(1) {
        let Some((owner, fields)) = part.split_once('"') else { continue };
        let since = written(live, owner).map(|since| format!(" (since {since})")).unwrap_or_default();
        let fields = fields.split([' ', ',', '\n', ';', ')']).filter(|f| f.starts_with('.'));
        let fields: Vec<&str> = fields.map(|f| f.trim_end_matches([':', '.'])).collect();
        told.push(format!("{} of {owner}{since}", fields.join(", ")));
    }
    if told.is_empty() { message.to_owned() } else { told.join("; ") }
}

/// When somebody wrote into the object last.
fn written<'a>(live: &'a Json, manager: &str) -> Option<&'a str> {
    let entries = live.pointer("/metadata/managedFields").and_then(Json::as_array)?;
    entries.iter().filter(|e| e["manager"] == manager).filter_map(|e| e["time"].as_str()).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn owners_are_told_with_their_fields() {
        let one = "Apply failed with 1 conflict: conflict with \"kubectl-scale\" with subresource \"scale\" using apps/v1: .spec.replicas";
        assert_eq!(owners(one, &Json::Null), ".spec.replicas of kubectl-scale");
        let live =
            json!({ "metadata": { "managedFields": [{ "manager": "flux", "operation": "Apply", "time": "2026-05-02T00:00:00Z" }] } });
        let apply = "Apply failed with 1 conflict: conflict with \"flux\": .spec.replicas";
        assert_eq!(owners(apply, &live), ".spec.replicas of flux (since 2026-05-02T00:00:00Z)");
        let many = "Apply failed with 3 conflicts: conflicts with \"a\" using v1:\n- .data.x\n- .data.y\nconflicts with \"b\" using v1:\n- .data.z";
        assert_eq!(owners(many, &Json::Null), ".data.x, .data.y of a; .data.z of b");
        assert_eq!(owners("else", &Json::Null), "else");
    }
}
