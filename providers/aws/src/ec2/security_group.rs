//! `aws_security_group`

use super::describe::{load, made_by, tag_map};
use super::security_group_permissions::{Changes, InlineRule, Permission, of_aws, of_rule, requests, rules_seen};
use super::{arn, gone_is_done, set, tagging, timeouts};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::{attribute_blocks, region, retry};
use aws_sdk_ec2::types::{self, ResourceType};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::wait::{Look, Pace, Wait};
use levee_sdk::{Ctx, Draft, Identity, Resource, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A firewall around network interfaces.
#[derive(Clone, Default, Shape)]
pub struct SecurityGroup {
    /// ARN of the group.
    #[attr(computed)]
    pub arn: Option<String>,
    /// What it is for; cannot be changed later.
    #[attr(optional, force_new, default = "Managed by Terraform")]
    pub description: Option<String>,
    /// All that may go out. Without it, `aws_vpc_security_group_egress_rule` has the say.
    #[attr(optional, computed, set)]
    pub egress: Option<Vec<InlineRule>>,
    /// Id of the group.
    #[attr(optional, computed)]
    pub id: Option<String>,
    /// All that may come in. Without it, `aws_vpc_security_group_ingress_rule` has the say.
    #[attr(optional, computed, set)]
    pub ingress: Option<Vec<InlineRule>>,
    /// Name of the group, unique in its VPC.
    #[attr(optional, computed, force_new)]
    pub name: Option<String>,
    /// Beginning of a name that is made unique.
    #[attr(optional, computed, force_new)]
    pub name_prefix: Option<String>,
    /// Account that owns the group.
    #[attr(computed)]
    pub owner_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Takes all rules away before the deletion, for groups that name each other.
    #[attr(optional, default = false)]
    pub revoke_rules_on_delete: Option<bool>,
    /// Tags of the group.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(optional, computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// VPC that it belongs to; without it, the default VPC.
    #[attr(optional, computed, force_new)]
    pub vpc_id: Option<String>,
    /// Longest durations.
    #[block(single)]
    pub timeouts: Option<timeouts::CreateDelete>,
}

/// Which way a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What may come in.
    Ingress,
    /// What may go out.
    Egress,
}

fn permissions(rules: Option<&Vec<InlineRule>>, group: &str) -> BTreeSet<Permission> {
    rules.into_iter().flatten().flat_map(|rule| of_rule(rule, group)).collect()
}

impl SecurityGroup {
    /// The name to create it under: given, or made of a prefix and the op token.
    fn wanted_name(&self, op: OpToken) -> String {
        match (set(&self.name), set(&self.name_prefix)) {
            (Some(name), _) => name.to_owned(),
            (None, prefix) => format!("{}{}", prefix.unwrap_or("terraform-"), op.0.simple()),
        }
    }

    /// The object as AWS shows it, over what it was. Rules that are not written here are not looked at.
    fn seen(aws: &Aws, region: &str, group: &types::SecurityGroup, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let id = group.group_id.clone().unwrap_or_default();
        let owner = group.owner_id.clone().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(group.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let rules = |now: &Option<Vec<types::IpPermission>>, written: &Option<Vec<InlineRule>>| match (prior, written) {
            (Some(_), None) => None,
            (_, written) => {
                let now = of_aws(now.as_deref().unwrap_or_default(), &owner);
                Some(attribute_blocks::whole(rules_seen(&now, written.as_deref().unwrap_or_default(), &id)))
            }
        };
        Self {
            arn: Some(group.security_group_arn.clone().unwrap_or_else(|| arn(region, &owner, "security-group", &id))),
            description: group.description.clone(),
            egress: rules(&group.ip_permissions_egress, &base.egress),
            ingress: rules(&group.ip_permissions, &base.ingress),
            name: group.group_name.clone(),
            name_prefix: base.name_prefix,
            region: Some(region.to_owned()),
            revoke_rules_on_delete: Some(base.revoke_rules_on_delete.unwrap_or(false)),
            tags: tags.tags,
            tags_all: tags.tags_all,
            vpc_id: group.vpc_id.clone(),
            timeouts: base.timeouts,
            owner_id: Some(owner),
            id: Some(id),
        }
    }

    /// What comes after the creating call: the rules that AWS gives every group go, and those that are written come.
    async fn finish(ctx: &Ctx<Aws>, region: &str, id: &str, planned: &Self) -> Result<Self> {
        let (ingress, egress) = (permissions(planned.ingress.as_ref(), id), permissions(planned.egress.as_ref(), id));
        let (none, default) = (BTreeSet::new(), BTreeSet::from([Permission::all_out()]));
        let ((), (), group) = futures::try_join!(
            change(ctx, region, id, Direction::Ingress, &none, &ingress),
            change(ctx, region, id, Direction::Egress, &default, &egress),
            shown(ctx, region, id),
        )?;
        // Whether the VPC has IPv6 is not known here; whether the group was given the rule for it is.
        let given = of_aws(group.ip_permissions_egress.as_deref().unwrap_or_default(), "");
        let ipv6 = Permission::all_out_ipv6();
        if given.contains(&ipv6) && !egress.contains(&ipv6) {
            change(ctx, region, id, Direction::Egress, &BTreeSet::from([ipv6]), &none).await?;
        }
        let done = Self::seen(&ctx.client, region, &group, Some(planned));
        Ok(Self { ingress: planned.ingress.clone(), egress: planned.egress.clone(), ..done })
    }
}

/// Waits until AWS shows a new group.
async fn shown(ctx: &Ctx<Aws>, region: &str, id: &str) -> Result<types::SecurityGroup> {
    let wait = Wait::new(format!("creation of security group {id}"), Pace::millis(300, 3000), Duration::from_mins(5));
    wait.run(ctx, || async {
        let found = load::<types::SecurityGroup>(&ctx.client, region, id).await?;
        Ok(found.map_or_else(|| Look::Pending("not visible yet".to_owned()), Look::Ready))
    })
    .await
}

/// Makes the rules of one direction what they are to be. A rule that is as wanted already is no error: an answer may have
/// been lost, and the call repeated.
async fn change(
    ctx: &Ctx<Aws>,
    region: &str,
    group: &str,
    direction: Direction,
    now: &BTreeSet<Permission>,
    wanted: &BTreeSet<Permission>,
) -> Result<()> {
    let changes = Changes::between(now, wanted);
    if !changes.revoke.is_empty() {
        gone_is_done(revoke(&ctx.client, region, group, direction, &changes.revoke).await)?;
    }
    if !changes.authorize.is_empty() {
        match authorize(&ctx.client, region, group, direction, &changes.authorize).await {
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                // One that is there stops all: one by one, then.
                for permission in &changes.authorize {
                    already_is_done(authorize(&ctx.client, region, group, direction, std::slice::from_ref(permission)).await)?;
                }
            }
            answer => answer?,
        }
    }
    if !changes.describe.is_empty() {
        describe(&ctx.client, region, group, direction, &changes.describe).await?;
    }
    Ok(())
}

fn already_is_done(answer: Result<()>) -> Result<()> {
    match answer {
        Err(error) if error.kind != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn authorize(aws: &Aws, region: &str, group: &str, direction: Direction, what: &[Permission]) -> Result<()> {
    let (client, what) = (aws.ec2(Some(region)), Some(requests(what)));
    match direction {
        Direction::Ingress => {
            let request = client.authorize_security_group_ingress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:AuthorizeSecurityGroupIngress", || request.clone().send()).await.map(|_| ())
        }
        Direction::Egress => {
            let request = client.authorize_security_group_egress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:AuthorizeSecurityGroupEgress", || request.clone().send()).await.map(|_| ())
        }
    }
}

async fn revoke(aws: &Aws, region: &str, group: &str, direction: Direction, what: &[Permission]) -> Result<()> {
    let (client, what) = (aws.ec2(Some(region)), Some(requests(what)));
    match direction {
        Direction::Ingress => {
            let request = client.revoke_security_group_ingress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:RevokeSecurityGroupIngress", || request.clone().send()).await.map(|_| ())
        }
        Direction::Egress => {
            let request = client.revoke_security_group_egress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:RevokeSecurityGroupEgress", || request.clone().send()).await.map(|_| ())
        }
    }
}

async fn describe(aws: &Aws, region: &str, group: &str, direction: Direction, what: &[Permission]) -> Result<()> {
    let (client, what) = (aws.ec2(Some(region)), Some(requests(what)));
    match direction {
        Direction::Ingress => {
            let request = client.update_security_group_rule_descriptions_ingress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:UpdateSecurityGroupRuleDescriptionsIngress", || request.clone().send()).await.map(|_| ())
        }
        Direction::Egress => {
            let request = client.update_security_group_rule_descriptions_egress().group_id(group).set_ip_permissions(what);
            aws.send("ec2:UpdateSecurityGroupRuleDescriptionsEgress", || request.clone().send()).await.map(|_| ())
        }
    }
}

/// Takes all rules of a group away.
async fn revoke_all(aws: &Aws, region: &str, id: &str) -> Result<()> {
    let Some(group) = load::<types::SecurityGroup>(aws, region, id).await? else { return Ok(()) };
    let client = aws.ec2(Some(region));
    if let Some(ingress) = group.ip_permissions.filter(|all| !all.is_empty()) {
        let request = client.revoke_security_group_ingress().group_id(id).set_ip_permissions(Some(ingress));
        gone_is_done(aws.send("ec2:RevokeSecurityGroupIngress", || request.clone().send()).await)?;
    }
    if let Some(egress) = group.ip_permissions_egress.filter(|all| !all.is_empty()) {
        let request = client.revoke_security_group_egress().group_id(id).set_ip_permissions(Some(egress));
        gone_is_done(aws.send("ec2:RevokeSecurityGroupEgress", || request.clone().send()).await)?;
    }
    Ok(())
}

impl Resource for SecurityGroup {
    type Client = Aws;
    const TYPE: &'static str = "aws_security_group";

    fn identity() -> Identity {
        Identity::Tag
    }
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
    fn plan(client: Option<&Aws>, draft: &mut Draft) -> Result<()> {
        region::plan_with_tags(client, draft);
        attribute_blocks::plan(draft, &["ingress", "egress"]);
        Ok(())
    }

    async fn read(ctx: &Ctx<Aws>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let aws = &ctx.client;
        let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
        let found = load::<types::SecurityGroup>(aws, &region, id).await?;
        Ok(found.map(|group| Self::seen(aws, &region, &group, prior)))
    }

    async fn create(ctx: &Ctx<Aws>, planned: Self, op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(planned.region.as_deref()).to_owned();
        let request = aws
            .ec2(Some(&region))
            .create_security_group()
            .group_name(planned.wanted_name(op))
            .description(planned.description.as_deref().unwrap_or("Managed by Terraform"))
            .set_vpc_id(set(&planned.vpc_id).map(Into::into))
            .tag_specifications(tagging::specification(aws, ResourceType::SecurityGroup, planned.tags.as_ref(), op));
        let call = || async {
            let answer = aws.send_once("ec2:CreateSecurityGroup", || request.clone().send()).await?;
            answer.group_id.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no group id"))
        };
        let there = || async { Ok(made_by::<types::SecurityGroup>(aws, &region, op).await?.and_then(|g| g.group_id)) };
        let id = once(Proof::OpTag, call, there).await?;
        aws.sender().born(&id);
        ctx.checkpoint(id.as_str()).await?;
        Self::finish(ctx, &region, &id, &planned).await
    }

    async fn update(ctx: &Ctx<Aws>, prior: Self, planned: Self, _op: OpToken) -> Result<Self> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        let rules = [(Direction::Ingress, &prior.ingress, &planned.ingress), (Direction::Egress, &prior.egress, &planned.egress)];
        for (direction, now, wanted) in rules.into_iter().filter(|(_, _, wanted)| wanted.is_some()) {
            change(ctx, &region, &id, direction, &permissions(now.as_ref(), &id), &permissions(wanted.as_ref(), &id)).await?;
        }
        let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
        Ok(Self { tags_all: Some(tags_all), ..planned })
    }

    async fn delete(ctx: &Ctx<Aws>, prior: Self, _op: OpToken) -> Result<()> {
        let aws = &ctx.client;
        let region = aws.region_of(prior.region.as_deref()).to_owned();
        let id = prior.id.clone().unwrap_or_default();
        if prior.revoke_rules_on_delete == Some(true) {
            revoke_all(aws, &region, &id).await?;
        }
        let request = aws.ec2(Some(&region)).delete_security_group().group_id(id);
        gone_is_done(retry::patiently(ctx, || aws.send("ec2:DeleteSecurityGroup", || request.clone().send())).await)
    }

    /// Finishes what the creation began, too: a group that still lets everything out is not what was planned.
    async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        let region = ctx.client.region_of(planned.region.as_deref()).to_owned();
        match made_by::<types::SecurityGroup>(&ctx.client, &region, op).await?.and_then(|g| g.group_id) {
            Some(id) => Self::finish(ctx, &region, &id, planned).await.map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_or_made_unique() {
        let op = OpToken::new();
        let named = SecurityGroup { name: Some("web".into()), ..SecurityGroup::default() };
        assert_eq!(named.wanted_name(op), "web");
        let prefixed = SecurityGroup { name_prefix: Some("web-".into()), ..SecurityGroup::default() };
        assert_eq!(prefixed.wanted_name(op), prefixed.wanted_name(op), "a repeated call names the same group");
        assert!(prefixed.wanted_name(op).starts_with("web-"));
    }
}
