//! A simulated cloud as a provider, for tests and benches: slow, strict and unreliable exactly as it is told to be.
//!
//! In reading order: numbers that can be drawn again ([`random`]); the provider block ([`provider_block`]) and what it
//! decides of a call ([`latency`], [`faults`], [`throttle`]); the world, which is a file ([`record`] a line of it, [`world`] what the
//! lines come to, [`world_file`] how processes share it); the calls ([`client`]); what the types share ([`simulated`]); the types,
//! a file each; and the provider that names them all ([`provider`]).

pub mod random;
pub mod provider_block;
mod latency;
mod faults;
mod throttle;
pub mod record;
pub mod world;
pub mod world_file;
mod client;
mod simulated;
mod object;
mod network;
mod cluster;
mod rule;
mod lookup;
mod provider;

pub use provider::provider;

#[cfg(test)]
mod tests;
