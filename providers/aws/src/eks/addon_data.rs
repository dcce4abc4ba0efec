//! `data.aws_eks_addon`.

use super::addon::{Addon, PodIdentity, describe};
use crate::client::Aws;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};
use std::collections::BTreeMap;

/// An add-on that a cluster has already.
#[derive(Clone, Default, Shape)]
pub struct AddonData {
    /// Its name.
    #[attr(required)]
    pub addon_name: Option<String>,
    /// Its version.
    #[attr(computed)]
    pub addon_version: Option<String>,
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// The cluster's name.
    #[attr(required)]
    pub cluster_name: Option<String>,
    /// Its settings.
    #[attr(computed)]
    pub configuration_values: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// `cluster_name:addon_name`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// When it was changed last, in RFC 3339.
    #[attr(computed)]
    pub modified_at: Option<String>,
    /// Roles of its service accounts.
    #[attr(computed, set)]
    pub pod_identity_association: Option<Vec<PodIdentity>>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Role of its service account.
    #[attr(computed)]
    pub service_account_role_arn: Option<String>,
    /// All its tags.
    #[attr(optional, computed)]
    pub tags: Option<BTreeMap<String, String>>,
}

impl DataSource for AddonData {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_addon";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let (cluster, name) = (config.cluster_name.unwrap_or_default(), config.addon_name.unwrap_or_default());
        let found = describe(&ctx.client, &cluster, &name, config.region.as_deref()).await?;
        let none = || ProviderError::new(ErrorKind::NotFound, format!("cluster {cluster:?} has no add-on {name:?}"));
        let known = Addon { region: config.region, ..Addon::default() };
        let a = known.complete(&ctx.client, found.ok_or_else(none)?).await?;
        Ok(Self {
            addon_name: a.addon_name,
            addon_version: a.addon_version,
            arn: a.arn,
            cluster_name: a.cluster_name,
            configuration_values: a.configuration_values,
            created_at: a.created_at,
            id: a.id,
            modified_at: a.modified_at,
            pod_identity_association: Some(a.pod_identity_association),
            region: a.region,
            service_account_role_arn: a.service_account_role_arn,
            tags: Some(a.tags_all.unwrap_or_default()),
        })
    }
}
