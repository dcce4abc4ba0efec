//! `aws_eks_fargate_profile`.

use super::condition::{Condition, remove};
use super::update::PACE;
use super::{retag, set, text, two_names};
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::{region, retry};
use aws_sdk_eks::operation::create_fargate_profile::builders::CreateFargateProfileInputBuilder;
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Wait};
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// Pods that run on Fargate.
#[derive(Clone, Default, Shape)]
pub struct FargateProfile {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// Its name.
    #[attr(required, force_new)]
    pub fargate_profile_name: Option<String>,
    /// `cluster_name:fargate_profile_name`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Role with which pods are started.
    #[attr(required, force_new)]
    pub pod_execution_role_arn: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// State of the profile: `ACTIVE`.
    #[attr(computed)]
    pub status: Option<String>,
    /// Private subnets of the pods.
    #[attr(optional, force_new)]
    pub subnet_ids: Option<BTreeSet<String>>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Which pods.
    #[block(set, min = 1, force_new)]
    pub selector: Vec<Selector>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
}

/// How long operations may take.
#[derive(Clone, Default, Shape)]
pub struct Timeouts {
    /// For the creation: `30m`.
    #[attr(optional)]
    pub create: Option<String>,
    /// For the deletion.
    #[attr(optional)]
    pub delete: Option<String>,
}

/// Some pods.
#[derive(Clone, Default, Shape)]
pub struct Selector {
    /// Labels that the pods have.
    #[attr(optional, force_new)]
    pub labels: Option<BTreeMap<String, String>>,
    /// Their namespace.
    #[attr(required, force_new)]
    pub namespace: Option<String>,
}

const TIMEOUT: Duration = Duration::from_mins(10);

impl Resource for FargateProfile {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_fargate_profile";

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let (cluster, name) = two_names(id)?;
        let found = describe(&ctx.client, cluster, name, known.region.as_deref()).await?;
        Ok(found.map(|profile| known.complete(&ctx.client, profile)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let tags = aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect();
        let request = request(&planned, &op.to_string(), tags)?;
        let eks = aws.eks(planned.region.as_deref());
        // EKS makes or deletes one profile of a cluster at a time; the table of refusals knows.
        retry::patiently(ctx, || aws.send("eks:CreateFargateProfile", || request.clone().send_with(&eks))).await?;
        let (cluster, name) = planned.names();
        ctx.checkpoint(format!("{cluster}:{name}")).await?;
        planned.when_active(ctx).await
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let eks = aws.eks(prior.region.as_deref());
        let arn = prior.arn.as_deref().unwrap_or_default();
        retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref()).await?;
        // Nothing but tags and time limits can differ.
        Ok(Self { tags: planned.tags, tags_all: planned.tags_all, timeouts: planned.timeouts, ..prior })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let (cluster, name) = prior.names();
        let eks = aws.eks(prior.region.as_deref());
        let request = eks.delete_fargate_profile().cluster_name(cluster).fargate_profile_name(name);
        let ask = || aws.send("eks:DeleteFargateProfile", || request.clone().send());
        remove(ctx, name, TIMEOUT, ask, || describe(aws, cluster, name, prior.region.as_deref())).await
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let (cluster, name) = planned.names();
        let found = describe(&ctx.client, cluster, name, planned.region.as_deref()).await?;
        let tags = found.as_ref().and_then(|p| p.tags.as_ref());
        if !made_by(op, tags.into_iter().flatten().map(|(k, v)| (k.as_str(), v.as_str()))) {
            return Ok(None);
        }
        planned.when_active(ctx).await.map(Some)
    }
}

/// The request that makes the profile. `tags`: all of them, the op tag included.
fn request(p: &FargateProfile, token: &str, tags: HashMap<String, String>) -> Result<CreateFargateProfileInputBuilder> {
    let selector = |s: &Selector| {
        eks::FargateProfileSelector::builder()
            .set_namespace(s.namespace.clone())
            .set_labels(s.labels.clone().filter(|l| !l.is_empty()).map(|l| l.into_iter().collect()))
            .build()
    };
    if p.selector.len() > 5 {
        return Err(ProviderError::invalid("a Fargate profile has at most five selectors"));
    }
    Ok(CreateFargateProfileInputBuilder::default()
        .client_request_token(token)
        .set_cluster_name(p.cluster_name.clone())
        .set_fargate_profile_name(p.fargate_profile_name.clone())
        .set_pod_execution_role_arn(p.pod_execution_role_arn.clone())
        .set_subnets(p.subnet_ids.as_ref().map(|s| s.iter().cloned().collect()))
        .set_selectors(Some(p.selector.iter().map(selector).collect()))
        .set_tags((!tags.is_empty()).then_some(tags)))
}

async fn describe(aws: &Aws, cluster: &str, name: &str, region: Option<&str>) -> Result<Option<eks::FargateProfile>> {
    let request = aws.eks(region).describe_fargate_profile().cluster_name(cluster).fargate_profile_name(name);
    match aws.send("eks:DescribeFargateProfile", || request.clone().send()).await {
        Ok(answer) => Ok(answer.fargate_profile),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl FargateProfile {
    fn names(&self) -> (&str, &str) {
        (self.cluster_name.as_deref().unwrap_or_default(), self.fargate_profile_name.as_deref().unwrap_or_default())
    }

    /// Waits until the profile is ready.
    async fn when_active(&self, ctx: &Ctx<Aws>) -> Result<Self> {
        let (cluster, name) = self.names();
        let look = || async {
            match describe(&ctx.client, cluster, name, self.region.as_deref()).await? {
                None => Ok(Look::Pending("not visible yet".into())),
                Some(profile) => judge(profile),
            }
        };
        let active = Wait::new(format!("Fargate profile {name}"), PACE, TIMEOUT).run(ctx, look).await?;
        Ok(self.complete(&ctx.client, active))
    }

    /// The profile as EKS shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, p: eks::FargateProfile) -> Self {
        let tags = aws.tags_seen(p.tags.into_iter().flatten().collect::<Tags>(), self.tags.as_ref());
        let selector = |s: eks::FargateProfileSelector| Selector {
            labels: s.labels.filter(|l| !l.is_empty()).map(|l| l.into_iter().collect()),
            namespace: s.namespace,
        };
        let name = p.fargate_profile_name.unwrap_or_default();
        Self {
            arn: p.fargate_profile_arn,
            id: p.cluster_name.as_ref().map(|cluster| format!("{cluster}:{name}")),
            cluster_name: p.cluster_name,
            fargate_profile_name: Some(name),
            pod_execution_role_arn: p.pod_execution_role_arn,
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            selector: p.selectors.into_iter().flatten().map(selector).collect(),
            status: p.status.as_ref().map(text),
            subnet_ids: p.subnets.map(set),
            tags: tags.tags,
            tags_all: tags.tags_all,
            timeouts: self.timeouts.clone(),
        }
    }
}

fn judge(profile: eks::FargateProfile) -> Result<Look<eks::FargateProfile>> {
    use eks::FargateProfileStatus as Status;
    match profile.status() {
        Some(Status::Active) => Ok(Look::Ready(profile)),
        Some(Status::CreateFailed | Status::DeleteFailed | Status::Deleting) => Err(profile.failure()),
        status => Ok(Look::Pending(status.map(text).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_created_with_token_selectors_and_tags() {
        let labels = Some([("app".to_owned(), "web".to_owned())].into());
        let profile = FargateProfile {
            cluster_name: Some("sea".into()),
            fargate_profile_name: Some("web".into()),
            selector: vec![Selector { labels, namespace: Some("default".into()) }],
            ..FargateProfile::default()
        };
        let sent = request(&profile, "token", HashMap::new()).unwrap().build().unwrap();
        assert_eq!((sent.client_request_token(), sent.tags()), (Some("token"), None));
        assert_eq!(sent.selectors()[0].labels().unwrap()["app"], "web");
        let many = FargateProfile { selector: vec![Selector::default(); 6], ..profile };
        assert!(request(&many, "token", HashMap::new()).is_err());
    }
}
