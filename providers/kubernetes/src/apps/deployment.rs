//! `kubernetes_deployment`.

use crate::field::{Field, Fixed, boolean, int, int_or_text, number, one, text, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::spec::POD_SPEC;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::Result;

const ROLLING_UPDATE_DEPLOYMENT: &[Field] = &[
    int_or_text("max_surge").optional().default(Fixed::Text("25%")),
    int_or_text("max_unavailable").optional().default(Fixed::Text("25%")),
];

const DEPLOYMENT_STRATEGY: &[Field] =
    &[text("type").optional().default(Fixed::Text("RollingUpdate")), one("rolling_update", ROLLING_UPDATE_DEPLOYMENT)];

const POD_TEMPLATE_SPEC: &[Field] = &[one("metadata", metadata::TEMPLATE).at_least(1), one("spec", POD_SPEC).at_least(1)];

const DEPLOYMENT_SPEC: &[Field] = &[
    number("min_ready_seconds").optional().default(Fixed::Number(0)),
    boolean("paused").optional().default(Fixed::Bool(false)),
    number("progress_deadline_seconds").optional().default(Fixed::Number(600)),
    int("replicas").optional().computed(),
    number("revision_history_limit").optional().default(Fixed::Number(10)),
    one("selector", LABEL_SELECTOR).force_new(),
    one("strategy", DEPLOYMENT_STRATEGY),
    one("template", POD_TEMPLATE_SPEC).at_least(1),
];

const FIELDS: &[Field] = &[
    boolean("wait_for_rollout").optional().local().default(Fixed::Bool(true)),
    one("spec", DEPLOYMENT_SPEC).at_least(1),
    timeouts(&["create", "delete", "update"]),
];

/// `kubernetes_deployment`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_deployment", "kubernetes_deployment_v1"],
    doc: "Pods that are all the same, and are replaced a few at a time.",
    api_version: "apps/v1",
    kind: "Deployment",
    plural: "deployments",
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
