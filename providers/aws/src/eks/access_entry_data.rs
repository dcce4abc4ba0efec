//! `data.aws_eks_access_entry`.

use super::access_entry::{AccessEntry, describe};
use crate::client::Aws;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// Who a role or user of IAM is in a cluster.
#[derive(Clone, Default, Shape)]
pub struct AccessEntryData {
    /// Its ARN.
    #[attr(computed)]
    pub access_entry_arn: Option<String>,
    /// The cluster's name.
    #[attr(required)]
    pub cluster_name: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// `cluster_name:principal_arn`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Groups of Kubernetes that the principal belongs to.
    #[attr(computed)]
    pub kubernetes_groups: Option<BTreeSet<String>>,
    /// When it was changed last, in RFC 3339.
    #[attr(computed)]
    pub modified_at: Option<String>,
    /// The role or user.
    #[attr(required)]
    pub principal_arn: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// All its tags.
    #[attr(optional, computed)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// What the principal is.
    #[attr(computed)]
    pub r#type: Option<String>,
    /// What the principal is called in Kubernetes.
    #[attr(computed)]
    pub user_name: Option<String>,
}

impl DataSource for AccessEntryData {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_access_entry";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let (cluster, principal) = (config.cluster_name.unwrap_or_default(), config.principal_arn.unwrap_or_default());
        let found = describe(&ctx.client, &cluster, &principal, config.region.as_deref()).await?;
        let none = || ProviderError::new(ErrorKind::NotFound, format!("cluster {cluster:?} has no access entry of {principal}"));
        let known = AccessEntry { region: config.region, ..AccessEntry::default() };
        let e = known.complete(&ctx.client, found.ok_or_else(none)?);
        let tags = Some(e.tags_all.unwrap_or_default());
        Ok(Self {
            access_entry_arn: e.access_entry_arn,
            cluster_name: e.cluster_name,
            created_at: e.created_at,
            id: e.id,
            kubernetes_groups: e.kubernetes_groups,
            modified_at: e.modified_at,
            principal_arn: e.principal_arn,
            region: e.region,
            tags: tags.clone(),
            tags_all: tags,
            r#type: e.r#type,
            user_name: e.user_name,
        })
    }
}
