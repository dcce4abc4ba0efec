//! `data.aws_subnets`

use super::lookup::{self, FilterBlock};
use super::{describe, timeouts};
use crate::client::Aws;
use aws_sdk_ec2::types;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, Shape};
use std::collections::BTreeMap;

/// The ids of all subnets that match.
#[derive(Clone, Default, Shape)]
pub struct Subnets {
    /// The region.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Ids of the subnets, sorted.
    #[attr(computed)]
    pub ids: Option<Vec<String>>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags that the subnets must have.
    #[attr(optional, computed)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Filters of the Describe call.
    #[block(set)]
    pub filter: Vec<FilterBlock>,
    /// Longest duration.
    #[block(single)]
    pub timeouts: Option<timeouts::Read>,
}

impl DataSource for Subnets {
    type Client = Aws;
    const TYPE: &'static str = "aws_subnets";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(config.region.as_deref()).to_owned();
        let filters = lookup::filters(&config.filter, config.tags.as_ref());
        let found: Vec<types::Subnet> = describe::select(aws, &region, filters).await?;
        let mut ids: Vec<String> = found.into_iter().filter_map(|s| s.subnet_id).collect();
        ids.sort();
        Ok(Self { id: Some(region.clone()), ids: Some(ids), region: Some(region), ..config })
    }
}
