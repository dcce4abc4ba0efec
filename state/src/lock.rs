//! Who may write. Two things make the lock: an advisory lock of the operating system on `state.lock`, which ends with the
//! process however it ends, and a row that tells people who holds it. Planning never waits for either.

use crate::error::StateError;
use crate::fail_point::fail_point;
use crate::file::StateFile;
use crate::meta;
use crate::process;
use crate::rows::{now_ms, sql_int, time_of};
use crate::seal::{self, Damage};
use crate::snapshot::{unsigned, uuid_of};
use crate::store::Shared;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use uuid::Uuid;

/// How often a lock that is held is tried again.
const RETRY: Duration = Duration::from_millis(20);
/// How long the system's lock may outlive a process that is gone: a child it was just starting shares it for a moment.
const GRACE: Duration = Duration::from_secs(1);
/// The whole state, as a lock's scope.
const WHOLE: &str = "*";

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

/// Who holds or held the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// Names this holding of it.
    pub id: Uuid,
    /// Who.
    pub info: LockInfo,
    /// Since when.
    pub since: SystemTime,
}

/// The right to write, until the last clone goes. A [`crate::Run`] keeps one.
#[derive(Clone, Debug)]
#[must_use = "the lock is let go with its guard"]
pub struct LockGuard {
    held: Arc<Held>,
}

struct Held {
    shared: Arc<Shared>,
    id: Uuid,
    info: LockInfo,
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

    /// Whether the process is provably gone, seen from here by someone who got the system's lock on the file. Another
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
}

impl LockGuard {
    /// The holder that was found dead and whose place was taken, if there was one. Worth telling the user.
    pub fn taken_over(&self) -> Option<&LockHolder> {
        self.held.taken_over.as_ref()
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
        // A row that cannot be deleted does no harm: the next one finds its process gone.
        let _ = self.shared.write("releasing the lock", |conn| Ok(Ok(delete_row(conn, self.id)?)));
        // Closing the file would do, but for a child process that is just being started and shares it for a moment.
        let _ = self.file.unlock();
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

/// Takes the lock, waiting for it up to `wait`.
pub(crate) fn take(shared: &Arc<Shared>, who: &LockInfo, wait: Duration) -> Result<LockGuard, StateError> {
    shared.require_write()?;
    let asked = Instant::now();
    let file = shared.file.open_lock()?;
    loop {
        let mut limit = wait;
        let holder = if try_system_lock(&file, &shared.file.lock_path())? {
            fail_point("lock.claim");
            shared.require_same_file()?;
            match claim(shared, who)? {
                Ok((id, taken_over)) => {
                    fail_point("lock.taken");
                    let held = Held { shared: shared.clone(), id, info: who.clone(), taken_over, file };
                    return Ok(LockGuard { held: Arc::new(held) });
                }
                Err(holder) => {
                    // Someone on another machine, whom the system's lock says nothing about.
                    file.unlock().map_err(|e| StateError::from_io(&shared.file.lock_path(), "unlocked", &e))?;
                    Some(holder)
                }
            }
        } else {
            let holder = read_holder(shared)?;
            if holder.as_ref().is_some_and(|h| h.info.pid != who.pid && h.info.is_gone(who)) {
                limit = wait.max(GRACE);
            }
            holder
        };
        let left = limit.saturating_sub(asked.elapsed());
        if left.is_zero() {
            return Err(StateError::Locked { holder: holder.map(Box::new) });
        }
        // The system's lock cannot be waited for with a limit.
        std::thread::sleep(RETRY.min(left));
    }
}

/// Takes the system's lock alone, waiting up to `wait`: for who works on the file as such.
pub(crate) fn wait_for_file(state: &StateFile, wait: Duration) -> Result<File, StateError> {
    let asked = Instant::now();
    let file = state.open_lock()?;
    while !try_system_lock(&file, &state.lock_path())? {
        let left = wait.saturating_sub(asked.elapsed());
        if left.is_zero() {
            return Err(StateError::Locked { holder: None });
        }
        // The system's lock cannot be waited for with a limit.
        std::thread::sleep(RETRY.min(left));
    }
    Ok(file)
}

/// Whether the system's lock was free and is now ours.
pub(crate) fn try_system_lock(file: &File, path: &Path) -> Result<bool, StateError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(StateError::from_io(path, "locked", &error)),
    }
}

/// Deletes the row of a holder that only a person can know to be gone.
pub(crate) fn break_lock(shared: &Shared, id: Uuid) -> Result<bool, StateError> {
    shared.write("breaking the lock", |conn| delete_row(conn, id).map(Ok))
}

/// Either the id of the row now ours and whose place it took, or the holder who stays.
type Claim = Result<(Uuid, Option<LockHolder>), LockHolder>;

/// Writes the row, once the system's lock is ours.
fn claim(shared: &Shared, who: &LockInfo) -> Result<Claim, StateError> {
    let id = Uuid::new_v4();
    shared.write("taking the lock", |conn| {
        let earlier = match select_holder(conn)? {
            Some(holder) if !holder.info.is_gone(who) => return Ok(Ok(Err(holder))),
            earlier => earlier,
        };
        if let Some(holder) = &earlier {
            delete_row(conn, holder.id)?;
        }
        insert_row(conn, id, who)?;
        Ok(Ok(Ok((id, earlier))))
    })
}

/// Who holds the lock, as far as the row tells.
pub(crate) fn read_holder(shared: &Shared) -> Result<Option<LockHolder>, StateError> {
    Ok(shared.read("reading the lock", select_holder)?.flatten())
}

fn insert_row(conn: &Connection, id: Uuid, who: &LockInfo) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO locks (id, scope, operation, user, host, boot, pid, process_start, taken_at, seal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL))",
        params![id.to_string(), WHOLE, who.operation, who.user, who.host, who.boot, who.pid, who.process_start.map(sql_int), now_ms()],
    )?;
    conn.execute("UPDATE meta SET locks = locks + 1", []).map(drop)
}

fn delete_row(conn: &Connection, id: Uuid) -> rusqlite::Result<bool> {
    let gone = conn.execute("DELETE FROM locks WHERE id = ?1", [id.to_string()])?;
    conn.execute("UPDATE meta SET locks = locks - ?1", [i64::from(gone > 0)])?;
    Ok(gone > 0)
}

pub(crate) fn select_holder(conn: &Connection) -> rusqlite::Result<Option<LockHolder>> {
    let sql = "SELECT id, scope, operation, user, host, boot, pid, process_start, taken_at, expires_at, seal FROM locks WHERE scope = ?1";
    let found = conn.query_row(sql, [WHOLE], holder_of).optional()?;
    Damage::unless_all("locks", meta::read(conn)?.locks, usize::from(found.is_some()))?;
    Ok(found)
}

fn holder_of(row: &Row<'_>) -> rusqlite::Result<LockHolder> {
    seal::verify(row, 0..10, "locks")?;
    let start: Option<i64> = row.get(7)?;
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
    })
}
