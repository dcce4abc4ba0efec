//! `kubernetes_config_map`.

use crate::field::{Field, boolean, bytes_map, text_map};
use crate::kind::{Kind, Rules, Scope};
use crate::metadata;
use levee_sdk::Draft;

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
    rules: &ConfigMapRules,
};

struct ConfigMapRules;

impl Rules for ConfigMapRules {
    fn plan(&self, draft: &mut Draft) {
        anew_if_immutable(draft);
    }
}

/// What is immutable stays so, with all that it holds: it can only be made anew.
pub(super) fn anew_if_immutable(draft: &mut Draft) {
    if draft.prior("immutable").as_bool() != Some(true) {
        return;
    }
    for name in ["data", "binary_data", "immutable"] {
        if draft.changes(name) {
            draft.force_replace(name);
        }
    }
}
