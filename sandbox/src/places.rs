//! The directories of the sandboxes: a cache that is shared, and one runtime directory a sandbox.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::SandboxError;

/// Where sandboxes keep things.
#[derive(Debug, Clone)]
pub struct Places {
    cache: PathBuf,
    runtime: PathBuf,
}

impl Places {
    /// `cache` holds the Python packages (kept), `runtime` one directory a running sandbox (removed by stop).
    pub fn new(cache: impl Into<PathBuf>, runtime: impl Into<PathBuf>) -> Self {
        Self { cache: cache.into(), runtime: runtime.into() }
    }

    /// From `LEVEE_CACHE_DIR` and `LEVEE_SANDBOX_DIR`, else the XDG directories, else those under `HOME`.
    pub fn from_environment() -> Result<Self, SandboxError> {
        let cache = match directory("LEVEE_CACHE_DIR") {
            Some(given) => given,
            None => base("XDG_CACHE_HOME", ".cache")?.join("levee"),
        };
        let runtime = match directory("LEVEE_SANDBOX_DIR") {
            Some(given) => given,
            None => base("XDG_STATE_HOME", ".local/state")?.join("levee/sandbox"),
        };
        Ok(Self::new(cache.join("sandbox"), runtime))
    }

    /// The shared cache of virtual environments and layers.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The parent of all runtime directories.
    pub fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// The runtime directory of one sandbox.
    pub fn of(&self, name: &str) -> PathBuf {
        self.runtime.join(name)
    }
}

fn directory(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf, SandboxError> {
    if let Some(given) = directory(variable) {
        return Ok(given);
    }
    let home = directory("HOME").ok_or(SandboxError::NoHome { variable: "HOME" })?;
    Ok(home.join(below_home))
}
