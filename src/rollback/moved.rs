//! What is undone in the state alone, before anything else: objects get their old addresses back, and an object that a
//! replacement had put aside, and that is still there, is the current one again.

use super::history::History;
use levee_model::{DeposedKey, InstanceAddr, Mode, ResourceAddr};
use levee_state::{ObjectRow, Snapshot, StateEdit};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The state's rows as they are to be before the plan is made.
pub(super) struct Rows {
    pub(super) all: BTreeMap<(InstanceAddr, Option<DeposedKey>), ObjectRow>,
    /// By which the state follows, in order.
    pub(super) edits: Vec<StateEdit>,
    /// Where each object that moved was so far.
    pub(super) previous: BTreeMap<InstanceAddr, InstanceAddr>,
}

impl Rows {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let all = snapshot.objects.iter().map(|row| ((row.addr.clone(), row.deposed.clone()), row.clone())).collect();
        Self { all, edits: Vec::new(), previous: BTreeMap::new() }
    }

    pub(super) fn current(&self, addr: &InstanceAddr) -> Option<&ObjectRow> {
        self.all.get(&(addr.clone(), None))
    }

    /// Puts a row into the state again that only the state had lost.
    pub(super) fn put(&mut self, row: &ObjectRow) {
        self.edits.push(StateEdit::Put(Box::new(row.clone())));
        self.all.insert((row.addr.clone(), row.deposed.clone()), row.clone());
    }

    /// Takes moves back, as far as the old addresses are free.
    pub(super) fn move_back(&mut self, history: &History) {
        let mut open = moves(history);
        loop {
            let free = |(from, to): &&(InstanceAddr, InstanceAddr)| self.current(to).is_none() && self.current(from).is_some();
            let Some((from, to)) = open.iter().find(free).cloned() else { break };
            open.retain(|m| m.0 != from);
            let keys: Vec<_> = self.all.keys().filter(|(a, _)| *a == from).cloned().collect();
            for (addr, deposed) in keys {
                if let Some(row) = self.all.remove(&(addr, deposed.clone())) {
                    self.all.insert((to.clone(), deposed), ObjectRow { addr: to.clone(), ..row });
                }
            }
            self.edits.push(StateEdit::Move { from: from.clone(), to: to.clone() });
            self.previous.insert(to, from);
        }
        self.rename_dependencies(history);
    }

    /// What depended on something that moved depends on its old address again.
    fn rename_dependencies(&mut self, history: &History) {
        let moved: BTreeSet<ResourceAddr> = self.previous.values().map(InstanceAddr::resource).collect();
        let affected = |row: &&ObjectRow| row.dependencies.iter().any(|d| moved.contains(d));
        let rows: Vec<ObjectRow> = self.all.values().filter(affected).cloned().collect();
        for row in rows {
            if let Some(before) = History::row(&history.before, &row.addr).filter(|_| row.deposed.is_none()) {
                self.put(&ObjectRow { dependencies: before.dependencies.clone(), ..row });
            }
        }
    }

    /// Where the object that was current before is still there beside the one that was to replace it, they change places.
    pub(super) fn restore(&mut self, history: &History, touched: &BTreeSet<InstanceAddr>) {
        for addr in touched {
            let Some(before) = History::row(&history.before, addr).filter(|row| row.id.is_some()) else { continue };
            let aside = self.all.iter().find(|((a, deposed), row)| a == addr && deposed.is_some() && row.id == before.id);
            let Some(((_, Some(key)), _)) = aside.map(|(key, row)| (key.clone(), row)) else { continue };
            if let Some(current) = self.all.remove(&(addr.clone(), None)) {
                let other = other_key(&key);
                self.edits.push(StateEdit::Depose { addr: addr.clone(), key: other.clone() });
                self.all.insert((addr.clone(), Some(other.clone())), ObjectRow { deposed: Some(other), ..current });
            }
            self.edits.push(StateEdit::Restore { addr: addr.clone(), key: key.clone() });
            if let Some(row) = self.all.remove(&(addr.clone(), Some(key))) {
                self.all.insert((addr.clone(), None), ObjectRow { deposed: None, ..row });
            }
        }
    }
}

/// A key that differs: the same digits from behind, or one that is no palindrome.
fn other_key(key: &DeposedKey) -> DeposedKey {
    let turned: String = key.0.chars().rev().collect();
    DeposedKey(if turned == *key.0 { Arc::from("0000000f") } else { Arc::from(turned) })
}

/// The objects that the run gave another address, by their ids: where each is by now, and where it was.
fn moves(history: &History) -> Vec<(InstanceAddr, InstanceAddr)> {
    let managed = |s: &'_ Snapshot| -> BTreeMap<(Arc<str>, String), InstanceAddr> {
        let rows = s.objects.iter().filter(|row| row.addr.mode == Mode::Managed && row.deposed.is_none());
        rows.filter_map(|row| Some(((row.addr.type_name.clone(), row.id.clone()?), row.addr.clone()))).collect()
    };
    let (before, after) = (managed(&history.before), managed(&history.after));
    let mut counts: BTreeMap<&(Arc<str>, String), usize> = BTreeMap::new();
    for row in history.before.objects.iter().filter(|row| row.deposed.is_none()) {
        if let Some((key, _)) = row.id.clone().and_then(|id| before.get_key_value(&(row.addr.type_name.clone(), id))) {
            *counts.entry(key).or_default() += 1;
        }
    }
    let moved = before.iter().filter(|(key, _)| counts.get(key) == Some(&1));
    let moved = moved.filter_map(|(key, was)| Some((after.get(key)?.clone(), was.clone())));
    moved.filter(|(now, was)| now != was && !history.made(now)).collect()
}
