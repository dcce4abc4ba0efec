//! `aws_vpc_peering_connection_options`

use super::peering::{self, Options};
use crate::client::Aws;
use crate::region;
use aws_sdk_ec2::types::{VpcPeeringConnection, VpcPeeringConnectionStateReasonCode as State};
use levee_sdk::context::OpToken;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};

/// What the sides of a peering connection allow each other. Deleting this leaves everything as it is.
#[derive(Clone, Default, Shape)]
pub struct VpcPeeringConnectionOptions {
    /// Id of the connection.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The connection.
    #[attr(required, force_new)]
    pub vpc_peering_connection_id: Option<String>,
    /// What the side that was asked allows.
    #[block(list, max = 1)]
    pub accepter: Vec<Options>,
    /// What the side that asked allows.
    #[block(list, max = 1)]
    pub requester: Vec<Options>,
}

impl VpcPeeringConnectionOptions {
    fn connection(&self) -> &str {
        self.vpc_peering_connection_id.as_deref().unwrap_or_default()
    }

    fn seen(region: &str, connection: &VpcPeeringConnection, prior: Option<&Self>) -> Self {
        let (accepter, requester) = (connection.accepter_vpc_info.as_ref(), connection.requester_vpc_info.as_ref());
        Self {
            id: connection.vpc_peering_connection_id.clone(),
            region: Some(region.to_owned()),
            vpc_peering_connection_id: connection.vpc_peering_connection_id.clone(),
            accepter: peering::options_seen(accepter, prior.map(|p| p.accepter.as_slice())),
            requester: peering::options_seen(requester, prior.map(|p| p.requester.as_slice())),
        }
    }
}

impl Resource for VpcPeeringConnectionOptions {
    type Client = Aws;
    const TYPE: &'static str = "aws_vpc_peering_connection_options";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let (id, region) = region::of_read(&ctx.client, id, prior.and_then(|p| p.region.as_deref()));
        Ok(peering::live(&ctx.client, &region, id).await?.map(|c| Self::seen(&region, &c, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _op: OpToken) -> Result<Self> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        let id = planned.connection().to_owned();
        peering::reached(ctx, &region, &id, &[State::Active, State::Provisioning]).await?;
        peering::set_options(&ctx.client, &region, &id, planned.accepter.first(), planned.requester.first()).await?;
        ctx.checkpoint(id.as_str()).await?;
        Ok(Self { id: Some(id), region: Some(region), ..planned })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let region = ctx.client.region_of(prior.region.as_deref()).to_owned();
        let (accepter, requester) =
            (peering::changed(&prior.accepter, &planned.accepter), peering::changed(&prior.requester, &planned.requester));
        peering::set_options(&ctx.client, &region, planned.connection(), accepter, requester).await?;
        Ok(planned)
    }

    /// A connection always has options: there is nothing to take away.
    async fn delete(_ctx: &Ctx<Aws>, _prior: Self, _op: OpToken) -> Result<()> {
        Ok(())
    }

    async fn find(ctx: &Ctx<Aws>, _op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let found = Self::read(ctx, planned.connection(), Some(planned)).await?;
        Ok(found.filter(|now| now.accepter == planned.accepter && now.requester == planned.requester))
    }
}
