//! Builds the requests for a cluster. Pure: nothing is sent here.

use super::Cluster;
use super::blocks::{
    AccessConfig, ComputeConfig, ControlPlaneScalingConfig, EncryptionConfig, KubeApiServerConfig, KubeControllerManagerConfig,
    KubeSchedulerConfig, KubernetesNetworkConfig, OutpostConfig, RemoteNetworkConfig, StorageConfig, UpgradePolicy, VpcConfig,
    ZonalShiftConfig,
};
use crate::eks::number;
use aws_sdk_eks::operation::create_cluster::builders::CreateClusterInputBuilder;
use aws_sdk_eks::types as eks;
use levee_sdk::error::{ProviderError, Result};
use std::collections::{BTreeSet, HashMap};

/// Every control plane log there is; what is not wanted is switched off by name.
const LOG_TYPES: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// The request that makes the cluster. `tags`: all of them, the op tag included.
pub(super) fn create(c: &Cluster, token: &str, tags: HashMap<String, String>) -> Result<CreateClusterInputBuilder> {
    let mut request = CreateClusterInputBuilder::default()
        .client_request_token(token)
        .set_name(c.name.clone())
        .set_role_arn(c.role_arn.clone())
        .set_version(c.version.clone())
        .set_bootstrap_self_managed_addons(c.bootstrap_self_managed_addons)
        .set_deletion_protection(c.deletion_protection)
        .set_resources_vpc_config(c.vpc_config.first().map(vpc))
        .set_encryption_config(encryption(&c.encryption_config))
        .set_access_config(c.access_config.first().map(create_access))
        .set_compute_config(c.compute_config.first().map(compute))
        .set_storage_config(c.storage_config.first().map(storage))
        .set_kubernetes_network_config(c.kubernetes_network_config.first().map(network))
        .set_remote_network_config(c.remote_network_config.first().map(remote_network))
        .set_upgrade_policy(c.upgrade_policy.first().map(upgrade_policy))
        .set_zonal_shift_config(c.zonal_shift_config.first().map(zonal_shift))
        .set_control_plane_scaling_config(c.control_plane_scaling_config.first().map(scaling))
        .set_kube_api_server_config(c.kube_api_server_config.first().map(api_server).transpose()?)
        .set_kube_controller_manager_config(c.kube_controller_manager_config.first().map(controller_manager).transpose()?)
        .set_kube_scheduler_config(c.kube_scheduler_config.first().map(scheduler).transpose()?)
        .set_outpost_config(c.outpost_config.first().map(outpost).transpose()?)
        .set_tags((!tags.is_empty()).then_some(tags));
    if c.enabled_cluster_log_types.as_ref().is_some_and(|types| !types.is_empty()) {
        request = request.logging(logging(c.enabled_cluster_log_types.as_ref()));
    }
    Ok(request)
}

fn list(set: Option<&BTreeSet<String>>) -> Option<Vec<String>> {
    set.filter(|s| !s.is_empty()).map(|s| s.iter().cloned().collect())
}

fn vpc(v: &VpcConfig) -> eks::VpcConfigRequest {
    eks::VpcConfigRequest::builder()
        .set_subnet_ids(list(v.subnet_ids.as_ref()))
        .set_security_group_ids(list(v.security_group_ids.as_ref()))
        .set_public_access_cidrs(list(v.public_access_cidrs.as_ref()))
        .set_endpoint_private_access(v.endpoint_private_access)
        .set_endpoint_public_access(v.endpoint_public_access)
        .set_control_plane_egress_mode(v.control_plane_egress_mode.as_deref().map(Into::into))
        .build()
}

/// Endpoint access alone; subnets and security groups are changed by updates of their own.
pub(super) fn vpc_access(v: &VpcConfig) -> eks::VpcConfigRequest {
    eks::VpcConfigRequest::builder()
        .set_endpoint_private_access(v.endpoint_private_access)
        .set_endpoint_public_access(v.endpoint_public_access)
        .set_public_access_cidrs(list(v.public_access_cidrs.as_ref()))
        .build()
}

/// Subnets alone.
pub(super) fn vpc_subnets(v: &VpcConfig) -> eks::VpcConfigRequest {
    eks::VpcConfigRequest::builder().set_subnet_ids(Some(v.subnet_ids.iter().flatten().cloned().collect())).build()
}

/// Security groups alone; none takes all away.
pub(super) fn vpc_security_groups(v: &VpcConfig) -> eks::VpcConfigRequest {
    let groups = v.security_group_ids.iter().flatten().cloned().collect();
    eks::VpcConfigRequest::builder().set_security_group_ids(Some(groups)).build()
}

/// The way out of the control plane alone.
pub(super) fn vpc_egress(v: &VpcConfig) -> eks::VpcConfigRequest {
    let mode = v.control_plane_egress_mode.as_deref().map(Into::into);
    eks::VpcConfigRequest::builder().set_control_plane_egress_mode(mode).build()
}

/// Which logs are on, and which are off.
pub(super) fn logging(wanted: Option<&BTreeSet<String>>) -> eks::Logging {
    let is_wanted = |name: &&str| wanted.is_some_and(|w| w.contains(*name));
    let setup = |enabled: bool| {
        let types: Vec<_> = LOG_TYPES.iter().filter(|t| is_wanted(t) == enabled).map(|t| eks::LogType::from(*t)).collect();
        (!types.is_empty()).then(|| eks::LogSetup::builder().enabled(enabled).set_types(Some(types)).build())
    };
    eks::Logging::builder().set_cluster_logging(Some([true, false].into_iter().filter_map(setup).collect())).build()
}

/// Encryption of secrets, as creation and association want it.
#[expect(deprecated, reason = "the schema still has `resources`, and older clusters differ in it")]
pub(super) fn encryption(blocks: &[EncryptionConfig]) -> Option<Vec<eks::EncryptionConfig>> {
    let one = |e: &EncryptionConfig| {
        let key = e.provider.first().and_then(|p| p.key_arn.clone());
        eks::EncryptionConfig::builder()
            .set_resources(list(e.resources.as_ref()))
            .provider(eks::Provider::builder().set_key_arn(key).build())
            .build()
    };
    (!blocks.is_empty()).then(|| blocks.iter().map(one).collect())
}

fn create_access(a: &AccessConfig) -> eks::CreateAccessConfigRequest {
    eks::CreateAccessConfigRequest::builder()
        .set_authentication_mode(a.authentication_mode.as_deref().map(Into::into))
        .set_bootstrap_cluster_creator_admin_permissions(a.bootstrap_cluster_creator_admin_permissions)
        .build()
}

/// The authentication mode, the only part of `access_config` that can be changed.
pub(super) fn update_access(a: &AccessConfig) -> eks::UpdateAccessConfigRequest {
    let mode = a.authentication_mode.as_deref().map(Into::into);
    eks::UpdateAccessConfigRequest::builder().set_authentication_mode(mode).build()
}

/// Nodes of Auto Mode.
pub(super) fn compute(c: &ComputeConfig) -> eks::ComputeConfigRequest {
    eks::ComputeConfigRequest::builder()
        .set_enabled(c.enabled)
        .set_node_pools(c.node_pools.as_ref().map(|pools| pools.iter().cloned().collect()))
        .set_node_role_arn(c.node_role_arn.clone())
        .build()
}

/// Volumes of Auto Mode.
pub(super) fn storage(s: &StorageConfig) -> eks::StorageConfigRequest {
    let block = s.block_storage.first().map(|b| eks::BlockStorage::builder().set_enabled(b.enabled).build());
    eks::StorageConfigRequest::builder().set_block_storage(block).build()
}

fn network(n: &KubernetesNetworkConfig) -> eks::KubernetesNetworkConfigRequest {
    eks::KubernetesNetworkConfigRequest::builder()
        .set_ip_family(n.ip_family.as_deref().map(Into::into))
        .set_service_ipv4_cidr(n.service_ipv4_cidr.clone())
        .set_elastic_load_balancing(load_balancing(n))
        .build()
}

/// Load balancers of Auto Mode, the only part of `kubernetes_network_config` that can be changed.
pub(super) fn network_update(n: &KubernetesNetworkConfig) -> eks::KubernetesNetworkConfigRequest {
    eks::KubernetesNetworkConfigRequest::builder().set_elastic_load_balancing(load_balancing(n)).build()
}

fn load_balancing(n: &KubernetesNetworkConfig) -> Option<eks::ElasticLoadBalancing> {
    n.elastic_load_balancing.first().map(|e| eks::ElasticLoadBalancing::builder().set_enabled(e.enabled).build())
}

/// Networks of hybrid nodes.
pub(super) fn remote_network(r: &RemoteNetworkConfig) -> eks::RemoteNetworkConfigRequest {
    let nodes = r.remote_node_networks.iter();
    let pods = r.remote_pod_networks.iter();
    eks::RemoteNetworkConfigRequest::builder()
        .set_remote_node_networks(Some(
            nodes.map(|n| eks::RemoteNodeNetwork::builder().set_cidrs(list(n.cidrs.as_ref())).build()).collect(),
        ))
        .set_remote_pod_networks(Some(pods.map(|n| eks::RemotePodNetwork::builder().set_cidrs(list(n.cidrs.as_ref())).build()).collect()))
        .build()
}

/// Support after the standard term.
pub(super) fn upgrade_policy(u: &UpgradePolicy) -> eks::UpgradePolicyRequest {
    eks::UpgradePolicyRequest::builder().set_support_type(u.support_type.as_deref().map(Into::into)).build()
}

/// Zonal shift.
pub(super) fn zonal_shift(z: &ZonalShiftConfig) -> eks::ZonalShiftConfigRequest {
    eks::ZonalShiftConfigRequest::builder().set_enabled(z.enabled).build()
}

/// Capacity of the control plane.
pub(super) fn scaling(s: &ControlPlaneScalingConfig) -> eks::ControlPlaneScalingConfig {
    eks::ControlPlaneScalingConfig::builder().set_tier(s.tier.as_deref().map(Into::into)).build()
}

/// Settings of the API server.
pub(super) fn api_server(k: &KubeApiServerConfig) -> Result<eks::KubeApiServerConfigRequest> {
    let ports = k.service_node_port_range.first().map(|p| {
        Ok(eks::ServiceNodePortRange::builder()
            .min_port(number(p.min_port, "min_port")?.unwrap_or_default())
            .max_port(number(p.max_port, "max_port")?.unwrap_or_default())
            .build())
    });
    Ok(eks::KubeApiServerConfigRequest::builder()
        .set_event_ttl(k.event_ttl.clone())
        .set_service_node_port_range(ports.transpose()?)
        .build())
}

/// Settings of the controller manager.
pub(super) fn controller_manager(k: &KubeControllerManagerConfig) -> Result<eks::KubeControllerManagerConfigRequest> {
    let scaler = k.horizontal_pod_autoscaler_controller_config.first().map(|h| {
        eks::HorizontalPodAutoscalerControllerConfigRequest::builder()
            .set_horizontal_pod_autoscaler_sync_period(h.horizontal_pod_autoscaler_sync_period.clone())
            .build()
    });
    let threshold = k.pod_gc_controller_config.first().map(|p| number(p.terminated_pod_gc_threshold, "terminated_pod_gc_threshold"));
    let gc = threshold.transpose()?.map(|t| eks::PodGcControllerConfigRequest::builder().set_terminated_pod_gc_threshold(t).build());
    Ok(eks::KubeControllerManagerConfigRequest::builder()
        .set_horizontal_pod_autoscaler_controller_config(scaler)
        .set_pod_gc_controller_config(gc)
        .build())
}

/// Settings of the scheduler.
pub(super) fn scheduler(k: &KubeSchedulerConfig) -> Result<eks::KubeSchedulerConfigRequest> {
    let Some(strategy) = k.node_resources_fit.first().and_then(|fit| fit.scoring_strategy.first()) else {
        return Ok(eks::KubeSchedulerConfigRequest::builder().build());
    };
    let mut scoring = eks::ScoringStrategy::builder().set_type(strategy.r#type.as_deref().map(Into::into));
    for r in &strategy.resource {
        let weight = number(r.weight, "weight")?;
        scoring = scoring.resources(eks::ResourceWeight::builder().set_name(r.name.clone()).set_weight(weight).build());
    }
    let fit = eks::NodeResourcesFitConfig::builder().scoring_strategy(scoring.build()).build();
    Ok(eks::KubeSchedulerConfigRequest::builder().node_resources_fit(fit).build())
}

fn outpost(o: &OutpostConfig) -> Result<eks::OutpostConfigRequest> {
    let control_plane = o.control_plane_placement.first().map(|p| {
        eks::ControlPlanePlacementRequest::builder()
            .set_group_name(p.group_name.clone())
            .set_spread_level(p.spread_level.as_deref().map(Into::into))
            .build()
    });
    let etcd = o.etcd_placement.first();
    let etcd = etcd.map(|p| eks::EtcdPlacementRequest::builder().set_spread_level(p.spread_level.as_deref().map(Into::into)).build());
    eks::OutpostConfigRequest::builder()
        .set_outpost_arns(Some(o.outpost_arns.iter().flatten().cloned().collect()))
        .set_control_plane_instance_type(o.control_plane_instance_type.clone())
        .set_control_plane_placement(control_plane)
        .set_etcd_instance_type(o.etcd_instance_type.clone())
        .set_etcd_placement(etcd)
        .build()
        .map_err(|e| incomplete(&e))
}

fn incomplete(error: &aws_smithy_types::error::operation::BuildError) -> ProviderError {
    ProviderError::invalid(error.to_string())
}
