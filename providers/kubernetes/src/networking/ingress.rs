//! `kubernetes_ingress_v1`.

use crate::field::{Field, Fixed, boolean, many, number, one, text, texts, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::networking::load_balancer;
use futures::future::BoxFuture;
use levee_sdk::error::Result;

const INGRESS_LOAD_BALANCER_INGRESS: &[Field] = &[text("hostname").computed(), text("ip").computed()];

const INGRESS_LOAD_BALANCER_STATUS: &[Field] = &[many("ingress", INGRESS_LOAD_BALANCER_INGRESS).computed().attribute()];

const INGRESS_STATUS: &[Field] = &[one("load_balancer", INGRESS_LOAD_BALANCER_STATUS).computed().attribute()];

const TYPED_LOCAL_OBJECT_REFERENCE: &[Field] = &[text("api_group").required(), text("kind").required(), text("name").required()];

const SERVICE_BACKEND_PORT: &[Field] = &[text("name").optional(), number("number").optional()];

const INGRESS_SERVICE_BACKEND: &[Field] = &[text("name").required(), one("port", SERVICE_BACKEND_PORT).at_least(1)];

const INGRESS_BACKEND: &[Field] = &[one("resource", TYPED_LOCAL_OBJECT_REFERENCE), one("service", INGRESS_SERVICE_BACKEND)];

const HTTP_INGRESS_PATH: &[Field] = &[
    text("path").optional(),
    text("path_type").optional().default(Fixed::Text("ImplementationSpecific")),
    one("backend", INGRESS_BACKEND),
];

const HTTP_INGRESS_RULE_VALUE: &[Field] = &[many("path", HTTP_INGRESS_PATH).at_least(1).wire("paths")];

const INGRESS_RULE: &[Field] = &[text("host").optional(), one("http", HTTP_INGRESS_RULE_VALUE)];

const INGRESS_TLS: &[Field] = &[texts("hosts").optional(), text("secret_name").optional()];

const INGRESS_SPEC: &[Field] = &[
    text("ingress_class_name").optional().computed(),
    one("default_backend", INGRESS_BACKEND),
    many("rule", INGRESS_RULE).wire("rules"),
    many("tls", INGRESS_TLS),
];

const FIELDS: &[Field] = &[
    one("status", INGRESS_STATUS).computed().attribute(),
    boolean("wait_for_load_balancer").optional().local(),
    one("spec", INGRESS_SPEC).at_least(1),
    timeouts(&["create", "delete"]),
];

/// `kubernetes_ingress_v1`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_ingress_v1"],
    doc: "How services are reached from outside.",
    api_version: "networking.k8s.io/v1",
    kind: "Ingress",
    plural: "ingresses",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &IngressRules,
};

struct IngressRules;

impl Rules for IngressRules {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(load_balancer::of(at))
    }
}
