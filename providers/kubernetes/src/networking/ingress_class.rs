//! `kubernetes_ingress_class`.

use crate::field::{Field, one, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const INGRESS_CLASS_PARAMETERS_REFERENCE: &[Field] = &[
    text("api_group").optional(),
    text("kind").required(),
    text("name").required(),
    text("namespace").optional(),
    text("scope").optional().computed(),
];

const INGRESS_CLASS_SPEC: &[Field] = &[text("controller").optional(), one("parameters", INGRESS_CLASS_PARAMETERS_REFERENCE).loose()];

const FIELDS: &[Field] = &[one("spec", INGRESS_CLASS_SPEC).at_least(1)];

/// `kubernetes_ingress_class`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_ingress_class", "kubernetes_ingress_class_v1"],
    doc: "What serves ingresses.",
    api_version: "networking.k8s.io/v1",
    kind: "IngressClass",
    plural: "ingressclasses",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
