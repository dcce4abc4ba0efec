//! Many IAM objects in few calls. IAM can describe its objects one by one, or the account as a whole; when several reads
//! are wanted at once, the whole is cheaper.
//!
//! What the whole shows may lag behind. So a reader that finds its object missing or changed there asks for the object
//! itself, and this module never says that something is gone.

use super::document::decoded;
use super::{from_iam, name_of};
use crate::sender::Sender;
use crate::tags::Tags;
use crate::timestamp::rfc3339;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail};
use levee_sdk::error::{ErrorKind, Result};
use levee_sdk::loader::Loader;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// From so many calls on, the account as a whole is asked for.
const THRESHOLD: usize = 4;
/// Most objects wanted at a time.
const MOST_KEYS: usize = 1000;
/// Objects in a page.
const PAGE: i32 = 1000;

/// An object that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A role, by its name: with its policies, whoever attached them.
    Role(String),
    /// What a role's policies are, by its name.
    RolePolicies(String),
    /// A managed policy of the account, by its ARN.
    Policy(String),
}

/// An object as the account shows it.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    Role(Arc<RoleSeen>),
    Policy(Arc<PolicySeen>),
}

/// A role, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RoleSeen {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) unique_id: String,
    pub(super) create_date: String,
    pub(super) trust: String,
    pub(super) description: Option<String>,
    pub(super) max_session: Option<i64>,
    pub(super) boundary: Option<String>,
    pub(super) tags: Tags,
    /// Documents of its inline policies by name.
    pub(super) inline: BTreeMap<String, String>,
    /// ARNs of the policies attached to it.
    pub(super) attached: BTreeSet<String>,
}

/// A managed policy, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PolicySeen {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) policy_id: String,
    pub(super) description: Option<String>,
    pub(super) document: String,
    pub(super) attachment_count: i64,
}

/// Reads what is wanted at the same time together.
pub(super) struct Account {
    wanted: Loader<Key, Seen>,
    attached: Loader<String, BTreeSet<String>>,
}

/// How the calls are sent, and whether the account is shown to us.
struct Source {
    iam: Client,
    sender: Sender,
    refused: AtomicBool,
}

impl Account {
    /// Over a client, with calls sent by `sender`.
    pub(super) fn new(iam: Client, sender: Sender) -> Self {
        let source = Arc::new(Source { iam, sender, refused: AtomicBool::new(false) });
        let one_by_one = source.clone();
        Self {
            wanted: Loader::new(MOST_KEYS, move |keys| source.clone().together(keys)),
            attached: Loader::new(MOST_KEYS, move |roles| one_by_one.clone().attached_to(roles)),
        }
    }

    /// The object in a description of the account; `None` when it is not there or too little is wanted to ask for it.
    pub(super) async fn seen(&self, key: Key) -> Option<Seen> {
        // Who may not see the account may still see the object.
        self.wanted.load(key).await.ok().flatten()
    }

    /// A role in a description of the account.
    pub(super) async fn role(&self, key: Key) -> Option<Arc<RoleSeen>> {
        match self.seen(key).await? {
            Seen::Role(role) => Some(role),
            Seen::Policy(_) => None,
        }
    }

    /// A policy in a description of the account.
    pub(super) async fn policy(&self, arn: &str) -> Option<Arc<PolicySeen>> {
        match self.seen(Key::Policy(arn.to_owned())).await? {
            Seen::Policy(policy) => Some(policy),
            Seen::Role(_) => None,
        }
    }

    /// ARNs of the policies attached to a role, asked for once for all who want them at the same time. `None` when there
    /// is no such role.
    pub(super) async fn attached(&self, role: &str) -> Result<Option<BTreeSet<String>>> {
        self.attached.load(role.to_owned()).await
    }
}

impl Source {
    async fn together(self: Arc<Self>, keys: Vec<Key>) -> Result<BTreeMap<Key, Seen>> {
        let cost = cost(&keys);
        if cost < THRESHOLD || self.refused.load(Ordering::Relaxed) {
            return Ok(BTreeMap::new());
        }
        let names: BTreeSet<String> = keys.iter().filter_map(|k| if let Key::Role(name) = k { Some(name.clone()) } else { None }).collect();
        let (details, listed) = futures::future::join(self.details(&keys, cost), self.listed(names, cost)).await;
        let found = details.and_then(|mut found| {
            complete(&mut found, &listed?);
            Ok(found)
        });
        if found.as_ref().is_err_and(|e| e.kind == ErrorKind::AccessDenied) {
            self.refused.store(true, Ordering::Relaxed);
        }
        found
    }

    /// The wanted objects in the account's description: as many pages as it takes, but no more than `most`.
    async fn details(&self, keys: &[Key], most: usize) -> Result<BTreeMap<Key, Seen>> {
        let mut missing: BTreeSet<&Key> = keys.iter().collect();
        let mut found = BTreeMap::new();
        let mut marker = None;
        for _ in 0..most {
            let request = self.iam.get_account_authorization_details().set_filter(Some(filter(keys))).max_items(PAGE).set_marker(marker);
            let page = self.sender.send("iam:GetAccountAuthorizationDetails", || request.clone().send()).await?;
            let roles = page.role_detail_list.into_iter().flatten().map(role_seen).map(Arc::new);
            let seen = roles
                .flat_map(|r| [(Key::Role(r.name.clone()), Seen::Role(r.clone())), (Key::RolePolicies(r.name.clone()), Seen::Role(r))]);
            let policies = page.policies.into_iter().flatten().map(policy_seen).map(Arc::new);
            let seen = seen.chain(policies.map(|p| (Key::Policy(p.arn.clone()), Seen::Policy(p))));
            found.extend(seen.filter(|(key, _)| missing.remove(key)));
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() || missing.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Description and longest session of roles, which the account's description leaves out.
    async fn listed(&self, mut missing: BTreeSet<String>, most: usize) -> Result<BTreeMap<String, Listed>> {
        let mut found = BTreeMap::new();
        let mut marker = None;
        for _ in 0..most {
            if missing.is_empty() {
                break;
            }
            let request = self.iam.list_roles().max_items(PAGE).set_marker(marker);
            let page = self.sender.send("iam:ListRoles", || request.clone().send()).await?;
            for role in page.roles {
                if missing.remove(&role.role_name) {
                    found.insert(role.role_name, (role.description, role.max_session_duration.map(i64::from)));
                }
            }
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn attached_to(self: Arc<Self>, roles: Vec<String>) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let each = roles.iter().map(|role| self.attached_to_one(role));
        let sets = futures::future::try_join_all(each).await?;
        Ok(roles.into_iter().zip(sets).filter_map(|(role, set)| Some((role, set?))).collect())
    }

    async fn attached_to_one(&self, role: &str) -> Result<Option<BTreeSet<String>>> {
        attached(&self.iam, &self.sender, role).await
    }
}

/// Description and longest session.
type Listed = (Option<String>, Option<i64>);

/// How many calls it would take to read the objects one by one.
fn cost(keys: &[Key]) -> usize {
    keys.iter().map(|k| if matches!(k, Key::Policy(_)) { 2 } else { 1 }).sum()
}

fn filter(keys: &[Key]) -> Vec<EntityType> {
    let (policies, roles): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(|k| matches!(k, Key::Policy(_)));
    let roles = (!roles.is_empty()).then_some(EntityType::Role);
    let policies = (!policies.is_empty()).then_some(EntityType::LocalManagedPolicy);
    roles.into_iter().chain(policies).collect()
}

/// Adds what the list of roles knows; a role that it does not hold is not known well enough.
fn complete(found: &mut BTreeMap<Key, Seen>, listed: &BTreeMap<String, Listed>) {
    found.retain(|key, seen| match (key, &mut *seen) {
        (Key::Role(name), Seen::Role(role)) => match listed.get(name) {
            Some((description, max_session)) => {
                let role = Arc::make_mut(role);
                role.description.clone_from(description);
                role.max_session = *max_session;
                true
            }
            None => false,
        },
        _ => true,
    });
}

fn role_seen(r: RoleDetail) -> RoleSeen {
    let document = |d: &str| decoded(d);
    let inline = r.role_policy_list().iter().filter_map(|p| Some((p.policy_name()?.to_owned(), document(p.policy_document()?))));
    RoleSeen {
        inline: inline.collect(),
        attached: r.attached_managed_policies().iter().filter_map(|p| p.policy_arn.clone()).collect(),
        tags: from_iam(r.tags()),
        boundary: r.permissions_boundary.and_then(|b| b.permissions_boundary_arn),
        trust: document(r.assume_role_policy_document.as_deref().unwrap_or_default()),
        name: r.role_name.unwrap_or_default(),
        arn: r.arn.unwrap_or_default(),
        path: r.path.unwrap_or_default(),
        unique_id: r.role_id.unwrap_or_default(),
        create_date: r.create_date.as_ref().map(rfc3339).unwrap_or_default(),
        description: None,
        max_session: None,
    }
}

fn policy_seen(p: ManagedPolicyDetail) -> PolicySeen {
    let default = p.policy_version_list().iter().find(|v| v.is_default_version()).and_then(|v| v.document());
    let arn = p.arn.clone().unwrap_or_default();
    PolicySeen {
        document: default.map(decoded).unwrap_or_default(),
        name: p.policy_name.unwrap_or_else(|| name_of(&arn).to_owned()),
        arn,
        path: p.path.unwrap_or_default(),
        policy_id: p.policy_id.unwrap_or_default(),
        description: p.description.filter(|d| !d.is_empty()),
        attachment_count: p.attachment_count.map(i64::from).unwrap_or_default(),
    }
}

/// ARNs of the policies attached to a role; `None` when there is no such role.
pub(super) async fn attached(iam: &Client, sender: &Sender, role: &str) -> Result<Option<BTreeSet<String>>> {
    let mut found = BTreeSet::new();
    let mut marker = None;
    loop {
        let request = iam.list_attached_role_policies().role_name(role).max_items(PAGE).set_marker(marker);
        let page = match sender.send("iam:ListAttachedRolePolicies", || request.clone().send()).await {
            Err(error) if error.is_not_found() => return Ok(None),
            page => page?,
        };
        found.extend(page.attached_policies.into_iter().flatten().filter_map(|p| p.policy_arn));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(Some(found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{PolicyDetail, PolicyVersion};

    #[test]
    fn the_calls_that_one_by_one_would_take_are_counted() {
        let role = |n: &str| Key::Role(n.into());
        let policy = |n: &str| Key::Policy(n.into());
        assert!(cost(&[role("a"), policy("b")]) < THRESHOLD);
        assert_eq!(cost(&[policy("a"), policy("b")]), THRESHOLD);
        assert_eq!(filter(&[role("a"), Key::RolePolicies("a".into())]), [EntityType::Role]);
        assert_eq!(filter(&[policy("a"), role("a")]), [EntityType::Role, EntityType::LocalManagedPolicy]);
    }

    #[test]
    fn a_role_is_known_only_with_its_list_entry() {
        let detail = |name: &str| {
            let inline = PolicyDetail::builder().policy_name("p").policy_document("%7B%7D").build();
            RoleDetail::builder().role_name(name).role_policy_list(inline).build()
        };
        let of = |name: &str| Seen::Role(Arc::new(role_seen(detail(name))));
        let mut found: BTreeMap<Key, Seen> = ["a", "b"].into_iter().map(|n| (Key::Role(n.into()), of(n))).collect();
        complete(&mut found, &[("a".to_owned(), (Some("text".to_owned()), Some(7200)))].into());
        let Some(Seen::Role(role)) = found.get(&Key::Role("a".into())) else { panic!("a role") };
        assert_eq!((role.description.as_deref(), role.max_session, role.inline["p"].as_str()), (Some("text"), Some(7200), "{}"));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_policys_document_is_its_default_versions() {
        let version = |default: bool, text: &str| PolicyVersion::builder().is_default_version(default).document(text).build();
        let detail = ManagedPolicyDetail::builder().policy_version_list(version(false, "old")).policy_version_list(version(true, "new"));
        assert_eq!(policy_seen(detail.build()).document, "new");
    }
}
