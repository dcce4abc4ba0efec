//! The data source `kubernetes_mutating_webhook_configuration_v1`.

use crate::admission::webhook::MUTATING;
use crate::data::metadata;
use crate::field::{Field, many};
use crate::kind::{Kind, Plain, Scope};

const FIELDS: &[Field] = &[many("webhook", MUTATING).keyed("name").computed().attribute().wire("webhooks")];

/// The data source `kubernetes_mutating_webhook_configuration_v1`.
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_mutating_webhook_configuration_v1"],
    doc: "An object that is there: MutatingWebhookConfiguration.",
    api_version: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
