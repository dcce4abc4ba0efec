//! The provider itself: its schemas, its types by name, and how it is configured.

use crate::client::Kubernetes;
use crate::kind::Kind;
use crate::manifest::ManifestType;
use crate::object::ObjectType;
use crate::provider_block::ProviderBlock;
use crate::{data, partial};
use futures::future::BoxFuture;
use levee_cluster::Cluster;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::schema::Schema;
use levee_sdk::token::TokenSource;
use levee_sdk::{AnyResource, Configured, Provider, Ready, Shape, TypeSet};
use std::sync::Arc;

/// Its source address.
pub const SOURCE: &str = "hashicorp/kubernetes";

/// Types whose objects no living Kubernetes knows any more, where none of the others means the same.
const GONE: [(&str, &str); 4] = [
    ("kubernetes_ingress", "Kubernetes knows its API no more since 1.22: use kubernetes_ingress_v1."),
    ("kubernetes_pod_security_policy", "Kubernetes knows no such policies since 1.25: label namespaces for Pod Security instead."),
    ("kubernetes_pod_security_policy_v1beta1", "Kubernetes knows no such policies since 1.25: label namespaces for Pod Security instead."),
    (
        "kubernetes_certificate_signing_request",
        "Kubernetes knows its API no more since 1.22, and its successor is not built in: make the object with kubernetes_manifest.",
    ),
];

/// The Kubernetes provider. `tokens` makes tokens that a program would make otherwise.
pub fn provider(tokens: Option<Arc<dyn TokenSource>>) -> Arc<dyn Provider> {
    let block = Schema::new(0, ProviderBlock::block(), ProviderBlock::doc());
    let types = TypeSet::new(block)
        .with_resources(kinds().into_iter().flat_map(ObjectType::all))
        .with_resources([Arc::new(ManifestType::default()) as Arc<dyn AnyResource>])
        .with_resources(partial::all())
        .with_data_sources(data::all())
        .without(GONE);
    Arc::new(KubernetesProvider { types, tokens })
}

/// Every kind that has a type of its own.
pub(crate) fn kinds() -> Vec<&'static Kind> {
    use crate::{admission, apps, autoscaling, batch, core, networking, policy, rbac, scheduling, storage};
    let groups = [core::KINDS, rbac::KINDS, apps::KINDS, batch::KINDS, networking::KINDS, storage::KINDS];
    [groups.concat(), autoscaling::KINDS.to_vec(), policy::KINDS.to_vec(), scheduling::KINDS.to_vec(), admission::KINDS.to_vec()].concat()
}

struct KubernetesProvider {
    types: TypeSet,
    tokens: Option<Arc<dyn TokenSource>>,
}

impl Provider for KubernetesProvider {
    fn name(&self) -> &'static str {
        "kubernetes"
    }
    fn source(&self) -> &'static str {
        SOURCE
    }
    fn version(&self) -> &'static str {
        "2.38.0"
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
