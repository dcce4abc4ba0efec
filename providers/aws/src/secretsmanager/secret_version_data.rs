//! `data.aws_secretsmanager_secret_version`.

use crate::client::Aws;
use crate::timestamp::rfc3339;
use aws_smithy_types::base64;
use levee_sdk::error::Result;
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};
use std::collections::BTreeSet;

/// A value of a secret that exists already.
#[derive(Clone, Default, Shape)]
pub struct SecretVersionData {
    /// The secret's ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// When the version was made, in RFC 3339.
    #[attr(computed)]
    pub created_date: Option<String>,
    /// `secret_id|version`.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The secret's ARN.
    #[attr(computed)]
    pub secret_arn: Option<String>,
    /// The value, base64.
    #[attr(computed, sensitive)]
    pub secret_binary: Option<String>,
    /// The secret: name or ARN.
    #[attr(required)]
    pub secret_id: Option<String>,
    /// The value as text.
    #[attr(computed, sensitive)]
    pub secret_string: Option<String>,
    /// Id of the version.
    #[attr(optional, computed)]
    pub version_id: Option<String>,
    /// Label of the version.
    #[attr(optional, default = "AWSCURRENT")]
    pub version_stage: Option<String>,
    /// Labels of the version.
    #[attr(computed)]
    pub version_stages: Option<BTreeSet<String>>,
}

/// Label of the version that is read unless another one is asked for.
const CURRENT: &str = "AWSCURRENT";

impl DataSource for SecretVersionData {
    type Client = Aws;
    const TYPE: &'static str = "aws_secretsmanager_secret_version";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &*ctx.client;
        let secret = config.secret_id.clone().unwrap_or_default();
        let stage = config.version_stage.clone().unwrap_or_else(|| CURRENT.into());
        let version = config.version_id.clone().filter(|v| !v.is_empty());
        let shown = version.clone().unwrap_or_else(|| stage.clone());
        let found = Self {
            id: Some(format!("{secret}|{shown}")),
            region: Some(aws.region_of(config.region.as_deref()).to_owned()),
            version_stage: Some(stage.clone()),
            ..config
        };
        if version.is_none()
            && stage == CURRENT
            && let Some(e) = aws.secrets(found.region.as_deref()).value(&secret).await
        {
            let created_date = e.created_date.as_ref().map(rfc3339);
            let binary = e.secret_binary.clone().map(|b| base64::encode(b.into_inner()));
            let found = Self { created_date, secret_binary: Some(binary.unwrap_or_default()), ..found };
            return Ok(found.filled(e.arn.clone(), e.secret_string.clone(), e.version_id.clone(), e.version_stages()));
        }
        let request = aws.secretsmanager(found.region.as_deref()).get_secret_value().secret_id(&secret);
        let by_stage = version.is_none().then_some(stage);
        let request = request.set_version_id(version).set_version_stage(by_stage);
        let a = aws.send("secretsmanager:GetSecretValue", || request.clone().send()).await?;
        let created_date = a.created_date.as_ref().map(rfc3339);
        let binary = a.secret_binary.clone().map(|b| base64::encode(b.into_inner()));
        let found = Self { created_date, secret_binary: Some(binary.unwrap_or_default()), ..found };
        Ok(found.filled(a.arn.clone(), a.secret_string.clone(), a.version_id.clone(), a.version_stages()))
    }
}

impl SecretVersionData {
    fn filled(self, arn: Option<String>, text: Option<String>, version: Option<String>, stages: &[String]) -> Self {
        Self {
            arn: arn.clone(),
            secret_arn: arn,
            secret_string: Some(text.unwrap_or_default()),
            version_id: version,
            version_stages: Some(stages.iter().cloned().collect::<BTreeSet<_>>()),
            ..self
        }
    }
}
