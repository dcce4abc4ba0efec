//! What the failure of a pod means for its job.

use crate::field::{Field, Fixed, many, numbers, one, text};

const POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT: &[Field] =
    &[text("container_name").optional(), text("operator").optional(), numbers("values").required()];

const POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN: &[Field] =
    &[text("status").optional().default(Fixed::Text("True")), text("type").optional()];

const POD_FAILURE_POLICY_RULE: &[Field] = &[
    text("action").optional(),
    one("on_exit_codes", POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT),
    many("on_pod_condition", POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN).wire("onPodConditions"),
];

pub(crate) const POD_FAILURE_POLICY: &[Field] = &[many("rule", POD_FAILURE_POLICY_RULE).at_least(1).wire("rules")];
