//! `kubernetes_validating_webhook_configuration`.

use crate::admission::webhook::VALIDATING;
use crate::field::{Field, many};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;

const FIELDS: &[Field] = &[many("webhook", VALIDATING).at_least(1).keyed("name").wire("webhooks")];

/// `kubernetes_validating_webhook_configuration`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_validating_webhook_configuration", "kubernetes_validating_webhook_configuration_v1"],
    doc: "Who is asked whether an object may be as it is to be.",
    api_version: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &Plain,
};
