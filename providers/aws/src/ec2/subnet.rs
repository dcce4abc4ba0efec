//! `aws_subnet`

use super::describe::{load, made_by, tag_map};
use super::{gone_is_done, int, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{region, retry};
use aws_sdk_ec2::operation::create_subnet::CreateSubnetInput;
use aws_sdk_ec2::operation::create_subnet::builders::CreateSubnetInputBuilder;
use aws_sdk_ec2::operation::modify_subnet_attribute::ModifySubnetAttributeInput;
use aws_sdk_ec2::operation::modify_subnet_attribute::builders::ModifySubnetAttributeInputBuilder;
use aws_sdk_ec2::types::{self, AttributeBooleanValue, HostnameType, ResourceType, SubnetCidrBlockStateCode, SubnetState};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;
use std::time::Duration;

/// A part of a VPC in one availability zone.
#[derive(Clone, Default, Shape)]
pub struct Subnet {
    /// ARN of the subnet.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Gives new network interfaces an IPv6 address.
    #[attr(optional, default = false)]
    pub assign_ipv6_address_on_creation: Option<bool>,
    /// Zone by name: `eu-west-1a`.
    #[attr(optional, computed, force_new)]
    pub availability_zone: Option<String>,
    /// Zone by id, which is the same in all accounts: `euw1-az1`.
    #[attr(optional, computed, force_new)]
    pub availability_zone_id: Option<String>,
    /// IPv4 block, inside the VPC's.
    #[attr(optional, computed, force_new)]
    pub cidr_block: Option<String>,
    /// Pool of customer-owned addresses, on an Outpost.
    #[attr(optional)]
    pub customer_owned_ipv4_pool: Option<String>,
    /// Resolves IPv4-only names to IPv6 addresses for NAT64.
    #[attr(optional, default = false)]
    pub enable_dns64: Option<bool>,
    /// Position from which on interfaces are local network interfaces, on an Outpost.
    #[attr(optional)]
    pub enable_lni_at_device_index: Option<i64>,
    /// Answers queries for resource names with A records.
    #[attr(optional, default = false)]
    pub enable_resource_name_dns_a_record_on_launch: Option<bool>,
    /// Answers queries for resource names with AAAA records.
    #[attr(optional, default = false)]
    pub enable_resource_name_dns_aaaa_record_on_launch: Option<bool>,
    /// Id of the subnet.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// IPAM pool that the IPv4 block is taken from.
    #[attr(optional, force_new)]
    pub ipv4_ipam_pool_id: Option<String>,
    /// Prefix length of the block to take from the IPv4 pool.
    #[attr(optional, force_new)]
    pub ipv4_netmask_length: Option<i64>,
    /// IPv6 block of size /64, inside the VPC's.
    #[attr(optional, computed)]
    pub ipv6_cidr_block: Option<String>,
    /// Association of the IPv6 block.
    #[attr(computed)]
    pub ipv6_cidr_block_association_id: Option<String>,
    /// IPAM pool that the IPv6 block is taken from.
    #[attr(optional, force_new)]
    pub ipv6_ipam_pool_id: Option<String>,
    /// Has no IPv4 at all.
    #[attr(optional, force_new, default = false)]
    pub ipv6_native: Option<bool>,
    /// Prefix length of the block to take from the IPv6 pool.
    #[attr(optional, force_new)]
    pub ipv6_netmask_length: Option<i64>,
    /// Gives new network interfaces a customer-owned address, on an Outpost.
    #[attr(optional)]
    pub map_customer_owned_ip_on_launch: Option<bool>,
    /// Gives new instances a public address.
    #[attr(optional, default = false)]
    pub map_public_ip_on_launch: Option<bool>,
    /// Outpost that the subnet lies on.
    #[attr(optional, force_new)]
    pub outpost_arn: Option<String>,
    /// Account that owns the subnet.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Host names after the address (`ip-name`) or the resource (`resource-name`).
    #[attr(optional, computed)]
    pub private_dns_hostname_type_on_launch: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the subnet.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// VPC that the subnet is part of.
    #[attr(required, force_new)]
    pub vpc_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateDelete>,
}

impl Subnet {
    /// The creating call, without tags.
    fn create_request(&self) -> Result<CreateSubnetInputBuilder> {
        // Zone by name and zone by id exclude each other; once known, both are in the object.
        let zone = set(&self.availability_zone).map(str::to_owned);
        let zone_id = if zone.is_some() { None } else { set(&self.availability_zone_id).map(str::to_owned) };
        Ok(CreateSubnetInput::builder()
            .set_vpc_id(self.vpc_id.clone())
            .set_availability_zone(zone)
            .set_availability_zone_id(zone_id)
            .set_cidr_block(set(&self.cidr_block).map(Into::into))
            .set_ipv6_cidr_block(set(&self.ipv6_cidr_block).map(Into::into))
            .set_ipv4_ipam_pool_id(self.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(int("ipv4_netmask_length", self.ipv4_netmask_length)?)
            .set_ipv6_ipam_pool_id(self.ipv6_ipam_pool_id.clone())
            .set_ipv6_netmask_length(int("ipv6_netmask_length", self.ipv6_netmask_length)?)
            .set_ipv6_native(self.ipv6_native.filter(|native| *native))
            .set_outpost_arn(set(&self.outpost_arn).map(Into::into)))
    }

    /// The calls that turn the attributes of `now` into those of `self`. AWS takes one attribute a call.
    fn attribute_requests(&self, now: &Self, id: &str) -> Result<Vec<ModifySubnetAttributeInputBuilder>> {
        let call = || ModifySubnetAttributeInput::builder().subnet_id(id);
        let value = |b| AttributeBooleanValue::builder().value(b).build();
        let to = |now: Option<bool>, wanted: Option<bool>| wanted.filter(|w| *w != now.unwrap_or(false)).map(value);
        let mut calls = Vec::new();
        let pool_changes = self.customer_owned_ipv4_pool.is_some() && self.customer_owned_ipv4_pool != now.customer_owned_ipv4_pool;
        if pool_changes || self.map_customer_owned_ip_on_launch.unwrap_or(false) != now.map_customer_owned_ip_on_launch.unwrap_or(false) {
            let map = value(self.map_customer_owned_ip_on_launch.unwrap_or(false));
            let pool = set(&self.customer_owned_ipv4_pool).map(Into::into);
            calls.push(call().map_customer_owned_ip_on_launch(map).set_customer_owned_ipv4_pool(pool));
        }
        let wanted = to(now.assign_ipv6_address_on_creation, self.assign_ipv6_address_on_creation);
        calls.extend(wanted.map(|v| call().assign_ipv6_address_on_creation(v)));
        calls.extend(to(now.enable_dns64, self.enable_dns64).map(|v| call().enable_dns64(v)));
        let wanted = to(now.enable_resource_name_dns_a_record_on_launch, self.enable_resource_name_dns_a_record_on_launch);
        calls.extend(wanted.map(|v| call().enable_resource_name_dns_a_record_on_launch(v)));
        let wanted = to(now.enable_resource_name_dns_aaaa_record_on_launch, self.enable_resource_name_dns_aaaa_record_on_launch);
        calls.extend(wanted.map(|v| call().enable_resource_name_dns_aaaa_record_on_launch(v)));
        calls.extend(to(now.map_public_ip_on_launch, self.map_public_ip_on_launch).map(|v| call().map_public_ip_on_launch(v)));
        let ty = set(&self.private_dns_hostname_type_on_launch);
        let ty = ty.filter(|ty| now.private_dns_hostname_type_on_launch.as_deref() != Some(*ty));
        calls.extend(ty.map(|ty| call().private_dns_hostname_type_on_launch(HostnameType::from(ty))));
        if self.enable_lni_at_device_index.unwrap_or(0) != now.enable_lni_at_device_index.unwrap_or(0) {
            calls.push(match int("enable_lni_at_device_index", self.enable_lni_at_device_index)? {
                Some(index) => call().enable_lni_at_device_index(index),
                None => call().disable_lni_at_device_index(value(true)),
            });
        }
        Ok(calls)
    }

    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, subnet: &types::Subnet, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(subnet.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let names = subnet.private_dns_name_options_on_launch.as_ref();
        let ipv6 = ipv6_block(subnet);
        Self {
            arn: subnet.subnet_arn.clone(),
            assign_ipv6_address_on_creation: Some(subnet.assign_ipv6_address_on_creation.unwrap_or(false)),
            availability_zone: subnet.availability_zone.clone(),
            availability_zone_id: subnet.availability_zone_id.clone(),
            cidr_block: subnet.cidr_block.clone(),
            customer_owned_ipv4_pool: subnet.customer_owned_ipv4_pool.clone().or(base.customer_owned_ipv4_pool),
            enable_dns64: Some(subnet.enable_dns64.unwrap_or(false)),
            enable_lni_at_device_index: subnet.enable_lni_at_device_index.filter(|n| *n != 0).map(i64::from),
            enable_resource_name_dns_a_record_on_launch: Some(names.and_then(|n| n.enable_resource_name_dns_a_record).unwrap_or(false)),
            enable_resource_name_dns_aaaa_record_on_launch: Some(
                names.and_then(|n| n.enable_resource_name_dns_aaaa_record).unwrap_or(false),
            ),
            id: subnet.subnet_id.clone(),
            ipv6_cidr_block: ipv6.and_then(|b| b.ipv6_cidr_block.clone()),
            ipv6_cidr_block_association_id: ipv6.and_then(|b| b.association_id.clone()),
            ipv6_native: Some(subnet.ipv6_native.unwrap_or(false)),
            map_customer_owned_ip_on_launch: seen_if_used(subnet.map_customer_owned_ip_on_launch, base.map_customer_owned_ip_on_launch),
            map_public_ip_on_launch: Some(subnet.map_public_ip_on_launch.unwrap_or(false)),
            outpost_arn: subnet.outpost_arn.clone().filter(|arn| !arn.is_empty()),
            owner_id: subnet.owner_id.clone(),
            private_dns_hostname_type_on_launch: names.and_then(|n| n.hostname_type.as_ref()).map(|t| t.as_str().to_owned()),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: subnet.vpc_id.clone(),
            ipv4_ipam_pool_id: base.ipv4_ipam_pool_id,
            ipv4_netmask_length: base.ipv4_netmask_length,
            ipv6_ipam_pool_id: base.ipv6_ipam_pool_id,
            ipv6_netmask_length: base.ipv6_netmask_length,
            timeouts: base.timeouts,
        }
    }

    /// With the attributes that were just set to those of `wanted`.
    fn with_attributes_of(self, wanted: &Self) -> Self {
        Self {
            assign_ipv6_address_on_creation: wanted.assign_ipv6_address_on_creation.or(self.assign_ipv6_address_on_creation),
            customer_owned_ipv4_pool: wanted.customer_owned_ipv4_pool.clone().or(self.customer_owned_ipv4_pool),
            enable_dns64: wanted.enable_dns64.or(self.enable_dns64),
            enable_lni_at_device_index: wanted.enable_lni_at_device_index,
            enable_resource_name_dns_a_record_on_launch: wanted
                .enable_resource_name_dns_a_record_on_launch
                .or(self.enable_resource_name_dns_a_record_on_launch),
            enable_resource_name_dns_aaaa_record_on_launch: wanted
                .enable_resource_name_dns_aaaa_record_on_launch
                .or(self.enable_resource_name_dns_aaaa_record_on_launch),
            map_customer_owned_ip_on_launch: wanted.map_customer_owned_ip_on_launch.or(self.map_customer_owned_ip_on_launch),
            map_public_ip_on_launch: wanted.map_public_ip_on_launch.or(self.map_public_ip_on_launch),
            private_dns_hostname_type_on_launch: wanted
                .private_dns_hostname_type_on_launch
                .clone()
                .or(self.private_dns_hostname_type_on_launch.clone()),
            ..self
        }
    }

    async fn change_attributes(&self, aws: &Aws, region: &str, id: &str, now: &Self) -> Result<()> {
        let client = aws.ec2(Some(region));
        for call in self.attribute_requests(now, id)? {
            aws.send("ec2:ModifySubnetAttribute", || call.clone().send_with(&client)).await?;
        }
        Ok(())
    }

    /// Changes the IPv6 block: the old one goes before a new one comes.
    async fn change_ipv6(aws: &Aws, region: &str, id: &str, prior: &Self, planned: &Self) -> Result<()> {
        let client = aws.ec2(Some(region));
        if let Some(association) = set(&prior.ipv6_cidr_block_association_id) {
            let request = client.disassociate_subnet_cidr_block().association_id(association);
            gone_is_done(aws.send("ec2:DisassociateSubnetCidrBlock", || request.clone().send()).await)?;
        }
        let Some(block) = set(&planned.ipv6_cidr_block) else { return Ok(()) };
        let request = client.associate_subnet_cidr_block().subnet_id(id).ipv6_cidr_block(block);
        let call = || async { aws.send_once("ec2:AssociateSubnetCidrBlock", || request.clone().send()).await.map(|_| ()) };
        let there = || async {
            let now = load::<types::Subnet>(aws, region, id).await?;
            let holds = now.as_ref().and_then(ipv6_block).is_some_and(|b| b.ipv6_cidr_block.as_deref() == Some(block));
            Ok(holds.then_some(()))
        };
        once(Proof::NaturalKey, call, there).await
    }
}

/// `false` of an attribute that is not in use says nothing.
fn seen_if_used(remote: Option<bool>, prior: Option<bool>) -> Option<bool> {
    remote.filter(|on| *on || prior.is_some()).or(prior.map(|_| false))
}

fn block_state(block: &types::SubnetIpv6CidrBlockAssociation) -> Option<&SubnetCidrBlockStateCode> {
    block.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.as_ref())
}

/// The IPv6 block that is, or is on its way to be, in use.
fn ipv6_block(subnet: &types::Subnet) -> Option<&types::SubnetIpv6CidrBlockAssociation> {
    use SubnetCidrBlockStateCode::{Associated, Associating};
    let blocks = subnet.ipv6_cidr_block_association_set.as_deref().unwrap_or_default();
    blocks.iter().find(|b| matches!(block_state(b), None | Some(Associated | Associating)))
}

fn is_settled(subnet: &types::Subnet) -> bool {
    let associating = ipv6_block(subnet).and_then(block_state) == Some(&SubnetCidrBlockStateCode::Associating);
    subnet.state != Some(SubnetState::Pending) && !associating
}

/// Waits until the subnet is available and its IPv6 block, if it has one, is in use.
async fn settled(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<types::Subnet> {
    let wait = Wait::new(format!("creation of subnet {id}"), Pace::millis(300, 3000), Duration::from_mins(10));
    wait.run(ctx, || async {
        let found = load::<types::Subnet>(&ctx.client, region, id).await?;
        match found {
            Some(subnet) if is_settled(&subnet) => Ok(Look::Ready(subnet)),
            Some(_) => Ok(Look::Pending("pending".to_owned())),
            None if ctx.client.sender().is_young(id) => Ok(Look::Pending("not visible yet".to_owned())),
            None => Err(ProviderError::new(ErrorKind::Failed, format!("subnet {id} is gone"))),
        }
    })
    .await
}

impl Resource for Subnet {
    type Client = Aws;
    const TYPE: &'static str = "aws_subnet";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if !draft.is_create() && draft.changes("ipv6_cidr_block") {
            draft.set_unknown("ipv6_cidr_block_association_id");
            // Addresses that the subnet hands out bind it to its block.
            if draft.prior("assign_ipv6_address_on_creation").as_bool() == Some(true) {
                draft.force_replace("ipv6_cidr_block");
            }
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let found = load::<types::Subnet>(aws, &region, id).await?;
        Ok(found.map(|subnet| Self::seen(aws, &region, &subnet, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let client = aws.ec2(Some(&region));
        let tags = tagging::specification(aws, ResourceType::Subnet, planned.tags.as_ref(), op);
        let request = planned.create_request()?.tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:CreateSubnet", || request.clone().send_with(&client)).await?;
            answer.subnet.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no subnet"))
        };
        let made = once(Proof::OpTag, call, || made_by::<types::Subnet>(aws, &region, op)).await?;
        let id = made.subnet_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        let now = Self::seen(aws, &region, &made, Some(&planned));
        let wait = async { if is_settled(&made) { Ok(made.clone()) } else { settled(ctx, &region, &id).await } };
        let ((), made) = futures::try_join!(planned.change_attributes(aws, &region, &id, &now), wait)?;
        Ok(Self::seen(aws, &region, &made, Some(&planned)).with_attributes_of(&planned))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let ipv6 = planned.ipv6_cidr_block != prior.ipv6_cidr_block;
        if ipv6 {
            Self::change_ipv6(aws, &region, &id, &prior, &planned).await?;
        }
        planned.change_attributes(aws, &region, &id, &prior).await?;
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        let mut done = Self { tags_all: Some(tags_all), ..planned };
        if ipv6 {
            let now = settled(ctx, &region, &id).await?;
            done.ipv6_cidr_block_association_id = ipv6_block(&now).and_then(|b| b.association_id.clone());
        }
        Ok(done)
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let request = aws.ec2(prior.region.as_deref()).delete_subnet().set_subnet_id(prior.id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DeleteSubnet", || request.clone().send())).await)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref());
        let made = made_by::<types::Subnet>(aws, region, op).await?;
        Ok(made.map(|subnet| Self::seen(aws, region, &subnet, Some(planned))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_for_each_attribute_that_differs() {
        let wanted = Subnet { map_public_ip_on_launch: Some(true), enable_dns64: Some(false), ..Subnet::default() };
        let calls = wanted.attribute_requests(&Subnet::default(), "subnet-1").expect("small numbers");
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].get_map_public_ip_on_launch().as_ref().and_then(|v| v.value), Some(true));
        assert!(wanted.attribute_requests(&wanted, "subnet-1").expect("small numbers").is_empty());
    }

    #[test]
    fn a_zone_is_named_once() {
        let subnet = Subnet {
            availability_zone: Some("eu-west-1a".to_owned()),
            availability_zone_id: Some("euw1-az1".to_owned()),
            ..Subnet::default()
        };
        let request = subnet.create_request().expect("small numbers");
        assert_eq!((request.get_availability_zone().is_some(), request.get_availability_zone_id().is_some()), (true, false));
    }
}
