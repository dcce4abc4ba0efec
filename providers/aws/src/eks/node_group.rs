//! `aws_eks_node_group`.

use super::condition::{Condition, remove};
use super::update::{PACE, Part, finish};
use super::{retag, set, text, two_names};
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::{generated_name, region, retry};
use aws_sdk_eks::types as eks;
use levee_sdk::error::Result;
use levee_sdk::model::{Action, Change, Diagnostics, Reversibility, Value};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Wait};
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

mod answer;
pub mod blocks;
mod request;

use blocks::{LaunchTemplate, NodeRepairConfig, RemoteAccess, Resources, ScalingConfig, Taint, Timeouts, UpdateConfig, WarmPoolConfig};

/// A group of EC2 nodes that EKS manages.
#[derive(Clone, Default, Shape)]
pub struct NodeGroup {
    /// Kind of machine image: `AL2023_x86_64_STANDARD`.
    #[attr(optional, computed, force_new)]
    pub ami_type: Option<String>,
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// `ON_DEMAND` or `SPOT`.
    #[attr(optional, computed, force_new)]
    pub capacity_type: Option<String>,
    /// The cluster's name.
    #[attr(required, force_new)]
    pub cluster_name: Option<String>,
    /// Size of the root volume in GiB.
    #[attr(optional, computed, force_new)]
    pub disk_size: Option<i64>,
    /// Replace nodes although pods cannot be drained.
    #[attr(optional)]
    pub force_update_version: Option<bool>,
    /// `cluster_name:node_group_name`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Instance types, the preferred one first.
    #[attr(optional, computed, force_new)]
    pub instance_types: Option<Vec<String>>,
    /// Kubernetes labels of the nodes.
    #[attr(optional)]
    pub labels: Option<BTreeMap<String, String>>,
    /// Its name; generated where neither it nor the prefix is set.
    #[attr(optional, computed, force_new)]
    pub node_group_name: Option<String>,
    /// Beginning of a generated name; excludes `node_group_name`.
    #[attr(optional, computed, force_new)]
    pub node_group_name_prefix: Option<String>,
    /// Role of the nodes.
    #[attr(required, force_new)]
    pub node_role_arn: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Release of the machine image.
    #[attr(optional, computed)]
    pub release_version: Option<String>,
    /// What EKS made for it.
    #[attr(computed)]
    pub resources: Option<Vec<Resources>>,
    /// State of the group: `ACTIVE`.
    #[attr(computed)]
    pub status: Option<String>,
    /// Subnets of the nodes.
    #[attr(required, force_new)]
    pub subnet_ids: Option<BTreeSet<String>>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Kubernetes version of the nodes; the cluster's unless set.
    #[attr(optional, computed)]
    pub version: Option<String>,
    /// Launch template of the nodes.
    #[block(list, max = 1)]
    pub launch_template: Vec<LaunchTemplate>,
    /// Replacement of broken nodes.
    #[block(list, max = 1, computed)]
    pub node_repair_config: Vec<NodeRepairConfig>,
    /// Access by SSH.
    #[block(list, max = 1, force_new)]
    pub remote_access: Vec<RemoteAccess>,
    /// How many nodes.
    #[block(list, min = 1, max = 1)]
    pub scaling_config: Vec<ScalingConfig>,
    /// Kubernetes taints of the nodes.
    #[block(set)]
    pub taint: Vec<Taint>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
    /// How many nodes are replaced at a time.
    #[block(list, max = 1, computed)]
    pub update_config: Vec<UpdateConfig>,
    /// Nodes that wait stopped until they are needed.
    #[block(list, max = 1)]
    pub warm_pool_config: Vec<WarmPoolConfig>,
}

const TIMEOUT: Duration = Duration::from_hours(1);

impl Resource for NodeGroup {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_node_group";

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        generated_name::exclusive(config, "node_group_name", "node_group_name_prefix")
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if draft.is_create() {
            return Ok(());
        }
        let has_template = |v: &Value| v.elements().is_some_and(|e| !e.is_empty());
        let template = draft.planned("launch_template");
        if has_template(&draft.prior("launch_template")) && template.is_known() && !has_template(&template) {
            draft.force_replace("launch_template");
        }
        let new_nodes = draft.changes("version") || draft.changes("launch_template");
        if new_nodes && draft.config("release_version").is_null() {
            draft.set_unknown("release_version");
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        let (cluster, name) = two_names(id)?;
        let found = describe(&ctx.client, cluster, name, known.region.as_deref()).await?;
        Ok(found.map(|group| known.complete(&ctx.client, group)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let planned = planned.named(op);
        let tags = aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect();
        let request = request::create(&planned, &op.to_string(), tags)?;
        let eks = aws.eks(planned.region.as_deref());
        let send = || aws.send("eks:CreateNodegroup", || request.clone().send_with(&eks));
        if planned.node_role_arn.as_deref().is_some_and(|role| aws.sender().is_young(role)) {
            retry::patiently(ctx, send).await?;
        } else {
            send().await?;
        }
        let (cluster, name) = planned.names();
        ctx.checkpoint(format!("{cluster}:{name}")).await?;
        planned.when_active(ctx).await
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let (cluster, name) = prior.names();
        let eks = aws.eks(prior.region.as_deref());
        let updates = Box::pin(async {
            if let Some(request) = request::update_version(&prior, &planned) {
                let request = request.client_request_token(format!("{op}-0"));
                let call = || aws.send("eks:UpdateNodegroupVersion", || request.clone().send_with(&eks));
                let sent = retry::patiently(ctx, call).await.map(|a| a.update);
                finish(ctx, &eks, (cluster, Part::NodeGroup(name)), "version", sent).await?;
            }
            if let Some(request) = request::update_config(&prior, &planned)? {
                let request = request.client_request_token(format!("{op}-1"));
                let call = || aws.send("eks:UpdateNodegroupConfig", || request.clone().send_with(&eks));
                let sent = retry::patiently(ctx, call).await.map(|a| a.update);
                finish(ctx, &eks, (cluster, Part::NodeGroup(name)), "configuration", sent).await?;
            }
            Ok(())
        });
        let arn = prior.arn.as_deref().unwrap_or_default();
        let retag = retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref());
        futures::future::try_join(updates, retag).await?;
        planned.when_active(ctx).await
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let (cluster, name) = prior.names();
        let request = aws.eks(prior.region.as_deref()).delete_nodegroup().cluster_name(cluster).nodegroup_name(name);
        let ask = || aws.send("eks:DeleteNodegroup", || request.clone().send());
        remove(ctx, name, TIMEOUT, ask, || describe(aws, cluster, name, prior.region.as_deref())).await
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let planned = planned.clone().named(op);
        let (cluster, name) = planned.names();
        let found = describe(&ctx.client, cluster, name, planned.region.as_deref()).await?;
        let tags = found.as_ref().and_then(|g| g.tags.as_ref());
        if !made_by(op, tags.into_iter().flatten().map(|(k, v)| (k.as_str(), v.as_str()))) {
            return Ok(None);
        }
        planned.when_active(ctx).await.map(Some)
    }

    fn reversibility(change: &Change) -> Reversibility {
        // Nodes hold nothing that another node could not take over.
        let version = |v: &Option<Value>| v.as_ref().and_then(|v| v.get("version")).filter(|v| v.is_known() && !v.is_null());
        match (change.action, version(&change.before), version(&change.after)) {
            (Action::Update, Some(before), Some(after)) if before != after => {
                Reversibility::Irreversible("a Kubernetes version cannot be lowered".into())
            }
            _ => Reversibility::Reversible,
        }
    }
}

async fn describe(aws: &Aws, cluster: &str, name: &str, region: Option<&str>) -> Result<Option<eks::Nodegroup>> {
    let request = aws.eks(region).describe_nodegroup().cluster_name(cluster).nodegroup_name(name);
    match aws.send("eks:DescribeNodegroup", || request.clone().send()).await {
        Ok(answer) => Ok(answer.nodegroup),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl NodeGroup {
    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        let name = generated_name::name(self.node_group_name.as_deref(), self.node_group_name_prefix.as_deref(), op);
        self.node_group_name = Some(name);
        self
    }

    fn names(&self) -> (&str, &str) {
        (self.cluster_name.as_deref().unwrap_or_default(), self.node_group_name.as_deref().unwrap_or_default())
    }

    /// Waits until the node group is ready.
    async fn when_active(&self, ctx: &Ctx<Aws>) -> Result<Self> {
        let (cluster, name) = self.names();
        let look = || async {
            let found = describe(&ctx.client, cluster, name, self.region.as_deref()).await?;
            found.map_or_else(|| Ok(Look::Pending("not visible yet".into())), judge)
        };
        let active = Wait::new(format!("node group {name}"), PACE, TIMEOUT).run(ctx, look).await?;
        Ok(self.complete(&ctx.client, active))
    }

    /// The node group as EKS shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, group: eks::Nodegroup) -> Self {
        let remote_tags: Tags = group.tags.clone().into_iter().flatten().collect();
        let tags = aws.tags_seen(remote_tags, self.tags.as_ref());
        let mut seen = answer::node_group(group);
        let strategy_is_known = self.update_config.first().is_some_and(|u| u.update_strategy.is_some());
        for update in &mut seen.update_config {
            // EKS shows its default, which is none of the configuration's.
            update.update_strategy = update.update_strategy.take().filter(|s| strategy_is_known || s != "DEFAULT");
        }
        if seen.labels.is_none() && self.labels.as_ref().is_some_and(BTreeMap::is_empty) {
            seen.labels.clone_from(&self.labels);
        }
        Self {
            force_update_version: self.force_update_version,
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            timeouts: self.timeouts.clone(),
            ..seen
        }
    }
}

fn judge(group: eks::Nodegroup) -> Result<Look<eks::Nodegroup>> {
    use eks::NodegroupStatus as Status;
    match group.status() {
        Some(Status::Active) => Ok(Look::Ready(group)),
        Some(Status::CreateFailed | Status::Degraded | Status::Deleting | Status::DeleteFailed) => Err(group.failure()),
        status => Ok(Look::Pending(status.map(text).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests;
