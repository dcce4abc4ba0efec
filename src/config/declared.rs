//! The resources of a module while its files are read: each is found by its name, and only all of them together are put in order.

use super::resource::Resource;
use hashbrown::HashTable;
use levee_model::Mode;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Kind, type and name of a resource.
pub(super) type ResourceKey = (Mode, Arc<str>, Arc<str>);

/// Resources in the order of their blocks.
#[derive(Default)]
pub(super) struct Declared {
    all: Vec<(ResourceKey, Arc<Resource>)>,
    /// Places in `all`, by the hashes of the keys there.
    places: HashTable<usize>,
}

impl Declared {
    /// The resource of that name.
    pub(super) fn get(&mut self, key: &ResourceKey) -> Option<&mut Arc<Resource>> {
        let at = *self.places.find(hash_of(key), |at| self.all[*at].0 == *key)?;
        Some(&mut self.all[at].1)
    }

    /// Adds one of a name that no other has.
    pub(super) fn add(&mut self, key: ResourceKey, resource: Resource) {
        let all = &self.all;
        self.places.insert_unique(hash_of(&key), all.len(), |at| hash_of(&all[*at].0));
        self.all.push((key, Arc::new(resource)));
    }

    /// All of them, in order.
    pub(super) fn finish(self) -> BTreeMap<ResourceKey, Arc<Resource>> {
        self.all.into_iter().collect()
    }
}

fn hash_of(key: &ResourceKey) -> u64 {
    FxBuildHasher.hash_one(key)
}
