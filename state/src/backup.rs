//! Copies of a store: made while it is in use, verified before they count, and put back in its place.

use crate::check::check;
use crate::error::StateError;
use crate::file::{StateFile, create_private_dir, private_file, sync_directory, unless_missing, with_suffix};
use crate::lock::{LockInfo, select_holders, wait_for_file};
use crate::mark::Mark;
use crate::meta;
use crate::rows::{Base, now_ms, sql_int};
use crate::run::{self, RunId, RunSpec, read_runs};
use crate::snapshot;
use crate::store::{Access, Store};
use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A copy that levee made on its own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// When it was made, as its name says it: `20261121T201500Z`.
    pub time: String,
    /// The serial of the state in it.
    pub serial: u64,
}

/// What a restoring came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Lineage and serial now.
    pub base: Base,
    /// The serial that the copy had.
    pub serial: u64,
    /// Objects in it.
    pub objects: usize,
    /// Where what it replaced was put, if there was anything.
    pub kept: Option<PathBuf>,
    /// Whether what it replaced could not be read.
    pub was_damaged: bool,
}

/// Up to this size a copy is made after every run that changed something; beyond, in proportion less often.
const SMALL: u64 = 16 << 20;
/// How long a store of that size is content with its newest copy.
const INTERVAL: Duration = Duration::from_secs(600);
/// How many of the newest copies are kept, and from how many earlier days one each.
const KEPT: usize = 5;

/// Where copies of a store are put: `.levee/backups`.
pub fn backup_directory(state: &Path) -> PathBuf {
    let parent = state.parent().unwrap_or_else(|| Path::new(""));
    let home = if parent.file_name().is_some_and(|n| n == ".levee") { parent.to_path_buf() } else { parent.join(".levee") };
    home.join("backups")
}

fn stem(state: &Path) -> String {
    state.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Copies of a store that levee made after runs, the newest first.
pub fn backups(state: &Path) -> Vec<Backup> {
    let prefix = format!("{}-", stem(state));
    let entries = std::fs::read_dir(backup_directory(state)).into_iter().flatten().flatten();
    let mut found: Vec<Backup> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (time, serial) = name.strip_prefix(&prefix)?.strip_suffix(".db")?.split_once("-serial-")?;
            let serial = serial.parse().ok()?;
            (time.len() == 16).then(|| Backup { path: entry.path(), time: time.to_owned(), serial })
        })
        .collect();
    found.sort_by(|a, b| (&b.time, b.serial).cmp(&(&a.time, a.serial)));
    found
}

impl Store {
    /// Copies the store to the file `to`, whole or not at all, as of one moment; nobody waits for it. The copy is checked
    /// thoroughly before it takes its name. How many objects are in it.
    ///
    /// # Errors
    /// There is no state, it is damaged, or the copy cannot be written.
    pub fn backup(&self, to: &Path) -> Result<usize, StateError> {
        copy(&self.shared().file, to, true)
    }

    /// Makes a copy after a run, if it is time for one, and removes those that are too many. What it costs is bounded: a
    /// store that is large is copied less often. The copy's file, if one was made.
    ///
    /// # Errors
    /// The store is damaged, or the copy cannot be written; earlier copies are left alone then.
    pub fn rotate_backups(&self) -> Result<Option<PathBuf>, StateError> {
        let file = &self.shared().file;
        let earlier = backups(self.path());
        let size = std::fs::metadata(self.path()).map_or(0, |m| m.len());
        let age = earlier.first().and_then(|b| std::fs::metadata(&b.path).ok()?.modified().ok()?.elapsed().ok());
        if size > SMALL && age.is_some_and(|age| age < INTERVAL.mul_f64(size as f64 / SMALL as f64)) {
            return Ok(None);
        }
        let read = |conn: &Connection| Ok((meta::read(conn)?.base.serial, now_text(conn)?));
        let Some((serial, now)) = self.shared().read("making a backup", read)? else { return Ok(None) };
        if earlier.first().is_some_and(|b| b.serial == serial) {
            return Ok(None);
        }
        let to = backup_directory(self.path()).join(format!("{}-{now}-serial-{serial}.db", stem(self.path())));
        copy(file, &to, false)?;
        for old in superfluous(&backups(self.path())) {
            let _ = std::fs::remove_file(&old.path); // one too many does no harm
        }
        Ok(Some(to))
    }
}

/// The time now, as it stands in names.
fn now_text(conn: &Connection) -> rusqlite::Result<String> {
    conn.query_row("SELECT strftime('%Y%m%dT%H%M%SZ', 'now')", [], |row| row.get(0))
}

/// Which copies need not be kept, of all, the newest first: beyond the newest few, all but the newest of some days.
fn superfluous(all: &[Backup]) -> Vec<&Backup> {
    let mut days = BTreeSet::new();
    let is_kept = |b: &&Backup| days.len() < KEPT && days.insert(b.time[..8].to_owned());
    let mut is_kept = is_kept;
    all.iter().skip(KEPT).filter(|b| !is_kept(b)).collect()
}

/// Keeps a copy of a file whose layout is about to change.
pub(crate) fn before_migration(conn: &Connection, path: &Path, layout: i64) -> Result<(), StateError> {
    let failed = |e: rusqlite::Error| StateError::from_sql(path, "keeping a copy", &e);
    let name = format!("{}-layout-{layout}-{}.db", stem(path), now_text(conn).map_err(failed)?);
    let to = backup_directory(path).join(name);
    create_private_dir(&backup_directory(path))?;
    write(conn, &to, |_| Ok(()))
}

/// Copies a store that is whole. `thorough`: all of the copy is checked, not only the objects of the state.
fn copy(file: &StateFile, to: &Path, thorough: bool) -> Result<usize, StateError> {
    let Some(conn) = file.open_reader()? else {
        let detail = "there is no state yet".to_owned();
        return Err(StateError::Denied { path: file.path().to_path_buf(), doing: "copied", detail });
    };
    if let Some(parent) = to.parent().filter(|p| !p.as_os_str().is_empty()) {
        create_private_dir(parent)?;
    }
    let mut objects = 0;
    write(&conn, to, |fresh| {
        objects = verified(fresh, file.path(), thorough)?;
        Ok(())
    })?;
    Ok(objects)
}

/// How many objects a copy holds; what is wrong with it is said of the file `of` that it was made from.
fn verified(copy: &Path, of: &Path, thorough: bool) -> Result<usize, StateError> {
    if thorough {
        let report = check(copy)?.unwrap_or_default();
        return match report.damage.into_iter().next() {
            Some(detail) => Err(StateError::Corrupt { path: of.to_path_buf(), detail }),
            None => Ok(report.objects),
        };
    }
    let Some((mut conn, _)) = StateFile::new(copy.to_path_buf()).open_as_it_is()? else { return Ok(0) };
    let read = conn.transaction().and_then(|tx| snapshot::read(&tx));
    read.map(|s| s.objects.len()).map_err(|e| StateError::from_sql(of, "verifying the copy", &e))
}

/// Writes what a connection sees to a file, which takes its name once `verify` is content with it.
fn write(from: &Connection, to: &Path, verify: impl FnOnce(&Path) -> Result<(), StateError>) -> Result<(), StateError> {
    let fresh = with_suffix(to, &format!(".new{}", std::process::id()));
    let done = write_to(from, &fresh).and_then(|()| verify(&fresh)).and_then(|()| {
        std::fs::rename(&fresh, to).map_err(|e| StateError::from_io(to, "written", &e))?;
        sync_directory(to)
    });
    if done.is_err() {
        // A copy that is not whole is worth nothing.
        ["", "-journal", "-wal", "-shm"].iter().for_each(|suffix| drop(std::fs::remove_file(with_suffix(&fresh, suffix))));
    }
    done
}

fn write_to(from: &Connection, fresh: &Path) -> Result<(), StateError> {
    unless_missing(std::fs::remove_file(fresh)).map_err(|e| StateError::from_io(fresh, "written", &e))?;
    let file = private_file().create_new(true).open(fresh).map_err(|e| StateError::from_io(fresh, "written", &e))?;
    let copied = || -> rusqlite::Result<()> {
        let mut to = Connection::open_with_flags(fresh, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // A copy that breaks off is thrown away: nothing need be taken back in it.
        to.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")?;
        let step = Copying::new(from, &mut to)?.step(-1)?;
        if step != StepResult::Done {
            return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None));
        }
        // One file, without a log beside it.
        to.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
        to.close().map_err(|(_, e)| e)
    };
    copied().map_err(|e| StateError::from_sql(fresh, "copying the state", &e))?;
    file.sync_all().map_err(|e| StateError::from_io(fresh, "written", &e))
}

/// Puts the copy `from` in the place of the store in `path`, which need not be readable any more, and keeps what it replaces.
/// The copy is checked thoroughly before, and brought to the newest layout. The serial rises above both, so that whatever was
/// made from the state that is replaced is out of date.
///
/// # Errors
/// The copy is damaged or of a newer layout, somebody holds the lock, or a file cannot be written; without `force` also where the
/// copy is of another lineage, or the state has an open run.
pub fn restore(path: &Path, from: &Path, who: &LockInfo, wait: Duration, spec: &RunSpec, force: bool) -> Result<Restored, StateError> {
    let file = StateFile::new(path.to_path_buf());
    create_private_dir(file.directory())?;
    let fresh = with_suffix(path, ".restored");
    let (base, objects) = prepare(from, &fresh).inspect_err(|_| drop(std::fs::remove_file(&fresh)))?;
    let gate = wait_for_file(&file, wait)?;
    let there = look(&file, who)?;
    if !force && let Some(why) = there.refusal(base) {
        let _ = std::fs::remove_file(&fresh); // nothing was asked of it but to be looked at
        return Err(StateError::NotRestored { why });
    }
    let kept = swap(&file, &fresh, there.is_whole())?;
    let store = Store::open(path, Access::ReadWrite)?;
    let serial = if there.base.is_some_and(|b| b.serial >= base.serial) { there.base.map_or(0, |b| b.serial) + 1 } else { base.serial };
    record(&store, &who.who(), spec, base, serial)?;
    drop(gate);
    Ok(Restored { base: Base { serial, ..base }, serial: base.serial, objects, kept, was_damaged: !there.is_whole() })
}

/// Makes a file that can take the store's place. Its lineage and serial, and how many objects it holds.
fn prepare(from: &Path, fresh: &Path) -> Result<(Base, usize), StateError> {
    let Some((conn, _)) = StateFile::new(from.to_path_buf()).open_as_it_is()? else {
        let detail = "there is no such file".to_owned();
        return Err(StateError::Denied { path: from.to_path_buf(), doing: "opened", detail });
    };
    write_to(&conn, fresh)?;
    drop(conn);
    let file = StateFile::new(fresh.to_path_buf());
    file.upgrade_quietly()?;
    let objects = verified(fresh, from, true)?;
    let Some((conn, _)) = file.open_as_it_is()? else { return Ok((Base::default(), objects)) };
    let meta = meta::read(&conn).map_err(|e| StateError::from_sql(from, "reading the copy", &e))?;
    Ok((meta.base, objects))
}

/// What is in the store's place before.
struct There {
    /// Lineage and serial, as far as they can be told.
    base: Option<Base>,
    open: Option<RunId>,
    damage: Option<String>,
}

impl There {
    fn is_whole(&self) -> bool {
        self.damage.is_none()
    }

    fn refusal(&self, copy: Base) -> Option<String> {
        let found = self.base?;
        if found.lineage != copy.lineage && found.serial > 0 {
            return Some(format!("the copy is of another lineage ({}) than the state ({})", copy.lineage, found.lineage));
        }
        let run = self.open?;
        Some(format!("run {run} was not brought to its end, and the copy may know nothing of what it did"))
    }
}

fn look(file: &StateFile, who: &LockInfo) -> Result<There, StateError> {
    let noted = Mark::read(&file.mark_path()).map(|m| Base { lineage: m.lineage, serial: m.serial });
    let read = || -> Result<There, StateError> {
        let Some(mut conn) = file.open_reader()? else { return Ok(There { base: None, open: None, damage: None }) };
        let failed = |e: rusqlite::Error| StateError::from_sql(file.path(), "reading the state", &e);
        let tx = conn.transaction().map_err(failed)?;
        let base = meta::read(&tx).map_err(failed)?.base;
        if let Some(holder) = select_holders(&tx).map_err(failed)?.into_iter().find(|holder| !holder.info.is_gone(who)) {
            return Err(StateError::Locked { holder: Some(Box::new(holder)) });
        }
        let open = read_runs(&tx).map_err(failed)?.into_iter().find(|r| r.is_open()).map(|r| r.id);
        Ok(There { base: Some(base), open, damage: None })
    };
    match read() {
        Err(error @ (StateError::Corrupt { .. } | StateError::Behind { .. })) => {
            Ok(There { base: noted, open: None, damage: Some(error.to_string()) })
        }
        other => other,
    }
}

/// Puts a prepared file in the store's place. A crash leaves the old one or the new one; what of the old is moved before is missed
/// by whoever opens it then.
fn swap(file: &StateFile, fresh: &Path, whole: bool) -> Result<Option<PathBuf>, StateError> {
    let path = file.path();
    let moved = |e: std::io::Error| StateError::from_io(path, "replaced", &e);
    let kept = if path.exists() {
        if whole {
            file.fold_log()?;
        }
        let directory = backup_directory(path).join(format!("replaced-{}", now_ms()));
        create_private_dir(&directory)?;
        let name = |p: &Path| directory.join(p.file_name().unwrap_or_default());
        std::fs::hard_link(path, name(path)).or_else(|_| std::fs::rename(path, name(path))).map_err(moved)?;
        for other in [with_suffix(path, "-wal"), with_suffix(path, "-shm")] {
            unless_missing(std::fs::rename(&other, name(&other))).map_err(moved)?;
        }
        Some(directory)
    } else {
        None
    };
    std::fs::rename(fresh, path).map_err(moved)?;
    sync_directory(path)?;
    // Last: until then it tells of the old store, should anything go wrong in between.
    let mark = file.mark_path();
    let place = kept.as_ref().map_or_else(|| with_suffix(&mark, ".old"), |kept| kept.join(mark.file_name().unwrap_or_default()));
    unless_missing(std::fs::rename(&mark, place)).map_err(moved)?;
    Ok(kept)
}

/// The restoring is a run like any change of the state, and its serial is as if the run had changed something.
fn record(store: &Store, who: &str, spec: &RunSpec, base: Base, serial: u64) -> Result<(), StateError> {
    let spec = RunSpec { base, ..spec.clone() };
    store.shared().write("recording what was restored", |conn| {
        conn.execute_batch("DELETE FROM locks; UPDATE meta SET locks = 0")?; // who held it when the copy was made
        let id = run::insert(conn, &spec, who)?;
        conn.execute("UPDATE meta SET serial = ?1", [sql_int(serial)])?;
        let sql = "UPDATE runs SET serial = ?2, ended_at = started_at, outcome = 'succeeded' WHERE id = ?1";
        conn.execute(sql, [id.sql(), sql_int(serial)])?;
        run::seal(conn, id.sql()).map(Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_one_of_each_earlier_day() {
        let of = |time: &str| Backup { path: PathBuf::from(time), time: time.to_owned(), serial: 1 };
        let day = |day: u32, count: u32| (0..count).rev().map(move |n| format!("202611{day:02}T{n:02}0000Z"));
        let all: Vec<Backup> = (1..=9).rev().flat_map(|d| day(d, if d == 9 { 7 } else { 2 })).map(|t| of(&t)).collect();
        let gone: Vec<&str> = superfluous(&all).iter().map(|b| b.time.as_str()).collect();
        let left: Vec<&str> = all.iter().map(|b| b.time.as_str()).filter(|t| !gone.contains(t)).collect();
        let days = ["20261109T01", "20261108T01", "20261107T01", "20261106T01", "20261105T01"];
        assert_eq!(left[..5].iter().filter(|t| t.starts_with("20261109")).count(), 5);
        assert!(left[5..].iter().zip(days).all(|(t, d)| t.starts_with(d)) && left.len() == 10, "{left:?}");
    }
}
