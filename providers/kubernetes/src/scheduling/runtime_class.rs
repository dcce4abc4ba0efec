//! `kubernetes_runtime_class_v1`.

use crate::field::{Field, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const FIELDS: &[Field] = &[text("handler").required().force_new()];

/// `kubernetes_runtime_class_v1`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_runtime_class_v1"],
    doc: "What runs containers.",
    api_version: "node.k8s.io/v1",
    kind: "RuntimeClass",
    plural: "runtimeclasses",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
