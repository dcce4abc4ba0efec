//! Modules that are not part of the configuration: fetched once by `levee init`, found again by every other command.
//!
//! In reading order: what is installed where ([`manifest`]), how commands find it ([`installed`]), and how it comes there
//! ([`installer`]): by a registry's word (`registry`, over `http`) or straight from where it lies (`fetch`, with `git`,
//! `archive` and `checksum`), held against what was installed before (`lock`).

pub mod manifest;
pub mod installed;
pub mod installer;
pub mod lock;
mod registry;
mod http;
mod fetch;
mod git;
mod archive;
mod checksum;
mod tree;

pub use fetch::copy_module;
pub use installed::Installed;
pub use installer::{InstallOptions, Installer, Progress};
pub use manifest::Manifest;
