//! Kinds of what is asked before the cluster takes an object, and of who serves kinds besides it.

mod api_service;
mod mutating_webhook;
mod validating_webhook;
pub(crate) mod webhook;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&validating_webhook::KIND, &mutating_webhook::KIND, &api_service::KIND];
