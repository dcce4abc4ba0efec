//! `ephemeral.aws_eks_cluster_auth`: a token that is never stored.

use super::cluster_auth_data::ClusterAuthData;
use super::cluster_token::token;
use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::resource::{DataSource, EphemeralResource};
use levee_sdk::{Ctx, Shape};

/// What one logs in to a cluster with, for the length of one run.
#[derive(Clone, Default, Shape)]
pub struct ClusterAuthEphemeral {
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

impl EphemeralResource for ClusterAuthEphemeral {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_cluster_auth";

    fn validate(config: &Value) -> Diagnostics {
        ClusterAuthData::validate(config)
    }

    async fn open(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let name = config.name.unwrap_or_default();
        let token = token(&ctx.client, &name, config.region.as_deref()).await?;
        let region = ctx.client.region_of(config.region.as_deref()).to_owned();
        Ok(Self { name: Some(name), region: Some(region), token: Some(token) })
    }
}
