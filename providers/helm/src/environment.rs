//! The one place where this crate reads the environment.

use std::path::PathBuf;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// Which Helm is meant, where somebody says so.
pub(crate) fn program() -> Option<PathBuf> {
    variable("LEVEE_HELM").map(PathBuf::from)
}

/// The first `helm` on the search path.
pub(crate) fn on_the_path() -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("helm")).find(|program| program.is_file())
}

/// Where what Helm fetches is kept between runs.
pub(crate) fn cache() -> PathBuf {
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap_or_else(std::env::temp_dir);
    base.join("levee").join("helm")
}

/// Where folders that live as long as a process are made.
pub(crate) fn temporary() -> PathBuf {
    std::env::temp_dir()
}

/// Variables that would change what Helm does behind our back.
pub(crate) fn surprises() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("HELM_") || name == "KUBECONFIG").collect()
}
