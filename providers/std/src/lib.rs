//! The providers that need no cloud.
//!
//! In reading order: what they share ([`offline`] is the provider object, [`state_only`] resources that live in the state
//! alone, [`constraints`] checks of arguments, [`triggers`] maps whose change replaces, [`entropy`] randomness), and one
//! module a provider, in it one file a resource type.

mod offline;
mod state_only;
mod constraints;
mod triggers;
mod entropy;
mod hexadecimal;
mod local;
mod null;
mod random;
mod terraform;
mod time;

use levee_sdk::Provider;
use std::sync::Arc;

/// The providers of this crate: terraform (builtin), local, null, random and time.
pub fn providers() -> Vec<Arc<dyn Provider>> {
    vec![
        Arc::new(terraform::provider()),
        Arc::new(local::provider()),
        Arc::new(null::provider()),
        Arc::new(random::provider()),
        Arc::new(time::provider()),
    ]
}

#[cfg(test)]
mod tests;
