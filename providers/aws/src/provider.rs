//! The provider itself: its schemas, its types by name, and how it is configured.

use crate::client::Aws;
use crate::provider_block::ProviderBlock;
use crate::{ec2, eks, endpoints, iam, meta, secretsmanager};
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::provider::{Configured, Provider};
use levee_sdk::schema::Schema;
use levee_sdk::{Ready, Shape, TypeSet};
use std::sync::Arc;

/// Its source address.
pub const SOURCE: &str = "hashicorp/aws";

/// The AWS provider.
pub fn provider() -> Arc<dyn Provider> {
    let mut block = ProviderBlock::block();
    block.blocks.insert(Arc::from("endpoints"), endpoints::block());
    let resources = [ec2::resources(), eks::resources(), iam::resources(), secretsmanager::resources(), meta::resources()];
    let data_sources =
        [ec2::data_sources(), eks::data_sources(), iam::data_sources(), secretsmanager::data_sources(), meta::data_sources()];
    let ephemeral = [eks::ephemeral(), secretsmanager::ephemeral()];
    let types = TypeSet::new(Schema::new(0, block, ProviderBlock::doc()))
        .with_resources(resources.into_iter().flatten())
        .with_data_sources(data_sources.into_iter().flatten())
        .with_ephemeral(ephemeral.into_iter().flatten());
    Arc::new(AwsProvider { types })
}

struct AwsProvider {
    types: TypeSet,
}

impl Provider for AwsProvider {
    fn name(&self) -> &'static str {
        "aws"
    }
    fn source(&self) -> &'static str {
        SOURCE
    }
    fn version(&self) -> &'static str {
        "6.66.0"
    }
    fn types(&self) -> &TypeSet {
        &self.types
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let set = |name: &str| config.get(name).is_some_and(|v| !v.is_null());
        if set("access_key") != set("secret_key") {
            let detail = "Only one of the two is set in the provider block.";
            diagnostics.push(Diagnostic::error("access_key and secret_key go together", detail));
        }
        if set("allowed_account_ids") && set("forbidden_account_ids") {
            let detail = "A list of allowed accounts forbids all others already.";
            diagnostics.push(Diagnostic::error("Both allowed_account_ids and forbidden_account_ids are set", detail));
        }
        let mode = config.get("retry_mode");
        if let Some(mode) = mode.as_ref().and_then(Value::as_str).filter(|m| !["standard", "adaptive"].contains(m)) {
            let detail = format!("{mode:?} is neither \"standard\" nor \"adaptive\".");
            diagnostics.push(Diagnostic::error("Unknown retry_mode", detail));
        }
        diagnostics
    }
    fn configure(&self, config: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async move {
            let block = ProviderBlock::from_value(&config)
                .map_err(|e| ProviderError::new(ErrorKind::Configuration, format!("provider block: {e}")))?;
            let aws = Aws::configure(block, endpoints::read(&config)).await?;
            let configured: Arc<dyn Configured> = Arc::new(Ready(Arc::new(aws)));
            Ok(configured)
        })
    }
}
