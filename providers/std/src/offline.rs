//! A provider without configuration: its types by name.

use futures::future::BoxFuture;
use levee_model::Value;
use levee_sdk::error::Result;
use levee_sdk::provider::Typed;
use levee_sdk::{Configured, DataSource, EphemeralResource, Provider, Resource, TypeSet};
use std::any::Any;
use std::sync::Arc;

/// The client of all types here: they need none.
pub(crate) type NoClient = ();

/// A provider whose types need no client.
pub(crate) struct Offline {
    name: &'static str,
    source: &'static str,
    version: &'static str,
    types: TypeSet,
}

impl Offline {
    /// A provider without types yet.
    pub(crate) fn new(name: &'static str, source: &'static str, version: &'static str) -> Self {
        Self { name, source, version, types: TypeSet::default() }
    }

    /// With a resource type.
    pub(crate) fn resource<T: Resource<Client = NoClient>>(mut self) -> Self {
        self.types = self.types.with_resources([Typed::<T>::resource()]);
        self
    }

    /// With a data source.
    pub(crate) fn data_source<T: DataSource<Client = NoClient>>(mut self) -> Self {
        self.types = self.types.with_data_sources([Typed::<T>::data_source()]);
        self
    }

    /// With an ephemeral type.
    pub(crate) fn ephemeral<T: EphemeralResource<Client = NoClient>>(mut self) -> Self {
        self.types = self.types.with_ephemeral([Typed::<T>::ephemeral()]);
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
    fn types(&self) -> &TypeSet {
        &self.types
    }
    fn configure(&self, _: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async { Ok(Arc::new(Ready) as Arc<dyn Configured>) })
    }
}

struct Ready;

impl Configured for Ready {
    fn client(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::new(())
    }
}
