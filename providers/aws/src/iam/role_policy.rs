//! `aws_iam_role_policy`.

use super::account::Key;
use super::document::{decoded, same_or_seen};
use super::if_found;
use crate::client::Aws;
use crate::{generated_name, retry};
use levee_sdk::equality::policies_equal;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Identity, OpToken, Shape};

/// An inline policy of a role.
#[derive(Clone, Default, Shape)]
pub struct RolePolicy {
    /// `role:name`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Its name on the role; generated where neither it nor `name_prefix` is set.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Beginning of a generated name; excludes `name`.
    #[attr(optional, computed, force_new)]
    pub name_prefix: Option<String>,
    /// The policy document.
    #[attr(required, equality = IamPolicy)]
    pub policy: Option<String>,
    /// The role's name.
    #[attr(required, force_new)]
    pub role: Option<String>,
}

impl Resource for RolePolicy {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_role_policy";

    fn identity() -> Identity {
        Identity::NaturalKey
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        generated_name::exclusive(config, "name", "name_prefix")
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let (role, name) = parts(id)?;
        if let Some(prior) = prior
            && let Some(seen) = aws.iam_account().role(Key::RolePolicies(role.to_owned())).await
            && let Some(document) = seen.inline.get(name)
        {
            let seen = prior.complete(role, name, document.clone());
            if seen.policy == prior.policy {
                return Ok(Some(seen));
            }
        }
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        Ok(document(aws, role, name).await?.map(|document| known.complete(role, name, document)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let planned = planned.named(op);
        planned.put(ctx).await?;
        let (role, name) = (planned.role.clone().unwrap_or_default(), planned.name.clone().unwrap_or_default());
        ctx.checkpoint(format!("{role}:{name}")).await?;
        let document = planned.policy.clone().unwrap_or_default();
        Ok(planned.complete(&role, &name, document))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let updated = Self { policy: planned.policy, ..prior };
        updated.put(ctx).await?;
        Ok(updated)
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().delete_role_policy().set_role_name(prior.role).set_policy_name(prior.name);
        if_found(aws.send("iam:DeleteRolePolicy", || request.clone().send()).await).map(drop)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let planned = planned.clone().named(op);
        let (role, name) = (planned.role.clone().unwrap_or_default(), planned.name.clone().unwrap_or_default());
        let found = document(&ctx.client, &role, &name).await?;
        // Another document under this name is somebody else's, or one that ours has yet to replace.
        let ours = found.filter(|d| policies_equal(d, planned.policy.as_deref().unwrap_or_default()));
        Ok(ours.map(|document| planned.complete(&role, &name, document)))
    }
}

/// Role and name of an id `role:name`.
fn parts(id: &str) -> Result<(&str, &str)> {
    let parts = id.split_once(':').filter(|(role, name)| !role.is_empty() && !name.is_empty());
    parts.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form role:name")))
}

async fn document(aws: &Aws, role: &str, name: &str) -> Result<Option<String>> {
    let request = aws.iam().get_role_policy().role_name(role).policy_name(name);
    let found = if_found(aws.send("iam:GetRolePolicy", || request.clone().send()).await)?;
    Ok(found.map(|a| decoded(&a.policy_document)))
}

impl RolePolicy {
    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        self.name = Some(generated_name::name(self.name.as_deref(), self.name_prefix.as_deref(), op));
        self
    }

    fn complete(&self, role: &str, name: &str, document: String) -> Self {
        Self {
            id: Some(format!("{role}:{name}")),
            name: Some(name.to_owned()),
            name_prefix: Some(generated_name::prefix_of(name)),
            policy: Some(same_or_seen(self.policy.as_ref(), document)),
            role: Some(role.to_owned()),
        }
    }

    /// Writes the document; doing it twice does no more than once.
    async fn put(&self, ctx: &Ctx<Aws>) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().put_role_policy().set_role_name(self.role.clone());
        let request = request.set_policy_name(self.name.clone()).set_policy_document(self.policy.clone());
        retry::patiently(ctx, || aws.send("iam:PutRolePolicy", || request.clone().send())).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_role_and_policy() {
        assert_eq!(parts("node:logs").expect("two parts"), ("node", "logs"));
        for bad in ["node", ":logs", "node:"] {
            assert!(parts(bad).is_err(), "{bad}");
        }
    }
}
