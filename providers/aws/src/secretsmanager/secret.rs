//! `aws_secretsmanager_secret`.

use super::if_found;
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::tags::{self, Tags};
use crate::{generated_name, region, retry};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::create_secret::builders::CreateSecretInputBuilder;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicaRegionType, ReplicationStatusType, SecretListEntry, StatusType, Tag};
use levee_sdk::equality::policies_equal;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Action, Change, Diagnostic, Diagnostics, Reversibility, Value};
use levee_sdk::resource::Resource;
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::BTreeMap;
use std::time::Duration;

/// A secret: a name that holds versions of a value.
#[derive(Clone, Default, Shape)]
pub struct Secret {
    /// Its ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// What it is for.
    #[attr(optional)]
    pub description: Option<String>,
    /// Whether a replica may replace a secret of the same name.
    #[attr(optional, default = false)]
    pub force_overwrite_replica_secret: Option<bool>,
    /// Its ARN.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// KMS key that encrypts it; the account's own key for Secrets Manager unless set.
    #[attr(optional)]
    pub kms_key_id: Option<String>,
    /// Its name; generated where neither it nor `name_prefix` is set.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Beginning of a generated name; excludes `name`.
    #[attr(optional, computed, force_new)]
    pub name_prefix: Option<String>,
    /// Who may use it, as a policy document.
    #[attr(optional, computed, equality = IamPolicy)]
    pub policy: Option<String>,
    /// Days for which a deleted secret can be restored, 7 to 30; 0 deletes it at once.
    #[attr(optional, default = 30)]
    pub recovery_window_in_days: Option<i64>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of its own.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// All its tags, those of the provider's `default_tags` included.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Partner whose kind of secret it is.
    #[attr(optional, unsupported)]
    pub r#type: Option<String>,
    /// Copies in other regions.
    #[block(set)]
    pub replica: Vec<Replica>,
}

/// A copy in another region.
#[derive(Clone, Default, Shape)]
pub struct Replica {
    /// KMS key of that region.
    #[attr(optional, computed)]
    pub kms_key_id: Option<String>,
    /// When it was last read.
    #[attr(computed)]
    pub last_accessed_date: Option<String>,
    /// The region.
    #[attr(required)]
    pub region: Option<String>,
    /// `InSync`, `InProgress` or `Failed`.
    #[attr(computed)]
    pub status: Option<String>,
    /// Why it is in that state.
    #[attr(computed)]
    pub status_message: Option<String>,
}

const PACE: Pace = Pace::millis(300, 5_000);
const TIMEOUT: Duration = Duration::from_mins(10);

impl Resource for Secret {
    type Client = Aws;
    const TYPE: &'static str = "aws_secretsmanager_secret";

    fn identity() -> Identity {
        Identity::ClientToken
    }

    fn reversibility(change: &Change) -> Reversibility {
        let deletes = matches!(change.action, Action::Delete | Action::Replace(_));
        let window = change.before.as_ref().and_then(|b| b.get("recovery_window_in_days"));
        let at_once = window.as_ref().and_then(Value::as_number).is_some_and(|n| n.as_i64() == Some(0));
        if deletes && at_once {
            return Reversibility::LosesData("with a recovery window of 0 days the secret's values are lost at once".into());
        }
        Reversibility::Reversible
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut found = generated_name::exclusive(config, "name", "name_prefix");
        let window = config.get("recovery_window_in_days");
        let days = window.as_ref().and_then(Value::as_number).and_then(levee_sdk::model::Number::as_i64);
        if days.is_some_and(|d| d != 0 && !(7..=30).contains(&d)) {
            let detail = "recovery_window_in_days is 0, or 7 to 30.";
            found.push(Diagnostic::error("Invalid recovery window", detail));
        }
        found
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        // The list does not show replicas.
        if let Some(prior) = prior.filter(|p| p.replica.is_empty())
            && let Some(entry) = aws.secrets(prior.region.as_deref()).listed(id).await
        {
            let policy = prior.policy_now(aws, id).await?;
            let seen = prior.complete(aws, Seen::of_list(&entry), policy);
            if seen.to_value() == prior.to_value() {
                return Ok(Some(seen));
            }
        }
        let imported = Self {
            recovery_window_in_days: Some(30),
            force_overwrite_replica_secret: Some(false),
            region: region_in(id),
            ..Self::default()
        };
        let known = prior.unwrap_or(&imported);
        let client = aws.secretsmanager(known.region.as_deref());
        let found = describe(&client, aws, id);
        let policy = async { if prior.is_some() { known.policy_now(aws, id).await } else { policy_of(known, aws, id).await } };
        let (found, policy) = futures::future::try_join(found, policy).await?;
        Ok(found.map(|d| known.complete(aws, Seen::of_description(d), policy)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let planned = planned.named(op);
        let client = aws.secretsmanager(planned.region.as_deref());
        let request = planned.request(&op.to_string(), aws.tags_for_create(planned.tags.as_ref(), op));
        let call = || async {
            let send = || aws.send_once("secretsmanager:CreateSecret", || request.clone().send_with(&client));
            let answer = retry::patiently(ctx, send).await.map_err(explained)?;
            Ok((answer.arn.unwrap_or_default(), answer.replication_status.unwrap_or_default()))
        };
        let find = || async {
            let own = planned.own(aws, op).await?;
            Ok(own.map(|d| (d.arn.unwrap_or_default(), d.replication_status.unwrap_or_default())))
        };
        let (arn, replicas) = once(Proof::OpTag, call, find).await?;
        ctx.checkpoint(&arn).await?;
        planned.put_policy(aws, &arn).await?;
        if planned.replica.is_empty() {
            return Ok(planned.made(aws, arn, Vec::new()));
        }
        let replicas = if in_sync(&replicas) { replicas } else { wait_for_replicas(ctx, &client, &arn).await? };
        Ok(planned.made(aws, arn, replicas))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let arn = prior.arn.clone().unwrap_or_default();
        let client = aws.secretsmanager(prior.region.as_deref());
        if planned.description != prior.description || planned.kms_key_id != prior.kms_key_id {
            let request = client.update_secret().secret_id(&arn).client_request_token(op.to_string());
            let request = request.description(planned.description.clone().unwrap_or_default());
            let request = request.set_kms_key_id(Some(planned.kms_key_id.clone().unwrap_or_else(|| "alias/aws/secretsmanager".into())));
            aws.send("secretsmanager:UpdateSecret", || request.clone().send()).await?;
        }
        let policy = planned.policy.clone().or_else(|| prior.policy.clone());
        if policy != prior.policy {
            if policy.as_deref().is_none_or(str::is_empty) {
                let request = client.delete_resource_policy().secret_id(&arn);
                aws.send("secretsmanager:DeleteResourcePolicy", || request.clone().send()).await?;
            } else {
                planned.put_policy(aws, &arn).await?;
            }
        }
        let replicas = planned.update_replicas(ctx, &client, &prior, &arn).await?;
        retag(aws, &client, &arn, prior.tags_all.as_ref(), planned.tags_all.as_ref()).await?;
        let (id, name_prefix) = (prior.id, prior.name_prefix);
        Ok(Self { arn: prior.arn, id, name_prefix, policy, replica: replicas, region: prior.region, ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        let aws = &*ctx.client;
        let arn = prior.arn.clone().unwrap_or_default();
        let client = aws.secretsmanager(prior.region.as_deref());
        if !prior.replica.is_empty() {
            let regions = prior.replica.iter().filter_map(|r| r.region.clone()).collect();
            let request = client.remove_regions_from_replication().secret_id(&arn).set_remove_replica_regions(Some(regions));
            if_found(aws.send("secretsmanager:RemoveRegionsFromReplication", || request.clone().send()).await)?;
        }
        let window = prior.recovery_window_in_days.unwrap_or(30);
        let request = client.delete_secret().secret_id(&arn);
        let request = if window == 0 { request.force_delete_without_recovery(true) } else { request.recovery_window_in_days(window) };
        match aws.send("secretsmanager:DeleteSecret", || request.clone().send()).await {
            Err(error) if error.is_not_found() || is_scheduled(&error) => return Ok(()),
            deleted => deleted?,
        };
        let look = || async {
            let now = describe(&client, aws, &arn).await?;
            Ok(if now.is_none() { Look::Ready(()) } else { Look::Pending("being deleted".into()) })
        };
        Wait::new("deletion of the secret", PACE, TIMEOUT).run(ctx, look).await
    }

    /// Until its recovery window is over, a deleted secret can be had back with its values.
    async fn revive(ctx: &Ctx<Aws>, was: Self) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let Some(arn) = was.arn.clone() else { return Ok(None) };
        let client = aws.secretsmanager(was.region.as_deref());
        let request = client.restore_secret().secret_id(&arn);
        if if_found(aws.send("secretsmanager:RestoreSecret", || request.clone().send()).await)?.is_none() {
            return Ok(None);
        }
        ctx.checkpoint(&arn).await?;
        let look = || async { Ok(describe(&client, aws, &arn).await?.map_or_else(|| Look::Pending("being restored".into()), Look::Ready)) };
        let found = Wait::new("restoration of the secret", PACE, TIMEOUT).run(ctx, look).await?;
        let policy = was.policy_now(aws, &arn).await?;
        Ok(Some(was.complete(aws, Seen::of_description(found), policy)))
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let planned = planned.clone().named(op);
        let Some(found) = planned.own(aws, op).await? else { return Ok(None) };
        let arn = found.arn.clone().unwrap_or_default();
        // The creation may have ended before the secret had its policy.
        planned.put_policy(aws, &arn).await?;
        Ok(Some(planned.made(aws, arn, found.replication_status.unwrap_or_default())))
    }
}

/// A secret as the list or its description shows it.
struct Seen {
    arn: String,
    name: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    tags: Tags,
    replicas: Vec<ReplicationStatusType>,
}

impl Seen {
    fn of_list(e: &SecretListEntry) -> Self {
        Self {
            arn: e.arn.clone().unwrap_or_default(),
            name: e.name.clone().unwrap_or_default(),
            description: e.description.clone(),
            kms_key_id: e.kms_key_id.clone(),
            tags: from_tags(e.tags()),
            replicas: Vec::new(),
        }
    }

    fn of_description(d: DescribeSecretOutput) -> Self {
        Self {
            tags: from_tags(d.tags()),
            arn: d.arn.unwrap_or_default(),
            name: d.name.unwrap_or_default(),
            description: d.description,
            kms_key_id: d.kms_key_id,
            replicas: d.replication_status.unwrap_or_default(),
        }
    }
}

fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()))).collect()
}

fn to_tags(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The region in a secret's ARN.
fn region_in(arn: &str) -> Option<String> {
    arn.split(':').nth(3).filter(|r| !r.is_empty()).map(str::to_owned)
}

/// The secret as it is; `None` when there is none, or only one that is scheduled for deletion.
async fn describe(client: &Client, aws: &Aws, id: &str) -> Result<Option<DescribeSecretOutput>> {
    let request = client.describe_secret().secret_id(id);
    let found = if_found(aws.send("secretsmanager:DescribeSecret", || request.clone().send()).await)?;
    Ok(found.filter(|d| d.deleted_date.is_none()))
}

async fn policy_of(secret: &Secret, aws: &Aws, arn: &str) -> Result<Option<String>> {
    let request = aws.secretsmanager(secret.region.as_deref()).get_resource_policy().secret_id(arn);
    match aws.send("secretsmanager:GetResourcePolicy", || request.clone().send()).await {
        Err(error) if error.is_not_found() || is_scheduled(&error) => Ok(None),
        answer => Ok(answer?.resource_policy),
    }
}

fn is_scheduled(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("InvalidRequestException")
        && (error.message.contains("scheduled for deletion") || error.message.contains("marked for deletion"))
}

fn explained(error: ProviderError) -> ProviderError {
    if !is_scheduled(&error) {
        return error;
    }
    error.hint("restore the deleted secret and import it, choose another name, or wait until its recovery window is over")
}

fn in_sync(replicas: &[ReplicationStatusType]) -> bool {
    replicas.iter().all(|r| r.status() != Some(&StatusType::InProgress))
}

async fn wait_for_replicas(ctx: &Ctx<Aws>, client: &Client, arn: &str) -> Result<Vec<ReplicationStatusType>> {
    let look = || async {
        let found = describe(client, &ctx.client, arn).await?.and_then(|d| d.replication_status).unwrap_or_default();
        if let Some(failed) = found.iter().find(|r| r.status() == Some(&StatusType::Failed)) {
            let (region, why) = (failed.region().unwrap_or_default(), failed.status_message().unwrap_or("no reason given"));
            return Err(ProviderError::new(ErrorKind::Failed, format!("the secret was not copied to {region}: {why}")));
        }
        let missing = found.iter().filter(|r| r.status() == Some(&StatusType::InProgress)).count();
        Ok(if missing == 0 { Look::Ready(found) } else { Look::Pending(format!("{missing} replicas in progress")) })
    };
    Wait::new("replication of the secret", PACE, TIMEOUT).run(ctx, look).await
}

async fn retag(aws: &Aws, client: &Client, arn: &str, now: Option<&Tags>, wanted: Option<&Tags>) -> Result<()> {
    let (set, removed) = tags::difference(now, wanted.unwrap_or(&Tags::new()));
    if !set.is_empty() {
        let request = client.tag_resource().secret_id(arn).set_tags(Some(to_tags(set)));
        aws.send("secretsmanager:TagResource", || request.clone().send()).await?;
    }
    if !removed.is_empty() {
        let request = client.untag_resource().secret_id(arn).set_tag_keys(Some(removed));
        aws.send("secretsmanager:UntagResource", || request.clone().send()).await?;
    }
    Ok(())
}

fn wanted_replica(r: &Replica) -> ReplicaRegionType {
    let key = r.kms_key_id.clone().filter(|k| !k.is_empty());
    ReplicaRegionType::builder().set_region(r.region.clone()).set_kms_key_id(key).build()
}

fn seen_replica(r: ReplicationStatusType) -> Replica {
    Replica {
        kms_key_id: Some(r.kms_key_id.unwrap_or_default()),
        // It changes with every reading of the secret, which is no change of ours.
        last_accessed_date: Some(String::new()),
        region: r.region,
        status: r.status.map(|s| s.as_str().to_owned()),
        status_message: Some(r.status_message.unwrap_or_default()),
    }
}

impl Secret {
    /// With the name that it has or is to have.
    fn named(mut self, op: OpToken) -> Self {
        self.name = Some(generated_name::name(self.name.as_deref(), self.name_prefix.as_deref(), op));
        self
    }

    fn request(&self, token: &str, tags: Tags) -> CreateSecretInputBuilder {
        let replicas: Vec<_> = self.replica.iter().map(wanted_replica).collect();
        let overwrite = (!replicas.is_empty()).then_some(self.force_overwrite_replica_secret).flatten();
        CreateSecretInputBuilder::default()
            .client_request_token(token)
            .set_name(self.name.clone())
            .set_description(self.description.clone().filter(|d| !d.is_empty()))
            .set_kms_key_id(self.kms_key_id.clone().filter(|k| !k.is_empty()))
            .set_force_overwrite_replica_secret(overwrite)
            .set_add_replica_regions((!replicas.is_empty()).then_some(replicas))
            .set_tags((!tags.is_empty()).then(|| to_tags(tags)))
    }

    /// The secret of this name, if the operation made it.
    async fn own(&self, aws: &Aws, op: OpToken) -> Result<Option<DescribeSecretOutput>> {
        let name = self.name.as_deref().unwrap_or_default();
        let found = describe(&aws.secretsmanager(self.region.as_deref()), aws, name).await?;
        Ok(found.filter(|d| tags::made_by(op, d.tags().iter().filter_map(|t| Some((t.key()?, t.value()?))))))
    }

    /// The policy as it is, asked for only where one is known: most secrets have none.
    async fn policy_now(&self, aws: &Aws, arn: &str) -> Result<Option<String>> {
        if self.policy.as_deref().is_none_or(str::is_empty) {
            return Ok(None);
        }
        policy_of(self, aws, arn).await
    }

    async fn put_policy(&self, aws: &Aws, arn: &str) -> Result<()> {
        let Some(policy) = self.policy.as_ref().filter(|p| !p.is_empty()) else { return Ok(()) };
        let client = aws.secretsmanager(self.region.as_deref());
        let request = client.put_resource_policy().secret_id(arn).resource_policy(policy);
        aws.send("secretsmanager:PutResourcePolicy", || request.clone().send()).await.map(drop)
    }

    /// Adds and removes copies, and what they are then.
    async fn update_replicas(&self, ctx: &Ctx<Aws>, client: &Client, prior: &Self, arn: &str) -> Result<Vec<Replica>> {
        let aws = &*ctx.client;
        let place = |r: &Replica| (r.region.clone(), r.kms_key_id.clone().unwrap_or_default());
        let differs = |r: &Replica, others: &[Replica]| others.iter().all(|o| place(o) != place(r));
        let removed: Vec<String> = prior.replica.iter().filter(|r| differs(r, &self.replica)).filter_map(|r| r.region.clone()).collect();
        let added: Vec<_> = self.replica.iter().filter(|r| differs(r, &prior.replica)).map(wanted_replica).collect();
        if removed.is_empty() && added.is_empty() {
            return Ok(prior.replica.clone());
        }
        if !removed.is_empty() {
            let request = client.remove_regions_from_replication().secret_id(arn).set_remove_replica_regions(Some(removed));
            aws.send("secretsmanager:RemoveRegionsFromReplication", || request.clone().send()).await?;
        }
        if !added.is_empty() {
            let request = client.replicate_secret_to_regions().secret_id(arn).set_add_replica_regions(Some(added));
            let request = request.force_overwrite_replica_secret(self.force_overwrite_replica_secret.unwrap_or(false));
            aws.send("secretsmanager:ReplicateSecretToRegions", || request.clone().send()).await?;
        }
        Ok(wait_for_replicas(ctx, client, arn).await?.into_iter().map(seen_replica).collect())
    }

    /// The secret after its creation: what was asked for, and what Secrets Manager added.
    fn made(self, aws: &Aws, arn: String, replicas: Vec<ReplicationStatusType>) -> Self {
        Self {
            id: Some(arn.clone()),
            arn: Some(arn),
            name_prefix: Some(generated_name::prefix_of(self.name.as_deref().unwrap_or_default())),
            policy: Some(self.policy.clone().unwrap_or_default()),
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            replica: replicas.into_iter().map(seen_replica).collect(),
            tags_all: Some(aws.all_tags(self.tags.as_ref())),
            ..self
        }
    }

    /// The secret as Secrets Manager shows it, with what only the configuration or the state knows.
    fn complete(&self, aws: &Aws, seen: Seen, policy: Option<String>) -> Self {
        let tags = aws.tags_seen(seen.tags, self.tags.as_ref());
        let kept = |known: &Option<String>| known.clone().filter(String::is_empty);
        let policy = policy.unwrap_or_default();
        let same = self.policy.as_ref().filter(|known| policies_equal(known, &policy)).cloned();
        Self {
            id: Some(seen.arn.clone()),
            description: seen.description.filter(|d| !d.is_empty()).or_else(|| kept(&self.description)),
            force_overwrite_replica_secret: self.force_overwrite_replica_secret,
            kms_key_id: seen.kms_key_id.filter(|k| !k.is_empty()).or_else(|| kept(&self.kms_key_id)),
            name_prefix: Some(generated_name::prefix_of(&seen.name)),
            name: Some(seen.name),
            policy: Some(same.unwrap_or(policy)),
            recovery_window_in_days: self.recovery_window_in_days,
            region: Some(aws.region_of(self.region.as_deref().or(region_in(&seen.arn).as_deref())).to_owned()),
            arn: Some(seen.arn),
            replica: seen.replicas.into_iter().map(seen_replica).collect(),
            tags: tags.tags,
            tags_all: tags.tags_all,
            r#type: self.r#type.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
