//! `kubernetes_replication_controller`.

use crate::field::{Field, Fixed, number, one, text_map, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::spec::OPEN_POD_SPEC;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::Result;

const POD_TEMPLATE_SPEC: &[Field] = &[one("metadata", metadata::TEMPLATE).at_least(1), one("spec", OPEN_POD_SPEC).at_least(1)];

const REPLICATION_CONTROLLER_SPEC: &[Field] = &[
    number("min_ready_seconds").optional().default(Fixed::Number(0)),
    number("replicas").optional().default(Fixed::Number(1)),
    text_map("selector").required(),
    one("template", POD_TEMPLATE_SPEC).at_least(1),
];

const FIELDS: &[Field] = &[one("spec", REPLICATION_CONTROLLER_SPEC).at_least(1), timeouts(&["create", "delete", "update"])];

/// `kubernetes_replication_controller`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_replication_controller", "kubernetes_replication_controller_v1"],
    doc: "Pods that are all the same, as they were kept before there were deployments.",
    api_version: "v1",
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Rollout,
};

struct Rollout;

impl Rules for Rollout {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(rollout::wait(at.ctx, at.place))
    }
    fn propagation(&self) -> &'static str {
        // Its pods are gone when it is gone.
        "Foreground"
    }
}
