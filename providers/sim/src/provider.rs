//! The provider itself: its schemas, its types by name, and how it is configured.

use crate::client::Sim;
use crate::cluster::SimCluster;
use crate::lookup::SimLookup;
use crate::network::SimNetwork;
use crate::object::SimObject;
use crate::provider_block::ProviderBlock;
use crate::rule::SimRule;
use crate::{faults, latency};
use futures::future::BoxFuture;
use levee_model::{Diagnostic, Diagnostics, Value};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::provider::Typed;
use levee_sdk::schema::{ProviderSchema, Schema};
use levee_sdk::{AnyDataSource, AnyResource, Configured, Provider, Shape};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is done, as `latency` and `fault` blocks name it. Building is what follows on the creation of what is not ready at once.
const ACTIONS: &[&str] = &["create", "read", "update", "delete", "build"];

/// `levee/sim`
pub fn provider() -> Arc<dyn Provider> {
    let resources =
        [Typed::<SimCluster>::resource(), Typed::<SimNetwork>::resource(), Typed::<SimObject>::resource(), Typed::<SimRule>::resource()];
    let resources: BTreeMap<_, _> = resources.into_iter().map(|r| (r.type_name(), r)).collect();
    let data_sources: BTreeMap<_, _> = [Typed::<SimLookup>::data_source()].into_iter().map(|d| (d.type_name(), d)).collect();
    let schema = ProviderSchema {
        provider: Schema::new(0, ProviderBlock::block(), ProviderBlock::doc()),
        resources: resources.iter().map(|(name, r)| (*name, r.schema())).collect(),
        data_sources: data_sources.iter().map(|(name, d)| (*name, d.schema())).collect(),
        ephemeral: BTreeMap::new(),
    };
    Arc::new(SimProvider { schema, resources, data_sources })
}

struct SimProvider {
    schema: ProviderSchema,
    resources: BTreeMap<&'static str, Arc<dyn AnyResource>>,
    data_sources: BTreeMap<&'static str, Arc<dyn AnyDataSource>>,
}

struct ConfiguredSim(Arc<Sim>);

impl Configured for ConfiguredSim {
    fn client(&self) -> Arc<dyn Any + Send + Sync> {
        self.0.clone()
    }
}

impl Provider for SimProvider {
    fn name(&self) -> &'static str {
        "sim"
    }
    fn source(&self) -> &'static str {
        "levee/sim"
    }
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        let blocks = |name: &str| config.get(name).and_then(|v| v.elements().map(<[Value]>::to_vec)).unwrap_or_default();
        let kinds: Vec<&str> = faults::KINDS.iter().map(|(kind, _)| *kind).collect();
        let mut told: Vec<Option<Diagnostic>> = Vec::new();
        for latency in blocks("latency") {
            told.push(one_of(&latency, "distribution", latency::DISTRIBUTIONS));
            told.push(one_of(&latency, "action", ACTIONS));
        }
        for fault in blocks("fault") {
            told.push(one_of(&fault, "kind", &kinds));
            told.push(one_of(&fault, "action", ACTIONS));
        }
        told.into_iter().flatten().collect()
    }
    fn configure(&self, config: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async move {
            let bad = |e| ProviderError::new(ErrorKind::Configuration, format!("provider block: {e}"));
            let sim = Sim::new(ProviderBlock::from_value(&config).map_err(bad)?)?;
            let configured: Arc<dyn Configured> = Arc::new(ConfiguredSim(Arc::new(sim)));
            Ok(configured)
        })
    }
    fn resource(&self, type_name: &str) -> Option<Arc<dyn AnyResource>> {
        self.resources.get(type_name).cloned()
    }
    fn data_source(&self, type_name: &str) -> Option<Arc<dyn AnyDataSource>> {
        self.data_sources.get(type_name).cloned()
    }
}

/// What is wrong with an argument that must be one of these words, if it is set and known.
fn one_of(block: &Value, name: &str, words: &[&str]) -> Option<Diagnostic> {
    let value = block.get(name)?;
    let word = value.as_str().filter(|word| !words.contains(word))?;
    Some(Diagnostic::error(format!("Unknown {name}"), format!("{word:?} is none of {}.", words.join(", "))))
}
