//! The data source `kubernetes_secret`.

use crate::core::secret::SecretRules;
use crate::data::metadata;
use crate::field::{Field, boolean, bytes_map, text, text_map};
use crate::kind::{Kind, Scope};

const FIELDS: &[Field] = &[
    text_map("binary_data").optional().sensitive().local(),
    bytes_map("data").computed().sensitive(),
    boolean("immutable").computed(),
    text("type").computed(),
];

/// The data source `kubernetes_secret`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_secret", "kubernetes_secret_v1"],
    doc: "An object that is there: Secret.",
    api_version: "v1",
    kind: "Secret",
    plural: "secrets",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED_MADE_UP,
    fields: FIELDS,
    rules: &SecretRules,
};
