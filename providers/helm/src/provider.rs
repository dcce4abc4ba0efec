//! The provider itself: its schemas, its types by name, and how it is configured.

use crate::client::Helm;
use crate::provider_block::ProviderBlock;
use crate::release_type::ReleaseType;
use crate::template::Template;
use futures::future::BoxFuture;
use levee_cluster::Cluster;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::provider::Typed;
use levee_sdk::schema::Schema;
use levee_sdk::token::TokenSource;
use levee_sdk::{AnyResource, Configured, Provider, Ready, Shape, TypeSet};
use std::sync::Arc;

/// Its source address.
pub const SOURCE: &str = "hashicorp/helm";

/// The Helm provider. `tokens` makes tokens that a program would make otherwise.
pub fn provider(tokens: Option<Arc<dyn TokenSource>>) -> Arc<dyn Provider> {
    let block = Schema::new(0, ProviderBlock::block(), ProviderBlock::doc());
    let types = TypeSet::new(block)
        .with_resources([Arc::new(ReleaseType::default()) as Arc<dyn AnyResource>])
        .with_data_sources([Typed::<Template>::data_source()]);
    Arc::new(HelmProvider { types, tokens })
}

struct HelmProvider {
    types: TypeSet,
    tokens: Option<Arc<dyn TokenSource>>,
}

impl Provider for HelmProvider {
    fn name(&self) -> &'static str {
        "helm"
    }
    fn source(&self) -> &'static str {
        SOURCE
    }
    fn version(&self) -> &'static str {
        "3.1.1"
    }
    fn types(&self) -> &TypeSet {
        &self.types
    }
    fn configure(&self, config: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async move {
            let wrong = |e| ProviderError::new(ErrorKind::Configuration, format!("provider block: {e}"));
            let block = ProviderBlock::from_value(&config).map_err(wrong)?;
            let access = block.access();
            // Charts can be rendered where no cluster is named; everything else says so when it is asked for one.
            let cluster = match Cluster::reach(access, self.tokens.clone()).await {
                Err(error) if block.kubernetes.is_some() => return Err(error),
                reached => reached,
            };
            let configured: Arc<dyn Configured> = Arc::new(Ready(Arc::new(Helm::new(cluster, block)?)));
            Ok(configured)
        })
    }
}
