//! `data.aws_partition`. Makes no call.

use crate::client::Aws;
use levee_sdk::error::Result;
use levee_sdk::resource::DataSource;
use levee_sdk::{Ctx, Shape};

/// The partition of the provider's region.
#[derive(Clone, Default, Shape)]
pub struct PartitionData {
    /// Domain of its services.
    #[attr(computed)]
    pub dns_suffix: Option<String>,
    /// The partition.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// The partition, as in ARNs.
    #[attr(computed)]
    pub partition: Option<String>,
    /// Prefix of service names in reverse notation.
    #[attr(computed)]
    pub reverse_dns_prefix: Option<String>,
}

impl DataSource for PartitionData {
    type Client = Aws;
    const TYPE: &'static str = "aws_partition";

    async fn read(ctx: &Ctx<Aws>, _: Self) -> Result<Self> {
        let facts = ctx.client.partition_facts();
        Ok(Self {
            dns_suffix: Some(facts.dns_suffix.to_owned()),
            id: Some(facts.id.to_owned()),
            partition: Some(facts.id.to_owned()),
            reverse_dns_prefix: Some(facts.reverse_dns_prefix.to_owned()),
        })
    }
}
