//! Schemas by resource type: what tells nested blocks from attributes, and which provider a type belongs to.

use crate::providers::{REGISTRY_HOST, Registry};
use levee_model::{InstanceAddr, Mode};
use levee_sdk::Schema;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One resource type or data source.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The provider's source address with its host, as Terraform's formats name it.
    pub(crate) provider: String,
    /// What the type looks like.
    pub(crate) schema: Arc<Schema>,
}

/// All types that are built in.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaBook {
    entries: BTreeMap<(Mode, String), Entry>,
}

impl SchemaBook {
    /// The types of a registry.
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut book = Self::default();
        for provider in registry.iter() {
            let schema = provider.schema();
            for (mode, types) in [(Mode::Managed, &schema.resources), (Mode::Data, &schema.data_sources)] {
                for (type_name, schema) in types {
                    book.add(mode, type_name, provider.source(), schema.clone());
                }
            }
        }
        book
    }

    /// Adds one type.
    pub(crate) fn add(&mut self, mode: Mode, type_name: &str, source: &str, schema: Arc<Schema>) {
        let entry = Entry { provider: full_source(source), schema };
        self.entries.insert((mode, type_name.to_owned()), entry);
    }

    /// The type of an object.
    pub(crate) fn get(&self, addr: &InstanceAddr) -> Option<&Entry> {
        self.of_type(addr.mode, &addr.type_name)
    }

    /// A type by its name.
    pub(crate) fn of_type(&self, mode: Mode, type_name: &str) -> Option<&Entry> {
        self.entries.get(&(mode, type_name.to_owned()))
    }
}

/// The source address with the host that it is short for.
pub(crate) fn full_source(source: &str) -> String {
    if source.split('/').count() == 2 { format!("{REGISTRY_HOST}/{source}") } else { source.to_owned() }
}
