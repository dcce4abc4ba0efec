//! Which nodes pods come to run on.

use crate::field::{Field, Fixed, int, many, number, one, text, text_set};
use crate::pods::selector::LABEL_SELECTOR;

const NODE_SELECTOR_REQUIREMENT: &[Field] = &[text("key").optional(), text("operator").optional(), text_set("values").optional()];

pub(crate) const NODE_SELECTOR_REQUIREMENT_2: &[Field] =
    &[text("key").required(), text("operator").required(), text_set("values").optional()];

const NODE_SELECTOR_TERM: &[Field] =
    &[many("match_expressions", NODE_SELECTOR_REQUIREMENT), many("match_fields", NODE_SELECTOR_REQUIREMENT_2)];

const PREFERRED_SCHEDULING_TERM: &[Field] = &[number("weight").required(), one("preference", NODE_SELECTOR_TERM).at_least(1)];

const NODE_SELECTOR: &[Field] = &[many("node_selector_term", NODE_SELECTOR_TERM).wire("nodeSelectorTerms")];

const NODE_AFFINITY: &[Field] = &[
    many("preferred_during_scheduling_ignored_during_execution", PREFERRED_SCHEDULING_TERM),
    one("required_during_scheduling_ignored_during_execution", NODE_SELECTOR),
];

const POD_AFFINITY_TERM: &[Field] = &[
    text_set("namespaces").optional(),
    text("topology_key").required(),
    one("label_selector", LABEL_SELECTOR).loose(),
    one("namespace_selector", LABEL_SELECTOR).loose(),
];

const WEIGHTED_POD_AFFINITY_TERM: &[Field] = &[number("weight").required(), one("pod_affinity_term", POD_AFFINITY_TERM).at_least(1)];

const POD_AFFINITY: &[Field] = &[
    many("preferred_during_scheduling_ignored_during_execution", WEIGHTED_POD_AFFINITY_TERM),
    many("required_during_scheduling_ignored_during_execution", POD_AFFINITY_TERM),
];

const POD_ANTI_AFFINITY: &[Field] = &[
    many("preferred_during_scheduling_ignored_during_execution", WEIGHTED_POD_AFFINITY_TERM),
    many("required_during_scheduling_ignored_during_execution", POD_AFFINITY_TERM),
];

pub(crate) const AFFINITY: &[Field] =
    &[one("node_affinity", NODE_AFFINITY), one("pod_affinity", POD_AFFINITY), one("pod_anti_affinity", POD_ANTI_AFFINITY)];

pub(crate) const TOLERATION: &[Field] = &[
    text("effect").optional(),
    text("key").optional(),
    text("operator").optional().default(Fixed::Text("Equal")),
    int("toleration_seconds").optional(),
    text("value").optional(),
];

pub(crate) const TOPOLOGY_SPREAD_CONSTRAINT: &[Field] = &[
    text_set("match_label_keys").optional(),
    number("max_skew").optional().default(Fixed::Number(1)),
    number("min_domains").optional(),
    text("node_affinity_policy").optional(),
    text("node_taints_policy").optional(),
    text("topology_key").optional(),
    text("when_unsatisfiable").optional().default(Fixed::Text("DoNotSchedule")),
    one("label_selector", LABEL_SELECTOR).loose(),
];
