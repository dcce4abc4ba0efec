//! `init -backend-config`: what the command line says of the backend, over what the configuration's block says. It is written
//! down, and holds for later commands as long as the block says what it said then.

use super::load::RULES;
use crate::config::{Config, LocalBackend, parse_tfvars};
use levee_model::{Diagnostic, Diagnostics, Span};
use std::path::Path;
use std::sync::Arc;

/// What was said, and where: here, or in the block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// What the block said.
    pub(super) block: LocalBackend,
    /// What the command line said.
    pub(super) given: LocalBackend,
}

impl Said {
    /// Both taken together: the command line wins.
    pub(super) fn whole(&self) -> LocalBackend {
        let Self { block, given } = self;
        LocalBackend {
            path: given.path.clone().or_else(|| block.path.clone()),
            workspace_dir: given.workspace_dir.clone().or_else(|| block.workspace_dir.clone()),
        }
    }
}

/// Reads the arguments: `NAME=VALUE`, or the name of a file with such arguments; later ones win. Relative files are looked for in `dir`.
pub(super) fn read(arguments: &[String], dir: &Path, config: &mut Config, diagnostics: &mut Diagnostics) -> LocalBackend {
    let mut out = LocalBackend::default();
    for argument in arguments {
        match argument.split_once('=') {
            Some((name, value)) => {
                if let Err(d) = set(&mut out, name, value) {
                    diagnostics.push(d.unwrap_or_else(|| unknown(name)));
                }
            }
            None => file(&mut out, argument, dir, config, diagnostics),
        }
    }
    out
}

fn unknown(name: &str) -> Diagnostic {
    let detail =
        format!("The backend configuration argument {name:?} given on the command line is not expected for the selected backend type.");
    Diagnostic::error("Invalid backend configuration argument", detail)
}

/// `Err(None)` when there is no such argument.
fn set(out: &mut LocalBackend, name: &str, value: &str) -> Result<(), Option<Diagnostic>> {
    let (slot, what) = match name {
        "path" => (&mut out.path, "state file path"),
        "workspace_dir" => (&mut out.workspace_dir, "workspace directory path"),
        _ => return Err(None),
    };
    if value.is_empty() {
        let detail = format!("The {name:?} attribute value must not be empty.");
        return Err(Some(Diagnostic::error(format!("Invalid local {what}"), detail)));
    }
    *slot = Some(Arc::from(value));
    Ok(())
}

fn file(out: &mut LocalBackend, name: &str, dir: &Path, config: &mut Config, diagnostics: &mut Diagnostics) {
    let Ok(bytes) = std::fs::read(dir.join(name)) else {
        return diagnostics.push(Diagnostic::error("Failed to read file", format!("The file {name:?} could not be read.")));
    };
    let source = config.sources.add_bytes(name.to_owned(), bytes);
    let (items, found) = parse_tfvars(&config.sources, source);
    diagnostics.extend(found);
    for (name, expr, span) in items {
        let value = RULES.constants.try_value(&expr);
        let Some(text) = value.as_ref().and_then(|v| v.as_str()) else {
            let detail = format!("Inappropriate value for attribute {:?}: string required.", &*name);
            diagnostics.push(Diagnostic::error("Incorrect attribute value type", detail).at(expr.span));
            continue;
        };
        if let Err(wrong) = set(out, &name, text) {
            diagnostics.push(wrong.unwrap_or_else(|| unsupported(&name)).at(span_of(&name, expr.span, span)));
        }
    }
}

fn unsupported(name: &str) -> Diagnostic {
    Diagnostic::error("Unsupported argument", format!("An argument named {name:?} is not expected here."))
}

/// A name that is wrong is pointed at itself, a value that is wrong too.
fn span_of(name: &str, value: Span, of_name: Span) -> Span {
    if matches!(name, "path" | "workspace_dir") { value } else { of_name }
}

/// What is said where there is no block that could be added to.
pub(super) fn no_block() -> Diagnostic {
    Diagnostic::warning(
        "Missing backend configuration",
        "-backend-config was used without a \"backend\" block in the configuration.\n\nIf you intended to override the default local backend configuration,\nno action is required, but you may add an explicit backend block to your\nconfiguration to clear this warning:\n\nterraform {\n  backend \"local\" {}\n}\n\nHowever, if you intended to override a defined backend, please verify that\nthe backend configuration is present and valid.",
    )
}
