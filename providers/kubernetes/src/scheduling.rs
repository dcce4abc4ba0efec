//! Kinds of how pods are run.

mod priority_class;
mod runtime_class;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&priority_class::KIND, &runtime_class::KIND];
