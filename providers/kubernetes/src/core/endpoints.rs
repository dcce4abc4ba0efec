//! `kubernetes_endpoints`.

use crate::field::{Field, number, set_of, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const ENDPOINT_ADDRESS: &[Field] = &[text("hostname").optional(), text("ip").required(), text("node_name").optional()];

const ENDPOINT_PORT: &[Field] = &[text("name").optional(), number("port").required(), text("protocol").optional()];

const ENDPOINT_SUBSET: &[Field] = &[
    set_of("address", ENDPOINT_ADDRESS).wire("addresses"),
    set_of("not_ready_address", ENDPOINT_ADDRESS).wire("notReadyAddresses"),
    set_of("port", ENDPOINT_PORT).wire("ports"),
];

const FIELDS: &[Field] = &[set_of("subset", ENDPOINT_SUBSET).wire("subsets")];

/// `kubernetes_endpoints`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_endpoints", "kubernetes_endpoints_v1"],
    doc: "The addresses behind a service.",
    api_version: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
