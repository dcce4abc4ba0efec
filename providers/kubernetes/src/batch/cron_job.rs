//! `kubernetes_cron_job_v1`, and `kubernetes_cron_job`, which is the same without time zones.

use crate::batch::failure_policy::POD_FAILURE_POLICY;
use crate::field::{Field, Fixed, boolean, int, number, one, text, timeouts};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::selector::LABEL_SELECTOR;
use crate::pods::spec::POD_TEMPLATE_SPEC_3;

const JOB_SPEC_2: &[Field] = &[
    number("active_deadline_seconds").optional(),
    number("backoff_limit").optional().default(Fixed::Number(6)),
    number("backoff_limit_per_index").optional(),
    text("completion_mode").optional().computed(),
    number("completions").optional().default(Fixed::Number(1)),
    boolean("manual_selector").optional(),
    number("max_failed_indexes").optional(),
    number("parallelism").optional().default(Fixed::Number(1)),
    int("ttl_seconds_after_finished").optional(),
    one("pod_failure_policy", POD_FAILURE_POLICY),
    one("selector", LABEL_SELECTOR),
    one("template", POD_TEMPLATE_SPEC_3).at_least(1),
];

const JOB_TEMPLATE_SPEC: &[Field] = &[one("metadata", metadata::TEMPLATE).at_least(1), one("spec", JOB_SPEC_2).at_least(1)];

const CONCURRENCY_POLICY: Field = text("concurrency_policy").optional().default(Fixed::Text("Allow"));
const FAILED_JOBS_HISTORY_LIMIT: Field = number("failed_jobs_history_limit").optional().default(Fixed::Number(1));
const SCHEDULE: Field = text("schedule").required();
const STARTING_DEADLINE_SECONDS: Field = number("starting_deadline_seconds").optional().unless_zero().default(Fixed::Number(0));
const SUCCESSFUL_JOBS_HISTORY_LIMIT: Field = number("successful_jobs_history_limit").optional().default(Fixed::Number(3));
const SUSPEND: Field = boolean("suspend").optional().default(Fixed::Bool(false));
const JOB_TEMPLATE: Field = one("job_template", JOB_TEMPLATE_SPEC).at_least(1);

const ZONELESS_SPEC: &[Field] = &[
    CONCURRENCY_POLICY,
    FAILED_JOBS_HISTORY_LIMIT,
    SCHEDULE,
    STARTING_DEADLINE_SECONDS,
    SUCCESSFUL_JOBS_HISTORY_LIMIT,
    SUSPEND,
    JOB_TEMPLATE,
];

const CRON_JOB_SPEC: &[Field] = &[
    CONCURRENCY_POLICY,
    FAILED_JOBS_HISTORY_LIMIT,
    SCHEDULE,
    STARTING_DEADLINE_SECONDS,
    SUCCESSFUL_JOBS_HISTORY_LIMIT,
    SUSPEND,
    text("timezone").optional().wire("timeZone"),
    JOB_TEMPLATE,
];

const FIELDS: &[Field] = &[one("spec", CRON_JOB_SPEC).at_least(1), timeouts(&["delete"])];

const ZONELESS_FIELDS: &[Field] = &[one("spec", ZONELESS_SPEC).at_least(1), timeouts(&["delete"])];

/// `kubernetes_cron_job_v1`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_cron_job_v1"],
    doc: "A job at times.",
    api_version: "batch/v1",
    kind: "CronJob",
    plural: "cronjobs",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};

/// `kubernetes_cron_job`
pub(crate) static ZONELESS: Kind = Kind {
    types: &["kubernetes_cron_job"],
    doc: "A job at times.",
    api_version: "batch/v1",
    kind: "CronJob",
    plural: "cronjobs",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: ZONELESS_FIELDS,
    rules: &Plain,
};
