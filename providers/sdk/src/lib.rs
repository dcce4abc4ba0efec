//! What a provider is written with. Providers depend on this crate, and through it on the model, alone.
//!
//! In reading order: what a type looks like ([`schema`], [`equality`], [`shape`]), what a provider and its types can do ([`provider`]
//! and [`type_set`] for the engine's side, [`resource`] for the author's side, [`plan`] for custom diffs), what they are given
//! ([`context`]), what they answer when it goes wrong ([`error`]), and what they share ([`wait`], [`loader`], [`limiter`], and [`meter`] for the time that these take); what
//! keeps the keys of states ([`key_service`]), and what one provider makes for another ([`token`]).

pub mod schema;
pub mod equality;
pub mod schema_json;
pub mod shape;
pub mod provider;
pub mod type_set;
pub mod resource;
pub mod plan;
pub mod context;
pub mod error;
pub mod wait;
pub mod loader;
pub mod limiter;
pub mod meter;
pub mod key_service;
pub mod token;

pub use context::{Ctx, OpToken, StepSink};
pub use error::{ErrorKind, ProviderError};
pub use key_service::{AWS_KMS, KeyContext, KeyService, WrappedKey};
pub use levee_derive::Shape;
pub use levee_model as model;
pub use plan::Draft;
pub use provider::{AnyDataSource, AnyEphemeral, AnyResource, Configured, Provider, Ready};
pub use resource::{DataSource, Effects, EphemeralResource, Identity, Resource};
pub use schema::{Attribute, Block, Equality, NestedBlock, Nesting, Schema};
pub use shape::{Shape, ShapeError};
pub use type_set::TypeSet;

/// Variables of the environment that no program that is run for somebody gets to see.
pub const PRIVATE_VARIABLES: [&str; 2] = ["LEVEE_STATE_PASSPHRASE", "LEVEE_STATE_NEW_PASSPHRASE"];

/// What the code that `#[derive(Shape)]` writes refers to.
#[doc(hidden)]
pub mod derive_support {
    pub use crate::schema::{Attribute, Block, Equality};
    pub use crate::shape::{Blocks, Field, Shape, ShapeError, members, nesting, read_blocks, read_field, set_members, set_type, set_value};
    pub use levee_model::{Type, Value};
    pub use std::sync::Arc;
}

// So that the derive's paths resolve in this crate's own tests.
#[cfg(test)]
extern crate self as levee_sdk;
