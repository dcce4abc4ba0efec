//! The data source `kubernetes_endpoints_v1`.

use crate::data::metadata;
use crate::field::{Field, number, set_of, text};
use crate::kind::{Kind, Plain, Scope};

const ENDPOINT_ADDRESS: &[Field] = &[text("hostname").optional(), text("ip").required(), text("node_name").optional()];

const ENDPOINT_PORT: &[Field] = &[text("name").optional(), number("port").required(), text("protocol").optional()];

const ENDPOINT_SUBSET: &[Field] = &[
    set_of("address", ENDPOINT_ADDRESS).wire("addresses"),
    set_of("not_ready_address", ENDPOINT_ADDRESS).wire("notReadyAddresses"),
    set_of("port", ENDPOINT_PORT).wire("ports"),
];

const FIELDS: &[Field] = &[set_of("subset", ENDPOINT_SUBSET).wire("subsets")];

/// The data source `kubernetes_endpoints_v1`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_endpoints_v1"],
    doc: "An object that is there: Endpoints.",
    api_version: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED_MADE_UP,
    fields: FIELDS,
    rules: &Plain,
};
