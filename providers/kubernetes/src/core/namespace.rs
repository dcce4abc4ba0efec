//! `kubernetes_namespace`.

use crate::client::Place;
use crate::field::{Field, Fixed, boolean, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use futures::future::BoxFuture;
use levee_sdk::error::Result;
use levee_sdk::model::{Action, Change, Reversibility};
use levee_sdk::wait::{Look, Pace, Wait};
use std::time::Duration;

const PACE: Pace = Pace::millis(50, 2_000);
const LIMIT: Duration = Duration::from_mins(1);

const FIELDS: &[Field] =
    &[boolean("wait_for_default_service_account").optional().local().default(Fixed::Bool(false)), timeouts(&["delete"])];

/// `kubernetes_namespace`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_namespace", "kubernetes_namespace_v1"],
    doc: "A room for names: what lies in it is kept apart from what lies in others.",
    api_version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    scope: Scope::Cluster,
    metadata: metadata::CLUSTERWIDE,
    fields: FIELDS,
    rules: &NamespaceRules,
};

struct NamespaceRules;

impl Rules for NamespaceRules {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        let is_wanted = at.planned.get("wait_for_default_service_account").and_then(|v| v.as_bool()) == Some(true);
        Box::pin(async move {
            if !is_wanted {
                return Ok(());
            }
            let account = Place::new("v1", "serviceaccounts", Some(&at.place.name), "default");
            let wait = Wait::new(format!("default service account of namespace {}", at.place.name), PACE, LIMIT);
            let look = || async {
                let there = at.ctx.client.get(&account).await?;
                Ok(there.map_or(Look::Pending("no service account yet".to_owned()), |_| Look::Ready(())))
            };
            wait.run(at.ctx, look).await
        })
    }
    fn reversibility(&self, change: &Change) -> Reversibility {
        match change.action {
            Action::Delete | Action::Replace(_) => Reversibility::LosesData("everything in the namespace goes with it".into()),
            _ => Reversibility::Reversible,
        }
    }
}
