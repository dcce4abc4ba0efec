//! `aws_eks_cluster`.

use super::condition::{Condition, remove};
use super::update::PACE;
use super::{retag, text};
use crate::client::Aws;
use crate::tags::{Tags, made_by};
use crate::{region, retry};
use aws_sdk_eks::types as eks;
use levee_sdk::error::Result;
use levee_sdk::model::{Action, Change, Diagnostics, Reversibility, Value};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Wait};
use levee_sdk::{Ctx, Draft, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) mod answer;
pub mod blocks;
mod plan;
mod request;
mod updates;

use blocks::{
    AccessConfig, CertificateAuthority, ComputeConfig, ControlPlaneScalingConfig, EncryptionConfig, Identity, KubeApiServerConfig,
    KubeControllerManagerConfig, KubeSchedulerConfig, KubernetesNetworkConfig, OutpostConfig, RemoteNetworkConfig, StorageConfig, Timeouts,
    UpgradePolicy, VpcConfig, ZonalShiftConfig,
};

/// An EKS cluster: a Kubernetes control plane.
#[derive(Clone, Default, Shape)]
pub struct Cluster {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Whether EKS installs its default network add-ons.
    #[attr(optional, force_new, default = true)]
    pub bootstrap_self_managed_addons: Option<bool>,
    /// The API server's certificate authority.
    #[attr(computed)]
    pub certificate_authority: Option<Vec<CertificateAuthority>>,
    /// Id of a cluster on Outposts.
    #[attr(computed)]
    pub cluster_id: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// Whether EKS refuses to delete it.
    #[attr(optional, computed)]
    pub deletion_protection: Option<bool>,
    /// Control plane logs that go to `CloudWatch`: `api`, `audit`, `authenticator`, `controllerManager`, `scheduler`.
    #[attr(optional)]
    pub enabled_cluster_log_types: Option<BTreeSet<String>>,
    /// URL of the API server.
    #[attr(computed)]
    pub endpoint: Option<String>,
    /// Raise the version although upgrade insights advise against it.
    #[attr(optional)]
    pub force_update_version: Option<bool>,
    /// Its name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// How its service accounts are identified.
    #[attr(computed)]
    pub identity: Option<Vec<Identity>>,
    /// Its name, unique in account and region.
    #[attr(required, force_new)]
    pub name: Option<String>,
    /// EKS's own version of the control plane.
    #[attr(computed)]
    pub platform_version: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Role with which the control plane acts in your account.
    #[attr(required, force_new)]
    pub role_arn: Option<String>,
    /// State of the cluster: `ACTIVE`.
    #[attr(computed)]
    pub status: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Kubernetes version, as in `1.33`; it can only be raised, one minor version at a time.
    #[attr(optional, computed)]
    pub version: Option<String>,
    /// Who may use the Kubernetes API.
    #[block(list, max = 1, computed)]
    pub access_config: Vec<AccessConfig>,
    /// Nodes that EKS Auto Mode runs.
    #[block(list, max = 1)]
    pub compute_config: Vec<ComputeConfig>,
    /// How much the control plane can carry.
    #[block(list, max = 1, computed)]
    pub control_plane_scaling_config: Vec<ControlPlaneScalingConfig>,
    /// Key that encrypts Kubernetes secrets; it can be added, never taken away.
    #[block(list, max = 1)]
    pub encryption_config: Vec<EncryptionConfig>,
    /// Settings of the API server.
    #[block(list, max = 1, computed)]
    pub kube_api_server_config: Vec<KubeApiServerConfig>,
    /// Settings of the controller manager.
    #[block(list, max = 1, computed)]
    pub kube_controller_manager_config: Vec<KubeControllerManagerConfig>,
    /// Settings of the scheduler.
    #[block(list, max = 1, computed)]
    pub kube_scheduler_config: Vec<KubeSchedulerConfig>,
    /// Addresses of services.
    #[block(list, max = 1, computed)]
    pub kubernetes_network_config: Vec<KubernetesNetworkConfig>,
    /// Where on Outposts the control plane runs.
    #[block(list, max = 1)]
    pub outpost_config: Vec<OutpostConfig>,
    /// Networks of hybrid nodes.
    #[block(list, max = 1)]
    pub remote_network_config: Vec<RemoteNetworkConfig>,
    /// Volumes that EKS Auto Mode runs.
    #[block(list, max = 1)]
    pub storage_config: Vec<StorageConfig>,
    /// How long its operations may take.
    #[block(single)]
    pub timeouts: Option<Timeouts>,
    /// What happens at the end of standard support.
    #[block(list, max = 1, computed)]
    pub upgrade_policy: Vec<UpgradePolicy>,
    /// Where in your network it is.
    #[block(list, min = 1, max = 1)]
    pub vpc_config: Vec<VpcConfig>,
    /// Whether traffic may be moved away from a zone in trouble.
    #[block(list, max = 1)]
    pub zonal_shift_config: Vec<ZonalShiftConfig>,
}

const CREATE_TIMEOUT: Duration = Duration::from_mins(30);
const DELETE_TIMEOUT: Duration = Duration::from_mins(15);

impl Resource for Cluster {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_cluster";
    const VERSION: u64 = 1;

    fn identity() -> levee_sdk::Identity {
        levee_sdk::Identity::ClientToken
    }

    fn reversibility(change: &Change) -> Reversibility {
        if matches!(change.action, Action::Delete | Action::Replace(_)) {
            return Reversibility::LosesData("the objects that the cluster holds are lost with it".into());
        }
        let (Some(before), Some(after)) = (&change.before, &change.after) else { return Reversibility::Reversible };
        let changes = |name: &str| before.get(name) != after.get(name);
        if changes("version") {
            return Reversibility::Irreversible("a Kubernetes version cannot be lowered".into());
        }
        if changes("encryption_config") {
            return Reversibility::Irreversible("encryption of secrets cannot be taken away".into());
        }
        Reversibility::Reversible
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        plan::validate(config)
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        plan::plan(draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let imported = Self { bootstrap_self_managed_addons: Some(true), ..Self::default() };
        let known = prior.unwrap_or(&imported);
        let found = describe(&ctx.client, id, known.region.as_deref()).await?;
        Ok(found.map(|cluster| known.complete(&ctx.client, cluster)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let tags = aws.tags_for_create(planned.tags.as_ref(), op).into_iter().collect();
        let request = request::create(&planned, &op.to_string(), tags)?;
        let eks = aws.eks(planned.region.as_deref());
        let send = || aws.send("eks:CreateCluster", || request.clone().send_with(&eks));
        if planned.role_arn.as_deref().is_some_and(|role| aws.sender().is_young(role)) {
            retry::patiently(ctx, send).await?;
        } else {
            send().await?;
        }
        let name = planned.name.clone().unwrap_or_default();
        ctx.checkpoint(&name).await?;
        planned.when_active(ctx, &name).await
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let name = prior.name.clone().unwrap_or_default();
        let eks = aws.eks(prior.region.as_deref());
        let arn = prior.arn.as_deref().unwrap_or_default();
        let updates = Box::pin(async {
            for (n, update) in updates::between(&prior, &planned)?.into_iter().enumerate() {
                update.carry_out(ctx, &eks, &name, &format!("{op}-{n}")).await?;
            }
            Ok(())
        });
        let retag = retag(aws, &eks, arn, prior.tags_all.as_ref(), planned.tags_all.as_ref());
        futures::future::try_join(updates, retag).await?;
        planned.when_active(ctx, &name).await
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let name = prior.name.clone().unwrap_or_default();
        let eks = aws.eks(prior.region.as_deref());
        let request = eks.delete_cluster().name(&name);
        let ask = || aws.send("eks:DeleteCluster", || request.clone().send());
        remove(ctx, &name, DELETE_TIMEOUT, ask, || describe(aws, &name, prior.region.as_deref())).await
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let name = planned.name.as_deref().unwrap_or_default();
        let found = describe(&ctx.client, name, planned.region.as_deref()).await?;
        let tags = found.as_ref().and_then(|c| c.tags.as_ref());
        if !made_by(op, tags.into_iter().flatten().map(|(k, v)| (k.as_str(), v.as_str()))) {
            return Ok(None);
        }
        planned.when_active(ctx, name).await.map(Some)
    }
}

/// The cluster as it is; `None` when there is none.
pub(super) async fn describe(aws: &Aws, name: &str, region: Option<&str>) -> Result<Option<eks::Cluster>> {
    let request = aws.eks(region).describe_cluster().name(name);
    match aws.send("eks:DescribeCluster", || request.clone().send()).await {
        Ok(answer) => Ok(answer.cluster),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl Cluster {
    /// Waits until the cluster is ready.
    async fn when_active(&self, ctx: &Ctx<Aws>, name: &str) -> Result<Self> {
        let look = || async {
            let found = describe(&ctx.client, name, self.region.as_deref()).await?;
            found.map_or_else(|| Ok(Look::Pending("not visible yet".into())), judge)
        };
        let active = Wait::new(format!("cluster {name}"), PACE, CREATE_TIMEOUT).run(ctx, look).await?;
        Ok(self.complete(&ctx.client, active))
    }

    /// The cluster as EKS shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, cluster: eks::Cluster) -> Self {
        let remote_tags: Tags = cluster.tags.clone().into_iter().flatten().collect();
        let tags = aws.tags_seen(remote_tags, self.tags.as_ref());
        let mut seen = answer::cluster(cluster);
        for access in &mut seen.access_config {
            // EKS does not always show what it did at the creation.
            let known = self.access_config.first().and_then(|a| a.bootstrap_cluster_creator_admin_permissions);
            access.bootstrap_cluster_creator_admin_permissions =
                known.or(access.bootstrap_cluster_creator_admin_permissions).or(Some(true));
        }
        seen.compute_config = unless_off(seen.compute_config, &self.compute_config, |c| c.enabled != Some(true));
        seen.storage_config =
            unless_off(seen.storage_config, &self.storage_config, |s| s.block_storage.iter().all(|b| b.enabled != Some(true)));
        seen.zonal_shift_config = unless_off(seen.zonal_shift_config, &self.zonal_shift_config, |z| z.enabled != Some(true));
        seen.remote_network_config = unless_off(seen.remote_network_config, &self.remote_network_config, |r| {
            r.remote_node_networks.is_empty() && r.remote_pod_networks.is_empty()
        });
        for (vpc, known) in seen.vpc_config.iter_mut().zip(&self.vpc_config) {
            keep_empty(&mut vpc.security_group_ids, known.security_group_ids.as_ref());
        }
        keep_empty(&mut seen.enabled_cluster_log_types, self.enabled_cluster_log_types.as_ref());
        Self {
            bootstrap_self_managed_addons: self.bootstrap_self_managed_addons,
            force_update_version: self.force_update_version,
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            timeouts: self.timeouts.clone(),
            ..seen
        }
    }
}

/// What EKS shows, unless it shows a feature as off that is off in what is known: off is written in many ways.
fn unless_off<T: Clone>(seen: Vec<T>, known: &[T], is_off: impl Fn(&T) -> bool) -> Vec<T> {
    if seen.iter().all(&is_off) && known.iter().all(&is_off) { known.to_vec() } else { seen }
}

/// EKS shows an empty set as none; the configuration may have written it out.
fn keep_empty(seen: &mut Option<BTreeSet<String>>, known: Option<&BTreeSet<String>>) {
    if seen.is_none() && known.is_some_and(BTreeSet::is_empty) {
        *seen = Some(BTreeSet::new());
    }
}

fn judge(cluster: eks::Cluster) -> Result<Look<eks::Cluster>> {
    match cluster.status() {
        Some(eks::ClusterStatus::Active) => Ok(Look::Ready(cluster)),
        Some(eks::ClusterStatus::Failed | eks::ClusterStatus::Deleting) => Err(cluster.failure()),
        status => Ok(Look::Pending(status.map(text).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests;
