//! Whether the configuration's backend is one of ours, and says what that understands. Only those ask who want the state, or
//! prepare for it.

use crate::config::refused::{Construct, refuse};
use crate::config::{Config, StatePlace};
use crate::eval::{self, Nothing};
use levee_model::{Diagnostic, Diagnostics, ModulePath, Type};
use levee_sdk::schema::{Attribute, Block};
use std::sync::Arc;

/// The backends of the language, apart from `local`.
const OTHERS: [&str; 12] = ["remote", "azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "oss", "pg", "s3", "cloud"];

/// Backends that the language had once.
const REMOVED: [&str; 5] = ["artifactory", "etcd", "etcdv3", "manta", "swift"];

/// What is wrong with where the root module says its state is kept, or cannot be done.
pub(super) fn check(config: &Config) -> Diagnostics {
    let mut out = Diagnostics::new();
    let Some(root) = config.modules.get(&ModulePath::root()) else { return out };
    if let Some(span) = root.settings.cloud {
        out.push(refuse(Construct::Cloud, span));
    }
    let Some(place) = &root.settings.backend else { return out };
    match &*place.kind {
        "local" => check_local(place, &mut out),
        kind if OTHERS.contains(&kind) => out.push(refuse(Construct::Backend, place.span)),
        kind if REMOVED.contains(&kind) => {
            let detail = format!("The {kind:?} backend is not supported in Terraform v1.3 or later.");
            out.push(Diagnostic::error("Unsupported backend type", detail).at(place.kind_span));
        }
        kind => {
            let detail = format!("There is no backend type named {kind:?}.");
            out.push(Diagnostic::error("Unsupported backend type", detail).at(place.kind_span));
        }
    }
    out
}

fn check_local(place: &StatePlace, out: &mut Diagnostics) {
    let text = || Attribute { optional: true, ..Attribute::new(Type::String) };
    let mut schema = Block::default();
    schema.attributes.insert(Arc::from("path"), text());
    schema.attributes.insert(Arc::from("workspace_dir"), text());
    let value = eval::evaluate_body(&place.body, &schema, &Nothing::constants(), out);
    for (name, what) in [("path", "state file path"), ("workspace_dir", "workspace directory path")] {
        if value.get(name).is_some_and(|v| v.as_str() == Some("")) {
            let detail = format!("The {name:?} attribute value must not be empty.");
            let span = place.body.attribute(name).map_or(place.span, |a| a.expr.span);
            out.push(Diagnostic::error(format!("Invalid local {what}"), detail).at(span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::config;
    use crate::engine::load::RULES;

    #[test]
    fn what_is_not_carried_out_is_refused() {
        for (text, expected) in [
            ("backend \"local\" {\n path = \"a${\"b\"}\"\n}", None),
            ("backend \"s3\" {}", Some("Unsupported construct")),
            ("cloud {}", Some("Unsupported construct")),
            ("backend \"etcd\" {}", Some("Unsupported backend type")),
            ("backend \"local\" {\n path = var.x\n}", Some("Variables not allowed")),
            ("backend \"local\" {\n workspace_dir = \"\"\n}", Some("Invalid local workspace directory path")),
        ] {
            let dir = tempfile::tempdir().expect("a temporary directory");
            std::fs::write(dir.path().join("main.tf"), format!("terraform {{\n {text}\n}}\n")).expect("file");
            let (config, read) = config::load(dir.path(), RULES);
            assert!(read.is_empty(), "{read:?}");
            let found: Vec<String> = check(&config).into_iter().map(|d| d.summary).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }
}
