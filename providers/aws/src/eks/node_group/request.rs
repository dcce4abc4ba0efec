//! Builds the requests for a node group. Pure: nothing is sent here.

use super::NodeGroup;
use super::blocks::{LaunchTemplate, NodeRepairConfig, RemoteAccess, ScalingConfig, Taint, UpdateConfig, WarmPoolConfig};
use crate::eks::number;
use aws_sdk_eks::operation::create_nodegroup::builders::CreateNodegroupInputBuilder;
use aws_sdk_eks::operation::update_nodegroup_config::builders::UpdateNodegroupConfigInputBuilder;
use aws_sdk_eks::operation::update_nodegroup_version::builders::UpdateNodegroupVersionInputBuilder;
use aws_sdk_eks::types as eks;
use levee_sdk::Shape;
use levee_sdk::error::Result;
use std::collections::{BTreeMap, HashMap};

/// The request that makes the node group. `tags`: all of them, the op tag included.
pub(super) fn create(g: &NodeGroup, token: &str, tags: HashMap<String, String>) -> Result<CreateNodegroupInputBuilder> {
    let labels = g.labels.clone().filter(|l| !l.is_empty()).map(|l| l.into_iter().collect());
    Ok(CreateNodegroupInputBuilder::default()
        .client_request_token(token)
        .set_cluster_name(g.cluster_name.clone())
        .set_nodegroup_name(g.node_group_name.clone())
        .set_node_role(g.node_role_arn.clone())
        .set_subnets(g.subnet_ids.as_ref().map(|s| s.iter().cloned().collect()))
        .set_ami_type(g.ami_type.as_deref().map(Into::into))
        .set_capacity_type(g.capacity_type.as_deref().map(Into::into))
        .set_disk_size(number(g.disk_size, "disk_size")?)
        .set_instance_types(g.instance_types.clone().filter(|t| !t.is_empty()))
        .set_labels(labels)
        .set_launch_template(g.launch_template.first().map(launch_template))
        .set_node_repair_config(g.node_repair_config.first().map(repair).transpose()?)
        .set_release_version(g.release_version.clone())
        .set_remote_access(g.remote_access.first().map(remote_access))
        .set_scaling_config(g.scaling_config.first().map(scaling).transpose()?)
        .set_taints((!g.taint.is_empty()).then(|| g.taint.iter().map(taint).collect()))
        .set_update_config(g.update_config.first().map(pace).transpose()?)
        .set_version(g.version.clone())
        .set_warm_pool_config(g.warm_pool_config.first().map(warm_pool).transpose()?)
        .set_tags((!tags.is_empty()).then_some(tags)))
}

/// The request that replaces the nodes by ones of another version or template, if that is planned.
pub(super) fn update_version(prior: &NodeGroup, planned: &NodeGroup) -> Option<UpdateNodegroupVersionInputBuilder> {
    let to = |before: &Option<String>, after: &Option<String>| after.clone().filter(|v| before.as_ref() != Some(v));
    let version = to(&prior.version, &planned.version);
    let release = to(&prior.release_version, &planned.release_version);
    let template = planned.launch_template.first();
    let other_template = template.filter(|t| prior.launch_template.first().map(Shape::to_value) != Some(t.to_value()));
    if version.is_none() && release.is_none() && other_template.is_none() {
        return None;
    }
    let force = planned.force_update_version.unwrap_or(false);
    let request = UpdateNodegroupVersionInputBuilder::default()
        .set_cluster_name(prior.cluster_name.clone())
        .set_nodegroup_name(prior.node_group_name.clone())
        .set_version(version)
        .set_release_version(release)
        .set_launch_template(template.map(launch_template));
    Some(if force { request.force(true) } else { request })
}

/// The request for all other changes at once, if there are any.
pub(super) fn update_config(prior: &NodeGroup, planned: &NodeGroup) -> Result<Option<UpdateNodegroupConfigInputBuilder>> {
    let labels = labels(&prior.labels, &planned.labels);
    let taints = taints(&prior.taint, &planned.taint);
    let size = changed(&prior.scaling_config, &planned.scaling_config).map(scaling).transpose()?;
    let pace = changed(&prior.update_config, &planned.update_config).map(pace).transpose()?;
    let repair = changed(&prior.node_repair_config, &planned.node_repair_config).map(repair).transpose()?;
    let warm = match (prior.warm_pool_config.first(), planned.warm_pool_config.first()) {
        (Some(_), None) => Some(eks::WarmPoolConfig::builder().enabled(false).build()),
        _ => changed(&prior.warm_pool_config, &planned.warm_pool_config).map(warm_pool).transpose()?,
    };
    let same = labels.is_none() && taints.is_none() && size.is_none() && pace.is_none() && repair.is_none() && warm.is_none();
    Ok((!same).then(|| {
        UpdateNodegroupConfigInputBuilder::default()
            .set_cluster_name(prior.cluster_name.clone())
            .set_nodegroup_name(prior.node_group_name.clone())
            .set_labels(labels)
            .set_taints(taints)
            .set_scaling_config(size)
            .set_update_config(pace)
            .set_node_repair_config(repair)
            .set_warm_pool_config(warm)
    }))
}

fn changed<'a, T: Shape>(prior: &[T], planned: &'a [T]) -> Option<&'a T> {
    let planned = planned.first()?;
    (prior.first().map(T::to_value) != Some(planned.to_value())).then_some(planned)
}

type Labels = Option<BTreeMap<String, String>>;

fn labels(prior: &Labels, planned: &Labels) -> Option<eks::UpdateLabelsPayload> {
    let (set, removed) = crate::tags::difference(prior.as_ref(), &planned.clone().unwrap_or_default());
    (!set.is_empty() || !removed.is_empty()).then(|| {
        eks::UpdateLabelsPayload::builder()
            .set_add_or_update_labels((!set.is_empty()).then(|| set.into_iter().collect()))
            .set_remove_labels((!removed.is_empty()).then_some(removed))
            .build()
    })
}

/// EKS knows a taint by key and effect; one that only gets another value is updated, not removed.
fn taints(prior: &[Taint], planned: &[Taint]) -> Option<eks::UpdateTaintsPayload> {
    let place = |t: &Taint| (t.key.clone(), t.effect.clone());
    let whole = |t: &Taint| (t.key.clone(), t.effect.clone(), t.value.clone().unwrap_or_default());
    let set: Vec<_> = planned.iter().filter(|t| prior.iter().all(|p| whole(p) != whole(t))).map(taint).collect();
    let removed: Vec<_> = prior.iter().filter(|t| planned.iter().all(|p| place(p) != place(t))).map(taint).collect();
    (!set.is_empty() || !removed.is_empty()).then(|| {
        eks::UpdateTaintsPayload::builder()
            .set_add_or_update_taints((!set.is_empty()).then_some(set))
            .set_remove_taints((!removed.is_empty()).then_some(removed))
            .build()
    })
}

fn taint(t: &Taint) -> eks::Taint {
    eks::Taint::builder().set_key(t.key.clone()).set_value(t.value.clone()).set_effect(t.effect.as_deref().map(Into::into)).build()
}

/// EKS shows a template's id and name, but takes only one of them: the id where it is known.
fn launch_template(t: &LaunchTemplate) -> eks::LaunchTemplateSpecification {
    let id = t.id.clone().filter(|id| !id.is_empty());
    let name = t.name.clone().filter(|_| id.is_none());
    eks::LaunchTemplateSpecification::builder().set_id(id).set_name(name).set_version(t.version.clone()).build()
}

fn remote_access(r: &RemoteAccess) -> eks::RemoteAccessConfig {
    eks::RemoteAccessConfig::builder()
        .set_ec2_ssh_key(r.ec2_ssh_key.clone())
        .set_source_security_groups(r.source_security_group_ids.as_ref().map(|g| g.iter().cloned().collect()))
        .build()
}

fn scaling(s: &ScalingConfig) -> Result<eks::NodegroupScalingConfig> {
    Ok(eks::NodegroupScalingConfig::builder()
        .set_min_size(number(s.min_size, "min_size")?)
        .set_max_size(number(s.max_size, "max_size")?)
        .set_desired_size(number(s.desired_size, "desired_size")?)
        .build())
}

fn pace(u: &UpdateConfig) -> Result<eks::NodegroupUpdateConfig> {
    let one = |n: Option<i64>, name| number(n.filter(|n| *n != 0), name);
    Ok(eks::NodegroupUpdateConfig::builder()
        .set_max_unavailable(one(u.max_unavailable, "max_unavailable")?)
        .set_max_unavailable_percentage(one(u.max_unavailable_percentage, "max_unavailable_percentage")?)
        .set_update_strategy(u.update_strategy.as_deref().map(Into::into))
        .build())
}

fn repair(r: &NodeRepairConfig) -> Result<eks::NodeRepairConfig> {
    let mut overrides = Vec::with_capacity(r.node_repair_config_overrides.len());
    for o in &r.node_repair_config_overrides {
        let wait = number(o.min_repair_wait_time_mins, "min_repair_wait_time_mins")?;
        overrides.push(
            eks::NodeRepairConfigOverrides::builder()
                .set_node_monitoring_condition(o.node_monitoring_condition.clone())
                .set_node_unhealthy_reason(o.node_unhealthy_reason.clone())
                .set_min_repair_wait_time_mins(wait)
                .set_repair_action(o.repair_action.as_deref().map(Into::into))
                .build(),
        );
    }
    let parallel = number(r.max_parallel_nodes_repaired_count, "max_parallel_nodes_repaired_count")?;
    let parallel_share = number(r.max_parallel_nodes_repaired_percentage, "max_parallel_nodes_repaired_percentage")?;
    let threshold = number(r.max_unhealthy_node_threshold_count, "max_unhealthy_node_threshold_count")?;
    let threshold_share = number(r.max_unhealthy_node_threshold_percentage, "max_unhealthy_node_threshold_percentage")?;
    Ok(eks::NodeRepairConfig::builder()
        .set_enabled(r.enabled)
        .set_max_parallel_nodes_repaired_count(parallel)
        .set_max_parallel_nodes_repaired_percentage(parallel_share)
        .set_max_unhealthy_node_threshold_count(threshold)
        .set_max_unhealthy_node_threshold_percentage(threshold_share)
        .set_node_repair_config_overrides((!overrides.is_empty()).then_some(overrides))
        .build())
}

fn warm_pool(w: &WarmPoolConfig) -> Result<eks::WarmPoolConfig> {
    let most = number(w.max_group_prepared_capacity, "max_group_prepared_capacity")?;
    Ok(eks::WarmPoolConfig::builder()
        .enabled(true)
        .set_min_size(number(w.min_size, "min_size")?)
        .set_max_group_prepared_capacity(most)
        .set_pool_state(w.pool_state.as_deref().map(Into::into))
        .set_reuse_on_scale_in(w.reuse_on_scale_in)
        .build())
}
