//! `kubernetes_cluster_role`.

use crate::field::{Field, many, one, texts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;

const AGGREGATION_RULE: &[Field] = &[many("cluster_role_selectors", LABEL_SELECTOR)];

const POLICY_RULE_2: &[Field] = &[
    texts("api_groups").optional(),
    texts("non_resource_urls").optional().wire("nonResourceURLs"),
    texts("resource_names").optional(),
    texts("resources").optional(),
    texts("verbs").required(),
];

const FIELDS: &[Field] = &[one("aggregation_rule", AGGREGATION_RULE), many("rule", POLICY_RULE_2).wire("rules")];

/// `kubernetes_cluster_role`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_cluster_role", "kubernetes_cluster_role_v1"],
    doc: "What may be done in the whole cluster.",
    api_version: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    plural: "clusterroles",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
