//! Schemas by resource type: what tells nested blocks from attributes, and which provider a type belongs to.

use crate::providers::Registry;
use levee_model::{InstanceAddr, Mode};
use levee_sdk::Schema;
use levee_sdk::schema_json::full_source;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

/// One resource type or data source.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The provider's source address with its host, as Terraform's formats name it.
    pub(crate) provider: Arc<str>,
    /// What the type looks like.
    pub(crate) schema: Arc<Schema>,
}

/// The types that are built in, each looked up when the first object of it is drawn.
#[derive(Default)]
pub(crate) struct SchemaBook {
    registry: Option<&'static Registry>,
    /// Whether the types are built anew, for one thread alone.
    apart: bool,
    found: RwLock<BTreeMap<Mode, HashMap<String, Option<Entry>>>>,
}

impl SchemaBook {
    /// The types of a registry.
    pub(crate) fn of(registry: &'static Registry) -> Self {
        Self { registry: Some(registry), ..Self::default() }
    }

    /// The same types for another thread, which looks them up for itself: what two threads count references to is slow for both.
    pub(crate) fn apart(&self) -> Self {
        let found = || self.found.read().unwrap_or_else(PoisonError::into_inner).clone();
        let found = RwLock::new(if self.registry.is_some() { BTreeMap::new() } else { found() });
        Self { registry: self.registry, apart: true, found }
    }

    /// Adds one type.
    #[cfg(test)]
    pub(crate) fn add(&mut self, mode: Mode, type_name: &str, source: &str, schema: Arc<Schema>) {
        self.keep(mode, type_name, Some(Entry { provider: full_source(source).into(), schema }));
    }

    /// The type of an object.
    pub(crate) fn get(&self, addr: &InstanceAddr) -> Option<Entry> {
        self.of_type(addr.mode, &addr.type_name)
    }

    /// A type by its name.
    pub(crate) fn of_type(&self, mode: Mode, type_name: &str) -> Option<Entry> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner).get(&mode).and_then(|types| types.get(type_name).cloned());
        found.unwrap_or_else(|| {
            let entry = self.look_up(mode, type_name);
            self.keep(mode, type_name, entry.clone());
            entry
        })
    }

    fn look_up(&self, mode: Mode, type_name: &str) -> Option<Entry> {
        self.registry?.by_type(type_name).find_map(|provider| {
            let schema = match mode {
                Mode::Managed => {
                    let shared = provider.resource(type_name)?;
                    let own = if self.apart { shared.apart() } else { None };
                    own.unwrap_or(shared).schema()
                }
                Mode::Data => provider.data_source(type_name)?.schema(),
                Mode::Ephemeral => return None,
            };
            Some(Entry { provider: full_source(provider.source()).into(), schema })
        })
    }

    fn keep(&self, mode: Mode, type_name: &str, entry: Option<Entry>) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.entry(mode).or_default().insert(type_name.to_owned(), entry);
    }
}
