//! One writer at a time; a dead one's place is taken at once; readers never wait.

use crate::fixture::{World, lock, path_in};
use levee_state::{Access, LockInfo, StateError, Store};
use std::time::Duration;

fn holder(error: StateError) -> Option<LockInfo> {
    match error {
        StateError::Locked { holder } => holder.map(|h| h.info),
        other => panic!("not a lock: {other}"),
    }
}

#[test]
fn it_is_exclusive_says_who_and_keeps_no_reader_waiting() {
    let world = World::new();
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    let guard = world.lock();
    assert!(guard.taken_over().is_none());
    let refused = other.lock(&LockInfo::current("destroy"), Duration::ZERO).expect_err("is held");
    assert!(refused.to_string().contains("by apply of"), "{refused}");
    assert_eq!(holder(refused), Some(LockInfo::current("apply")));
    assert!(other.snapshot().expect("reads").objects.is_empty());
    drop(guard);
    assert_eq!(other.lock_holder().expect("reads"), None);
    assert!(lock(&other).taken_over().is_none());
}

#[test]
fn a_run_keeps_the_lock_that_it_began_with() {
    let world = World::new();
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    let run = world.begin(); // its guard is dropped
    holder(other.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("is held"));
    drop(run);
    drop(lock(&other));
}

#[test]
fn who_waits_gets_it_when_it_is_free() {
    let world = World::new();
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    let guard = world.lock();
    let waiting = std::thread::spawn(move || other.lock(&LockInfo::current("apply"), Duration::from_secs(30)).map(drop));
    drop(guard);
    waiting.join().expect("no panic").expect("locks");
}

#[test]
fn a_holder_elsewhere_is_believed_until_a_person_breaks_the_lock() {
    let world = World::new();
    let mut elsewhere = LockInfo::current("apply");
    elsewhere.host = "elsewhere".to_owned();
    elsewhere.boot = Some("another".to_owned());
    std::mem::forget(world.store.lock(&elsewhere, Duration::ZERO).expect("locks"));
    // The system's lock of the forgotten guard stands for the other machine's, which cannot be seen from here.
    std::fs::remove_file(world.path().with_extension("lock")).expect("removes");
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    let refused = other.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("is held");
    assert_eq!(holder(refused), Some(elsewhere));
    let id = other.lock_holder().expect("reads").expect("is held").id;
    assert!(other.break_lock(id).expect("writes"));
    assert!(!other.break_lock(id).expect("writes"));
    drop(lock(&other));
}

#[test]
fn a_holder_whose_process_is_gone_is_replaced() {
    let cases: [fn(&mut LockInfo); 3] = [
        |i| i.process_start = i.process_start.map(|s| s + 1), // its id was used again
        |i| i.pid = u32::MAX,
        |i| i.boot = Some("an earlier one".to_owned()),
    ];
    for change in cases {
        let world = World::new();
        let mut dead = LockInfo::current("apply");
        change(&mut dead);
        std::mem::forget(world.store.lock(&dead, Duration::ZERO).expect("locks"));
        std::fs::remove_file(world.path().with_extension("lock")).expect("removes");
        let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
        assert_eq!(lock(&other).taken_over().map(|h| &h.info), Some(&dead));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_holder_that_lives_is_not_replaced_even_if_the_lock_file_was() {
    let world = World::new();
    let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("spawns");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("reads");
    let start = stat.rsplit_once(')').expect("a name").1.split_ascii_whitespace().nth(19).expect("a start").parse().expect("a number");
    let mut alive = LockInfo::current("apply");
    alive.pid = child.id();
    alive.process_start = Some(start);
    std::mem::forget(world.store.lock(&alive, Duration::ZERO).expect("locks"));
    std::fs::remove_file(world.path().with_extension("lock")).expect("removes");
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    assert_eq!(holder(other.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("is held")), Some(alive));
    child.kill().expect("kills");
    child.wait().expect("waits");
    assert!(lock(&other).taken_over().is_some());
}

#[test]
fn many_open_a_new_state_at_once_and_agree_on_it() {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = path_in(dir.path());
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || Store::open(path, Access::ReadWrite)?.snapshot().map(|s| s.lineage))
        })
        .collect();
    let mut lineages: Vec<_> = openers.into_iter().map(|o| o.join().expect("no panic").expect("opens")).collect();
    lineages.dedup();
    assert_eq!(lineages.len(), 1);
}
