//! Kinds of the core group.

mod config_map;
mod endpoints;
mod limit_range;
mod namespace;
pub(crate) mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod resource_quota;
pub(crate) mod secret;
mod service;
mod service_account;

use crate::kind::Kind;

/// All of them.
pub(crate) const KINDS: &[&Kind] = &[
    &namespace::KIND,
    &config_map::KIND,
    &secret::KIND,
    &service_account::KIND,
    &service::KIND,
    &persistent_volume_claim::KIND,
    &persistent_volume::KIND,
    &limit_range::KIND,
    &resource_quota::KIND,
    &endpoints::KIND,
    &pod::KIND,
];
