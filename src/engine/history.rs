//! What the store remembers: its runs, the versions of an instance, and what differs between the states after two runs.

use super::load::state_failure;
use super::view::described;
use super::{Failure, StateObject, StateView, Workspace};
use levee_model::{Diagnostic, InstanceAddr, Value};
use levee_state::{Access, RunId, RunRecord, Snapshot, StateError, Store, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunName {
    /// By its number.
    Number(u64),
    /// So many before the newest.
    Latest(u64),
}

impl RunName {
    /// `7`, `latest`, `latest-1`, `-1`
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Some(Self::Number(number));
        }
        let rest = text.strip_prefix("latest").unwrap_or(text);
        match rest.strip_prefix('-') {
            Some(back) => back.parse().ok().map(Self::Latest),
            None => rest.is_empty().then_some(Self::Latest(0)).filter(|_| !text.is_empty()),
        }
    }
}

/// One run, and what it did to the state.
#[derive(Clone, Debug)]
pub struct PastRun {
    /// The run as recorded.
    pub record: RunRecord,
    /// How many objects it left otherwise than they were, or removed.
    pub objects: usize,
}

/// One instance as a run left it.
#[derive(Clone, Debug)]
pub struct PastVersion {
    /// The run.
    pub run: RunRecord,
    /// What its journal says was done to the instance: "create", "update", …; nothing where only the state was changed.
    pub actions: Vec<String>,
    /// Which deposed object, if it was one.
    pub deposed: Option<String>,
    /// What it was like before; none if it was not there, or that is not known.
    pub before: Option<StateObject>,
    /// What it is like; none if it is there no more.
    pub after: Option<StateObject>,
}

/// What differs between two states.
#[derive(Clone, Debug)]
pub struct StateDifference {
    /// The run after which the first was so.
    pub from: u64,
    /// The run after which the second was so.
    pub to: u64,
    /// Objects before and after, where they differ.
    pub objects: Vec<(Option<StateObject>, Option<StateObject>)>,
    /// Outputs before and after, where they differ.
    pub outputs: BTreeMap<Arc<str>, (Option<Value>, Option<Value>)>,
}

fn opened(workspace: &Workspace) -> Result<(Store, Vec<RunRecord>), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    let runs = store.runs().map_err(failed)?;
    Ok((store, runs))
}

/// The run of a name.
fn find(runs: &[RunRecord], name: RunName) -> Result<RunId, Failure> {
    let found = match name {
        RunName::Number(number) => runs.iter().find(|r| r.id.0 == number),
        RunName::Latest(back) => usize::try_from(back).ok().and_then(|back| runs.iter().rev().nth(back)),
    };
    found.map(|r| r.id).ok_or_else(|| {
        let detail = match (runs.first(), runs.last()) {
            (Some(first), Some(last)) => {
                format!("The state knows runs {} to {}. What was before the first is not recorded.", first.id, last.id)
            }
            _ => "The state knows no run yet.".to_owned(),
        };
        let diagnostic = Diagnostic::error("There is no such run", detail).hint("\"levee history\" lists the runs.");
        Failure::new(diagnostic.into(), None)
    })
}

/// All runs, oldest first.
///
/// # Errors
/// The state cannot be read.
pub fn past_runs(workspace: &Workspace) -> Result<Vec<PastRun>, Failure> {
    let (store, runs) = opened(workspace)?;
    let touched = store.versions_by_run().map_err(|e| state_failure(&e, None))?;
    Ok(runs.into_iter().map(|record| PastRun { objects: touched.get(&record.id).copied().unwrap_or_default(), record }).collect())
}

/// The versions of an instance and of its deposed objects, oldest first.
///
/// # Errors
/// The state cannot be read, or knows nothing of such an instance.
pub fn past_versions(workspace: &Workspace, addr: &InstanceAddr) -> Result<Vec<PastVersion>, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, runs) = opened(workspace)?;
    let mut versions: Vec<Version> = Vec::new();
    let is_meant = |version: &Version| version.addr == *addr;
    store.each_version(|version| versions.extend(Some(version).filter(is_meant))).map_err(failed)?;
    versions.sort_by(|a, b| (a.run, &a.deposed).cmp(&(b.run, &b.deposed)));
    if versions.is_empty() {
        let detail = format!("No run that the state knows of had to do with {addr}.");
        let diagnostic =
            Diagnostic::error("Nothing is known of that address", detail).hint("\"levee state list\" shows what the state holds.");
        return Err(Failure::new(diagnostic.into(), None));
    }
    let mut known: BTreeMap<Option<String>, Option<StateObject>> = BTreeMap::new();
    let mut out = Vec::new();
    for version in versions {
        let Some(run) = runs.iter().find(|r| r.id == version.run) else { continue };
        let steps = store.timeline(version.run).map_err(failed)?;
        let actions = steps.into_iter().filter(|s| s.addr == *addr && s.deposed == version.deposed).map(|s| s.action).collect();
        let deposed = version.deposed.map(|key| key.0.to_string());
        let after = described(Snapshot { objects: version.object.into_iter().collect(), ..Snapshot::default() })?.objects.pop();
        let before = known.insert(deposed.clone(), after.clone()).flatten();
        out.push(PastVersion { run: run.clone(), actions, deposed, before, after });
    }
    Ok(out)
}

/// The state as a run left it.
///
/// # Errors
/// There is no such run, or the state cannot be read.
pub fn state_at(workspace: &Workspace, name: RunName) -> Result<StateView, Failure> {
    let (store, runs) = opened(workspace)?;
    described(store.snapshot_at(find(&runs, name)?).map_err(|e| state_failure(&e, None))?)
}

/// What differs between the states after two runs.
///
/// # Errors
/// There is no such run, or the state cannot be read.
pub fn difference(workspace: &Workspace, from: RunName, to: RunName) -> Result<StateDifference, Failure> {
    let (store, runs) = opened(workspace)?;
    let (from, to) = (find(&runs, from)?, find(&runs, to)?);
    let at = |run| store.snapshot_at(run).map_err(|e| state_failure(&e, None)).and_then(described);
    let (before, after) = (at(from)?, at(to)?);
    let keyed = |state: StateView| -> BTreeMap<_, StateObject> {
        state.objects.into_iter().map(|o| ((o.addr.clone(), o.deposed.clone()), o)).collect()
    };
    let outputs = pairs(before.outputs.clone(), after.outputs.clone(), PartialEq::eq);
    let same = |a: &StateObject, b: &StateObject| (&a.value, a.tainted) == (&b.value, b.tainted);
    let objects = pairs(keyed(before), keyed(after), same).into_values().collect();
    Ok(StateDifference { from: from.0, to: to.0, objects, outputs })
}

/// What is in either, where it is not the same in both.
fn pairs<K: Ord + Clone, V>(
    mut before: BTreeMap<K, V>,
    mut after: BTreeMap<K, V>,
    same: impl Fn(&V, &V) -> bool,
) -> BTreeMap<K, (Option<V>, Option<V>)> {
    let keys: BTreeSet<K> = before.keys().chain(after.keys()).cloned().collect();
    let both = keys.into_iter().map(|key| {
        let pair = (before.remove(&key), after.remove(&key));
        (key, pair)
    });
    both.filter(|(_, pair)| !matches!(pair, (Some(a), Some(b)) if same(a, b))).collect()
}

#[cfg(test)]
mod tests {
    use super::RunName::{self, Latest, Number};

    #[test]
    fn runs_have_names() {
        let all = [("7", Some(Number(7))), ("latest", Some(Latest(0))), ("latest-2", Some(Latest(2))), ("-1", Some(Latest(1)))];
        for (text, expected) in all.into_iter().chain(["", "x", "latest+1", "latest-", "-"].map(|t| (t, None))) {
            assert_eq!(RunName::parse(text), expected, "{text}");
        }
    }
}
