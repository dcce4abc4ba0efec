//! The types of a provider by their names. A schema is built when it is asked for: one type of hundreds is what a configuration has.

use crate::provider::{AnyDataSource, AnyEphemeral, AnyResource};
use crate::schema::{ProviderSchema, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a provider has: the schema of its block, and its types.
#[derive(Default)]
pub struct TypeSet {
    block: Schema,
    resources: BTreeMap<&'static str, Arc<dyn AnyResource>>,
    data_sources: BTreeMap<&'static str, Arc<dyn AnyDataSource>>,
    ephemeral: BTreeMap<&'static str, Arc<dyn AnyEphemeral>>,
    refused: BTreeMap<&'static str, &'static str>,
}

impl TypeSet {
    /// No types yet, of a provider whose block looks like this.
    pub fn new(block: Schema) -> Self {
        Self { block, ..Self::default() }
    }

    /// With resource types.
    #[must_use]
    pub fn with_resources(mut self, types: impl IntoIterator<Item = Arc<dyn AnyResource>>) -> Self {
        self.resources.extend(types.into_iter().map(|t| (t.type_name(), t)));
        self
    }

    /// With data sources.
    #[must_use]
    pub fn with_data_sources(mut self, types: impl IntoIterator<Item = Arc<dyn AnyDataSource>>) -> Self {
        self.data_sources.extend(types.into_iter().map(|t| (t.type_name(), t)));
        self
    }

    /// With ephemeral types.
    #[must_use]
    pub fn with_ephemeral(mut self, types: impl IntoIterator<Item = Arc<dyn AnyEphemeral>>) -> Self {
        self.ephemeral.extend(types.into_iter().map(|t| (t.type_name(), t)));
        self
    }

    /// Without types that others know by these names, and what is to be done instead.
    #[must_use]
    pub fn without(mut self, types: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        self.refused.extend(types);
        self
    }

    /// What is to be done instead, where there is no type of that name for a reason.
    pub fn instead_of(&self, name: &str) -> Option<&'static str> {
        self.refused.get(name).copied()
    }

    /// The schema of the provider block.
    pub fn block(&self) -> &Schema {
        &self.block
    }

    /// The resource type of that name.
    pub fn resource(&self, name: &str) -> Option<Arc<dyn AnyResource>> {
        self.resources.get(name).cloned()
    }

    /// The data source of that name.
    pub fn data_source(&self, name: &str) -> Option<Arc<dyn AnyDataSource>> {
        self.data_sources.get(name).cloned()
    }

    /// The ephemeral type of that name.
    pub fn ephemeral(&self, name: &str) -> Option<Arc<dyn AnyEphemeral>> {
        self.ephemeral.get(name).cloned()
    }

    /// All schemas, which are built for it.
    pub fn schema(&self) -> ProviderSchema {
        ProviderSchema {
            provider: self.block.clone(),
            resources: self.resources.iter().map(|(name, t)| (*name, t.schema())).collect(),
            data_sources: self.data_sources.iter().map(|(name, t)| (*name, t.schema())).collect(),
            ephemeral: self.ephemeral.iter().map(|(name, t)| (*name, t.schema())).collect(),
        }
    }
}
