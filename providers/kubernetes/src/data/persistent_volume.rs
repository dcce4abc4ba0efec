//! The data source `kubernetes_persistent_volume_v1`.

use crate::core::persistent_volume::PERSISTENT_VOLUME_SPEC;
use crate::data::metadata;
use crate::field::{Field, one};
use crate::kind::{Kind, Plain, Scope};

const FIELDS: &[Field] = &[one("spec", PERSISTENT_VOLUME_SPEC).loose()];

/// The data source `kubernetes_persistent_volume_v1`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_persistent_volume_v1"],
    doc: "An object that is there: PersistentVolume.",
    api_version: "v1",
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
