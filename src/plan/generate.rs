//! Configuration for objects that are imported into resources that stand nowhere yet: what an object is, written as the
//! block that would make it.

use super::compile::{create_first, new_walk};
use super::imports::{import_object, targets, unconfigured_in};
use super::logins::{log_in, provider_needs};
use super::objects::schema_of;
use super::pool::Pool;
use super::walk::Pass;
use crate::config::{Import, format};
use crate::graph::BlockId;
use crate::graph::build::reference_needs;
use crate::graph::target::{Selection, with_needs};
use crate::plan::compile::Source;
use levee_model::text::quote;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Kind, ModulePath, Sources, Type, Value, json};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// The beginning of the file.
const HEADER: &str = "# __generated__ by Terraform\n# Please review these resources and move them into your main configuration files.\n";

/// What was written, and what it was written from.
#[derive(Debug, Default)]
pub struct Generated {
    /// The text of the file.
    pub text: String,
    /// The objects.
    pub imports: BTreeMap<InstanceAddr, Value>,
    /// The block of each.
    pub blocks: BTreeMap<InstanceAddr, Arc<str>>,
}

/// Empty blocks for imports into resources that stand nowhere, so that they have a place in the graph. `None` without
/// such imports.
pub fn skeleton(config: &crate::config::Config) -> Option<String> {
    let blocks: String = unconfigured_in(config).iter().map(|i| format!("{}}}\n", heading(i))).collect();
    (!blocks.is_empty()).then_some(blocks)
}

/// The first lines of a block.
fn heading(import: &Import) -> String {
    let mut out = format!("resource {} {} {{\n", quote(&import.resource.type_name), quote(&import.resource.name));
    if let Some((provider, _)) = &import.provider {
        let alias = provider.alias.as_ref().map_or_else(String::new, |a| format!(".{a}"));
        let _ = writeln!(out, "  provider = {}{alias}", provider.name);
    }
    out
}

/// Imports what the blocks of `wanted` name (`source` has empty blocks for them), and writes the blocks as they should be.
pub async fn generate(source: &Source, wanted: &[Import]) -> (Generated, Diagnostics) {
    let first = create_first(&source.blocks);
    let pool = log_in(source, &first).await;
    let whole = Selection::default();
    let mut walk = new_walk(source, Pass::Plan, pool, &whole, &first);
    walk.run(Some(&needed(source, wanted))).await;
    let mut diagnostics = std::mem::take(&mut walk.diagnostics);
    let mut out = Generated { text: HEADER.to_owned(), ..Generated::default() };
    for import in wanted {
        let found = targets(&walk.world, import, false);
        diagnostics.extend(found.diagnostics);
        for (addr, id) in found.ids {
            match object(source, &walk.pool, &addr, &id).await {
                Ok((value, schema)) => {
                    let block = written(import, &value, &schema.block);
                    let _ = write!(out.text, "\n# __generated__ by Terraform from {}\n{block}", quote(&id));
                    out.blocks.insert(addr.clone(), Arc::from(block.trim_end()));
                    out.imports.insert(addr, value);
                }
                Err(d) => diagnostics.push(d.at_if_none(Some(import.to.span))),
            }
        }
    }
    (out, diagnostics)
}

/// What must be known before the ids of imports are.
fn needed(source: &Source, wanted: &[Import]) -> BTreeSet<BlockId> {
    let mut blocks = provider_needs(&source.blocks);
    let mut named = Vec::new();
    for expr in wanted.iter().flat_map(|i| i.for_each.iter().chain([&i.id])) {
        for reference in expr.references() {
            reference_needs(&ModulePath::root(), reference, &mut |b| named.extend(source.blocks.id(&b)));
        }
    }
    blocks.extend(with_needs(&source.blocks, named));
    blocks
}

async fn object(source: &Source, pool: &Pool, addr: &InstanceAddr, id: &str) -> Result<(Value, Arc<Schema>), Diagnostic> {
    let unknown = || Diagnostic::error(format!("provider does not support resource type for {:?}", addr.to_string()), String::new());
    let declared = source.blocks.resource_block(&addr.resource()).ok_or_else(unknown)?;
    let prior = import_object(&source.config, source.registry, pool, addr, &declared.provider, id).await?;
    let schema = schema_of(&prior.row, source.registry).ok_or_else(unknown)?;
    Ok((prior.stored, schema))
}

/// One block.
fn written(import: &Import, value: &Value, block: &Block) -> String {
    let plain = value.clone().unmark_deep().0;
    let mut text = heading(import);
    inside(&plain, block, 1, &mut text);
    text.push_str("}\n");
    let mut sources = Sources::default();
    let file = sources.add("generated", text.clone());
    format(&sources, file).unwrap_or(text)
}

fn inside(object: &Value, block: &Block, depth: usize, out: &mut String) {
    let margin = "  ".repeat(depth);
    for (name, attribute) in &block.attributes {
        let value = object.get(name).unwrap_or_else(|| Value::null(attribute.ty.clone()));
        if is_left_out(name, attribute, &value, depth) {
            continue;
        }
        if attribute.sensitive || attribute.write_only {
            let _ = writeln!(out, "{margin}{name} = null # sensitive");
        } else {
            let _ = writeln!(out, "{margin}{name} = {}", expression(&value, depth));
        }
    }
    for (name, nested) in &block.blocks {
        if let Some(value) = object.get(name).filter(|v| !v.is_null()) {
            nested_blocks(name, nested, &value, depth, out);
        }
    }
}

/// What only the provider says, what is out of date, and what says nothing.
fn is_left_out(name: &str, attribute: &Attribute, value: &Value, depth: usize) -> bool {
    let read_only = attribute.computed && !attribute.optional;
    let own_id = depth == 1 && name == "id" && attribute.computed;
    read_only || own_id || attribute.deprecated.is_some() || (attribute.computed && value.is_null())
}

fn nested_blocks(name: &str, nested: &NestedBlock, value: &Value, depth: usize, out: &mut String) {
    let margin = "  ".repeat(depth);
    let mut one = |label: String, object: &Value| {
        let _ = writeln!(out, "{margin}{name}{label} {{");
        inside(object, &nested.block, depth + 1, out);
        let _ = writeln!(out, "{margin}}}");
    };
    match nested.nesting {
        Nesting::Single | Nesting::Group => one(String::new(), value),
        Nesting::List | Nesting::Set => value.elements().unwrap_or(&[]).iter().for_each(|v| one(String::new(), v)),
        Nesting::Map => value.members().into_iter().flatten().for_each(|(key, v)| one(format!(" {}", quote(key)), v)),
    }
}

/// A value as it is written. Text that is JSON is written as the call that makes it.
fn expression(value: &Value, depth: usize) -> String {
    if let Some(text) = value.as_str() {
        let parsed = serde_json::from_str::<serde_json::Value>(text).ok().filter(|j| j.is_object() || j.is_array());
        let typed = parsed.and_then(|j| json::from_json(&j, &Type::Dynamic).ok().or_else(|| json::from_json(&j, &json_type(&j)).ok()));
        return typed.map_or_else(|| quote(text), |v| format!("jsonencode({})", expression_of(&v, depth)));
    }
    expression_of(value, depth)
}

fn json_type(value: &serde_json::Value) -> Type {
    match value {
        serde_json::Value::Null => Type::Dynamic,
        serde_json::Value::Bool(_) => Type::Bool,
        serde_json::Value::Number(_) => Type::Number,
        serde_json::Value::String(_) => Type::String,
        serde_json::Value::Array(items) => Type::tuple(items.iter().map(json_type).collect::<Vec<_>>()),
        serde_json::Value::Object(members) => Type::object(members.iter().map(|(k, v)| (Arc::from(k.as_str()), json_type(v))).collect()),
    }
}

fn expression_of(value: &Value, depth: usize) -> String {
    if value.is_null() || !value.is_known() {
        return "null".to_owned();
    }
    match value.kind() {
        Kind::String(text) => quote(text),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::List(_, items) | Kind::Set(_, items) => sequence(items, depth),
        Kind::Tuple(items) => sequence(items, depth),
        Kind::Map(_, members) => table(members.iter(), depth),
        Kind::Object(members) => table(members.iter(), depth),
        _ => "null".to_owned(),
    }
}

fn sequence(items: &[Value], depth: usize) -> String {
    let items: Vec<String> = items.iter().map(|v| expression_of(v, depth)).collect();
    format!("[{}]", items.join(", "))
}

fn table<'a>(members: impl Iterator<Item = (&'a Arc<str>, &'a Value)>, depth: usize) -> String {
    let margin = "  ".repeat(depth + 1);
    let lines: String = members.map(|(k, v)| format!("{margin}{} = {}\n", key(k), expression_of(v, depth + 1))).collect();
    if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{lines}{}}}", "  ".repeat(depth)) }
}

/// A key that is a name stands for itself.
fn key(text: &str) -> String {
    let mut chars = text.chars();
    let name = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if name { text.to_owned() } else { quote(text) }
}
