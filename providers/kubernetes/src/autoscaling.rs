//! Kinds that choose how many pods there are.

mod horizontal_pod_autoscaler_v1;
mod horizontal_pod_autoscaler_v2;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&horizontal_pod_autoscaler_v1::KIND, &horizontal_pod_autoscaler_v2::KIND];
