//! `data.aws_eks_cluster`.

use super::cluster::blocks::{
    AccessConfig, CertificateAuthority, ComputeConfig, ControlPlaneScalingConfig, Identity, KubeApiServerConfig,
    KubeControllerManagerConfig, KubeSchedulerConfig, KubernetesNetworkConfig, OutpostConfig, RemoteNetworkConfig, StorageConfig,
    UpgradePolicy, VpcConfig, ZonalShiftConfig,
};
use super::cluster::{answer, describe};
use crate::client::Aws;
use crate::tags::Tags;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// An EKS cluster that exists already.
#[derive(Clone, Default, Shape)]
pub struct ClusterData {
    /// Who may use the Kubernetes API.
    #[attr(computed)]
    pub access_config: Option<Vec<AccessConfig>>,
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// The API server's certificate authority.
    #[attr(computed)]
    pub certificate_authority: Option<Vec<CertificateAuthority>>,
    /// Id of a cluster on Outposts.
    #[attr(computed)]
    pub cluster_id: Option<String>,
    /// Nodes that EKS Auto Mode runs.
    #[attr(computed)]
    pub compute_config: Option<Vec<ComputeConfig>>,
    /// How much the control plane can carry.
    #[attr(computed)]
    pub control_plane_scaling_config: Option<Vec<ControlPlaneScalingConfig>>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub created_at: Option<String>,
    /// Whether EKS refuses to delete it.
    #[attr(computed)]
    pub deletion_protection: Option<bool>,
    /// Control plane logs that go to `CloudWatch`.
    #[attr(computed)]
    pub enabled_cluster_log_types: Option<BTreeSet<String>>,
    /// URL of the API server.
    #[attr(computed)]
    pub endpoint: Option<String>,
    /// Its name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// How its service accounts are identified.
    #[attr(computed)]
    pub identity: Option<Vec<Identity>>,
    /// Settings of the API server.
    #[attr(computed)]
    pub kube_api_server_config: Option<Vec<KubeApiServerConfig>>,
    /// Settings of the controller manager.
    #[attr(computed)]
    pub kube_controller_manager_config: Option<Vec<KubeControllerManagerConfig>>,
    /// Settings of the scheduler.
    #[attr(computed)]
    pub kube_scheduler_config: Option<Vec<KubeSchedulerConfig>>,
    /// Addresses of services.
    #[attr(computed)]
    pub kubernetes_network_config: Option<Vec<KubernetesNetworkConfig>>,
    /// Its name.
    #[attr(required)]
    pub name: Option<String>,
    /// Where on Outposts the control plane runs.
    #[attr(computed)]
    pub outpost_config: Option<Vec<OutpostConfig>>,
    /// EKS's own version of the control plane.
    #[attr(computed)]
    pub platform_version: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Networks of hybrid nodes.
    #[attr(computed)]
    pub remote_network_config: Option<Vec<RemoteNetworkConfig>>,
    /// Role with which the control plane acts in your account.
    #[attr(computed)]
    pub role_arn: Option<String>,
    /// State of the cluster.
    #[attr(computed)]
    pub status: Option<String>,
    /// Volumes that EKS Auto Mode runs.
    #[attr(computed)]
    pub storage_config: Option<Vec<StorageConfig>>,
    /// All its tags.
    #[attr(optional, computed)]
    pub tags: Option<BTreeMap<String, String>>,
    /// What happens at the end of standard support.
    #[attr(computed)]
    pub upgrade_policy: Option<Vec<UpgradePolicy>>,
    /// Kubernetes version.
    #[attr(computed)]
    pub version: Option<String>,
    /// Where in your network it is.
    #[attr(computed)]
    pub vpc_config: Option<Vec<VpcConfig>>,
    /// Whether traffic may be moved away from a zone in trouble.
    #[attr(computed)]
    pub zonal_shift_config: Option<Vec<ZonalShiftConfig>>,
}

impl DataSource for ClusterData {
    type Client = Aws;
    const TYPE: &'static str = "aws_eks_cluster";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &*ctx.client;
        let name = config.name.as_deref().unwrap_or_default();
        let cluster = describe(aws, name, config.region.as_deref()).await?.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                format!("there is no EKS cluster {name:?} in {}", aws.region_of(config.region.as_deref())),
            )
        })?;
        let remote_tags: Tags = cluster.tags.clone().into_iter().flatten().collect();
        let c = answer::cluster(cluster);
        Ok(Self {
            access_config: Some(c.access_config),
            arn: c.arn,
            certificate_authority: c.certificate_authority,
            cluster_id: c.cluster_id,
            compute_config: Some(c.compute_config),
            control_plane_scaling_config: Some(c.control_plane_scaling_config),
            created_at: c.created_at,
            deletion_protection: c.deletion_protection,
            enabled_cluster_log_types: Some(c.enabled_cluster_log_types.unwrap_or_default()),
            endpoint: c.endpoint,
            id: c.id,
            identity: c.identity,
            kube_api_server_config: Some(c.kube_api_server_config),
            kube_controller_manager_config: Some(c.kube_controller_manager_config),
            kube_scheduler_config: Some(c.kube_scheduler_config),
            kubernetes_network_config: Some(c.kubernetes_network_config),
            name: c.name,
            outpost_config: Some(c.outpost_config),
            platform_version: c.platform_version,
            region: Some(aws.region_of(config.region.as_deref()).to_owned()),
            remote_network_config: Some(c.remote_network_config),
            role_arn: c.role_arn,
            status: c.status,
            storage_config: Some(c.storage_config),
            tags: Some(aws.tags_seen(remote_tags, None).tags_all.unwrap_or_default()),
            upgrade_policy: Some(c.upgrade_policy),
            version: c.version,
            vpc_config: Some(c.vpc_config),
            zonal_shift_config: Some(c.zonal_shift_config),
        })
    }
}
