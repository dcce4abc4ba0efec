//! `aws_vpc`

use super::describe::{load, made_by, tag_map};
use super::vpc_attributes::{self, Attributes};
use super::vpc_parts::{self, Parts};
use super::{arn, gone_is_done, int, set, tagging};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{region, retry};
use aws_sdk_ec2::operation::associate_vpc_cidr_block::AssociateVpcCidrBlockInput;
use aws_sdk_ec2::operation::associate_vpc_cidr_block::builders::AssociateVpcCidrBlockInputBuilder;
use aws_sdk_ec2::operation::create_vpc::CreateVpcInput;
use aws_sdk_ec2::operation::create_vpc::builders::CreateVpcInputBuilder;
use aws_sdk_ec2::types::{self, ResourceType, Tenancy, VpcCidrBlockStateCode};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;
use std::time::Duration;

/// Name of the pool that Amazon's own IPv6 blocks come from.
const AMAZON_POOL: &str = "Amazon";
/// Name that AWS shows instead of the IPAM pool an IPv6 block came from.
const IPAM_POOL: &str = "IPAM Managed";

/// A virtual network.
#[derive(Clone, Default, Shape)]
pub struct Vpc {
    /// ARN of the VPC.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Asks Amazon for an IPv6 block of size /56.
    #[attr(optional)]
    pub assign_generated_ipv6_cidr_block: Option<bool>,
    /// IPv4 block, between /16 and /28.
    #[attr(optional, computed, force_new)]
    pub cidr_block: Option<String>,
    /// Network ACL of subnets that have no other.
    #[attr(computed)]
    pub default_network_acl_id: Option<String>,
    /// Route table that came with the VPC.
    #[attr(computed)]
    pub default_route_table_id: Option<String>,
    /// Security group of what names no other.
    #[attr(computed)]
    pub default_security_group_id: Option<String>,
    /// DHCP options in use.
    #[attr(computed)]
    pub dhcp_options_id: Option<String>,
    /// Gives instances DNS names.
    #[attr(optional, computed)]
    pub enable_dns_hostnames: Option<bool>,
    /// Offers a DNS resolver in the VPC.
    #[attr(optional, default = true)]
    pub enable_dns_support: Option<bool>,
    /// Counts the use of addresses.
    #[attr(optional, computed)]
    pub enable_network_address_usage_metrics: Option<bool>,
    /// Id of the VPC.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// `default`, or `dedicated` hardware for all instances.
    #[attr(optional, default = "default")]
    pub instance_tenancy: Option<String>,
    /// IPAM pool that the IPv4 block is taken from.
    #[attr(optional, force_new)]
    pub ipv4_ipam_pool_id: Option<String>,
    /// Prefix length of the block to take from the IPv4 pool.
    #[attr(optional, force_new)]
    pub ipv4_netmask_length: Option<i64>,
    /// Association of the IPv6 block.
    #[attr(computed)]
    pub ipv6_association_id: Option<String>,
    /// IPv6 block, from an IPAM pool.
    #[attr(optional, computed)]
    pub ipv6_cidr_block: Option<String>,
    /// Where Amazon's IPv6 block is announced.
    #[attr(optional, computed)]
    pub ipv6_cidr_block_network_border_group: Option<String>,
    /// IPAM pool that the IPv6 block is taken from.
    #[attr(optional)]
    pub ipv6_ipam_pool_id: Option<String>,
    /// Prefix length of the block to take from the IPv6 pool.
    #[attr(optional)]
    pub ipv6_netmask_length: Option<i64>,
    /// Route table of subnets that have no other.
    #[attr(computed)]
    pub main_route_table_id: Option<String>,
    /// Account that owns the VPC.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the VPC.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
}

impl Vpc {
    fn wanted_attributes(&self) -> Attributes {
        let default = Attributes::default();
        Attributes {
            dns_hostnames: self.enable_dns_hostnames.unwrap_or(default.dns_hostnames),
            dns_support: self.enable_dns_support.unwrap_or(default.dns_support),
            usage_metrics: self.enable_network_address_usage_metrics.unwrap_or(default.usage_metrics),
        }
    }

    /// The creating call, without tags.
    fn create_request(&self) -> Result<CreateVpcInputBuilder> {
        Ok(CreateVpcInput::builder()
            .set_cidr_block(set(&self.cidr_block).map(Into::into))
            .set_instance_tenancy(set(&self.instance_tenancy).map(Tenancy::from))
            .set_amazon_provided_ipv6_cidr_block(self.assign_generated_ipv6_cidr_block.filter(|wanted| *wanted))
            .set_ipv4_ipam_pool_id(self.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(int("ipv4_netmask_length", self.ipv4_netmask_length)?)
            .set_ipv6_cidr_block(set(&self.ipv6_cidr_block).map(Into::into))
            .set_ipv6_ipam_pool_id(self.ipv6_ipam_pool_id.clone())
            .set_ipv6_netmask_length(int("ipv6_netmask_length", self.ipv6_netmask_length)?)
            .set_ipv6_cidr_block_network_border_group(set(&self.ipv6_cidr_block_network_border_group).map(Into::into)))
    }

    /// The call that gives an existing VPC its IPv6 block; none where none is wanted.
    fn ipv6_request(&self, id: &str) -> Result<Option<AssociateVpcCidrBlockInputBuilder>> {
        let call = AssociateVpcCidrBlockInput::builder().vpc_id(id);
        if self.assign_generated_ipv6_cidr_block == Some(true) {
            let group = set(&self.ipv6_cidr_block_network_border_group).map(Into::into);
            return Ok(Some(call.amazon_provided_ipv6_cidr_block(true).set_ipv6_cidr_block_network_border_group(group)));
        }
        let Some(pool) = set(&self.ipv6_ipam_pool_id) else { return Ok(None) };
        let length = int("ipv6_netmask_length", self.ipv6_netmask_length)?;
        Ok(Some(call.ipv6_ipam_pool_id(pool).set_ipv6_cidr_block(self.ipv6_cidr_block.clone()).set_ipv6_netmask_length(length)))
    }

    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, vpc: &types::Vpc, parts: Parts, attributes: Attributes, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let id = vpc.vpc_id.clone().unwrap_or_default();
        let owner = vpc.owner_id.clone().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(vpc.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let mut seen = Self {
            arn: Some(arn(region, &owner, "vpc", &id)),
            cidr_block: vpc.cidr_block.clone(),
            default_network_acl_id: parts.network_acl,
            default_route_table_id: base.default_route_table_id.clone().or_else(|| parts.route_table.clone()),
            default_security_group_id: parts.security_group,
            dhcp_options_id: vpc.dhcp_options_id.clone(),
            enable_dns_hostnames: Some(attributes.dns_hostnames),
            enable_dns_support: Some(attributes.dns_support),
            enable_network_address_usage_metrics: Some(attributes.usage_metrics),
            id: Some(id),
            instance_tenancy: vpc.instance_tenancy.as_ref().map(|t| t.as_str().to_owned()).or(base.instance_tenancy.clone()),
            main_route_table_id: parts.route_table,
            owner_id: Some(owner),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            ..base
        };
        seen.see_ipv6(vpc);
        seen
    }

    fn see_ipv6(&mut self, vpc: &types::Vpc) {
        let Some(block) = ipv6_block(vpc) else {
            self.assign_generated_ipv6_cidr_block = self.assign_generated_ipv6_cidr_block.map(|_| false);
            (self.ipv6_association_id, self.ipv6_cidr_block, self.ipv6_cidr_block_network_border_group) = (None, None, None);
            return;
        };
        let pool = block.ipv6_pool.as_deref().unwrap_or(AMAZON_POOL);
        self.ipv6_association_id.clone_from(&block.association_id);
        self.ipv6_cidr_block.clone_from(&block.ipv6_cidr_block);
        self.ipv6_cidr_block_network_border_group.clone_from(&block.network_border_group);
        if pool == AMAZON_POOL {
            self.assign_generated_ipv6_cidr_block = Some(true);
        } else if pool != IPAM_POOL {
            self.ipv6_ipam_pool_id = Some(pool.to_owned());
        }
    }

    /// Changes the IPv6 block: the old one goes before a new one comes.
    async fn change_ipv6(ctx: &Ctx<Aws>, region: &str, id: &str, prior: &Self, planned: &Self) -> Result<()> {
        let asked = |v: &Self| (v.assign_generated_ipv6_cidr_block.unwrap_or(false), v.ipv6_ipam_pool_id.clone(), v.ipv6_netmask_length);
        let block_changes = planned.ipv6_cidr_block.is_some() && planned.ipv6_cidr_block != prior.ipv6_cidr_block;
        if asked(prior) == asked(planned) && !block_changes {
            return Ok(());
        }
        let (aws, client) = (&ctx.client, ctx.client.ec2(Some(region)));
        if let Some(association) = &prior.ipv6_association_id {
            let request = client.disassociate_vpc_cidr_block().association_id(association);
            gone_is_done(aws.send("ec2:DisassociateVpcCidrBlock", || request.clone().send()).await)?;
        }
        if let Some(request) = planned.ipv6_request(id)? {
            let call = || aws.send_once("ec2:AssociateVpcCidrBlock", || request.clone().send_with(&client));
            let there = || async { Ok(load::<types::Vpc>(aws, region, id).await?.filter(|v| ipv6_block(v).is_some()).map(|_| ())) };
            once(Proof::NaturalKey, || async { call().await.map(|_| ()) }, there).await?;
        }
        Ok(())
    }
}

/// The IPv6 block that is, or is on its way to be, in use.
fn ipv6_block(vpc: &types::Vpc) -> Option<&types::VpcIpv6CidrBlockAssociation> {
    let state = |b: &types::VpcIpv6CidrBlockAssociation| b.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.clone());
    let live = |b: &&types::VpcIpv6CidrBlockAssociation| {
        matches!(state(b), None | Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
    };
    vpc.ipv6_cidr_block_association_set.as_deref().unwrap_or_default().iter().find(live)
}

fn is_settled(vpc: &types::Vpc) -> bool {
    let associating = ipv6_block(vpc)
        .is_some_and(|b| b.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.as_ref()) == Some(&VpcCidrBlockStateCode::Associating));
    vpc.state != Some(types::VpcState::Pending) && !associating
}

/// Waits until the VPC is available and its IPv6 block, if it has one, is in use.
async fn settled(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<types::Vpc> {
    let wait = Wait::new(format!("creation of VPC {id}"), Pace::millis(300, 3000), Duration::from_mins(5));
    wait.run(ctx, || async {
        let found = load::<types::Vpc>(&ctx.client, region, id).await?;
        match found {
            Some(vpc) if is_settled(&vpc) => Ok(Look::Ready(vpc)),
            Some(_) => Ok(Look::Pending("pending".to_owned())),
            None if ctx.client.sender().is_young(id) => Ok(Look::Pending("not visible yet".to_owned())),
            None => Err(ProviderError::new(ErrorKind::Failed, format!("VPC {id} is gone"))),
        }
    })
    .await
}

/// Waits until AWS shows what it makes along with a VPC.
async fn parts_of_new(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<Parts> {
    let wait = Wait::new(format!("creation of what comes with VPC {id}"), Pace::millis(300, 3000), Duration::from_mins(1));
    wait.run(ctx, || async {
        let parts = vpc_parts::of(&ctx.client, region, id).await?;
        Ok(if parts.are_complete() { Look::Ready(parts) } else { Look::Pending("default group, ACL and route table".to_owned()) })
    })
    .await
}

impl Resource for Vpc {
    type Client = Aws;
    const TYPE: &'static str = "aws_vpc";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if draft.is_create() {
            return Ok(());
        }
        // Only from dedicated to default can be changed in place.
        if draft.changes("instance_tenancy") && draft.planned("instance_tenancy").as_str() == Some("dedicated") {
            draft.force_replace("instance_tenancy");
        }
        let sources = ["assign_generated_ipv6_cidr_block", "ipv6_ipam_pool_id", "ipv6_netmask_length", "ipv6_cidr_block"];
        if sources.iter().any(|name| draft.changes(name)) {
            draft.set_unknown("ipv6_association_id");
            for name in ["ipv6_cidr_block", "ipv6_cidr_block_network_border_group"] {
                if draft.config(name).is_null() {
                    draft.set_unknown(name);
                }
            }
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let (vpc, parts, attributes) =
            futures::join!(load::<types::Vpc>(aws, &region, id), vpc_parts::of(aws, &region, id), vpc_attributes::read(aws, &region, id),);
        // What is said about the parts of a VPC that is gone does not matter.
        let Some(vpc) = vpc? else { return Ok(None) };
        Ok(Some(Self::seen(aws, &region, &vpc, parts?, attributes?, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let client = aws.ec2(Some(&region));
        let tags = tagging::specification(aws, ResourceType::Vpc, planned.tags.as_ref(), op);
        let request = planned.create_request()?.tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:CreateVpc", || request.clone().send_with(&client)).await?;
            answer.vpc.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no VPC"))
        };
        let made = once(Proof::OpTag, call, || made_by::<types::Vpc>(aws, &region, op)).await?;
        let id = made.vpc_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        let wanted = planned.wanted_attributes();
        let wait = async { if ipv6_block(&made).is_some() { settled(ctx, &region, &id).await } else { Ok(made.clone()) } };
        let ((), parts, made) = futures::try_join!(
            vpc_attributes::change(aws, &region, &id, Attributes::default(), wanted),
            parts_of_new(ctx, &region, &id),
            wait,
        )?;
        Ok(Self::seen(aws, &region, &made, parts, wanted, Some(&planned)))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        vpc_attributes::change(aws, &region, &id, prior.wanted_attributes(), planned.wanted_attributes()).await?;
        if planned.instance_tenancy != prior.instance_tenancy {
            let tenancy = types::VpcTenancy::Default;
            let request = aws.ec2(Some(&region)).modify_vpc_tenancy().vpc_id(&id).instance_tenancy(tenancy);
            aws.send("ec2:ModifyVpcTenancy", || request.clone().send()).await?;
        }
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        Self::change_ipv6(ctx, &region, &id, &prior, &planned).await?;
        let mut done = Self { tags_all: Some(tags_all), ..planned };
        if done.ipv6_association_id != prior.ipv6_association_id || done.ipv6_cidr_block != prior.ipv6_cidr_block {
            done.see_ipv6(&settled(ctx, &region, &id).await?);
        }
        Ok(done)
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let request = aws.ec2(prior.region.as_deref()).delete_vpc().set_vpc_id(prior.id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DeleteVpc", || request.clone().send())).await)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let region = ctx.client.region_of(planned.region.as_deref());
        match made_by::<types::Vpc>(&ctx.client, region, op).await?.and_then(|v| v.vpc_id) {
            Some(id) => Box::pin(Self::read(ctx, &id, Some(planned))).await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_not_sent() {
        let vpc = Vpc { cidr_block: Some("10.0.0.0/16".to_owned()), instance_tenancy: Some("default".to_owned()), ..Vpc::default() };
        let request = vpc.create_request().expect("small numbers");
        assert_eq!(request.get_cidr_block().as_deref(), Some("10.0.0.0/16"));
        assert_eq!(*request.get_amazon_provided_ipv6_cidr_block(), None);
        assert_eq!(*request.get_ipv4_netmask_length(), None);
    }

    #[test]
    fn an_ipv6_block_that_went_is_seen_to_be_gone() {
        let mut vpc = Vpc { assign_generated_ipv6_cidr_block: Some(true), ipv6_cidr_block: Some("2600::/56".to_owned()), ..Vpc::default() };
        vpc.see_ipv6(&types::Vpc::builder().build());
        assert_eq!((vpc.assign_generated_ipv6_cidr_block, vpc.ipv6_cidr_block), (Some(false), None));
    }
}
