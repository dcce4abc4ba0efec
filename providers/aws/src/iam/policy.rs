//! `aws_iam_policy`.

use super::account::PolicySeen;
use super::document::{decoded, same_or_seen};
use super::{from_iam, if_found, retag, to_iam};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::tags::Tags;
use crate::{generated_name, retry, tags};
use aws_sdk_iam::operation::create_policy::builders::CreatePolicyInputBuilder;
use aws_sdk_iam::types;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostics, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::BTreeMap;
use std::time::Duration;

/// How many versions of a policy IAM keeps.
const MOST_VERSIONS: usize = 5;

/// A managed policy.
#[derive(Clone, Default, Shape)]
pub struct Policy {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// How many users, groups and roles it was attached to when it was made, changed or imported.
    #[attr(computed)]
    pub attachment_count: Option<i64>,
    /// Milliseconds to wait after each new version becomes the default.
    #[attr(optional)]
    pub delay_after_policy_creation_in_ms: Option<i64>,
    /// What it is for.
    #[attr(optional, force_new)]
    pub description: Option<String>,
    /// Its ARN.
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
    /// The policy document.
    #[attr(required, equality = IamPolicy)]
    pub policy: Option<String>,
    /// Id that no later policy of the same name has.
    #[attr(computed)]
    pub policy_id: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
}

impl Resource for Policy {
    type Client = Aws;
    const TYPE: &'static str = "aws_iam_policy";

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
            && let Some(seen) = aws.iam_account().policy(id).await
        {
            let tagged = prior.tags_all.as_ref().is_some_and(|t| !t.is_empty());
            let tags = if tagged { policy_tags(aws, id).await.ok() } else { Some(Tags::new()) };
            if let Some(tags) = tags {
                let seen = prior.complete(aws, &seen, tags);
                if seen.to_value() == prior.to_value() {
                    return Ok(Some(seen));
                }
            }
        }
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        Ok(describe(aws, id).await?.map(|(seen, tags)| known.complete(aws, &seen, tags)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let planned = planned.named(op);
        let iam = aws.iam();
        let request = planned.request(to_iam(aws.tags_for_create(planned.tags.as_ref(), op))?);
        let call = || async {
            let answer = aws.send_once("iam:CreatePolicy", || request.clone().send_with(&iam)).await?;
            answer.policy.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "IAM answered without the policy"))
        };
        let made = once(Proof::OpTag, call, || own(aws, &planned, op)).await?;
        let arn = made.arn.clone().unwrap_or_default();
        aws.sender().born(&arn);
        ctx.checkpoint(&arn).await?;
        planned.settle().await;
        Ok(planned.made(aws, made))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let iam = aws.iam();
        let arn = prior.arn.clone().unwrap_or_default();
        if planned.policy != prior.policy {
            planned.new_version(aws, &arn).await?;
            planned.settle().await;
        }
        retag(
            prior.tags_all.as_ref(),
            planned.tags_all.as_ref(),
            |tags| {
                let request = iam.tag_policy().policy_arn(&arn).set_tags(Some(tags));
                Box::pin(async move { aws.send("iam:TagPolicy", || request.clone().send()).await.map(drop) })
            },
            |keys| {
                let request = iam.untag_policy().policy_arn(&arn).set_tag_keys(Some(keys));
                Box::pin(async move { aws.send("iam:UntagPolicy", || request.clone().send()).await.map(drop) })
            },
        )
        .await?;
        let (arn, id, name_prefix) = (prior.arn, prior.id, prior.name_prefix);
        Ok(Self { arn, id, name_prefix, attachment_count: prior.attachment_count, policy_id: prior.policy_id, ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let request = aws.iam().delete_policy().policy_arn(prior.arn.unwrap_or_default());
        let delete = || aws.send("iam:DeletePolicy", || request.clone().send());
        let arn = request.get_policy_arn().clone().unwrap_or_default();
        let deleted = match delete().await {
            Err(error) if error.kind == ErrorKind::Conflict => {
                // Versions other than the default stand in the way, or an attachment that is just being undone.
                let old = versions(aws, &arn).await?.into_iter().filter(|v| !v.is_default_version());
                let removed = old.filter_map(|v| v.version_id).map(|version| delete_version(aws, &arn, version));
                futures::future::try_join_all(removed).await?;
                retry::patiently(ctx, delete).await
            }
            deleted => deleted,
        };
        if_found(deleted).map(drop)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let planned = planned.clone().named(op);
        let found = own(&ctx.client, &planned, op).await?;
        Ok(found.map(|policy| planned.made(&ctx.client, policy)))
    }
}

/// The policy of that name and path, if the operation made it.
async fn own(aws: &Aws, planned: &Policy, op: OpToken) -> Result<Option<types::Policy>> {
    let name = planned.name.as_deref().unwrap_or_default();
    let path = planned.path.as_deref().unwrap_or("/");
    let account = aws.account_id().await?;
    let arn = format!("arn:{}:iam::{account}:policy{path}{name}", aws.partition());
    let request = aws.iam().get_policy().policy_arn(arn);
    let policy = if_found(aws.send("iam:GetPolicy", || request.clone().send()).await)?.and_then(|a| a.policy);
    Ok(policy.filter(|p| tags::made_by(op, p.tags().iter().map(|t| (t.key(), t.value())))))
}

async fn policy_tags(aws: &Aws, arn: &str) -> Result<Tags> {
    let request = aws.iam().list_policy_tags().policy_arn(arn);
    Ok(from_iam(&aws.send("iam:ListPolicyTags", || request.clone().send()).await?.tags))
}

/// The policy by itself, and its tags.
async fn describe(aws: &Aws, arn: &str) -> Result<Option<(PolicySeen, Tags)>> {
    let request = aws.iam().get_policy().policy_arn(arn);
    let found = if_found(aws.send("iam:GetPolicy", || request.clone().send()).await)?.and_then(|a| a.policy);
    let Some(policy) = found else { return Ok(None) };
    let version = policy.default_version_id.as_deref().unwrap_or_default();
    let request = aws.iam().get_policy_version().policy_arn(arn).version_id(version);
    let found = if_found(aws.send("iam:GetPolicyVersion", || request.clone().send()).await)?.and_then(|a| a.policy_version);
    let Some(version) = found else { return Ok(None) };
    let tags = from_iam(policy.tags());
    let seen = PolicySeen {
        name: policy.policy_name.unwrap_or_default(),
        arn: policy.arn.unwrap_or_default(),
        path: policy.path.unwrap_or_default(),
        policy_id: policy.policy_id.unwrap_or_default(),
        description: policy.description.filter(|d| !d.is_empty()),
        document: decoded(version.document().unwrap_or_default()),
        attachment_count: policy.attachment_count.map(i64::from).unwrap_or_default(),
    };
    Ok(Some((seen, tags)))
}

async fn versions(aws: &Aws, arn: &str) -> Result<Vec<types::PolicyVersion>> {
    let request = aws.iam().list_policy_versions().policy_arn(arn);
    let found = if_found(aws.send("iam:ListPolicyVersions", || request.clone().send()).await)?;
    Ok(found.and_then(|a| a.versions).unwrap_or_default())
}

async fn delete_version(aws: &Aws, arn: &str, version: String) -> Result<()> {
    let request = aws.iam().delete_policy_version().policy_arn(arn).version_id(version);
    if_found(aws.send("iam:DeletePolicyVersion", || request.clone().send()).await).map(drop)
}

/// The version to delete so that another one fits in: the oldest that is not the default, if there are as many as IAM keeps.
fn oldest_in_the_way(versions: &[types::PolicyVersion]) -> Option<&str> {
    // Version ids are `v1`, `v2` and so on; they are never given twice.
    let number = |v: &types::PolicyVersion| v.version_id()?.strip_prefix('v')?.parse::<u64>().ok();
    let old = versions.iter().filter(|v| !v.is_default_version()).min_by_key(|v| number(v).unwrap_or(u64::MAX));
    old.filter(|_| versions.len() >= MOST_VERSIONS)?.version_id()
}

impl Policy {
    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        self.name = Some(generated_name::name(self.name.as_deref(), self.name_prefix.as_deref(), op));
        self
    }

    fn request(&self, tags: Option<Vec<types::Tag>>) -> CreatePolicyInputBuilder {
        CreatePolicyInputBuilder::default()
            .set_policy_name(self.name.clone())
            .set_path(self.path.clone())
            .set_policy_document(self.policy.clone())
            .set_description(self.description.clone().filter(|d| !d.is_empty()))
            .set_tags(tags)
    }

    /// The policy after its creation, told from the answer: what was asked for, and what IAM added.
    fn made(self, aws: &Aws, policy: types::Policy) -> Self {
        Self {
            attachment_count: Some(policy.attachment_count.map(i64::from).unwrap_or_default()),
            id: policy.arn.clone(),
            arn: policy.arn,
            name_prefix: Some(generated_name::prefix_of(self.name.as_deref().unwrap_or_default())),
            path: policy.path,
            policy_id: policy.policy_id,
            tags_all: Some(aws.all_tags(self.tags.as_ref())),
            ..self
        }
    }

    /// The policy as IAM shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, seen: &PolicySeen, tags: Tags) -> Self {
        let tags = aws.tags_seen(tags, self.tags.as_ref());
        Self {
            arn: Some(seen.arn.clone()),
            // Other resources change it by attaching the policy: following it would make drift of our own doings.
            attachment_count: self.attachment_count.or(Some(seen.attachment_count)),
            delay_after_policy_creation_in_ms: self.delay_after_policy_creation_in_ms,
            // The account's description leaves this out, and it cannot be changed.
            description: seen.description.clone().or_else(|| self.description.clone()),
            id: Some(seen.arn.clone()),
            name: Some(seen.name.clone()),
            name_prefix: Some(generated_name::prefix_of(&seen.name)),
            path: Some(seen.path.clone()),
            policy: Some(same_or_seen(self.policy.as_ref(), seen.document.clone())),
            // An account's description that leaves the id out still tells by the rest that it is the same policy.
            policy_id: Some(seen.policy_id.clone()).filter(|id| !id.is_empty()).or_else(|| self.policy_id.clone()),
            tags: tags.tags,
            tags_all: tags.tags_all,
        }
    }

    /// Makes the document the policy's default version, and room for it first where IAM asks for that.
    async fn new_version(&self, aws: &Aws, arn: &str) -> Result<()> {
        let request = aws.iam().create_policy_version().policy_arn(arn).set_as_default(true);
        let request = request.set_policy_document(self.policy.clone());
        let create = || aws.send_once("iam:CreatePolicyVersion", || request.clone().send());
        let mut created = create().await;
        if created.as_ref().is_err_and(|e| e.code.as_deref() == Some("LimitExceeded")) {
            if let Some(oldest) = oldest_in_the_way(&versions(aws, arn).await?) {
                delete_version(aws, arn, oldest.to_owned()).await?;
            }
            created = create().await;
        }
        match created {
            Err(error) if error.kind == ErrorKind::InDoubt => {
                // It is harmless only if it did not go through: each sending makes one more version.
                let now = describe(aws, arn).await?.map(|(seen, _)| seen.document).unwrap_or_default();
                let wanted = self.policy.as_deref().unwrap_or_default();
                if levee_sdk::equality::policies_equal(&now, wanted) { Ok(()) } else { create().await.map(drop) }
            }
            created => created.map(drop),
        }
    }

    /// Waits as long as the configuration says that a new version needs to be seen everywhere.
    async fn settle(&self) {
        if let Some(delay) = self.delay_after_policy_creation_in_ms.and_then(|ms| u64::try_from(ms).ok()) {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(ids: &[&str], default: &str) -> Vec<types::PolicyVersion> {
        ids.iter().map(|id| types::PolicyVersion::builder().version_id(*id).is_default_version(*id == default).build()).collect()
    }

    #[test]
    fn the_oldest_version_goes_when_five_are_there() {
        assert_eq!(oldest_in_the_way(&versions(&["v12", "v11", "v10", "v9", "v8"], "v12")), Some("v8"));
        assert_eq!(oldest_in_the_way(&versions(&["v12", "v11", "v10", "v9", "v8"], "v8")), Some("v9"));
        assert_eq!(oldest_in_the_way(&versions(&["v4", "v3", "v2", "v1"], "v4")), None);
    }

    #[test]
    fn a_policy_is_asked_for_with_its_tags() {
        let policy = Policy { name: Some("p".into()), path: Some("/".into()), policy: Some("{}".into()), ..Policy::default() };
        let tags = to_iam([("a".to_owned(), "b".to_owned())].into()).unwrap();
        let sent = policy.request(tags).build().unwrap();
        assert_eq!((sent.policy_name(), sent.policy_document(), sent.description()), (Some("p"), Some("{}"), None));
        assert_eq!(sent.tags()[0].key(), "a");
    }
}
