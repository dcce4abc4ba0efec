//! What there is to go by: the run's journal, and the state before it, after it, and now.

use crate::config::IgnoreChanges;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Mode, ResourceAddr};
use levee_state::{JournalEntry, ObjectRow, RunId, RunRecord, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// All that a compensation is compiled from.
pub struct History {
    /// The run that is to be undone.
    pub run: RunRecord,
    /// Its steps.
    pub entries: Vec<JournalEntry>,
    /// The state before it.
    pub before: Snapshot,
    /// The state as it left it.
    pub after: Snapshot,
    /// The state now.
    pub now: Snapshot,
    /// Whether an earlier rollback of it has begun.
    pub begun: bool,
    /// Resources that a configuration forbids to destroy.
    pub protected: BTreeSet<ResourceAddr>,
    /// What the run's configuration left to others: the run has not changed it where it found an object.
    pub ignored: BTreeMap<ResourceAddr, IgnoreChanges>,
    /// The objects of each later run whose effects are still there.
    pub later: BTreeMap<RunId, BTreeSet<InstanceAddr>>,
    /// The steps of each object since it was made, oldest first, up to those of this run.
    pub lives: BTreeMap<InstanceAddr, Vec<JournalEntry>>,
}

/// The objects that a run did something to, or to what the state says of them.
pub fn touched(entries: &[JournalEntry], before: &Snapshot, after: &Snapshot) -> BTreeSet<InstanceAddr> {
    let steps = entries.iter().map(|e| &e.intent.addr).filter(|a| a.mode == Mode::Managed);
    let one_sided = |a: &Snapshot, b: &Snapshot| -> Vec<InstanceAddr> {
        let managed = a.objects.iter().filter(|row| row.addr.mode == Mode::Managed && row.deposed.is_none());
        managed.filter(|row| b.object(&row.addr, None).is_none_or(|other| other.id != row.id)).map(|row| row.addr.clone()).collect()
    };
    steps.cloned().chain(one_sided(before, after)).chain(one_sided(after, before)).collect()
}

impl History {
    /// The objects that the run did something to.
    pub fn touched(&self) -> BTreeSet<InstanceAddr> {
        touched(&self.entries, &self.before, &self.after)
    }

    /// The steps of the run at one object, deposed ones too.
    pub fn steps<'a>(&'a self, addr: &'a InstanceAddr) -> impl Iterator<Item = &'a JournalEntry> {
        self.entries.iter().filter(move |e| e.intent.addr == *addr)
    }

    /// Whether the run made the object.
    pub fn made(&self, addr: &InstanceAddr) -> bool {
        self.steps(addr).any(|e| e.intent.action.starts_with("create"))
    }

    /// Whether the run deleted the object that was there.
    pub fn deleted(&self, addr: &InstanceAddr) -> bool {
        self.steps(addr).any(|e| &*e.intent.action == "delete")
    }

    /// Whether the run changed or deleted the object that was there.
    pub fn acted_on(&self, addr: &InstanceAddr) -> bool {
        self.steps(addr).next().is_some()
    }

    /// The current object in one of the snapshots.
    pub fn row<'a>(snapshot: &'a Snapshot, addr: &InstanceAddr) -> Option<&'a ObjectRow> {
        snapshot.object(addr, None)
    }

    /// One error for each later run that touched the same objects.
    pub fn in_the_way(&self, touched: &BTreeSet<InstanceAddr>) -> Diagnostics {
        let shared = |(run, theirs): (&RunId, &BTreeSet<InstanceAddr>)| {
            let both: Vec<String> = touched.intersection(theirs).map(|a| format!("\n  - {a}")).collect();
            (!both.is_empty()).then(|| in_the_way(self.run.id, *run, &both.concat()))
        };
        self.later.iter().rev().filter_map(shared).collect()
    }
}

fn in_the_way(run: RunId, later: RunId, shared: &str) -> Diagnostic {
    let detail = format!("Since run {run}, run {later} has touched objects of it:{shared}");
    Diagnostic::error("A later run is in the way", detail).hint(format!("Roll it back first: levee rollback {later}."))
}
