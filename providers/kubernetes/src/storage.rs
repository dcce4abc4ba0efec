//! Kinds of what volumes are made of.

mod csi_driver;
mod storage_class;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[&storage_class::KIND, &csi_driver::KIND];
