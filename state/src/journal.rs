//! What is recorded of a step: the intent before the call, the checkpoint once the object's id is known, the outcome. An
//! entry without an outcome is in doubt, whatever the reason: only asking the provider can tell what became of it.

use crate::rows::{Image, StateEdit, deposed_text, time_of};
use crate::run::RunRecord;
use crate::seal::{self, Damage};
use crate::snapshot::{Interner, instance_of, optional_deposed, unsigned, uuid_of};
use crate::timing::Timing;
use levee_model::address::{DeposedKey, InstanceAddr, ResourceAddr};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// The message of a create of which nothing was found when it was settled: the next try has the same op token, so that an object
/// that shows late is still known to be ours.
pub const NEVER_MADE: &str = "interrupted before the object was made";

/// What is about to be done, with all that is needed to settle it without the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number, unique within the run. A resumed run goes on from [`crate::Run::first_seq`].
    pub seq: u64,
    /// The instance.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is one.
    pub deposed: Option<DeposedKey>,
    /// What is done: "create", "update", "delete", …
    pub action: Arc<str>,
    /// Goes into the call, so that the object it makes can be told from others.
    pub op_token: Uuid,
    /// The object before; none for a create.
    pub prior: Option<Image>,
    /// The object as planned; none for a delete.
    pub planned: Option<Image>,
    /// The provider configuration, as text.
    pub provider: Arc<str>,
    /// Where the provider comes from.
    pub provider_source: Arc<str>,
    /// Version of the schema that the images follow.
    pub schema_version: u64,
    /// What the object depends on, for the row to come.
    pub dependencies: Vec<ResourceAddr>,
    /// For the row to come.
    pub create_before_destroy: bool,
}

/// How a step went well.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What it changes in the state.
    pub edits: Vec<StateEdit>,
    /// How long it took.
    pub duration: Duration,
    /// Where that time went, if it was measured.
    pub timing: Option<Timing>,
}

/// How a step failed.
#[derive(Clone, Debug, Default)]
pub struct FailureRecord {
    /// The provider's words, without values.
    pub message: String,
    /// Whether it is unknown what became of the object: the entry then stays to be settled.
    pub in_doubt: bool,
    /// What it changes in the state all the same, such as an object that was created but is tainted.
    pub edits: Vec<StateEdit>,
    /// Where its time went, if that was measured.
    pub timing: Option<Timing>,
}

/// What was known of an object before it was ready.
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The provider's id.
    pub id: String,
    /// Attributes known so far: a JSON object.
    pub partial: Option<String>,
}

/// How an entry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryOutcome {
    /// Done as planned.
    Succeeded,
    /// Not done, or not whole; what became of it is known.
    Failed,
    /// Failed, and it is unknown what became of it.
    InDoubt,
}

/// One step as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// What was to be done.
    pub intent: Intent,
    /// The object's id, once it was known.
    pub checkpoint: Option<Checkpoint>,
    /// How it ended, if it did.
    pub outcome: Option<EntryOutcome>,
    /// The provider's words, if it failed.
    pub message: Option<String>,
    /// When the intent was recorded.
    pub since: SystemTime,
}

/// A step of an open run whose end is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedEntry {
    /// Its number.
    pub seq: u64,
    /// The instance.
    pub addr: InstanceAddr,
    /// Which deposed object, if it was one.
    pub deposed: Option<DeposedKey>,
    /// What was done.
    pub action: Arc<str>,
    /// Whether it succeeded.
    pub succeeded: bool,
}

/// A run that has no end, or that ended with steps in doubt.
#[derive(Clone, Debug)]
pub struct OpenRun {
    /// The run.
    pub record: RunRecord,
    /// Steps to settle: no outcome, or in doubt. In the order of their intents, with their images.
    pub unresolved: Vec<JournalEntry>,
    /// Steps whose end is known, in the order of their numbers.
    pub finished: Vec<FinishedEntry>,
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint").field("id", &self.id).finish_non_exhaustive()
    }
}

impl JournalEntry {
    /// Whether it is still to be settled.
    pub fn is_unresolved(&self) -> bool {
        matches!(self.outcome, None | Some(EntryOutcome::InDoubt))
    }
}

impl Intent {
    /// Roughly how much memory it keeps while it waits to be written, in bytes.
    pub(crate) fn weight(&self) -> usize {
        512 + Image::weight(self.prior.as_ref()) + Image::weight(self.planned.as_ref())
    }
    /// Which deposed object, as its column holds it.
    pub(crate) fn deposed_text(&self) -> &str {
        deposed_text(self.deposed.as_ref())
    }
}

impl EntryOutcome {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
        }
    }
    pub(crate) fn of(text: Option<&str>) -> Option<Self> {
        match text? {
            "succeeded" => Some(Self::Succeeded),
            "failed" => Some(Self::Failed),
            _ => Some(Self::InDoubt),
        }
    }
}

/// What the intent wrote, and its seal.
const ENTRY: &str = "SELECT run, seq, addr, deposed, action, op_token, provider, provider_source, schema_version, \
     create_before_destroy, intent_at, dependencies, prior, prior_sensitive, planned, planned_sensitive, seal";
/// Where in it what came afterwards begins.
const ENTRY_END: usize = 17;
/// What came after the intent, and its seal.
pub(crate) const END: &str = "run, seq, addr, deposed, action, intent_at, object_id, partial, checkpoint_at, outcome, message, outcome_at, \
     duration_us, ready_us, started_us, ended_us, after_seq, limited_us, paused_us, repeats, end_seal";
/// How many columns [`END`] has.
pub(crate) const END_COLUMNS: usize = 21;

/// Verifies what [`END`] selected from a column on.
pub(crate) fn verify_end(row: &Row<'_>, first: usize) -> rusqlite::Result<()> {
    seal::verify(row, first..first + END_COLUMNS - 1, "journal")
}

/// Every step of a run, in the order of its numbers.
pub(crate) fn read_entries(conn: &Connection, run: i64) -> rusqlite::Result<Vec<JournalEntry>> {
    let entries = select(conn, &format!("{ENTRY}, {END} FROM journal WHERE run = ?1 ORDER BY seq"), run)?;
    verify_all(conn, run, entries.iter().map(|e| e.intent.seq))?;
    Ok(entries)
}

/// The steps of a run that are to be settled, in the order of their intents; those whose end is known, without their images,
/// in the order of their numbers.
pub(crate) fn read_open(conn: &Connection, run: i64) -> rusqlite::Result<(Vec<JournalEntry>, Vec<FinishedEntry>)> {
    let open = "WHERE run = ?1 AND (outcome IS NULL OR outcome = 'in_doubt') ORDER BY id";
    let unresolved = select(conn, &format!("{ENTRY}, {END} FROM journal {open}"), run)?;
    let finished = read_finished(conn, run)?;
    let mut numbers: Vec<u64> = unresolved.iter().map(|e| e.intent.seq).chain(finished.iter().map(|e| e.seq)).collect();
    numbers.sort_unstable();
    verify_all(conn, run, numbers.iter().copied())?;
    Ok((unresolved, finished))
}

/// Fails unless these are the numbers of all steps of a run, in order.
pub(crate) fn verify_all(conn: &Connection, run: i64, numbers: impl Iterator<Item = u64> + Clone) -> rusqlite::Result<()> {
    let known = conn.query_row("SELECT entries FROM runs WHERE id = ?1", [run], |row| unsigned(row, 0)).optional()?;
    seal::verify_order("journal", numbers.clone())?;
    Damage::unless_all("journal", known.unwrap_or_default(), numbers.count())
}

fn select(conn: &Connection, sql: &str, run: i64) -> rusqlite::Result<Vec<JournalEntry>> {
    let mut interner = Interner::default();
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([run])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry_of(row, &mut interner)?);
    }
    Ok(entries)
}

fn entry_of(row: &Row<'_>, interner: &mut Interner) -> rusqlite::Result<JournalEntry> {
    let image = |values: usize| -> rusqlite::Result<Option<Image>> {
        let Some(text) = row.get::<_, Option<String>>(values)? else { return Ok(None) };
        Ok(Some(Image { values: text, sensitive_paths: row.get::<_, Option<String>>(values + 1)?.unwrap_or_default() }))
    };
    seal::verify(row, 0..ENTRY_END - 1, "journal")?;
    verify_end(row, ENTRY_END)?;
    let partial = row.get(ENTRY_END + 7)?;
    Ok(JournalEntry {
        intent: Intent {
            seq: unsigned(row, 1)?,
            addr: instance_of(row, 2)?,
            deposed: optional_deposed(row, 3)?,
            action: interner.text(row, 4)?,
            op_token: uuid_of(row, 5)?,
            provider: interner.text(row, 6)?,
            provider_source: interner.text(row, 7)?,
            schema_version: unsigned(row, 8)?,
            create_before_destroy: row.get(9)?,
            dependencies: interner.resources(row, 11)?,
            prior: image(12)?,
            planned: image(14)?,
        },
        checkpoint: row.get::<_, Option<String>>(ENTRY_END + 6)?.map(|id| Checkpoint { id, partial }),
        outcome: EntryOutcome::of(row.get_ref(ENTRY_END + 9)?.as_str_or_null()?),
        message: row.get(ENTRY_END + 10)?,
        since: time_of(row.get(10)?),
    })
}

/// In how many runs before the newest it is looked for creates of which nothing was found.
const RECENT: i64 = 8;

/// The op tokens of creates that were taken for never made, by instance, unless something was done to that instance since.
pub(crate) fn read_never_made(conn: &Connection) -> rusqlite::Result<BTreeMap<InstanceAddr, Uuid>> {
    let mut statement = conn.prepare(
        "SELECT addr, id, coalesce(outcome = 'failed' AND message = ?2, 0) FROM journal \
         WHERE run > (SELECT coalesce(max(id), 0) FROM runs) - ?1 AND deposed = '' ORDER BY id",
    )?;
    let mut rows = statement.query(params![RECENT, NEVER_MADE])?;
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let addr: String = row.get(0)?;
        match row.get::<_, bool>(2)? {
            true => found.insert(addr, row.get(1)?),
            false => found.remove(&addr),
        };
    }
    // Few, if any: these are read whole, so that they are verified.
    let mut whole = conn.prepare(&format!("{ENTRY}, {END} FROM journal WHERE id = ?1"))?;
    let mut interner = Interner::default();
    let entries = found.into_values().map(|id| whole.query_row([id], |row| entry_of(row, &mut interner)));
    entries.map(|entry| entry.map(|e| (e.intent.addr, e.intent.op_token))).collect()
}

/// The steps of a run whose end is known, without their images.
fn read_finished(conn: &Connection, run: i64) -> rusqlite::Result<Vec<FinishedEntry>> {
    let mut interner = Interner::default();
    let sql = format!("SELECT {END} FROM journal WHERE run = ?1 AND outcome IN ('succeeded', 'failed') ORDER BY seq");
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([run])?;
    let mut finished = Vec::new();
    while let Some(row) = rows.next()? {
        verify_end(row, 0)?;
        finished.push(FinishedEntry {
            seq: unsigned(row, 1)?,
            addr: instance_of(row, 2)?,
            deposed: optional_deposed(row, 3)?,
            action: interner.text(row, 4)?,
            succeeded: row.get_ref(9)?.as_str_or_null()? == Some("succeeded"),
        });
    }
    Ok(finished)
}
