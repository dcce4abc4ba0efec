//! Who may write what. Three things make a lock: a row that tells people who holds it and what it is on; an advisory lock of
//! the operating system on a file of its own, which ends with the process however it ends; and a lease, which the holder
//! keeps putting off, for those on other machines. Whoever lost the row writes nothing more ([`fence`]), so that a holder
//! that was taken for dead by mistake does no harm. Rows are read and written under an advisory lock on `state.lock`, which
//! is held for a moment only. Planning never waits for any of it.

use crate::error::StateError;
use crate::fail_point::fail_point;
use crate::file::{Gate, StateFile, private_file};
use crate::heartbeat::{Heartbeat, LEASE};
use crate::meta;
use crate::process;
use crate::rows::{now_ms, sql_int, time_of};
use crate::run::RunId;
use crate::scope::Scope;
use crate::seal::{self, Damage};
use crate::snapshot::{unsigned, uuid_of};
use crate::store::Shared;
use rusqlite::{Connection, Row, params};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use uuid::Uuid;

/// How often a lock that is held is tried again.
const RETRY: Duration = Duration::from_millis(20);
/// How long the system's lock may outlive a process that is gone: a child it was just starting shares it for a moment.
const GRACE: Duration = Duration::from_secs(1);

/// Who asks for the lock, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockInfo {
    /// The command: "apply".
    pub operation: String,
    /// The user's name.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// Which boot of which machine, where the system tells.
    pub boot: Option<String>,
    /// The process.
    pub pid: u32,
    /// When the process started, in ticks after boot, where the system tells.
    pub process_start: Option<u64>,
}

/// Who holds or held a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// Names this holding of it.
    pub id: Uuid,
    /// Who.
    pub info: LockInfo,
    /// Since when.
    pub since: SystemTime,
    /// On what.
    pub scope: Scope,
    /// The run that was begun under it.
    pub run: Option<RunId>,
    /// Until when it is believed by those who cannot ask the machine that it is on.
    expires: SystemTime,
}

/// The right to write, until the last clone goes. A [`crate::Run`] keeps one.
#[derive(Clone, Debug)]
#[must_use = "the lock is let go with its guard"]
pub struct LockGuard {
    held: Arc<Held>,
}

struct Held {
    // Stopped before the row goes.
    heartbeat: Option<Heartbeat>,
    shared: Arc<Shared>,
    id: Uuid,
    info: LockInfo,
    scope: Scope,
    taken_over: Option<LockHolder>,
    /// Locked.
    file: File,
}

impl LockInfo {
    /// This process, for the command `operation`.
    pub fn current(operation: impl Into<String>) -> Self {
        let pid = std::process::id();
        Self {
            operation: operation.into(),
            user: process::user(),
            host: process::host(),
            boot: process::boot(),
            pid,
            process_start: process::start_of(pid),
        }
    }

    /// Whether the process is provably gone, seen from here by someone who got the system's lock on its file. Another
    /// boot of the same machine ended everything before it; on this boot the system's lock is true, and the process
    /// table is asked as well, should the lock's file have been replaced.
    pub(crate) fn is_gone(&self, here: &Self) -> bool {
        match (&self.boot, &here.boot) {
            (Some(theirs), Some(ours)) if theirs != ours => self.host == here.host,
            (Some(_), Some(_)) => !self.lives_beside(here),
            _ => self.host == here.host && !self.lives_beside(here),
        }
    }

    /// `user@host`
    pub(crate) fn who(&self) -> String {
        format!("{}@{}", self.user, self.host)
    }

    fn lives_beside(&self, here: &Self) -> bool {
        self.pid != here.pid && process::is_alive(self.pid, self.process_start) == Some(true)
    }

    /// Whether it is this very process.
    fn is_this_process(&self) -> bool {
        let here = Self::current("");
        (self.pid, self.process_start, &self.boot) == (here.pid, here.process_start, &here.boot)
    }
}

impl LockHolder {
    /// Whether it holds the lock no more: its process is gone, or nothing was heard of it for twice as long as it promised
    /// to be heard of. (Clocks of machines differ, but not by that much.)
    fn is_gone(&self, file: &StateFile, here: &LockInfo) -> Result<bool, StateError> {
        let path = file.holder_path(self.id);
        match private_file().open(&path) {
            Ok(open) if !try_system_lock(&open, &path)? => return Ok(false),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            // Somebody who may only read has nothing to decide.
            Err(e) if e.kind() == ErrorKind::PermissionDenied => return Ok(false),
            Err(e) => return Err(StateError::from_io(&path, "opened", &e)),
        }
        Ok(self.info.is_gone(here) || SystemTime::now().duration_since(self.expires).is_ok_and(|silent| silent > LEASE))
    }
}

impl LockGuard {
    /// The holder that was found dead and whose place was taken, if there was one. Worth telling the user.
    pub fn taken_over(&self) -> Option<&LockHolder> {
        self.held.taken_over.as_ref()
    }

    /// What it is on.
    pub fn scope(&self) -> &Scope {
        &self.held.scope
    }

    pub(crate) fn id(&self) -> Uuid {
        self.held.id
    }

    /// `user@host`
    pub(crate) fn who(&self) -> String {
        self.held.info.who()
    }

    /// Whether it locks the state behind `shared`.
    pub(crate) fn is_for(&self, shared: &Shared) -> bool {
        self.held.shared.file.path() == shared.file.path()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        fail_point("lock.release");
        drop(self.heartbeat.take());
        // A row that cannot be deleted does no harm: the next one finds its process gone.
        let _ = self.shared.write("releasing the lock", |conn| Ok(Ok(delete_row(conn, self.id)?)));
        // Closing the file would do, but for a child process that is just being started and shares it for a moment.
        let _ = self.file.unlock();
        let _ = std::fs::remove_file(self.shared.file.holder_path(self.id));
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("id", &self.id).field("info", &self.info).finish_non_exhaustive()
    }
}

impl LockHolder {
    /// Whether its process is provably gone.
    pub(crate) fn is_gone_from_here(&self) -> bool {
        self.info.is_gone(&LockInfo::current("check"))
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockInfo { operation, user, host, pid, .. } = &self.info;
        write!(f, "{operation} of {user}@{host} (process {pid}, lock {})", self.id)
    }
}

/// Takes the lock on `scope`, waiting for it up to `wait`.
pub(crate) fn take(shared: &Arc<Shared>, who: &LockInfo, scope: &Scope, wait: Duration) -> Result<LockGuard, StateError> {
    shared.require_write()?;
    let asked = Instant::now();
    loop {
        fail_point("lock.claim");
        let holder = {
            let _gate = shared.file.gate()?;
            shared.require_same_file()?;
            match claim(shared, who, scope)? {
                Ok(held) => {
                    fail_point("lock.taken");
                    return Ok(LockGuard { held: Arc::new(held) });
                }
                Err(holder) => holder,
            }
        };
        let dying = holder.info.pid != who.pid && holder.info.is_gone(who);
        let left = if dying { wait.max(GRACE) } else { wait }.saturating_sub(asked.elapsed());
        if left.is_zero() {
            return Err(StateError::Locked { holder: Some(Box::new(holder)) });
        }
        // The end of another process cannot be waited for with a limit.
        std::thread::sleep(RETRY.min(left));
    }
}

/// Waits until nobody on this machine is at work on the state, and keeps everybody out: for who works on the file as such.
pub(crate) fn wait_for_file(state: &StateFile, wait: Duration) -> Result<Gate, StateError> {
    let asked = Instant::now();
    loop {
        let gate = state.gate()?;
        if !state.is_anybody_at_work()? {
            return Ok(gate);
        }
        drop(gate);
        let left = wait.saturating_sub(asked.elapsed());
        if left.is_zero() {
            return Err(StateError::Locked { holder: None });
        }
        std::thread::sleep(RETRY.min(left));
    }
}

/// Whether the system's lock was free and is now ours.
pub(crate) fn try_system_lock(file: &File, path: &Path) -> Result<bool, StateError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(StateError::from_io(path, "locked", &error)),
    }
}

/// Takes the lock, or yields who is in the way. The gate is ours. The dead make room, whatever their locks were on.
fn claim(shared: &Arc<Shared>, who: &LockInfo, scope: &Scope) -> Result<Result<Held, LockHolder>, StateError> {
    let (mut gone, mut earlier) = (Vec::new(), None);
    for holder in holders(shared)? {
        if holder.is_gone(&shared.file, who)? {
            gone.push(holder.id);
            earlier = Some(holder);
        } else if holder.scope.collides(scope) {
            return Ok(Err(holder));
        }
    }
    let id = Uuid::new_v4();
    let file = shared.file.create_holder(id)?;
    if !try_system_lock(&file, &shared.file.holder_path(id))? {
        return Err(StateError::Internal { doing: "taking the lock", detail: "a new file is locked already".to_owned() });
    }
    shared.write("taking the lock", |conn| {
        gone.iter().try_for_each(|id| delete_row(conn, *id))?;
        Ok(Ok(insert_row(conn, id, who, scope)?))
    })?;
    gone.iter().for_each(|id| drop(std::fs::remove_file(shared.file.holder_path(*id))));
    let heartbeat = Some(Heartbeat::start(shared.clone(), id)?);
    Ok(Ok(Held { heartbeat, shared: shared.clone(), id, info: who.clone(), scope: scope.clone(), taken_over: earlier, file }))
}

/// Deletes the row of a holder that only a person can know to be gone; not that of a process that lives on this machine.
pub(crate) fn break_lock(shared: &Shared, id: Uuid) -> Result<bool, StateError> {
    let here = LockInfo::current("");
    let Some(holder) = holders(shared)?.into_iter().find(|holder| holder.id == id) else { return Ok(false) };
    let is_here = holder.info.boot.is_some() && holder.info.boot == here.boot;
    if is_here && !holder.is_gone(&shared.file, &here)? {
        return Ok(false);
    }
    shared.write("breaking the lock", |conn| Ok(Ok(delete_row(conn, id)?)))?;
    Ok(true)
}

/// The locks, oldest first, as far as the rows tell.
pub(crate) fn holders(shared: &Shared) -> Result<Vec<LockHolder>, StateError> {
    Ok(shared.read("reading the locks", select_holders)?.unwrap_or_default())
}

/// Whose work on a run counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Anybodys,
    OtherProcesses,
}

/// The runs that somebody is at work on. To be read in the transaction in which runs are: both are written in one.
pub(crate) fn runs_at_work(conn: &Connection, file: &StateFile, whose: Whose) -> rusqlite::Result<Result<Vec<RunId>, StateError>> {
    let here = LockInfo::current("");
    let counts = |holder: &LockHolder| whose == Whose::Anybodys || !holder.info.is_this_process();
    let mut out = Vec::new();
    for holder in select_holders(conn)?.into_iter().filter(counts) {
        let Some(run) = holder.run else { continue };
        match holder.is_gone(file, &here) {
            Ok(gone) => out.extend((!gone).then_some(run)),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(out))
}

/// Notes which run was begun under a lock. Whether the lock is still there.
pub(crate) fn note_run(conn: &Connection, id: Uuid, run: RunId) -> rusqlite::Result<bool> {
    let changed = conn.execute("UPDATE locks SET run = ?2 WHERE id = ?1", params![id.to_string(), run.sql()])?;
    seal_row(conn, id)?;
    Ok(changed > 0)
}

/// Puts off the end of a lease. Whether the lock is still there.
pub(crate) fn renew(conn: &Connection, id: Uuid) -> rusqlite::Result<bool> {
    let changed = conn.execute("UPDATE locks SET expires_at = ?2 WHERE id = ?1", params![id.to_string(), lease_end()])?;
    seal_row(conn, id)?;
    Ok(changed > 0)
}

/// Whether a lock is still there: who has lost it writes nothing more.
pub(crate) fn fence(conn: &Connection, id: Uuid) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM locks WHERE id = ?1)")?.query_row([id.to_string()], |row| row.get(0))
}

fn lease_end() -> i64 {
    now_ms().saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX))
}

const COLUMNS: &str = "id, scope, operation, user, host, boot, pid, process_start, taken_at, expires_at, run";

fn insert_row(conn: &Connection, id: Uuid, who: &LockInfo, scope: &Scope) -> rusqlite::Result<()> {
    let start = who.process_start.map(sql_int);
    let sql = format!("INSERT INTO locks ({COLUMNS}, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, 0)");
    let text = id.to_string();
    conn.execute(&sql, params![text, scope.text(), who.operation, who.user, who.host, who.boot, who.pid, start, now_ms(), lease_end()])?;
    conn.execute("UPDATE meta SET locks = locks + 1", [])?;
    seal_row(conn, id)
}

fn seal_row(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    conn.execute(&format!("UPDATE locks SET seal = seal({COLUMNS}) WHERE id = ?1"), [id.to_string()]).map(drop)
}

fn delete_row(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    let gone = conn.execute("DELETE FROM locks WHERE id = ?1", [id.to_string()])?;
    conn.execute("UPDATE meta SET locks = locks - ?1", [sql_int(gone as u64)]).map(drop)
}

pub(crate) fn select_holders(conn: &Connection) -> rusqlite::Result<Vec<LockHolder>> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS}, seal FROM locks ORDER BY taken_at, id"))?;
    let found = statement.query_map([], holder_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Damage::unless_all("locks", meta::read(conn)?.locks, found.len())?;
    Ok(found)
}

fn holder_of(row: &Row<'_>) -> rusqlite::Result<LockHolder> {
    seal::verify(row, 0..11, "locks")?;
    let start: Option<i64> = row.get(7)?;
    let run: Option<i64> = row.get(10)?;
    Ok(LockHolder {
        id: uuid_of(row, 0)?,
        info: LockInfo {
            operation: row.get(2)?,
            user: row.get(3)?,
            host: row.get(4)?,
            boot: row.get(5)?,
            pid: u32::try_from(unsigned(row, 6)?).unwrap_or_default(),
            process_start: start.and_then(|s| u64::try_from(s).ok()),
        },
        since: time_of(row.get(8)?),
        scope: Scope::parse(row.get_ref(1)?.as_str()?),
        run: run.and_then(|run| u64::try_from(run).ok()).map(RunId),
        expires: time_of(row.get(9)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Access, Store};

    /// A clock cannot be put forward here, so the end of the lease is put back.
    #[test]
    fn a_holder_elsewhere_is_believed_until_it_has_been_silent_for_long() {
        let dir = tempfile::tempdir().expect("temp dir");
        let store = Store::open(dir.path().join("state.db"), Access::ReadWrite).expect("opens");
        let elsewhere = LockInfo { host: "elsewhere".to_owned(), boot: Some("another".to_owned()), ..LockInfo::current("apply") };
        let held = store.lock(&elsewhere, Duration::ZERO).expect("locks");
        let id = held.id();
        std::mem::forget(held);
        // The system's lock is one of this machine: the other's cannot be seen from here.
        std::fs::remove_file(store.shared().file.holder_path(id)).expect("removes");
        let silent_for = |silent: Duration| {
            let end = now_ms() - i64::try_from(silent.as_millis()).expect("small");
            let write = |conn: &Connection| {
                conn.execute("UPDATE locks SET expires_at = ?1", [end])?;
                seal_row(conn, id).map(Ok)
            };
            store.shared().write("a test", write).expect("writes");
            store.lock(&LockInfo::current("apply"), Duration::ZERO)
        };
        assert!(matches!(silent_for(LEASE / 2), Err(StateError::Locked { .. })));
        let taken = silent_for(LEASE * 2).expect("is taken over");
        assert_eq!(taken.taken_over().map(|holder| holder.id), Some(id));
    }
}
