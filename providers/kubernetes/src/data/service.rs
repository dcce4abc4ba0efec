//! The data source `kubernetes_service`.

use crate::data::metadata;
use crate::field::{Field, boolean, int_or_text, many, number, one, text, text_map, text_set, texts};
use crate::kind::{Kind, Plain, Scope};

const SERVICE_PORT: &[Field] = &[
    text("app_protocol").computed(),
    text("name").computed(),
    number("node_port").computed(),
    number("port").computed(),
    text("protocol").computed(),
    int_or_text("target_port").computed(),
];

const CLIENT_IP_CONFIG: &[Field] = &[number("timeout_seconds").computed()];

const SESSION_AFFINITY_CONFIG: &[Field] = &[one("client_ip", CLIENT_IP_CONFIG).computed().attribute().wire("clientIP")];

const SERVICE_SPEC: &[Field] = &[
    boolean("allocate_load_balancer_node_ports").computed(),
    text("cluster_ip").computed().wire("clusterIP"),
    texts("cluster_ips").computed().wire("clusterIPs"),
    text_set("external_ips").computed().wire("externalIPs"),
    text("external_name").computed(),
    text("external_traffic_policy").computed(),
    number("health_check_node_port").computed(),
    text("internal_traffic_policy").computed(),
    texts("ip_families").computed(),
    text("ip_family_policy").computed(),
    text("load_balancer_class").computed(),
    text("load_balancer_ip").computed().wire("loadBalancerIP"),
    text_set("load_balancer_source_ranges").computed(),
    many("port", SERVICE_PORT).keyed("port").computed().attribute().wire("ports"),
    boolean("publish_not_ready_addresses").computed(),
    text_map("selector").computed(),
    text("session_affinity").computed(),
    one("session_affinity_config", SESSION_AFFINITY_CONFIG).computed().attribute(),
    text("type").computed(),
];

const LOAD_BALANCER_INGRESS: &[Field] = &[text("hostname").computed(), text("ip").computed()];

const LOAD_BALANCER_STATUS: &[Field] = &[many("ingress", LOAD_BALANCER_INGRESS).computed().attribute()];

const SERVICE_STATUS: &[Field] = &[one("load_balancer", LOAD_BALANCER_STATUS).computed().attribute()];

const FIELDS: &[Field] = &[one("spec", SERVICE_SPEC).computed().attribute(), one("status", SERVICE_STATUS).computed().attribute()];

/// The data source `kubernetes_service`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_service", "kubernetes_service_v1"],
    doc: "An object that is there: Service.",
    api_version: "v1",
    kind: "Service",
    plural: "services",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
