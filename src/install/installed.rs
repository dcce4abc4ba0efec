//! Finds modules that `levee init` has installed.

use super::manifest::Manifest;
use crate::config::Files;
use crate::config::directories::{Directories, Wanted};
use crate::config::version::{Constraints, Version};
use levee_model::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};

const INIT: &str = "Run \"levee init\" to install all modules required by this configuration.";

/// The installed modules of one configuration.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    /// What is installed where.
    pub manifest: Manifest,
}

impl Installed {
    /// Reads what is installed.
    ///
    /// # Errors
    /// When the manifest is damaged.
    pub fn read(files: &Files, modules: &Path) -> Result<Self, Diagnostic> {
        match Manifest::read(files, modules) {
            Ok(manifest) => Ok(Self { manifest }),
            Err(error) => Err(unreadable_manifest(modules, &error)),
        }
    }
}

/// What is said about a manifest that cannot be read.
pub(super) fn unreadable_manifest(modules: &Path, error: &std::io::Error) -> Diagnostic {
    let detail = format!("Error reading manifest for {}: {error}.", modules.display());
    Diagnostic::error("Failed to read modules manifest file", detail).hint("Remove that directory and run \"levee init\".")
}

impl Directories for Installed {
    fn directory(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostics> {
        let Some(record) = self.manifest.records.get(&wanted.key()) else {
            let detail = format!("This module is not yet installed. {INIT}");
            return Err(Diagnostic::error("Module not installed", detail).at(wanted.call.span).into());
        };
        if record.source != wanted.address.to_string() {
            let detail = format!("The source address was changed since this module was installed. {INIT}");
            return Err(Diagnostic::error("Module source has changed", detail).at(wanted.call.source_span).into());
        }
        let Some((text, _)) = &wanted.call.version else { return Ok(record.dir.clone()) };
        let installed = record.version.as_deref();
        let allowed = |version: &str| {
            let parsed = Version::parse(version);
            parsed.is_some_and(|v| Constraints::parse(text).is_ok_and(|c| c.allow(&v)))
        };
        if installed.is_some_and(allowed) {
            return Ok(record.dir.clone());
        }
        let shown = installed.map_or_else(String::new, |v| format!(" ({v})"));
        let detail = format!(
            "The version requirements have changed since this module was installed and the installed version{shown} is no longer acceptable. {INIT}"
        );
        Err(Diagnostic::error("Module version requirements have changed", detail).at(wanted.call.source_span).into())
    }

    fn unreadable(&self, wanted: &Wanted<'_>, dir: &Path) -> Diagnostics {
        let detail = format!("This module's local cache directory {} could not be read. {INIT}", dir.display());
        Diagnostic::error("Module not installed", detail).at(wanted.call.span).into()
    }
}
