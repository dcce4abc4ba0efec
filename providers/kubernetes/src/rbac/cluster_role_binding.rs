//! `kubernetes_cluster_role_binding`.

use crate::field::{Field, many, one};
use crate::kind::{Kind, Scope};
use crate::metadata;
use crate::rbac::subject::{Binding, ROLE_REF, SUBJECT};

const FIELDS: &[Field] = &[one("role_ref", ROLE_REF).at_least(1).force_new(), many("subject", SUBJECT).at_least(1).wire("subjects")];

/// `kubernetes_cluster_role_binding`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_cluster_role_binding", "kubernetes_cluster_role_binding_v1"],
    doc: "Who may do what in the whole cluster.",
    api_version: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Binding,
};
