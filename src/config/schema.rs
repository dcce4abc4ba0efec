//! Which nested blocks providers' schemas have. In JSON syntax nothing else tells a block from an argument.

use levee_model::Mode;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The nested blocks of a body, by their type.
#[derive(Clone, Debug, Default)]
pub struct NestedBlocks {
    blocks: BTreeMap<Arc<str>, (NestedBlocks, bool)>,
}

/// Whose schema.
#[derive(Clone, Copy, Debug)]
pub enum SchemaOf<'a> {
    /// A resource type's, in a block of this kind.
    Resource(Mode, &'a str),
    /// The configuration of the provider of this local name.
    Provider(&'a str),
}

/// Where schemas are found. Without any, no block has nested ones of a provider's.
#[derive(Clone, Copy, Debug)]
pub struct Schemas(pub fn(SchemaOf<'_>) -> NestedBlocks);

impl Default for Schemas {
    fn default() -> Self {
        Self(|_| NestedBlocks::default())
    }
}

impl NestedBlocks {
    /// Adds a type of block with what stands in it; `labelled` where each of them has a label.
    pub fn add(&mut self, type_name: Arc<str>, inside: Self, labelled: bool) {
        self.blocks.insert(type_name, (inside, labelled));
    }

    /// What stands in blocks of this type, and what their labels are.
    pub(super) fn get(&self, type_name: &str) -> Option<(&Self, &'static [&'static str])> {
        let (inside, labelled) = self.blocks.get(type_name)?;
        Some((inside, if *labelled { &["key"] } else { &[] }))
    }
}
