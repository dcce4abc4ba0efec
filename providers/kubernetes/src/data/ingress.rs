//! The data source `kubernetes_ingress_v1`.

use crate::data::metadata;
use crate::field::{Field, many, number, one, text, texts};
use crate::kind::{Kind, Plain, Scope};

const TYPED_LOCAL_OBJECT_REFERENCE: &[Field] = &[text("api_group").computed(), text("kind").computed(), text("name").computed()];

const SERVICE_BACKEND_PORT: &[Field] = &[text("name").computed(), number("number").computed()];

const INGRESS_SERVICE_BACKEND: &[Field] = &[text("name").computed(), one("port", SERVICE_BACKEND_PORT).computed().attribute()];

const INGRESS_BACKEND: &[Field] =
    &[one("resource", TYPED_LOCAL_OBJECT_REFERENCE).computed().attribute(), one("service", INGRESS_SERVICE_BACKEND).computed().attribute()];

const HTTP_INGRESS_PATH: &[Field] =
    &[one("backend", INGRESS_BACKEND).computed().attribute(), text("path").computed(), text("path_type").computed()];

const HTTP_INGRESS_RULE_VALUE: &[Field] = &[many("path", HTTP_INGRESS_PATH).computed().attribute().wire("paths")];

const INGRESS_RULE: &[Field] = &[text("host").computed(), one("http", HTTP_INGRESS_RULE_VALUE).computed().attribute()];

const INGRESS_TLS: &[Field] = &[texts("hosts").computed(), text("secret_name").computed()];

const INGRESS_SPEC: &[Field] = &[
    one("default_backend", INGRESS_BACKEND).computed().attribute(),
    text("ingress_class_name").computed(),
    many("rule", INGRESS_RULE).computed().attribute().wire("rules"),
    many("tls", INGRESS_TLS).computed().attribute(),
];

const INGRESS_LOAD_BALANCER_INGRESS: &[Field] = &[text("hostname").computed(), text("ip").computed()];

const INGRESS_LOAD_BALANCER_STATUS: &[Field] = &[many("ingress", INGRESS_LOAD_BALANCER_INGRESS).computed().attribute()];

const INGRESS_STATUS: &[Field] = &[one("load_balancer", INGRESS_LOAD_BALANCER_STATUS).computed().attribute()];

const FIELDS: &[Field] = &[one("spec", INGRESS_SPEC).computed().attribute(), one("status", INGRESS_STATUS).computed().attribute()];

/// The data source `kubernetes_ingress_v1`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_ingress_v1"],
    doc: "An object that is there: Ingress.",
    api_version: "networking.k8s.io/v1",
    kind: "Ingress",
    plural: "ingresses",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
