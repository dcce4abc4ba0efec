//! Kinds that run pods to their end.

mod cron_job;
pub(crate) mod failure_policy;
mod job;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&job::KIND, &cron_job::KIND, &cron_job::ZONELESS];
