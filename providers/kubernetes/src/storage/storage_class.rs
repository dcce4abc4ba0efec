//! `kubernetes_storage_class`.

use crate::field::{Field, Fixed, boolean, many, text, text_map, text_set};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const TOPOLOGY_SELECTOR_LABEL_REQUIREMENT: &[Field] = &[text("key").optional(), text_set("values").optional()];

const TOPOLOGY_SELECTOR_TERM: &[Field] = &[many("match_label_expressions", TOPOLOGY_SELECTOR_LABEL_REQUIREMENT)];

const FIELDS: &[Field] = &[
    boolean("allow_volume_expansion").optional().default(Fixed::Bool(true)),
    text_set("mount_options").optional().force_new(),
    text_map("parameters").optional().force_new(),
    text("reclaim_policy").optional().default(Fixed::Text("Delete")),
    text("storage_provisioner").required().force_new().wire("provisioner"),
    text("volume_binding_mode").optional().force_new().default(Fixed::Text("Immediate")),
    many("allowed_topologies", TOPOLOGY_SELECTOR_TERM).at_most(1).force_new(),
];

/// `kubernetes_storage_class`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_storage_class", "kubernetes_storage_class_v1"],
    doc: "What volumes are made of.",
    api_version: "storage.k8s.io/v1",
    kind: "StorageClass",
    plural: "storageclasses",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
