//! Where the time of a run went: each step's span, what it lost on the way, and the chain that the run's end hung on.

use super::load::state_failure;
use super::{Failure, Workspace};
use levee_model::Diagnostic;
use levee_state::{Access, RunId, RunRecord, StateError, TimedStep};
pub use levee_state::{EntryOutcome, RunEnd};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The timeline of one run. Moments are counted from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The run's number.
    pub run: u64,
    /// How it ended; none if it did not.
    pub end: Option<RunEnd>,
    /// When it began.
    pub began: SystemTime,
    /// From its beginning to its end.
    pub length: Duration,
    /// Its steps, in the order in which they began.
    pub bars: Vec<Bar>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its number in the journal.
    pub seq: u64,
    /// Its object.
    pub object: String,
    /// What was done: "create", "update", "delete", "read", ...
    pub action: String,
    /// How it ended; none if it was cut off.
    pub outcome: Option<EntryOutcome>,
    /// When it could have begun.
    pub ready: Duration,
    /// When it began: later than that if there was no room.
    pub started: Duration,
    /// When it ended.
    pub ended: Duration,
    /// How long it waited for a service's limiter.
    pub limited: Duration,
    /// How long it paused before calls were tried again.
    pub paused: Duration,
    /// How many calls were tried again.
    pub repeats: u32,
    /// The step that it waited for last.
    pub after: Option<u64>,
    /// Whether the run's end hung on it.
    pub critical: bool,
}

impl Bar {
    /// From its beginning to its end.
    pub fn took(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }

    /// How long it was ready without there being room for it.
    pub fn waited(&self) -> Duration {
        self.started.saturating_sub(self.ready)
    }
}

/// The timeline of a run; of the newest that did something if none is named.
///
/// # Errors
/// There is no such run, or the state cannot be read.
pub fn timeline(workspace: &Workspace, run: Option<u64>) -> Result<Timeline, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    for record in store.runs().map_err(failed)?.into_iter().rev().filter(|r| run.is_none_or(|run| r.id == RunId(run))) {
        let steps = store.timeline(record.id).map_err(failed)?;
        if !steps.is_empty() || run.is_some() {
            return Ok(drawn(&record, &steps));
        }
    }
    let detail = match run {
        Some(run) => format!("The state knows no run {run}."),
        None => "No run has done anything to an object yet.".to_owned(),
    };
    Err(Failure::new(Diagnostic::error("There is no such run", detail).into(), None))
}

fn drawn(record: &RunRecord, steps: &[TimedStep]) -> Timeline {
    let since = |at: SystemTime| at.duration_since(record.started).unwrap_or_default();
    let last = steps.iter().map(|s| s.timing.map_or(s.started, |t| t.ended)).max().map(since).unwrap_or_default();
    let length = record.ended.map_or(last, |(at, _)| since(at)).max(last);
    let mut bars: Vec<Bar> = steps.iter().map(|step| bar(step, since, length)).collect();
    bars.sort_by_key(|bar| (bar.started, bar.seq));
    mark_critical(&mut bars);
    Timeline { run: record.id.0, end: record.ended.map(|(_, end)| end), began: record.started, length, bars }
}

/// `length`: what is cut off lasts to the end.
fn bar(step: &TimedStep, since: impl Fn(SystemTime) -> Duration, length: Duration) -> Bar {
    let started = since(step.started);
    let object = match &step.deposed {
        Some(key) => format!("{} (deposed object {key})", step.addr),
        None => step.addr.to_string(),
    };
    let timing = step.timing;
    Bar {
        seq: step.seq,
        object,
        action: step.action.clone(),
        outcome: step.outcome,
        ready: timing.map_or(started, |t| since(t.ready)).min(started),
        started,
        ended: timing.map_or(length, |t| since(t.ended)),
        limited: timing.map(|t| t.limited).unwrap_or_default(),
        paused: timing.map(|t| t.paused).unwrap_or_default(),
        repeats: timing.map_or(0, |t| t.repeats),
        after: timing.and_then(|t| t.after),
        critical: false,
    }
}

/// A step that began within this time of being ready did not wait for room.
const AT_ONCE: Duration = Duration::from_millis(2);

/// Follows the run back from the step that ended last: to the step that it waited for, or, if it was ready and there was no
/// room, to the one whose end made room.
fn mark_critical(bars: &mut [Bar]) {
    let mut by_end: Vec<usize> = (0..bars.len()).collect();
    by_end.sort_by_key(|i| (bars[*i].ended, *i));
    let numbers: BTreeMap<u64, usize> = bars.iter().enumerate().map(|(i, bar)| (bar.seq, i)).collect();
    let mut next = by_end.last().copied();
    while let Some(i) = next.filter(|i| !bars[*i].critical) {
        bars[i].critical = true;
        let bar = &bars[i];
        let made_room = by_end.partition_point(|other| bars[*other].ended <= bar.started).checked_sub(1).map(|at| by_end[at]);
        let waited_for = bar.after.and_then(|seq| numbers.get(&seq).copied());
        next = if bar.waited() > AT_ONCE { made_room } else { waited_for };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(seq: u64, ready: u64, started: u64, ended: u64, after: Option<u64>) -> Bar {
        let [ready, started, ended] = [ready, started, ended].map(Duration::from_secs);
        let lost = Duration::ZERO;
        let (object, action) = (format!("a.x[{seq}]"), "create".to_owned());
        Bar { seq, object, action, outcome: None, ready, started, ended, limited: lost, paused: lost, repeats: 0, after, critical: false }
    }

    #[test]
    fn the_end_hangs_on_what_was_waited_for_or_made_room() {
        let mut bars =
            [bar(0, 0, 0, 5, None), bar(1, 0, 0, 3, None), bar(2, 3, 3, 4, Some(1)), bar(3, 0, 5, 9, None), bar(4, 9, 9, 12, Some(3))];
        mark_critical(&mut bars);
        let critical: Vec<u64> = bars.iter().filter(|b| b.critical).map(|b| b.seq).collect();
        assert_eq!(critical, [0, 3, 4]);
        mark_critical(&mut []);
    }
}
