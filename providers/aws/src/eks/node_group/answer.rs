//! Reads a node group from EKS's answers.

use super::NodeGroup;
use super::blocks::{
    AutoscalingGroup, LaunchTemplate, NodeRepairConfig, RemoteAccess, RepairOverride, Resources, ScalingConfig, Taint, UpdateConfig,
    WarmPoolConfig,
};
use super::{set, text};
use crate::generated_name;
use aws_sdk_eks::types as eks;

/// The node group as EKS shows it, without what EKS does not tell: region, tags, arguments of updates.
pub(super) fn node_group(g: eks::Nodegroup) -> NodeGroup {
    let name = g.nodegroup_name.unwrap_or_default();
    NodeGroup {
        ami_type: g.ami_type.as_ref().map(text),
        arn: g.nodegroup_arn,
        capacity_type: g.capacity_type.as_ref().map(text),
        id: g.cluster_name.as_ref().map(|cluster| format!("{cluster}:{name}")),
        cluster_name: g.cluster_name,
        // Both are the launch template's business where it sets them.
        disk_size: Some(g.disk_size.map(i64::from).unwrap_or_default()),
        instance_types: Some(g.instance_types.unwrap_or_default()),
        labels: g.labels.filter(|l| !l.is_empty()).map(|l| l.into_iter().collect()),
        launch_template: g.launch_template.map(launch_template).into_iter().collect(),
        node_group_name_prefix: Some(generated_name::prefix_of(&name)),
        node_group_name: Some(name),
        node_repair_config: g.node_repair_config.map(repair).into_iter().collect(),
        node_role_arn: g.node_role,
        release_version: Some(g.release_version.unwrap_or_default()),
        remote_access: g.remote_access.map(remote_access).into_iter().collect(),
        resources: Some(g.resources.map(resources).into_iter().collect()),
        scaling_config: g.scaling_config.as_ref().map(scaling).into_iter().collect(),
        status: g.status.as_ref().map(text),
        subnet_ids: g.subnets.map(set),
        taint: g.taints.into_iter().flatten().map(taint).collect(),
        update_config: g.update_config.as_ref().map(pace).into_iter().collect(),
        version: g.version,
        warm_pool_config: g.warm_pool_config.as_ref().filter(|w| w.enabled != Some(false)).map(warm_pool).into_iter().collect(),
        ..NodeGroup::default()
    }
}

fn launch_template(t: eks::LaunchTemplateSpecification) -> LaunchTemplate {
    LaunchTemplate { id: t.id, name: t.name, version: t.version }
}

fn remote_access(r: eks::RemoteAccessConfig) -> RemoteAccess {
    RemoteAccess { ec2_ssh_key: r.ec2_ssh_key, source_security_group_ids: r.source_security_groups.filter(|g| !g.is_empty()).map(set) }
}

fn resources(r: eks::NodegroupResources) -> Resources {
    let groups = r.auto_scaling_groups.into_iter().flatten();
    Resources {
        autoscaling_groups: Some(groups.map(|g| AutoscalingGroup { name: g.name }).collect()),
        remote_access_security_group_id: Some(r.remote_access_security_group.unwrap_or_default()),
    }
}

fn scaling(s: &eks::NodegroupScalingConfig) -> ScalingConfig {
    ScalingConfig { desired_size: s.desired_size.map(i64::from), max_size: s.max_size.map(i64::from), min_size: s.min_size.map(i64::from) }
}

fn taint(t: eks::Taint) -> Taint {
    Taint { effect: t.effect.as_ref().map(text), key: t.key, value: t.value.filter(|v| !v.is_empty()) }
}

fn pace(u: &eks::NodegroupUpdateConfig) -> UpdateConfig {
    UpdateConfig {
        max_unavailable: u.max_unavailable.filter(|n| *n != 0).map(i64::from),
        max_unavailable_percentage: u.max_unavailable_percentage.filter(|n| *n != 0).map(i64::from),
        update_strategy: u.update_strategy.as_ref().map(text),
    }
}

fn repair(r: eks::NodeRepairConfig) -> NodeRepairConfig {
    let exception = |o: eks::NodeRepairConfigOverrides| RepairOverride {
        min_repair_wait_time_mins: o.min_repair_wait_time_mins.map(i64::from),
        node_monitoring_condition: o.node_monitoring_condition,
        node_unhealthy_reason: o.node_unhealthy_reason,
        repair_action: o.repair_action.as_ref().map(text),
    };
    NodeRepairConfig {
        enabled: r.enabled,
        max_parallel_nodes_repaired_count: r.max_parallel_nodes_repaired_count.map(i64::from),
        max_parallel_nodes_repaired_percentage: r.max_parallel_nodes_repaired_percentage.map(i64::from),
        max_unhealthy_node_threshold_count: r.max_unhealthy_node_threshold_count.map(i64::from),
        max_unhealthy_node_threshold_percentage: r.max_unhealthy_node_threshold_percentage.map(i64::from),
        node_repair_config_overrides: r.node_repair_config_overrides.into_iter().flatten().map(exception).collect(),
    }
}

fn warm_pool(w: &eks::WarmPoolConfig) -> WarmPoolConfig {
    WarmPoolConfig {
        max_group_prepared_capacity: w.max_group_prepared_capacity.map(i64::from),
        min_size: w.min_size.map(i64::from),
        pool_state: w.pool_state.as_ref().map(text),
        reuse_on_scale_in: w.reuse_on_scale_in,
    }
}
