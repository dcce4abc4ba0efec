//! What stays as it is, and why: what the operator leaves out, what must not be destroyed, and what cannot be undone; with
//! each of them whatever it cannot do without.

use super::compensation::Undo;
use crate::graph::choice::Choice;
use levee_model::{InstanceAddr, ResourceAddr};
use std::collections::{BTreeMap, BTreeSet};

/// Why an object is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The operator says so.
    Skipped,
    /// `prevent_destroy` is set.
    Protected,
    /// Its type says that it cannot be undone.
    Irreversible(String),
    /// An object that stays depends on it.
    NeededBy(InstanceAddr),
    /// It depends on an object that is not made again.
    Without(InstanceAddr),
}

impl Why {
    /// Whether the operator wanted it so.
    pub fn is_wanted(&self) -> bool {
        *self == Self::Skipped
    }
}

/// The reason in words, after the object's address.
impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Skipped => f.write_str("skipped"),
            Self::Protected => f.write_str("it is to be destroyed, and prevent_destroy is set"),
            Self::Irreversible(why) => f.write_str(why),
            Self::NeededBy(other) => write!(f, "{other}, which stays, depends on it"),
            Self::Without(other) => write!(f, "{other}, on which it depends, is not made again"),
        }
    }
}

/// The objects that stay, each with the first reason that was found.
pub(super) fn kept(undo: &BTreeMap<InstanceAddr, Undo>, skip: &[Choice]) -> BTreeMap<InstanceAddr, Why> {
    let mut out = BTreeMap::new();
    for (addr, undo) in undo {
        let why = match undo {
            _ if skip.iter().any(|s| s.covers(addr)) => Some(Why::Skipped),
            Undo { irreversible: Some(why), .. } => Some(Why::Irreversible(why.clone())),
            Undo { protected: true, destroys: true, .. } => Some(Why::Protected),
            _ => None,
        };
        out.extend(why.map(|why| (addr.clone(), why)));
    }
    let mut open: Vec<InstanceAddr> = out.keys().cloned().collect();
    while let Some(addr) = open.pop() {
        let Some(stays) = undo.get(&addr) else { continue };
        let needed: BTreeSet<&ResourceAddr> = stays.needs_now.iter().collect();
        for (other, theirs) in undo.iter().filter(|(other, _)| **other != addr && !other.module.is_beside(&addr.module)) {
            let why = if theirs.destroys && stays.is_there && needed.contains(&other.resource()) {
                Why::NeededBy(addr.clone())
            } else if !stays.is_there && theirs.needs_then.contains(&addr.resource()) {
                Why::Without(addr.clone())
            } else {
                continue;
            };
            if !out.contains_key(other) {
                out.insert(other.clone(), why);
                open.push(other.clone());
            }
        }
    }
    out
}
