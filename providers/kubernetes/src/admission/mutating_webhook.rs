//! `kubernetes_mutating_webhook_configuration`.

use crate::admission::webhook::MUTATING;
use crate::field::{Field, many};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const FIELDS: &[Field] = &[many("webhook", MUTATING).at_least(1).keyed("name").wire("webhooks")];

/// `kubernetes_mutating_webhook_configuration`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_mutating_webhook_configuration", "kubernetes_mutating_webhook_configuration_v1"],
    doc: "Who may change objects before they are checked.",
    api_version: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
