//! `data.aws_caller_identity`.

use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};

/// Who the credentials belong to.
#[derive(Clone, Default, Shape)]
pub struct CallerIdentity {
    /// The account.
    #[attr(computed)]
    pub account_id: Option<String>,
    /// ARN of the user or session.
    #[attr(computed)]
    pub arn: Option<String>,
    /// The account.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Unique id of the user or session.
    #[attr(computed)]
    pub user_id: Option<String>,
}

impl DataSource for CallerIdentity {
    type Client = Aws;
    const TYPE: &'static str = "aws_caller_identity";

    async fn read(ctx: &Ctx<Aws>, _: Self) -> Result<Self> {
        let caller = ctx.client.caller().await?;
        Ok(Self {
            account_id: Some(caller.account_id.clone()),
            arn: Some(caller.arn.clone()),
            id: Some(caller.account_id.clone()),
            user_id: Some(caller.user_id.clone()),
        })
    }
}
