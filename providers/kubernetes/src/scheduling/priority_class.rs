//! `kubernetes_priority_class`.

use crate::field::{Field, Fixed, boolean, number, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const FIELDS: &[Field] = &[
    text("description").optional().default(Fixed::Text("")),
    boolean("global_default").optional().default(Fixed::Bool(false)),
    text("preemption_policy").optional().force_new().default(Fixed::Text("PreemptLowerPriority")),
    number("value").required().force_new(),
];

/// `kubernetes_priority_class`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_priority_class", "kubernetes_priority_class_v1"],
    doc: "Whose pods come first.",
    api_version: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    plural: "priorityclasses",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
