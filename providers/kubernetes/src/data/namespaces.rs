//! The data source `kubernetes_all_namespaces`.

use crate::client::{Collection, Kubernetes};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, Shape};
use serde_json::Value as Json;

/// The names of all namespaces.
#[derive(Clone, Default, Shape)]
pub(crate) struct AllNamespaces {
    /// The cluster's URL.
    #[attr(optional, computed)]
    id: Option<String>,
    /// Their names.
    #[attr(computed)]
    namespaces: Option<Vec<String>>,
}

impl DataSource for AllNamespaces {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_all_namespaces";

    async fn read(ctx: &Ctx<Kubernetes>, _: Self) -> Result<Self> {
        let found = ctx.client.list(&Collection::new("v1", "namespaces", None), "").await?;
        let name = |n: &Json| n["metadata"]["name"].as_str().map(str::to_owned);
        Ok(Self { id: Some(ctx.client.cluster().url()), namespaces: Some(found.iter().filter_map(name).collect()) })
    }
}
