//! A run: one recorded carrying out. Its handle is what the engine writes through.

use crate::entry::OpenEntry;
use crate::error::StateError;
use crate::hiding::Hiding;
use crate::journal::{Intent, JournalEntry};
use crate::lock::LockGuard;
use crate::meta;
use crate::rows::{Base, OutputRow, StateEdit, now_ms, sql_int, time_of};
use crate::scope::Scope;
use crate::seal::{self, Damage};
use crate::snapshot::{unsigned, uuid_of};
use crate::timing::ReadRecord;
use crate::writer::{Write, Writer, WriterStats};
use levee_model::address::InstanceAddr;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// The number of a run: 1, 2, 3, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Carries out a plan.
    Apply,
    /// Carries out a plan that deletes everything.
    Destroy,
    /// Only takes over what refreshing saw.
    Refresh,
    /// Settles by hand what an earlier run left in doubt.
    Recover,
    /// Undoes an earlier run.
    Rollback {
        /// Which one.
        of: RunId,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Everything was done.
    Succeeded,
    /// Something failed.
    Failed,
    /// It was told to stop.
    Interrupted,
}

/// What a run is begun with.
#[derive(Clone)]
pub struct RunSpec {
    /// What it is for.
    pub kind: RunKind,
    /// The state that its plan was made from.
    pub base: Base,
    /// Digest of the configuration, if there was one.
    pub config_digest: Option<String>,
    /// Values of the root module's variables: a JSON object, without the sensitive ones.
    pub variables: Option<String>,
    /// The version of levee that runs.
    pub levee_version: String,
}

/// A run as recorded.
#[derive(Clone)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// What it was begun with.
    pub spec: RunSpec,
    /// The state's serial once the run had changed something.
    pub serial: Option<u64>,
    /// Who ran it: `user@host`.
    pub who: String,
    /// When it began.
    pub started: SystemTime,
    /// When and how it ended.
    pub ended: Option<(SystemTime, RunEnd)>,
    /// How many of its steps were in doubt when it ended.
    pub unresolved: u64,
    /// How often it was taken up again.
    pub resumed: u64,
    /// How many steps it recorded.
    pub entries: u64,
}

/// How long steps of one kind take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationRow {
    /// Resource type.
    pub type_name: String,
    /// "create", "update", "delete", …
    pub action: String,
    /// How many were measured.
    pub samples: u64,
    /// A moving average: recent ones weigh more.
    pub typical: Duration,
    /// The longest ever.
    pub longest: Duration,
}

/// A run under way. Clones are handles to the same run. When the last one goes (entries hold one each), what was queued
/// is written; a run that was not finished then stays open for the next command to settle.
#[derive(Clone)]
pub struct Run {
    inner: Arc<Inner>,
}

struct Inner {
    // Written out before the lock is let go: fields drop in this order.
    writer: Writer,
    id: RunId,
    first_seq: u64,
    never_made: BTreeMap<InstanceAddr, Uuid>,
    hiding: Hiding,
    guard: LockGuard,
}

impl Run {
    pub(crate) fn new(
        id: RunId,
        first_seq: u64,
        never_made: BTreeMap<InstanceAddr, Uuid>,
        writer: Writer,
        hiding: Hiding,
        guard: LockGuard,
    ) -> Self {
        Self { inner: Arc::new(Inner { writer, id, first_seq, never_made, hiding, guard }) }
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(crate) fn hiding(&self) -> &Hiding {
        &self.inner.hiding
    }

    /// Its number.
    pub fn id(&self) -> RunId {
        self.inner.id
    }

    /// What it may touch.
    pub fn scope(&self) -> &Scope {
        self.inner.guard.scope()
    }

    /// The first number that was free for steps when it was begun or taken up again.
    pub fn first_seq(&self) -> u64 {
        self.inner.first_seq
    }

    /// The op token of an earlier create of this instance, of which nothing was found. Whoever makes it now uses that token and
    /// looks first: what was hidden then may show by now.
    pub fn earlier_token(&self, addr: &InstanceAddr) -> Option<Uuid> {
        self.inner.never_made.get(addr).copied()
    }

    /// Records what is about to be done. When this returns, it is on disk, and so is everything recorded before it. Only
    /// then may the call leave the machine.
    pub async fn intent(&self, mut intent: Intent) -> Result<OpenEntry, StateError> {
        self.hiding().hide_intent(&mut intent);
        let entry = OpenEntry::new(self.clone(), &intent);
        self.writer().durable(Write::Intent(Box::new(intent))).await?;
        Ok(entry)
    }

    /// As [`Run::intent`], but not waited for: for steps that touch nothing outside the state. An error shows at the next
    /// call that is waited for.
    pub fn intent_deferred(&self, mut intent: Intent) -> OpenEntry {
        self.hiding().hide_intent(&mut intent);
        let entry = OpenEntry::new(self.clone(), &intent);
        self.writer().deferred(Write::Intent(Box::new(intent)));
        entry
    }

    /// Takes up an entry that an earlier process left in doubt, to record what was found out about it.
    pub fn reopen(&self, entry: &JournalEntry) -> OpenEntry {
        OpenEntry::new(self.clone(), &entry.intent)
    }

    /// Records that a data source was read. Nobody waits for it: if it is lost, only a timeline misses it.
    pub fn read(&self, read: ReadRecord) {
        self.writer().deferred(Write::Read(Box::new(read)));
    }

    /// Changes the state outside of a step (what refreshing saw, moves), all of it in one transaction, durable before it
    /// returns.
    pub async fn edit(&self, mut edits: Vec<StateEdit>) -> Result<(), StateError> {
        self.hiding().hide_edits(&mut edits);
        self.writer().durable(Write::Edits(edits)).await
    }

    /// Replaces the outcome of the configuration's conditions, a JSON array. It is no part of what a serial counts.
    pub async fn set_checks(&self, results: String) -> Result<(), StateError> {
        self.writer().durable(Write::Checks(results)).await
    }

    /// Replaces the outputs, all of them; durable before it returns. Equal ones are left alone and change no serial.
    pub async fn set_outputs(&self, mut outputs: BTreeMap<String, OutputRow>) -> Result<(), StateError> {
        outputs.values_mut().for_each(|row| self.hiding().hide_output(row));
        self.writer().durable(Write::Outputs(outputs)).await
    }

    /// Replaces some outputs, or removes those without a row; the others stay as they are by now.
    pub async fn change_outputs(&self, mut changes: BTreeMap<String, Option<OutputRow>>) -> Result<(), StateError> {
        changes.values_mut().flatten().for_each(|row| self.hiding().hide_output(row));
        self.writer().durable(Write::OutputChanges(changes)).await
    }

    /// Writes everything recorded so far and the run's end. Entries that are still without outcome stay to be settled:
    /// [`crate::Store::open_run`] goes on finding the run until they are. Later writes are refused.
    pub async fn finish(&self, end: RunEnd) -> Result<(), StateError> {
        self.writer().durable(Write::Finish(end)).await
    }

    /// The error that stopped the writing, if one did. Worth a look before starting steps whose records are deferred.
    pub fn check(&self) -> Result<(), StateError> {
        self.writer().check()
    }

    /// How much was written in how many transactions.
    pub fn stats(&self) -> WriterStats {
        self.writer().stats()
    }
}

impl RunId {
    pub(crate) fn sql(self) -> i64 {
        crate::rows::sql_int(self.0)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run({})", self.inner.id)
    }
}

impl fmt::Debug for RunSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunSpec").field("kind", &self.kind).field("base", &self.base).finish_non_exhaustive()
    }
}

impl fmt::Debug for RunRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunRecord")
            .field("id", &self.id.0)
            .field("kind", &self.spec.kind)
            .field("ended", &self.ended)
            .field("unresolved", &self.unresolved)
            .finish_non_exhaustive()
    }
}

impl RunKind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Destroy => "destroy",
            Self::Refresh => "refresh",
            Self::Recover => "recover",
            Self::Rollback { .. } => "rollback",
        }
    }
    pub(crate) fn rollback_of(self) -> Option<i64> {
        match self {
            Self::Rollback { of } => Some(of.sql()),
            _ => None,
        }
    }
    fn of(text: &str, rollback_of: Option<u64>) -> Self {
        match (text, rollback_of) {
            ("rollback", of) => Self::Rollback { of: RunId(of.unwrap_or_default()) },
            ("destroy", _) => Self::Destroy,
            ("refresh", _) => Self::Refresh,
            ("recover", _) => Self::Recover,
            _ => Self::Apply,
        }
    }
}

impl RunEnd {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
    fn of(text: &str) -> Self {
        match text {
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            _ => Self::Interrupted,
        }
    }
}

impl RunRecord {
    /// Whether it has no end, or ended with steps in doubt.
    pub fn is_open(&self) -> bool {
        self.ended.is_none() || self.unresolved > 0
    }
}

/// Writes a run's beginning.
pub(crate) fn insert(conn: &Connection, spec: &RunSpec, who: &str) -> rusqlite::Result<RunId> {
    let id = conn.query_row(
        "INSERT INTO runs (kind, rollback_of, base_lineage, base_serial, config_digest, variables, levee_version, who, started_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
        params![
            spec.kind.text(),
            spec.kind.rollback_of(),
            spec.base.lineage.to_string(),
            sql_int(spec.base.serial),
            spec.config_digest,
            spec.variables,
            spec.levee_version,
            who,
            now_ms()
        ],
        |row| unsigned(row, 0).map(RunId),
    )?;
    conn.execute("UPDATE meta SET runs = runs + 1", [])?;
    seal(conn, id.sql())?;
    Ok(id)
}

/// Seals a run's row; whoever changes the row does so before the transaction ends.
pub(crate) fn seal(conn: &Connection, run: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE runs SET seal = seal(id, kind, rollback_of, base_lineage, base_serial, serial, config_digest, variables, \
         levee_version, who, started_at, ended_at, outcome, unresolved, resumed, entries, reads, kept) WHERE id = ?1",
    )?
    .execute([run])
    .map(drop)
}

/// All runs, oldest first.
pub(crate) fn read_runs(conn: &Connection) -> rusqlite::Result<Vec<RunRecord>> {
    let known = meta::read(conn)?.runs;
    let mut statement = conn.prepare(
        "SELECT id, kind, rollback_of, base_lineage, base_serial, serial, config_digest, variables, levee_version, who, \
         started_at, ended_at, outcome, unresolved, resumed, entries, reads, kept, seal FROM runs NOT INDEXED ORDER BY id",
    )?;
    let runs = statement.query_map([], record_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    seal::verify_order("runs", runs.iter().map(|r| r.id))?;
    Damage::unless_all("runs", known, runs.len())?;
    Ok(runs)
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    seal::verify(row, 0..18, "runs")?;
    let optional = |column: usize| -> rusqlite::Result<Option<u64>> {
        if row.get::<_, Option<i64>>(column)?.is_some() { unsigned(row, column).map(Some) } else { Ok(None) }
    };
    let ended: Option<i64> = row.get(11)?;
    let outcome: Option<String> = row.get(12)?;
    Ok(RunRecord {
        id: RunId(unsigned(row, 0)?),
        spec: RunSpec {
            kind: RunKind::of(row.get_ref(1)?.as_str()?, optional(2)?),
            base: Base { lineage: uuid_of(row, 3)?, serial: unsigned(row, 4)? },
            config_digest: row.get(6)?,
            variables: row.get(7)?,
            levee_version: row.get(8)?,
        },
        serial: optional(5)?,
        who: row.get(9)?,
        started: time_of(row.get(10)?),
        ended: ended.zip(outcome).map(|(at, end)| (time_of(at), RunEnd::of(&end))),
        unresolved: unsigned(row, 13)?,
        resumed: unsigned(row, 14)?,
        entries: unsigned(row, 15)?,
    })
}

/// The durations of all kinds of steps.
pub(crate) fn read_durations(conn: &Connection) -> rusqlite::Result<Vec<DurationRow>> {
    let mut statement = conn.prepare("SELECT type, action, samples, typical_us, longest_us, seal FROM durations ORDER BY type, action")?;
    let rows = statement.query_map([], duration_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    seal::verify_order("durations", rows.iter().map(|r| (&r.type_name, &r.action)))?;
    Damage::unless_all("durations", meta::read(conn)?.durations, rows.len())?;
    Ok(rows)
}

/// The duration of one kind of steps.
pub(crate) fn read_duration(conn: &Connection, type_name: &str, action: &str) -> rusqlite::Result<Option<DurationRow>> {
    conn.prepare_cached("SELECT type, action, samples, typical_us, longest_us, seal FROM durations WHERE type = ?1 AND action = ?2")?
        .query_row([type_name, action], duration_of)
        .optional()
}

fn duration_of(row: &Row<'_>) -> rusqlite::Result<DurationRow> {
    seal::verify(row, 0..5, "durations")?;
    Ok(DurationRow {
        type_name: row.get(0)?,
        action: row.get(1)?,
        samples: unsigned(row, 2)?,
        typical: Duration::from_micros(unsigned(row, 3)?),
        longest: Duration::from_micros(unsigned(row, 4)?),
    })
}
