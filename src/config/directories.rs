//! Where the modules lie that calls name: asked for while a configuration is read.

use super::module::ModuleCall;
use super::source::ModuleSource;
use levee_model::{Diagnostic, Diagnostics, ModulePath, Sources};
use std::path::{Path, PathBuf};

/// A module that a call asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its place in the tree of calls.
    pub path: &'a ModulePath,
    /// The call.
    pub call: &'a ModuleCall,
    /// What the call's source means.
    pub address: &'a ModuleSource,
    /// Directory of the calling module.
    pub caller: &'a Path,
    /// The files read so far.
    pub sources: &'a Sources,
}

impl Wanted<'_> {
    /// The call's file and line, as messages name it: `main.tf:3`.
    pub fn place(&self) -> String {
        self.sources.locate(self.call.span).map_or_else(String::new, |at| format!("{}:{}", at.file, at.line))
    }

    /// How the manifest names the module: `net.subnets`.
    pub fn key(&self) -> String {
        self.path.0.join(".")
    }
}

/// What knows where called modules lie.
pub trait Directories {
    /// The directory of a module, relative to the working directory.
    ///
    /// # Errors
    /// When there is none.
    fn directory(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostics>;

    /// What is said when that directory cannot be read.
    fn unreadable(&self, wanted: &Wanted<'_>, dir: &Path) -> Diagnostics;
}

/// Follows sources that are directories, and nothing else: where nothing needs to be installed.
#[derive(Clone, Copy, Debug)]
pub struct LocalOnly;

impl Directories for LocalOnly {
    fn directory(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostics> {
        match wanted.address {
            ModuleSource::Local(path) => Ok(wanted.caller.join(path)),
            other => {
                let detail = format!("The module at {other} is no local directory, and nothing is installed here.");
                Err(Diagnostic::error("Module not installed", detail).at(wanted.call.span).into())
            }
        }
    }

    fn unreadable(&self, wanted: &Wanted<'_>, dir: &Path) -> Diagnostics {
        let detail = format!("The directory {} cannot be read.", dir.display());
        Diagnostic::error("Unreadable module directory", detail).at(wanted.call.span).into()
    }
}
