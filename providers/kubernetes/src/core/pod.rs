//! `kubernetes_pod`.

use crate::field::{Field, one, texts, timeouts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::spec::POD_SPEC;

const FIELDS: &[Field] =
    &[texts("target_state").optional().local(), one("spec", POD_SPEC).at_least(1).force_new(), timeouts(&["create", "delete"])];

/// `kubernetes_pod`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_pod", "kubernetes_pod_v1"],
    doc: "Containers that run together.",
    api_version: "v1",
    kind: "Pod",
    plural: "pods",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
