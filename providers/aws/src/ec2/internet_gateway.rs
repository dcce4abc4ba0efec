//! `aws_internet_gateway`

use super::describe::{load, made_by, tag_map};
use super::{arn, gone_is_done, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{region, retry};
use aws_sdk_ec2::types::{self, ResourceType};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::BTreeMap;

/// A VPC's way to the internet.
#[derive(Clone, Default, Shape)]
pub struct InternetGateway {
    /// ARN of the gateway.
    #[attr(computed)]
    pub arn: Option<String>,
    /// Id of the gateway.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// Account that owns the gateway.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Tags of the gateway.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// VPC that it is attached to.
    #[attr(optional, computed)]
    pub vpc_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateUpdateDelete>,
}

impl InternetGateway {
    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, gateway: &types::InternetGateway, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let id = gateway.internet_gateway_id.clone().unwrap_or_default();
        let owner = gateway.owner_id.clone().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(gateway.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        Self {
            arn: Some(arn(region, &owner, "internet-gateway", &id)),
            id: Some(id),
            owner_id: Some(owner),
            region: Some(region.to_owned()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: attached_vpc(gateway),
            timeouts: base.timeouts,
        }
    }
}

fn attached_vpc(gateway: &types::InternetGateway) -> Option<String> {
    gateway.attachments.as_deref().unwrap_or_default().first()?.vpc_id.clone()
}

/// Attaches a gateway; one that is attached to that VPC already is as wanted.
async fn attach(aws: &Aws, region: &str, id: &str, vpc: &str) -> Result<()> {
    let request = aws.ec2(Some(region)).attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    match aws.send("ec2:AttachInternetGateway", || request.clone().send()).await {
        // The answer to an attachment was lost, and the attachment repeated.
        Err(error) if error.kind == ErrorKind::AlreadyExists || error.kind == ErrorKind::Conflict => {
            let now = load::<types::InternetGateway>(aws, region, id).await?;
            if now.as_ref().and_then(attached_vpc).as_deref() == Some(vpc) { Ok(()) } else { Err(error) }
        }
        answer => answer.map(|_| ()),
    }
}

async fn detach(ctx: &Ctx<Aws>, region: &str, id: &str, vpc: &str) -> Result<()> {
    let aws = &ctx.client;
    let request = aws.ec2(Some(region)).detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    match retry::patiently(ctx, || aws.send("ec2:DetachInternetGateway", || request.clone().send())).await {
        Err(error) if error.code.as_deref() == Some("Gateway.NotAttached") => Ok(()),
        answer => gone_is_done(answer),
    }
}

impl Resource for InternetGateway {
    type Client = Aws;
    const TYPE: &'static str = "aws_internet_gateway";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let found = load::<types::InternetGateway>(aws, &region, id).await?;
        Ok(found.map(|gateway| Self::seen(aws, &region, &gateway, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let tags = tagging::specification(aws, ResourceType::InternetGateway, planned.tags.as_ref(), op);
        let request = aws.ec2(Some(&region)).create_internet_gateway().tag_specifications(tags);
        let call = || async {
            let answer = aws.send_once("ec2:CreateInternetGateway", || request.clone().send()).await?;
            answer.internet_gateway.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no gateway"))
        };
        let made = once(Proof::OpTag, call, || made_by::<types::InternetGateway>(aws, &region, op)).await?;
        let id = made.internet_gateway_id.clone().unwrap_or_default();
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        let mut done = Self::seen(aws, &region, &made, Some(&planned));
        if let Some(vpc) = set(&planned.vpc_id) {
            attach(aws, &region, &id, vpc).await?;
            done.vpc_id = Some(vpc.to_owned());
        }
        Ok(done)
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        if prior.vpc_id != planned.vpc_id {
            if let Some(vpc) = set(&prior.vpc_id) {
                detach(ctx, &region, &id, vpc).await?;
            }
            if let Some(vpc) = set(&planned.vpc_id) {
                attach(aws, &region, &id, vpc).await?;
            }
        }
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        Ok(Self { tags_all: Some(tags_all), ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        if let Some(vpc) = set(&prior.vpc_id) {
            detach(ctx, &region, &id, vpc).await?;
        }
        let request = aws.ec2(Some(&region)).delete_internet_gateway().internet_gateway_id(id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DeleteInternetGateway", || request.clone().send())).await)
    }

    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref());
        let made = made_by::<types::InternetGateway>(aws, region, op).await?;
        Ok(made.map(|gateway| Self::seen(aws, region, &gateway, Some(planned))))
    }
}
