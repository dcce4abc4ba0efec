//! The nested blocks of `aws_eks_cluster`; its data source shows them as attributes.

use levee_sdk::Shape;
use std::collections::BTreeSet;

/// Zonal shift.
#[derive(Clone, Default, Shape)]
pub struct ZonalShiftConfig {
    /// Whether it is on.
    #[attr(optional)]
    pub enabled: Option<bool>,
}

/// The cluster's place in a VPC.
#[derive(Clone, Default, Shape)]
pub struct VpcConfig {
    /// Security group that EKS made for control plane and nodes.
    #[attr(computed)]
    pub cluster_security_group_id: Option<String>,
    /// How the control plane reaches out.
    #[attr(optional, computed)]
    pub control_plane_egress_mode: Option<String>,
    /// Whether the API server is reachable from the VPC.
    #[attr(optional, default = false)]
    pub endpoint_private_access: Option<bool>,
    /// Whether the API server is reachable from the internet.
    #[attr(optional, default = true)]
    pub endpoint_public_access: Option<bool>,
    /// Address ranges that may reach the public endpoint.
    #[attr(optional, computed)]
    pub public_access_cidrs: Option<BTreeSet<String>>,
    /// More security groups for the control plane.
    #[attr(optional)]
    pub security_group_ids: Option<BTreeSet<String>>,
    /// Subnets of at least two zones.
    #[attr(required)]
    pub subnet_ids: Option<BTreeSet<String>>,
    /// VPC of the subnets.
    #[attr(computed)]
    pub vpc_id: Option<String>,
}

/// Support after the standard term.
#[derive(Clone, Default, Shape)]
pub struct UpgradePolicy {
    /// `STANDARD` or `EXTENDED`.
    #[attr(optional, computed)]
    pub support_type: Option<String>,
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

/// Storage of EKS Auto Mode.
#[derive(Clone, Default, Shape)]
pub struct StorageConfig {
    /// EBS volumes.
    #[block(list, max = 1)]
    pub block_storage: Vec<BlockStorage>,
}

/// EBS volumes of EKS Auto Mode.
#[derive(Clone, Default, Shape)]
pub struct BlockStorage {
    /// Whether EKS makes them.
    #[attr(optional, computed)]
    pub enabled: Option<bool>,
}

/// Networks of hybrid nodes.
#[derive(Clone, Default, Shape)]
pub struct RemoteNetworkConfig {
    /// Networks of the nodes.
    #[block(list, max = 1)]
    pub remote_node_networks: Vec<RemoteNodeNetworks>,
    /// Networks of the pods.
    #[block(list, max = 1)]
    pub remote_pod_networks: Vec<RemotePodNetworks>,
}

/// Pod networks.
#[derive(Clone, Default, Shape)]
pub struct RemotePodNetworks {
    /// Address ranges.
    #[attr(optional)]
    pub cidrs: Option<BTreeSet<String>>,
}

/// Node networks.
#[derive(Clone, Default, Shape)]
pub struct RemoteNodeNetworks {
    /// Address ranges.
    #[attr(optional)]
    pub cidrs: Option<BTreeSet<String>>,
}

/// A cluster on Outposts.
#[derive(Clone, Default, Shape)]
pub struct OutpostConfig {
    /// Instance type of the control plane.
    #[attr(required, force_new)]
    pub control_plane_instance_type: Option<String>,
    /// Instance type of etcd.
    #[attr(optional, computed)]
    pub etcd_instance_type: Option<String>,
    /// The Outposts.
    #[attr(required)]
    pub outpost_arns: Option<BTreeSet<String>>,
    /// Placement of the control plane.
    #[block(list, max = 1)]
    pub control_plane_placement: Vec<ControlPlanePlacement>,
    /// Placement of etcd.
    #[block(list, max = 1)]
    pub etcd_placement: Vec<EtcdPlacement>,
}

/// Placement of etcd.
#[derive(Clone, Default, Shape)]
pub struct EtcdPlacement {
    /// How far instances are spread.
    #[attr(optional, computed)]
    pub spread_level: Option<String>,
}

/// Placement of the control plane.
#[derive(Clone, Default, Shape)]
pub struct ControlPlanePlacement {
    /// Placement group.
    #[attr(optional, force_new)]
    pub group_name: Option<String>,
    /// How far instances are spread.
    #[attr(optional, computed)]
    pub spread_level: Option<String>,
}

/// Addresses of services.
#[derive(Clone, Default, Shape)]
pub struct KubernetesNetworkConfig {
    /// `ipv4` or `ipv6`.
    #[attr(optional, computed, force_new)]
    pub ip_family: Option<String>,
    /// Range of service addresses.
    #[attr(optional, computed, force_new)]
    pub service_ipv4_cidr: Option<String>,
    /// Range of service addresses in IPv6.
    #[attr(computed)]
    pub service_ipv6_cidr: Option<String>,
    /// Load balancers of EKS Auto Mode.
    #[block(list, max = 1, computed)]
    pub elastic_load_balancing: Vec<ElasticLoadBalancing>,
}

/// Load balancers of EKS Auto Mode.
#[derive(Clone, Default, Shape)]
pub struct ElasticLoadBalancing {
    /// Whether EKS makes them.
    #[attr(optional, computed)]
    pub enabled: Option<bool>,
}

/// Settings of the scheduler.
#[derive(Clone, Default, Shape)]
pub struct KubeSchedulerConfig {
    /// How nodes are scored by their free resources.
    #[block(list, max = 1)]
    pub node_resources_fit: Vec<NodeResourcesFit>,
}

/// Scoring by free resources.
#[derive(Clone, Default, Shape)]
pub struct NodeResourcesFit {
    /// The strategy.
    #[block(list, max = 1)]
    pub scoring_strategy: Vec<ScoringStrategy>,
}

/// A scoring strategy.
#[derive(Clone, Default, Shape)]
pub struct ScoringStrategy {
    /// Which one.
    #[attr(optional, computed)]
    pub r#type: Option<String>,
    /// Weights of resources.
    #[block(list)]
    pub resource: Vec<ResourceWeight>,
}

/// Weight of a resource.
#[derive(Clone, Default, Shape)]
pub struct ResourceWeight {
    /// The resource.
    #[attr(optional, computed)]
    pub name: Option<String>,
    /// Its weight.
    #[attr(optional, computed)]
    pub weight: Option<i64>,
}

/// Settings of the controller manager.
#[derive(Clone, Default, Shape)]
pub struct KubeControllerManagerConfig {
    /// Horizontal pod autoscaling.
    #[block(list, max = 1)]
    pub horizontal_pod_autoscaler_controller_config: Vec<HorizontalPodAutoscaler>,
    /// Clearing away of finished pods.
    #[block(list, max = 1)]
    pub pod_gc_controller_config: Vec<PodGc>,
}

/// Clearing away of finished pods.
#[derive(Clone, Default, Shape)]
pub struct PodGc {
    /// How many finished pods may stay.
    #[attr(optional, computed)]
    pub terminated_pod_gc_threshold: Option<i64>,
}

/// Horizontal pod autoscaling.
#[derive(Clone, Default, Shape)]
pub struct HorizontalPodAutoscaler {
    /// How often it looks.
    #[attr(optional, computed)]
    pub horizontal_pod_autoscaler_sync_period: Option<String>,
}

/// Settings of the API server.
#[derive(Clone, Default, Shape)]
pub struct KubeApiServerConfig {
    /// How long events are kept.
    #[attr(optional, computed)]
    pub event_ttl: Option<String>,
    /// Ports of `NodePort` services.
    #[block(list, max = 1)]
    pub service_node_port_range: Vec<NodePortRange>,
}

/// A range of ports.
#[derive(Clone, Default, Shape)]
pub struct NodePortRange {
    /// Last port.
    #[attr(optional, computed)]
    pub max_port: Option<i64>,
    /// First port.
    #[attr(optional, computed)]
    pub min_port: Option<i64>,
}

/// Encryption of secrets.
#[derive(Clone, Default, Shape)]
pub struct EncryptionConfig {
    /// What is encrypted: `secrets`.
    #[attr(required)]
    pub resources: Option<BTreeSet<String>>,
    /// Whose key.
    #[block(list, min = 1, max = 1)]
    pub provider: Vec<EncryptionProvider>,
}

/// A key.
#[derive(Clone, Default, Shape)]
pub struct EncryptionProvider {
    /// ARN of the KMS key.
    #[attr(required)]
    pub key_arn: Option<String>,
}

/// Capacity of the control plane.
#[derive(Clone, Default, Shape)]
pub struct ControlPlaneScalingConfig {
    /// `standard` or a provisioned tier.
    #[attr(optional, computed)]
    pub tier: Option<String>,
}

/// Nodes of EKS Auto Mode.
#[derive(Clone, Default, Shape)]
pub struct ComputeConfig {
    /// Whether EKS runs nodes.
    #[attr(optional, computed)]
    pub enabled: Option<bool>,
    /// Built-in pools: `general-purpose`, `system`.
    #[attr(optional)]
    pub node_pools: Option<BTreeSet<String>>,
    /// Role of the nodes.
    #[attr(optional)]
    pub node_role_arn: Option<String>,
}

/// Access to the Kubernetes API.
#[derive(Clone, Default, Shape)]
pub struct AccessConfig {
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    #[attr(optional, computed)]
    pub authentication_mode: Option<String>,
    /// Whether its creator is made its administrator.
    #[attr(optional, force_new, default = true)]
    pub bootstrap_cluster_creator_admin_permissions: Option<bool>,
}

/// Identity of service accounts.
#[derive(Clone, Default, Shape)]
pub struct Identity {
    /// The `OpenID` Connect issuer.
    #[attr(computed)]
    pub oidc: Option<Vec<IdentityOidc>>,
}

/// An `OpenID` Connect issuer.
#[derive(Clone, Default, Shape)]
pub struct IdentityOidc {
    /// The issuer's URL.
    #[attr(computed)]
    pub issuer: Option<String>,
}

/// A certificate authority.
#[derive(Clone, Default, Shape)]
pub struct CertificateAuthority {
    /// Its certificate, base64.
    #[attr(computed)]
    pub data: Option<String>,
}
