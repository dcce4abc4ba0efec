//! `kubernetes_horizontal_pod_autoscaler_v2`.

use crate::field::{Field, Fixed, many, number, one, quantity, text};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::container::CROSS_VERSION_OBJECT_REFERENCE_2;
use crate::pods::selector::LABEL_SELECTOR;

const HPA_SCALING_POLICY: &[Field] = &[number("period_seconds").required(), text("type").required(), number("value").required()];

const HPA_SCALING_RULES: &[Field] = &[
    text("select_policy").optional(),
    number("stabilization_window_seconds").optional(),
    many("policy", HPA_SCALING_POLICY).at_least(1).wire("policies"),
];

const HORIZONTAL_POD_AUTOSCALER_BEHAVIOR: &[Field] =
    &[one("scale_down", HPA_SCALING_RULES).loose(), one("scale_up", HPA_SCALING_RULES).loose()];

const METRIC_TARGET: &[Field] = &[
    number("average_utilization").optional(),
    quantity("average_value").optional(),
    text("type").required(),
    quantity("value").optional(),
];

const CONTAINER_RESOURCE_METRIC_SOURCE: &[Field] = &[text("container").required(), text("name").required(), one("target", METRIC_TARGET)];

const METRIC_IDENTIFIER: &[Field] = &[text("name").required(), one("selector", LABEL_SELECTOR).loose()];

const EXTERNAL_METRIC_SOURCE: &[Field] = &[one("metric", METRIC_IDENTIFIER).at_least(1), one("target", METRIC_TARGET)];

const CROSS_VERSION_OBJECT_REFERENCE: &[Field] = &[text("api_version").required(), text("kind").required(), text("name").required()];

const OBJECT_METRIC_SOURCE: &[Field] = &[
    one("described_object", CROSS_VERSION_OBJECT_REFERENCE).at_least(1),
    one("metric", METRIC_IDENTIFIER).at_least(1),
    one("target", METRIC_TARGET),
];

const PODS_METRIC_SOURCE: &[Field] = &[one("metric", METRIC_IDENTIFIER).at_least(1), one("target", METRIC_TARGET)];

const RESOURCE_METRIC_SOURCE: &[Field] = &[text("name").required(), one("target", METRIC_TARGET)];

const METRIC_SPEC: &[Field] = &[
    text("type").required(),
    one("container_resource", CONTAINER_RESOURCE_METRIC_SOURCE),
    one("external", EXTERNAL_METRIC_SOURCE),
    one("object", OBJECT_METRIC_SOURCE),
    one("pods", PODS_METRIC_SOURCE),
    one("resource", RESOURCE_METRIC_SOURCE),
];

const HORIZONTAL_POD_AUTOSCALER_SPEC: &[Field] = &[
    number("max_replicas").required(),
    number("min_replicas").optional().default(Fixed::Number(1)),
    number("target_cpu_utilization_percentage").optional().computed().unsupported().local(),
    one("behavior", HORIZONTAL_POD_AUTOSCALER_BEHAVIOR),
    many("metric", METRIC_SPEC).wire("metrics"),
    one("scale_target_ref", CROSS_VERSION_OBJECT_REFERENCE_2).at_least(1),
];

const FIELDS: &[Field] = &[one("spec", HORIZONTAL_POD_AUTOSCALER_SPEC).at_least(1)];

/// `kubernetes_horizontal_pod_autoscaler_v2`
pub(crate) static KIND: Kind = Kind {
    types: &[
        "kubernetes_horizontal_pod_autoscaler",
        "kubernetes_horizontal_pod_autoscaler_v2",
        "kubernetes_horizontal_pod_autoscaler_v2beta2",
    ],
    doc: "How many pods there are, by any measure.",
    api_version: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
