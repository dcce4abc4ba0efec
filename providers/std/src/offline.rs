//! A provider without configuration: its types by name.

use futures::future::BoxFuture;
use levee_model::Value;
use levee_sdk::error::Result;
use levee_sdk::provider::{Typed, TypedData};
use levee_sdk::schema::ProviderSchema;
use levee_sdk::{AnyDataSource, AnyResource, Configured, DataSource, Provider, Resource};
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
}

impl Offline {
    /// A provider without types yet.
    pub(crate) fn new(name: &'static str, source: &'static str, version: &'static str) -> Self {
        Self { name, source, version, schema: ProviderSchema::default(), resources: BTreeMap::new(), data_sources: BTreeMap::new() }
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
        let data_source = TypedData::<T>::data_source();
        self.schema.data_sources.insert(T::TYPE, data_source.schema());
        self.data_sources.insert(T::TYPE, data_source);
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
}

struct Ready;

impl Configured for Ready {
    fn client(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::new(())
    }
}
