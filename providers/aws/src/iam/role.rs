//! `aws_iam_role`.

use super::account::{Key, RoleSeen};
use super::document::{decoded, same_or_seen};
use super::{Part, from_iam, if_found, retag, to_iam};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::timestamp::rfc3339;
use crate::{generated_name, retry, tags};
use aws_sdk_iam::operation::create_role::builders::CreateRoleInputBuilder;
use aws_sdk_iam::types;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};

mod cleanup;

/// An identity that services and users take on.
#[derive(Clone, Default, Shape)]
pub struct Role {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Who may take it on, as a policy document.
    #[attr(required, equality = IamPolicy)]
    pub assume_role_policy: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub create_date: Option<String>,
    /// What it is for.
    #[attr(optional)]
    pub description: Option<String>,
    /// On deletion, detach and delete its policies first, whoever attached them.
    #[attr(optional, default = false)]
    pub force_detach_policies: Option<bool>,
    /// Its name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Exactly these managed policies are attached; leave it out where attachments are resources of their own.
    #[attr(optional, computed)]
    pub managed_policy_arns: Option<BTreeSet<String>>,
    /// Longest session in seconds, 3600 to 43200.
    #[attr(optional, default = 3600)]
    pub max_session_duration: Option<i64>,
    /// Its name; generated where neither it nor `name_prefix` is set.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Beginning of a generated name; excludes `name`.
    #[attr(optional, computed, force_new)]
    pub name_prefix: Option<String>,
    /// Path in front of the name in its ARN.
    #[attr(optional, force_new, default = "/")]
    pub path: Option<String>,
    /// ARN of the policy that bounds what it may ever do.
    #[attr(optional)]
    pub permissions_boundary: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Id that no later role of the same name has.
    #[attr(computed)]
    pub unique_id: Option<String>,
    /// Exactly these inline policies are there; leave it out where they are resources of their own.
    #[block(set)]
    pub inline_policy: Vec<RoleInlinePolicy>,
}

/// An inline policy of the role.
#[derive(Clone, Default, Shape)]
pub struct RoleInlinePolicy {
    /// Its name on the role.
    #[attr(optional)]
    pub name: Option<String>,
    /// The policy document.
    #[attr(optional, equality = IamPolicy)]
    pub policy: Option<String>,
}

impl Resource for Role {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_role";

    fn identity() -> Identity {
        Identity::Name
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        generated_name::exclusive(config, "name", "name_prefix")
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        tags::plan(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        if let Some(prior) = prior
            && let Some(seen) = aws.iam_account().role(Key::Role(id.to_owned())).await
        {
            let seen = prior.complete(aws, &seen);
            if seen.to_value() == prior.to_value() {
                return Ok(Some(seen));
            }
        }
        let imported = Self { force_detach_policies: Some(false), ..Self::default() };
        let known = prior.unwrap_or(&imported);
        Ok(known.describe(aws, id).await?.map(|seen| known.complete(aws, &seen)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let planned = planned.named(op);
        let iam = aws.iam();
        let request = planned.request(to_iam(aws.tags_for_create(planned.tags.as_ref(), op))?);
        let call = || async {
            let answer = aws.send_once("iam:CreateRole", || request.clone().send_with(&iam)).await?;
            answer.role.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "IAM answered without the role"))
        };
        let role = once(Proof::OpTag, call, || own(aws, planned.name(), op)).await?;
        aws.sender().born(&role.arn);
        ctx.checkpoint(planned.name()).await?;
        planned.put_policies(aws, &Self::default()).await?;
        Ok(planned.made(aws, &role))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        planned.update_trust(aws, &prior).await?;
        planned.update_settings(aws, &prior).await?;
        planned.put_policies(aws, &prior).await?;
        planned.remove_policies(aws, &prior).await?;
        let iam = aws.iam();
        let name = prior.name();
        retag(
            prior.tags_all.as_ref(),
            planned.tags_all.as_ref(),
            |tags| {
                let request = iam.tag_role().role_name(name).set_tags(Some(tags));
                Box::pin(async move { aws.send("iam:TagRole", || request.clone().send()).await.map(drop) })
            },
            |keys| {
                let request = iam.untag_role().role_name(name).set_tag_keys(Some(keys));
                Box::pin(async move { aws.send("iam:UntagRole", || request.clone().send()).await.map(drop) })
            },
        )
        .await?;
        let managed_policy_arns = planned.managed_policy_arns.or(prior.managed_policy_arns);
        let (arn, id, name_prefix) = (prior.arn, prior.id, prior.name_prefix);
        Ok(Self { arn, id, name_prefix, create_date: prior.create_date, managed_policy_arns, unique_id: prior.unique_id, ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().delete_role().role_name(prior.name());
        let delete = || aws.send("iam:DeleteRole", || request.clone().send());
        let detach = prior.force_detach_policies.unwrap_or(false) || prior.has_own_policies();
        if detach {
            cleanup::detach_everything(aws, prior.name()).await?;
        }
        let deleted = match retry::patiently(ctx, delete).await {
            Err(error) if error.kind == ErrorKind::Conflict => {
                // Instance profiles hold a role without being told in its configuration.
                cleanup::leave_instance_profiles(aws, prior.name()).await?;
                delete().await
            }
            deleted => deleted,
        };
        match if_found(deleted) {
            Err(error) if error.kind == ErrorKind::Conflict => {
                Err(error.hint("set force_detach_policies to detach and delete what was attached outside of the configuration"))
            }
            deleted => deleted.map(drop),
        }
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let planned = planned.clone().named(op);
        let aws = &*ctx.client;
        let Some(role) = own(aws, planned.name(), op).await? else { return Ok(None) };
        // The creation may have ended before the role had its policies.
        planned.put_policies(aws, &Self::default()).await?;
        Ok(Some(planned.made(aws, &role)))
    }
}

/// The role of that name, if the operation made it.
async fn own(aws: &Aws, name: &str, op: OpToken) -> Result<Option<types::Role>> {
    let request = aws.iam().get_role().role_name(name);
    let role = if_found(aws.send("iam:GetRole", || request.clone().send()).await)?.and_then(|a| a.role);
    Ok(role.filter(|r| tags::made_by(op, r.tags().iter().map(|t| (t.key(), t.value())))))
}

impl Role {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        self.name = Some(generated_name::name(self.name.as_deref(), self.name_prefix.as_deref(), op));
        self
    }

    /// Whether its policies are arguments of its own.
    fn has_own_policies(&self) -> bool {
        !self.inline_policy.is_empty() || self.managed_policy_arns.as_ref().is_some_and(|arns| !arns.is_empty())
    }

    fn request(&self, tags: Option<Vec<types::Tag>>) -> CreateRoleInputBuilder {
        CreateRoleInputBuilder::default()
            .role_name(self.name())
            .set_path(self.path.clone())
            .set_assume_role_policy_document(self.assume_role_policy.clone())
            .set_description(self.description.clone().filter(|d| !d.is_empty()))
            .set_max_session_duration(self.max_session_duration.and_then(|n| i32::try_from(n).ok()))
            .set_permissions_boundary(self.permissions_boundary.clone().filter(|b| !b.is_empty()))
            .set_tags(tags)
    }

    /// The role after its creation, told from the answer: what was asked for, and what IAM added.
    fn made(self, aws: &Aws, role: &types::Role) -> Self {
        Self {
            arn: Some(role.arn.clone()),
            create_date: Some(rfc3339(&role.create_date)),
            id: self.name.clone(),
            unique_id: Some(role.role_id.clone()),
            path: Some(role.path.clone()),
            name_prefix: Some(generated_name::prefix_of(self.name())),
            managed_policy_arns: Some(self.managed_policy_arns.clone().unwrap_or_default()),
            tags_all: Some(aws.all_tags(self.tags.as_ref())),
            ..self
        }
    }

    /// The role by itself, its policies only as far as they are arguments of its own.
    async fn describe(&self, aws: &Aws, name: &str) -> Result<Option<RoleSeen>> {
        let iam = aws.iam();
        let request = iam.get_role().role_name(name);
        let role = async { if_found(aws.send("iam:GetRole", || request.clone().send()).await) };
        let attached = async {
            if self.managed_policy_arns.as_ref().is_none_or(BTreeSet::is_empty) {
                return Ok(None);
            }
            aws.iam_account().attached(name).await
        };
        let inline = async {
            if self.inline_policy.is_empty() {
                return Ok(BTreeMap::new());
            }
            cleanup::inline_policies(aws, name).await
        };
        let (role, attached, inline) = futures::future::try_join3(role, attached, inline).await?;
        let Some(role) = role.and_then(|a| a.role) else { return Ok(None) };
        Ok(Some(RoleSeen {
            tags: from_iam(role.tags()),
            create_date: rfc3339(&role.create_date),
            trust: decoded(role.assume_role_policy_document.as_deref().unwrap_or_default()),
            name: role.role_name,
            arn: role.arn,
            path: role.path,
            unique_id: role.role_id,
            description: role.description,
            max_session: role.max_session_duration.map(i64::from),
            boundary: role.permissions_boundary.and_then(|b| b.permissions_boundary_arn),
            inline,
            attached: attached.unwrap_or_default(),
        }))
    }

    /// The role as IAM shows it, with what only the configuration or the state knows.
    ///
    /// Its policies are shown only where they are arguments of its own: elsewhere they belong to other resources.
    fn complete(&self, aws: &Aws, seen: &RoleSeen) -> Self {
        let tags = aws.tags_seen(seen.tags.clone(), self.tags.as_ref());
        let description = seen.description.clone().filter(|d| !d.is_empty() || self.description.is_some());
        let boundary = seen.boundary.clone().filter(|b| !b.is_empty());
        let managed = self.managed_policy_arns.clone().unwrap_or_default();
        let known = |name: &str| self.inline_policy.iter().find(|p| p.name.as_deref() == Some(name)).and_then(|p| p.policy.as_ref());
        let inline = seen.inline.iter().filter(|_| !self.inline_policy.is_empty()).map(|(name, document)| RoleInlinePolicy {
            name: Some(name.clone()),
            policy: Some(same_or_seen(known(name), document.clone())),
        });
        Self {
            arn: Some(seen.arn.clone()),
            assume_role_policy: Some(same_or_seen(self.assume_role_policy.as_ref(), seen.trust.clone())),
            create_date: Some(seen.create_date.clone()),
            description: description.or_else(|| self.description.clone().filter(String::is_empty)),
            force_detach_policies: self.force_detach_policies,
            id: Some(seen.name.clone()),
            inline_policy: inline.collect(),
            managed_policy_arns: Some(if managed.is_empty() { managed } else { seen.attached.clone() }),
            max_session_duration: Some(seen.max_session.unwrap_or(3600)),
            name: Some(seen.name.clone()),
            name_prefix: Some(generated_name::prefix_of(&seen.name)),
            path: Some(seen.path.clone()),
            permissions_boundary: boundary.or_else(|| self.permissions_boundary.clone().filter(String::is_empty)),
            tags: tags.tags,
            tags_all: tags.tags_all,
            unique_id: Some(seen.unique_id.clone()),
        }
    }

    async fn update_trust(&self, aws: &Aws, prior: &Self) -> Result<()> {
        if self.assume_role_policy == prior.assume_role_policy {
            return Ok(());
        }
        let request = aws.iam().update_assume_role_policy().role_name(prior.name());
        let request = request.set_policy_document(self.assume_role_policy.clone());
        aws.send("iam:UpdateAssumeRolePolicy", || request.clone().send()).await.map(drop)
    }

    async fn update_settings(&self, aws: &Aws, prior: &Self) -> Result<()> {
        let iam = aws.iam();
        if self.description != prior.description || self.max_session_duration != prior.max_session_duration {
            let session = self.max_session_duration.and_then(|n| i32::try_from(n).ok());
            let request = iam.update_role().role_name(prior.name()).set_max_session_duration(session);
            let request = request.description(self.description.clone().unwrap_or_default());
            aws.send("iam:UpdateRole", || request.clone().send()).await?;
        }
        if self.permissions_boundary == prior.permissions_boundary {
            return Ok(());
        }
        if let Some(boundary) = self.permissions_boundary.as_ref().filter(|b| !b.is_empty()) {
            let request = iam.put_role_permissions_boundary().role_name(prior.name()).permissions_boundary(boundary);
            aws.send("iam:PutRolePermissionsBoundary", || request.clone().send()).await.map(drop)
        } else {
            let request = iam.delete_role_permissions_boundary().role_name(prior.name());
            if_found(aws.send("iam:DeleteRolePermissionsBoundary", || request.clone().send()).await).map(drop)
        }
    }

    /// Attaches and writes the policies that are arguments of its own and that `prior` does not have, all at once.
    async fn put_policies(&self, aws: &Aws, prior: &Self) -> Result<()> {
        let iam = aws.iam();
        let before = prior.managed_policy_arns.clone().unwrap_or_default();
        let attach = self.managed_policy_arns.iter().flatten().filter(|arn| !before.contains(*arn)).map(|arn| {
            let request = iam.attach_role_policy().role_name(self.name()).policy_arn(arn);
            let part: Part<'_> = Box::pin(async move { aws.send("iam:AttachRolePolicy", || request.clone().send()).await.map(drop) });
            part
        });
        let is_new =
            |p: &&RoleInlinePolicy| p.name.is_some() && !prior.inline_policy.iter().any(|q| q.name == p.name && q.policy == p.policy);
        let put = self.inline_policy.iter().filter(is_new).map(|p| {
            let request = iam.put_role_policy().role_name(self.name());
            let request = request.set_policy_name(p.name.clone()).set_policy_document(p.policy.clone());
            let part: Part<'_> = Box::pin(async move { aws.send("iam:PutRolePolicy", || request.clone().send()).await.map(drop) });
            part
        });
        futures::future::try_join_all(attach.chain(put)).await.map(drop)
    }

    /// Detaches and deletes those policies of `prior` that are planned no more, all at once.
    async fn remove_policies(&self, aws: &Aws, prior: &Self) -> Result<()> {
        let kept = self.managed_policy_arns.clone().unwrap_or_default();
        let attached = prior.managed_policy_arns.iter().flatten().filter(|arn| !kept.contains(*arn));
        let detach = attached.map(|arn| cleanup::detach(aws, prior.name(), arn));
        let is_gone = |p: &&RoleInlinePolicy| !self.inline_policy.iter().any(|q| q.name == p.name);
        let gone = prior.inline_policy.iter().filter(is_gone).filter_map(|p| p.name.as_deref());
        let delete = gone.map(|name| cleanup::delete_inline(aws, prior.name(), name));
        futures::future::try_join_all(detach.chain(delete)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_asked_for_without_empty_parts() {
        let role = Role {
            name: Some("node".into()),
            path: Some("/".into()),
            description: Some(String::new()),
            max_session_duration: Some(3600),
            assume_role_policy: Some("{}".into()),
            ..Role::default()
        };
        let sent = role.request(None).build().unwrap();
        assert_eq!((sent.role_name(), sent.path(), sent.max_session_duration()), (Some("node"), Some("/"), Some(3600)));
        assert_eq!((sent.description(), sent.permissions_boundary(), sent.tags.is_none()), (None, None, true));
    }

    #[test]
    fn a_generated_name_fits_into_iams_limit() {
        let role = Role { name_prefix: Some("x".repeat(38)), ..Role::default() };
        assert_eq!(role.named(OpToken::new()).name().len(), 64);
    }
}
