//! `kubernetes_pod_disruption_budget`.

use crate::field::{Field, int_or_text, one};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;

const POD_DISRUPTION_BUDGET_SPEC: &[Field] =
    &[int_or_text("max_unavailable").optional(), int_or_text("min_available").optional(), one("selector", LABEL_SELECTOR).at_least(1)];

const FIELDS: &[Field] = &[one("spec", POD_DISRUPTION_BUDGET_SPEC).at_least(1).force_new()];

/// `kubernetes_pod_disruption_budget`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_pod_disruption_budget", "kubernetes_pod_disruption_budget_v1"],
    doc: "How many pods must stay when nodes go.",
    api_version: "policy/v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
