//! The nested blocks of `aws_eks_node_group`.

use levee_sdk::Shape;
use std::collections::BTreeSet;

/// A warm pool.
#[derive(Clone, Default, Shape)]
pub struct WarmPoolConfig {
    /// Most nodes, warm ones included.
    #[attr(optional, computed)]
    pub max_group_prepared_capacity: Option<i64>,
    /// Least warm nodes.
    #[attr(optional, computed)]
    pub min_size: Option<i64>,
    /// `STOPPED`, `RUNNING` or `HIBERNATED`.
    #[attr(optional, computed)]
    pub pool_state: Option<String>,
    /// Whether nodes come back to the pool.
    #[attr(optional, computed)]
    pub reuse_on_scale_in: Option<bool>,
}

/// Pace of an update.
#[derive(Clone, Default, Shape)]
pub struct UpdateConfig {
    /// Nodes replaced at a time.
    #[attr(optional)]
    pub max_unavailable: Option<i64>,
    /// Share of nodes replaced at a time.
    #[attr(optional)]
    pub max_unavailable_percentage: Option<i64>,
    /// `DEFAULT` or `MINIMAL`.
    #[attr(optional)]
    pub update_strategy: Option<String>,
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
    /// For an update.
    #[attr(optional)]
    pub update: Option<String>,
}

/// A taint.
#[derive(Clone, Default, Shape)]
pub struct Taint {
    /// `NO_SCHEDULE`, `NO_EXECUTE` or `PREFER_NO_SCHEDULE`.
    #[attr(required)]
    pub effect: Option<String>,
    /// Its key.
    #[attr(required)]
    pub key: Option<String>,
    /// Its value.
    #[attr(optional)]
    pub value: Option<String>,
}

/// Size of the group.
#[derive(Clone, Default, Shape)]
pub struct ScalingConfig {
    /// Nodes now.
    #[attr(required)]
    pub desired_size: Option<i64>,
    /// Most nodes.
    #[attr(required)]
    pub max_size: Option<i64>,
    /// Least nodes.
    #[attr(required)]
    pub min_size: Option<i64>,
}

/// Access by SSH.
#[derive(Clone, Default, Shape)]
pub struct RemoteAccess {
    /// EC2 key pair.
    #[attr(optional, force_new)]
    pub ec2_ssh_key: Option<String>,
    /// Security groups that may connect.
    #[attr(optional, force_new)]
    pub source_security_group_ids: Option<BTreeSet<String>>,
}

/// Replacement of broken nodes.
#[derive(Clone, Default, Shape)]
pub struct NodeRepairConfig {
    /// Whether it is on.
    #[attr(optional, default = false)]
    pub enabled: Option<bool>,
    /// Most nodes repaired at a time.
    #[attr(optional)]
    pub max_parallel_nodes_repaired_count: Option<i64>,
    /// Largest share of nodes repaired at a time.
    #[attr(optional)]
    pub max_parallel_nodes_repaired_percentage: Option<i64>,
    /// With more broken nodes than this, nothing is repaired.
    #[attr(optional)]
    pub max_unhealthy_node_threshold_count: Option<i64>,
    /// With a larger broken share than this, nothing is repaired.
    #[attr(optional)]
    pub max_unhealthy_node_threshold_percentage: Option<i64>,
    /// Exceptions.
    #[block(list)]
    pub node_repair_config_overrides: Vec<RepairOverride>,
}

/// An exception.
#[derive(Clone, Default, Shape)]
pub struct RepairOverride {
    /// Minutes to wait first.
    #[attr(required)]
    pub min_repair_wait_time_mins: Option<i64>,
    /// The condition.
    #[attr(required)]
    pub node_monitoring_condition: Option<String>,
    /// The reason.
    #[attr(required)]
    pub node_unhealthy_reason: Option<String>,
    /// What is done.
    #[attr(required)]
    pub repair_action: Option<String>,
}

/// A launch template.
#[derive(Clone, Default, Shape)]
pub struct LaunchTemplate {
    /// Its id; excludes `name`.
    #[attr(optional, computed, force_new)]
    pub id: Option<String>,
    /// Its name; excludes `id`.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Its version.
    #[attr(required)]
    pub version: Option<String>,
}

/// What EKS made.
#[derive(Clone, Default, Shape)]
pub struct Resources {
    /// Auto Scaling groups.
    #[attr(computed)]
    pub autoscaling_groups: Option<Vec<AutoscalingGroup>>,
    /// Security group for SSH.
    #[attr(computed)]
    pub remote_access_security_group_id: Option<String>,
}

/// An Auto Scaling group.
#[derive(Clone, Default, Shape)]
pub struct AutoscalingGroup {
    /// Its name.
    #[attr(computed)]
    pub name: Option<String>,
}
