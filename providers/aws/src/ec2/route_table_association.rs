//! `aws_route_table_association`

use super::describe::{filter, load, select};
use super::{gone_is_done, set, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::region;
use aws_sdk_ec2::types::{self, RouteTableAssociationStateCode};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::time::Duration;

/// Which route table a subnet or a gateway uses.
#[derive(Clone, Default, Shape)]
pub struct RouteTableAssociation {
    /// Gateway that uses the table.
    #[attr(optional, force_new)]
    pub gateway_id: Option<String>,
    /// Id of the association.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// The route table.
    #[attr(required)]
    pub route_table_id: Option<String>,
    /// Subnet that uses the table.
    #[attr(optional, force_new)]
    pub subnet_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

impl RouteTableAssociation {
    fn seen(region: &str, association: &types::RouteTableAssociation, prior: Option<&Self>) -> Self {
        Self {
            gateway_id: association.gateway_id.clone().filter(|id| !id.is_empty()),
            id: association.route_table_association_id.clone(),
            region: Some(region.to_owned()),
            route_table_id: association.route_table_id.clone(),
            subnet_id: association.subnet_id.clone().filter(|id| !id.is_empty()),
            timeouts: prior.and_then(|p| p.timeouts.clone()),
        }
    }

    /// Whether the association connects what this connects.
    fn connects(&self, association: &types::RouteTableAssociation) -> bool {
        let same = |ours: &Option<String>, theirs: &Option<String>| set(ours).is_some() && set(ours) == set(theirs);
        same(&self.subnet_id, &association.subnet_id) || same(&self.gateway_id, &association.gateway_id)
    }

    /// The association in its table that this connects.
    async fn look(&self, ctx: &Ctx<Aws>, region: &str) -> Result<Option<types::RouteTableAssociation>> {
        let table = self.route_table_id.as_deref().unwrap_or_default();
        let found = load::<types::RouteTable>(&ctx.client, region, table).await?;
        Ok(found.and_then(|t| live(&t).find(|a| self.connects(a)).cloned()))
    }

    /// Waits until an association that is on its way is in use.
    async fn settled(&self, ctx: &Ctx<Aws>, region: &str, id: &str, state: Option<RouteTableAssociationStateCode>) -> Result<()> {
        if state.is_none() || state == Some(RouteTableAssociationStateCode::Associated) {
            return Ok(());
        }
        let wait = Wait::new(format!("association {id}"), Pace::millis(300, 3000), Duration::from_mins(5));
        wait.run(ctx, || async {
            let now = self.look(ctx, region).await?;
            let state = now.and_then(|a| a.association_state);
            match state.as_ref().and_then(|s| s.state.as_ref()) {
                Some(RouteTableAssociationStateCode::Associated) => Ok(Look::Ready(())),
                Some(RouteTableAssociationStateCode::Failed) => {
                    let why = state.and_then(|s| s.status_message).unwrap_or_else(|| "AWS does not say why".to_owned());
                    Err(ProviderError::new(ErrorKind::Failed, format!("the association failed: {why}")))
                }
                _ => Ok(Look::Pending("associating".to_owned())),
            }
        })
        .await
    }
}

/// The associations of a table that hold or are about to.
fn live(table: &types::RouteTable) -> impl Iterator<Item = &types::RouteTableAssociation> {
    let gone = |a: &types::RouteTableAssociation| {
        let state = a.association_state.as_ref().and_then(|s| s.state.as_ref());
        matches!(state, Some(RouteTableAssociationStateCode::Disassociated | RouteTableAssociationStateCode::Disassociating))
    };
    table.associations.as_deref().unwrap_or_default().iter().filter(move |a| !gone(a))
}

impl Resource for RouteTableAssociation {
    type Client = Aws;
    const TYPE: &'static str = "aws_route_table_association";

    fn identity() -> Identity {
        Identity::NaturalKey
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan(client, draft);
        if !draft.is_create() && draft.changes("route_table_id") {
            draft.set_unknown("id");
        }
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let table = match prior.and_then(|p| set(&p.route_table_id)) {
            Some(table) => load::<types::RouteTable>(aws, &region, table).await?,
            None => select(aws, &region, vec![filter("association.route-table-association-id", [id])]).await?.pop(),
        };
        let found = table.as_ref().and_then(|t| live(t).find(|a| a.route_table_association_id.as_deref() == Some(id)));
        Ok(found.map(|association| Self::seen(&region, association, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let request = aws
            .ec2(Some(&region))
            .associate_route_table()
            .set_route_table_id(planned.route_table_id.clone())
            .set_subnet_id(set(&planned.subnet_id).map(Into::into))
            .set_gateway_id(set(&planned.gateway_id).map(Into::into));
        let call = || async {
            let answer = aws.send_once("ec2:AssociateRouteTable", || request.clone().send()).await?;
            let id = answer.association_id.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no id"))?;
            Ok((id, answer.association_state.and_then(|s| s.state)))
        };
        let there = || async {
            let found = planned.look(ctx, &region).await?;
            Ok(found.and_then(|a| Some((a.route_table_association_id?, a.association_state.and_then(|s| s.state)))))
        };
        let (id, state) = once(Proof::NaturalKey, call, there).await?;
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        planned.settled(ctx, &region, &id, state).await?;
        Ok(Self { id: Some(id), region: Some(region), ..planned })
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        if prior.route_table_id == planned.route_table_id {
            return Ok(planned);
        }
        let request = aws
            .ec2(Some(&region))
            .replace_route_table_association()
            .set_association_id(prior.id.clone())
            .set_route_table_id(planned.route_table_id.clone());
        let call = || async {
            let answer = aws.send_once("ec2:ReplaceRouteTableAssociation", || request.clone().send()).await?;
            let id = answer.new_association_id.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no id"))?;
            Ok((id, answer.association_state.and_then(|s| s.state)))
        };
        let there = || async {
            let found = planned.look(ctx, &region).await?;
            Ok(found.and_then(|a| Some((a.route_table_association_id?, a.association_state.and_then(|s| s.state)))))
        };
        let (id, state) = once(Proof::NaturalKey, call, there).await?;
        ctx.checkpoint(id.as_str()).await?;
        planned.settled(ctx, &region, &id, state).await?;
        Ok(Self { id: Some(id), ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let request = aws.ec2(prior.region.as_deref()).disassociate_route_table().set_association_id(prior.id);
        gone_is_done(aws.send("ec2:DisassociateRouteTable", || request.clone().send()).await)
    }

    async fn import(ctx: &Ctx<Aws>, id: &str) -> Result<Option<Self>> {
        let (id, region) = region::of_read(&ctx.client, id, None);
        let Some((target, table)) = id.split_once('/') else {
            return Err(ProviderError::invalid(format!("{id:?} does not name an association"))
                .hint("write the subnet or gateway and the table: subnet-0123456789abcdef0/rtb-0123456789abcdef0"));
        };
        let gateway = !target.starts_with("subnet-");
        let wanted = Self {
            subnet_id: (!gateway).then(|| target.to_owned()),
            gateway_id: gateway.then(|| target.to_owned()),
            route_table_id: Some(table.to_owned()),
            ..Self::default()
        };
        Ok(wanted.look(ctx, &region).await?.map(|found| Self::seen(&region, &found, None)))
    }

    async fn find(ctx: &Ctx<Aws>, _op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        Ok(planned.look(ctx, &region).await?.map(|found| Self::seen(&region, &found, Some(planned))))
    }
}
