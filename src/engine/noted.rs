//! Providers that are not ours, as `init` noted them. Whoever wrote a name wrong hears of it before anything else: a provider
//! that nobody was told of is missing, and one that was noted is a mistake only where something of it is planned.

use super::{Workspace, registry};
use crate::config::{Config, ProviderSource};
use levee_model::{Diagnostic, Diagnostics};
use serde_json::json;
use std::collections::BTreeSet;

/// Where they are written down.
pub(super) const RECORD: &str = ".levee/providers.json";

/// Writes down those of the providers in use that are not ours.
///
/// # Errors
/// The file cannot be written.
pub(super) fn record<'a>(workspace: &Workspace, used: impl Iterator<Item = &'a ProviderSource>) -> Result<(), Box<Diagnostic>> {
    let path = workspace.dir.join(RECORD);
    let names: Vec<String> = used.filter(|s| is_foreign(s)).map(ToString::to_string).collect();
    if names.is_empty() && !path.exists() {
        return Ok(());
    }
    let text = json!({ "not_built_in": names }).to_string();
    let written = std::fs::create_dir_all(path.parent().unwrap_or(&workspace.dir)).and_then(|()| std::fs::write(&path, text));
    written
        .map_err(|e| Box::new(Diagnostic::error("Cannot note the providers in use", format!("{} cannot be written: {e}.", path.display()))))
}

/// What is said of providers that are not ours and were not noted, or that are taken for part of the language and are not.
pub(super) fn missing(workspace: &Workspace, config: &Config) -> Diagnostics {
    let all: BTreeSet<ProviderSource> = config.modules.values().flat_map(|m| super::init::used(m)).collect();
    let mut foreign: Vec<&ProviderSource> = all.iter().filter(|s| registry().get(&s.for_display()).is_none()).collect();
    if foreign.iter().any(|s| is_foreign(s)) {
        let noted = noted(workspace);
        foreign.retain(|s| !noted.contains(&s.to_string()));
    }
    let told = foreign.into_iter().map(|source| {
        let detail = if source.is_builtin() {
            format!("This configuration requires built-in provider {source}, but that provider isn't available in this Terraform version.")
        } else {
            format!(
                "This configuration requires provider {source}, but that provider isn't available. You may be able to install it automatically by running:\n  levee init"
            )
        };
        Diagnostic::error("Missing required provider", detail)
    });
    told.collect()
}

fn is_foreign(source: &ProviderSource) -> bool {
    !source.is_builtin() && registry().get(&source.for_display()).is_none()
}

/// A record that cannot be read has noted nothing: `init` writes it again.
fn noted(workspace: &Workspace) -> BTreeSet<String> {
    let read = || {
        let document: serde_json::Value = serde_json::from_slice(&workspace.files.read(&workspace.dir.join(RECORD)).ok()?).ok()?;
        Some(document["not_built_in"].as_array()?.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect())
    };
    read().unwrap_or_default()
}
