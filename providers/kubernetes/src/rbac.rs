//! Kinds of who may do what.

mod cluster_role;
mod cluster_role_binding;
mod role;
mod role_binding;
pub(crate) mod subject;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&role::KIND, &role_binding::KIND, &cluster_role::KIND, &cluster_role_binding::KIND];
