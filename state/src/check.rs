//! A thorough look at a store: its structure, every row, and whether what the tables say fits together. It changes nothing, not
//! even an older layout, and goes on after what it finds.

use crate::error::StateError;
use crate::file::{StateFile, others_may_read};
use crate::journal::{self, EntryOutcome, JournalEntry};
use crate::lock;
use crate::mark::Mark;
use crate::meta::{self, Meta};
use crate::rows::Base;
use crate::run::{self, RunRecord};
use crate::snapshot::{self, Snapshot, Version};
use crate::{kept, migrate, state_file, timing};
use levee_model::address::{DeposedKey, InstanceAddr};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// How many things `SQLite` is asked for that are wrong with the structure.
const MOST: i64 = 20;

/// What a look at a store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// The version of its layout.
    pub layout: i64,
    /// Its size in bytes, without its log.
    pub size: u64,
    /// Lineage and serial, if they can be read.
    pub base: Option<Base>,
    /// How many objects, runs and steps were verified.
    pub objects: usize,
    /// See above.
    pub runs: usize,
    /// See above.
    pub entries: usize,
    /// What is wrong, sentences without a final stop. Names no values.
    pub damage: Vec<String>,
    /// What is worth knowing and no damage.
    pub notes: Vec<String>,
}

/// Looks at the store in the file `path`; none if there is none.
///
/// # Errors
/// The file cannot be opened at all, is no store, or one of a newer layout.
pub fn check(path: &Path) -> Result<Option<CheckReport>, StateError> {
    let file = StateFile::new(path.to_path_buf());
    let mut report = CheckReport::default();
    // Read first: a note of what is written meanwhile would speak of a later moment.
    let noted = Mark::read(&file.mark_path());
    let looked = file.open_as_it_is().and_then(|found| {
        let Some((mut conn, layout)) = found else { return Ok(None) };
        report.layout = layout;
        report.size = std::fs::metadata(path).map(|m| m.len()).unwrap_or_default();
        let tx = conn.transaction().map_err(|e| StateError::from_sql(path, "reading the state", &e))?;
        Look { conn: &tx, path, report: &mut report }.all(layout, noted);
        Ok(Some(()))
    });
    match looked {
        Ok(None) => return Ok(None),
        Ok(Some(())) => {}
        Err(StateError::Corrupt { detail, .. }) => report.damage.push(detail),
        Err(error) => return Err(error),
    }
    note_modes(&file, &mut report);
    Ok(Some(report))
}

/// One look.
struct Look<'a> {
    conn: &'a Connection,
    path: &'a Path,
    report: &'a mut CheckReport,
}

/// Objects by their keys.
type Newest = BTreeMap<(InstanceAddr, Option<DeposedKey>), Version>;

impl Look<'_> {
    fn all(&mut self, layout: i64, noted: Option<Mark>) {
        self.structure();
        if layout < migrate::newest() {
            let note = format!("It has layout {layout}; the next command brings it to layout {} and keeps a copy", migrate::newest());
            self.report.notes.push(note);
            return;
        }
        self.layout();
        let meta = self.keep("meta", |conn| meta::read(conn));
        if let Some(meta) = meta {
            self.meta(meta, noted);
        }
        let snapshot = self.keep("instances", snapshot::read);
        let runs = self.keep("runs", run::read_runs).unwrap_or_default();
        let newest = self.keep("versions", newest_versions);
        self.report.objects = snapshot.as_ref().map_or(0, |s| s.objects.len());
        self.report.runs = runs.len();
        if let (Some(snapshot), Some(newest)) = (&snapshot, &newest) {
            self.history(snapshot, newest, runs.last());
        }
        let mut last = BTreeMap::new();
        for run in &runs {
            self.run(run, &mut last);
        }
        if let Some(newest) = &newest {
            self.outcomes(&last, newest);
        }
        if let Some(meta) = meta {
            self.serial(meta, &runs);
        }
        self.keep("durations", run::read_durations);
        self.keep("state_file", state_file::read_digest);
        for holder in self.keep("locks", lock::select_holders).unwrap_or_default() {
            let gone = if holder.is_gone_from_here() { ", whose process is gone: the next run takes it over" } else { "" };
            self.report.notes.push(format!("A lock is held by {holder}{gone}"));
        }
    }

    /// What `read` yields; that it fails is damage.
    fn keep<T>(&mut self, table: &str, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let found = read(self.conn).map_err(|e| StateError::from_sql(self.path, "checking", &e));
        match found {
            Ok(found) => return Some(found),
            Err(StateError::Corrupt { detail, .. }) => self.damaged(format!("{table}: {detail}")),
            Err(error) => self.damaged(format!("{table}: {error}")),
        }
        None
    }

    fn damaged(&mut self, what: String) {
        if !self.report.damage.contains(&what) {
            self.report.damage.push(what);
        }
    }

    fn structure(&mut self) {
        let texts = |conn: &Connection, sql: &str| -> rusqlite::Result<Vec<String>> {
            let mut statement = conn.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        };
        let wrong = self.keep("structure", |conn| texts(conn, &format!("PRAGMA integrity_check({MOST})"))).unwrap_or_default();
        for line in wrong.into_iter().filter(|line| line != "ok") {
            self.damaged(format!("structure: {}", line.replace('\n', " ")));
        }
        let rows = self.keep("references", |conn| texts(conn, "SELECT \"table\" FROM pragma_foreign_key_check()")).unwrap_or_default();
        for table in rows {
            self.damaged(format!("references: a row of \"{table}\" refers to one that is not there"));
        }
    }

    /// Tables, indexes and views are those of a store that was just made.
    fn layout(&mut self) {
        static WANTED: OnceLock<Layout> = OnceLock::new();
        let Some(found) = self.keep("layout", read_layout) else { return };
        let Some(fresh) = WANTED.get().cloned().map_or_else(|| self.keep("layout", |_| read_layout(&migrate::in_memory()?)), Some) else {
            return;
        };
        let wanted = WANTED.get_or_init(|| fresh);
        for name in wanted.iter().filter(|(name, sql)| found.get(*name) != Some(*sql)).map(|(name, _)| name) {
            self.damaged(format!("layout: {name} is not as it should be"));
        }
        for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
            self.report.notes.push(format!("Somebody added {name} to it"));
        }
    }

    fn meta(&mut self, meta: Meta, noted: Option<Mark>) {
        self.report.base = Some(meta.base);
        if meta.base.lineage.is_nil() {
            self.damaged("meta: there is no lineage".to_owned());
        }
        if let Some(mark) = noted.filter(|m| m.is_ahead_of(&meta)) {
            let missing = mark.commits - meta.commits;
            self.damaged(format!("log: the last {missing} transactions are missing: the log was cut or removed, or the file replaced"));
        }
    }

    /// One run: its steps, their times, and what it kept.
    fn run(&mut self, run: &RunRecord, last: &mut BTreeMap<(InstanceAddr, Option<DeposedKey>), (RunRecord, JournalEntry)>) {
        let id = run.id;
        let entries = self.keep("journal", |conn| journal::read_entries(conn, id.sql())).unwrap_or_default();
        self.keep("reads", |conn| timing::read_timeline(conn, id.sql()));
        self.keep("kept", |conn| kept::read(conn, id));
        self.report.entries += entries.len();
        let open = entries.iter().filter(|e| e.is_unresolved()).count();
        if run.ended.is_some() && run.unresolved != open as u64 && entries.len() as u64 == run.entries {
            self.damaged(format!("journal: run {id} ended with {} steps in doubt, and {open} are", run.unresolved));
        }
        if run.is_open() {
            let steps = if open == 1 { "step" } else { "steps" };
            self.report.notes.push(format!("Run {id} was not brought to its end: {open} {steps} in doubt"));
        }
        for mut entry in entries {
            (entry.intent.prior, entry.intent.planned) = (None, None);
            last.insert((entry.intent.addr.clone(), entry.intent.deposed.clone()), (run.clone(), entry));
        }
    }

    /// Every object is as its newest version says, and no other is there.
    fn history(&mut self, snapshot: &Snapshot, newest: &Newest, last: Option<&RunRecord>) {
        for object in &snapshot.objects {
            let version = newest.get(&(object.addr.clone(), object.deposed.clone()));
            if version.and_then(|v| v.object.as_ref()) != Some(object) {
                self.damaged(format!("history: {} is not as its newest version says", object.addr));
            }
        }
        for version in newest.values().filter(|v| v.object.is_some()) {
            if snapshot.object(&version.addr, version.deposed.as_ref()).is_none() {
                self.damaged(format!("history: {} has a version, and is not there", version.addr));
            }
        }
        if let Some(last) = last
            && let Some(outputs) = self.keep("output_versions", |conn| snapshot::read_outputs_at(conn, last.id))
            && outputs != snapshot.outputs
        {
            self.damaged("history: the outputs are not as their newest versions say".to_owned());
        }
    }

    /// What was made is there, and what was deleted is not, unless a later run changed it.
    fn outcomes(&mut self, last: &BTreeMap<(InstanceAddr, Option<DeposedKey>), (RunRecord, JournalEntry)>, newest: &Newest) {
        for (key, (run, entry)) in last.iter().filter(|(_, (_, entry))| entry.outcome == Some(EntryOutcome::Succeeded)) {
            let (made, deleted) = (entry.intent.action.starts_with("create"), entry.intent.action.starts_with("delete"));
            let version = newest.get(key);
            if !(made || deleted) || version.is_some_and(|v| v.run > run.id) {
                continue;
            }
            let there = version.is_some_and(|v| v.object.is_some());
            if there != made {
                let what = if made { "was made by run" } else { "was deleted by run" };
                self.damaged(format!("journal: {} {what} {}, and the state says otherwise", key.0, run.id));
            }
        }
    }

    fn serial(&mut self, meta: Meta, runs: &[RunRecord]) {
        let told = runs.iter().rev().find_map(|r| r.serial).unwrap_or_default();
        if told != meta.base.serial {
            self.damaged(format!("meta: the serial is {}, and {told} by the runs", meta.base.serial));
        }
    }
}

/// Names of tables, indexes and views, and the statements that made them.
type Layout = BTreeMap<String, Option<String>>;

fn read_layout(conn: &Connection) -> rusqlite::Result<Layout> {
    let mut statement = conn.prepare("SELECT name, sql FROM sqlite_schema")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn newest_versions(conn: &Connection) -> rusqlite::Result<Newest> {
    let mut newest = Newest::new();
    snapshot::each_version(conn, |version| {
        let key = (version.addr.clone(), version.deposed.clone());
        if newest.get(&key).is_none_or(|known| known.run < version.run) {
            newest.insert(key, version);
        }
    })?;
    Ok(newest)
}

fn note_modes(file: &StateFile, report: &mut CheckReport) {
    let backups = crate::backup::backups(file.path()).into_iter().map(|b| b.path);
    let files: Vec<PathBuf> = file.all_paths().into_iter().chain(backups).filter(|p| others_may_read(p)).collect();
    report.notes.extend(files.iter().map(|path| format!("Others may read {}", path.display())));
}
