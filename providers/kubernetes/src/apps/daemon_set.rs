//! `kubernetes_daemonset`.

use crate::field::{Field, Fixed, boolean, int_or_text, number, one, text, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::spec::POD_TEMPLATE_SPEC_2;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::Result;

const ROLLING_UPDATE_DAEMON_SET: &[Field] =
    &[int_or_text("max_surge").optional().default(Fixed::Text("0")), int_or_text("max_unavailable").optional().default(Fixed::Text("1"))];

const DAEMON_SET_UPDATE_STRATEGY: &[Field] =
    &[text("type").optional().default(Fixed::Text("RollingUpdate")), one("rolling_update", ROLLING_UPDATE_DAEMON_SET)];

const DAEMON_SET_SPEC: &[Field] = &[
    number("min_ready_seconds").optional().default(Fixed::Number(0)),
    number("revision_history_limit").optional().default(Fixed::Number(10)),
    one("selector", LABEL_SELECTOR).force_new(),
    one("strategy", DAEMON_SET_UPDATE_STRATEGY).wire("updateStrategy"),
    one("template", POD_TEMPLATE_SPEC_2).at_least(1),
];

const FIELDS: &[Field] = &[
    boolean("wait_for_rollout").optional().local().default(Fixed::Bool(true)),
    one("spec", DAEMON_SET_SPEC).at_least(1),
    timeouts(&["create", "delete", "update"]),
];

/// `kubernetes_daemonset`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_daemonset", "kubernetes_daemon_set_v1"],
    doc: "A pod on each node.",
    api_version: "apps/v1",
    kind: "DaemonSet",
    plural: "daemonsets",
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
