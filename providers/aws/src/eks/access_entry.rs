//! `aws_eks_access_entry`.

use super::{modified, retag, set};
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::timestamp::rfc3339;
use crate::{region, retry};
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// Lets a role or user of IAM into a cluster.
#[derive(Clone, Default, Shape)]
pub struct AccessEntry {
    /// Its ARN.
    #[attr(computed)]
    pub access_entry_arn: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// `cluster_name:principal_arn`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Groups of Kubernetes that the principal belongs to.
    #[attr(optional, computed)]
    pub kubernetes_groups: Option<BTreeSet<String>>,
    /// When it was changed last, in RFC 3339.
    #[attr(computed)]
    pub modified_at: Option<String>,
    /// The role or user.
    #[attr(required, force_new)]
    pub principal_arn: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// What the principal is: `STANDARD`, or a kind of node.
    #[attr(optional, force_new, default = "STANDARD")]
    pub r#type: Option<String>,
    /// What the principal is called in Kubernetes.
    #[attr(optional, computed)]
    pub user_name: Option<String>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
pub struct Timeouts {
    /// For the creation: `10m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For the deletion.
    #[attr(optional)]
    pub delete: Option<String>,
}

/// What a principal can be.
const TYPES: [&str; 7] = ["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"];

impl Resource for AccessEntry {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_access_entry";

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let kind = config.get("type");
        let unknown = kind.as_ref().and_then(Value::as_str).filter(|kind| !TYPES.contains(kind));
        let refusal = |kind: &str| {
            let detail = format!("{kind:?} is none of {}.", TYPES.join(", "));
            Diagnostic::error("Invalid type of an access entry", detail).of_argument("type")
        };
        unknown.map(refusal).into_iter().collect()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        modified(draft, &["kubernetes_groups", "user_name", "tags_all"]);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let (cluster, principal) = parse(id)?;
        let found = describe(&ctx.client, cluster, principal, known.region.as_deref()).await?;
        Ok(found.map(|entry| known.complete(&ctx.client, entry)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let (cluster, principal) = planned.names();
        let eks = aws.eks(planned.region.as_deref());
        let request = eks
            .create_access_entry()
            .client_request_token(op.to_string())
            .cluster_name(cluster)
            .principal_arn(principal)
            .set_kubernetes_groups(planned.kubernetes_groups.as_ref().map(|g| g.iter().cloned().collect()))
            .set_username(planned.user_name.clone().filter(|n| !n.is_empty()))
            .set_type(planned.r#type.clone())
            .set_tags(Some(aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect()));
        let send = || aws.send("eks:CreateAccessEntry", || request.clone().send());
        // Of a principal that is not new, a refusal says that there is none.
        let answer = if aws.sender().is_young(principal) { retry::patiently(ctx, send).await } else { send().await };
        let made = answer?.access_entry.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "EKS answered without the access entry"))?;
        ctx.checkpoint(format!("{cluster}:{principal}")).await?;
        Ok(planned.complete(aws, made))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let (cluster, principal) = prior.names();
        let eks = aws.eks(prior.region.as_deref());
        if prior.kubernetes_groups != planned.kubernetes_groups || prior.user_name != planned.user_name {
            let request = eks
                .update_access_entry()
                .client_request_token(op.to_string())
                .cluster_name(cluster)
                .principal_arn(principal)
                .set_kubernetes_groups(Some(planned.kubernetes_groups.iter().flatten().cloned().collect()))
                .set_username(planned.user_name.clone());
            aws.send("eks:UpdateAccessEntry", || request.clone().send()).await?;
        }
        let arn = prior.access_entry_arn.as_deref().unwrap_or_default();
        retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref()).await?;
        let found = describe(aws, cluster, principal, prior.region.as_deref()).await?;
        let gone = || ProviderError::new(ErrorKind::NotFound, format!("the access entry of {principal} in cluster {cluster} is gone"));
        Ok(planned.complete(aws, found.ok_or_else(gone)?))
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let (cluster, principal) = prior.names();
        let request = aws.eks(prior.region.as_deref()).delete_access_entry().cluster_name(cluster).principal_arn(principal);
        match aws.send("eks:DeleteAccessEntry", || request.clone().send()).await {
            Err(error) if error.is_not_found() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let (cluster, principal) = planned.names();
        let found = describe(&ctx.client, cluster, principal, planned.region.as_deref()).await?;
        let is_ours = |e: &eks::AccessEntry| made_by(op, e.tags.iter().flatten().map(|(k, v)| (k.as_str(), v.as_str())));
        Ok(found.filter(is_ours).map(|entry| planned.complete(&ctx.client, entry)))
    }
}

/// The entry of a principal; `None` where there is none, or no cluster.
pub(super) async fn describe(aws: &Aws, cluster: &str, principal: &str, region: Option<&str>) -> Result<Option<eks::AccessEntry>> {
    let request = aws.eks(region).describe_access_entry().cluster_name(cluster).principal_arn(principal);
    match aws.send("eks:DescribeAccessEntry", || request.clone().send()).await {
        Ok(answer) => Ok(answer.access_entry),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Cluster and principal of an id `cluster_name:principal_arn`.
fn parse(id: &str) -> Result<(&str, &str)> {
    let parts = id.split_once(':').filter(|(cluster, principal)| !cluster.is_empty() && principal.starts_with("arn:"));
    parts.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form cluster_name:principal_arn")))
}

impl AccessEntry {
    fn names(&self) -> (&str, &str) {
        (self.cluster_name.as_deref().unwrap_or_default(), self.principal_arn.as_deref().unwrap_or_default())
    }

    /// The entry as EKS shows it, with what only the configuration or the state knows.
    pub(super) fn complete(&self, aws: &Aws, e: eks::AccessEntry) -> Self {
        let tags = aws.tags_seen(e.tags.into_iter().flatten().collect::<Tags>(), self.tags.as_ref());
        Self {
            access_entry_arn: e.access_entry_arn,
            created_at: e.created_at.as_ref().map(rfc3339),
            id: e.cluster_name.as_ref().zip(e.principal_arn.as_ref()).map(|(cluster, principal)| format!("{cluster}:{principal}")),
            cluster_name: e.cluster_name,
            kubernetes_groups: Some(set(e.kubernetes_groups.unwrap_or_default())),
            modified_at: e.modified_at.as_ref().map(rfc3339),
            principal_arn: e.principal_arn,
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            r#type: e.r#type,
            user_name: e.username,
            timeouts: self.timeouts.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn an_id_names_cluster_and_principal() {
        let parts = parse("sea:arn:aws:iam::123456789012:role/path/admin").unwrap();
        assert_eq!(parts, ("sea", "arn:aws:iam::123456789012:role/path/admin"));
        for bad in ["sea", "sea:admin", ":arn:aws:iam::123456789012:role/admin"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_type_is_one_of_eks() {
        let check = |kind: &str| AccessEntry::validate(&Value::object([(Arc::from("type"), Value::string(kind))].into())).has_errors();
        assert!(!check("EC2_LINUX"));
        assert!(check("standard"));
    }
}
