//! Kinds of how traffic flows.

mod endpoint_slice;
mod ingress;
mod ingress_class;
pub(crate) mod load_balancer;
mod network_policy;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&ingress::KIND, &ingress_class::KIND, &network_policy::KIND, &endpoint_slice::KIND];
