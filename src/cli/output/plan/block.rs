//! What differs inside a block: the schema says what is an attribute and what a nested block, and what is secret.

use super::difference::{Blocks, Body, Node, compare, place};
use levee_model::{Action, Marks, Members, Path, Step, Value};
use levee_sdk::schema::{Block, NestedBlock, Nesting};
use std::sync::Arc;

/// Compares the insides of two blocks. Without a schema everything is an attribute.
pub(crate) fn compare_block(before: Option<&Value>, after: Option<&Value>, schema: Option<&Block>, at: &Path, forced: &[Path]) -> Node {
    let is = |v: Option<&Value>| v.is_some_and(|v| !v.is_null());
    let action = match (is(before), is(after)) {
        (false, false) => Action::NoOp,
        (false, true) => Action::Create,
        (true, false) => Action::Delete,
        (true, true) if before == after => Action::NoOp,
        (true, true) => Action::Update,
    };
    let forces = !at.0.is_empty() && forced.contains(at);
    if [before, after].iter().flatten().any(|v| v.is_sensitive()) {
        return Node { action, forces, body: Body::Sensitive(None) };
    }
    let attributes = attributes(before, after, schema, at, forced);
    let mut blocks = Vec::new();
    for (name, nested) in schema.into_iter().flat_map(|s| &s.blocks) {
        let path = place(at, || Step::Attribute(name.clone()), forced);
        let part = |v: Option<&Value>| v.and_then(|v| v.get(name)).filter(|v| !v.is_null());
        let nodes = nested_blocks(part(before).as_ref(), part(after).as_ref(), nested, &path, forced);
        if !nodes.is_empty() {
            blocks.push(Blocks { name: name.clone(), nodes });
        }
    }
    Node { action, forces, body: Body::Block { attributes, blocks } }
}

fn attributes(before: Option<&Value>, after: Option<&Value>, schema: Option<&Block>, at: &Path, forced: &[Path]) -> Vec<(Arc<str>, Node)> {
    let mut names: Vec<&Arc<str>> = [before, after].into_iter().flatten().filter_map(Value::members).flat_map(Members::keys).collect();
    names.sort();
    names.dedup();
    let mut out = Vec::new();
    for name in names {
        if schema.is_some_and(|s| s.blocks.contains_key(name)) {
            continue;
        }
        let declared = schema.and_then(|s| s.attributes.get_key_value(name));
        let (name, attribute) = declared.map_or((name, None), |(name, attribute)| (name, Some(attribute)));
        let hide = attribute.is_some_and(|a| a.sensitive || a.write_only);
        let computed = attribute.is_some_and(|a| a.computed && !a.optional);
        let part = |block: Option<&Value>| {
            let v = block?.get(name).filter(|v| !v.is_null())?;
            Some(if hide { v.sensitive() } else { block.filter(|_| computed).and_then(|b| secret_like(b, &v)).unwrap_or(v) })
        };
        let (b, a) = (part(before), part(after));
        if b.is_none() && a.is_none() {
            continue;
        }
        let path = place(at, || Step::Attribute(name.clone()), forced);
        out.push((name.clone(), compare(b.as_ref(), a.as_ref(), &path, forced)));
    }
    out
}

/// The argument of the same block that has this value and hides some of it: what a provider computes from a secret by
/// repeating it (`output` of `terraform_data`) carries no mark of its own.
pub(crate) fn secret_like(block: &Value, value: &Value) -> Option<Value> {
    if !block.has_marks() {
        return None;
    }
    let bare = value.clone().unmark_deep().0;
    let repeated = |other: &&Value| {
        let (plain, marks) = (*other).clone().unmark_deep();
        marks.contains(Marks::SENSITIVE) && plain == bare
    };
    block.members()?.values().find(repeated).cloned()
}

/// The blocks of one type, each with its label if it has one.
fn nested_blocks(
    before: Option<&Value>,
    after: Option<&Value>,
    nested: &NestedBlock,
    at: &Path,
    forced: &[Path],
) -> Vec<(Option<Arc<str>>, Node)> {
    if before.is_none() && after.is_none() {
        return Vec::new();
    }
    let whole = forced.contains(at);
    let one = |b: Option<&Value>, a: Option<&Value>, step: Option<Step>| {
        let path = step.map_or_else(|| at.clone(), |s| at.then(s));
        let mut node = compare_block(b, a, Some(&nested.block), &path, forced);
        node.forces |= whole && node.action != Action::NoOp;
        node
    };
    let unknown = after.is_some_and(|v| !v.is_known());
    if unknown || [before, after].iter().flatten().any(|v| v.is_sensitive()) {
        return vec![(None, compare(before, after, at, forced))];
    }
    let elements = |v: Option<&Value>| v.and_then(Value::elements).unwrap_or_default().to_vec();
    match nested.nesting {
        Nesting::Single | Nesting::Group => vec![(None, one(before, after, None))],
        Nesting::List => {
            let (b, a) = (elements(before), elements(after));
            (0..b.len().max(a.len())).map(|i| (None, one(b.get(i), a.get(i), Some(Step::Index(i))))).collect()
        }
        Nesting::Set => {
            let (b, a) = (elements(before), elements(after));
            let gone = b.iter().map(|e| one(Some(e), a.contains(e).then_some(e), Some(Step::Element(e.clone()))));
            let new = a.iter().filter(|e| !b.contains(e)).map(|e| one(None, Some(e), Some(Step::Element(e.clone()))));
            gone.chain(new).map(|n| (None, n)).collect()
        }
        Nesting::Map => {
            let keys = |v: Option<&Value>| v.and_then(Value::members).into_iter().flat_map(|m| m.keys().cloned()).collect::<Vec<_>>();
            let mut labels = keys(before);
            labels.extend(keys(after));
            labels.sort();
            labels.dedup();
            let part = |v: Option<&Value>, key: &str| v.and_then(|v| v.get(key));
            labels
                .into_iter()
                .map(|k| {
                    let node = one(part(before, &k).as_ref(), part(after, &k).as_ref(), Some(Step::Key(k.clone())));
                    (Some(k), node)
                })
                .collect()
        }
    }
}
