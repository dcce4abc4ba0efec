//! `aws_iam_instance_profile`.

use super::{Part, from_iam, if_found, name_of, retag, to_iam};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::timestamp::rfc3339;
use crate::{generated_name, retry, tags};
use aws_sdk_iam::types;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::BTreeMap;

/// Hands a role to EC2 instances.
#[derive(Clone, Default, Shape)]
pub struct InstanceProfile {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// When it was made, in RFC 3339.
    #[attr(computed)]
    pub create_date: Option<String>,
    /// Its name.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Its name; generated where neither it nor `name_prefix` is set.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Beginning of a generated name; excludes `name`.
    #[attr(optional, computed, force_new)]
    pub name_prefix: Option<String>,
    /// Path in front of the name in its ARN.
    #[attr(optional, force_new, default = "/")]
    pub path: Option<String>,
    /// The role's name.
    #[attr(optional)]
    pub role: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Id that no later profile of the same name has.
    #[attr(computed)]
    pub unique_id: Option<String>,
}

impl Resource for InstanceProfile {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_instance_profile";

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
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        Ok(describe(&ctx.client, id).await?.map(|profile| known.complete(&ctx.client, profile)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let planned = planned.named(op);
        let tags = to_iam(aws.tags_for_create(planned.tags.as_ref(), op))?;
        let request = aws.iam().create_instance_profile().instance_profile_name(planned.name());
        let request = request.set_path(planned.path.clone()).set_tags(tags);
        let call = || async {
            let answer = aws.send_once("iam:CreateInstanceProfile", || request.clone().send()).await?;
            answer.instance_profile.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "IAM answered without the profile"))
        };
        let profile = once(Proof::OpTag, call, || own(aws, planned.name(), op)).await?;
        ctx.checkpoint(planned.name()).await?;
        planned.give_role(ctx, &profile).await?;
        Ok(planned.made(aws, profile))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let iam = aws.iam();
        let name = prior.name();
        if planned.role() != prior.role() {
            if let Some(role) = prior.role() {
                take_role(aws, name, role).await?;
            }
            if let Some(role) = planned.role() {
                add_role(ctx, name, role).await?;
            }
        }
        retag(
            prior.tags_all.as_ref(),
            planned.tags_all.as_ref(),
            |tags| {
                let request = iam.tag_instance_profile().instance_profile_name(name).set_tags(Some(tags));
                let part: Part<'_> = Box::pin(async move { aws.send("iam:TagInstanceProfile", || request.clone().send()).await.map(drop) });
                part
            },
            |keys| {
                let request = iam.untag_instance_profile().instance_profile_name(name).set_tag_keys(Some(keys));
                Box::pin(async move { aws.send("iam:UntagInstanceProfile", || request.clone().send()).await.map(drop) })
            },
        )
        .await?;
        Ok(Self { role: planned.role, tags: planned.tags, tags_all: planned.tags_all, ..prior })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        if let Some(role) = prior.role() {
            take_role(aws, prior.name(), role).await?;
        }
        let request = aws.iam().delete_instance_profile().instance_profile_name(prior.name());
        if_found(retry::patiently(ctx, || aws.send("iam:DeleteInstanceProfile", || request.clone().send())).await).map(drop)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let planned = planned.clone().named(op);
        let Some(profile) = own(&ctx.client, planned.name(), op).await? else { return Ok(None) };
        // The creation may have ended before the profile had its role.
        planned.give_role(ctx, &profile).await?;
        Ok(Some(planned.made(&ctx.client, profile)))
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<types::InstanceProfile>> {
    let request = aws.iam().get_instance_profile().instance_profile_name(name);
    Ok(if_found(aws.send("iam:GetInstanceProfile", || request.clone().send()).await)?.and_then(|a| a.instance_profile))
}

/// The profile of that name, if the operation made it.
async fn own(aws: &Aws, name: &str, op: OpToken) -> Result<Option<types::InstanceProfile>> {
    let found = describe(aws, name).await?;
    Ok(found.filter(|p| tags::made_by(op, p.tags().iter().map(|t| (t.key(), t.value())))))
}

async fn add_role(ctx: &Ctx<Aws>, profile: &str, role: &str) -> Result<()> {
    let aws = &*ctx.client;
    let request = aws.iam().add_role_to_instance_profile().instance_profile_name(profile).role_name(role);
    let add = || aws.send_once("iam:AddRoleToInstanceProfile", || request.clone().send());
    match retry::patiently(ctx, add).await {
        Err(error) if error.kind == ErrorKind::InDoubt => {
            // A second role is refused as one too many, even if it is the same.
            let now = describe(aws, profile).await?;
            let is_in = now.is_some_and(|p| p.roles().iter().any(|r| r.role_name() == role));
            if is_in { Ok(()) } else { add().await.map(drop) }
        }
        added => added.map(drop),
    }
}

async fn take_role(aws: &Aws, profile: &str, role: &str) -> Result<()> {
    let request = aws.iam().remove_role_from_instance_profile().instance_profile_name(profile).role_name(role);
    if_found(aws.send("iam:RemoveRoleFromInstanceProfile", || request.clone().send()).await).map(drop)
}

impl InstanceProfile {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The role's name, also where the configuration gives an ARN.
    fn role(&self) -> Option<&str> {
        self.role.as_deref().filter(|r| !r.is_empty()).map(name_of)
    }

    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        self.name = Some(generated_name::name(self.name.as_deref(), self.name_prefix.as_deref(), op));
        self
    }

    /// Puts the role in, unless it is there.
    async fn give_role(&self, ctx: &Ctx<Aws>, profile: &types::InstanceProfile) -> Result<()> {
        match self.role() {
            Some(role) if profile.roles().iter().all(|r| r.role_name() != role) => add_role(ctx, self.name(), role).await,
            _ => Ok(()),
        }
    }

    /// The profile after its creation, told from the answer: what was asked for, and what IAM added.
    fn made(self, aws: &Aws, profile: types::InstanceProfile) -> Self {
        Self {
            arn: Some(profile.arn),
            create_date: Some(rfc3339(&profile.create_date)),
            id: self.name.clone(),
            name_prefix: Some(generated_name::prefix_of(self.name())),
            path: Some(profile.path),
            tags_all: Some(aws.all_tags(self.tags.as_ref())),
            unique_id: Some(profile.instance_profile_id),
            ..self
        }
    }

    /// The profile as IAM shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, p: types::InstanceProfile) -> Self {
        let tags = aws.tags_seen(from_iam(p.tags()), self.tags.as_ref());
        let role = p.roles().first().map(|r| r.role_name().to_owned());
        let same = self.role() == role.as_deref();
        Self {
            arn: Some(p.arn),
            create_date: Some(rfc3339(&p.create_date)),
            id: Some(p.instance_profile_name.clone()),
            name_prefix: Some(generated_name::prefix_of(&p.instance_profile_name)),
            name: Some(p.instance_profile_name),
            path: Some(p.path),
            role: if same { self.role.clone() } else { role },
            tags: tags.tags,
            tags_all: tags.tags_all,
            unique_id: Some(p.instance_profile_id),
        }
    }
}
