//! What a provider is asked for so that an object becomes what it was.

use crate::plan::objects::decode_values;
use levee_model::{Kind, Type, Value};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use levee_state::{Image, JournalEntry};
use std::sync::Arc;

/// The image as a configuration would say it. What the provider computes is left to it, and so is what it may compute, unless
/// somebody asked for it: `life` holds the object's steps since it was made.
pub fn config_of(block: &Block, image: &Value, life: &[JournalEntry]) -> Value {
    let life = Life::read(life, &block.ty());
    let mut out = image.clone();
    for (name, attribute) in &block.attributes {
        if is_computed(attribute) || (attribute.computed && !life.asked_for(name)) || is_alias(name, attribute) {
            out = out.with(name, Value::null(attribute.ty.clone()));
        }
    }
    for (name, nested) in &block.blocks {
        let Some(value) = out.get(name) else { continue };
        let left = nested.computed && !life.asked_for(name);
        out = out.with(name, if left { empty(nested) } else { inside(nested, value) });
    }
    out
}

fn is_computed(attribute: &Attribute) -> bool {
    (attribute.computed && !attribute.optional) || attribute.write_only
}

/// Names that came of a beginning are asked for as they are: of both, the name is the one that says it all.
fn is_alias(name: &str, attribute: &Attribute) -> bool {
    attribute.optional && attribute.computed && name.ends_with("name_prefix")
}

/// Nested blocks, with what only the provider says left to it.
fn inside(nested: &NestedBlock, value: Value) -> Value {
    let without = |object: &Value| -> Value {
        let mut out = object.clone();
        for (name, attribute) in nested.block.attributes.iter().filter(|(_, a)| is_computed(a)) {
            out = out.with(name, Value::null(attribute.ty.clone()));
        }
        for (name, deeper) in &nested.block.blocks {
            if let Some(value) = out.get(name) {
                out = out.with(name, inside(deeper, value));
            }
        }
        out
    };
    let (value, marks) = value.unmark();
    let ty = nested.block.ty();
    let made = match value.kind() {
        Kind::Object(_) => without(&value),
        Kind::List(_, items) => Value::list(ty, items.iter().map(without).collect::<Vec<_>>()),
        Kind::Set(_, items) => Value::set(ty, items.iter().map(without).collect()),
        Kind::Map(_, members) => Value::map(ty, members.iter().map(|(k, v)| (k.clone(), without(v))).collect()),
        _ => value,
    };
    made.mark(marks)
}

fn empty(nested: &NestedBlock) -> Value {
    match nested.nesting {
        Nesting::Single | Nesting::Group => Value::null(nested.block.ty()),
        Nesting::List => Value::list(nested.block.ty(), Vec::new()),
        Nesting::Set => Value::set(nested.block.ty(), Vec::new()),
        Nesting::Map => Value::map(nested.block.ty(), levee_model::Members::default()),
    }
}

/// What was asked for in the course of an object's life: prior and planned of each step.
struct Life {
    steps: Vec<(Option<Value>, Value)>,
    is_whole: bool,
}

impl Life {
    fn read(entries: &[JournalEntry], ty: &Type) -> Self {
        let read = |image: &Option<Image>| image.as_ref().and_then(|i| decode_values(&i.values, "", ty).ok());
        let steps = entries.iter().filter_map(|e| Some((read(&e.intent.prior), read(&e.intent.planned)?))).collect();
        Self { steps, is_whole: entries.first().is_some_and(|e| e.intent.action.starts_with("create")) }
    }

    /// Whether a configuration said something about an attribute that the provider may compute. Of an object whose creation
    /// is not known, everything counts as said.
    fn asked_for(&self, name: &str) -> bool {
        let says = |(prior, planned): &(Option<Value>, Value)| {
            let now = planned.get(name).filter(|v| !is_nothing(v));
            now.is_some_and(|now| prior.as_ref().and_then(|p| p.get(name)).as_ref() != Some(&now))
        };
        !self.is_whole || self.steps.iter().any(says)
    }
}

/// What a plan holds of an attribute of which only the provider can tell.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.elements().is_some_and(<[Value]>::is_empty)
}

/// The secrets among an image's arguments that are sent and never kept, where their version says that there was one.
pub fn unkept_secret(block: &Block, image: &Value) -> Option<Arc<str>> {
    let mut secrets = block.attributes.iter().filter(|(_, a)| a.write_only).map(|(name, _)| name);
    secrets.find(|name| image.get(&format!("{name}_version")).is_some_and(|v| !v.is_null())).cloned()
}
