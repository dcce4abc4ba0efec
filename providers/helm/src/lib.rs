//! The Helm provider: releases, which the helm program makes and we read ourselves.
//!
//! In reading order: the provider block ([`provider_block`]); what is said about values ([`set_path`], [`values`]) and charts
//! ([`chart`]); what Helm writes down ([`record`], [`records`]) and renders ([`manifest`]); the program ([`program`]), what it is given
//! ([`desk`], [`environment`]) and how it is run ([`run`], [`client`]); then releases: what is said ([`release`]), what is planned
//! ([`planning`]), what helm is asked to do ([`operations`], [`stuck`]) and to render ([`rendering`], [`preview`]), and the type
//! ([`release_type`]); and charts that are only rendered ([`template`]).

mod provider_block;
mod environment;
mod set_path;
mod values;
mod chart;
mod record;
mod records;
mod manifest;
mod program;
mod desk;
mod run;
mod client;
mod release;
mod planning;
mod stuck;
mod operations;
mod rendering;
mod preview;
mod release_type;
mod template;
pub mod provider;

pub use provider::{SOURCE, provider};
