//! Modules that are not part of the configuration: fetched once by `levee init`, found again by every other command.
//!
//! In reading order: what is installed where ([`manifest`]), how commands find it ([`installed`]), and how it comes there
//! ([`installer`]).

pub mod manifest;
pub mod installed;
pub mod installer;

pub use installed::Installed;
pub use installer::{InstallOptions, Installer, Progress};
pub use manifest::Manifest;
