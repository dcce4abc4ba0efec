//! What a change of a cluster brings about that its schema cannot say.

use levee_sdk::Draft;
use levee_sdk::model::{Diagnostic, Diagnostics, Value};

/// Completes the draft: changes that need a new cluster, and attributes that an update changes.
pub(super) fn plan(draft: &mut Draft) {
    if draft.is_create() {
        return;
    }
    // Secrets that are encrypted stay so as long as the cluster lives.
    if !is_empty(&draft.prior("encryption_config")) && is_empty(&draft.planned("encryption_config")) {
        draft.force_replace("encryption_config");
    }
    let (before, after) = (node_role(&draft.prior("compute_config")), node_role(&draft.planned("compute_config")));
    if before.is_some() && after.is_some() && before != after {
        draft.force_replace("compute_config");
    }
    if draft.changes("version") {
        draft.set_unknown("platform_version");
    }
}

fn is_empty(blocks: &Value) -> bool {
    blocks.is_known() && blocks.elements().is_none_or(<[Value]>::is_empty)
}

fn node_role(compute: &Value) -> Option<Value> {
    let role = compute.elements()?.first()?.get("node_role_arn")?;
    (!role.is_null() && role.is_known()).then_some(role)
}

/// Checks what the schema cannot say. Parts may be unknown.
pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut found = Diagnostics::new();
    // What is not known yet may turn out to be nothing.
    let blocks = |name: &str| config.get(name).is_some_and(|v| v.is_known() && !is_empty(&v));
    if blocks("outpost_config") {
        for other in ["encryption_config", "kubernetes_network_config", "remote_network_config"] {
            if blocks(other) {
                let detail = format!("A cluster on Outposts takes no `{other}`.");
                found.push(Diagnostic::error("Blocks exclude each other", detail));
            }
        }
    }
    let name = config.get("name");
    if let Some(name) = name.as_ref().and_then(Value::as_str).filter(|n| !is_cluster_name(n)) {
        let detail = format!("{name:?} is not 1 to 100 letters, digits, `-` and `_`, beginning with a letter or digit.");
        found.push(Diagnostic::error("Invalid cluster name", detail));
    }
    auto_mode(config, &mut found);
    found
}

fn is_cluster_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Auto Mode is one thing in three blocks: EKS takes all of them on, or all of them off.
fn auto_mode(config: &Value, found: &mut Diagnostics) {
    let first = |value: Option<Value>| value.and_then(|v| v.elements().and_then(|e| e.first().cloned()));
    let enabled = |block: Option<Value>| match block.and_then(|b| b.get("enabled")) {
        Some(v) if !v.is_known() => None,
        v => Some(v.and_then(|v| v.as_bool()).unwrap_or(false)),
    };
    let compute = first(config.get("compute_config"));
    let network = first(config.get("kubernetes_network_config")).and_then(|n| first(n.get("elastic_load_balancing")));
    let storage = first(config.get("storage_config")).and_then(|s| first(s.get("block_storage")));
    let (Some(compute), Some(network), Some(storage)) = (enabled(compute), enabled(network), enabled(storage)) else { return };
    if compute != network || compute != storage {
        let detail = "compute_config.enabled, kubernetes_network_config.elastic_load_balancing.enabled and \
                      storage_config.block_storage.enabled must all be true or all be false.";
        found.push(Diagnostic::error("EKS Auto Mode is half on", detail));
    }
}
