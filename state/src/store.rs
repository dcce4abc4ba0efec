//! A state, opened: read it, lock it, begin a run on it.

use crate::cipher::DataKey;
use crate::error::StateError;
use crate::file::StateFile;
use crate::hiding::Hiding;
use crate::journal::{self, JournalEntry, OpenRun};
use crate::kept::{self, Kept};
use crate::lock::{self, LockGuard, LockHolder, LockInfo, Whose};
use crate::mark::Marker;
use crate::meta::{self, Tally};
use crate::record::Recorder;
use crate::rows::{Base, ObjectRow};
use crate::run::{self, DurationRow, Run, RunId, RunRecord, RunSpec};
use crate::scope::Scope;
use crate::snapshot::{self, Snapshot, Version};
use crate::timing::{self, TimedStep};
use crate::writer::Writer;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use uuid::Uuid;

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading. A file that is not there reads as an empty state, and nothing is created.
    ReadOnly,
    /// Reading and writing. A file that is not there is created, and an older layout brought up to date.
    ReadWrite,
}

/// A state. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

/// What the handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) file: StateFile,
    access: Access,
    /// Which file was opened, where the system tells.
    identity: Option<(u64, u64)>,
    /// What sensitive values are hidden with, once it is known.
    key: RwLock<Result<DataKey, Option<StateError>>>,
    /// For reading and for the small writes of locks and beginnings. A run writes through its own.
    conn: Mutex<Option<Connection>>,
}

/// Whether a run has no end, or ended with steps in doubt.
const OPEN: &str = "ended_at IS NULL OR unresolved > 0";

impl Store {
    /// Opens the state in the file `path`, usually `.levee/state.db` beside the root module.
    pub fn open(path: impl Into<PathBuf>, access: Access) -> Result<Self, StateError> {
        let file = StateFile::new(path.into());
        if access == Access::ReadWrite {
            file.ensure()?;
            file.keep_private();
        }
        // Looked at through a reader first, so that what is refused is left exactly as it is.
        let mut conn = file.open_reader()?;
        if access == Access::ReadWrite {
            conn = Some(file.open_writer()?);
        }
        let identity = file.identity();
        Ok(Self { shared: Arc::new(Shared { file, access, identity, key: RwLock::new(Err(None)), conn: Mutex::new(conn) }) })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The state's file.
    pub fn path(&self) -> &Path {
        self.shared.file.path()
    }

    /// Everything, as of one moment. Waits for no lock.
    pub fn snapshot(&self) -> Result<Snapshot, StateError> {
        let snapshot = self.shared.read("reading the state", snapshot::read)?.unwrap_or_default();
        self.shown(snapshot)
    }

    /// Everything, as `run` left it; its serial is the one after that run.
    pub fn snapshot_at(&self, run: RunId) -> Result<Snapshot, StateError> {
        let snapshot = self.shared.read("reading the history", |conn| snapshot::read_at(conn, run))?.unwrap_or_default();
        self.shown(snapshot)
    }

    /// Takes the right to write, waiting up to `wait`; blocks the thread meanwhile. A holder whose process is provably
    /// gone (killed, or its machine was started anew) is taken over at once, and the guard tells.
    pub fn lock(&self, who: &LockInfo, wait: Duration) -> Result<LockGuard, StateError> {
        self.lock_scope(who, &Scope::Whole, wait)
    }

    /// Likewise, on a part of the state: others may hold parts that do not collide with it.
    pub fn lock_scope(&self, who: &LockInfo, scope: &Scope, wait: Duration) -> Result<LockGuard, StateError> {
        lock::take(&self.shared, who, scope, wait)
    }

    /// Whether another process is at work on a run.
    pub fn is_at_work(&self) -> Result<bool, StateError> {
        let read = |conn: &Connection| lock::runs_at_work(conn, &self.shared.file, Whose::OtherProcesses);
        Ok(self.shared.read("reading the locks", read)?.transpose()?.is_some_and(|runs| !runs.is_empty()))
    }

    /// Who holds locks, oldest first, as far as recorded. There may be processes among them that are gone.
    pub fn lock_holders(&self) -> Result<Vec<LockHolder>, StateError> {
        lock::holders(&self.shared)
    }

    /// Forgets a holder that only a person can know to be gone, such as one on another machine. A process that lives on
    /// this machine keeps its lock all the same. Whether there was such a holder.
    pub fn break_lock(&self, id: Uuid) -> Result<bool, StateError> {
        lock::break_lock(&self.shared, id)
    }

    /// The oldest run that has no end, or that left steps in doubt, and that no other process is at work on. It is to be settled
    /// before another one begins.
    pub fn open_run(&self) -> Result<Option<OpenRun>, StateError> {
        let found = self.shared.read("reading the journal", |conn| {
            let at_work = match lock::runs_at_work(conn, &self.shared.file, Whose::OtherProcesses)? {
                Ok(at_work) => at_work,
                Err(error) => return Ok(Err(error)),
            };
            let is_left = |r: &RunRecord| r.is_open() && !at_work.contains(&r.id);
            let Some(record) = run::read_runs(conn)?.into_iter().find(is_left) else { return Ok(Ok(None)) };
            let (unresolved, finished) = journal::read_open(conn, record.id.sql())?;
            Ok(Ok(Some(OpenRun { record, unresolved, finished })))
        })?;
        let mut found = found.unwrap_or(Ok(None))?;
        found.iter_mut().flat_map(|open| &mut open.unresolved).try_for_each(|entry| self.hiding().show_entry(entry))?;
        Ok(found)
    }

    fn hiding(&self) -> Hiding {
        self.shared.key().into()
    }

    fn shown(&self, mut snapshot: Snapshot) -> Result<Snapshot, StateError> {
        self.hiding().show_snapshot(&mut snapshot)?;
        Ok(snapshot)
    }

    /// How a run hides what it writes. A key is needed where the state has one.
    pub(crate) fn hiding_for_writing(&self) -> Result<Hiding, StateError> {
        self.key_for_hiding().map(|_| self.hiding())
    }

    /// Begins a run. Refused if the state is not the one its plan was made from, or if an earlier run is open.
    pub fn begin(&self, guard: &LockGuard, spec: &RunSpec) -> Result<Run, StateError> {
        self.begin_keeping(guard, spec, None, &[])
    }

    /// Likewise, and keeps what the run can be taken up again from. Under a lock on a part of the state only the objects of that
    /// part must be as they were when the plan was made: `known`, in any order.
    pub fn begin_keeping(&self, guard: &LockGuard, spec: &RunSpec, kept: Option<&Kept>, known: &[&ObjectRow]) -> Result<Run, StateError> {
        self.check_guard(guard)?;
        let (conn, hiding) = (self.shared.file.open_writer()?, self.hiding_for_writing()?);
        let (id, never_made) = self.shared.write("beginning the run", |conn| {
            let found = meta::read(conn)?.base;
            if !spec.base.holds_at(found) && !part_holds(conn, spec.base, guard.scope(), known, &hiding)? {
                return Ok(Err(StateError::StaleBase { planned: spec.base, found }));
            }
            let at_work = match lock::runs_at_work(conn, &self.shared.file, Whose::Anybodys)? {
                Ok(at_work) => at_work,
                Err(error) => return Ok(Err(error)),
            };
            if let Some(open) = run::read_runs(conn)?.iter().find(|r| r.is_open() && !at_work.contains(&r.id)) {
                return Ok(Err(StateError::RunOpen { run: open.id }));
            }
            let never_made = journal::read_never_made(conn)?;
            let id = run::insert(conn, spec, &guard.who())?;
            if !lock::note_run(conn, guard.id(), id)? {
                return Ok(Err(StateError::LockLost));
            }
            kept.map_or(Ok(()), |kept| kept::write(conn, id, kept)).map(|()| Ok((id, never_made)))
        })?;
        let recorder = Recorder::new(conn, self.path().to_path_buf(), id, 0, guard.id());
        Ok(Run::new(id, 0, never_made, Writer::start(recorder)?, hiding, guard.clone()))
    }

    /// What a run can be taken up again from, if it kept that.
    pub fn kept(&self, run: RunId) -> Result<Option<Kept>, StateError> {
        Ok(self.shared.read("reading what the run kept", |conn| kept::read(conn, run))?.flatten())
    }

    /// Takes up an open run: its entries are settled through [`Run::reopen`], further steps are recorded from
    /// [`Run::first_seq`] on, and then it is finished.
    pub fn resume(&self, guard: &LockGuard, open: &OpenRun) -> Result<Run, StateError> {
        self.take_up(guard, open.record.id, |conn| {
            let is_open = format!("SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND ({OPEN}))");
            conn.query_row(&is_open, [open.record.id.sql()], |r| r.get(0)).map(|open: bool| open.then_some(()))
        })
    }

    /// Takes up the newest run, if it did not succeed: what it left undone is carried out under its number. Refused if the
    /// state is not the one that the plan of the rest was made from.
    pub fn go_on(&self, guard: &LockGuard, run: RunId, base: Base) -> Result<Run, StateError> {
        let found = self.base()?;
        if base != found {
            return Err(StateError::StaleBase { planned: base, found });
        }
        self.take_up(guard, run, |conn| {
            let sql = "SELECT id = ?1 AND coalesce(outcome, '') <> 'succeeded' AND unresolved = 0 FROM runs ORDER BY id DESC LIMIT 1";
            conn.query_row(sql, [run.sql()], |r| r.get(0)).map(|open: bool| open.then_some(()))
        })
    }

    /// Lineage and serial, as of now.
    pub fn base(&self) -> Result<Base, StateError> {
        Ok(self
            .shared
            .read("reading the state", |conn| meta::read(conn).map(|m| m.base))?
            .unwrap_or(Base { lineage: Uuid::nil(), serial: 0 }))
    }

    /// Takes up a run that `may` be taken up. The state's serial rises with its first change from now on: what was planned
    /// meanwhile is out of date then.
    fn take_up(
        &self,
        guard: &LockGuard,
        id: RunId,
        may: impl FnOnce(&Connection) -> rusqlite::Result<Option<()>>,
    ) -> Result<Run, StateError> {
        self.check_guard(guard)?;
        let (conn, hiding) = (self.shared.file.open_writer()?, self.hiding_for_writing()?);
        let (next, unresolved, never_made) = self.shared.write("resuming the run", |conn| {
            if may(conn)?.is_none() {
                return Ok(Err(StateError::NotOpen { run: id }));
            }
            let sql = "UPDATE runs SET ended_at = NULL, outcome = NULL, unresolved = 0, resumed = resumed + 1 WHERE id = ?1";
            conn.execute(sql, [id.sql()])?;
            run::seal(conn, id.sql())?;
            if !lock::note_run(conn, guard.id(), id)? {
                return Ok(Err(StateError::LockLost));
            }
            let numbers = "SELECT count(*) FILTER (WHERE outcome IS NULL OR outcome = 'in_doubt'), \
                 max(coalesce(max(seq) + 1, 0), (SELECT coalesce(max(seq) + 1, 0) FROM reads WHERE run = ?1)) FROM journal WHERE run = ?1";
            let (next, unresolved) = conn.query_row(numbers, [id.sql()], |r| Ok((snapshot::unsigned(r, 1)?, snapshot::unsigned(r, 0)?)))?;
            Ok(Ok((next, unresolved, journal::read_never_made(conn)?)))
        })?;
        let recorder = Recorder::new(conn, self.path().to_path_buf(), id, unresolved, guard.id());
        Ok(Run::new(id, next, never_made, Writer::start(recorder)?, hiding, guard.clone()))
    }

    /// Every version of every object, in the order in which they were recorded.
    pub fn each_version(&self, mut each: impl FnMut(Version)) -> Result<(), StateError> {
        let (hiding, mut shown) = (self.hiding(), Ok(()));
        let one = |mut version: Version| {
            if shown.is_ok() {
                shown = version.object.iter_mut().try_for_each(|row| hiding.show_row(row));
                each(version);
            }
        };
        self.shared.read("reading the history", |conn| snapshot::each_version(conn, one))?;
        shown
    }

    /// How many versions each run left. What is hidden in them is not asked for.
    pub fn versions_by_run(&self) -> Result<BTreeMap<RunId, usize>, StateError> {
        let mut found = BTreeMap::new();
        let count = |version: Version| *found.entry(version.run).or_default() += 1;
        self.shared.read("reading the history", |conn| snapshot::each_version(conn, count))?;
        Ok(found)
    }

    /// All runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, StateError> {
        Ok(self.shared.read("reading the runs", run::read_runs)?.unwrap_or_default())
    }

    /// The steps of a run, whole, in the order of their numbers.
    pub fn journal(&self, run: RunId) -> Result<Vec<JournalEntry>, StateError> {
        let found = self.shared.read("reading the journal", |conn| journal::read_entries(conn, run.sql()))?;
        let mut entries = found.unwrap_or_default();
        entries.iter_mut().try_for_each(|entry| self.hiding().show_entry(entry))?;
        Ok(entries)
    }

    /// Where the time of a run went, step by step in the order of their numbers.
    pub fn timeline(&self, run: RunId) -> Result<Vec<TimedStep>, StateError> {
        Ok(self.shared.read("reading the timeline", |conn| timing::read_timeline(conn, run.sql()))?.unwrap_or_default())
    }

    /// How long steps took so far, by resource type and action.
    pub fn durations(&self) -> Result<Vec<DurationRow>, StateError> {
        Ok(self.shared.read("reading the durations", run::read_durations)?.unwrap_or_default())
    }

    pub(crate) fn check_guard(&self, guard: &LockGuard) -> Result<(), StateError> {
        if guard.is_for(&self.shared) {
            return Ok(());
        }
        Err(StateError::Internal { doing: "beginning a run", detail: "the lock is another state's".to_owned() })
    }
}

/// Whether the objects of a part are those that a plan was made from, whatever has changed elsewhere.
fn part_holds(conn: &Connection, planned: Base, scope: &Scope, known: &[&ObjectRow], hiding: &Hiding) -> rusqlite::Result<bool> {
    if *scope == Scope::Whole || meta::read(conn)?.base.lineage != planned.lineage {
        return Ok(false);
    }
    let now = snapshot::read(conn)?.objects;
    let key = |row: &ObjectRow| (row.addr.clone(), row.deposed.clone());
    let mut now: Vec<ObjectRow> = now.into_iter().filter(|row| scope.covers(&row.addr)).collect();
    let mut then: Vec<ObjectRow> = known.iter().copied().filter(|row| scope.covers(&row.addr)).cloned().collect();
    then.iter_mut().for_each(|row| hiding.hide_row(row));
    now.sort_by_cached_key(key);
    then.sort_by_cached_key(key);
    Ok(now == then)
}

impl Shared {
    pub(crate) fn key(&self) -> Result<DataKey, StateError> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner).clone();
        key.map_err(|why| why.unwrap_or(StateError::KeyNeeded))
    }

    /// Sets the key; or why there is none, if that is known.
    pub(crate) fn set_key(&self, key: Result<DataKey, Option<StateError>>) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Leaves nothing of what was written over: not in free pages, and not in the log.
    pub(crate) fn tidy_up(&self) -> Result<(), StateError> {
        let conn = self.connection();
        let Some(conn) = conn.as_ref() else { return Ok(()) };
        conn.execute_batch("VACUUM").map_err(|e| StateError::from_sql(self.file.path(), "tidying up", &e))?;
        self.file.fold(conn)
    }

    fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what a store opened for reading cannot do.
    pub(crate) fn require_write(&self) -> Result<(), StateError> {
        if self.access == Access::ReadWrite { Ok(()) } else { Err(StateError::ReadOnly) }
    }

    /// Refuses to go on with a file in whose place another one was put.
    pub(crate) fn require_same_file(&self) -> Result<(), StateError> {
        if self.identity == self.file.identity() {
            return Ok(());
        }
        Err(StateError::Replaced { path: self.file.path().to_path_buf() })
    }

    /// Reads in one transaction; none if there is no state yet.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StateError> {
        let mut conn = self.connection();
        if conn.is_none() {
            *conn = self.file.open_reader()?;
        }
        let Some(conn) = conn.as_mut() else { return Ok(None) };
        let done = conn.transaction().and_then(|tx| read(&tx));
        done.map(Some).map_err(|e| StateError::from_sql(self.file.path(), doing, &e))
    }

    /// Writes in one transaction, durable when this returns. An inner error takes everything back.
    pub(crate) fn write<T>(
        &self,
        doing: &'static str,
        write: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, StateError>>,
    ) -> Result<T, StateError> {
        self.require_write()?;
        let mut conn = self.connection();
        let Some(conn) = conn.as_mut() else { return Err(StateError::ReadOnly) };
        let done = conn.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|tx| {
            let result = write(&tx)?;
            if result.is_ok() {
                let meta = meta::count(&tx, Tally::default())?;
                tx.commit()?;
                Marker::new(self.file.mark_path()).write(meta);
            } else {
                tx.rollback()?;
            }
            Ok(result)
        });
        done.map_err(|e| StateError::from_sql(self.file.path(), doing, &e))?
    }
}
