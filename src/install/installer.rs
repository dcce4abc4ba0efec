//! Installs what calls ask for: each module once, unless its source or version has changed or an upgrade is wanted.

use super::installed::unreadable_manifest;
use super::manifest::{Manifest, Record};
use crate::config::ModuleSource;
use crate::config::directories::{Directories, Wanted};
use crate::config::version::{Constraints, Version};
use levee_model::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};

/// How an installation is done.
#[derive(Clone, Debug, Default)]
pub struct InstallOptions {
    /// Fetch everything again, in the newest version that is allowed.
    pub upgrade: bool,
}

/// What an installation tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Modules are about to be looked at.
    Started,
    /// A package is being fetched: the module's key, where from, and the version.
    Downloading(String, String, Option<String>),
    /// A module is there: its key and its directory.
    Installed(String, PathBuf),
}

/// One installation.
pub struct Installer<'l> {
    modules: PathBuf,
    options: InstallOptions,
    manifest: Manifest,
    told: bool,
    /// Who is told.
    listener: &'l mut dyn FnMut(Progress),
}

impl<'l> Installer<'l> {
    /// Prepares to install into a modules' directory.
    ///
    /// # Errors
    /// When what is there already cannot be read.
    pub fn new(modules: &Path, options: InstallOptions, listener: &'l mut dyn FnMut(Progress)) -> Result<Self, Diagnostic> {
        let manifest = Manifest::read(modules).map_err(|e| unreadable_manifest(modules, &e))?;
        Ok(Self { modules: modules.to_owned(), options, manifest, told: false, listener })
    }

    /// Ends the installation. What no call of the configuration asks for any more stays; it does no harm.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn finish(self) -> Result<(), Diagnostic> {
        if self.manifest.records.is_empty() {
            return Ok(());
        }
        self.manifest
            .write(&self.modules)
            .map_err(|e| Diagnostic::error("Failed to update module manifest", format!("Unable to write the module manifest file: {e}")))
    }

    /// The record of a module that is installed as it is wanted.
    fn current(&self, wanted: &Wanted<'_>) -> Option<&Record> {
        let record = self.manifest.records.get(&wanted.key()).filter(|r| !self.options.upgrade && r.dir.is_dir())?;
        let fits = |version: &String| {
            let constraints = wanted.call.version.as_ref().and_then(|(text, _)| Constraints::parse(text).ok());
            Version::parse(version).is_some_and(|v| constraints.is_none_or(|c| c.allow(&v)))
        };
        (record.source == wanted.address.to_string() && record.version.as_ref().is_none_or(fits)).then_some(record)
    }

    fn local(&mut self, wanted: &Wanted<'_>, path: &str) -> Result<Record, Diagnostics> {
        let dir = crate::config::clean_path(&wanted.caller.join(path));
        if !dir.is_dir() {
            let mut found = Diagnostics::new();
            let detail = format!("Unable to evaluate directory symlink: lstat {}: no such file or directory", dir.display());
            found.push(Diagnostic::error("Unreadable module directory", detail));
            let detail = format!("The directory  could not be read for module {:?} at {}.", &*wanted.call.name, wanted.place());
            found.push(Diagnostic::error("Unreadable module directory", detail));
            return Err(found);
        }
        Ok(Record { source: wanted.address.to_string(), version: None, dir })
    }
}

impl Directories for Installer<'_> {
    fn directory(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostics> {
        if !std::mem::replace(&mut self.told, true) {
            (self.listener)(Progress::Started);
        }
        if let Some(record) = self.current(wanted) {
            return Ok(record.dir.clone());
        }
        let key = wanted.key();
        self.manifest.forget(&key);
        let record = match wanted.address {
            ModuleSource::Local(path) => self.local(wanted, path)?,
            other => {
                return Err(Diagnostic::error("Unsupported construct", format!("{other} is not fetched yet."))
                    .at(wanted.call.source_span)
                    .into());
            }
        };
        let dir = record.dir.clone();
        (self.listener)(Progress::Installed(key.clone(), dir.clone()));
        self.manifest.records.insert(key, record);
        Ok(dir)
    }

    fn unreadable(&self, wanted: &Wanted<'_>, dir: &Path) -> Diagnostics {
        let detail =
            format!("The directory {} could not be read for module {:?} at {}.", dir.display(), &*wanted.call.name, wanted.place());
        Diagnostic::error("Unreadable module directory", detail).into()
    }
}
