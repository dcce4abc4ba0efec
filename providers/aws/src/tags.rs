//! Tags: those of the provider block, those of the object, the one that shows an object as ours, and those of others.

use crate::client::Aws;
use crate::provider_block::ProviderBlock;
use levee_sdk::Draft;
use levee_sdk::context::{OP_TAG, OpToken};
use levee_sdk::model::{Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Keys and values.
pub type Tags = BTreeMap<String, String>;

/// Tags of every object, from `default_tags`.
#[derive(Clone, Debug, Default)]
pub struct DefaultTags(Tags);

/// Tags that are never shown, changed or removed, from `ignore_tags`.
#[derive(Clone, Debug, Default)]
pub struct IgnoredTags {
    keys: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

impl DefaultTags {
    /// As the provider block says.
    pub fn of(block: &ProviderBlock) -> Self {
        Self(block.default_tags.iter().filter_map(|b| b.tags.clone()).flatten().collect())
    }
    /// These and, on top of them, the object's own.
    pub fn with(&self, own: Option<&Tags>) -> Tags {
        let mut all = self.0.clone();
        all.extend(own.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
        all
    }
}

impl IgnoredTags {
    /// As the provider block says.
    pub fn of(block: &ProviderBlock) -> Self {
        let mut ignored = Self::default();
        for b in &block.ignore_tags {
            ignored.keys.extend(b.keys.iter().flatten().cloned());
            ignored.prefixes.extend(b.key_prefixes.iter().flatten().cloned());
        }
        ignored
    }
    /// Whether it is none of our business: ignored, AWS's own, or our mark of ownership.
    pub fn covers(&self, key: &str) -> bool {
        key == OP_TAG || key.starts_with("aws:") || self.keys.contains(key) || self.prefixes.iter().any(|p| key.starts_with(p.as_str()))
    }
}

/// An object's `tags` and `tags_all` as they are to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPair {
    /// The object's own.
    pub tags: Option<Tags>,
    /// With those of the provider block.
    pub tags_all: Option<Tags>,
}

impl Aws {
    /// All tags of an object with these of its own: what `tags_all` is.
    pub fn all_tags(&self, own: Option<&Tags>) -> Tags {
        self.default_tags().with(own)
    }

    /// The tags of a creating call: all, and the one that shows whose it is.
    pub fn tags_for_create(&self, own: Option<&Tags>, op: OpToken) -> Tags {
        let mut tags = self.all_tags(own);
        tags.insert(OP_TAG.to_owned(), op.to_string());
        tags
    }

    /// What an object's tags look like from inside. `own`: its `tags` as last known, which tells its own from the
    /// provider block's where both say the same.
    pub fn tags_seen(&self, remote: Tags, own: Option<&Tags>) -> TagPair {
        pair(self.default_tags(), self.ignored_tags(), remote, own)
    }
}

fn pair(defaults: &DefaultTags, ignored: &IgnoredTags, remote: Tags, own: Option<&Tags>) -> TagPair {
    let all: Tags = remote.into_iter().filter(|(k, _)| !ignored.covers(k)).collect();
    let is_own = |k: &String, v: &String| own.is_some_and(|o| o.contains_key(k)) || defaults.0.get(k) != Some(v);
    let tags: Tags = all.iter().filter(|(k, v)| is_own(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    // `tags = {}` and no `tags` at all look the same from outside.
    let tags = (!tags.is_empty() || own.is_some()).then_some(tags);
    TagPair { tags, tags_all: Some(all) }
}

/// Whether an object with these tags was made by the operation.
pub fn made_by<'a>(op: OpToken, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
    let token = op.to_string();
    tags.into_iter().any(|(key, value)| key == OP_TAG && value == token)
}

/// What to set and what to remove so that `now` becomes `wanted`.
pub fn difference(now: Option<&Tags>, wanted: &Tags) -> (Tags, Vec<String>) {
    let empty = Tags::new();
    let now = now.unwrap_or(&empty);
    let set = wanted.iter().filter(|(k, v)| now.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let removed = now.keys().filter(|k| !wanted.contains_key(*k)).cloned().collect();
    (set, removed)
}

/// Plans `tags_all`: the provider block's tags and the object's, unknown as long as any of them is.
pub fn plan(client: Option<&Aws>, draft: &mut Draft) {
    let own = draft.planned("tags");
    let Some(client) = client else {
        if draft.is_create() || draft.changes("tags") {
            draft.set_unknown("tags_all");
        }
        return;
    };
    draft.set("tags_all", merged(&client.default_tags().0, &own));
}

fn merged(defaults: &Tags, own: &Value) -> Value {
    let (plain, marks) = own.clone().unmark_deep();
    if !plain.is_wholly_known() {
        return Value::unknown(Type::map(Type::String)).mark(marks);
    }
    let mut all: BTreeMap<Arc<str>, Value> = defaults.iter().map(|(k, v)| (Arc::from(k.as_str()), Value::string(v.as_str()))).collect();
    all.extend(plain.members().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    Value::map(Type::String, all.into()).mark(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_op_tag_and_awss_own_are_never_seen() {
        let remote = tags(&[(OP_TAG, "t"), ("aws:eks:cluster-name", "c"), ("Name", "n")]);
        let seen = pair(&DefaultTags::default(), &IgnoredTags::default(), remote, None);
        assert_eq!(seen, TagPair { tags: Some(tags(&[("Name", "n")])), tags_all: Some(tags(&[("Name", "n")])) });
    }

    #[test]
    fn default_tags_are_told_from_the_objects_own() {
        let defaults = DefaultTags(tags(&[("team", "sea"), ("stage", "dev")]));
        let remote = tags(&[("team", "sea"), ("stage", "prod"), ("Name", "n")]);
        let seen = pair(&defaults, &IgnoredTags::default(), remote.clone(), None);
        assert_eq!(seen.tags, Some(tags(&[("stage", "prod"), ("Name", "n")])));
        let seen = pair(&defaults, &IgnoredTags::default(), remote, Some(&tags(&[("team", "sea")])));
        assert_eq!(seen.tags, Some(tags(&[("team", "sea"), ("stage", "prod"), ("Name", "n")])));
    }

    #[test]
    fn no_tags_and_empty_tags_stay_what_they_were() {
        let seen = |own: Option<&Tags>| pair(&DefaultTags::default(), &IgnoredTags::default(), Tags::new(), own).tags;
        assert_eq!(seen(None), None);
        assert_eq!(seen(Some(&Tags::new())), Some(Tags::new()));
    }

    #[test]
    fn ignored_tags_are_left_alone() {
        let ignored = IgnoredTags { keys: ["a".to_owned()].into(), prefixes: ["k8s.io/".to_owned()].into() };
        let seen = pair(&DefaultTags::default(), &ignored, tags(&[("a", "1"), ("k8s.io/x", "2"), ("b", "3")]), None);
        assert_eq!(seen.tags_all, Some(tags(&[("b", "3")])));
    }

    #[test]
    fn a_difference_sets_and_removes() {
        let (set, removed) = difference(Some(&tags(&[("a", "1"), ("b", "2")])), &tags(&[("a", "1"), ("b", "3"), ("c", "4")]));
        assert_eq!((set, removed), (tags(&[("b", "3"), ("c", "4")]), vec![]));
        let (set, removed) = difference(Some(&tags(&[("a", "1")])), &Tags::new());
        assert_eq!((set, removed), (Tags::new(), vec!["a".to_owned()]));
    }

    #[test]
    fn one_unknown_tag_makes_all_unknown() {
        let own = Value::map(Type::String, [(Arc::from("id"), Value::unknown(Type::String))].into());
        assert!(!merged(&tags(&[("team", "sea")]), &own).is_known());
        let own = Value::null(Type::map(Type::String));
        assert_eq!(merged(&tags(&[("team", "sea")]), &own).get("team"), Some(Value::string("sea")));
    }
}
