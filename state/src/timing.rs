//! Where the time of a run went: when each step was ready, began and ended, what it waited for, what it lost.

use crate::journal::{self, EntryOutcome};
use crate::rows::{sql_int, time_of};
use crate::seal::{self, Damage};
use crate::snapshot::{instance_of, optional_deposed, unsigned};
use levee_model::address::{DeposedKey, InstanceAddr};
use rusqlite::{Connection, OptionalExtension, Row};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The times of one step. They come from the clock of the run, which does not jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When all that it waited for was done.
    pub ready: SystemTime,
    /// When it began.
    pub started: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// The number of the step that it waited for last.
    pub after: Option<u64>,
    /// How long it waited for a service's limiter.
    pub limited: Duration,
    /// How long it paused between a refused call and the next try.
    pub paused: Duration,
    /// How many calls were tried again.
    pub repeats: u32,
}

/// A data source that was read during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRecord {
    /// Its number, counted with those of the journal.
    pub seq: u64,
    /// Its address.
    pub addr: InstanceAddr,
    /// Whether it yielded something.
    pub succeeded: bool,
    /// Its times.
    pub timing: Timing,
}

/// One step of a run as its timeline has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedStep {
    /// Its number.
    pub seq: u64,
    /// Its object.
    pub addr: InstanceAddr,
    /// Which deposed object, if it was one.
    pub deposed: Option<DeposedKey>,
    /// What was done: "create", "update", "delete", "read", ...
    pub action: String,
    /// How it ended, if it did.
    pub outcome: Option<EntryOutcome>,
    /// When it began: of a step that was cut off, when its intent was recorded.
    pub started: SystemTime,
    /// Its times; none for one that was cut off, or that was recorded before times were.
    pub timing: Option<Timing>,
}

impl Timing {
    /// From first to last.
    pub fn took(&self) -> Duration {
        self.ended.duration_since(self.started).unwrap_or_default()
    }

    /// As its columns: `ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats`.
    pub(crate) fn columns(timing: Option<&Self>) -> [Option<i64>; 7] {
        let Some(t) = timing else { return [None; 7] };
        let time = |at: SystemTime| micros(at.duration_since(UNIX_EPOCH).unwrap_or_default());
        let [limited, paused] = [t.limited, t.paused].map(|d| Some(micros(d)));
        let after = t.after.map(sql_int);
        [Some(time(t.ready)), Some(time(t.started)), Some(time(t.ended)), after, limited, paused, Some(i64::from(t.repeats))]
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// What a run did, in the order of its numbers.
pub(crate) fn read_timeline(conn: &Connection, run: i64) -> rusqlite::Result<Vec<TimedStep>> {
    let mut statement = conn.prepare(&format!("SELECT {} FROM journal WHERE run = ?1 ORDER BY seq", journal::END))?;
    let mut steps = statement.query_map([run], step_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    journal::verify_all(conn, run, steps.iter().map(|s| s.seq))?;
    let mut statement = conn.prepare(
        "SELECT run, seq, addr, succeeded, ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats, seal \
         FROM reads WHERE run = ?1 ORDER BY seq",
    )?;
    let reads = statement.query_map([run], read_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let known = conn.query_row("SELECT reads FROM runs WHERE id = ?1", [run], |row| unsigned(row, 0)).optional()?;
    seal::verify_order("reads", reads.iter().map(|s| s.seq))?;
    Damage::unless_all("reads", known.unwrap_or_default(), reads.len())?;
    steps.extend(reads);
    steps.sort_by_key(|s| s.seq);
    Ok(steps)
}

fn step_of(row: &Row<'_>) -> rusqlite::Result<TimedStep> {
    journal::verify_end(row, 0)?;
    let timing = timing_of(row, 13)?;
    Ok(TimedStep {
        seq: unsigned(row, 1)?,
        addr: instance_of(row, 2)?,
        deposed: optional_deposed(row, 3)?,
        action: row.get(4)?,
        outcome: EntryOutcome::of(row.get_ref(9)?.as_str_or_null()?),
        started: timing.map_or(time_of(row.get(5)?), |t| t.started),
        timing,
    })
}

fn read_of(row: &Row<'_>) -> rusqlite::Result<TimedStep> {
    seal::verify(row, 0..11, "reads")?;
    let timing = timing_of(row, 4)?;
    Ok(TimedStep {
        seq: unsigned(row, 1)?,
        addr: instance_of(row, 2)?,
        deposed: None,
        action: "read".to_owned(),
        outcome: Some(if row.get(3)? { EntryOutcome::Succeeded } else { EntryOutcome::Failed }),
        started: timing.map_or(UNIX_EPOCH, |t| t.started),
        timing,
    })
}

/// From seven columns on, in the order of [`Timing::columns`].
fn timing_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Timing>> {
    if row.get::<_, Option<i64>>(first + 2)?.is_none() {
        return Ok(None);
    }
    let length = |column| unsigned(row, first + column).map(Duration::from_micros);
    let time = |column| length(column).map(|since| UNIX_EPOCH + since);
    Ok(Some(Timing {
        ready: time(0)?,
        started: time(1)?,
        ended: time(2)?,
        after: if row.get::<_, Option<i64>>(first + 3)?.is_some() { Some(unsigned(row, first + 3)?) } else { None },
        limited: length(4)?,
        paused: length(5)?,
        repeats: u32::try_from(unsigned(row, first + 6)?).unwrap_or(u32::MAX),
    }))
}
