//! `kubernetes_horizontal_pod_autoscaler_v1`.

use crate::field::{Field, Fixed, number, one};
use crate::kind::{Kind, Plain, Scope};
use crate::metadata;
use crate::pods::container::CROSS_VERSION_OBJECT_REFERENCE_2;

const HORIZONTAL_POD_AUTOSCALER_SPEC_2: &[Field] = &[
    number("max_replicas").required(),
    number("min_replicas").optional().default(Fixed::Number(1)),
    number("target_cpu_utilization_percentage").optional().computed().wire("targetCPUUtilizationPercentage"),
    one("scale_target_ref", CROSS_VERSION_OBJECT_REFERENCE_2).at_least(1),
];

const FIELDS: &[Field] = &[one("spec", HORIZONTAL_POD_AUTOSCALER_SPEC_2).at_least(1)];

/// `kubernetes_horizontal_pod_autoscaler_v1`
pub(crate) static KIND: Kind = Kind {
    types: &["kubernetes_horizontal_pod_autoscaler_v1"],
    doc: "How many pods there are, by their use of processors.",
    api_version: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    scope: Scope::Namespace,
    metadata: metadata::NAMESPACED,
    fields: FIELDS,
    rules: &Plain,
};
