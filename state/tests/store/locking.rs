//! One writer at a time; a dead one's place is taken at once; readers never wait.

use crate::fixture::{World, intent, lock, output, path_in, row, spec};
use levee_state::{Access, LockGuard, LockInfo, Outcome, RunEnd, Scope, StateEdit, StateError, Store};
use std::time::Duration;

fn holder(error: StateError) -> Option<LockInfo> {
    match error {
        StateError::Locked { holder } => holder.map(|h| h.info),
        other => panic!("not a lock: {other}"),
    }
}

/// The file whose lock the one holder keeps.
fn remove_system_lock(world: &World) {
    let id = world.store.lock_holders().expect("reads")[0].id;
    std::fs::remove_file(world.path().with_extension(format!("{id}.lock"))).expect("removes");
}

fn part(changes: &[&str], reads: &[&str]) -> Scope {
    let all = |names: &[&str]| names.iter().map(|name| name.parse().expect("an address")).collect();
    Scope::Part { changes: all(changes), reads: all(reads) }
}

fn lock_part(store: &Store, scope: &Scope) -> Result<LockGuard, StateError> {
    store.lock_scope(&LockInfo::current("apply"), scope, Duration::ZERO)
}

#[test]
fn parts_that_do_not_collide_are_locked_side_by_side() {
    let world = World::new();
    let (x, y) = (part(&["a.x"], &["a.vpc"]), part(&["a.y"], &["a.vpc"]));
    let held = lock_part(&world.store, &x).expect("locks");
    let beside = lock_part(&world.other_writer(), &y).expect("locks");
    assert_eq!(world.store.lock_holders().expect("reads").into_iter().map(|h| h.scope).collect::<Vec<_>>(), [x.clone(), y]);
    holder(lock_part(&world.store, &part(&["a.vpc"], &[])).expect_err("one goes by it"));
    holder(lock_part(&world.store, &part(&["a.z"], &["a.x"])).expect_err("one changes it"));
    holder(world.store.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("is held in part"));
    drop(held);
    let again = lock_part(&world.store, &x).expect("locks");
    drop((beside, again));
    let files = std::fs::read_dir(world.dir.path().join(".levee")).expect("reads");
    let left = files.filter(|f| f.as_ref().is_ok_and(|f| f.file_name().to_string_lossy().matches('.').count() > 1)).count();
    assert_eq!(left, 0, "the files of those who are gone are gone");
}

#[tokio::test]
async fn runs_on_two_parts_go_on_side_by_side_from_one_plan_each() {
    let world = World::new();
    let planned = world.store.snapshot().expect("reads").base();
    let (one, two) = (world.other_writer(), world.other_writer());
    let begin = |store: &Store, addr: &str| {
        let guard = lock_part(store, &part(&[addr], &[])).expect("locks");
        store.begin_keeping(&guard, &spec(planned), None, &[])
    };
    let (x, y) = (begin(&one, "a.x").expect("begins"), begin(&two, "a.y").expect("begins beside it"));
    for (run, addr) in [(&x, "a.x"), (&y, "a.y")] {
        let entry = run.intent(intent(0, addr)).await.expect("writes");
        let edits = vec![StateEdit::Put(Box::new(row(addr, "{}")))];
        entry.succeed(Outcome { edits, ..Outcome::default() }).await.expect("writes");
        run.change_outputs([(addr.to_owned(), Some(output(addr)))].into()).await.expect("writes");
    }
    x.finish(RunEnd::Succeeded).await.expect("ends");
    y.finish(RunEnd::Succeeded).await.expect("ends");
    drop((x, y));
    let now = world.store.snapshot().expect("reads");
    assert_eq!(now.objects.iter().map(|o| o.addr.to_string()).collect::<Vec<_>>(), ["a.x", "a.y"]);
    assert_eq!(now.outputs.len(), 2);
    let stale = begin(&one, "a.x").expect_err("its object is another by now");
    assert!(matches!(stale, StateError::StaleBase { .. }), "{stale}");
    drop(begin(&one, "a.z").expect("nothing of this part has changed"));
}

#[tokio::test]
async fn a_plan_of_a_state_that_a_run_is_changing_holds_nowhere() {
    let world = World::new();
    let run = world.begin();
    run.edit(vec![StateEdit::Put(Box::new(row("a.x", "{}")))]).await.expect("writes");
    let during = world.store.snapshot().expect("reads").base();
    run.edit(vec![StateEdit::Put(Box::new(row("a.y", "{}")))]).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("ends");
    drop(run);
    let stale = world.store.begin(&world.lock(), &spec(during)).expect_err("is refused");
    assert!(matches!(stale, StateError::StaleBase { .. }), "{stale}");
}

#[tokio::test]
async fn who_has_lost_the_lock_writes_nothing_more() {
    let world = World::new();
    let run = world.begin();
    world.sql().execute("DELETE FROM locks", []).expect("writes");
    let lost = run.intent(intent(0, "a.x")).await.map(drop).expect_err("is refused");
    assert!(matches!(lost, StateError::LockLost), "{lost}");
    assert!(world.store.journal(run.id()).expect("reads").is_empty());
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
    assert_eq!(other.lock_holders().expect("reads"), Vec::new());
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
    remove_system_lock(&world);
    let other = Store::open(world.path(), Access::ReadWrite).expect("opens");
    let refused = other.lock(&LockInfo::current("apply"), Duration::ZERO).expect_err("is held");
    assert_eq!(holder(refused), Some(elsewhere));
    let id = other.lock_holders().expect("reads")[0].id;
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
        remove_system_lock(&world);
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
    remove_system_lock(&world);
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
