//! levee: a Terraform-compatible plan/apply engine whose runs are transactions.
//!
//! Data flows one way, and the modules stand in that order: text becomes a configuration ([`config`]), expressions become
//! values ([`eval`]), modules from elsewhere are fetched ([`install`]), blocks and instances become a graph ([`graph`]), graph and state become a plan ([`plan`]), the plan
//! is carried out ([`apply`]). [`engine`] puts the pipeline together, one function a verb, and tells about it by
//! [`event`]s; [`cli`] turns arguments into calls of it and events into text. [`providers`] is the registry.

pub mod config;
pub mod eval;
pub mod install;
pub mod graph;
pub mod plan;
pub mod rollback;
pub mod apply;
pub mod event;
pub mod providers;
pub mod engine;
pub mod cli;
