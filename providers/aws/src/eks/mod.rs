//! EKS: clusters, what runs their pods, who may enter them, and add-ons.

use crate::client::Aws;
use crate::tags::{self, Tags};
use levee_sdk::Draft;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::provider::{AnyDataSource, AnyEphemeral, AnyResource, Typed};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub mod cluster;
pub mod cluster_data;
pub mod cluster_auth_data;
pub mod cluster_auth_ephemeral;
mod cluster_token;
pub mod token_source;
pub mod fargate_profile;
pub mod node_group;
pub mod access_entry;
pub mod access_entry_data;
pub mod access_policy_association;
pub mod pod_identity_association;
pub mod addon;
pub mod addon_data;
pub mod addon_version_data;
mod update;
mod condition;

/// Its resource types.
pub fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Typed::<cluster::Cluster>::resource(),
        Typed::<node_group::NodeGroup>::resource(),
        Typed::<fargate_profile::FargateProfile>::resource(),
        Typed::<access_entry::AccessEntry>::resource(),
        Typed::<access_policy_association::AccessPolicyAssociation>::resource(),
        Typed::<pod_identity_association::PodIdentityAssociation>::resource(),
        Typed::<addon::Addon>::resource(),
    ]
}

/// Its data sources.
pub fn data_sources() -> Vec<Arc<dyn AnyDataSource>> {
    vec![
        Typed::<cluster_data::ClusterData>::data_source(),
        Typed::<cluster_auth_data::ClusterAuthData>::data_source(),
        Typed::<access_entry_data::AccessEntryData>::data_source(),
        Typed::<addon_data::AddonData>::data_source(),
        Typed::<addon_version_data::AddonVersionData>::data_source(),
    ]
}

/// Its ephemeral types.
pub fn ephemeral() -> Vec<Arc<dyn AnyEphemeral>> {
    vec![Typed::<cluster_auth_ephemeral::ClusterAuthEphemeral>::ephemeral()]
}

/// A number as EKS takes it.
fn number(n: Option<i64>, name: &str) -> Result<Option<i32>> {
    n.map(|n| i32::try_from(n).map_err(|_| ProviderError::invalid(format!("{name}: {n} is out of range")))).transpose()
}

fn text(value: &impl AsRef<str>) -> String {
    value.as_ref().to_owned()
}

fn set(values: Vec<String>) -> BTreeSet<String> {
    values.into_iter().collect()
}

/// An update of any of these attributes makes another `modified_at`.
fn modified(draft: &mut Draft, attributes: &[&str]) {
    if !draft.is_create() && attributes.iter().any(|name| draft.changes(name)) {
        draft.set_unknown("modified_at");
    }
}

/// Sets and removes tags so that an object has the planned ones.
async fn retag(aws: &Aws, eks: &aws_sdk_eks::Client, arn: &str, now: Option<&Tags>, wanted: Option<&Tags>) -> Result<()> {
    let (set, removed) = tags::difference(now, wanted.unwrap_or(&Tags::new()));
    let setting = async {
        if set.is_empty() {
            return Ok(());
        }
        let request = eks.tag_resource().resource_arn(arn).set_tags(Some(set.into_iter().collect::<HashMap<_, _>>()));
        aws.send("eks:TagResource", || request.clone().send()).await.map(drop)
    };
    let removing = async {
        if removed.is_empty() {
            return Ok(());
        }
        let request = eks.untag_resource().resource_arn(arn).set_tag_keys(Some(removed));
        aws.send("eks:UntagResource", || request.clone().send()).await.map(drop)
    };
    futures::future::try_join(setting, removing).await.map(drop)
}

/// The two names of an id `cluster:name`.
fn two_names(id: &str) -> Result<(&str, &str)> {
    match id.split_once(':') {
        Some((cluster, name)) if !cluster.is_empty() && !name.is_empty() && !name.contains(':') => Ok((cluster, name)),
        _ => Err(ProviderError::invalid(format!("{id:?} is not of the form cluster:name"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_cluster_and_part() {
        assert_eq!(two_names("sea:workers").expect("two names"), ("sea", "workers"));
        for bad in ["sea", "sea:", ":workers", "a:b:c"] {
            assert!(two_names(bad).is_err(), "{bad}");
        }
    }
}
