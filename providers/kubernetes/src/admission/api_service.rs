//! `kubernetes_api_service`.

use crate::field::{Field, Fixed, boolean, bytes, number, one, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const SERVICE: &[Field] = &[text("name").required(), text("namespace").required(), number("port").optional().default(Fixed::Number(443))];

const API_SERVICE_SPEC: &[Field] = &[
    bytes("ca_bundle").optional(),
    text("group").required(),
    number("group_priority_minimum").required(),
    boolean("insecure_skip_tls_verify").optional().wire("insecureSkipTLSVerify").default(Fixed::Bool(false)),
    text("version").required(),
    number("version_priority").required(),
    one("service", SERVICE).force_new(),
];

const FIELDS: &[Field] = &[one("spec", API_SERVICE_SPEC).at_least(1)];

/// `kubernetes_api_service`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_api_service", "kubernetes_api_service_v1"],
    doc: "Who serves a group of kinds.",
    api_version: "apiregistration.k8s.io/v1",
    kind: "APIService",
    plural: "apiservices",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
