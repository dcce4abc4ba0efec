//! What a security group's own rules allow, taken apart: one protocol, one range of ports, one source or destination each.
//!
//! AWS and configurations group the same permissions in different ways; apart they can be compared.

use super::set;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use levee_sdk::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// A rule written in the security group's own block.
#[derive(Clone, Default, Shape)]
pub struct InlineRule {
    /// IPv4 blocks.
    #[attr(computed)]
    pub cidr_blocks: Option<Vec<String>>,
    /// What the rule is for.
    #[attr(computed)]
    pub description: Option<String>,
    /// First port, or ICMP type.
    #[attr(computed)]
    pub from_port: Option<i64>,
    /// IPv6 blocks.
    #[attr(computed)]
    pub ipv6_cidr_blocks: Option<Vec<String>>,
    /// Prefix lists.
    #[attr(computed)]
    pub prefix_list_ids: Option<Vec<String>>,
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    #[attr(computed)]
    pub protocol: Option<String>,
    /// Other security groups.
    #[attr(computed)]
    pub security_groups: Option<BTreeSet<String>>,
    /// The security group itself.
    #[attr(computed, rename = "self")]
    pub itself: Option<bool>,
    /// Last port, or ICMP code.
    #[attr(computed)]
    pub to_port: Option<i64>,
}

/// Whom a permission is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// An IPv4 block.
    Ipv4(String),
    /// An IPv6 block.
    Ipv6(String),
    /// A prefix list.
    PrefixList(String),
    /// A security group, with its account in front where that is another: `123456789012/sg-1`.
    Group(String),
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// As AWS names it: `tcp`, `-1`.
    pub protocol: String,
    /// First port; 0 for all protocols.
    pub from: i64,
    /// Last port; 0 for all protocols.
    pub to: i64,
    /// With whom.
    pub peer: Peer,
    /// What it is for; may be empty.
    pub description: String,
}

/// A protocol as AWS names it.
pub fn protocol_name(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "all" | "-1" => "-1",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => return other.to_owned(),
    }
    .to_owned()
}

impl Permission {
    fn new(protocol: &str, ports: (i64, i64), peer: Peer, description: &str) -> Self {
        let protocol = protocol_name(protocol);
        let (from, to) = if protocol == "-1" { (0, 0) } else { ports };
        Self { protocol, from, to, peer, description: description.to_owned() }
    }

    /// What AWS lets out of every new group.
    pub fn all_out() -> Self {
        Self::new("-1", (0, 0), Peer::Ipv4("0.0.0.0/0".to_owned()), "")
    }

    /// What AWS lets out of every new group of a VPC with IPv6.
    pub fn all_out_ipv6() -> Self {
        Self::new("-1", (0, 0), Peer::Ipv6("::/0".to_owned()), "")
    }

    /// Whether both allow the same, whatever it is for.
    pub fn allows_as(&self, other: &Self) -> bool {
        (&self.protocol, self.from, self.to, &self.peer) == (&other.protocol, other.from, other.to, &other.peer)
    }

    /// As the call takes it.
    fn request(&self) -> IpPermission {
        let text = Some(self.description.clone()).filter(|d| !d.is_empty());
        let port = |n: i64| i32::try_from(n).ok().filter(|_| self.protocol != "-1");
        let it = IpPermission::builder().ip_protocol(&self.protocol).set_from_port(port(self.from)).set_to_port(port(self.to));
        match &self.peer {
            Peer::Ipv4(block) => it.ip_ranges(IpRange::builder().cidr_ip(block).set_description(text).build()),
            Peer::Ipv6(block) => it.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(block).set_description(text).build()),
            Peer::PrefixList(id) => it.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(text).build()),
            Peer::Group(id) => {
                let (owner, group) = id.split_once('/').map_or((None, id.as_str()), |(o, g)| (Some(o.to_owned()), g));
                it.user_id_group_pairs(UserIdGroupPair::builder().group_id(group).set_user_id(owner).set_description(text).build())
            }
        }
        .build()
    }
}

/// As a call takes them.
pub fn requests<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> Vec<IpPermission> {
    permissions.into_iter().map(Permission::request).collect()
}

/// What a written rule allows. `group` is the security group's own id.
pub fn of_rule(rule: &InlineRule, group: &str) -> Vec<Permission> {
    let protocol = rule.protocol.as_deref().unwrap_or("-1");
    let ports = (rule.from_port.unwrap_or(0), rule.to_port.unwrap_or(0));
    let description = rule.description.as_deref().unwrap_or_default();
    let ipv4 = rule.cidr_blocks.iter().flatten().cloned().map(Peer::Ipv4);
    let ipv6 = rule.ipv6_cidr_blocks.iter().flatten().cloned().map(Peer::Ipv6);
    let lists = rule.prefix_list_ids.iter().flatten().cloned().map(Peer::PrefixList);
    let groups = rule.security_groups.iter().flatten().cloned().map(Peer::Group);
    let itself = rule.itself.filter(|is| *is).map(|_| Peer::Group(group.to_owned()));
    let peers = ipv4.chain(ipv6).chain(lists).chain(groups).chain(itself);
    peers.map(|peer| Permission::new(protocol, ports, peer, description)).collect()
}

/// What the rules that AWS shows allow. `owner` is the account of the security group.
pub fn of_aws(permissions: &[IpPermission], owner: &str) -> BTreeSet<Permission> {
    let mut all = BTreeSet::new();
    for it in permissions {
        let protocol = it.ip_protocol.as_deref().unwrap_or("-1");
        let ports = (i64::from(it.from_port.unwrap_or(0)), i64::from(it.to_port.unwrap_or(0)));
        let mut add = |peer: Option<Peer>, description: &Option<String>| {
            all.extend(peer.map(|peer| Permission::new(protocol, ports, peer, description.as_deref().unwrap_or_default())));
        };
        for range in it.ip_ranges.iter().flatten() {
            add(range.cidr_ip.clone().map(Peer::Ipv4), &range.description);
        }
        for range in it.ipv6_ranges.iter().flatten() {
            add(range.cidr_ipv6.clone().map(Peer::Ipv6), &range.description);
        }
        for list in it.prefix_list_ids.iter().flatten() {
            add(list.prefix_list_id.clone().map(Peer::PrefixList), &list.description);
        }
        for pair in it.user_id_group_pairs.iter().flatten() {
            add(group_peer(pair, owner), &pair.description);
        }
    }
    all
}

fn group_peer(pair: &UserIdGroupPair, owner: &str) -> Option<Peer> {
    let group = set(&pair.group_id)?;
    let foreign = set(&pair.user_id).filter(|account| *account != owner);
    Some(Peer::Group(foreign.map_or_else(|| group.to_owned(), |account| format!("{account}/{group}"))))
}

/// The rules as they were written where all of what they allow is there, and what came on top.
pub fn rules_seen(now: &BTreeSet<Permission>, written: &[InlineRule], group: &str) -> Vec<InlineRule> {
    let mut rest = now.clone();
    let mut seen = Vec::new();
    for rule in written {
        let parts = of_rule(rule, group);
        if parts.iter().all(|part| now.contains(part)) {
            for part in &parts {
                rest.remove(part);
            }
            seen.push(rule.clone());
        }
    }
    seen.extend(grouped(&rest, group));
    seen
}

/// Rules that allow just this, as few as protocols, ports and descriptions permit.
fn grouped(permissions: &BTreeSet<Permission>, group: &str) -> impl Iterator<Item = InlineRule> {
    let mut rules: BTreeMap<(String, i64, i64, String), InlineRule> = BTreeMap::new();
    for it in permissions {
        let key = (it.protocol.clone(), it.from, it.to, it.description.clone());
        let rule = rules.entry(key).or_insert_with(|| InlineRule {
            protocol: Some(it.protocol.clone()),
            from_port: Some(it.from),
            to_port: Some(it.to),
            description: Some(it.description.clone()).filter(|d| !d.is_empty()),
            ..InlineRule::default()
        });
        match &it.peer {
            Peer::Ipv4(block) => rule.cidr_blocks.get_or_insert_default().push(block.clone()),
            Peer::Ipv6(block) => rule.ipv6_cidr_blocks.get_or_insert_default().push(block.clone()),
            Peer::PrefixList(id) => rule.prefix_list_ids.get_or_insert_default().push(id.clone()),
            Peer::Group(id) if id == group => rule.itself = Some(true),
            Peer::Group(id) => _ = rule.security_groups.get_or_insert_default().insert(id.clone()),
        }
    }
    rules.into_values()
}

/// What to do so that `now` becomes `wanted`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// To take away.
    pub revoke: Vec<Permission>,
    /// To add.
    pub authorize: Vec<Permission>,
    /// To describe anew.
    pub describe: Vec<Permission>,
}

impl Changes {
    /// From what is to what is wanted.
    pub fn between(now: &BTreeSet<Permission>, wanted: &BTreeSet<Permission>) -> Self {
        let has = |all: &BTreeSet<Permission>, it: &Permission| all.iter().any(|other| other.allows_as(it));
        let new = wanted.difference(now);
        let (describe, authorize) = new.cloned().partition(|it| has(now, it));
        let revoke = now.iter().filter(|it| !has(wanted, it)).cloned().collect();
        Self { revoke, authorize, describe }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(blocks: &[&str], description: &str) -> InlineRule {
        InlineRule {
            cidr_blocks: Some(blocks.iter().map(|b| (*b).to_owned()).collect()),
            description: Some(description.to_owned()),
            from_port: Some(443),
            to_port: Some(443),
            protocol: Some("TCP".to_owned()),
            ..InlineRule::default()
        }
    }

    fn all(rules: &[InlineRule]) -> BTreeSet<Permission> {
        rules.iter().flat_map(|rule| of_rule(rule, "sg-1")).collect()
    }

    #[test]
    fn grouping_does_not_matter() {
        let apart = [web(&["10.0.0.0/8"], "w"), web(&["11.0.0.0/8"], "w")];
        let together = [web(&["11.0.0.0/8", "10.0.0.0/8"], "w")];
        assert_eq!(all(&apart), all(&together));
        assert_eq!(rules_seen(&all(&together), &apart, "sg-1").len(), 2, "as they were written");
    }

    #[test]
    fn a_rule_that_lost_a_part_is_seen_as_what_is_left() {
        let written = web(&["10.0.0.0/8", "11.0.0.0/8"], "w");
        let seen = rules_seen(&all(&[web(&["10.0.0.0/8"], "w")]), &[written], "sg-1");
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].cidr_blocks, Some(vec!["10.0.0.0/8".to_owned()]));
    }

    #[test]
    fn another_description_is_no_new_permission() {
        let changes = Changes::between(&all(&[web(&["10.0.0.0/8"], "old")]), &all(&[web(&["10.0.0.0/8"], "new")]));
        assert_eq!((changes.revoke.len(), changes.authorize.len(), changes.describe.len()), (0, 0, 1));
    }

    #[test]
    fn what_aws_shows_is_what_was_asked_for() {
        let rule = InlineRule {
            itself: Some(true),
            security_groups: Some(BTreeSet::from(["210987654321/sg-2".to_owned()])),
            protocol: Some("-1".to_owned()),
            from_port: Some(0),
            to_port: Some(0),
            ..InlineRule::default()
        };
        let wanted = all(&[rule]);
        assert_eq!(of_aws(&requests(&wanted), "123456789012"), wanted);
    }
}
