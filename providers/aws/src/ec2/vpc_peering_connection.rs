//! `aws_vpc_peering_connection`

use super::describe::{made_by, tag_map};
use super::peering::{self, Options};
use super::{gone_is_done, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::region;
use aws_sdk_ec2::operation::create_vpc_peering_connection::CreateVpcPeeringConnectionInput;
use aws_sdk_ec2::operation::create_vpc_peering_connection::builders::CreateVpcPeeringConnectionInputBuilder;
use aws_sdk_ec2::types::{self, ResourceType, VpcPeeringConnectionStateReasonCode as State};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;
use std::time::Duration;

/// A connection between two VPCs, as the side that asks for it sees it.
#[derive(Clone, Default, Shape)]
pub struct VpcPeeringConnection {
    /// Where it stands: `pending-acceptance`, `active`.
    #[attr(computed)]
    pub accept_status: Option<String>,
    /// Accepts it at once; both VPCs must be of this account and region.
    #[attr(optional)]
    pub auto_accept: Option<bool>,
    /// Id of the connection.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Account of the other VPC.
    #[attr(optional, computed, force_new)]
    pub peer_owner_id: Option<String>,
    /// Region of the other VPC.
    #[attr(optional, computed, force_new)]
    pub peer_region: Option<String>,
    /// The other VPC.
    #[attr(required, force_new)]
    pub peer_vpc_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the connection.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// The VPC that asks.
    #[attr(required, force_new)]
    pub vpc_id: Option<String>,
    /// What the other side allows.
    #[block(list, max = 1)]
    pub accepter: Vec<Options>,
    /// What this side allows.
    #[block(list, max = 1)]
    pub requester: Vec<Options>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

impl VpcPeeringConnection {
    fn create_request(&self) -> CreateVpcPeeringConnectionInputBuilder {
        CreateVpcPeeringConnectionInput::builder()
            .set_vpc_id(self.vpc_id.clone())
            .set_peer_vpc_id(self.peer_vpc_id.clone())
            .set_peer_owner_id(set(&self.peer_owner_id).map(Into::into))
            .set_peer_region(set(&self.peer_region).map(Into::into))
    }

    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, connection: &types::VpcPeeringConnection, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let (own, peer) = peering::sides(connection, set(&base.vpc_id), false);
        let tags = aws.tags_seen(tag_map(connection.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let (accepter, requester) = (connection.accepter_vpc_info.as_ref(), connection.requester_vpc_info.as_ref());
        Self {
            accept_status: peering::state(connection).map(|s| s.as_str().to_owned()),
            auto_accept: base.auto_accept,
            id: connection.vpc_peering_connection_id.clone(),
            peer_owner_id: peer.and_then(|p| p.owner_id.clone()).or(base.peer_owner_id),
            peer_region: peer.and_then(|p| p.region.clone()).or(base.peer_region),
            peer_vpc_id: peer.and_then(|p| p.vpc_id.clone()).or(base.peer_vpc_id),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: own.and_then(|o| o.vpc_id.clone()).or(base.vpc_id),
            accepter: peering::options_seen(accepter, prior.map(|p| p.accepter.as_slice())),
            requester: peering::options_seen(requester, prior.map(|p| p.requester.as_slice())),
            timeouts: base.timeouts,
        }
    }
}

/// Waits until a deleted connection is over.
async fn deleted(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<()> {
    let wait = Wait::new(format!("deletion of peering connection {id}"), Pace::millis(300, 5000), Duration::from_mins(3));
    wait.run(ctx, || async {
        match peering::live(&ctx.client, region, id).await? {
            None => Ok(Look::Ready(())),
            Some(connection) => Ok(Look::Pending(peering::state(&connection).map_or("deleting", |s| s.as_str()).to_owned())),
        }
    })
    .await
}

impl Resource for VpcPeeringConnection {
    type Client = Aws;
    const TYPE: &'static str = "aws_vpc_peering_connection";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn validate(config: &Value) -> Diagnostics {
        let accepts = config.get("auto_accept").and_then(|v| v.as_bool()) == Some(true);
        let mut out = Diagnostics::new();
        if accepts && config.get("peer_region").is_some_and(|v| !v.is_null()) {
            let detail = "auto_accept works within one region: leave peer_region out, or accept the connection with \
                          aws_vpc_peering_connection_accepter.";
            out.push(Diagnostic::error("auto_accept cannot reach another region", detail));
        }
        out
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        if !draft.is_create() && draft.changes("auto_accept") {
            draft.set_unknown("accept_status");
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        Ok(peering::live(aws, &region, id).await?.map(|c| Self::seen(aws, &region, &c, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let client = aws.ec2(Some(&region));
        let tags = tagging::specification(aws, ResourceType::VpcPeeringConnection, planned.tags.as_ref(), op);
        let request = planned.create_request().tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:CreateVpcPeeringConnection", || request.clone().send_with(&client)).await?;
            answer.vpc_peering_connection.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no connection"))
        };
        let made = once(Proof::OpTag, call, || made_by::<types::VpcPeeringConnection>(aws, &region, op)).await?;
        let id = made.vpc_peering_connection_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        let mut now = peering::reached(ctx, &region, &id, &[State::PendingAcceptance, State::Active]).await?;
        if planned.auto_accept == Some(true) {
            now = peering::accept(ctx, &region, now).await?;
        }
        peering::set_options(aws, &region, &id, planned.accepter.first(), planned.requester.first()).await?;
        let seen = Self::seen(aws, &region, &now, Some(&planned));
        Ok(Self {
            tags: planned.tags.clone(),
            tags_all: Some(aws.all_tags(planned.tags.as_ref())),
            accepter: planned.accepter.clone(),
            requester: planned.requester.clone(),
            ..seen
        })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
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

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let request = aws.ec2(Some(&region)).delete_vpc_peering_connection().vpc_peering_connection_id(&id);
        match aws.send("ec2:DeleteVpcPeeringConnection", || request.clone().send()).await {
            // It is over already: failed, rejected, expired or deleted.
            Err(error) if error.code.as_deref() == Some("InvalidStateTransition") => {
                if peering::live(aws, &region, &id).await?.is_some() {
                    Err(error)
                } else {
                    Ok(())
                }
            }
            Err(error) if error.is_not_found() => Ok(()),
            answer => {
                gone_is_done(answer)?;
                deleted(ctx, &region, &id).await
            }
        }
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref());
        let made = made_by::<types::VpcPeeringConnection>(aws, region, op).await?.filter(|c| !peering::is_over(c));
        Ok(made.map(|c| Self::seen(aws, region, &c, Some(planned))))
    }
}
