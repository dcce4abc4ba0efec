//! `kubernetes_network_policy`.

use crate::field::{Field, Fixed, int_or_text, many, number, one, text, texts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;

const NETWORK_POLICY_PORT: &[Field] =
    &[number("end_port").optional(), int_or_text("port").optional(), text("protocol").optional().default(Fixed::Text("TCP"))];

const IP_BLOCK: &[Field] = &[text("cidr").optional(), texts("except").optional()];

const NETWORK_POLICY_PEER: &[Field] =
    &[one("ip_block", IP_BLOCK), one("namespace_selector", LABEL_SELECTOR), one("pod_selector", LABEL_SELECTOR)];

const NETWORK_POLICY_EGRESS_RULE: &[Field] = &[many("ports", NETWORK_POLICY_PORT), many("to", NETWORK_POLICY_PEER)];

const NETWORK_POLICY_INGRESS_RULE: &[Field] = &[many("from", NETWORK_POLICY_PEER), many("ports", NETWORK_POLICY_PORT)];

const NETWORK_POLICY_SPEC: &[Field] = &[
    texts("policy_types").required(),
    many("egress", NETWORK_POLICY_EGRESS_RULE),
    many("ingress", NETWORK_POLICY_INGRESS_RULE),
    one("pod_selector", LABEL_SELECTOR).at_least(1),
];

const FIELDS: &[Field] = &[one("spec", NETWORK_POLICY_SPEC).at_least(1)];

/// `kubernetes_network_policy`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_network_policy", "kubernetes_network_policy_v1"],
    doc: "Who may talk to pods, and whom pods may talk to.",
    api_version: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
