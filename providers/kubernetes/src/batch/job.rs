//! `kubernetes_job`.

use crate::batch::failure_policy::POD_FAILURE_POLICY;
use crate::client::gone;
use crate::field::{Field, Fixed, boolean, int, number, one, text, timeouts};
use crate::kind::{Kind, Rules, Scope, Settling};
use crate::metadata;
use crate::pods::health;
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::spec::POD_TEMPLATE_SPEC_3;
use crate::rollout;
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use serde_json::Value as Json;
use std::time::Duration;

const JOB_SPEC: &[Field] = &[
    number("active_deadline_seconds").optional(),
    number("backoff_limit").optional().default(Fixed::Number(6)),
    number("backoff_limit_per_index").optional().force_new(),
    text("completion_mode").optional().computed().force_new(),
    number("completions").optional().force_new().default(Fixed::Number(1)),
    boolean("manual_selector").optional(),
    number("max_failed_indexes").optional(),
    number("parallelism").optional().default(Fixed::Number(1)),
    int("ttl_seconds_after_finished").optional(),
    one("pod_failure_policy", POD_FAILURE_POLICY).force_new(),
    one("selector", LABEL_SELECTOR).force_new(),
    one("template", POD_TEMPLATE_SPEC_3).at_least(1).force_new(),
];

const PACE: Pace = Pace::millis(100, 3_000);
const LIMIT: Duration = Duration::from_mins(1);

const FIELDS: &[Field] = &[
    boolean("wait_for_completion").optional().local().default(Fixed::Bool(true)),
    one("spec", JOB_SPEC).at_least(1),
    timeouts(&["create", "delete", "update"]),
];

/// `kubernetes_job`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_job", "kubernetes_job_v1"],
    doc: "Pods that run until they are done.",
    api_version: "batch/v1",
    kind: "Job",
    plural: "jobs",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED_LABELLED,
    fields: FIELDS,
    rules: &JobRules,
};

struct JobRules;

impl Rules for JobRules {
    fn settle<'a>(&'a self, at: Settling<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if !rollout::is_wanted(at.planned, "wait_for_completion") {
                return Ok(());
            }
            let wait = Wait::new(format!("completion of {}", at.place.what()), PACE, LIMIT);
            wait.run(at.ctx, || look(&at)).await
        })
    }
}

async fn look(at: &Settling<'_>) -> Result<Look<()>> {
    let live = at.ctx.client.get(at.place).await?.ok_or_else(|| gone(at.place))?;
    let conditions = live.pointer("/status/conditions").and_then(Json::as_array);
    let of = |kind: &str| conditions.into_iter().flatten().find(|c| c["type"] == kind && c["status"] == "True");
    if of("Complete").is_some() {
        return Ok(Look::Ready(()));
    }
    let pods = health::pods(&at.ctx.client, at.place.namespace().unwrap_or_default(), &live["spec"]["selector"], |_| true).await?;
    let troubles = health::troubles(&pods);
    if let Some(failed) = of("Failed") {
        let why = failed["message"].as_str().unwrap_or("it failed");
        let colon = if troubles.is_empty() { "" } else { ": " };
        return Err(ProviderError::new(ErrorKind::Failed, format!("{}: {why}{colon}{troubles}", at.place.what())));
    }
    let count = |name: &str| live["status"][name].as_i64().unwrap_or_default();
    let wanted = live["spec"]["completions"].as_i64().unwrap_or(1);
    let comma = if troubles.is_empty() { "" } else { ", " };
    Ok(Look::Pending(format!("{} of {wanted} done, {} running{comma}{troubles}", count("succeeded"), count("active"))))
}
