//! `kubernetes_csi_driver`.

use crate::field::{Field, boolean, one, texts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const CSI_DRIVER_SPEC: &[Field] = &[
    boolean("attach_required").required().force_new(),
    boolean("pod_info_on_mount").optional(),
    texts("volume_lifecycle_modes").optional(),
];

const FIELDS: &[Field] = &[one("spec", CSI_DRIVER_SPEC)];

/// `kubernetes_csi_driver`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_csi_driver", "kubernetes_csi_driver_v1"],
    doc: "What a driver of volumes can do.",
    api_version: "storage.k8s.io/v1",
    kind: "CSIDriver",
    plural: "csidrivers",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
