//! Files in JSON syntax, to the same blocks and arguments that files in the native syntax become.
//!
//! In reading order: what the language expects where (`layout`), and
//! how values become blocks (`body`) and expressions (`expression`).

mod layout;
mod body;
mod expression;

use layout::Form;

use super::body::Attribute;
use super::names::Names;
use super::parse::Item;
use super::schema::Schemas;
use levee_model::{Diagnostics, SourceId, Sources};

/// Parses a configuration file; `sources` has its text already.
pub(super) fn parse_items(source: SourceId, sources: &Sources, names: &mut Names, schemas: Schemas, diags: &mut Diagnostics) -> Vec<Item> {
    let Some(file) = sources.get(source) else { return Vec::new() };
    let root = levee_syntax::json::read(source, &file.text, diags);
    body::Reader { source, sources, names, diags, schemas, bound: Vec::new() }.file(&root)
}

/// Parses a file of variable values, in which strings are taken as they are.
pub(super) fn parse_arguments(source: SourceId, sources: &Sources, diags: &mut Diagnostics) -> Vec<Attribute> {
    let Some(file) = sources.get(source) else { return Vec::new() };
    let root = levee_syntax::json::read(source, &file.text, diags);
    let mut names = Names::default();
    body::Reader { source, sources, names: &mut names, diags, schemas: Schemas::default(), bound: Vec::new() }
        .all_arguments(&root, Form::Texts)
}

#[cfg(test)]
mod tests;
