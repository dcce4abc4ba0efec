//! `data.aws_eks_cluster_auth`.

use super::cluster_token::token;
use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};

/// What one logs in to a cluster with.
#[derive(Clone, Default, Shape)]
pub struct ClusterAuthData {
    /// The cluster's name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The cluster's name.
    #[attr(required)]
    pub name: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// For the Kubernetes API, as a bearer.
    #[attr(computed, sensitive)]
    pub token: Option<String>,
}

impl DataSource for ClusterAuthData {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_cluster_auth";

    fn validate(config: &Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        if config.get("name").is_some_and(|name| name.as_str() == Some("")) {
            found.push(Diagnostic::error("Empty cluster name", "A token is made for one cluster, by its name.").of_argument("name"));
        }
        found
    }

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let name = config.name.unwrap_or_default();
        let token = token(&ctx.client, &name, config.region.as_deref()).await?;
        let region = ctx.client.region_of(config.region.as_deref()).to_owned();
        Ok(Self { id: Some(name.clone()), name: Some(name), region: Some(region), token: Some(token) })
    }
}
