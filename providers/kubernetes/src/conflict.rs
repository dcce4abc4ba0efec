//! Fields that somebody else owns: who owns what, and taking them over where the plan said so.

use crate::client::{Kubernetes, Place};
use crate::metadata::MANAGER;
use levee_sdk::Ctx;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;

/// Applies; what others wrote into our fields since is overwritten, since the plan showed it, and it is told from whom.
pub(crate) async fn apply_over(ctx: &Ctx<Kubernetes>, place: &Place, object: &Json) -> Result<Json> {
    match ctx.client.apply(place, MANAGER, false, object).await {
        Err(error) if is_about_owners(&error) => {
            ctx.status(&format!("taking over: {}", owners(&error.message)));
            ctx.client.apply(place, MANAGER, true, object).await
        }
        answer => answer,
    }
}

/// Whether it was refused because others own fields that are to change.
pub(crate) fn is_about_owners(error: &ProviderError) -> bool {
    error.kind == ErrorKind::Conflict && (error.message.contains("conflict with \"") || error.message.contains("conflicts with \""))
}

/// Who owns what, of the server's words: `.spec.replicas of kubectl-scale`.
pub(crate) fn owners(message: &str) -> String {
    let mut told = Vec::new();
    for part in message.split("conflicts with \"").flat_map(|p| p.split("conflict with \"")).skip(1) {
        let Some((owner, fields)) = part.split_once('"') else { continue };
        let fields = fields.split([' ', ',', '\n', ';', ')']).filter(|f| f.starts_with('.'));
        let fields: Vec<&str> = fields.map(|f| f.trim_end_matches([':', '.'])).collect();
        told.push(format!("{} of {owner}", fields.join(", ")));
    }
    if told.is_empty() { message.to_owned() } else { told.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_told_with_their_fields() {
        let one = "Apply failed with 1 conflict: conflict with \"kubectl-scale\" with subresource \"scale\" using apps/v1: .spec.replicas";
        assert_eq!(owners(one), ".spec.replicas of kubectl-scale");
        let many = "Apply failed with 3 conflicts: conflicts with \"a\" using v1:\n- .data.x\n- .data.y\nconflicts with \"b\" using v1:\n- .data.z";
        assert_eq!(owners(many), ".data.x, .data.y of a; .data.z of b");
        assert_eq!(owners("else"), "else");
    }
}
