//! `kubernetes_stateful_set`.

use crate::field::{Field, Fixed, boolean, int, many, number, one, text, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::spec::POD_TEMPLATE_SPEC_2;
use crate::pods::volume::PERSISTENT_VOLUME_CLAIM_SPEC;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::Result;

const STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY: &[Field] =
    &[text("when_deleted").optional().default(Fixed::Text("Retain")), text("when_scaled").optional().default(Fixed::Text("Retain"))];

const ROLLING_UPDATE_STATEFUL_SET_STRATEGY: &[Field] = &[number("partition").optional().default(Fixed::Number(0))];

const STATEFUL_SET_UPDATE_STRATEGY: &[Field] =
    &[text("type").optional().default(Fixed::Text("RollingUpdate")), one("rolling_update", ROLLING_UPDATE_STATEFUL_SET_STRATEGY).loose()];

const PERSISTENT_VOLUME_CLAIM: &[Field] =
    &[one("metadata", metadata::TEMPLATE).at_least(1), one("spec", PERSISTENT_VOLUME_CLAIM_SPEC).at_least(1)];

const STATEFUL_SET_SPEC: &[Field] = &[
    number("min_ready_seconds").optional().default(Fixed::Number(0)),
    text("pod_management_policy").optional().computed().force_new(),
    int("replicas").optional().computed(),
    number("revision_history_limit").optional().computed().force_new(),
    text("service_name").required().force_new(),
    one("persistent_volume_claim_retention_policy", STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY).loose(),
    one("selector", LABEL_SELECTOR).at_least(1).force_new(),
    one("template", POD_TEMPLATE_SPEC_2).at_least(1),
    one("update_strategy", STATEFUL_SET_UPDATE_STRATEGY).loose(),
    many("volume_claim_template", PERSISTENT_VOLUME_CLAIM).force_new().wire("volumeClaimTemplates"),
];

const FIELDS: &[Field] = &[
    boolean("wait_for_rollout").optional().local().default(Fixed::Bool(true)),
    one("spec", STATEFUL_SET_SPEC).at_least(1),
    timeouts(&["create", "delete", "read", "update"]),
];

/// `kubernetes_stateful_set`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_stateful_set", "kubernetes_stateful_set_v1"],
    doc: "Pods with names and volumes of their own.",
    api_version: "apps/v1",
    kind: "StatefulSet",
    plural: "statefulsets",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Rollout,
};

struct Rollout;

impl Rules for Rollout {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(rollout::of(at))
    }
    fn propagation(&self) -> &'static str {
        // Its pods are gone when it is gone.
        "Foreground"
    }
}
