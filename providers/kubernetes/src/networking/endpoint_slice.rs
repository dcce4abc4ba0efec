//! `kubernetes_endpoint_slice_v1`.

use crate::field::{Field, Fixed, boolean, int, many, one, text, texts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const ENDPOINT_CONDITIONS: &[Field] = &[boolean("ready").optional(), boolean("serving").optional(), boolean("terminating").optional()];

const OBJECT_REFERENCE: &[Field] = &[
    text("field_path").optional(),
    text("name").required(),
    text("namespace").optional(),
    text("resource_version").optional(),
    text("uid").optional(),
];

const ENDPOINT: &[Field] = &[
    texts("addresses").required(),
    text("hostname").optional(),
    text("node_name").optional(),
    text("zone").optional(),
    one("condition", ENDPOINT_CONDITIONS).wire("conditions"),
    one("target_ref", OBJECT_REFERENCE),
];

const ENDPOINT_PORT: &[Field] = &[
    text("app_protocol").required(),
    text("name").optional(),
    int("port").required(),
    text("protocol").optional().default(Fixed::Text("TCP")),
];

const FIELDS: &[Field] = &[
    text("address_type").required().force_new(),
    many("endpoint", ENDPOINT).at_least(1).wire("endpoints"),
    many("port", ENDPOINT_PORT).at_least(1).wire("ports"),
];

/// `kubernetes_endpoint_slice_v1`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_endpoint_slice_v1"],
    doc: "Some of the addresses behind a service.",
    api_version: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
