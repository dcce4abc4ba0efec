//! Kinds that keep pods running.

mod daemon_set;
mod deployment;
mod replication_controller;
mod stateful_set;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&deployment::KIND, &stateful_set::KIND, &daemon_set::KIND, &replication_controller::KIND];
