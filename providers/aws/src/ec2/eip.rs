//! `aws_eip`

use super::describe::{load, made_by, tag_map};
use super::{arn, gone_is_done, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{region, retry};
use aws_sdk_ec2::operation::allocate_address::AllocateAddressInput;
use aws_sdk_ec2::operation::allocate_address::builders::AllocateAddressInputBuilder;
use aws_sdk_ec2::types::{self, DomainType, ResourceType};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Action, Change, Reversibility};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;

/// A public IPv4 address of one's own.
#[derive(Clone, Default, Shape)]
pub struct Eip {
    /// Address to take from a pool of one's own, or to recover.
    #[attr(optional, force_new)]
    pub address: Option<String>,
    /// Id of the allocation.
    #[attr(computed)]
    pub allocation_id: Option<String>,
    /// ARN of the address.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Private address of the instance or interface to associate it with.
    #[attr(optional)]
    pub associate_with_private_ip: Option<String>,
    /// Association with an instance or interface.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// Carrier address, in a Wavelength zone.
    #[attr(computed)]
    pub carrier_ip: Option<String>,
    /// Customer-owned address, on an Outpost.
    #[attr(computed)]
    pub customer_owned_ip: Option<String>,
    /// Pool of customer-owned addresses, on an Outpost.
    #[attr(optional)]
    pub customer_owned_ipv4_pool: Option<String>,
    /// Always `vpc`.
    #[attr(optional, computed, force_new)]
    pub domain: Option<String>,
    /// Id of the allocation.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Instance to associate it with.
    #[attr(optional, computed)]
    pub instance: Option<String>,
    /// IPAM pool that the address is taken from.
    #[attr(optional, computed, force_new)]
    pub ipam_pool_id: Option<String>,
    /// Where the address is announced.
    #[attr(optional, computed, force_new)]
    pub network_border_group: Option<String>,
    /// Network interface to associate it with.
    #[attr(optional, computed)]
    pub network_interface: Option<String>,
    /// DNS name of the private address.
    #[attr(computed)]
    pub private_dns: Option<String>,
    /// Private address it is associated with.
    #[attr(computed)]
    pub private_ip: Option<String>,
    /// Name that the address resolves to in reverse; not read.
    #[attr(computed)]
    pub ptr_record: Option<String>,
    /// DNS name of the public address.
    #[attr(computed)]
    pub public_dns: Option<String>,
    /// The address.
    #[attr(computed)]
    pub public_ip: Option<String>,
    /// Pool that the address is taken from: `amazon` or one's own.
    #[attr(optional, computed, force_new)]
    pub public_ipv4_pool: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the address.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::DeleteReadUpdate>,
}

impl Eip {
    /// The allocating call, without tags.
    fn create_request(&self) -> AllocateAddressInputBuilder {
        AllocateAddressInput::builder()
            .domain(DomainType::Vpc)
            .set_address(set(&self.address).map(Into::into))
            .set_public_ipv4_pool(set(&self.public_ipv4_pool).map(Into::into))
            .set_network_border_group(set(&self.network_border_group).map(Into::into))
            .set_customer_owned_ipv4_pool(set(&self.customer_owned_ipv4_pool).map(Into::into))
            .set_ipam_pool_id(set(&self.ipam_pool_id).map(Into::into))
    }

    /// What it is to be associated with: instance, interface, private address.
    fn association(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (set(&self.instance), set(&self.network_interface), set(&self.associate_with_private_ip))
    }

    /// Whether it is we who associate it.
    fn is_associated_by_us(&self) -> bool {
        set(&self.instance).is_some() || set(&self.network_interface).is_some()
    }

    /// The object as AWS shows it, over what it was. An association that others made, such as a NAT gateway, is theirs.
    fn seen(aws: &Aws, region: &str, address: &types::Address, account: &str, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let shows = prior.is_none() || base.is_associated_by_us() || set(&address.instance_id).is_some();
        let ours = |value: &Option<String>| value.clone().filter(|v| shows && !v.is_empty());
        let id = address.allocation_id.clone().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(address.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let private_ip = ours(&address.private_ip_address);
        Self {
            arn: Some(arn(region, account, "elastic-ip", &id)),
            allocation_id: Some(id.clone()),
            association_id: ours(&address.association_id),
            carrier_ip: address.carrier_ip.clone(),
            customer_owned_ip: address.customer_owned_ip.clone(),
            customer_owned_ipv4_pool: address.customer_owned_ipv4_pool.clone().filter(|pool| !pool.is_empty()),
            domain: address.domain.as_ref().map(|d| d.as_str().to_owned()).or(base.domain),
            id: Some(id),
            instance: ours(&address.instance_id),
            // A plain address is announced in its region and comes from Amazon's pool; not every answer says so.
            network_border_group: address.network_border_group.clone().or(base.network_border_group).or_else(|| Some(region.to_owned())),
            network_interface: ours(&address.network_interface_id),
            private_dns: private_ip.as_deref().map(|ip| private_name(region, ip)),
            private_ip,
            public_dns: address.public_ip.as_deref().map(|ip| public_name(aws, region, ip)),
            public_ip: address.public_ip.clone(),
            public_ipv4_pool: address.public_ipv4_pool.clone().or(base.public_ipv4_pool).or_else(|| Some("amazon".to_owned())),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            address: base.address,
            associate_with_private_ip: base.associate_with_private_ip,
            ipam_pool_id: base.ipam_pool_id,
            ptr_record: base.ptr_record,
            timeouts: base.timeouts,
        }
    }

    async fn associate(&self, aws: &Aws, region: &str, id: &str) -> Result<Option<String>> {
        if !self.is_associated_by_us() {
            return Ok(None);
        }
        let (instance, interface, private) = self.association();
        let request = aws
            .ec2(Some(region))
            .associate_address()
            .allocation_id(id)
            .allow_reassociation(true)
            .set_instance_id(instance.map(Into::into))
            .set_network_interface_id(interface.map(Into::into))
            .set_private_ip_address(private.map(Into::into));
        Ok(aws.send("ec2:AssociateAddress", || request.clone().send()).await?.association_id)
    }

    async fn disassociate(&self, ctx: &Ctx<Aws>, region: &str) -> Result<()> {
        let Some(association) = set(&self.association_id).filter(|_| self.is_associated_by_us()) else { return Ok(()) };
        let aws = &ctx.client;
        let request = aws.ec2(Some(region)).disassociate_address().association_id(association);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DisassociateAddress", || request.clone().send())).await)
    }

    async fn read_whole(ctx: &Ctx<Aws>, region: &str, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let found = load::<types::Address>(aws, region, id).await?;
        let Some(address) = found else { return Ok(None) };
        let account = account_of(ctx, prior).await?;
        Ok(Some(Self::seen(aws, region, &address, &account, prior)))
    }
}

/// The account in the ARN; asked for only where no ARN is known yet.
async fn account_of(ctx: &Ctx<Aws>, prior: Option<&Eip>) -> Result<String> {
    let known = prior.and_then(|p| p.arn.as_deref()).and_then(|arn| arn.split(':').nth(4));
    match known {
        Some(account) => Ok(account.to_owned()),
        None => Ok(ctx.client.account_id().await?.to_owned()),
    }
}

fn private_name(region: &str, ip: &str) -> String {
    let host = ip.replace('.', "-");
    if region == "us-east-1" { format!("ip-{host}.ec2.internal") } else { format!("ip-{host}.{region}.compute.internal") }
}

fn public_name(aws: &Aws, region: &str, ip: &str) -> String {
    let host = ip.replace('.', "-");
    let suffix = aws.dns_suffix();
    if region == "us-east-1" { format!("ec2-{host}.compute-1.{suffix}") } else { format!("ec2-{host}.{region}.compute.{suffix}") }
}

impl Resource for Eip {
    type Client = Aws;
    const TYPE: &'static str = "aws_eip";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn reversibility(change: &Change) -> Reversibility {
        match change.action {
            Action::Delete | Action::Replace(_) => Reversibility::LosesData("the address goes back to AWS, and another one comes".into()),
            _ => Reversibility::Reversible,
        }
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        let moves = ["instance", "network_interface", "associate_with_private_ip"].iter().any(|name| draft.changes(name));
        if !draft.is_create() && moves {
            for name in ["association_id", "private_ip", "private_dns"] {
                draft.set_unknown(name);
            }
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let (id, region) = region::of_read(&ctx.client, id, prior.and_then(|p| p.region.as_deref()));
        Self::read_whole(ctx, &region, id, prior).await
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let client = aws.ec2(Some(&region));
        let tags = tagging::specification(aws, ResourceType::ElasticIp, planned.tags.as_ref(), op);
        let request = planned.create_request().tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:AllocateAddress", || request.clone().send_with(&client)).await?;
            Ok(types::Address::builder()
                .set_allocation_id(answer.allocation_id)
                .set_public_ip(answer.public_ip)
                .set_public_ipv4_pool(answer.public_ipv4_pool)
                .set_network_border_group(answer.network_border_group)
                .set_domain(answer.domain)
                .set_customer_owned_ip(answer.customer_owned_ip)
                .set_customer_owned_ipv4_pool(answer.customer_owned_ipv4_pool)
                .set_carrier_ip(answer.carrier_ip)
                .build())
        };
        // The account is asked for meanwhile, and looked at only when the new address is safe.
        let (made, account) =
            futures::join!(once(Proof::OpTag, call, || made_by::<types::Address>(aws, &region, op)), account_of(ctx, None));
        let made = made?;
        let id = made.allocation_id.clone().ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no allocation id"))?;
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        if planned.associate(aws, &region, &id).await?.is_some() {
            let read = Self::read_whole(ctx, &region, &id, Some(&planned)).await?;
            return read.ok_or_else(|| ProviderError::new(ErrorKind::Failed, format!("address {id} is gone")));
        }
        let done = Self::seen(aws, &region, &made, &account?, Some(&planned));
        Ok(Self { tags: planned.tags.clone(), tags_all: Some(aws.all_tags(planned.tags.as_ref())), ..done })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        let done = Self { tags_all: Some(tags_all), ..planned };
        if prior.association() == done.association() {
            return Ok(done);
        }
        prior.disassociate(ctx, &region).await?;
        done.associate(aws, &region, &id).await?;
        let read = Self::read_whole(ctx, &region, &id, Some(&done)).await?;
        read.ok_or_else(|| ProviderError::new(ErrorKind::Failed, format!("address {id} is gone")))
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        prior.disassociate(ctx, &region).await?;
        let request = aws.ec2(Some(&region)).release_address().set_allocation_id(prior.id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:ReleaseAddress", || request.clone().send())).await)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let region = ctx.client.region_of(planned.region.as_deref());
        match made_by::<types::Address>(&ctx.client, region, op).await?.and_then(|a| a.allocation_id) {
            Some(id) => Self::read_whole(ctx, region, &id, Some(planned)).await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_follow_the_region() {
        assert_eq!(private_name("us-east-1", "10.0.0.5"), "ip-10-0-0-5.ec2.internal");
        assert_eq!(private_name("eu-west-1", "10.0.0.5"), "ip-10-0-0-5.eu-west-1.compute.internal");
    }
}
