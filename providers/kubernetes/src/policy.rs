//! Kinds of what may be disturbed.

mod pod_disruption_budget;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&pod_disruption_budget::KIND];
