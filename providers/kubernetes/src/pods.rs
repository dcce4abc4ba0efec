//! What pods are made of, which many kinds share.

pub(crate) mod container;
pub(crate) mod health;
pub(crate) mod placement;
pub(crate) mod probe;
pub(crate) mod selector;
pub(crate) mod spec;
pub(crate) mod volume;
pub(crate) mod volume_source;
