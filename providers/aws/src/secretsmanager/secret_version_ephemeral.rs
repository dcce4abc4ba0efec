//! `ephemeral.aws_secretsmanager_secret_version`: a secret's value that is never stored.

use super::secret_version_data::SecretVersionData;
use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::resource::{DataSource, EphemeralResource};
use levee_sdk::{Ctx, Shape};

/// A value of a secret, for the length of one run.
#[derive(Clone, Default, Shape)]
pub struct SecretVersionEphemeral {
    /// The secret's ARN.
    #[attr(computed)]
    pub arn: Option<String>,
    /// When the version was made, in RFC 3339.
    #[attr(computed)]
    pub created_date: Option<String>,
    /// Region it lives in; the provider's unless set.
    #[attr(optional, computed)]
    pub region: Option<String>,
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
    #[attr(optional, computed)]
    pub version_stage: Option<String>,
    /// Labels of the version.
    #[attr(computed)]
    pub version_stages: Option<Vec<String>>,
}

impl EphemeralResource for SecretVersionEphemeral {
    type Client = Aws;
    const TYPE: &'static str = "aws_secretsmanager_secret_version";

    async fn open(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let wanted = SecretVersionData {
            region: config.region,
            secret_id: config.secret_id,
            version_id: config.version_id,
            version_stage: config.version_stage,
            ..SecretVersionData::default()
        };
        let found = SecretVersionData::read(ctx, wanted).await?;
        Ok(Self {
            arn: found.arn,
            created_date: found.created_date,
            region: found.region,
            secret_binary: found.secret_binary,
            secret_id: found.secret_id,
            secret_string: found.secret_string,
            version_id: found.version_id,
            version_stage: found.version_stage,
            version_stages: found.version_stages.map(|labels| labels.into_iter().collect()),
        })
    }
}
