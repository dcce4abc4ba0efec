//! A state in a directory of its own, and things to put into it.

use levee_state::{
    Access, Base, Image, Intent, LockGuard, LockInfo, ObjectRow, ObjectStatus, Outcome, OutputRow, Run, RunKind, RunSpec, StateEdit, Store,
};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Store,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("temp dir");
        let store = Store::open(path_in(dir.path()), Access::ReadWrite).expect("opens");
        Self { dir, store }
    }
    pub(crate) fn path(&self) -> PathBuf {
        path_in(self.dir.path())
    }
    pub(crate) fn lock(&self) -> LockGuard {
        lock(&self.store)
    }
    /// A run on the state as it is.
    pub(crate) fn begin(&self) -> Run {
        begin(&self.store)
    }
    /// The state seen through another connection.
    pub(crate) fn other(&self) -> Store {
        Store::open(self.path(), Access::ReadOnly).expect("opens for reading")
    }
    /// The state as another process opens it to write.
    pub(crate) fn other_writer(&self) -> Store {
        Store::open(self.path(), Access::ReadWrite).expect("opens")
    }
    pub(crate) fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).expect("opens as a database")
    }
}

pub(crate) fn path_in(dir: &Path) -> PathBuf {
    dir.join(".levee").join("state.db")
}

pub(crate) fn lock(store: &Store) -> LockGuard {
    store.lock(&LockInfo::current("apply"), Duration::ZERO).expect("locks")
}

pub(crate) fn begin(store: &Store) -> Run {
    let base = store.snapshot().expect("reads").base();
    store.begin(&lock(store), &spec(base)).expect("begins")
}

pub(crate) fn spec(base: Base) -> RunSpec {
    RunSpec {
        kind: RunKind::Apply,
        base,
        config_digest: Some("d1".to_owned()),
        variables: Some("{\"region\":\"here\"}".to_owned()),
        levee_version: "0.1.0".to_owned(),
    }
}

pub(crate) fn intent(seq: u64, addr: &str) -> Intent {
    Intent {
        seq,
        addr: addr.parse().expect("an address"),
        deposed: None,
        action: Arc::from("create"),
        op_token: Uuid::now_v7(),
        prior: None,
        planned: Some(Image { values: format!("{{\"n\":{seq}}}"), sensitive_paths: "[]".to_owned() }),
        provider: Arc::from("provider.test"),
        provider_source: Arc::from("levee/test"),
        schema_version: 1,
        dependencies: Vec::new(),
        create_before_destroy: false,
    }
}

pub(crate) fn row(addr: &str, values: &str) -> ObjectRow {
    ObjectRow {
        addr: addr.parse().expect("an address"),
        deposed: None,
        provider: Arc::from("provider.test"),
        provider_source: Arc::from("levee/test"),
        schema_version: 1,
        status: ObjectStatus::Ready,
        id: Some(format!("id-of-{addr}")),
        values: values.to_owned(),
        sensitive_paths: "[]".to_owned(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        private: None,
    }
}

pub(crate) fn put(addr: &str, values: &str) -> StateEdit {
    StateEdit::Put(Box::new(row(addr, values)))
}

pub(crate) fn success(edits: Vec<StateEdit>) -> Outcome {
    Outcome { edits, duration: Duration::from_millis(40), timing: None }
}

/// Where a child process finds the state it is to work on.
const DIRECTORY: &str = "LEVEE_TEST_STATE_DIR";

/// `program`, this binary or a copy of it, told to run one ignored test on the state in `dir`.
pub(crate) fn child(program: impl AsRef<OsStr>, test: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(DIRECTORY, dir);
    command
}

/// In a child process: the state it was told to work on.
pub(crate) fn path_of_parent() -> PathBuf {
    path_in(Path::new(&std::env::var_os(DIRECTORY).expect("run by another test")))
}

/// Every object's address, in the snapshot's order.
pub(crate) fn addresses(store: &Store) -> Vec<String> {
    store.snapshot().expect("reads").objects.iter().map(|o| o.addr.to_string()).collect()
}

pub(crate) fn output(value: &str) -> OutputRow {
    OutputRow { value: format!("\"{value}\""), type_json: "\"string\"".to_owned(), sensitive: false }
}
