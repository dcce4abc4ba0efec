//! The data source `kubernetes_storage_class`.

use crate::data::metadata;
use crate::field::{Field, boolean, many, text, text_map, text_set};
use crate::kind::{Kind, Plain, Scope};

const TOPOLOGY_SELECTOR_LABEL_REQUIREMENT: &[Field] = &[text("key").optional(), text_set("values").optional()];

const TOPOLOGY_SELECTOR_TERM: &[Field] = &[many("match_label_expressions", TOPOLOGY_SELECTOR_LABEL_REQUIREMENT)];

const FIELDS: &[Field] = &[
    boolean("allow_volume_expansion").optional().computed(),
    text_set("mount_options").optional().computed(),
    text_map("parameters").optional().computed(),
    text("reclaim_policy").optional().computed(),
    text("storage_provisioner").computed().wire("provisioner"),
    text("volume_binding_mode").optional().computed(),
    many("allowed_topologies", TOPOLOGY_SELECTOR_TERM).at_most(1),
];

/// The data source `kubernetes_storage_class`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_storage_class", "kubernetes_storage_class_v1"],
    doc: "An object that is there: StorageClass.",
    api_version: "storage.k8s.io/v1",
    kind: "StorageClass",
    plural: "storageclasses",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
