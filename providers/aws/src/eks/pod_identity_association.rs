//! `aws_eks_pod_identity_association`.

use super::retag;
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::{region, retry};
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::BTreeMap;

/// Which role of IAM the pods of a service account act as.
#[derive(Clone, Default, Shape)]
pub struct PodIdentityAssociation {
    /// Its ARN.
    #[attr(computed)]
    pub association_arn: Option<String>,
    /// Its id.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// Whether EKS adds no tags of its own to the session.
    #[attr(optional, computed)]
    pub disable_session_tags: Option<bool>,
    /// What the role behind the first one may ask for as external id.
    #[attr(computed)]
    pub external_id: Option<String>,
    /// Its id.
    #[attr(computed)]
    pub id: Option<String>,
    /// Namespace of the service account.
    #[attr(required, force_new)]
    pub namespace: Option<String>,
    /// Narrows what the role allows: a policy document.
    #[attr(optional, equality = IamPolicy)]
    pub policy: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The role.
    #[attr(required)]
    pub role_arn: Option<String>,
    /// Name of the service account.
    #[attr(required, force_new)]
    pub service_account: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// A role that the first one takes on, in another account for instance.
    #[attr(optional)]
    pub target_role_arn: Option<String>,
}

impl Resource for PodIdentityAssociation {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_pod_identity_association";

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if draft.config("disable_session_tags").is_null() {
            draft.set("disable_session_tags", Value::bool(false));
        }
        if !draft.is_create() && draft.changes("target_role_arn") {
            draft.set_unknown("external_id");
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let (cluster, id) = place(id, known.cluster_name.as_deref())?;
        let found = describe(&ctx.client, cluster, id, known.region.as_deref()).await?;
        Ok(found.map(|association| known.complete(&ctx.client, association)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let eks = aws.eks(planned.region.as_deref());
        let request = eks
            .create_pod_identity_association()
            .client_request_token(op.to_string())
            .set_cluster_name(planned.cluster_name.clone())
            .set_namespace(planned.namespace.clone())
            .set_service_account(planned.service_account.clone())
            .set_role_arn(planned.role_arn.clone())
            .set_disable_session_tags(planned.disable_session_tags)
            .set_target_role_arn(planned.target_role_arn.clone())
            .set_policy(planned.policy.clone())
            .set_tags(Some(aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect()));
        let send = || aws.send("eks:CreatePodIdentityAssociation", || request.clone().send());
        let answer = if planned.has_young_role(aws) { retry::patiently(ctx, send).await } else { send().await };
        let made = answer?.association.ok_or_else(unanswered)?;
        let cluster = planned.cluster_name.as_deref().unwrap_or_default();
        ctx.checkpoint(format!("{cluster},{}", made.association_id().unwrap_or_default())).await?;
        Ok(planned.complete(aws, made))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let eks = aws.eks(prior.region.as_deref());
        let arn = prior.association_arn.as_deref().unwrap_or_default();
        retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref()).await?;
        let what = |a: &Self| (a.role_arn.clone(), a.disable_session_tags, a.target_role_arn.clone(), a.policy.clone());
        if what(&prior) == what(&planned) {
            return Ok(Self { tags: planned.tags, tags_all: planned.tags_all, ..prior });
        }
        // What is no longer wanted is emptied: what is left out stays as it is.
        let emptied = |now: &Option<String>, before: &Option<String>| now.clone().or_else(|| before.as_ref().map(|_| String::new()));
        let request = eks
            .update_pod_identity_association()
            .client_request_token(op.to_string())
            .set_cluster_name(prior.cluster_name.clone())
            .set_association_id(prior.association_id.clone())
            .set_role_arn(planned.role_arn.clone())
            .set_disable_session_tags(planned.disable_session_tags)
            .set_target_role_arn(emptied(&planned.target_role_arn, &prior.target_role_arn))
            .set_policy(emptied(&planned.policy, &prior.policy));
        let send = || aws.send("eks:UpdatePodIdentityAssociation", || request.clone().send());
        let answer = if planned.has_young_role(aws) { retry::patiently(ctx, send).await } else { send().await };
        let changed = Self { tags: planned.tags.clone(), ..planned.clone() }.complete(aws, answer?.association.ok_or_else(unanswered)?);
        Ok(Self { tags: planned.tags, tags_all: planned.tags_all, ..changed })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.eks(prior.region.as_deref()).delete_pod_identity_association();
        let request = request.set_cluster_name(prior.cluster_name.clone()).set_association_id(prior.association_id.clone());
        match aws.send("eks:DeletePodIdentityAssociation", || request.clone().send()).await {
            Err(error) if error.is_not_found() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let cluster = planned.cluster_name.as_deref().unwrap_or_default();
        let request = aws.eks(planned.region.as_deref()).list_pod_identity_associations().cluster_name(cluster);
        let request = request.set_namespace(planned.namespace.clone()).set_service_account(planned.service_account.clone());
        // A service account has one association at most, so there is no second page.
        let listed = match aws.send("eks:ListPodIdentityAssociations", || request.clone().send()).await {
            Err(error) if error.is_not_found() => return Ok(None),
            listed => listed?,
        };
        let Some(id) = listed.associations.into_iter().flatten().find_map(|a| a.association_id) else { return Ok(None) };
        let found = describe(aws, cluster, &id, planned.region.as_deref()).await?;
        let is_ours = |a: &eks::PodIdentityAssociation| made_by(op, a.tags.iter().flatten().map(|(k, v)| (k.as_str(), v.as_str())));
        Ok(found.filter(is_ours).map(|association| planned.complete(aws, association)))
    }
}

fn unanswered() -> ProviderError {
    ProviderError::new(ErrorKind::Bug, "EKS answered without the pod identity association")
}

/// The association; `None` where there is none, or no cluster.
pub(super) async fn describe(aws: &Aws, cluster: &str, id: &str, region: Option<&str>) -> Result<Option<eks::PodIdentityAssociation>> {
    let request = aws.eks(region).describe_pod_identity_association().cluster_name(cluster).association_id(id);
    match aws.send("eks:DescribePodIdentityAssociation", || request.clone().send()).await {
        Ok(answer) => Ok(answer.association),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Cluster and id of an association, from `cluster_name,association_id` as an import has it, or from the id of one whose cluster is known.
fn place<'a>(id: &'a str, cluster: Option<&'a str>) -> Result<(&'a str, &'a str)> {
    let named = id.split_once(',').or_else(|| cluster.map(|cluster| (cluster, id)));
    let named = named.filter(|(cluster, id)| !cluster.is_empty() && !id.is_empty());
    named.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form cluster_name,association_id")))
}

impl PodIdentityAssociation {
    /// Whether EKS may not see the role yet: of one that is not new, a refusal says that there is none.
    fn has_young_role(&self, aws: &Aws) -> bool {
        self.role_arn.as_deref().is_some_and(|role| aws.sender().is_young(role))
    }

    /// The association as EKS shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, a: eks::PodIdentityAssociation) -> Self {
        let tags = aws.tags_seen(a.tags.into_iter().flatten().collect::<Tags>(), self.tags.as_ref());
        let text = |value: Option<String>| value.filter(|v| !v.is_empty());
        Self {
            association_arn: a.association_arn,
            association_id: a.association_id.clone(),
            cluster_name: a.cluster_name,
            disable_session_tags: Some(a.disable_session_tags.unwrap_or(false)),
            external_id: a.external_id,
            id: a.association_id,
            namespace: a.namespace,
            policy: text(a.policy),
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            role_arn: a.role_arn,
            service_account: a.service_account,
            tags: tags.tags,
            tags_all: tags.tags_all,
            target_role_arn: text(a.target_role_arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_names_the_cluster() {
        assert_eq!(place("sea,a-1", None).unwrap(), ("sea", "a-1"));
        assert_eq!(place("a-1", Some("sea")).unwrap(), ("sea", "a-1"));
        for bad in ["a-1", ",a-1", "sea,"] {
            assert!(place(bad, None).is_err(), "{bad}");
        }
    }
}
