//! A provider without configuration: its types by name.

use futures::future::BoxFuture;
use levee_model::Value;
use levee_sdk::error::Result;
use levee_sdk::provider::Typed;
use levee_sdk::schema::ProviderSchema;
use levee_sdk::{AnyDataSource, AnyEphemeral, AnyResource, Configured, DataSource, EphemeralResource, Provider, Resource};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The client of all types here: they need none.
pub(crate) type NoClient = ();

/// A provider whose types need no client.
pub(crate) struct Offline {
    name: &'static str,
    source: &'static str,
    version: &'static str,
    schema: ProviderSchema,
    resources: BTreeMap<&'static str, Arc<dyn AnyResource>>,
    data_sources: BTreeMap<&'static str, Arc<dyn AnyDataSource>>,
    ephemeral: BTreeMap<&'static str, Arc<dyn AnyEphemeral>>,
}

impl Offline {
    /// A provider without types yet.
    pub(crate) fn new(name: &'static str, source: &'static str, version: &'static str) -> Self {
        let (resources, data_sources, ephemeral) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { name, source, version, schema: ProviderSchema::default(), resources, data_sources, ephemeral }
    }

    /// With a resource type.
    pub(crate) fn resource<T: Resource<Client = NoClient>>(mut self) -> Self {
        let resource = Typed::<T>::resource();
        self.schema.resources.insert(T::TYPE, resource.schema());
        self.resources.insert(T::TYPE, resource);
        self
    }

    /// With a data source.
    pub(crate) fn data_source<T: DataSource<Client = NoClient>>(mut self) -> Self {
        let data_source = Typed::<T>::data_source();
        self.schema.data_sources.insert(T::TYPE, data_source.schema());
        self.data_sources.insert(T::TYPE, data_source);
        self
    }

    /// With an ephemeral type.
    pub(crate) fn ephemeral<T: EphemeralResource<Client = NoClient>>(mut self) -> Self {
        let ephemeral = Typed::<T>::ephemeral();
        self.schema.ephemeral.insert(T::TYPE, ephemeral.schema());
        self.ephemeral.insert(T::TYPE, ephemeral);
        self
    }
}

impl Provider for Offline {
    fn name(&self) -> &'static str {
        self.name
    }
    fn source(&self) -> &'static str {
        self.source
    }
    fn version(&self) -> &'static str {
        self.version
    }
    fn is_local(&self) -> bool {
        true
    }
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }
    fn configure(&self, _: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async { Ok(Arc::new(Ready) as Arc<dyn Configured>) })
    }
    fn resource(&self, type_name: &str) -> Option<Arc<dyn AnyResource>> {
        self.resources.get(type_name).cloned()
    }
    fn data_source(&self, type_name: &str) -> Option<Arc<dyn AnyDataSource>> {
        self.data_sources.get(type_name).cloned()
    }
    fn ephemeral(&self, type_name: &str) -> Option<Arc<dyn AnyEphemeral>> {
        self.ephemeral.get(type_name).cloned()
    }
}

struct Ready;

impl Configured for Ready {
    fn client(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::new(())
    }
}
