//! `kubernetes_service`.

use crate::field::{Field, Fixed, boolean, int_or_text, many, number, one, text, text_map, text_set, texts, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::networking::load_balancer;
use futures::future::BoxFuture;
use levee_sdk::error::Result;
use levee_sdk::model::Value;
use serde_json::Value as Json;

const LOAD_BALANCER_INGRESS: &[Field] = &[text("hostname").computed(), text("ip").computed()];

const LOAD_BALANCER_STATUS: &[Field] = &[many("ingress", LOAD_BALANCER_INGRESS).computed().attribute()];

const SERVICE_STATUS: &[Field] = &[one("load_balancer", LOAD_BALANCER_STATUS).computed().attribute()];

const SERVICE_PORT: &[Field] = &[
    text("app_protocol").optional(),
    text("name").optional(),
    number("node_port").optional().computed(),
    number("port").required(),
    text("protocol").optional().default(Fixed::Text("TCP")),
    int_or_text("target_port").optional().computed(),
];

const CLIENT_IP_CONFIG: &[Field] = &[number("timeout_seconds").optional().computed()];

const SESSION_AFFINITY_CONFIG: &[Field] = &[one("client_ip", CLIENT_IP_CONFIG).wire("clientIP")];

const SERVICE_SPEC: &[Field] = &[
    boolean("allocate_load_balancer_node_ports").optional().default(Fixed::Bool(true)),
    text("cluster_ip").optional().computed().force_new().wire("clusterIP"),
    texts("cluster_ips").optional().computed().force_new().wire("clusterIPs"),
    text_set("external_ips").optional().wire("externalIPs"),
    text("external_name").optional(),
    text("external_traffic_policy").optional().computed(),
    number("health_check_node_port").optional().computed().force_new(),
    text("internal_traffic_policy").optional().computed(),
    texts("ip_families").optional().computed(),
    text("ip_family_policy").optional().computed(),
    text("load_balancer_class").optional().force_new(),
    text("load_balancer_ip").optional().wire("loadBalancerIP"),
    text_set("load_balancer_source_ranges").optional(),
    boolean("publish_not_ready_addresses").optional().default(Fixed::Bool(false)),
    text_map("selector").optional(),
    text("session_affinity").optional().default(Fixed::Text("None")),
    text("type").optional().default(Fixed::Text("ClusterIP")),
    many("port", SERVICE_PORT).keyed("port").wire("ports"),
    one("session_affinity_config", SESSION_AFFINITY_CONFIG),
];

const FIELDS: &[Field] = &[
    one("status", SERVICE_STATUS).computed().attribute(),
    boolean("wait_for_load_balancer").optional().local().default(Fixed::Bool(true)),
    one("spec", SERVICE_SPEC).at_least(1),
    timeouts(&["create"]),
];

/// `kubernetes_service`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_service", "kubernetes_service_v1"],
    doc: "A name and an address for pods.",
    api_version: "v1",
    kind: "Service",
    plural: "services",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &ServiceRules,
};

struct ServiceRules;

impl Rules for ServiceRules {
    fn written(&self, _: &Value, object: &mut Json) {
        let has_balancer = object["spec"]["type"] == "LoadBalancer";
        if let Some(spec) = object["spec"].as_object_mut().filter(|_| !has_balancer) {
            spec.remove("allocateLoadBalancerNodePorts");
        }
    }
    fn read(&self, live: &Json, known: Option<&Value>, object: Value) -> Value {
        // What is not sent of a service without a load balancer is as it was said.
        if live["spec"]["type"] == "LoadBalancer" {
            return object;
        }
        let said = known.and_then(|k| k.get("spec")?.elements()?.first()?.get("allocate_load_balancer_node_ports"));
        inside(object, "allocate_load_balancer_node_ports", &said.unwrap_or_else(|| Value::bool(true)))
    }
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(load_balancer::of(at))
    }
}

fn inside(object: Value, name: &str, value: &Value) -> Value {
    let specs = object.get("spec").and_then(|s| s.elements().map(<[Value]>::to_vec)).unwrap_or_default();
    let specs: Vec<Value> = specs.into_iter().map(|s| s.with(name, value.clone())).collect();
    match specs.first().map(Value::ty) {
        Some(ty) => object.with("spec", Value::list(ty, specs)),
        None => object,
    }
}
