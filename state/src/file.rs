//! The state file on disk: how it comes into being whole, who may read it, and how it is opened.

use crate::error::StateError;
use crate::lock::try_system_lock;
use crate::mark::{Mark, Marker};
use crate::{backup, meta, migrate, seal};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long another program may hold the database before we give up.
const BUSY: Duration = Duration::from_secs(30);
/// How long another process may take to create the file, or to take a lock.
const GATE: Duration = Duration::from_secs(10);
const GATE_RETRY: Duration = Duration::from_millis(5);

/// Where the state lives: `state.db`, and beside it the log and the lock.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
}

/// A moment without others.
#[must_use = "others come in when it goes"]
pub(crate) struct Gate(File);

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.0.unlock(); // at once, even if a child process shares the file for a moment
    }
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path.with_extension("lock")
    }

    pub(crate) fn mark_path(&self) -> PathBuf {
        mark_path(&self.path)
    }

    /// Every file of the store that is there.
    pub(crate) fn all_paths(&self) -> Vec<PathBuf> {
        let beside = ["", "-wal", "-shm"].map(|suffix| self.with_suffix(suffix));
        beside.into_iter().chain([self.lock_path(), self.mark_path()]).filter(|p| p.exists()).collect()
    }

    /// Which file it is, where the system tells: another one in its place is another.
    pub(crate) fn identity(&self) -> Option<(u64, u64)> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            std::fs::metadata(&self.path).ok().map(|m| (m.dev(), m.ino()))
        }
        #[cfg(not(unix))]
        None
    }

    pub(crate) fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The path with something added to its name.
    fn with_suffix(&self, suffix: &str) -> PathBuf {
        with_suffix(&self.path, suffix)
    }

    fn corrupt(&self, detail: &str) -> StateError {
        StateError::Corrupt { path: self.path.clone(), detail: detail.to_owned() }
    }

    /// Whether the file is there. It comes into being whole, so an empty one is damage; so is a log without its file,
    /// which must not be replayed into a new one.
    fn is_present(&self) -> Result<bool, StateError> {
        let size = |path: &Path| match std::fs::metadata(path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound) => Ok(None),
            Err(e) => Err(StateError::from_io(path, "opened", &e)),
        };
        match size(&self.path)? {
            Some(0) => Err(self.corrupt("it is empty")),
            Some(_) => Ok(true),
            None if size(&self.with_suffix("-wal"))?.unwrap_or_default() > 0 => {
                Err(self.corrupt("it is missing, yet its log (-wal) is there"))
            }
            None => Ok(false),
        }
    }

    /// The file whose lock a holder keeps as long as it lives.
    pub(crate) fn holder_path(&self, id: Uuid) -> PathBuf {
        self.path.with_extension(format!("{id}.lock"))
    }

    /// Whether a holder lives whose file is beside this one. It tells nothing of other machines.
    pub(crate) fn is_anybody_at_work(&self) -> Result<bool, StateError> {
        let stem = self.path.file_stem().map(|stem| format!("{}.", stem.to_string_lossy())).unwrap_or_default();
        let failed = |e: std::io::Error| StateError::from_io(self.directory(), "opened", &e);
        for entry in std::fs::read_dir(self.directory()).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let id = name.strip_prefix(&stem).and_then(|rest| rest.strip_suffix(".lock"));
            if id.is_some_and(|id| id.parse::<Uuid>().is_ok())
                && let Ok(file) = private_file().open(&path)
                && !try_system_lock(&file, &path)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// That file, new and not locked.
    pub(crate) fn create_holder(&self, id: Uuid) -> Result<File, StateError> {
        let path = self.holder_path(id);
        private_file().create_new(true).open(&path).map_err(|e| StateError::from_io(&path, "written", &e))
    }

    /// Waits until nobody else makes the file, or takes or gives back a lock: nobody does for longer than a moment.
    pub(crate) fn gate(&self) -> Result<Gate, StateError> {
        let path = self.lock_path();
        let file = private_file().create(true).truncate(false).open(&path).map_err(|e| StateError::from_io(&path, "opened", &e))?;
        let deadline = Instant::now() + GATE;
        while !try_system_lock(&file, &path)? {
            if Instant::now() >= deadline {
                return Err(StateError::Busy { path });
            }
            std::thread::sleep(GATE_RETRY);
        }
        Ok(Gate(file))
    }

    /// Makes the file unless it is there.
    pub(crate) fn ensure(&self) -> Result<(), StateError> {
        if self.is_present()? {
            return Ok(());
        }
        create_private_dir(self.directory())?;
        let _gate = self.gate()?;
        if self.is_present()? { Ok(()) } else { self.create() }
    }

    /// Makes the file under another name, whole and on disk, before it takes its place.
    fn create(&self) -> Result<(), StateError> {
        let fresh = self.with_suffix(".new");
        let failed = |doing| move |e: std::io::Error| StateError::from_io(&self.path, doing, &e);
        let sql = |e: rusqlite::Error| StateError::from_sql(&self.path, "creating the file", &e);
        for suffix in [".new", ".new-journal", ".new-wal", ".new-shm"] {
            unless_missing(std::fs::remove_file(self.with_suffix(suffix))).map_err(failed("written"))?;
        }
        let file = private_file().create_new(true).open(&fresh).map_err(failed("written"))?;
        let mut conn = Connection::open_with_flags(&fresh, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sql)?;
        seal::register(&conn).map_err(sql)?;
        let meta = migrate::create(&mut conn).map_err(sql)?;
        use_log(&conn).map_err(sql)?;
        conn.close().map_err(|(_, e)| sql(e))?;
        file.sync_all().map_err(failed("written"))?;
        std::fs::rename(&fresh, &self.path).map_err(failed("written"))?;
        sync_directory(&self.path)?;
        Marker::new(self.mark_path()).write(meta);
        Ok(())
    }

    /// A connection for writing, on an up-to-date layout. The file is there.
    pub(crate) fn open_writer(&self) -> Result<Connection, StateError> {
        self.connect_writer(|conn, layout| backup::before_migration(conn, &self.path, layout))
    }

    /// Brings the layout up to date without keeping a copy of the file, which is one itself.
    pub(crate) fn upgrade_quietly(&self) -> Result<(), StateError> {
        self.connect_writer(|_, _| Ok(())).and_then(|conn| self.fold(&conn))
    }

    fn connect_writer(&self, keep: impl FnOnce(&Connection, i64) -> Result<(), StateError>) -> Result<Connection, StateError> {
        let sql = |e: rusqlite::Error| StateError::from_sql(&self.path, "opening the file", &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(&self.path, flags).map_err(sql)?;
        set_up(&conn).and_then(|()| set_up_writer(&conn)).map_err(sql)?;
        if conn.is_readonly("main").map_err(sql)? {
            let detail = "the file is not writable".to_owned();
            return Err(StateError::Denied { path: self.path.clone(), doing: "written", detail });
        }
        migrate::upgrade(&mut conn, &self.path, keep)?;
        use_log(&conn).map_err(sql)?;
        Ok(conn)
    }

    /// Writes what the log holds into the file, so that the log is empty.
    pub(crate) fn fold_log(&self) -> Result<(), StateError> {
        self.open_writer().and_then(|conn| self.fold(&conn))
    }

    /// The same, through a connection that is open.
    pub(crate) fn fold(&self, conn: &Connection) -> Result<(), StateError> {
        let busy = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        match busy {
            Ok(false) => Ok(()),
            Ok(true) => Err(StateError::Busy { path: self.path.clone() }),
            Err(e) => Err(StateError::from_sql(&self.path, "emptying the log", &e)),
        }
    }

    /// A connection for reading, or none if there is no state yet. Creates nothing that stays.
    pub(crate) fn open_reader(&self) -> Result<Option<Connection>, StateError> {
        // Read first: a note of what is written meanwhile would speak of a later moment.
        let noted = Mark::read(&self.mark_path());
        let Some((conn, version)) = self.open_as_it_is()? else { return Ok(None) };
        let conn = if version == migrate::newest() {
            conn
        } else {
            drop(conn);
            drop(self.open_writer()?); // brings the layout up to date
            self.connect_reader("")?.0
        };
        self.look_over(&conn, noted)?;
        Ok(Some(conn))
    }

    /// A connection for reading the file in whatever layout it has, and that layout's version; none if there is no file.
    pub(crate) fn open_as_it_is(&self) -> Result<Option<(Connection, i64)>, StateError> {
        if !self.is_present()? {
            return Ok(None);
        }
        match self.connect_reader("") {
            // A directory that cannot be written has no place for the log's index; without a log none is needed.
            Err(StateError::Denied { .. }) if !self.with_suffix("-wal").exists() => self.connect_reader("?immutable=1").map(Some),
            other => other.map(Some),
        }
    }

    /// What is checked whenever a state is opened, and costs next to nothing: that the one row that stands for all is whole,
    /// and that the file is no older than what was written last. Rows are verified as they are read.
    fn look_over(&self, conn: &Connection, noted: Option<Mark>) -> Result<(), StateError> {
        let meta = meta::read(conn).map_err(|e| StateError::from_sql(&self.path, "opening the file", &e))?;
        match noted {
            Some(mark) if mark.is_ahead_of(&meta) => {
                Err(StateError::Behind { path: self.path.clone(), missing: mark.commits - meta.commits, mark: self.mark_path() })
            }
            _ => Ok(()),
        }
    }

    fn connect_reader(&self, options: &str) -> Result<(Connection, i64), StateError> {
        let sql = |e: rusqlite::Error| StateError::from_sql(&self.path, "opening the file", &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let conn = Connection::open_with_flags(uri_of(&self.path, options), flags).map_err(sql)?;
        set_up(&conn).map_err(sql)?;
        let version = migrate::check(&conn, &self.path)?;
        Ok((conn, version))
    }

    /// Takes the file from the eyes of others, should its mode have been changed. Someone else's file stays as it is.
    pub(crate) fn keep_private(&self) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&self.path).map(|m| m.permissions().mode());
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                let _ = std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(0o600)); // not ours to change
            }
        }
    }
}

/// What every connection of ours is set to. None of it makes the database read its layout, so that a look at what the file is
/// costs nothing else.
fn set_up(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    seal::register(conn)?;
    // Without it a prepared statement is planned anew whenever some of its parameters are bound.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -512;")
}

/// What a connection that writes is set to besides.
fn set_up_writer(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
    )
}

/// Write-ahead log: readers and the writer do not wait for each other. The file remembers it.
fn use_log(conn: &Connection) -> rusqlite::Result<()> {
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    // Seen on file systems without shared memory: the pages of the log's index cannot be mapped.
    Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_SHMMAP), None))
}

/// A file URI, with what has a meaning in it escaped.
fn uri_of(path: &Path, options: &str) -> PathBuf {
    let mut uri = OsString::from("file:");
    let mut text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    text.push_str(options);
    uri.push(text);
    PathBuf::from(uri)
}

/// Where it is noted how far a file was written.
pub(crate) fn mark_path(path: &Path) -> PathBuf {
    path.with_extension("mark")
}

pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A path with something added to its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the entry of a file in its directory durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), StateError> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(|e| StateError::from_io(parent, "written", &e))
}

/// That a file is not there is no error.
pub(crate) fn unless_missing(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Whether anybody but its owner may read a file.
pub(crate) fn others_may_read(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    false
}

pub(crate) fn create_private_dir(path: &Path) -> Result<(), StateError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| StateError::from_io(path, "created", &e))
}
