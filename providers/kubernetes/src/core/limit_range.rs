//! `kubernetes_limit_range`.

use crate::field::{Field, many, one, quantities, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const LIMIT_RANGE_ITEM: &[Field] = &[
    quantities("default").optional(),
    quantities("default_request").optional().computed(),
    quantities("max").optional(),
    quantities("max_limit_request_ratio").optional(),
    quantities("min").optional(),
    text("type").optional(),
];

const LIMIT_RANGE_SPEC: &[Field] = &[many("limit", LIMIT_RANGE_ITEM).wire("limits")];

const FIELDS: &[Field] = &[one("spec", LIMIT_RANGE_SPEC)];

/// `kubernetes_limit_range`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_limit_range", "kubernetes_limit_range_v1"],
    doc: "What one object in a namespace may use.",
    api_version: "v1",
    kind: "LimitRange",
    plural: "limitranges",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
