//! Copies of a store, and putting one back.

use crate::fixture::{World, addresses, begin, lock, path_in, put, spec};
use crate::layouts;
use levee_state::{Access, LockInfo, Restored, RunEnd, StateError, Store, backup_directory, backups, check, restore};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

async fn change(store: &Store, name: &str) {
    let run = begin(store);
    run.edit(vec![put(&format!("a.{name}"), "{}")]).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
}

fn restored(world: &World, from: &Path, force: bool) -> Result<Restored, StateError> {
    let spec = spec(levee_state::Base::default());
    restore(&world.path(), from, &LockInfo::current("restore"), Duration::ZERO, &spec, force)
}

/// What a look at the store finds wrong.
fn wrong(path: &Path) -> Vec<String> {
    check(path).expect("looks").expect("is there").damage
}

#[tokio::test]
async fn a_copy_is_made_while_others_work_and_is_put_back() {
    let world = World::new();
    change(&world.store, "one").await;
    let copy = world.dir.path().join("copy.db");
    let run = world.begin();
    assert_eq!(world.other().backup(&copy).expect("copies"), 1);
    run.edit(vec![put("a.two", "{}")]).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
    drop(run);
    assert_eq!(mode(&copy), 0o600);
    // The copy was made in the middle of a run, which stays open in it.
    let back = restored(&world, &copy, false).expect("restores");
    let stale = world.store.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("another file is there");
    assert!(matches!(stale, StateError::Replaced { .. }), "{stale}");
    let store = world.other();
    assert_eq!(addresses(&store), ["a.one"]);
    assert_eq!((back.serial, back.base.serial, back.objects, back.was_damaged), (1, 3, 1, false));
    assert_eq!(store.snapshot().expect("reads").serial, 3);
    assert!(store.open_run().expect("reads").is_some() && store.lock_holders().expect("reads").is_empty());
    assert_eq!(wrong(&world.path()), Vec::<String>::new());
    // What was replaced is a store that opens.
    let kept = back.kept.expect("it was kept").join("state.db");
    assert_eq!(addresses(&Store::open(kept, Access::ReadOnly).expect("opens")), ["a.one", "a.two"]);
    let error = restored(&world, &copy, false).expect_err("a run is open");
    assert!(matches!(&error, StateError::NotRestored { why } if why.contains("run 2 was not brought")), "{error}");
    restored(&world, &copy, true).expect("restores all the same");
}

#[tokio::test]
async fn only_what_is_whole_and_belongs_here_is_put_back() {
    let world = World::new();
    change(&world.store, "one").await;
    let other = World::new();
    change(&other.store, "other").await;
    let copy = world.dir.path().join("copy.db");
    other.store.backup(&copy).expect("copies");
    let error = restored(&world, &copy, false).expect_err("is of another lineage");
    assert!(matches!(&error, StateError::NotRestored { why } if why.contains("another lineage")), "{error}");
    let mut bytes = fs::read(&copy).expect("reads");
    bytes.truncate(8192);
    fs::write(&copy, &bytes).expect("writes");
    let error = restored(&world, &copy, true).expect_err("is cut off");
    assert!(matches!(&error, StateError::Corrupt { .. }), "{error}");
    assert!(matches!(restored(&world, Path::new("nowhere.db"), true), Err(StateError::Denied { .. })));
    let guard = lock(&world.store);
    world.store.backup(&copy).expect("copies");
    assert!(matches!(restored(&world, &copy, true), Err(StateError::Locked { .. })));
    drop(guard);
    assert_eq!(addresses(&world.other()), ["a.one"]);
}

#[tokio::test]
async fn a_damaged_store_is_replaced_and_kept() {
    let world = World::new();
    change(&world.store, "one").await;
    let path = world.path();
    let made = world.store.rotate_backups().expect("copies").expect("the state changed");
    change(&world.store, "two").await;
    let World { dir, store } = world;
    drop(store);
    fs::write(&path, vec![b'x'; 9000]).expect("writes");
    assert_eq!(wrong(&path).len(), 1);
    let world = World { store: Store::open(dir.path().join("elsewhere.db"), Access::ReadWrite).expect("opens"), dir };
    let back = restored(&world, &made, false).expect("restores");
    assert!(back.was_damaged && back.base.serial == 3, "the note says how far the lost state was: {back:?}");
    assert_eq!(addresses(&world.other()), ["a.one"]);
    assert_eq!(fs::read(back.kept.expect("kept").join("state.db")).expect("reads").len(), 9000);
}

#[tokio::test]
async fn copies_after_runs_are_few_and_private() {
    let world = World::new();
    for n in 0..9 {
        change(&world.store, &format!("x{n}")).await;
        world.store.rotate_backups().expect("copies").expect("the state changed");
        assert!(world.store.rotate_backups().expect("copies").is_none(), "nothing has changed");
    }
    let all = backups(&world.path());
    assert!((5..=6).contains(&all.len()), "{all:?}");
    let newest = Store::open(&all[0].path, Access::ReadOnly).expect("opens");
    assert_eq!(newest.snapshot().expect("reads").objects.len(), 9);
    drop(newest);
    assert!(all.iter().all(|b| mode(&b.path) == 0o600) && mode(&backup_directory(&world.path())) == 0o700);
}

#[test]
fn an_older_layout_is_copied_before_it_is_brought_up_to_date() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = path_in(dir.path());
    layouts::write(&path, 3);
    assert_eq!(check(&path).expect("looks").expect("is there").layout, 3);
    Store::open(&path, Access::ReadOnly).expect("opens");
    let report = check(&path).expect("looks").expect("is there");
    assert_eq!((report.damage, report.layout, report.runs), (Vec::new(), 9, 6));
    assert!(report.notes.iter().any(|n| n.starts_with("Run 6 was not brought to its end: 1 step")), "{:?}", report.notes);
    let copies: Vec<_> = fs::read_dir(backup_directory(&path)).expect("lists").map(|e| e.expect("an entry").path()).collect();
    let [copy] = &copies[..] else { panic!("{copies:?}") };
    assert!(copy.to_string_lossy().contains("state-layout-3-"));
    assert_eq!(check(copy).expect("looks").expect("is there").layout, 3);
}

#[tokio::test]
async fn a_look_tells_what_does_not_fit_together() {
    let world = World::new();
    change(&world.store, "one").await;
    change(&world.store, "two").await;
    assert_eq!(wrong(&world.path()), Vec::<String>::new());
    let sql = world.sql();
    // Even where somebody forged the checksums, the tables must agree.
    for (forged, expected) in [
        ("UPDATE instances SET attributes = '{\"x\":1}'", "does not match its checksum"),
        ("DELETE FROM versions WHERE run = 2", "2 rows of \"versions\" are known, and 1 are there"),
        ("UPDATE runs SET serial = 1", "does not match its checksum"),
        ("CREATE INDEX runs_open ON instances (run)", ""),
        ("DROP INDEX runs_open", "layout: runs_open is not as it should be"),
        ("DELETE FROM runs WHERE id = 2", "refers to one that is not there"),
    ] {
        sql.execute_batch("PRAGMA foreign_keys = OFF; SAVEPOINT s").expect("begins");
        if sql.execute_batch(forged).is_ok() {
            sql.execute_batch("RELEASE s").expect("writes");
            let found = wrong(&world.path());
            assert!(found.iter().any(|f| f.contains(expected)), "{forged}: {found:?}");
        } else {
            sql.execute_batch("ROLLBACK TO s; RELEASE s").expect("takes back");
            assert_eq!(expected, "");
        }
    }
}
