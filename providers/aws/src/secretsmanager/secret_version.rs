//! `aws_secretsmanager_secret_version`.

use super::if_found;
use crate::client::Aws;
use crate::region;
use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueInputBuilder;
use aws_smithy_types::{Blob, base64};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Change, Diagnostic, Diagnostics, Reversibility, Value};
use levee_sdk::resource::Resource;
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// A value of a secret.
#[derive(Clone, Default, Shape)]
pub struct SecretVersion {
    /// The secret's ARN.
    #[attr(computed, deprecated = "Use secret_arn instead")]
    pub arn: Option<String>,
    /// Whether the value came from `secret_string_wo`.
    #[attr(computed)]
    pub has_secret_string_wo: Option<bool>,
    /// `secret_id|version_id`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The secret's ARN.
    #[attr(computed)]
    pub secret_arn: Option<String>,
    /// The value, base64.
    #[attr(optional, force_new, sensitive)]
    pub secret_binary: Option<String>,
    /// The secret: name or ARN.
    #[attr(required, force_new)]
    pub secret_id: Option<String>,
    /// The value as text.
    #[attr(optional, force_new, sensitive)]
    pub secret_string: Option<String>,
    /// The value as text; sent, never stored.
    #[attr(optional, sensitive, write_only)]
    pub secret_string_wo: Option<String>,
    /// Raise it to send `secret_string_wo` again.
    #[attr(optional, force_new)]
    pub secret_string_wo_version: Option<i64>,
    /// Id of the version.
    #[attr(computed)]
    pub version_id: Option<String>,
    /// Labels of the version; `AWSCURRENT` unless set.
    #[attr(optional, computed)]
    pub version_stages: Option<BTreeSet<String>>,
}

/// Label of the version that is read unless another one is asked for.
const CURRENT: &str = "AWSCURRENT";
/// Label that Secrets Manager itself gives to the version before.
const PREVIOUS: &str = "AWSPREVIOUS";

impl Resource for SecretVersion {
    type Client = Aws;
    const TYPE: &'static str = "aws_secretsmanager_secret_version";

    fn identity() -> Identity {
        Identity::ClientToken
    }

    fn reversibility(_: &Change) -> Reversibility {
        // The state knows the value, so it can be put again.
        Reversibility::Reversible
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let values = ["secret_string", "secret_binary", "secret_string_wo"];
        let set = values.iter().filter(|name| config.get(name).is_some_and(|v| !v.is_null())).count();
        let mut found = Diagnostics::new();
        if set > 1 {
            let detail = format!("Only one of {} can be set.", values.join(", "));
            found.push(Diagnostic::error("More than one secret value", detail));
        }
        found
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let (secret, version) = parts(id)?;
        let unknown = Self::default();
        let known = prior.unwrap_or(&unknown);
        if let Some(entry) = aws.secrets(known.region.as_deref()).value(secret).await
            && entry.version_id() == Some(version)
        {
            let binary = entry.secret_binary.clone().map(|b| base64::encode(b.into_inner()));
            let seen = Seen { arn: entry.arn(), text: entry.secret_string.clone(), binary, stages: entry.version_stages() };
            let seen = known.complete(aws, secret, version, seen);
            if prior.is_none_or(|prior| prior.to_value() == seen.to_value()) {
                return Ok(Some(seen));
            }
        }
        let request = aws.secretsmanager(known.region.as_deref()).get_secret_value().secret_id(secret).version_id(version);
        let answer = match aws.send("secretsmanager:GetSecretValue", || request.clone().send()).await {
            Err(error) if is_gone(&error) => return Ok(None),
            answer => answer?,
        };
        let binary = answer.secret_binary.clone().map(|b| base64::encode(b.into_inner()));
        let seen = Seen { arn: answer.arn(), text: answer.secret_string.clone(), binary, stages: answer.version_stages() };
        Ok(Some(known.complete(aws, secret, version, seen)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let client = aws.secretsmanager(planned.region.as_deref());
        let request = planned.request(&op.to_string())?;
        let answer = aws.send("secretsmanager:PutSecretValue", || request.clone().send_with(&client)).await?;
        let version = answer.version_id.unwrap_or_else(|| op.to_string());
        let secret = planned.secret_id.clone().unwrap_or_default();
        ctx.checkpoint(format!("{secret}|{version}")).await?;
        let stages = answer.version_stages.unwrap_or_default();
        Ok(planned.made(aws, &secret, version, answer.arn, stages))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        let aws = &*ctx.client;
        let version = prior.version_id.clone().unwrap_or_default();
        let now = prior.version_stages.clone().unwrap_or_default();
        let Some(wanted) = planned.version_stages.clone().filter(|w| *w != now) else { return Ok(prior) };
        let holders = holders(aws, &prior).await?;
        for stage in wanted.difference(&now) {
            let from = holders.get(stage).filter(|holder| **holder != version);
            move_stage(aws, &prior, stage, Some(&version), from.map(String::as_str)).await?;
        }
        // AWSCURRENT is only ever moved to another version.
        for stage in now.difference(&wanted).filter(|s| *s != CURRENT) {
            move_stage(aws, &prior, stage, None, Some(&version)).await?;
        }
        Ok(Self { version_stages: Some(wanted), ..prior })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _: OpToken) -> Result<()> {
        // A version without labels is deprecated, which is as gone as it gets. The current one stays with its secret.
        let version = prior.version_id.as_deref();
        let own = prior.version_stages.iter().flatten().filter(|s| *s != CURRENT && *s != PREVIOUS);
        for stage in own {
            match move_stage(&ctx.client, &prior, stage, None, version).await {
                Err(error) if is_gone(&error) => return Ok(()),
                // Somebody has given the label to another version already.
                Err(error) if error.code.as_deref() == Some("InvalidParameterException") => {}
                moved => moved?,
            }
        }
        Ok(())
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &*ctx.client;
        let Some(found) = describe(aws, planned).await? else { return Ok(None) };
        let version = op.to_string();
        let stages = found.version_ids_to_stages.and_then(|mut versions| versions.remove(&version));
        let secret = planned.secret_id.clone().unwrap_or_default();
        Ok(stages.map(|stages| planned.clone().made(aws, &secret, version, found.arn, stages)))
    }
}

/// A version as Secrets Manager shows it.
struct Seen<'a> {
    arn: Option<&'a str>,
    text: Option<String>,
    /// In base64.
    binary: Option<String>,
    stages: &'a [String],
}

/// Secret and version of an id `secret|version`.
fn parts(id: &str) -> Result<(&str, &str)> {
    let parts = id.split_once('|').filter(|(secret, version)| !secret.is_empty() && !version.is_empty());
    parts.ok_or_else(|| ProviderError::invalid(format!("{id:?} is not of the form secret_id|version_id")))
}

/// Whether there is no such version, or the secret waits for its deletion.
fn is_gone(error: &ProviderError) -> bool {
    let refused = error.code.as_deref() == Some("InvalidRequestException");
    error.is_not_found() || refused && (error.message.contains("scheduled for deletion") || error.message.contains("marked for deletion"))
}

type Description = aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

async fn describe(aws: &Aws, of: &SecretVersion) -> Result<Option<Description>> {
    let request = aws.secretsmanager(of.region.as_deref()).describe_secret().set_secret_id(of.secret_id.clone());
    if_found(aws.send("secretsmanager:DescribeSecret", || request.clone().send()).await)
}

/// Which version holds each label.
async fn holders(aws: &Aws, of: &SecretVersion) -> Result<BTreeMap<String, String>> {
    let versions = describe(aws, of).await?.and_then(|d| d.version_ids_to_stages).unwrap_or_default();
    Ok(versions.into_iter().flat_map(|(version, stages)| stages.into_iter().map(move |s| (s, version.clone()))).collect())
}

async fn move_stage(aws: &Aws, of: &SecretVersion, stage: &str, to: Option<&str>, from: Option<&str>) -> Result<()> {
    let request = aws.secretsmanager(of.region.as_deref()).update_secret_version_stage();
    let request = request
        .set_secret_id(of.secret_id.clone())
        .version_stage(stage)
        .set_move_to_version_id(to.map(str::to_owned))
        .set_remove_from_version_id(from.map(str::to_owned));
    aws.send("secretsmanager:UpdateSecretVersionStage", || request.clone().send()).await.map(drop)
}

impl SecretVersion {
    /// The request that puts the value. The token becomes the version's id.
    fn request(&self, token: &str) -> Result<PutSecretValueInputBuilder> {
        let text = self.secret_string_wo.clone().or_else(|| self.secret_string.clone());
        let binary = self.secret_binary.as_deref().filter(|b| !b.is_empty()).map(base64::decode).transpose();
        let binary = binary.map_err(|_| ProviderError::invalid("secret_binary is not base64"))?;
        if text.is_none() && binary.is_none() {
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                "a version needs a value: secret_string, secret_binary or secret_string_wo",
            ));
        }
        Ok(PutSecretValueInputBuilder::default()
            .client_request_token(token)
            .set_secret_id(self.secret_id.clone())
            .set_secret_string(text.filter(|_| binary.is_none()))
            .set_secret_binary(binary.map(Blob::new))
            .set_version_stages(self.version_stages.as_ref().filter(|s| !s.is_empty()).map(|s| s.iter().cloned().collect())))
    }

    /// The version after its creation: what was asked for, and what Secrets Manager added.
    fn made(self, aws: &Aws, secret: &str, version: String, arn: Option<String>, stages: Vec<String>) -> Self {
        let write_only = self.secret_string_wo.is_some() || self.secret_string_wo_version.is_some();
        Self {
            arn: arn.clone(),
            has_secret_string_wo: Some(write_only),
            id: Some(format!("{secret}|{version}")),
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            secret_arn: arn,
            secret_string_wo: None,
            version_id: Some(version),
            version_stages: Some(stages.into_iter().collect()),
            ..self
        }
    }

    /// The version as Secrets Manager shows it. A value that was write-only is not taken in.
    fn complete(&self, aws: &Aws, secret: &str, version: &str, seen: Seen<'_>) -> Self {
        let write_only = self.has_secret_string_wo.unwrap_or(false);
        let kept = |known: &Option<String>| known.clone().filter(String::is_empty);
        let arn = seen.arn.map(str::to_owned);
        Self {
            arn: arn.clone(),
            has_secret_string_wo: Some(write_only),
            id: Some(format!("{secret}|{version}")),
            region: Some(aws.region_of(self.region.as_deref()).to_owned()),
            secret_arn: arn,
            secret_binary: seen.binary.or_else(|| kept(&self.secret_binary)),
            secret_id: Some(secret.to_owned()),
            secret_string: seen.text.filter(|_| !write_only).or_else(|| kept(&self.secret_string)),
            secret_string_wo: None,
            secret_string_wo_version: self.secret_string_wo_version,
            version_id: Some(version.to_owned()),
            version_stages: Some(seen.stages.iter().cloned().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: Option<&str>, binary: Option<&str>) -> SecretVersion {
        let own = |t: Option<&str>| t.map(str::to_owned);
        SecretVersion { secret_id: Some("db".into()), secret_string: own(text), secret_binary: own(binary), ..Default::default() }
    }

    #[test]
    fn a_value_is_text_or_bytes_and_the_token_its_version() {
        let sent = version(Some("{}"), None).request("token").unwrap().build().unwrap();
        assert_eq!((sent.secret_string(), sent.client_request_token()), (Some("{}"), Some("token")));
        let sent = version(None, Some("aGk=")).request("token").unwrap().build().unwrap();
        assert_eq!(sent.secret_binary().unwrap().as_ref(), b"hi");
        assert!(version(None, None).request("token").is_err());
        assert!(version(None, Some("no base64!")).request("token").is_err());
    }

    #[test]
    fn a_write_only_value_is_sent_and_never_kept() {
        let hidden = SecretVersion { secret_string_wo: Some("pw".into()), ..version(None, None) };
        assert_eq!(hidden.request("token").unwrap().build().unwrap().secret_string(), Some("pw"));
        assert!(!format!("{hidden:?}").contains("pw"));
        let stored = hidden.to_value().get("secret_string_wo").unwrap();
        assert!(stored.is_null());
    }

    #[test]
    fn an_id_names_secret_and_version() {
        assert_eq!(parts("arn:aws:x|v1").unwrap(), ("arn:aws:x", "v1"));
        assert!(parts("arn:aws:x").is_err() && parts("|v1").is_err());
    }

    #[test]
    fn a_secret_that_waits_for_deletion_holds_no_versions() {
        let mut error = ProviderError::invalid("it was marked for deletion.");
        error.code = Some("InvalidRequestException".into());
        assert!(is_gone(&error));
        error.message = "something else".into();
        assert!(!is_gone(&error));
    }
}
