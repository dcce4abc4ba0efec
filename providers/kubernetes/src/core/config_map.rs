//! `kubernetes_config_map`.

use crate::field::{Field, boolean, bytes_map, text_map};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const FIELDS: &[Field] = &[bytes_map("binary_data").optional(), text_map("data").optional(), boolean("immutable").optional()];

/// `kubernetes_config_map`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_config_map", "kubernetes_config_map_v1"],
    doc: "Settings that pods read.",
    api_version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
