//! Many secrets in few calls: their list instead of one description each, and their values twenty at a time.
//!
//! The list may lag behind. So a reader that finds its secret missing or changed there asks for the secret itself, and
//! this module never says that something is gone.

use crate::sender::Sender;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry, SecretValueEntry};
use levee_sdk::error::{ErrorKind, Result};
use levee_sdk::loader::Loader;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// From so many secrets on, their list is asked for.
const LIST_THRESHOLD: usize = 3;
/// Secrets in a page of the list.
const PAGE: i32 = 100;
/// Most values in a call.
const MOST_VALUES: usize = 20;
/// What Secrets Manager adds to a name to make the end of an ARN: a dash and six characters.
const ARN_END: usize = 7;

/// Reads what is wanted at the same time together.
pub(super) struct Secrets {
    listed: Loader<String, Arc<SecretListEntry>>,
    values: Loader<String, Arc<SecretValueEntry>>,
}

/// How the calls are sent, and which of them are refused to us.
struct Source {
    client: Client,
    sender: Sender,
    no_list: AtomicBool,
    no_values: AtomicBool,
}

impl Secrets {
    /// Over a region's client, with calls sent by `sender`.
    pub(super) fn new(client: Client, sender: Sender) -> Self {
        let source = Arc::new(Source { client, sender, no_list: AtomicBool::new(false), no_values: AtomicBool::new(false) });
        let for_values = source.clone();
        Self {
            listed: Loader::new(1000, move |arns| source.clone().list(arns)),
            values: Loader::new(MOST_VALUES, move |ids| for_values.clone().values(ids)),
        }
    }

    /// The secret of that ARN in the list; `None` when it is not there or too little is wanted to ask for it.
    pub(super) async fn listed(&self, arn: &str) -> Option<Arc<SecretListEntry>> {
        // Who may not list secrets may still see one.
        self.listed.load(arn.to_owned()).await.ok().flatten()
    }

    /// The current value of a secret, named or given by its ARN; `None` when it has to be asked for by itself.
    pub(super) async fn value(&self, secret: &str) -> Option<Arc<SecretValueEntry>> {
        self.values.load(secret.to_owned()).await.ok().flatten()
    }
}

impl Source {
    async fn list(self: Arc<Self>, arns: Vec<String>) -> Result<BTreeMap<String, Arc<SecretListEntry>>> {
        if arns.len() < LIST_THRESHOLD || self.no_list.load(Ordering::Relaxed) {
            return Ok(BTreeMap::new());
        }
        let found = self.list_pages(&arns).await;
        remember_refusal(&self.no_list, &found);
        found
    }

    /// As many pages as it takes, but no more calls than there are secrets.
    async fn list_pages(&self, arns: &[String]) -> Result<BTreeMap<String, Arc<SecretListEntry>>> {
        let prefix = common_prefix(arns.iter().map(|arn| name_in(arn)));
        let filter = Filter::builder().key(FilterNameStringType::Name).values(prefix).build();
        let filters = (!prefix.is_empty()).then(|| vec![filter]);
        let mut missing: BTreeSet<&str> = arns.iter().map(String::as_str).collect();
        let mut found = BTreeMap::new();
        let mut token = None;
        for _ in 0..arns.len() {
            let request = self.client.list_secrets().max_results(PAGE).set_filters(filters.clone()).set_next_token(token);
            let page = self.sender.send("secretsmanager:ListSecrets", || request.clone().send()).await?;
            for entry in page.secret_list.into_iter().flatten() {
                let arn = entry.arn.clone().unwrap_or_default();
                if missing.remove(arn.as_str()) {
                    found.insert(arn, Arc::new(entry));
                }
            }
            token = page.next_token;
            if token.is_none() || missing.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    async fn values(self: Arc<Self>, ids: Vec<String>) -> Result<BTreeMap<String, Arc<SecretValueEntry>>> {
        if ids.len() < 2 || self.no_values.load(Ordering::Relaxed) {
            return Ok(BTreeMap::new());
        }
        let request = self.client.batch_get_secret_value().set_secret_id_list(Some(ids.clone()));
        let answer = self.sender.send("secretsmanager:BatchGetSecretValue", || request.clone().send()).await;
        remember_refusal(&self.no_values, &answer);
        Ok(by_id(&ids, answer?.secret_values.unwrap_or_default()))
    }
}

fn remember_refusal<T>(refused: &AtomicBool, answer: &Result<T>) {
    if answer.as_ref().is_err_and(|e| e.kind == ErrorKind::AccessDenied) {
        refused.store(true, Ordering::Relaxed);
    }
}

/// Values by what they were asked for: a name or an ARN.
fn by_id(ids: &[String], values: Vec<SecretValueEntry>) -> BTreeMap<String, Arc<SecretValueEntry>> {
    let mut found = BTreeMap::new();
    for value in values.into_iter().map(Arc::new) {
        let names = [value.arn.clone(), value.name.clone()];
        found.extend(names.into_iter().flatten().filter(|n| ids.contains(n)).map(|n| (n, value.clone())));
    }
    found
}

/// A secret's name in its ARN.
fn name_in(arn: &str) -> &str {
    let end = arn.split(':').nth(6).unwrap_or_default();
    end.len().checked_sub(ARN_END).and_then(|n| end.get(..n)).unwrap_or_default()
}

fn common_prefix<'a>(mut names: impl Iterator<Item = &'a str>) -> &'a str {
    let first = names.next().unwrap_or_default();
    names.fold(first, |prefix, name| {
        let same = prefix.char_indices().zip(name.chars()).take_while(|((_, a), b)| a == b).last();
        &prefix[..same.map_or(0, |((at, c), _)| at + c.len_utf8())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_narrowed_to_what_the_names_have_in_common() {
        let arn = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-a1B2c3");
        let arns = [arn("sea/prod/db"), arn("sea/prod/dash-board"), arn("sea/prod/dns")];
        assert_eq!(name_in(&arns[1]), "sea/prod/dash-board");
        assert_eq!(common_prefix(arns.iter().map(|a| name_in(a))), "sea/prod/d");
        assert_eq!(common_prefix(["ä", "äb", "x"].into_iter()), "");
        assert_eq!(name_in("not-an-arn"), "");
    }

    #[test]
    fn a_value_is_found_by_name_and_by_arn() {
        let entry = SecretValueEntry::builder().arn("arn:1").name("one").build();
        let found = by_id(&["one".into(), "arn:1".into(), "two".into()], vec![entry]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["arn:1", "one"]);
    }
}
