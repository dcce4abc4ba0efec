//! The Kubernetes provider: objects of any kind, applied on the server's side.
//!
//! In reading order: the provider block ([`provider_block`]) and the client ([`client`], [`catalog`]); what types are made of
//! ([`field`], [`metadata`], [`kind`]); how values become JSON and the other way round ([`write`], [`read`], with [`owned`] for
//! whose a field is and [`quantity`] and [`spelling`] for amounts); how objects live ([`object`], [`conflict`], [`removal`], [`rollout`]); then objects
//! of any kind ([`manifest`]), the kinds that have types of their own, a folder a group, parts of objects of
//! others ([`partial`]) and data sources ([`data`]); and the provider that names them all
//! ([`provider`]). Another provider, kubectl, stands on the same client: [`yaml`].

pub mod provider_block;
pub mod client;
mod catalog;
mod field;
mod metadata;
mod kind;
mod owned;
mod quantity;
mod spelling;
mod write;
mod read;
mod conflict;
mod removal;
mod object;
mod rollout;
mod manifest;
mod partial;
mod data;
mod pods;
mod core;
mod rbac;
mod apps;
mod batch;
mod networking;
mod storage;
mod autoscaling;
mod policy;
mod scheduling;
mod admission;
pub mod provider;
pub mod yaml;

pub use client::Kubernetes;
pub use provider::{SOURCE, provider};
pub use yaml::{SOURCE as KUBECTL_SOURCE, provider as kubectl_provider};

#[cfg(test)]
mod tests;
