//! `kubernetes_persistent_volume_claim`.

use crate::client::gone;
use crate::field::{Field, Fixed, boolean, one, quantities, text, text_set, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::Result;
use levee_sdk::model::{Action, Change, Reversibility};
use levee_sdk::wait::{Look, Pace, Wait};
use std::time::Duration;

const PACE: Pace = Pace::millis(100, 5_000);
const LIMIT: Duration = Duration::from_mins(5);

const VOLUME_RESOURCE_REQUIREMENTS_2: &[Field] = &[quantities("limits").optional().force_new(), quantities("requests").optional()];

const PERSISTENT_VOLUME_CLAIM_SPEC_2: &[Field] = &[
    text_set("access_modes").required().force_new(),
    text("storage_class_name").optional().computed().force_new(),
    text("volume_mode").optional().computed().force_new(),
    text("volume_name").optional().computed().force_new(),
    one("resources", VOLUME_RESOURCE_REQUIREMENTS_2).at_least(1),
    one("selector", LABEL_SELECTOR).force_new(),
];

const FIELDS: &[Field] = &[
    boolean("wait_until_bound").optional().local().default(Fixed::Bool(true)),
    one("spec", PERSISTENT_VOLUME_CLAIM_SPEC_2).at_least(1),
    timeouts(&["create"]),
];

/// `kubernetes_persistent_volume_claim`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_persistent_volume_claim", "kubernetes_persistent_volume_claim_v1"],
    doc: "A wish for a volume.",
    api_version: "v1",
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &ClaimRules,
};

struct ClaimRules;

impl Rules for ClaimRules {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if !at.is_new || !rollout::is_wanted(at.planned, "wait_until_bound") {
                return Ok(());
            }
            let wait = Wait::new(format!("volume of {}", at.place.what()), PACE, LIMIT);
            let look = || async {
                let live = at.ctx.client.get(at.place).await?.ok_or_else(|| gone(at.place))?;
                let phase = live["status"]["phase"].as_str().unwrap_or("Pending").to_owned();
                Ok(if phase == "Bound" { Look::Ready(()) } else { Look::Pending(phase) })
            };
            wait.run(at.ctx, look).await
        })
    }
    fn reversibility(&self, change: &Change) -> Reversibility {
        match change.action {
            Action::Delete | Action::Replace(_) => {
                Reversibility::LosesData("what the volume holds goes with it, unless its class retains volumes".into())
            }
            _ => Reversibility::Reversible,
        }
    }
}
