//! Takes from a role what keeps it from being deleted.

use super::super::account;
use super::super::document::decoded;
use super::super::{Part, if_found};
use crate::client::Aws;
use levee_sdk::error::Result;
use std::collections::BTreeMap;

/// Detaches all managed policies and deletes all inline ones, at once.
pub(super) async fn detach_everything(aws: &Aws, role: &str) -> Result<()> {
    let iam = aws.iam();
    let (attached, inline) = futures::future::try_join(account::attached(&iam, aws.sender(), role), inline_names(aws, role)).await?;
    let attached = attached.unwrap_or_default();
    let parts = attached.iter().map(|arn| detach(aws, role, arn));
    let parts = parts.chain(inline.iter().map(|name| delete_inline(aws, role, name)));
    futures::future::try_join_all(parts).await.map(drop)
}

/// Takes the role out of all instance profiles.
pub(super) async fn leave_instance_profiles(aws: &Aws, role: &str) -> Result<()> {
    let iam = aws.iam();
    let request = iam.list_instance_profiles_for_role().role_name(role);
    let found = if_found(aws.send("iam:ListInstanceProfilesForRole", || request.clone().send()).await)?;
    let profiles = found.map(|a| a.instance_profiles).unwrap_or_default();
    let parts = profiles.iter().map(|profile| {
        let request = iam.remove_role_from_instance_profile().role_name(role).instance_profile_name(&profile.instance_profile_name);
        async move { if_found(aws.send("iam:RemoveRoleFromInstanceProfile", || request.clone().send()).await).map(drop) }
    });
    futures::future::try_join_all(parts).await.map(drop)
}

/// Detaches one policy; one that is not attached is no error.
pub(super) fn detach<'a>(aws: &'a Aws, role: &str, policy_arn: &str) -> Part<'a> {
    let request = aws.iam().detach_role_policy().role_name(role).policy_arn(policy_arn);
    Box::pin(async move { if_found(aws.send("iam:DetachRolePolicy", || request.clone().send()).await).map(drop) })
}

/// Deletes one inline policy; one that is not there is no error.
pub(super) fn delete_inline<'a>(aws: &'a Aws, role: &str, name: &str) -> Part<'a> {
    let request = aws.iam().delete_role_policy().role_name(role).policy_name(name);
    Box::pin(async move { if_found(aws.send("iam:DeleteRolePolicy", || request.clone().send()).await).map(drop) })
}

/// Documents of the inline policies by name; none when there is no such role.
pub(super) async fn inline_policies(aws: &Aws, role: &str) -> Result<BTreeMap<String, String>> {
    let iam = aws.iam();
    let names = inline_names(aws, role).await?;
    let documents = names.into_iter().map(|name| {
        let request = iam.get_role_policy().role_name(role).policy_name(&name);
        async move {
            let found = if_found(aws.send("iam:GetRolePolicy", || request.clone().send()).await)?;
            Ok(found.map(|a| (name, decoded(&a.policy_document))))
        }
    });
    let documents = futures::future::try_join_all(documents).await?;
    Ok(documents.into_iter().flatten().collect())
}

async fn inline_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let iam = aws.iam();
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let request = iam.list_role_policies().role_name(role).set_marker(marker);
        let Some(page) = if_found(aws.send("iam:ListRolePolicies", || request.clone().send()).await)? else { return Ok(names) };
        names.extend(page.policy_names);
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(names);
        }
    }
}
