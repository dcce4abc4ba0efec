//! Which updates lead from one cluster to another. EKS takes one change at a time, so each is a call of its own.

use super::{Cluster, request};
use crate::client::Aws;
use crate::eks::update::{Part, finish};
use crate::retry;
use aws_sdk_eks::operation::update_cluster_config::builders::UpdateClusterConfigInputBuilder as ConfigUpdate;
use aws_sdk_eks::types::EncryptionConfig;
use levee_sdk::Ctx;
use levee_sdk::Shape;
use levee_sdk::error::Result;

/// One change that EKS carries out at a time.
#[derive(Clone, Debug)]
pub(super) enum Update {
    /// To another Kubernetes version; `force`: although upgrade insights advise against it.
    Version { to: String, force: bool },
    /// Encryption of secrets from now on.
    Encryption(Vec<EncryptionConfig>),
    /// A part of the configuration, and its name for messages.
    Config(&'static str, Box<ConfigUpdate>),
}

/// The updates in the order in which they are carried out.
pub(super) fn between(prior: &Cluster, planned: &Cluster) -> Result<Vec<Update>> {
    let mut updates = Vec::new();
    if let Some(to) = planned.version.clone().filter(|v| prior.version.as_ref() != Some(v)) {
        updates.push(Update::Version { to, force: planned.force_update_version.unwrap_or(false) });
    }
    if prior.encryption_config.is_empty()
        && let Some(encryption) = request::encryption(&planned.encryption_config)
    {
        updates.push(Update::Encryption(encryption));
    }
    let mut config = |what: &'static str, update: Option<ConfigUpdate>| {
        updates.extend(update.map(|u| Update::Config(what, Box::new(u))));
    };
    let new = ConfigUpdate::default;
    config("access", changed(&prior.access_config, &planned.access_config).map(|a| new().access_config(request::update_access(a))));
    config("Auto Mode", auto_mode(prior, planned));
    if prior.enabled_cluster_log_types.clone().unwrap_or_default() != planned.enabled_cluster_log_types.clone().unwrap_or_default() {
        config("logging", Some(new().logging(request::logging(planned.enabled_cluster_log_types.as_ref()))));
    }
    if let Some(protection) = planned.deletion_protection.filter(|p| prior.deletion_protection != Some(*p)) {
        config("deletion protection", Some(new().deletion_protection(protection)));
    }
    let policy = changed(&prior.upgrade_policy, &planned.upgrade_policy);
    config("upgrade policy", policy.map(|u| new().upgrade_policy(request::upgrade_policy(u))));
    for (what, update) in vpc(prior, planned) {
        config(what, Some(update));
    }
    let shift = changed(&prior.zonal_shift_config, &planned.zonal_shift_config);
    config("zonal shift", shift.map(|z| new().zonal_shift_config(request::zonal_shift(z))));
    let remote = changed(&prior.remote_network_config, &planned.remote_network_config);
    config("remote networks", remote.map(|r| new().remote_network_config(request::remote_network(r))));
    let scaling = changed(&prior.control_plane_scaling_config, &planned.control_plane_scaling_config);
    config("control plane scaling", scaling.map(|s| new().control_plane_scaling_config(request::scaling(s))));
    config("Kubernetes settings", settings(prior, planned)?);
    Ok(updates)
}

/// The planned block, if it differs from the prior one.
fn changed<'a, T: Shape>(prior: &[T], planned: &'a [T]) -> Option<&'a T> {
    let planned = planned.first()?;
    (prior.first().map(T::to_value) != Some(planned.to_value())).then_some(planned)
}

/// Compute, load balancing and storage of Auto Mode go together.
fn auto_mode(prior: &Cluster, planned: &Cluster) -> Option<ConfigUpdate> {
    let balancing = |c: &Cluster| c.kubernetes_network_config.first().and_then(|n| n.elastic_load_balancing.first()?.enabled);
    let changes = changed(&prior.compute_config, &planned.compute_config).is_some()
        || changed(&prior.storage_config, &planned.storage_config).is_some()
        || balancing(planned).is_some_and(|on| balancing(prior) != Some(on));
    changes.then(|| {
        ConfigUpdate::default()
            .set_compute_config(planned.compute_config.first().map(request::compute))
            .set_kubernetes_network_config(planned.kubernetes_network_config.first().map(request::network_update))
            .set_storage_config(planned.storage_config.first().map(request::storage))
    })
}

fn vpc(prior: &Cluster, planned: &Cluster) -> Vec<(&'static str, ConfigUpdate)> {
    let (Some(before), Some(after)) = (prior.vpc_config.first(), planned.vpc_config.first()) else { return Vec::new() };
    let new = |config| ConfigUpdate::default().resources_vpc_config(config);
    let mut updates = Vec::new();
    let cidrs_change = after.public_access_cidrs.as_ref().is_some_and(|c| before.public_access_cidrs.as_ref() != Some(c));
    if before.endpoint_private_access != after.endpoint_private_access
        || before.endpoint_public_access != after.endpoint_public_access
        || cidrs_change
    {
        updates.push(("endpoint access", new(request::vpc_access(after))));
    }
    if before.subnet_ids != after.subnet_ids {
        updates.push(("subnets", new(request::vpc_subnets(after))));
    }
    if before.security_group_ids.clone().unwrap_or_default() != after.security_group_ids.clone().unwrap_or_default() {
        updates.push(("security groups", new(request::vpc_security_groups(after))));
    }
    if after.control_plane_egress_mode.as_ref().is_some_and(|m| before.control_plane_egress_mode.as_ref() != Some(m)) {
        updates.push(("egress", new(request::vpc_egress(after))));
    }
    updates
}

fn settings(prior: &Cluster, planned: &Cluster) -> Result<Option<ConfigUpdate>> {
    let api_server = changed(&prior.kube_api_server_config, &planned.kube_api_server_config);
    let manager = changed(&prior.kube_controller_manager_config, &planned.kube_controller_manager_config);
    let scheduler = changed(&prior.kube_scheduler_config, &planned.kube_scheduler_config);
    if api_server.is_none() && manager.is_none() && scheduler.is_none() {
        return Ok(None);
    }
    let update = ConfigUpdate::default()
        .set_kube_api_server_config(api_server.map(request::api_server).transpose()?)
        .set_kube_controller_manager_config(manager.map(request::controller_manager).transpose()?)
        .set_kube_scheduler_config(scheduler.map(request::scheduler).transpose()?);
    Ok(Some(update))
}

impl Update {
    /// Sends the update and waits until it is done. `token`: unique to this update of this operation.
    pub(super) async fn carry_out(self, ctx: &Ctx<Aws>, eks: &aws_sdk_eks::Client, name: &str, token: &str) -> Result<()> {
        let aws = &*ctx.client;
        match self {
            Self::Version { to, force } => {
                let force = force.then_some(true);
                let request = eks.update_cluster_version().name(name).version(to).set_force(force).client_request_token(token);
                let sent = retry::patiently(ctx, || aws.send("eks:UpdateClusterVersion", || request.clone().send())).await;
                finish(ctx, eks, (name, Part::Cluster), "version", sent.map(|a| a.update)).await
            }
            Self::Encryption(config) => {
                let request = eks.associate_encryption_config().cluster_name(name).set_encryption_config(Some(config));
                let request = request.client_request_token(token);
                let sent = retry::patiently(ctx, || aws.send("eks:AssociateEncryptionConfig", || request.clone().send())).await;
                finish(ctx, eks, (name, Part::Cluster), "encryption", sent.map(|a| a.update)).await
            }
            Self::Config(what, update) => {
                let request = update.name(name).client_request_token(token);
                let sent = retry::patiently(ctx, || aws.send("eks:UpdateClusterConfig", || request.clone().send_with(eks))).await;
                finish(ctx, eks, (name, Part::Cluster), what, sent.map(|a| a.update)).await
            }
        }
    }
}
