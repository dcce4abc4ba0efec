//! `data.aws_vpc`

use super::describe::{self, filter, tag_map};
use super::lookup::{self, FilterBlock};
use super::{arn, set, timeouts, vpc_attributes, vpc_parts};
use crate::client::Aws;
use aws_sdk_ec2::types::{self, Filter};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, DataSource, Shape};
use std::collections::BTreeMap;

/// The one VPC that matches.
#[derive(Clone, Default, Shape)]
pub struct VpcLookup {
    /// ARN of the VPC.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Its first IPv4 block.
    #[attr(optional, computed)]
    pub cidr_block: Option<String>,
    /// All its IPv4 blocks.
    #[attr(computed)]
    pub cidr_block_associations: Option<Vec<CidrBlockAssociation>>,
    /// Whether it is the region's default VPC.
    #[attr(optional, computed)]
    pub default: Option<bool>,
    /// DHCP options in use.
    #[attr(optional, computed)]
    pub dhcp_options_id: Option<String>,
    /// Whether instances get DNS names.
    #[attr(computed)]
    pub enable_dns_hostnames: Option<bool>,
    /// Whether there is a DNS resolver.
    #[attr(computed)]
    pub enable_dns_support: Option<bool>,
    /// Whether the use of addresses is counted.
    #[attr(computed)]
    pub enable_network_address_usage_metrics: Option<bool>,
    /// Id of the VPC.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// `default` or `dedicated`.
    #[attr(computed)]
    pub instance_tenancy: Option<String>,
    /// Association of its first IPv6 block.
    #[attr(computed)]
    pub ipv6_association_id: Option<String>,
    /// Its first IPv6 block.
    #[attr(computed)]
    pub ipv6_cidr_block: Option<String>,
    /// All its IPv6 blocks.
    #[attr(computed, set)]
    pub ipv6_cidr_block_associations: Option<Vec<Ipv6CidrBlockAssociation>>,
    /// Route table of subnets that have no other.
    #[attr(computed)]
    pub main_route_table_id: Option<String>,
    /// Account that owns the VPC.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// `available` or `pending`.
    #[attr(optional, computed)]
    pub state: Option<String>,
    /// Tags that the VPC must have; then all its tags.
    #[attr(optional, computed)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Filters of the Describe call.
    #[block(set)]
    pub filter: Vec<FilterBlock>,
    /// Longest duration.
    #[block(single)]
    pub timeouts: Option<timeouts::Read>,
}

/// An IPv4 block of the VPC.
#[derive(Clone, Default, Shape)]
pub struct CidrBlockAssociation {
    /// Id of the association.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// The block.
    #[attr(computed)]
    pub cidr_block: Option<String>,
    /// How far it is.
    #[attr(computed)]
    pub state: Option<String>,
}

/// An IPv6 block of the VPC.
#[derive(Clone, Default, Shape)]
pub struct Ipv6CidrBlockAssociation {
    /// Id of the association.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// Whose block it is.
    #[attr(computed)]
    pub ip_source: Option<String>,
    /// `public` or `private`.
    #[attr(computed)]
    pub ipv6_address_attribute: Option<String>,
    /// The block.
    #[attr(computed)]
    pub ipv6_cidr_block: Option<String>,
    /// Pool that it was taken from.
    #[attr(computed)]
    pub ipv6_pool: Option<String>,
    /// Where it is announced.
    #[attr(computed)]
    pub network_border_group: Option<String>,
    /// How far it is.
    #[attr(computed)]
    pub state: Option<String>,
}

impl VpcLookup {
    /// All that the VPC must match.
    fn filters(&self) -> Vec<Filter> {
        let mut filters = lookup::filters(&self.filter, self.tags.as_ref());
        let simple = [("vpc-id", &self.id), ("cidr", &self.cidr_block), ("dhcp-options-id", &self.dhcp_options_id), ("state", &self.state)];
        filters.extend(simple.into_iter().filter_map(|(name, value)| Some(filter(name, [set(value)?]))));
        // `false` is what an argument that is not set says.
        filters.extend(self.default.filter(|is| *is).map(|_| filter("is-default", ["true"])));
        filters
    }
}

fn ipv4(block: &types::VpcCidrBlockAssociation) -> CidrBlockAssociation {
    CidrBlockAssociation {
        association_id: block.association_id.clone(),
        cidr_block: block.cidr_block.clone(),
        state: block.cidr_block_state.as_ref().and_then(|s| s.state.as_ref()).map(|s| s.as_str().to_owned()),
    }
}

fn ipv6(block: &types::VpcIpv6CidrBlockAssociation) -> Ipv6CidrBlockAssociation {
    Ipv6CidrBlockAssociation {
        association_id: block.association_id.clone(),
        ip_source: block.ip_source.as_ref().map(|s| s.as_str().to_owned()),
        ipv6_address_attribute: block.ipv6_address_attribute.as_ref().map(|a| a.as_str().to_owned()),
        ipv6_cidr_block: block.ipv6_cidr_block.clone(),
        ipv6_pool: block.ipv6_pool.clone(),
        network_border_group: block.network_border_group.clone(),
        state: block.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.as_ref()).map(|s| s.as_str().to_owned()),
    }
}

/// The only one found.
fn the_one(mut found: Vec<types::Vpc>) -> Result<types::Vpc> {
    match (found.pop(), found.len()) {
        (Some(vpc), 0) => Ok(vpc),
        (None, _) => Err(ProviderError::new(ErrorKind::NotFound, "no VPC matches").hint("check the filters, the tags and the region")),
        (Some(_), more) => {
            Err(ProviderError::invalid(format!("{} VPCs match", more + 1)).hint("narrow the filters down to one, or give its id"))
        }
    }
}

impl DataSource for VpcLookup {
    type Client = Aws;
    const TYPE: &'static str = "aws_vpc";

    async fn read(ctx: &Ctx<Aws>, config: Self) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(config.region.as_deref()).to_owned();
        let vpc = the_one(describe::select(aws, &region, config.filters()).await?)?;
        let id = vpc.vpc_id.clone().unwrap_or_default();
        let (attributes, main_route_table_id) =
            futures::try_join!(vpc_attributes::read(aws, &region, &id), vpc_parts::main_route_table(aws, &region, &id))?;
        let owner = vpc.owner_id.clone().unwrap_or_default();
        let (blocks, blocks6) = (vpc.cidr_block_association_set(), vpc.ipv6_cidr_block_association_set());
        let tags = aws.tags_seen(tag_map(vpc.tags()), None).tags_all;
        Ok(Self {
            arn: Some(arn(&region, &owner, "vpc", &id)),
            cidr_block: vpc.cidr_block.clone(),
            cidr_block_associations: Some(blocks.iter().map(ipv4).collect()),
            default: vpc.is_default,
            dhcp_options_id: vpc.dhcp_options_id.clone(),
            enable_dns_hostnames: Some(attributes.dns_hostnames),
            enable_dns_support: Some(attributes.dns_support),
            enable_network_address_usage_metrics: Some(attributes.usage_metrics),
            id: Some(id),
            instance_tenancy: vpc.instance_tenancy.as_ref().map(|t| t.as_str().to_owned()),
            ipv6_association_id: blocks6.first().and_then(|b| b.association_id.clone()),
            ipv6_cidr_block: blocks6.first().and_then(|b| b.ipv6_cidr_block.clone()),
            ipv6_cidr_block_associations: Some(blocks6.iter().map(ipv6).collect()),
            main_route_table_id,
            owner_id: Some(owner),
            region: Some(region),
            state: vpc.state.as_ref().map(|s| s.as_str().to_owned()),
            tags,
            filter: config.filter,
            timeouts: config.timeouts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_only_one() {
        let vpc = || types::Vpc::builder().build();
        assert_eq!(the_one(vec![]).expect_err("none").kind, ErrorKind::NotFound);
        assert!(the_one(vec![vpc()]).is_ok());
        assert!(the_one(vec![vpc(), vpc()]).is_err());
    }
}
