//! `kubernetes_role`.

use crate::field::{Field, many, text_set};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const POLICY_RULE: &[Field] = &[
    text_set("api_groups").required(),
    text_set("resource_names").optional(),
    text_set("resources").required(),
    text_set("verbs").required(),
];

const FIELDS: &[Field] = &[many("rule", POLICY_RULE).at_least(1).wire("rules")];

/// `kubernetes_role`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_role", "kubernetes_role_v1"],
    doc: "What may be done in a namespace.",
    api_version: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    plural: "roles",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
