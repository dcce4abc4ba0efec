//! `aws_route`

use super::describe::load;
use super::hop::{self, Destination, Hop, Via};
use super::{set, timeouts};
use crate::client::Aws;
use crate::region;
use aws_sdk_ec2::types;
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};

/// A route in a route table. Not to be mixed with `route` blocks of the same table.
#[derive(Clone, Default, Shape)]
pub struct Route {
    /// Goes through this carrier gateway.
    #[attr(optional)]
    pub carrier_gateway_id: Option<String>,
    /// Goes through this core network.
    #[attr(optional)]
    pub core_network_arn: Option<String>,
    /// Leads to this IPv4 block.
    #[attr(optional, force_new, equality = Cidr)]
    pub destination_cidr_block: Option<String>,
    /// Leads to this IPv6 block.
    #[attr(optional, force_new, equality = Cidr)]
    pub destination_ipv6_cidr_block: Option<String>,
    /// Leads to the networks of this prefix list.
    #[attr(optional, force_new)]
    pub destination_prefix_list_id: Option<String>,
    /// Goes through this egress-only internet gateway.
    #[attr(optional)]
    pub egress_only_gateway_id: Option<String>,
    /// Goes through this internet gateway or virtual private gateway, or stays `local`.
    #[attr(optional)]
    pub gateway_id: Option<String>,
    /// Id of the route, made of its table and its destination.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Instance of the network interface it goes through.
    #[attr(computed)]
    pub instance_id: Option<String>,
    /// Account that owns the instance.
    #[attr(computed)]
    pub instance_owner_id: Option<String>,
    /// Goes through this local gateway, on an Outpost.
    #[attr(optional)]
    pub local_gateway_id: Option<String>,
    /// Goes through this NAT gateway.
    #[attr(optional)]
    pub nat_gateway_id: Option<String>,
    /// Goes through this network interface.
    #[attr(optional, computed)]
    pub network_interface_id: Option<String>,
    /// Goes through this Oracle database network.
    #[attr(optional)]
    pub odb_network_arn: Option<String>,
    /// How the route came to be.
    #[attr(computed)]
    pub origin: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Route table that it stands in.
    #[attr(required, force_new)]
    pub route_table_id: Option<String>,
    /// `active`, or `blackhole` where its target is gone.
    #[attr(computed)]
    pub state: Option<String>,
    /// Goes through this transit gateway.
    #[attr(optional)]
    pub transit_gateway_id: Option<String>,
    /// Goes through this VPC endpoint.
    #[attr(optional)]
    pub vpc_endpoint_id: Option<String>,
    /// Goes through this peering connection.
    #[attr(optional)]
    pub vpc_peering_connection_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

const DESTINATIONS: [&str; 3] = ["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];
const TARGETS: [&str; 11] = [
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "odb_network_arn",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

impl Route {
    fn targets(&self) -> [(Via, &Option<String>); 11] {
        [
            (Via::CarrierGateway, &self.carrier_gateway_id),
            (Via::CoreNetwork, &self.core_network_arn),
            (Via::EgressOnlyGateway, &self.egress_only_gateway_id),
            (Via::Gateway, &self.gateway_id),
            (Via::LocalGateway, &self.local_gateway_id),
            (Via::NatGateway, &self.nat_gateway_id),
            (Via::OdbNetwork, &self.odb_network_arn),
            (Via::TransitGateway, &self.transit_gateway_id),
            (Via::VpcEndpoint, &self.vpc_endpoint_id),
            (Via::PeeringConnection, &self.vpc_peering_connection_id),
            // Last: it is filled in by AWS as well.
            (Via::NetworkInterface, &self.network_interface_id),
        ]
    }

    fn destination(&self) -> Option<Destination> {
        let ipv4 = set(&self.destination_cidr_block).map(|b| Destination::Ipv4(b.to_owned()));
        let ipv6 = || set(&self.destination_ipv6_cidr_block).map(|b| Destination::Ipv6(b.to_owned()));
        ipv4.or_else(ipv6).or_else(|| set(&self.destination_prefix_list_id).map(|l| Destination::PrefixList(l.to_owned())))
    }

    fn hop(&self) -> Result<Hop> {
        let wanted = |what: &str| ProviderError::invalid(format!("the route names no {what}"));
        let destination = self.destination().ok_or_else(|| wanted("destination"))?;
        let (via, target) = self.targets().into_iter().find_map(|(via, id)| set(id).map(|id| (via, id))).ok_or_else(|| wanted("target"))?;
        Ok(Hop { destination, via, target: target.to_owned() })
    }

    fn table(&self) -> &str {
        self.route_table_id.as_deref().unwrap_or_default()
    }

    /// The object as AWS shows it, over what it was.
    fn seen(region: &str, table: &str, route: &types::Route, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let destination = base.destination().or_else(|| Destination::of(route));
        let hop = Hop::of(route);
        let via = |wanted: Via| hop.as_ref().filter(|h| h.via == wanted).map(|h| h.target.clone());
        let text = |wanted: fn(&Destination) -> bool| destination.as_ref().filter(|d| wanted(d)).map(|d| d.text().to_owned());
        Self {
            carrier_gateway_id: via(Via::CarrierGateway),
            core_network_arn: via(Via::CoreNetwork),
            destination_cidr_block: text(|d| matches!(d, Destination::Ipv4(_))),
            destination_ipv6_cidr_block: text(|d| matches!(d, Destination::Ipv6(_))),
            destination_prefix_list_id: text(|d| matches!(d, Destination::PrefixList(_))),
            egress_only_gateway_id: via(Via::EgressOnlyGateway),
            gateway_id: via(Via::Gateway),
            id: base.id.or_else(|| destination.as_ref().map(|d| route_id(table, d))),
            instance_id: route.instance_id.clone().filter(|id| !id.is_empty()),
            instance_owner_id: route.instance_owner_id.clone().filter(|id| !id.is_empty()),
            local_gateway_id: via(Via::LocalGateway),
            nat_gateway_id: via(Via::NatGateway),
            network_interface_id: via(Via::NetworkInterface),
            odb_network_arn: via(Via::OdbNetwork),
            origin: route.origin.as_ref().map(|o| o.as_str().to_owned()),
            region: Some(region.to_owned()),
            route_table_id: Some(table.to_owned()),
            state: route.state.as_ref().map(|s| s.as_str().to_owned()),
            transit_gateway_id: via(Via::TransitGateway),
            vpc_endpoint_id: via(Via::VpcEndpoint),
            vpc_peering_connection_id: via(Via::PeeringConnection),
            timeouts: base.timeouts,
        }
    }

    async fn look(ctx: &Ctx<Aws>, region: &str, table: &str, to: &Destination, prior: Option<&Self>) -> Result<Option<Self>> {
        let found = load::<types::RouteTable>(&ctx.client, region, table).await?;
        let route = found.as_ref().and_then(|t| hop::route_to(t, to));
        Ok(route.map(|route| Self::seen(region, table, route, prior)))
    }

    /// The object after a call that led it through `hop`. Only for an interface is there more to know.
    async fn after(self, ctx: &Ctx<Aws>, region: &str, hop: &Hop) -> Result<Self> {
        let table = self.table().to_owned();
        if hop.via == Via::NetworkInterface {
            let found = Self::look(ctx, region, &table, &hop.destination, Some(&self)).await?;
            return found.ok_or_else(|| ProviderError::new(ErrorKind::Failed, "the route is gone"));
        }
        Ok(Self {
            id: Some(route_id(&table, &hop.destination)),
            network_interface_id: None,
            origin: Some("CreateRoute".to_owned()),
            region: Some(region.to_owned()),
            state: Some("active".to_owned()),
            ..self
        })
    }
}

/// Terraform's id of a route: the table, and a checksum of the destination.
fn route_id(table: &str, destination: &Destination) -> String {
    format!("r-{table}{}", crc32(destination.text().as_bytes()))
}

/// The checksum of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Says what is wrong unless exactly one of the arguments is set.
fn exactly_one(config: &Value, names: &[&str], what: &str, out: &mut Diagnostics) {
    let given: Vec<&str> = names.iter().copied().filter(|name| config.get(name).is_some_and(|v| !v.is_null())).collect();
    let known = given.iter().all(|name| config.get(name).is_some_and(|v| v.is_known()));
    if given.len() > 1 && known {
        out.push(Diagnostic::error(format!("A route has one {what}"), format!("Set are {}.", given.join(" and "))));
    } else if given.is_empty() {
        let detail = format!("One of these must be set: {}.", names.join(", "));
        out.push(Diagnostic::error(format!("The route has no {what}"), detail));
    }
}

impl Resource for Route {
    type Client = Aws;
    const TYPE: &'static str = "aws_route";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn validate(config: &Value) -> Diagnostics {
        let mut out = Diagnostics::new();
        exactly_one(config, &DESTINATIONS, "destination", &mut out);
        exactly_one(config, &TARGETS, "target", &mut out);
        out
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan(client, draft);
        if !draft.is_create() && TARGETS.iter().any(|name| draft.changes(name)) {
            for name in ["instance_id", "instance_owner_id", "origin", "state"] {
                draft.set_unknown(name);
            }
            if draft.config("network_interface_id").is_null() {
                draft.set_unknown("network_interface_id");
            }
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let Some(prior) = prior else { return Self::import(ctx, id).await };
        let region = ctx.client.region_of(prior.region.as_deref()).to_owned();
        let Some(destination) = prior.destination() else { return Ok(None) };
        Self::look(ctx, &region, prior.table(), &destination, Some(prior)).await
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _op: OpToken) -> Result<Self> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        let hop = planned.hop()?;
        hop::create(ctx, &region, planned.table(), &hop).await?;
        ctx.checkpoint(route_id(planned.table(), &hop.destination)).await?;
        planned.after(ctx, &region, &hop).await
    }

    async fn update(ctx: &Ctx<Aws>, _prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        let hop = planned.hop()?;
        hop::replace(ctx, &region, planned.table(), &hop).await?;
        planned.after(ctx, &region, &hop).await
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let region = ctx.client.region_of(prior.region.as_deref()).to_owned();
        let Some(destination) = prior.destination() else { return Ok(()) };
        hop::delete(&ctx.client, &region, prior.table(), &destination).await
    }

    async fn import(ctx: &Ctx<Aws>, id: &str) -> Result<Option<Self>> {
        let (id, region) = region::of_read(&ctx.client, id, None);
        let Some((table, destination)) = id.split_once('_') else {
            return Err(ProviderError::invalid(format!("{id:?} does not name a route"))
                .hint("write the table and the destination: rtb-0123456789abcdef0_10.1.0.0/16"));
        };
        Self::look(ctx, &region, table, &Destination::parse(destination), None).await
    }

    async fn find(ctx: &Ctx<Aws>, _op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        let hop = planned.hop()?;
        let found = Self::look(ctx, &region, planned.table(), &hop.destination, Some(planned)).await?;
        // Another target would be another's route.
        Ok(found.filter(|route| route.hop().is_ok_and(|now| now.is(&hop))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_terraforms() {
        // The checksum of "123456789" is the algorithm's published check value.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(route_id("rtb-1", &Destination::parse("0.0.0.0/0")), "r-rtb-11080289494");
    }

    #[test]
    fn one_destination_and_one_target() {
        let config = |names: &[&str]| Value::object(names.iter().map(|n| (std::sync::Arc::from(*n), Value::string("x"))).collect());
        assert!(Route::validate(&config(&["destination_cidr_block", "gateway_id"])).is_empty());
        assert_eq!(Route::validate(&config(&["destination_cidr_block"])).len(), 1);
        assert_eq!(Route::validate(&config(&["destination_cidr_block", "gateway_id", "nat_gateway_id"])).len(), 1);
    }
}
