//! The AWS provider, on the official SDKs.
//!
//! In reading order: the provider block ([`provider_block`], [`endpoints`]), how it becomes a client ([`credentials`],
//! [`client`], [`partition`]), how a call is sent and repeated ([`error`], [`sender`], [`retry`], [`once`]), what all types share
//! ([`tags`], [`region`], [`generated_name`], [`timestamp`]), the types themselves, a folder a service, the provider that names them all ([`provider`]), and the service that keeps
//! keys of states ([`kms`]).

pub mod provider_block;
pub mod endpoints;
pub mod credentials;
pub mod client;
pub mod partition;
pub mod error;
pub mod sender;
pub mod retry;
pub mod once;
pub mod tags;
pub mod region;
pub mod attribute_blocks;
pub mod generated_name;
pub mod timestamp;
pub mod ec2;
pub mod eks;
pub mod iam;
pub mod kms;
pub mod meta;
pub mod secretsmanager;
pub mod provider;

pub use client::Aws;
pub use eks::token_source::token_source;
pub use kms::key_service;
pub use provider::{SOURCE, provider};
