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
use levee_sdk::schema::Schema;
use levee_sdk::{Configured, Provider, Ready, Shape, TypeSet};
use std::sync::Arc;

/// What is done, as `latency` and `fault` blocks name it. Building is what follows on the creation of what is not ready at once.
const ACTIONS: &[&str] = &["create", "read", "update", "delete", "build"];

/// `levee/sim`
pub fn provider() -> Arc<dyn Provider> {
    let resources =
        [Typed::<SimCluster>::resource(), Typed::<SimNetwork>::resource(), Typed::<SimObject>::resource(), Typed::<SimRule>::resource()];
    let types = TypeSet::new(Schema::new(0, ProviderBlock::block(), ProviderBlock::doc()))
        .with_resources(resources)
        .with_data_sources([Typed::<SimLookup>::data_source()]);
    Arc::new(SimProvider { types })
}

struct SimProvider {
    types: TypeSet,
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
    fn types(&self) -> &TypeSet {
        &self.types
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
            let configured: Arc<dyn Configured> = Arc::new(Ready(Arc::new(sim)));
            Ok(configured)
        })
    }
}

/// What is wrong with an argument that must be one of these words, if it is set and known.
fn one_of(block: &Value, name: &str, words: &[&str]) -> Option<Diagnostic> {
    let value = block.get(name)?;
    let word = value.as_str().filter(|word| !words.contains(word))?;
    Some(Diagnostic::error(format!("Unknown {name}"), format!("{word:?} is none of {}.", words.join(", "))))
}
