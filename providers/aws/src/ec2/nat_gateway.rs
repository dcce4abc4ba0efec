//! `aws_nat_gateway`

use super::describe::{load, made_by, tag_map};
use super::{gone_is_done, int, set, tagging, timeouts};
use crate::client::Aws;
use crate::{region, retry};
use aws_sdk_ec2::operation::create_nat_gateway::CreateNatGatewayInput;
use aws_sdk_ec2::operation::create_nat_gateway::builders::CreateNatGatewayInputBuilder;
use aws_sdk_ec2::types::{self, AvailabilityMode, ConnectivityType, NatGatewayAddress, NatGatewayState, ResourceType};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PACE: Pace = Pace::millis(500, 10_000);

/// A way out of private subnets.
#[derive(Clone, Default, Shape)]
pub struct NatGateway {
    /// Allocation of its public address.
    #[attr(optional, force_new)]
    pub allocation_id: Option<String>,
    /// Association of its public address.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// Whether a regional gateway spreads to new zones by itself.
    #[attr(computed)]
    pub auto_provision_zones: Option<String>,
    /// Whether a regional gateway takes more addresses by itself.
    #[attr(computed)]
    pub auto_scaling_ips: Option<String>,
    /// `zonal`, in one subnet, or `regional`.
    #[attr(optional, computed, force_new)]
    pub availability_mode: Option<String>,
    /// `public` or `private`.
    #[attr(optional, force_new, default = "public")]
    pub connectivity_type: Option<String>,
    /// Id of the gateway.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Its network interface.
    #[attr(computed)]
    pub network_interface_id: Option<String>,
    /// Its private address.
    #[attr(optional, computed, force_new)]
    pub private_ip: Option<String>,
    /// Its public address.
    #[attr(computed)]
    pub public_ip: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Addresses of a regional gateway, zone by zone.
    #[attr(computed, set)]
    pub regional_nat_gateway_address: Option<Vec<RegionalAddress>>,
    /// `enabled` if a regional gateway looks after its zones itself.
    #[attr(computed)]
    pub regional_nat_gateway_auto_mode: Option<String>,
    /// Route table of a regional gateway.
    #[attr(computed)]
    pub route_table_id: Option<String>,
    /// Allocations of further public addresses.
    #[attr(optional, computed)]
    pub secondary_allocation_ids: Option<BTreeSet<String>>,
    /// How many further private addresses it takes.
    #[attr(optional, computed, force_new)]
    pub secondary_private_ip_address_count: Option<i64>,
    /// Its further private addresses.
    #[attr(optional, computed)]
    pub secondary_private_ip_addresses: Option<BTreeSet<String>>,
    /// Subnet that it stands in.
    #[attr(optional, force_new)]
    pub subnet_id: Option<String>,
    /// Tags of the gateway.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// VPC that it belongs to; to be set for a regional gateway.
    #[attr(optional, computed, force_new)]
    pub vpc_id: Option<String>,
    /// Addresses of a regional gateway, zone by zone.
    #[block(set, unsupported)]
    pub availability_zone_address: Vec<ZoneAddress>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

/// The addresses that a regional gateway is to use in one zone.
#[derive(Clone, Default, Shape)]
pub struct ZoneAddress {
    /// Allocations of the addresses.
    #[attr(optional)]
    pub allocation_ids: Option<BTreeSet<String>>,
    /// Zone by name.
    #[attr(optional)]
    pub availability_zone: Option<String>,
    /// Zone by id.
    #[attr(optional, computed)]
    pub availability_zone_id: Option<String>,
}

/// An address that a regional gateway uses.
#[derive(Clone, Default, Shape)]
pub struct RegionalAddress {
    /// Allocation of the address.
    #[attr(computed)]
    pub allocation_id: Option<String>,
    /// Its association.
    #[attr(computed)]
    pub association_id: Option<String>,
    /// Zone by name.
    #[attr(computed)]
    pub availability_zone: Option<String>,
    /// Zone by id.
    #[attr(computed)]
    pub availability_zone_id: Option<String>,
    /// Network interface that carries it.
    #[attr(computed)]
    pub network_interface_id: Option<String>,
    /// The address.
    #[attr(computed)]
    pub public_ip: Option<String>,
    /// How far it is.
    #[attr(computed)]
    pub status: Option<String>,
}

fn regional(address: &NatGatewayAddress) -> RegionalAddress {
    RegionalAddress {
        allocation_id: address.allocation_id.clone(),
        association_id: address.association_id.clone(),
        availability_zone: address.availability_zone.clone(),
        availability_zone_id: address.availability_zone_id.clone(),
        network_interface_id: address.network_interface_id.clone(),
        public_ip: address.public_ip.clone(),
        status: address.status.as_ref().map(|s| s.as_str().to_owned()),
    }
}

impl NatGateway {
    /// The creating call, without tags. The op token makes it safe to repeat.
    fn create_request(&self, op: OpToken) -> Result<CreateNatGatewayInputBuilder> {
        let many = |ids: &Option<BTreeSet<String>>| ids.as_ref().filter(|s| !s.is_empty()).map(|s| s.iter().cloned().collect());
        let regional = set(&self.availability_mode) == Some("regional");
        Ok(CreateNatGatewayInput::builder()
            .client_token(op.to_string())
            .set_allocation_id(set(&self.allocation_id).map(Into::into))
            .set_connectivity_type(set(&self.connectivity_type).map(ConnectivityType::from))
            .set_availability_mode(set(&self.availability_mode).map(AvailabilityMode::from))
            .set_private_ip_address(set(&self.private_ip).map(Into::into))
            .set_secondary_allocation_ids(many(&self.secondary_allocation_ids))
            .set_secondary_private_ip_addresses(many(&self.secondary_private_ip_addresses))
            .set_secondary_private_ip_address_count(int("secondary_private_ip_address_count", self.secondary_private_ip_address_count)?)
            .set_subnet_id(set(&self.subnet_id).map(Into::into))
            .set_vpc_id(set(&self.vpc_id).filter(|_| regional).map(Into::into)))
    }

    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, gateway: &types::NatGateway, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let addresses = gateway.nat_gateway_addresses.as_deref().unwrap_or_default();
        let is_regional = gateway.availability_mode == Some(AvailabilityMode::Regional);
        let primary = addresses.iter().find(|a| a.is_primary == Some(true)).or_else(|| addresses.first()).filter(|_| !is_regional);
        let others = || addresses.iter().filter(|a| !is_regional && primary.is_none_or(|p| !std::ptr::eq(p, *a)));
        let text = |value: fn(&NatGatewayAddress) -> &Option<String>| primary.and_then(|a| set(value(a))).map(str::to_owned);
        let private: BTreeSet<String> = others().filter_map(|a| a.private_ip.clone()).collect();
        let tags = aws.tags_seen(tag_map(gateway.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        Self {
            allocation_id: text(|a| &a.allocation_id),
            association_id: text(|a| &a.association_id),
            auto_provision_zones: gateway.auto_provision_zones.as_ref().map(|s| s.as_str().to_owned()),
            auto_scaling_ips: gateway.auto_scaling_ips.as_ref().map(|s| s.as_str().to_owned()),
            availability_mode: Some(gateway.availability_mode.as_ref().map_or("zonal", |m| m.as_str()).to_owned()),
            connectivity_type: gateway.connectivity_type.as_ref().map(|t| t.as_str().to_owned()).or(base.connectivity_type),
            id: gateway.nat_gateway_id.clone(),
            network_interface_id: text(|a| &a.network_interface_id),
            private_ip: text(|a| &a.private_ip),
            public_ip: text(|a| &a.public_ip),
            region: Some(region.to_owned()),
            regional_nat_gateway_address: Some(addresses.iter().filter(|_| is_regional).map(regional).collect()),
            regional_nat_gateway_auto_mode: is_regional.then(|| "enabled".to_owned()),
            route_table_id: gateway.route_table_id.clone(),
            secondary_allocation_ids: Some(others().filter_map(|a| a.allocation_id.clone()).collect()),
            secondary_private_ip_address_count: i64::try_from(private.len()).ok(),
            secondary_private_ip_addresses: Some(private),
            subnet_id: gateway.subnet_id.clone().filter(|id| !id.is_empty()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: gateway.vpc_id.clone(),
            availability_zone_address: base.availability_zone_address,
            timeouts: base.timeouts,
        }
    }

    /// Further public addresses: those that come, then those that go.
    async fn change_public(ctx: &Ctx<Aws>, region: &str, id: &str, prior: &Self, planned: &Self) -> Result<()> {
        let (gone, new) = changes(prior.secondary_allocation_ids.as_ref(), planned.secondary_allocation_ids.as_ref());
        let (aws, client) = (&ctx.client, ctx.client.ec2(Some(region)));
        if !new.is_empty() {
            let private = changes(prior.secondary_private_ip_addresses.as_ref(), planned.secondary_private_ip_addresses.as_ref()).1;
            let private = Some(private).filter(|ips| !ips.is_empty());
            let request =
                client.associate_nat_gateway_address().nat_gateway_id(id).set_allocation_ids(Some(new)).set_private_ip_addresses(private);
            aws.send("ec2:AssociateNatGatewayAddress", || request.clone().send()).await?;
            settled(ctx, region, id).await?;
        }
        if !gone.is_empty() {
            let now = load::<types::NatGateway>(aws, region, id).await?.and_then(|g| g.nat_gateway_addresses).unwrap_or_default();
            let goes = |a: &NatGatewayAddress| a.allocation_id.as_ref().is_some_and(|id| gone.contains(id));
            let associations = now.into_iter().filter(goes).filter_map(|a| a.association_id).collect();
            let request = client.disassociate_nat_gateway_address().nat_gateway_id(id).set_association_ids(Some(associations));
            aws.send("ec2:DisassociateNatGatewayAddress", || request.clone().send()).await?;
        }
        Ok(())
    }

    /// Further private addresses: those that come, then those that go.
    async fn change_private(ctx: &Ctx<Aws>, region: &str, id: &str, prior: &Self, planned: &Self) -> Result<()> {
        let (gone, new) = changes(prior.secondary_private_ip_addresses.as_ref(), planned.secondary_private_ip_addresses.as_ref());
        let (aws, client) = (&ctx.client, ctx.client.ec2(Some(region)));
        if !new.is_empty() {
            let request = client.assign_private_nat_gateway_address().nat_gateway_id(id).set_private_ip_addresses(Some(new));
            aws.send("ec2:AssignPrivateNatGatewayAddress", || request.clone().send()).await?;
        }
        if !gone.is_empty() {
            let request = client.unassign_private_nat_gateway_address().nat_gateway_id(id).set_private_ip_addresses(Some(gone));
            aws.send("ec2:UnassignPrivateNatGatewayAddress", || request.clone().send()).await?;
        }
        Ok(())
    }
}

/// What goes and what comes; nothing where nothing is wanted.
fn changes(now: Option<&BTreeSet<String>>, wanted: Option<&BTreeSet<String>>) -> (Vec<String>, Vec<String>) {
    let Some(wanted) = wanted else { return (vec![], vec![]) };
    let none = BTreeSet::new();
    let now = now.unwrap_or(&none);
    (now.difference(wanted).cloned().collect(), wanted.difference(now).cloned().collect())
}

fn is_gone(gateway: &types::NatGateway) -> bool {
    matches!(gateway.state, Some(NatGatewayState::Deleted | NatGatewayState::Deleting))
}

fn failed(gateway: &types::NatGateway) -> ProviderError {
    let why = gateway.failure_message.clone().unwrap_or_else(|| "AWS does not say why".to_owned());
    let mut error = ProviderError::new(ErrorKind::Failed, format!("the NAT gateway failed: {why}"));
    error.code.clone_from(&gateway.failure_code);
    error
}

/// Waits until the gateway and its addresses are ready.
async fn settled(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<types::NatGateway> {
    let wait = Wait::new(format!("creation of NAT gateway {id}"), PACE, Duration::from_mins(10));
    wait.run(ctx, || async {
        let Some(gateway) = load::<types::NatGateway>(&ctx.client, region, id).await? else {
            if ctx.client.sender().is_young(id) {
                return Ok(Look::Pending("not visible yet".to_owned()));
            }
            return Err(ProviderError::new(ErrorKind::Failed, format!("NAT gateway {id} is gone")));
        };
        let moving = |a: &NatGatewayAddress| {
            use types::NatGatewayAddressStatus::{Assigning, Associating};
            matches!(a.status, Some(Assigning | Associating))
        };
        match &gateway.state {
            Some(NatGatewayState::Failed) => Err(failed(&gateway)),
            Some(NatGatewayState::Available) if gateway.nat_gateway_addresses.iter().flatten().any(moving) => {
                Ok(Look::Pending("associating addresses".to_owned()))
            }
            Some(NatGatewayState::Available) => Ok(Look::Ready(gateway)),
            state => Ok(Look::Pending(state.as_ref().map_or("pending", |s| s.as_str()).to_owned())),
        }
    })
    .await
}

async fn deleted(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<()> {
    let wait = Wait::new(format!("deletion of NAT gateway {id}"), PACE, Duration::from_mins(30));
    wait.run(ctx, || async {
        let state = load::<types::NatGateway>(&ctx.client, region, id).await?.and_then(|g| g.state);
        match state {
            None | Some(NatGatewayState::Deleted) => Ok(Look::Ready(())),
            Some(state) => Ok(Look::Pending(state.as_str().to_owned())),
        }
    })
    .await
}

impl Resource for NatGateway {
    type Client = Aws;
    const TYPE: &'static str = "aws_nat_gateway";

    fn identity() -> Identity {
        Identity::ClientToken
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = Diagnostics::new();
        let is_set = |name: &str| config.get(name).is_some_and(|v| !v.is_null());
        let kind = config.get("connectivity_type");
        let private = kind.as_ref().and_then(Value::as_str) == Some("private");
        for name in ["allocation_id", "secondary_allocation_ids"] {
            if private && is_set(name) {
                let detail = format!("{name} cannot be set together with connectivity_type = \"private\".");
                out.push(Diagnostic::error("A private NAT gateway has no public address", detail));
            }
        }
        if is_set("secondary_private_ip_address_count") && is_set("secondary_private_ip_addresses") {
            let detail = "Set either secondary_private_ip_address_count or secondary_private_ip_addresses.";
            out.push(Diagnostic::error("Further private addresses are counted or named, not both", detail));
        }
        out
    }

    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        let moves = draft.changes("secondary_allocation_ids") || draft.changes("secondary_private_ip_addresses");
        if !draft.is_create() && moves {
            for name in ["secondary_private_ip_address_count", "secondary_private_ip_addresses"] {
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
        // A deleted gateway stays listed for an hour.
        let found = load::<types::NatGateway>(aws, &region, id).await?.filter(|g| !is_gone(g));
        Ok(found.map(|gateway| Self::seen(aws, &region, &gateway, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let client = aws.ec2(Some(&region));
        let tags = tagging::specification(aws, ResourceType::Natgateway, planned.tags.as_ref(), op);
        let request = planned.create_request(op)?.tag_specifications(tags);
        let answer = retry::patiently(ctx, || aws.send("ec2:CreateNatGateway", || request.clone().send_with(&client))).await?;
        let made = answer.nat_gateway.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no NAT gateway"))?;
        let id = made.nat_gateway_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint_with(id.as_str(), Self::seen(aws, &region, &made, Some(&planned)).to_value()).await?;
        let ready = settled(ctx, &region, &id).await?;
        Ok(Self::seen(aws, &region, &ready, Some(&planned)))
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        let moves = prior.secondary_allocation_ids != planned.secondary_allocation_ids
            || prior.secondary_private_ip_addresses != planned.secondary_private_ip_addresses;
        if !moves {
            return Ok(Self { tags_all: Some(tags_all), ..planned });
        }
        if planned.connectivity_type.as_deref() == Some("private") {
            Self::change_private(ctx, &region, &id, &prior, &planned).await?;
        } else {
            Self::change_public(ctx, &region, &id, &prior, &planned).await?;
        }
        let now = settled(ctx, &region, &id).await?;
        Ok(Self::seen(aws, &region, &now, Some(&planned)))
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let request = aws.ec2(Some(&region)).delete_nat_gateway().nat_gateway_id(&id);
        match aws.send("ec2:DeleteNatGateway", || request.clone().send()).await {
            Err(error) if error.is_not_found() => Ok(()),
            answer => {
                gone_is_done(answer)?;
                deleted(ctx, &region, &id).await
            }
        }
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let made = made_by::<types::NatGateway>(aws, &region, op).await?.filter(|g| !is_gone(g));
        let Some(id) = made.and_then(|g| g.nat_gateway_id) else { return Ok(None) };
        let ready = settled(ctx, &region, &id).await?;
        Ok(Some(Self::seen(aws, &region, &ready, Some(planned))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_op_token_is_the_client_token() {
        let op = OpToken::new();
        let gateway = NatGateway { subnet_id: Some("subnet-1".into()), vpc_id: Some("vpc-1".into()), ..NatGateway::default() };
        let request = gateway.create_request(op).expect("small numbers");
        assert_eq!(request.get_client_token().as_deref(), Some(op.to_string().as_str()));
        assert!(request.get_vpc_id().is_none(), "the VPC is the subnet's unless the gateway is regional");
    }

    #[test]
    fn nothing_wanted_is_nothing_changed() {
        let now = Some(BTreeSet::from(["a".to_owned()]));
        assert_eq!(changes(now.as_ref(), None), (vec![], vec![]));
        assert_eq!(changes(now.as_ref(), Some(&BTreeSet::from(["b".to_owned()]))), (vec!["a".to_owned()], vec!["b".to_owned()]));
    }
}
