//! The data source `kubernetes_persistent_volume_claim`.

use crate::data::metadata;
use crate::field::{Field, many, one, quantities, text, text_map, text_set};
use crate::kind::{Kind, Plain, Scope};

const VOLUME_RESOURCE_REQUIREMENTS: &[Field] = &[quantities("limits").computed(), quantities("requests").computed()];

const LABEL_SELECTOR_REQUIREMENT: &[Field] = &[text("key").optional(), text("operator").optional(), text_set("values").optional()];

const LABEL_SELECTOR: &[Field] = &[text_map("match_labels").optional(), many("match_expressions", LABEL_SELECTOR_REQUIREMENT)];

const PERSISTENT_VOLUME_CLAIM_SPEC: &[Field] = &[
    text_set("access_modes").computed(),
    one("resources", VOLUME_RESOURCE_REQUIREMENTS).computed().attribute(),
    text("storage_class_name").optional().computed(),
    text("volume_mode").optional().computed(),
    text("volume_name").optional().computed(),
    one("selector", LABEL_SELECTOR).loose(),
];

const FIELDS: &[Field] = &[one("spec", PERSISTENT_VOLUME_CLAIM_SPEC).loose()];

/// The data source `kubernetes_persistent_volume_claim`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_persistent_volume_claim", "kubernetes_persistent_volume_claim_v1"],
    doc: "An object that is there: PersistentVolumeClaim.",
    api_version: "v1",
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED_MADE_UP,
    fields: FIELDS,
    rules: &Plain,
};
