//! Resource types that one thread has for itself.

use crate::providers::Registry;
use levee_sdk::AnyResource;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The resource types of a registry, each looked up once and shared with no other thread as far as that is possible.
pub(super) struct OwnTypes {
    registry: &'static Registry,
    /// By name, since hardly two providers have a type of the same: with the source it was looked up by.
    known: FxHashMap<Arc<str>, Vec<(Arc<str>, Option<Arc<dyn AnyResource>>)>>,
}

impl OwnTypes {
    /// Those of this registry.
    pub(super) fn new(registry: &'static Registry) -> Self {
        Self { registry, known: FxHashMap::default() }
    }

    /// The resource type of that name of the provider of that source.
    pub(super) fn get(&mut self, source: &str, type_name: &str) -> Option<&Arc<dyn AnyResource>> {
        if !self.known.contains_key(type_name) {
            self.known.insert(Arc::from(type_name), Vec::new());
        }
        let of_name = self.known.get_mut(type_name)?;
        let at = of_name.iter().position(|(known, _)| **known == *source).unwrap_or_else(|| {
            let found = self.registry.resource(source, type_name);
            of_name.push((Arc::from(source), found.map(|shared| shared.apart().unwrap_or(shared))));
            of_name.len() - 1
        });
        of_name[at].1.as_ref()
    }
}
