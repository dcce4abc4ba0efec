//! The data source `kubernetes_service_account`.

use crate::data::metadata;
use crate::field::{Field, boolean, many, text};
use crate::kind::{Kind, Plain, Scope};

const LOCAL_OBJECT_REFERENCE: &[Field] = &[text("name").computed()];

const OBJECT_REFERENCE: &[Field] = &[text("name").computed()];

const FIELDS: &[Field] = &[
    boolean("automount_service_account_token").computed(),
    text("default_secret_name").computed().deprecated().local(),
    many("image_pull_secret", LOCAL_OBJECT_REFERENCE).keyed("name").computed().attribute().wire("imagePullSecrets"),
    many("secret", OBJECT_REFERENCE).keyed("name").computed().attribute().wire("secrets"),
];

/// The data source `kubernetes_service_account`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_service_account", "kubernetes_service_account_v1"],
    doc: "An object that is there: ServiceAccount.",
    api_version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
