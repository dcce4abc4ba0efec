//! The data source `kubernetes_config_map`.

use crate::data::metadata;
use crate::field::{Field, boolean, bytes_map, text_map};
use crate::kind::{Kind, Plain, Scope};

const FIELDS: &[Field] = &[bytes_map("binary_data").computed(), text_map("data").computed(), boolean("immutable").optional()];

/// The data source `kubernetes_config_map`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_config_map", "kubernetes_config_map_v1"],
    doc: "An object that is there: ConfigMap.",
    api_version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
