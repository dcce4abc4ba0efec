//! What the state holds beside objects: outputs, and what data sources yielded.

use super::history::History;
use levee_model::{InstanceAddr, Mode, Value};
use levee_state::StateEdit;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The outputs as they are to be: those that the run changed as they were before, the others as they are now.
pub(super) fn outputs(history: &History, before: &BTreeMap<Arc<str>, Value>, now: &BTreeMap<Arc<str>, Value>) -> BTreeMap<Arc<str>, Value> {
    let names: BTreeSet<&String> =
        history.before.outputs.keys().chain(history.after.outputs.keys()).chain(history.now.outputs.keys()).collect();
    let one = |name: &String| {
        let (was, left) = (history.before.outputs.get(name), history.after.outputs.get(name));
        let untouched_since = history.begun || history.now.outputs.get(name) == left;
        let source = if was != left && untouched_since { before } else { now };
        Some((Arc::from(name.as_str()), source.get(name.as_str())?.clone()))
    };
    names.into_iter().filter_map(one).collect()
}

/// What data sources had yielded before.
pub(super) fn data(history: &History) -> Vec<StateEdit> {
    let of = |s: &levee_state::Snapshot| -> BTreeSet<InstanceAddr> {
        s.objects.iter().map(|row| &row.addr).filter(|a| a.mode == Mode::Data).cloned().collect()
    };
    let all: BTreeSet<InstanceAddr> = of(&history.before).union(&of(&history.after)).cloned().collect();
    let one = |addr: InstanceAddr| {
        let [was, left, now] = [&history.before, &history.after, &history.now].map(|s| History::row(s, &addr));
        if was == left || now != left {
            return None;
        }
        Some(match was {
            Some(row) => StateEdit::Put(Box::new(row.clone())),
            None => StateEdit::Remove { addr, deposed: None },
        })
    };
    all.into_iter().filter_map(one).collect()
}
