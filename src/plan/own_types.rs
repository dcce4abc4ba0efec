//! Resource types that one thread has for itself.

use crate::providers::Registry;
use levee_sdk::AnyResource;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// So many objects of one type are worth building it anew.
const MANY: usize = 32;

/// The resource types of a registry, each looked up once, and shared with no other thread once there are many objects of it.
pub(super) struct OwnTypes {
    registry: &'static Registry,
    /// By name, since hardly two providers have a type of the same.
    known: FxHashMap<Arc<str>, Vec<Known>>,
}

/// A type, where there is one of the name, with the source that it was looked up by and how often it was asked for.
struct Known {
    source: Arc<str>,
    found: Option<Arc<dyn AnyResource>>,
    asked: usize,
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
        let at = of_name.iter().position(|known| *known.source == *source).unwrap_or_else(|| {
            of_name.push(Known { source: Arc::from(source), found: self.registry.resource(source, type_name), asked: 0 });
            of_name.len() - 1
        });
        let known = &mut of_name[at];
        known.asked += 1;
        if known.asked == MANY {
            known.found = known.found.take().map(|shared| shared.apart().unwrap_or(shared));
        }
        known.found.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{MANY, OwnTypes};
    use crate::providers::registry;
    use levee_sdk::AnyResource;
    use std::sync::Arc;

    #[test]
    fn a_type_of_many_objects_is_built_anew_and_looks_the_same() {
        let (name, registry) = ("terraform_data", registry());
        let provider = registry.by_type(name).find(|provider| provider.resource(name).is_some()).expect("it is built in");
        let shared = provider.resource(name).expect("it is built in");
        let is_shared = |found: &Arc<dyn AnyResource>| Arc::ptr_eq(&found.schema(), &shared.schema());
        let mut types = OwnTypes::new(registry);
        let found: Vec<bool> = (0..MANY + 2).map(|_| types.get(provider.source(), name).is_some_and(is_shared)).collect();
        assert_eq!(found, [vec![true; MANY - 1], vec![false; 3]].concat());
        assert_eq!(types.get(provider.source(), name).map(|own| own.schema().ty()), Some(shared.schema().ty()));
        assert!(types.get(provider.source(), "terraform_datum").is_none());
    }
}
