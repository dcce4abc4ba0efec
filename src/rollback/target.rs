//! Which run is to be undone.

use levee_model::Diagnostic;
use levee_state::{RunEnd, RunId, RunKind, RunRecord};
use std::collections::BTreeSet;

/// The run that is meant, and what came after it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The run.
    pub run: RunRecord,
    /// Rollbacks of it that did not come to their end: what they did is part of what is to be made good.
    pub begun: Vec<RunId>,
    /// Later runs whose effects are still there, oldest first.
    pub later: Vec<RunRecord>,
    /// Later runs that have been undone, and those which did that.
    pub undone: Vec<RunId>,
}

/// The run of this number, or the newest whose effects are still there. `acted` tells whether a run did something.
///
/// # Errors
/// There is no such run, or nothing to undo.
pub fn choose(runs: &[RunRecord], named: Option<RunId>, acted: impl Fn(&RunRecord) -> bool) -> Result<Target, Diagnostic> {
    let undone = undone(runs);
    let in_effect = || runs.iter().rev().filter(|r| !undone.contains(&r.id));
    let wanted = match named {
        Some(id) => runs.iter().find(|r| r.id == id).ok_or_else(|| unknown(id))?,
        None => {
            let newest = in_effect().find(|r| r.spec.kind != RunKind::Refresh && acted(r)).ok_or_else(nothing)?;
            match newest.spec.kind {
                // What was begun is brought to its end.
                RunKind::Rollback { of } if !is_complete(newest) => runs.iter().find(|r| r.id == of).ok_or_else(|| unknown(of))?,
                _ => newest,
            }
        }
    };
    if let Some(by) = undone_by(runs, &undone, wanted.id) {
        return Err(already(wanted.id, by));
    }
    let begun = |r: &&RunRecord| r.spec.kind == RunKind::Rollback { of: wanted.id } && !is_complete(r);
    let after = || runs.iter().filter(|r| r.id > wanted.id);
    Ok(Target {
        run: wanted.clone(),
        begun: after().filter(begun).map(|r| r.id).collect(),
        later: after().filter(|r| !undone.contains(&r.id) && !begun(r)).cloned().collect(),
        undone: after().filter(|r| undone.contains(&r.id)).map(|r| r.id).collect(),
    })
}

/// Whether a run came to its end, and nothing of it is in doubt.
pub fn is_complete(run: &RunRecord) -> bool {
    run.unresolved == 0 && matches!(run.ended, Some((_, RunEnd::Succeeded)))
}

/// Runs that are undone and the rollbacks that did it: together they changed nothing. A rollback that was itself undone
/// undid nothing.
pub fn undone(runs: &[RunRecord]) -> BTreeSet<RunId> {
    let mut out = BTreeSet::new();
    for run in runs.iter().rev() {
        if let RunKind::Rollback { of } = run.spec.kind
            && is_complete(run)
            && !out.contains(&run.id)
        {
            out.extend([run.id, of]);
            let tries = runs.iter().filter(|r| r.spec.kind == RunKind::Rollback { of } && r.id < run.id && !is_complete(r));
            out.extend(tries.map(|r| r.id));
        }
    }
    out
}

/// The rollback by which a run was undone. A rollback that came to its end can be undone itself, by naming it.
fn undone_by(runs: &[RunRecord], undone: &BTreeSet<RunId>, id: RunId) -> Option<RunId> {
    let is_undone = undone.contains(&id);
    let by = runs.iter().rev().find(|r| r.spec.kind == RunKind::Rollback { of: id } && is_complete(r) && undone.contains(&r.id));
    by.filter(|by| is_undone && undone_by(runs, undone, by.id).is_none()).map(|r| r.id)
}

fn unknown(id: RunId) -> Diagnostic {
    Diagnostic::error("There is no such run", format!("The state knows no run {id}.")).hint("levee history lists the runs.")
}

fn nothing() -> Diagnostic {
    Diagnostic::error("There is nothing to roll back", "No run whose effects are still there has done anything.")
}

fn already(id: RunId, by: RunId) -> Diagnostic {
    Diagnostic::error("The run is rolled back already", format!("Run {by} has undone run {id}."))
        .hint(format!("To have its effects again, roll back the rollback: levee rollback {by}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_state::{Base, RunSpec};
    use std::time::SystemTime;
    use uuid::Uuid;

    fn runs(kinds: &[(Option<u64>, bool)]) -> Vec<RunRecord> {
        let one = |(i, (of, well)): (usize, &(Option<u64>, bool))| RunRecord {
            id: RunId(i as u64 + 1),
            spec: RunSpec {
                kind: of.map_or(RunKind::Apply, |of| RunKind::Rollback { of: RunId(of) }),
                base: Base { lineage: Uuid::nil(), serial: 0 },
                config_digest: None,
                variables: None,
                levee_version: String::new(),
            },
            serial: Some(1),
            who: String::new(),
            started: SystemTime::UNIX_EPOCH,
            ended: Some((SystemTime::UNIX_EPOCH, if *well { RunEnd::Succeeded } else { RunEnd::Interrupted })),
            unresolved: 0,
            resumed: 0,
            entries: 0,
        };
        kinds.iter().enumerate().map(one).collect()
    }

    fn check(kinds: &[(Option<u64>, bool)], named: Option<u64>, expected: Result<(u64, &[u64], &[u64]), &str>) {
        let found = choose(&runs(kinds), named.map(RunId), |_| true);
        let numbers = |of: Vec<RunId>| of.into_iter().map(|r| r.0).collect::<Vec<_>>();
        match (found, expected) {
            (Ok(t), Ok((run, begun, later))) => {
                let later_found = numbers(t.later.iter().map(|r| r.id).collect());
                assert_eq!((t.run.id.0, numbers(t.begun), later_found), (run, begun.to_vec(), later.to_vec()), "{kinds:?} {named:?}");
            }
            (Err(d), Err(part)) => assert!(d.summary.contains(part), "{}", d.summary),
            (found, expected) => panic!("{kinds:?} {named:?}: {found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn the_newest_run_whose_effects_are_there() {
        let apply = (None, true);
        check(&[], None, Err("nothing to roll back"));
        check(&[apply, apply], None, Ok((2, &[], &[])));
        check(&[apply, apply], Some(1), Ok((1, &[], &[2])));
        check(&[apply, apply], Some(3), Err("no such run"));
        // One after the other, backwards.
        check(&[apply, apply, (Some(2), true)], None, Ok((1, &[], &[])));
        check(&[apply, (Some(1), true)], None, Err("nothing to roll back"));
        check(&[apply, (Some(1), true)], Some(1), Err("rolled back already"));
        // A rollback is undone by naming it; then what it undid counts again.
        check(&[apply, (Some(1), true)], Some(2), Ok((2, &[], &[])));
        check(&[apply, (Some(1), true), (Some(2), true)], None, Ok((1, &[], &[])));
        // What was begun is brought to its end, and then all of it is done with.
        check(&[apply, apply, (Some(2), false)], None, Ok((2, &[3], &[])));
        check(&[apply, apply, (Some(2), false), (Some(2), true)], None, Ok((1, &[], &[])));
        check(&[apply, (Some(1), false), apply], Some(1), Ok((1, &[2], &[3])));
    }
}
