//! The data source `kubernetes_resources`.

use crate::client::{Collection, Kubernetes};
use crate::data::resource::shown;
use crate::kind::Scope;
use crate::manifest::secret;
use levee_cluster::encoded;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::{Ctx, DataSource, Shape};

/// Objects of a kind that are there.
#[derive(Clone, Shape)]
pub(crate) struct ResourcesData {
    /// `apps/v1`.
    #[attr(required)]
    api_version: Option<String>,
    /// `Deployment`.
    #[attr(required)]
    kind: Option<String>,
    /// Where they lie; everywhere, if it is not said.
    #[attr(optional)]
    namespace: Option<String>,
    /// Which labels they have: `app=web,tier!=db`.
    #[attr(optional)]
    label_selector: Option<String>,
    /// Which fields they have: `metadata.name=web`.
    #[attr(optional)]
    field_selector: Option<String>,
    /// How many at most.
    #[attr(optional)]
    limit: Option<i64>,
    /// The objects.
    #[attr(optional, computed, secrets = secret::of)]
    objects: Value,
}

impl DataSource for ResourcesData {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_resources";

    async fn read(ctx: &Ctx<Kubernetes>, config: Self) -> Result<Self> {
        let (api_version, kind) = (config.api_version.clone().unwrap_or_default(), config.kind.clone().unwrap_or_default());
        let unknown = || ProviderError::invalid(format!("the cluster knows no kind {kind} in {api_version}"));
        let entry = ctx.client.kind(&api_version, &kind).await?.ok_or_else(unknown)?;
        let namespace = config.namespace.as_deref().filter(|n| entry.scope == Scope::Namespace && !n.is_empty());
        let selectors = [("labelSelector", &config.label_selector), ("fieldSelector", &config.field_selector)];
        let query = selectors.iter().filter_map(|(name, said)| Some(format!("{name}={}", encoded(said.as_ref()?))));
        let query = query.collect::<Vec<_>>().join("&");
        let found = ctx.client.list(&Collection::new(&api_version, &entry.plural, namespace), &query).await?;
        let most = config.limit.and_then(|l| usize::try_from(l).ok()).filter(|l| *l > 0).unwrap_or(usize::MAX);
        let objects = Value::tuple(found.into_iter().take(most).map(shown).collect::<Vec<_>>());
        Ok(Self { objects, ..config })
    }
}
