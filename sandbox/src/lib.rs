//! The emulated cloud that `levee sandbox` starts: an AWS on 127.0.0.1, made of moto and levee's own layer over it.
//!
//! [`Sandbox`] is the whole interface: `start`, `stop`, `status`, `reset`. What runs is Python; its files are carried
//! inside this crate, its packages are installed once into the user's cache, as are the programs of the Kubernetes behind its
//! EKS clusters, which are built there. Nothing here prints.
//!
//! Reading order: [`places`] (which directories) → [`install`](mod@install) (Python and its packages) → [`programs`]
//! (Kubernetes) → `process` (one running layer) → `http` (asking it) → [`sandbox`] (the verbs) → [`error`].

pub mod error;
mod http;
pub mod install;
pub mod places;
mod process;
pub mod programs;
pub mod sandbox;

pub use error::SandboxError;
pub use places::Places;
pub use sandbox::{ControlPlane, Running, Sandbox, StartOptions};
