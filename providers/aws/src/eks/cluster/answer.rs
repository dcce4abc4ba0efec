//! Reads a cluster from EKS's answers.

use super::Cluster;
use super::blocks::{
    AccessConfig, BlockStorage, CertificateAuthority, ComputeConfig, ControlPlanePlacement, ControlPlaneScalingConfig,
    ElasticLoadBalancing, EncryptionConfig, EncryptionProvider, EtcdPlacement, HorizontalPodAutoscaler, Identity, IdentityOidc,
    KubeApiServerConfig, KubeControllerManagerConfig, KubeSchedulerConfig, KubernetesNetworkConfig, NodePortRange, NodeResourcesFit,
    OutpostConfig, PodGc, RemoteNetworkConfig, RemoteNodeNetworks, RemotePodNetworks, ResourceWeight, ScoringStrategy, StorageConfig,
    UpgradePolicy, VpcConfig, ZonalShiftConfig,
};
use crate::eks::{set, text};
use crate::timestamp::rfc3339;
use aws_sdk_eks::types as eks;
use std::collections::BTreeSet;

/// The cluster as EKS shows it, without what EKS does not tell: arguments of the creation, region, tags.
pub(in crate::eks) fn cluster(c: eks::Cluster) -> Cluster {
    Cluster {
        access_config: c.access_config.as_ref().map(access).into_iter().collect(),
        arn: c.arn,
        certificate_authority: Some(c.certificate_authority.map(|ca| CertificateAuthority { data: ca.data }).into_iter().collect()),
        // EKS shows an id for clusters on Outposts only.
        cluster_id: Some(c.id.unwrap_or_default()),
        compute_config: c.compute_config.map(compute).into_iter().collect(),
        control_plane_scaling_config: c.control_plane_scaling_config.as_ref().map(scaling).into_iter().collect(),
        created_at: c.created_at.as_ref().map(rfc3339),
        deletion_protection: Some(c.deletion_protection.unwrap_or(false)),
        enabled_cluster_log_types: enabled_logs(c.logging.as_ref()),
        encryption_config: c.encryption_config.into_iter().flatten().map(encryption).collect(),
        endpoint: Some(c.endpoint.unwrap_or_default()),
        id: c.name.clone(),
        identity: Some(c.identity.map(identity).into_iter().collect()),
        kube_api_server_config: c.kube_api_server_config.map(api_server).into_iter().collect(),
        kube_controller_manager_config: c.kube_controller_manager_config.map(controller_manager).into_iter().collect(),
        kube_scheduler_config: c.kube_scheduler_config.map(scheduler).into_iter().collect(),
        kubernetes_network_config: c.kubernetes_network_config.map(network).into_iter().collect(),
        name: c.name,
        outpost_config: c.outpost_config.map(outpost).into_iter().collect(),
        platform_version: Some(c.platform_version.unwrap_or_default()),
        remote_network_config: c.remote_network_config.map(remote_network).into_iter().collect(),
        role_arn: c.role_arn,
        status: c.status.as_ref().map(text),
        storage_config: c.storage_config.map(storage).into_iter().collect(),
        upgrade_policy: c.upgrade_policy.map(|u| UpgradePolicy { support_type: u.support_type.as_ref().map(text) }).into_iter().collect(),
        version: c.version,
        vpc_config: c.resources_vpc_config.map(vpc).into_iter().collect(),
        zonal_shift_config: c.zonal_shift_config.map(|z| ZonalShiftConfig { enabled: z.enabled }).into_iter().collect(),
        ..Cluster::default()
    }
}

fn enabled_logs(logging: Option<&eks::Logging>) -> Option<BTreeSet<String>> {
    let on = logging?.cluster_logging().iter().filter(|s| s.enabled() == Some(true));
    let types: BTreeSet<String> = on.flat_map(|s| s.types().iter().map(text)).collect();
    (!types.is_empty()).then_some(types)
}

fn access(a: &eks::AccessConfigResponse) -> AccessConfig {
    AccessConfig {
        authentication_mode: a.authentication_mode.as_ref().map(text),
        bootstrap_cluster_creator_admin_permissions: a.bootstrap_cluster_creator_admin_permissions,
    }
}

fn compute(c: eks::ComputeConfigResponse) -> ComputeConfig {
    ComputeConfig { enabled: c.enabled, node_pools: c.node_pools.filter(|p| !p.is_empty()).map(set), node_role_arn: c.node_role_arn }
}

fn scaling(s: &eks::ControlPlaneScalingConfig) -> ControlPlaneScalingConfig {
    ControlPlaneScalingConfig { tier: s.tier.as_ref().map(text) }
}

#[expect(deprecated, reason = "the schema still has `resources`, and older clusters differ in it")]
fn encryption(e: eks::EncryptionConfig) -> EncryptionConfig {
    let provider = e.provider.map(|p| EncryptionProvider { key_arn: p.key_arn });
    EncryptionConfig { provider: provider.into_iter().collect(), resources: e.resources.map(set) }
}

fn identity(i: eks::Identity) -> Identity {
    Identity { oidc: Some(i.oidc.map(|o| IdentityOidc { issuer: o.issuer }).into_iter().collect()) }
}

fn api_server(k: eks::KubeApiServerConfigResponse) -> KubeApiServerConfig {
    let range =
        |r: eks::ServiceNodePortRange| NodePortRange { min_port: Some(i64::from(r.min_port)), max_port: Some(i64::from(r.max_port)) };
    KubeApiServerConfig { event_ttl: k.event_ttl, service_node_port_range: k.service_node_port_range.map(range).into_iter().collect() }
}

fn controller_manager(k: eks::KubeControllerManagerConfigResponse) -> KubeControllerManagerConfig {
    let scaler = k
        .horizontal_pod_autoscaler_controller_config
        .map(|h| HorizontalPodAutoscaler { horizontal_pod_autoscaler_sync_period: h.horizontal_pod_autoscaler_sync_period });
    let gc = k.pod_gc_controller_config.map(|p| PodGc { terminated_pod_gc_threshold: p.terminated_pod_gc_threshold.map(i64::from) });
    KubeControllerManagerConfig {
        horizontal_pod_autoscaler_controller_config: scaler.into_iter().collect(),
        pod_gc_controller_config: gc.into_iter().collect(),
    }
}

fn scheduler(k: eks::KubeSchedulerConfigResponse) -> KubeSchedulerConfig {
    let weight = |r: eks::ResourceWeight| ResourceWeight { name: r.name, weight: r.weight.map(i64::from) };
    let strategy = |s: eks::ScoringStrategy| ScoringStrategy {
        r#type: s.r#type.as_ref().map(text),
        resource: s.resources.into_iter().flatten().map(weight).collect(),
    };
    let fit =
        |f: eks::NodeResourcesFitConfig| NodeResourcesFit { scoring_strategy: f.scoring_strategy.map(strategy).into_iter().collect() };
    KubeSchedulerConfig { node_resources_fit: k.node_resources_fit.map(fit).into_iter().collect() }
}

fn network(n: eks::KubernetesNetworkConfigResponse) -> KubernetesNetworkConfig {
    KubernetesNetworkConfig {
        elastic_load_balancing: n.elastic_load_balancing.map(|e| ElasticLoadBalancing { enabled: e.enabled }).into_iter().collect(),
        ip_family: n.ip_family.as_ref().map(text),
        service_ipv4_cidr: Some(n.service_ipv4_cidr.unwrap_or_default()),
        service_ipv6_cidr: Some(n.service_ipv6_cidr.unwrap_or_default()),
    }
}

fn outpost(o: eks::OutpostConfigResponse) -> OutpostConfig {
    let control_plane = o
        .control_plane_placement
        .map(|p| ControlPlanePlacement { group_name: p.group_name, spread_level: p.spread_level.as_ref().map(text) });
    let etcd = o.etcd_placement.map(|p| EtcdPlacement { spread_level: p.spread_level.as_ref().map(text) });
    OutpostConfig {
        control_plane_instance_type: Some(o.control_plane_instance_type),
        control_plane_placement: control_plane.into_iter().collect(),
        etcd_instance_type: o.etcd_instance_type,
        etcd_placement: etcd.into_iter().collect(),
        outpost_arns: Some(set(o.outpost_arns)),
    }
}

fn remote_network(r: eks::RemoteNetworkConfigResponse) -> RemoteNetworkConfig {
    let nodes = r.remote_node_networks.into_iter().flatten();
    let pods = r.remote_pod_networks.into_iter().flatten();
    RemoteNetworkConfig {
        remote_node_networks: nodes.map(|n| RemoteNodeNetworks { cidrs: n.cidrs.map(set) }).collect(),
        remote_pod_networks: pods.map(|n| RemotePodNetworks { cidrs: n.cidrs.map(set) }).collect(),
    }
}

fn storage(s: eks::StorageConfigResponse) -> StorageConfig {
    StorageConfig { block_storage: s.block_storage.map(|b| BlockStorage { enabled: b.enabled }).into_iter().collect() }
}

fn vpc(v: eks::VpcConfigResponse) -> VpcConfig {
    VpcConfig {
        cluster_security_group_id: Some(v.cluster_security_group_id.unwrap_or_default()),
        control_plane_egress_mode: Some(v.control_plane_egress_mode.as_ref().map(text).unwrap_or_default()),
        endpoint_private_access: Some(v.endpoint_private_access),
        endpoint_public_access: Some(v.endpoint_public_access),
        public_access_cidrs: Some(set(v.public_access_cidrs.unwrap_or_default())),
        security_group_ids: v.security_group_ids.filter(|g| !g.is_empty()).map(set),
        subnet_ids: v.subnet_ids.map(set),
        vpc_id: Some(v.vpc_id.unwrap_or_default()),
    }
}
