//! What cannot be read or written is said clearly, and left as it is.

use crate::fixture::{World, begin, child, intent, lock, path_in, path_of_parent, put, spec};
use levee_state::{Access, Base, LockInfo, RunEnd, StateError, Store};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;
use uuid::Uuid;

fn refused(path: &std::path::Path) -> [StateError; 2] {
    [Access::ReadOnly, Access::ReadWrite].map(|access| Store::open(path, access).expect_err("is refused"))
}

#[test]
fn reading_what_is_not_there_gives_an_empty_state_and_creates_nothing() {
    let dir = tempfile::tempdir().expect("temp dir");
    let store = Store::open(path_in(dir.path()), Access::ReadOnly).expect("opens");
    let snapshot = store.snapshot().expect("reads");
    assert!(snapshot.objects.is_empty() && snapshot.lineage.is_nil());
    assert!(store.open_run().expect("reads").is_none() && store.runs().expect("reads").is_empty());
    assert!(matches!(store.lock(&LockInfo::current("apply"), Duration::ZERO), Err(StateError::ReadOnly)));
    assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    // What was planned on it is applied to the state that comes to be, and seen by the same reader.
    let writer = Store::open(path_in(dir.path()), Access::ReadWrite).expect("opens");
    writer.begin(&lock(&writer), &spec(snapshot.base())).expect("begins");
    assert!(!store.snapshot().expect("reads").lineage.is_nil());
}

#[test]
#[cfg(unix)]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let run = world.begin();
    let mode = |path: &std::path::Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    let dir = world.path().parent().expect("a directory").to_owned();
    assert_eq!(mode(&dir), 0o700);
    let mut files: Vec<_> = fs::read_dir(&dir).expect("lists").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    let holder = format!("state.{}.lock", world.store.lock_holders().expect("reads")[0].id);
    let names: BTreeSet<_> = files.iter().filter_map(|f| f.file_name()?.to_str()).collect();
    assert_eq!(names, BTreeSet::from([&*holder, "state.db", "state.db-shm", "state.db-wal", "state.lock", "state.mark"]));
    assert!(files.iter().all(|f| mode(f) == 0o600));
    drop(run);
    fs::set_permissions(world.path(), fs::Permissions::from_mode(0o644)).expect("changes");
    Store::open(world.path(), Access::ReadWrite).expect("opens");
    assert_eq!(mode(&world.path()), 0o600);
}

#[tokio::test]
async fn a_stale_base_is_refused() {
    let world = World::new();
    let old = world.store.snapshot().expect("reads").base();
    let run = world.begin();
    run.edit(vec![put("a.x", "{}")]).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
    drop(run);
    let new = Base { serial: 1, ..old };
    let guard = world.lock();
    for stale in [old, Base { lineage: Uuid::nil(), serial: 0 }, Base { lineage: Uuid::new_v4(), serial: 1 }] {
        let error = world.store.begin(&guard, &spec(stale)).expect_err("is refused");
        assert!(matches!(error, StateError::StaleBase { planned, found } if planned == stale && found == new), "{error}");
    }
    world.store.begin(&guard, &spec(new)).expect("begins");
}

#[test]
fn a_newer_file_is_refused_and_left_as_it_is() {
    let World { dir, store } = World::new();
    let path = path_in(dir.path());
    drop(store);
    let sql = rusqlite::Connection::open(&path).expect("opens");
    sql.pragma_update(None, "user_version", 99).expect("writes");
    drop(sql);
    let before = fs::read(&path).expect("reads");
    for error in refused(&path) {
        assert!(matches!(error, StateError::NewerSchema { found: 99, .. }), "{error}");
    }
    assert_eq!(fs::read(&path).expect("reads"), before);
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = dir.path().join("state.db");
    rusqlite::Connection::open(&path).expect("opens").execute_batch("CREATE TABLE t (x)").expect("writes");
    let before = fs::read(&path).expect("reads");
    for error in refused(&path) {
        assert!(matches!(error, StateError::NotOurs { .. }), "{error}");
    }
    assert_eq!(fs::read(&path).expect("reads"), before);
}

#[tokio::test]
async fn damage_is_seen() {
    let World { dir, store } = World::new();
    let path = path_in(dir.path());
    let run = begin(&store);
    run.edit((0..200).map(|n| put(&format!("a.x[{n}]"), &"v".repeat(500))).collect()).await.expect("writes");
    drop((run, store));
    let whole = fs::read(&path).expect("reads");
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("no database", vec![b'x'; 9000]),
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("overwritten", {
            let mut bytes = whole.clone();
            bytes[4096..].iter_mut().for_each(|b| *b = 0xA5);
            bytes
        }),
    ];
    for (name, bytes) in cases {
        fs::write(&path, bytes).expect("writes");
        let error = Store::open(&path, Access::ReadOnly).and_then(|s| s.snapshot()).expect_err(name);
        assert!(matches!(error, StateError::Corrupt { .. }), "{name}: {error}");
        assert!(error.hint().contains("backup"));
    }
}

#[test]
fn a_log_without_its_file_is_not_replayed_into_a_new_one() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = dir.path().join("state.db");
    fs::write(dir.path().join("state.db-wal"), b"frames").expect("writes");
    for error in refused(&path) {
        assert!(matches!(error, StateError::Corrupt { .. }), "{error}");
    }
    assert!(!path.exists());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().expect("temp dir");
    fs::write(dir.path().join("file"), "").expect("writes");
    let error = Store::open(dir.path().join("file/.levee/state.db"), Access::ReadWrite).expect_err("is refused");
    assert!(matches!(error, StateError::Denied { .. }), "{error}");
    // Even the superuser, for whom a mode means nothing, cannot make a file here.
    #[cfg(target_os = "linux")]
    {
        let error = Store::open("/proc/self/levee/state.db", Access::ReadWrite).expect_err("is refused");
        assert!(matches!(error, StateError::Denied { .. }), "{error}");
        assert!(error.hint().contains("permissions"));
    }
}

#[test]
#[ignore = "run by another test, as a user who may only read"]
fn reads_but_cannot_write() {
    let path = path_of_parent();
    let store = Store::open(&path, Access::ReadOnly).expect("opens");
    assert_eq!(store.snapshot().expect("reads").objects.len(), 1);
    let error = Store::open(&path, Access::ReadWrite).expect_err("is refused");
    assert!(matches!(error, StateError::Denied { .. }), "{error}");
}

#[tokio::test]
#[cfg(unix)]
async fn a_directory_that_may_only_be_read_is_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let World { dir, store } = World::new();
    let run = begin(&store);
    run.edit(vec![put("a.x", "{}")]).await.expect("writes");
    drop((run, store));
    let mode = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changes");
    // A copy of this binary where everyone gets at it, since modes mean nothing to the superuser, who becomes nobody.
    let program = dir.path().join("program");
    fs::copy(std::env::current_exe().expect("a path"), &program).expect("copies");
    let path = path_in(dir.path());
    for file_mode in [0o444, 0o666] {
        mode(&path, file_mode);
        mode(path.parent().expect("a directory"), 0o555);
        mode(dir.path(), 0o755);
        let mut command = child(&program, "refusal::reads_but_cannot_write", dir.path());
        if fs::metadata(dir.path()).expect("is there").uid() == 0 {
            std::os::unix::process::CommandExt::uid(&mut command, 65_534);
        }
        // Another test's child may hold the copy open for writing until it becomes another program.
        let output = loop {
            match command.output() {
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                done => break done.expect("runs"),
            }
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        mode(path.parent().expect("a directory"), 0o755);
    }
}

#[tokio::test]
async fn a_place_with_odd_characters_works() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = dir.path().join("a b%20?c#d/state.db");
    let store = Store::open(&path, Access::ReadWrite).expect("opens");
    let run = begin(&store);
    drop(run.intent(intent(0, "a.x")).await.expect("writes"));
    let reader = Store::open(&path, Access::ReadOnly).expect("opens");
    assert_eq!(reader.open_run().expect("reads").expect("is open").unresolved.len(), 1);
}
