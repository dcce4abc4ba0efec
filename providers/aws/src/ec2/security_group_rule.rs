//! What `aws_vpc_security_group_ingress_rule` and `aws_vpc_security_group_egress_rule` share: all but the direction.

use super::describe::{load, made_by, tag_map};
use super::security_group::Direction;
use super::security_group_permissions::protocol_name;
use super::{arn, gone_is_done, int, set, tagging};
use crate::client::Aws;
use crate::once::{Proof, once};
use crate::region;
use aws_sdk_ec2::types::{
    self, IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRuleRequest, SecurityGroupRuleUpdate,
    TagSpecification, UserIdGroupPair,
};
use levee_sdk::context::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Diagnostic, Diagnostics, Value};
use levee_sdk::{Ctx, Draft, Shape};
use std::collections::BTreeMap;

/// The arguments that say whom the rule is about; exactly one is set.
const PEERS: [&str; 4] = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];

/// A rule of a security group: one range of ports, one peer.
#[derive(Clone, Default, Shape)]
pub struct Rule {
    /// ARN of the rule.
    #[attr(computed)]
    pub arn: Option<String>,
    /// IPv4 block that it is about.
    #[attr(optional)]
    pub cidr_ipv4: Option<String>,
    /// IPv6 block that it is about.
    #[attr(optional)]
    pub cidr_ipv6: Option<String>,
    /// What the rule is for.
    #[attr(optional)]
    pub description: Option<String>,
    /// First port, or ICMP type.
    #[attr(optional)]
    pub from_port: Option<i64>,
    /// Id of the rule.
    #[attr(computed)]
    pub id: Option<String>,
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    #[attr(required)]
    pub ip_protocol: Option<String>,
    /// Prefix list that it is about.
    #[attr(optional)]
    pub prefix_list_id: Option<String>,
    /// Security group that it is about.
    #[attr(optional)]
    pub referenced_security_group_id: Option<String>,
    /// Region, if not the provider's.
    #[attr(optional, computed)]
    pub region: Option<String>,
    /// Security group that it belongs to.
    #[attr(required, force_new)]
    pub security_group_id: Option<String>,
    /// Id of the rule.
    #[attr(computed)]
    pub security_group_rule_id: Option<String>,
    /// Tags of the rule.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Its tags and those of the provider block.
    #[attr(computed)]
    pub tags_all: Option<BTreeMap<String, String>>,
    /// Last port, or ICMP code.
    #[attr(optional)]
    pub to_port: Option<i64>,
}

impl Rule {
    fn protocol(&self) -> String {
        protocol_name(self.ip_protocol.as_deref().unwrap_or("-1"))
    }

    /// The ports as AWS takes them: none where the rule is about all protocols.
    fn ports(&self) -> Result<(Option<i32>, Option<i32>)> {
        if self.protocol() == "-1" {
            return Ok((None, None));
        }
        Ok((int("from_port", self.from_port)?, int("to_port", self.to_port)?))
    }

    /// As the creating call takes it.
    fn permission(&self) -> Result<IpPermission> {
        let (from, to) = self.ports()?;
        let text = set(&self.description).map(str::to_owned);
        let it = IpPermission::builder().ip_protocol(self.protocol()).set_from_port(from).set_to_port(to);
        let it = if let Some(block) = set(&self.cidr_ipv4) {
            it.ip_ranges(IpRange::builder().cidr_ip(block).set_description(text).build())
        } else if let Some(block) = set(&self.cidr_ipv6) {
            it.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(block).set_description(text).build())
        } else if let Some(id) = set(&self.prefix_list_id) {
            it.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(text).build())
        } else {
            let (owner, group) = group_and_owner(set(&self.referenced_security_group_id).unwrap_or_default());
            let pair = UserIdGroupPair::builder().group_id(group).set_user_id(owner.map(Into::into)).set_description(text);
            it.user_id_group_pairs(pair.build())
        };
        Ok(it.build())
    }

    /// As the changing call takes it.
    fn change(&self) -> Result<SecurityGroupRuleRequest> {
        let (from, to) = self.ports()?;
        let group = set(&self.referenced_security_group_id).map(|id| group_and_owner(id).1.to_owned());
        Ok(SecurityGroupRuleRequest::builder()
            .ip_protocol(self.protocol())
            .set_from_port(from)
            .set_to_port(to)
            .set_cidr_ipv4(self.cidr_ipv4.clone())
            .set_cidr_ipv6(self.cidr_ipv6.clone())
            .set_prefix_list_id(self.prefix_list_id.clone())
            .set_referenced_group_id(group)
            .set_description(self.description.clone())
            .build())
    }

    /// The object as AWS shows it, over what it was.
    fn seen(aws: &Aws, region: &str, rule: &types::SecurityGroupRule, prior: Option<&Self>) -> Self {
        let base = prior.cloned().unwrap_or_default();
        let id = rule.security_group_rule_id.clone().unwrap_or_default();
        let owner = rule.group_owner_id.as_deref().unwrap_or_default();
        let tags = aws.tags_seen(tag_map(rule.tags.as_deref().unwrap_or_default()), base.tags.as_ref());
        let protocol = rule.ip_protocol.clone();
        let same_protocol = base.ip_protocol.is_some() && protocol.as_deref() == Some(base.protocol().as_str());
        // AWS writes -1 where no port was given, and nothing where all protocols were.
        let port = |now: Option<i32>, was: Option<i64>| match now.map(i64::from) {
            Some(-1) if was.is_none() => None,
            None if protocol.as_deref() == Some("-1") => was,
            now => now,
        };
        Self {
            arn: Some(rule.security_group_rule_arn.clone().unwrap_or_else(|| arn(region, owner, "security-group-rule", &id))),
            cidr_ipv4: rule.cidr_ipv4.clone().filter(|s| !s.is_empty()),
            cidr_ipv6: rule.cidr_ipv6.clone().filter(|s| !s.is_empty()),
            description: rule.description.clone().filter(|d| !d.is_empty() || base.description.is_some()),
            from_port: port(rule.from_port, base.from_port),
            id: Some(id.clone()),
            ip_protocol: if same_protocol { base.ip_protocol.clone() } else { protocol.clone() },
            prefix_list_id: rule.prefix_list_id.clone().filter(|s| !s.is_empty()),
            referenced_security_group_id: referenced(rule, base.referenced_security_group_id.as_deref()),
            region: Some(region.to_owned()),
            security_group_id: rule.group_id.clone(),
            security_group_rule_id: Some(id),
            tags: tags.tags,
            tags_all: tags.tags_all,
            to_port: port(rule.to_port, base.to_port),
        }
    }
}

/// `123456789012/sg-1`: the account in front, if there is one, and the group.
fn group_and_owner(text: &str) -> (Option<&str>, &str) {
    text.split_once('/').map_or((None, text), |(owner, group)| (Some(owner), group))
}

/// The referenced group, with its account in front where that is another, or as it was written where that means the same.
fn referenced(rule: &types::SecurityGroupRule, prior: Option<&str>) -> Option<String> {
    let info = rule.referenced_group_info.as_ref()?;
    let group = set(&info.group_id)?;
    let foreign = set(&info.user_id).filter(|account| Some(*account) != rule.group_owner_id.as_deref());
    let now = foreign.map_or_else(|| group.to_owned(), |account| format!("{account}/{group}"));
    match prior {
        Some(prior) if group_and_owner(prior).1 == group => Some(prior.to_owned()),
        _ => Some(now),
    }
}

/// Whom the rule is about: exactly one argument says so.
pub fn validate(config: &Value) -> Diagnostics {
    let given: Vec<&str> = PEERS.iter().copied().filter(|name| config.get(name).is_some_and(|v| !v.is_null())).collect();
    let known = given.iter().all(|name| config.get(name).is_some_and(|v| v.is_known()));
    let mut out = Diagnostics::new();
    if given.is_empty() || (given.len() > 1 && known) {
        let detail = format!("Exactly one of these must be set: {}.", PEERS.join(", "));
        out.push(Diagnostic::error("A rule is about one peer", detail));
    }
    out
}

/// See [`levee_sdk::Resource::plan`]. A rule cannot become one about another kind of peer.
pub fn plan(client: Option<&Aws>, draft: &mut Draft) {
    region::plan_with_tags(client, draft);
    if draft.is_create() {
        return;
    }
    for name in PEERS {
        if draft.prior(name).is_null() != draft.planned(name).is_null() {
            draft.force_replace(name);
        }
    }
}

/// See [`levee_sdk::Resource::read`].
pub async fn read(ctx: &Ctx<Aws>, direction: Direction, id: &str, prior: Option<&Rule>) -> Result<Option<Rule>> {
    let aws = &ctx.client;
    let (id, region) = region::of_read(aws, id, prior.and_then(|p| p.region.as_deref()));
    let found = load::<types::SecurityGroupRule>(aws, &region, id).await?;
    let ours = found.filter(|rule| rule.is_egress.unwrap_or(false) == (direction == Direction::Egress));
    Ok(ours.map(|rule| Rule::seen(aws, &region, &rule, prior)))
}

/// See [`levee_sdk::Resource::create`].
pub async fn create(ctx: &Ctx<Aws>, direction: Direction, planned: Rule, op: OpToken) -> Result<Rule> {
    let aws = &ctx.client;
    let region = aws.region_of(planned.region.as_deref()).to_owned();
    let permission = planned.permission()?;
    let tags = tagging::specification(aws, ResourceType::SecurityGroupRule, planned.tags.as_ref(), op);
    let call = || authorize(aws, &region, direction, &planned, &permission, &tags);
    let mut made = once(Proof::OpTag, call, || made_by::<types::SecurityGroupRule>(aws, &region, op)).await?;
    let id = made.security_group_rule_id.clone().unwrap_or_default();
    aws.sender().born(&id);
    ctx.checkpoint(id).await?;
    if made.security_group_rule_arn.is_none() && set(&made.group_owner_id).is_none() {
        made.group_owner_id = Some(aws.account_id().await?.to_owned());
    }
    let seen = Rule::seen(aws, &region, &made, Some(&planned));
    // Tags came along with the call; not every answer repeats them.
    Ok(Rule { tags: planned.tags.clone(), tags_all: Some(aws.all_tags(planned.tags.as_ref())), ..seen })
}

async fn authorize(
    aws: &Aws,
    region: &str,
    direction: Direction,
    rule: &Rule,
    permission: &IpPermission,
    tags: &TagSpecification,
) -> Result<types::SecurityGroupRule> {
    let client = aws.ec2(Some(region));
    let rules = match direction {
        Direction::Ingress => {
            let request = client.authorize_security_group_ingress().set_group_id(rule.security_group_id.clone());
            let request = request.ip_permissions(permission.clone()).tag_specifications(tags.clone());
            aws.send_once("ec2:AuthorizeSecurityGroupIngress", || request.clone().send()).await?.security_group_rules
        }
        Direction::Egress => {
            let request = client.authorize_security_group_egress().set_group_id(rule.security_group_id.clone());
            let request = request.ip_permissions(permission.clone()).tag_specifications(tags.clone());
            aws.send_once("ec2:AuthorizeSecurityGroupEgress", || request.clone().send()).await?.security_group_rules
        }
    };
    let first = rules.unwrap_or_default().into_iter().next();
    first.ok_or_else(|| ProviderError::new(ErrorKind::InDoubt, "the answer holds no rule"))
}

/// See [`levee_sdk::Resource::update`].
pub async fn update(ctx: &Ctx<Aws>, prior: Rule, planned: Rule) -> Result<Rule> {
    let aws = &ctx.client;
    let region = aws.region_of(prior.region.as_deref()).to_owned();
    let id = prior.id.clone().unwrap_or_default();
    let wanted = planned.change()?;
    if wanted != prior.change()? {
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(&id).security_group_rule(wanted).build();
        let request =
            aws.ec2(Some(&region)).modify_security_group_rules().set_group_id(prior.security_group_id.clone()).security_group_rules(update);
        aws.send("ec2:ModifySecurityGroupRules", || request.clone().send()).await?;
    }
    let tags_all = tagging::update(aws, &region, &id, prior.tags_all.as_ref(), planned.tags.as_ref()).await?;
    Ok(Rule { tags_all: Some(tags_all), ..planned })
}

/// See [`levee_sdk::Resource::delete`].
pub async fn delete(ctx: &Ctx<Aws>, direction: Direction, prior: Rule) -> Result<()> {
    let aws = &ctx.client;
    let client = aws.ec2(prior.region.as_deref());
    let (group, id) = (prior.security_group_id, prior.id.unwrap_or_default());
    gone_is_done(match direction {
        Direction::Ingress => {
            let request = client.revoke_security_group_ingress().set_group_id(group).security_group_rule_ids(id);
            aws.send("ec2:RevokeSecurityGroupIngress", || request.clone().send()).await.map(|_| ())
        }
        Direction::Egress => {
            let request = client.revoke_security_group_egress().set_group_id(group).security_group_rule_ids(id);
            aws.send("ec2:RevokeSecurityGroupEgress", || request.clone().send()).await.map(|_| ())
        }
    })
}

/// See [`levee_sdk::Resource::find`].
pub async fn find(ctx: &Ctx<Aws>, op: OpToken, planned: &Rule) -> Result<Option<Rule>> {
    let aws = &ctx.client;
    let region = aws.region_of(planned.region.as_deref());
    let made = made_by::<types::SecurityGroupRule>(aws, region, op).await?;
    Ok(made.map(|rule| Rule::seen(aws, region, &rule, Some(planned))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn https() -> Rule {
        Rule {
            ip_protocol: Some("6".into()),
            from_port: Some(443),
            to_port: Some(443),
            referenced_security_group_id: Some("210987654321/sg-2".into()),
            ..Rule::default()
        }
    }

    #[test]
    fn a_group_of_another_account_is_sent_with_its_account() {
        let permission = https().permission().expect("small ports");
        assert_eq!(permission.ip_protocol(), Some("tcp"));
        let pair = &permission.user_id_group_pairs()[0];
        assert_eq!((pair.user_id(), pair.group_id()), (Some("210987654321"), Some("sg-2")));
    }

    #[test]
    fn all_protocols_have_no_ports() {
        let rule = Rule { ip_protocol: Some("-1".into()), from_port: Some(0), cidr_ipv4: Some("0.0.0.0/0".into()), ..Rule::default() };
        assert_eq!(rule.permission().expect("small ports").from_port(), None);
    }
}
