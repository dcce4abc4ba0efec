//! `aws_route_table`

use super::describe::{load, made_by, tag_map};
use super::hop::{self, Destination, Hop, Via};
use super::{arn, gone_is_done, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{attribute_blocks, region, retry};
use aws_sdk_ec2::types::{self, ResourceType, RouteOrigin};
use futures::future::try_join_all;
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// A route table, with its routes or without.
#[derive(Clone, Default, Shape)]
pub struct RouteTable {
    /// ARN of the table.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Id of the table.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Account that owns the table.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Virtual private gateways that may add routes.
    #[attr(optional, computed)]
    pub propagating_vgws: Option<BTreeSet<String>>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// All routes of the table. Without it, routes are the business of `aws_route` and are not looked at here.
    #[attr(optional, computed, set)]
    pub route: Option<Vec<InlineRoute>>,
    /// Tags of the table.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// VPC that the table belongs to.
    #[attr(required, force_new)]
    pub vpc_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

/// A route of the table: one destination, one target.
#[derive(Clone, Default, Shape)]
pub struct InlineRoute {
    /// Goes through this carrier gateway.
    #[attr(computed)]
    pub carrier_gateway_id: Option<String>,
    /// Leads to this IPv4 block.
    #[attr(computed)]
    pub cidr_block: Option<String>,
    /// Goes through this core network.
    #[attr(computed)]
    pub core_network_arn: Option<String>,
    /// Leads to the networks of this prefix list.
    #[attr(computed)]
    pub destination_prefix_list_id: Option<String>,
    /// Goes through this egress-only internet gateway.
    #[attr(computed)]
    pub egress_only_gateway_id: Option<String>,
    /// Goes through this internet gateway or virtual private gateway, or stays `local`.
    #[attr(computed)]
    pub gateway_id: Option<String>,
    /// Leads to this IPv6 block.
    #[attr(computed)]
    pub ipv6_cidr_block: Option<String>,
    /// Goes through this local gateway, on an Outpost.
    #[attr(computed)]
    pub local_gateway_id: Option<String>,
    /// Goes through this NAT gateway.
    #[attr(computed)]
    pub nat_gateway_id: Option<String>,
    /// Goes through this network interface.
    #[attr(computed)]
    pub network_interface_id: Option<String>,
    /// Goes through this Oracle database network.
    #[attr(computed)]
    pub odb_network_arn: Option<String>,
    /// Goes through this transit gateway.
    #[attr(computed)]
    pub transit_gateway_id: Option<String>,
    /// Goes through this VPC endpoint.
    #[attr(computed)]
    pub vpc_endpoint_id: Option<String>,
    /// Goes through this peering connection.
    #[attr(computed)]
    pub vpc_peering_connection_id: Option<String>,
}

impl InlineRoute {
    fn hop(&self) -> Result<Hop> {
        let targets = [
            (Via::CarrierGateway, &self.carrier_gateway_id),
            (Via::CoreNetwork, &self.core_network_arn),
            (Via::EgressOnlyGateway, &self.egress_only_gateway_id),
            (Via::Gateway, &self.gateway_id),
            (Via::LocalGateway, &self.local_gateway_id),
            (Via::NatGateway, &self.nat_gateway_id),
            (Via::NetworkInterface, &self.network_interface_id),
            (Via::OdbNetwork, &self.odb_network_arn),
            (Via::TransitGateway, &self.transit_gateway_id),
            (Via::VpcEndpoint, &self.vpc_endpoint_id),
            (Via::PeeringConnection, &self.vpc_peering_connection_id),
        ];
        let ipv4 = set(&self.cidr_block).map(|b| Destination::Ipv4(b.to_owned()));
        let ipv6 = || set(&self.ipv6_cidr_block).map(|b| Destination::Ipv6(b.to_owned()));
        let list = || set(&self.destination_prefix_list_id).map(|l| Destination::PrefixList(l.to_owned()));
        let target = targets.into_iter().find_map(|(via, id)| set(id).map(|id| (via, id)));
        let (Some(destination), Some((via, target))) = (ipv4.or_else(ipv6).or_else(list), target) else {
            return Err(ProviderError::invalid("a route block needs one destination and one target"));
        };
        Ok(Hop { destination, via, target: target.to_owned() })
    }

    fn of(hop: &Hop) -> Self {
        let via = |wanted: Via| (hop.via == wanted).then(|| hop.target.clone());
        let text = |wanted: bool| wanted.then(|| hop.destination.text().to_owned());
        Self {
            carrier_gateway_id: via(Via::CarrierGateway),
            cidr_block: text(matches!(hop.destination, Destination::Ipv4(_))),
            core_network_arn: via(Via::CoreNetwork),
            destination_prefix_list_id: text(matches!(hop.destination, Destination::PrefixList(_))),
            egress_only_gateway_id: via(Via::EgressOnlyGateway),
            gateway_id: via(Via::Gateway),
            ipv6_cidr_block: text(matches!(hop.destination, Destination::Ipv6(_))),
            local_gateway_id: via(Via::LocalGateway),
            nat_gateway_id: via(Via::NatGateway),
            network_interface_id: via(Via::NetworkInterface),
            odb_network_arn: via(Via::OdbNetwork),
            transit_gateway_id: via(Via::TransitGateway),
            vpc_endpoint_id: via(Via::VpcEndpoint),
            vpc_peering_connection_id: via(Via::PeeringConnection),
        }
    }
}

/// The routes that somebody wrote: not the VPC's own, not propagated ones, not those of gateway endpoints.
fn written(table: &types::RouteTable) -> Vec<Hop> {
    let is_written = |route: &&types::Route| {
        route.origin != Some(RouteOrigin::EnableVgwRoutePropagation) && route.origin != Some(RouteOrigin::CreateRouteTable)
    };
    let hops = table.routes.as_deref().unwrap_or_default().iter().filter(is_written).filter_map(Hop::of);
    hops.filter(|hop| {
        let endpoint = hop.via == Via::VpcEndpoint && matches!(hop.destination, Destination::PrefixList(_));
        hop.target != "local" && !endpoint
    })
    .collect()
}

/// The routes as they were written where they are still there, and those that came on top.
fn routes_seen(table: &types::RouteTable, prior: &[InlineRoute]) -> Vec<InlineRoute> {
    let now = written(table);
    let mut all = table.routes.as_deref().unwrap_or_default().iter().filter_map(Hop::of);
    let all: Vec<Hop> = all.by_ref().collect();
    let known: Vec<(&InlineRoute, Hop)> = prior.iter().filter_map(|r| Some((r, r.hop().ok()?))).collect();
    let kept = known.iter().filter(|(_, hop)| all.iter().any(|n| n.is(hop))).map(|(route, _)| (*route).clone());
    let new = now.iter().filter(|n| !known.iter().any(|(_, hop)| n.is(hop))).map(InlineRoute::of);
    kept.chain(new).collect()
}

impl RouteTable {
    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, table: &types::RouteTable, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let id = table.route_table_id.clone().unwrap_or_default();
        let owner = table.owner_id.clone().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(table.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let gateways = table.propagating_vgws.as_deref().unwrap_or_default().iter().filter_map(|g| g.gateway_id.clone());
        let route = match (prior, &base.route) {
            (Some(_), None) => None,
            (_, written) => Some(attribute_blocks::whole(routes_seen(table, written.as_deref().unwrap_or_default()))),
        };
        Self {
            arn: Some(arn(region, &owner, "route-table", &id)),
            id: Some(id),
            owner_id: Some(owner),
            propagating_vgws: Some(gateways.collect()),
            region: Some(region.to_owned()),
            route,
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: table.vpc_id.clone(),
            timeouts: base.timeouts,
        }
    }

    fn hops(&self) -> Result<Vec<Hop>> {
        self.route.iter().flatten().map(InlineRoute::hop).collect()
    }

    /// Makes the routes what they are to be, all at the same time.
    async fn change_routes(ctx: &Ctx<Aws>, region: &str, id: &str, now: &[Hop], wanted: &[Hop]) -> Result<()> {
        let gone = now.iter().filter(|n| !wanted.iter().any(|w| w.destination.is(&n.destination)));
        try_join_all(gone.map(|hop| hop::delete(&ctx.client, region, id, &hop.destination))).await?;
        let changed = wanted.iter().filter(|w| !now.iter().any(|n| n.is(w)));
        let changes = changed.map(|hop| async {
            let exists = now.iter().any(|n| n.destination.is(&hop.destination)) || hop.target == "local";
            if exists { hop::replace(ctx, region, id, hop).await } else { hop::create(ctx, region, id, hop).await }
        });
        try_join_all(changes).await.map(|_| ())
    }

    async fn change_propagation(aws: &Aws, region: &str, id: &str, now: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Result<()> {
        let client = aws.ec2(Some(region));
        for gateway in now.difference(wanted) {
            let request = client.disable_vgw_route_propagation().route_table_id(id).gateway_id(gateway);
            gone_is_done(aws.send("ec2:DisableVgwRoutePropagation", || request.clone().send()).await)?;
        }
        for gateway in wanted.difference(now) {
            let request = client.enable_vgw_route_propagation().route_table_id(id).gateway_id(gateway);
            aws.send("ec2:EnableVgwRoutePropagation", || request.clone().send()).await?;
        }
        Ok(())
    }
}

impl Resource for RouteTable {
    type Client = Aws;
    const TYPE: &'static str = "aws_route_table";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        attribute_blocks::plan(draft, &["route"]);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let found = load::<types::RouteTable>(aws, &region, id).await?;
        Ok(found.map(|table| Self::seen(aws, &region, &table, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let hops = planned.hops()?;
        let tags = tagging::specification(aws, ResourceType::RouteTable, planned.tags.as_ref(), op);
        let request = aws
            .ec2(Some(&region))
            .create_route_table()
            .set_vpc_id(planned.vpc_id.clone())
            .client_token(op.to_string())
            .tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:CreateRouteTable", || request.clone().send()).await?;
            answer.route_table.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no route table"))
        };
        let made = once(Proof::OpTag, call, || made_by::<types::RouteTable>(aws, &region, op)).await?;
        let id = made.route_table_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        let none = BTreeSet::new();
        let gateways = planned.propagating_vgws.as_ref().unwrap_or(&none);
        Self::change_propagation(aws, &region, &id, &none, gateways).await?;
        Self::change_routes(ctx, &region, &id, &written(&made), &hops).await?;
        let seen = Self::seen(aws, &region, &made, Some(&planned));
        Ok(Self { route: planned.route.clone(), propagating_vgws: Some(gateways.clone()), ..seen })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let none = BTreeSet::new();
        let gateways = |v: &Self| v.propagating_vgws.clone().unwrap_or_else(|| none.clone());
        Self::change_propagation(aws, &region, &id, &gateways(&prior), &gateways(&planned)).await?;
        if planned.route.is_some() {
            Self::change_routes(ctx, &region, &id, &prior.hops()?, &planned.hops()?).await?;
        }
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        Ok(Self { tags_all: Some(tags_all), ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let request = aws.ec2(prior.region.as_deref()).delete_route_table().set_route_table_id(prior.id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DeleteRouteTable", || request.clone().send())).await)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref());
        let made = made_by::<types::RouteTable>(aws, region, op).await?;
        Ok(made.map(|table| Self::seen(aws, region, &table, Some(planned))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(routes: &[(&str, &str, RouteOrigin)]) -> types::RouteTable {
        let route = |(block, gateway, origin): &(&str, &str, RouteOrigin)| {
            types::Route::builder().destination_cidr_block(*block).gateway_id(*gateway).origin(origin.clone()).build()
        };
        types::RouteTable::builder().set_routes(Some(routes.iter().map(route).collect())).build()
    }

    #[test]
    fn only_written_routes_are_seen() {
        let table = table(&[
            ("10.0.0.0/16", "local", RouteOrigin::CreateRouteTable),
            ("10.9.0.0/16", "vgw-1", RouteOrigin::EnableVgwRoutePropagation),
            ("0.0.0.0/0", "igw-1", RouteOrigin::CreateRoute),
        ]);
        let seen = routes_seen(&table, &[]);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].cidr_block.as_deref(), seen[0].gateway_id.as_deref()), (Some("0.0.0.0/0"), Some("igw-1")));
    }

    #[test]
    fn a_route_that_went_is_missed() {
        let written = InlineRoute { cidr_block: Some("0.0.0.0/0".into()), gateway_id: Some("igw-1".into()), ..InlineRoute::default() };
        assert!(routes_seen(&table(&[]), std::slice::from_ref(&written)).is_empty());
        let same = table(&[("0.0.0.0/0", "igw-1", RouteOrigin::CreateRoute)]);
        assert_eq!(routes_seen(&same, std::slice::from_ref(&written)).len(), 1);
    }
}
