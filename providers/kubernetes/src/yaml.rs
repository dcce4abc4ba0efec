//! The provider `gavinbunney/kubectl`: objects as YAML texts, on the same client.

mod manifest;
mod provider_block;

use crate::client::Kubernetes;
use futures::future::BoxFuture;
use levee_cluster::Cluster;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::provider::Typed;
use levee_sdk::schema::Schema;
use levee_sdk::token::TokenSource;
use levee_sdk::{Configured, Provider, Ready, Shape, TypeSet};
use provider_block::ProviderBlock;
use std::sync::Arc;

/// Its source address.
pub const SOURCE: &str = "gavinbunney/kubectl";

/// The kubectl provider. `tokens` makes tokens that a program would make otherwise.
pub fn provider(tokens: Option<Arc<dyn TokenSource>>) -> Arc<dyn Provider> {
    let block = Schema::new(0, ProviderBlock::block(), ProviderBlock::doc());
    let types = TypeSet::new(block).with_resources([Typed::<manifest::KubectlManifest>::resource()]);
    Arc::new(Kubectl { types, tokens })
}

struct Kubectl {
    types: TypeSet,
    tokens: Option<Arc<dyn TokenSource>>,
}

impl Provider for Kubectl {
    fn name(&self) -> &'static str {
        "kubectl"
    }
    fn source(&self) -> &'static str {
        SOURCE
    }
    fn version(&self) -> &'static str {
        "1.19.0"
    }
    fn types(&self) -> &TypeSet {
        &self.types
    }
    fn configure(&self, config: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async move {
            let wrong = |e| ProviderError::new(ErrorKind::Configuration, format!("provider block: {e}"));
            let block = ProviderBlock::from_value(&config).map_err(wrong)?;
            let cluster = Cluster::reach(block.access(), self.tokens.clone()).await?;
            let configured: Arc<dyn Configured> = Arc::new(Ready(Arc::new(Kubernetes::new(cluster))));
            Ok(configured)
        })
    }
}
