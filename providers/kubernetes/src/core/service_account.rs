//! `kubernetes_service_account`.

use crate::field::{Field, Fixed, boolean, set_of, text, timeouts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::volume_source::LOCAL_OBJECT_REFERENCE;

const OBJECT_REFERENCE: &[Field] = &[text("name").optional()];

const FIELDS: &[Field] = &[
    boolean("automount_service_account_token").optional().default(Fixed::Bool(true)),
    text("default_secret_name").computed().deprecated().local(),
    set_of("image_pull_secret", LOCAL_OBJECT_REFERENCE).keyed("name").wire("imagePullSecrets"),
    set_of("secret", OBJECT_REFERENCE).keyed("name").wire("secrets"),
    timeouts(&["create"]),
];

/// `kubernetes_service_account`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_service_account", "kubernetes_service_account_v1"],
    doc: "Who a pod is towards the cluster, and towards the cloud.",
    api_version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
