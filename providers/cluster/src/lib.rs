//! How a Kubernetes cluster is reached. The providers that talk to one share this, and nothing else.
//!
//! In reading order: what is said about a cluster ([`access`], with [`environment`] for what is said outside of the
//! configuration), how that becomes a connection ([`connection`], [`pem`]), who we are there ([`credential`], [`plugin`]), one
//! request ([`cluster`]), and what its failure means ([`fault`]); and how a program of somebody else's reaches it ([`kubeconfig`]).

pub mod access;
mod environment;
mod pem;
mod connection;
mod credential;
mod plugin;
pub mod kubeconfig;
pub mod cluster;
pub mod listing;
mod fault;

pub use access::{Access, Exec};
pub use cluster::{Cluster, Request, Verb};
pub use kubeconfig::Kubeconfig;
pub use listing::{Listing, encoded};
