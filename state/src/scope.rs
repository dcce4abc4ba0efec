//! What a run may touch: everything, or what it changes and what it goes by. Two runs may be at work at the same time when
//! neither changes what the other changes or goes by.

use levee_model::address::InstanceAddr;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// What a lock is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole state.
    Whole,
    /// Some of its objects.
    Part {
        /// What is changed.
        changes: BTreeSet<InstanceAddr>,
        /// What is only gone by: it must stay as it is meanwhile.
        reads: BTreeSet<InstanceAddr>,
    },
}

/// The whole state, as text.
const WHOLE: &str = "*";

impl Scope {
    /// Whether two runs would get in each other's way.
    pub fn collides(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Part { changes, reads }, Self::Part { changes: theirs, reads: they_read }) => {
                !changes.is_disjoint(theirs) || !changes.is_disjoint(they_read) || !theirs.is_disjoint(reads)
            }
            _ => true,
        }
    }

    /// Whether an object is in it.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Whole => true,
            Self::Part { changes, reads } => changes.contains(addr) || reads.contains(addr),
        }
    }

    pub(crate) fn text(&self) -> String {
        let names = |all: &BTreeSet<InstanceAddr>| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        match self {
            Self::Whole => WHOLE.to_owned(),
            Self::Part { changes, reads } => json!({ "changes": names(changes), "reads": names(reads) }).to_string(),
        }
    }

    /// What [`Scope::text`] wrote. What cannot be read is taken for the whole state.
    pub(crate) fn parse(text: &str) -> Self {
        let part = || {
            let document: Json = serde_json::from_str(text).ok()?;
            let names = |of: &str| -> Option<BTreeSet<InstanceAddr>> {
                document.get(of)?.as_array()?.iter().map(|name| name.as_str()?.parse().ok()).collect()
            };
            Some(Self::Part { changes: names("changes")?, reads: names("reads")? })
        };
        part().unwrap_or(Self::Whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(changes: &[&str], reads: &[&str]) -> Scope {
        let all = |names: &[&str]| names.iter().map(|name| name.parse().expect("an address")).collect();
        Scope::Part { changes: all(changes), reads: all(reads) }
    }

    #[test]
    fn what_one_changes_the_other_neither_changes_nor_goes_by() {
        let cases = [
            (part(&["a.x"], &["a.vpc"]), part(&["a.y"], &["a.vpc"]), false),
            (part(&["a.x"], &[]), part(&["a.x"], &[]), true),
            (part(&["a.x"], &["a.y"]), part(&["a.y"], &[]), true),
            (part(&["a.y"], &[]), part(&["a.x"], &["a.y"]), true),
            (part(&[], &["a.y"]), part(&[], &["a.y"]), false),
            (Scope::Whole, part(&[], &[]), true),
            (Scope::Whole, Scope::Whole, true),
        ];
        for (a, b, expected) in cases {
            assert_eq!(a.collides(&b), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn it_is_written_and_read() {
        for scope in [Scope::Whole, part(&["module.m[\"k\"].a.x[0]"], &["a.y", "data.b.z"]), part(&[], &[])] {
            assert_eq!(Scope::parse(&scope.text()), scope);
        }
        assert_eq!(Scope::parse("{\"changes\":[1]}"), Scope::Whole);
    }
}
