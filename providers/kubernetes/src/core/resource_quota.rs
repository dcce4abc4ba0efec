//! `kubernetes_resource_quota`.

use crate::field::{Field, many, one, quantities, text, text_set, timeouts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const SCOPED_RESOURCE_SELECTOR_REQUIREMENT: &[Field] =
    &[text("operator").required(), text("scope_name").required(), text_set("values").optional()];

const SCOPE_SELECTOR: &[Field] = &[many("match_expression", SCOPED_RESOURCE_SELECTOR_REQUIREMENT).wire("matchExpressions")];

const RESOURCE_QUOTA_SPEC: &[Field] =
    &[quantities("hard").optional(), text_set("scopes").optional().force_new(), one("scope_selector", SCOPE_SELECTOR)];

const FIELDS: &[Field] = &[one("spec", RESOURCE_QUOTA_SPEC), timeouts(&["create", "update"])];

/// `kubernetes_resource_quota`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_resource_quota", "kubernetes_resource_quota_v1"],
    doc: "What a namespace may use in all.",
    api_version: "v1",
    kind: "ResourceQuota",
    plural: "resourcequotas",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
