//! `aws_vpc_peering_connection_accepter`

use super::describe::tag_map;
use super::peering::{self, Options};
use super::{set, tagging, timeouts};
use crate::client::Aws;
use crate::region;
use aws_sdk_ec2::types::{self, VpcPeeringConnectionStateReasonCode as State};
use levee_sdk::context::OpToken;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;

/// A connection between two VPCs, as the side that is asked sees it. Deleting this leaves the connection alone.
#[derive(Clone, Default, Shape)]
pub struct VpcPeeringConnectionAccepter {
    /// Where it stands: `pending-acceptance`, `active`.
    #[attr(computed)]
    pub accept_status: Option<String>,
    /// Accepts it.
    #[attr(optional)]
    pub auto_accept: Option<bool>,
    /// Id of the connection.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Account of the other VPC.
    #[attr(computed)]
    pub peer_owner_id: Option<String>,
    /// Region of the other VPC.
    #[attr(computed)]
    pub peer_region: Option<String>,
    /// The other VPC, which asks.
    #[attr(computed)]
    pub peer_vpc_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the connection, on this side.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// The VPC that is asked.
    #[attr(computed)]
    pub vpc_id: Option<String>,
    /// The connection.
    #[attr(required, force_new)]
    pub vpc_peering_connection_id: Option<String>,
    /// What this side allows.
    #[block(list, max = 1)]
    pub accepter: Vec<Options>,
    /// What the other side allows.
    #[block(list, max = 1)]
    pub requester: Vec<Options>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdate>,
}

impl VpcPeeringConnectionAccepter {
    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, connection: &types::VpcPeeringConnection, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let (own, peer) = peering::sides(connection, set(&base.vpc_id), true);
        let tags = aws.tags_seen(tag_map(connection.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let (accepter, requester) = (connection.accepter_vpc_info.as_ref(), connection.requester_vpc_info.as_ref());
        Self {
            accept_status: peering::state(connection).map(|s| s.as_str().to_owned()),
            auto_accept: base.auto_accept,
            id: connection.vpc_peering_connection_id.clone(),
            peer_owner_id: peer.and_then(|p| p.owner_id.clone()),
            peer_region: peer.and_then(|p| p.region.clone()),
            peer_vpc_id: peer.and_then(|p| p.vpc_id.clone()),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: own.and_then(|o| o.vpc_id.clone()),
            vpc_peering_connection_id: connection.vpc_peering_connection_id.clone(),
            accepter: peering::options_seen(accepter, prior.map(|p| p.accepter.as_slice())),
            requester: peering::options_seen(requester, prior.map(|p| p.requester.as_slice())),
            timeouts: base.timeouts,
        }
    }

    fn connection(&self) -> &str {
        self.vpc_peering_connection_id.as_deref().unwrap_or_default()
    }
}

impl Resource for VpcPeeringConnectionAccepter {
    type Client = Aws;
    const TYPE: &'static str = "aws_vpc_peering_connection_accepter";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        let accepts = draft.planned("auto_accept").unmark_deep().0.as_bool() == Some(true);
        // A run that was killed may have left it unaccepted.
        let is_due = accepts && draft.prior("accept_status").as_str() == Some(State::PendingAcceptance.as_str());
        if !draft.is_create() && (is_due || draft.changes("auto_accept")) {
            draft.set_unknown("accept_status");
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        Ok(peering::live(aws, &region, id).await?.map(|c| Self::seen(aws, &region, &c, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let id = planned.connection().to_owned();
        let there = [State::PendingAcceptance, State::Active, State::Provisioning];
        let mut now = peering::reached(ctx, &region, &id, &there).await?;
        ctx.checkpoint(id.as_str()).await?;
        if planned.auto_accept == Some(true) {
            now = peering::accept(ctx, &region, now).await?;
        }
        peering::set_options(aws, &region, &id, planned.accepter.first(), planned.requester.first()).await?;
        let seen = Self::seen(aws, &region, &now, Some(&planned));
        let tags_all = tagging::update(aws, &region, &id, seen.tags_all.as_ref(), planned.tags.as_ref()).await?;
        Ok(Self {
            tags: planned.tags.clone(),
            tags_all: Some(tags_all),
            accepter: planned.accepter.clone(),
            requester: planned.requester.clone(),
            ..seen
        })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = planned.connection().to_owned();
        let mut done = planned;
        let is_due = done.auto_accept == Some(true) && prior.accept_status.as_deref() != Some("active");
        if is_due && let Some(now) = peering::live(aws, &region, &id).await? {
            let now = peering::accept(ctx, &region, now).await?;
            done.accept_status = peering::state(&now).map(|s| s.as_str().to_owned());
        }
        let (accepter, requester) =
            (peering::changed(&prior.accepter, &done.accepter), peering::changed(&prior.requester, &done.requester));
        peering::set_options(aws, &region, &id, accepter, requester).await?;
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), done.tags.as_ref()).await?;
        let accept_status = done.accept_status.clone().or(prior.accept_status);
        Ok(Self { tags_all: Some(tags_all), accept_status, ..done })
    }

    /// The connection is the requester's to delete.
    async fn delete(_ctx: &Ctx<Aws>, _prior: Self, _op: OpToken) -> Result<()> {
        Ok(())
    }

    async fn find(ctx: &Ctx<Aws>, _op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let found = Self::read(ctx, planned.connection(), Some(planned)).await?;
        // Before the acceptance nothing has been done.
        Ok(found.filter(|c| planned.auto_accept != Some(true) || c.accept_status.as_deref() == Some("active")))
    }
}
