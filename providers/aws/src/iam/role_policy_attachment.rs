//! `aws_iam_role_policy_attachment`.

use super::account::Key;
use super::{if_found, name_of};
use crate::client::Aws;
use crate::retry;
use levee_sdk::error::{ProviderError, Result};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Identity, OpToken, Shape};

/// Attaches a managed policy to a role.
#[derive(Clone, Default, Shape)]
pub struct RolePolicyAttachment {
    /// `role/policy_arn`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The policy's ARN.
    #[attr(required, force_new)]
    pub policy_arn: Option<String>,
    /// The role's name.
    #[attr(required, force_new)]
    pub role: Option<String>,
}

impl Resource for RolePolicyAttachment {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_role_policy_attachment";

    fn identity() -> Identity {
        Identity::NaturalKey
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let known = match prior {
            Some(prior) => prior.clone(),
            None => parse(id)?,
        };
        let (account, arn) = (ctx.client.iam_account(), known.arn());
        if prior.is_some()
            && let Some(seen) = account.role(Key::RolePolicies(known.role().to_owned())).await
            && seen.attached.contains(arn)
        {
            return Ok(Some(known));
        }
        let attached = account.attached(known.role()).await?;
        Ok(attached.is_some_and(|a| a.contains(arn)).then_some(known))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let request = aws.iam().attach_role_policy().role_name(planned.role()).policy_arn(planned.arn());
        // Attaching twice does no more than once.
        retry::patiently(ctx, || aws.send("iam:AttachRolePolicy", || request.clone().send())).await?;
        let made = planned.identified();
        ctx.checkpoint(made.id.clone().unwrap_or_default()).await?;
        Ok(made)
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().detach_role_policy().role_name(prior.role()).policy_arn(prior.arn());
        let detached = retry::patiently(ctx, || aws.send("iam:DetachRolePolicy", || request.clone().send())).await;
        if_found(detached).map(drop)
    }

    async fn find(ctx: &Ctx<Aws>, _: OpToken, planned: &Self) -> Result<Option<Self>> {
        let attached = ctx.client.iam_account().attached(planned.role()).await?;
        Ok(attached.is_some_and(|a| a.contains(planned.arn())).then(|| planned.clone().identified()))
    }
}

/// The attachment of an id `role/policy_arn`.
fn parse(id: &str) -> Result<RolePolicyAttachment> {
    let parts = id.split_once('/').filter(|(role, arn)| !role.is_empty() && arn.starts_with("arn:"));
    let (role, arn) = parts.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form role/policy_arn")))?;
    Ok(RolePolicyAttachment { id: Some(id.to_owned()), policy_arn: Some(arn.to_owned()), role: Some(role.to_owned()) })
}

impl RolePolicyAttachment {
    /// The role's name, also where the configuration gives an ARN.
    fn role(&self) -> &str {
        name_of(self.role.as_deref().unwrap_or_default())
    }

    fn arn(&self) -> &str {
        self.policy_arn.as_deref().unwrap_or_default()
    }

    fn identified(mut self) -> Self {
        self.id = Some(format!("{}/{}", self.role(), self.arn()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_role_and_policy() {
        let id = "node/arn:aws:iam::aws:policy/service-role/Some";
        let read = parse(id).expect("two parts");
        assert_eq!((read.role(), read.arn()), ("node", "arn:aws:iam::aws:policy/service-role/Some"));
        assert_eq!(read.identified().id.as_deref(), Some(id));
        for bad in ["node", "node/policy", "/arn:aws:iam::aws:policy/x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
