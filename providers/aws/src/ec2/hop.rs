//! One route: where to, and through what. `aws_route` and the `route` blocks of `aws_route_table` share it.

use super::{gone_is_done, set};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::retry;
use aws_sdk_ec2::operation::create_route::CreateRouteInput;
use aws_sdk_ec2::operation::create_route::builders::CreateRouteInputBuilder;
use aws_sdk_ec2::operation::delete_route::DeleteRouteInput;
use aws_sdk_ec2::operation::delete_route::builders::DeleteRouteInputBuilder;
use aws_sdk_ec2::operation::replace_route::ReplaceRouteInput;
use aws_sdk_ec2::operation::replace_route::builders::ReplaceRouteInputBuilder;
use aws_sdk_ec2::types::{self, RouteOrigin};
use levee_sdk::Ctx;
use levee_sdk::error::Result;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// An IPv4 block.
    Ipv4(String),
    /// An IPv6 block.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
}

/// What a route goes through: which kind of thing, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are EC2's")]
pub enum Via {
    CarrierGateway,
    CoreNetwork,
    EgressOnlyGateway,
    Gateway,
    LocalGateway,
    NatGateway,
    NetworkInterface,
    OdbNetwork,
    TransitGateway,
    VpcEndpoint,
    PeeringConnection,
}

/// A route of some table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// Where to.
    pub destination: Destination,
    /// Through which kind of thing.
    pub via: Via,
    /// Its id, or ARN.
    pub target: String,
}

impl Destination {
    /// The block or prefix list itself.
    pub fn text(&self) -> &str {
        match self {
            Self::Ipv4(text) | Self::Ipv6(text) | Self::PrefixList(text) => text,
        }
    }
    /// From a block or a prefix list's id.
    pub fn parse(text: &str) -> Self {
        let text = text.to_owned();
        if text.starts_with("pl-") {
            Self::PrefixList(text)
        } else if text.contains(':') {
            Self::Ipv6(text)
        } else {
            Self::Ipv4(text)
        }
    }
    /// Of a route that AWS shows.
    pub fn of(route: &types::Route) -> Option<Self> {
        let ipv4 = set(&route.destination_cidr_block).map(|b| Self::Ipv4(b.to_owned()));
        let ipv6 = || set(&route.destination_ipv6_cidr_block).map(|b| Self::Ipv6(b.to_owned()));
        ipv4.or_else(ipv6).or_else(|| set(&route.destination_prefix_list_id).map(|l| Self::PrefixList(l.to_owned())))
    }
    /// Whether it is the same network: AWS writes IPv6 in its own way.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ipv6(a), Self::Ipv6(b)) => network(a) == network(b),
            _ => self == other,
        }
    }
}

/// An IPv6 block as a number and a length, or as it is written.
fn network(block: &str) -> std::result::Result<(std::net::Ipv6Addr, &str), &str> {
    block.split_once('/').and_then(|(ip, length)| Some((ip.parse().ok()?, length))).ok_or(block)
}

impl Hop {
    /// Of a route that AWS shows; none for what goes nowhere.
    pub fn of(route: &types::Route) -> Option<Self> {
        let endpoint = |id: &&str| id.starts_with("vpce-");
        let candidates = [
            (Via::CarrierGateway, &route.carrier_gateway_id),
            (Via::CoreNetwork, &route.core_network_arn),
            (Via::EgressOnlyGateway, &route.egress_only_internet_gateway_id),
            (Via::Gateway, &route.gateway_id),
            (Via::LocalGateway, &route.local_gateway_id),
            (Via::NatGateway, &route.nat_gateway_id),
            (Via::NetworkInterface, &route.network_interface_id),
            (Via::OdbNetwork, &route.odb_network_arn),
            (Via::TransitGateway, &route.transit_gateway_id),
            (Via::PeeringConnection, &route.vpc_peering_connection_id),
        ];
        let (via, target) = candidates.into_iter().find_map(|(via, id)| set(id).map(|id| (via, id)))?;
        let via = if via == Via::Gateway && endpoint(&target) { Via::VpcEndpoint } else { via };
        Some(Self { destination: Destination::of(route)?, via, target: target.to_owned() })
    }

    /// Whether both are the same route, destinations compared as networks.
    pub fn is(&self, other: &Self) -> bool {
        self.destination.is(&other.destination) && self.via == other.via && self.target == other.target
    }

    /// The call that adds it to a table.
    pub fn create_request(&self, table: &str) -> CreateRouteInputBuilder {
        let call = CreateRouteInput::builder().route_table_id(table);
        let call = match &self.destination {
            Destination::Ipv4(block) => call.destination_cidr_block(block),
            Destination::Ipv6(block) => call.destination_ipv6_cidr_block(block),
            Destination::PrefixList(id) => call.destination_prefix_list_id(id),
        };
        let id = self.target.as_str();
        match self.via {
            Via::CarrierGateway => call.carrier_gateway_id(id),
            Via::CoreNetwork => call.core_network_arn(id),
            Via::EgressOnlyGateway => call.egress_only_internet_gateway_id(id),
            Via::Gateway => call.gateway_id(id),
            Via::LocalGateway => call.local_gateway_id(id),
            Via::NatGateway => call.nat_gateway_id(id),
            Via::NetworkInterface => call.network_interface_id(id),
            Via::OdbNetwork => call.odb_network_arn(id),
            Via::TransitGateway => call.transit_gateway_id(id),
            Via::VpcEndpoint => call.vpc_endpoint_id(id),
            Via::PeeringConnection => call.vpc_peering_connection_id(id),
        }
    }

    /// The call that leads a table's route to its destination through it instead.
    pub fn replace_request(&self, table: &str) -> ReplaceRouteInputBuilder {
        let call = ReplaceRouteInput::builder().route_table_id(table);
        let call = match &self.destination {
            Destination::Ipv4(block) => call.destination_cidr_block(block),
            Destination::Ipv6(block) => call.destination_ipv6_cidr_block(block),
            Destination::PrefixList(id) => call.destination_prefix_list_id(id),
        };
        let id = self.target.as_str();
        match self.via {
            Via::CarrierGateway => call.carrier_gateway_id(id),
            Via::CoreNetwork => call.core_network_arn(id),
            Via::EgressOnlyGateway => call.egress_only_internet_gateway_id(id),
            Via::Gateway if id == "local" => call.local_target(true),
            Via::Gateway => call.gateway_id(id),
            Via::LocalGateway => call.local_gateway_id(id),
            Via::NatGateway => call.nat_gateway_id(id),
            Via::NetworkInterface => call.network_interface_id(id),
            Via::OdbNetwork => call.odb_network_arn(id),
            Via::TransitGateway => call.transit_gateway_id(id),
            Via::VpcEndpoint => call.vpc_endpoint_id(id),
            Via::PeeringConnection => call.vpc_peering_connection_id(id),
        }
    }
}

/// The call that removes the route to a destination.
fn delete_request(table: &str, destination: &Destination) -> DeleteRouteInputBuilder {
    let call = DeleteRouteInput::builder().route_table_id(table);
    match destination {
        Destination::Ipv4(block) => call.destination_cidr_block(block),
        Destination::Ipv6(block) => call.destination_ipv6_cidr_block(block),
        Destination::PrefixList(id) => call.destination_prefix_list_id(id),
    }
}

/// The route of a table that leads to a destination; those that a gateway propagates do not count.
pub fn route_to<'a>(table: &'a types::RouteTable, destination: &Destination) -> Option<&'a types::Route> {
    let routes = table.routes.as_deref().unwrap_or_default();
    routes.iter().find(|route| {
        route.origin != Some(RouteOrigin::EnableVgwRoutePropagation) && Destination::of(route).is_some_and(|d| d.is(destination))
    })
}

/// Adds a route to a table.
pub async fn create(ctx: &Ctx<Aws>, region: &str, table: &str, hop: &Hop) -> Result<()> {
    let (aws, client) = (&ctx.client, ctx.client.ec2(Some(region)));
    let request = hop.create_request(table);
    let send = || async { aws.send_once("ec2:CreateRoute", || request.clone().send_with(&client)).await.map(|_| ()) };
    let there = || async {
        let table = super::describe::load::<types::RouteTable>(aws, region, table).await?;
        let now = table.as_ref().and_then(|t| route_to(t, &hop.destination)).and_then(Hop::of);
        Ok(now.filter(|now| now.is(hop)).map(|_| ()))
    };
    once(Proof::NaturalKey, || retry::patiently(ctx, send), there).await
}

/// Leads the route to a destination through something else.
pub async fn replace(ctx: &Ctx<Aws>, region: &str, table: &str, hop: &Hop) -> Result<()> {
    let (aws, client) = (&ctx.client, ctx.client.ec2(Some(region)));
    let request = hop.replace_request(table);
    let send = || async { aws.send("ec2:ReplaceRoute", || request.clone().send_with(&client)).await.map(|_| ()) };
    retry::patiently(ctx, send).await
}

/// Removes the route to a destination; one that is gone already is as wanted.
pub async fn delete(aws: &Aws, region: &str, table: &str, destination: &Destination) -> Result<()> {
    let client = aws.ec2(Some(region));
    let request = delete_request(table, destination);
    gone_is_done(aws.send("ec2:DeleteRoute", || request.clone().send_with(&client)).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_is_an_endpoint_is_seen_as_one() {
        let route = types::Route::builder().destination_cidr_block("0.0.0.0/0").gateway_id("vpce-1").build();
        let hop = Hop::of(&route).expect("a route");
        assert_eq!((hop.via, hop.target.as_str()), (Via::VpcEndpoint, "vpce-1"));
        assert_eq!(hop.create_request("rtb-1").get_vpc_endpoint_id().as_deref(), Some("vpce-1"));
    }

    #[test]
    fn ipv6_destinations_are_networks_not_texts() {
        let (short, long) = (Destination::parse("2001:db8::/32"), Destination::parse("2001:0db8:0000::/32"));
        assert!(short.is(&long));
        assert!(!short.is(&Destination::parse("2001:db8::/48")));
    }

    #[test]
    fn destinations_are_told_by_their_look() {
        assert_eq!(Destination::parse("10.0.0.0/8"), Destination::Ipv4("10.0.0.0/8".to_owned()));
        assert_eq!(Destination::parse("pl-1"), Destination::PrefixList("pl-1".to_owned()));
        assert!(delete_request("rtb-1", &Destination::parse("::/0")).get_destination_ipv6_cidr_block().is_some());
    }
}
