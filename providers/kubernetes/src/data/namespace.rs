//! The data source `kubernetes_namespace`.

use crate::data::metadata;
use crate::field::{Field, one, texts};
use crate::kind::{Kind, Plain, Scope};

const NAMESPACE_SPEC: &[Field] = &[texts("finalizers").computed()];

const FIELDS: &[Field] = &[one("spec", NAMESPACE_SPEC).computed().attribute()];

/// The data source `kubernetes_namespace`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_namespace", "kubernetes_namespace_v1"],
    doc: "An object that is there: Namespace.",
    api_version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
