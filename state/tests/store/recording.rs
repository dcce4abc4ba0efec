//! What is recorded comes back as it was, durable when it was promised, in order, in few transactions.

use crate::fixture::{World, addresses, intent, put, row, success};
use levee_model::address::{DeposedKey, InstanceAddr};
use levee_state::{
    Base, Bundle, EntryOutcome, FailureRecord, Image, Kept, ObjectStatus, Outcome, OutputRow, ReadRecord, RunEnd, StateEdit, StateError,
    Timing,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let world = World::new();
    let run = world.begin();
    let mut object = row("module.net[\"a.b\"].aws_subnet.x[2]", "{\"big\":123456789012345678901234567890,\"t\":\"é\"}");
    object.dependencies =
        ["module.net.aws_vpc.main", "data.aws_region.here"].map(|a| a.parse::<InstanceAddr>().expect("an address").resource()).to_vec();
    object.status = ObjectStatus::Tainted;
    object.private = Some(vec![0, 255, 7]);
    object.create_before_destroy = true;
    object.sensitive_paths = "[[{\"type\":\"get_attr\",\"value\":\"t\"}]]".to_owned();
    let mut deposed = object.clone();
    deposed.deposed = Some(DeposedKey(Arc::from("0a1b2c3d")));
    deposed.id = None;
    deposed.dependencies.reverse();
    run.edit(vec![StateEdit::Put(Box::new(deposed.clone())), StateEdit::Put(Box::new(object.clone()))]).await.expect("writes");
    let snapshot = world.other().snapshot().expect("reads");
    assert_eq!(snapshot.objects, [object.clone(), deposed.clone()]);
    assert_eq!(snapshot.object(&object.addr, deposed.deposed.as_ref()), Some(&deposed));
    assert_eq!(snapshot.object(&"a.b".parse().expect("an address"), None), None);
    object.dependencies.pop();
    run.edit(vec![StateEdit::Put(Box::new(object.clone()))]).await.expect("writes");
    assert_eq!(world.other().snapshot().expect("reads").objects, [object, deposed]);
}

#[tokio::test]
async fn objects_are_ordered_by_address_not_by_text() {
    let world = World::new();
    let run = world.begin();
    let wanted = ["a.x[2]", "a.x[10]", "b.x", "module.m.a.x"];
    run.edit(wanted.iter().rev().map(|a| put(a, "{}")).collect()).await.expect("writes");
    assert_eq!(addresses(&world.other()), wanted);
}

#[tokio::test]
async fn an_intent_that_was_awaited_is_seen_by_others_and_its_outcome_comes_with_its_row() {
    let world = World::new();
    let run = world.begin();
    let other = world.other();
    let mut wanted = intent(0, "a.x");
    wanted.prior = Some(Image { values: "{\"old\":1}".to_owned(), sensitive_paths: "[1]".to_owned() });
    wanted.dependencies = vec!["a.base".parse::<InstanceAddr>().expect("an address").resource()];
    let entry = run.intent(wanted.clone()).await.expect("writes");
    let open = other.open_run().expect("reads").expect("is open");
    assert_eq!(open.unresolved.iter().map(|e| &e.intent).collect::<Vec<_>>(), [&wanted]);
    assert!(open.finished.is_empty() && open.unresolved[0].checkpoint.is_none());
    entry.checkpoint("i-1", Some("{\"id\":\"i-1\"}".to_owned())).await.expect("writes");
    let checkpoint = other.open_run().expect("reads").expect("is open").unresolved.remove(0).checkpoint.expect("is there");
    assert_eq!((checkpoint.id.as_str(), checkpoint.partial.as_deref()), ("i-1", Some("{\"id\":\"i-1\"}")));
    assert!(addresses(&other).is_empty());
    entry.succeed(success(vec![put("a.x", "{}")])).await.expect("writes");
    assert_eq!(addresses(&other), ["a.x"]);
    let open = other.open_run().expect("reads").expect("is open");
    assert!(open.unresolved.is_empty() && open.finished.len() == 1 && open.finished[0].succeeded);
    run.finish(RunEnd::Succeeded).await.expect("writes");
    assert!(other.open_run().expect("reads").is_none());
    assert_eq!(other.journal(run.id()).expect("reads")[0].outcome, Some(EntryOutcome::Succeeded));
}

#[tokio::test]
async fn ten_thousand_deferred_steps_keep_their_order_and_are_flushed_by_the_end() {
    let world = World::new();
    let run = world.begin();
    for seq in 0..10_000 {
        let entry = run.intent_deferred(intent(seq, &format!("a.x[{}]", seq % 100)));
        entry.succeed_deferred(success(vec![put(&format!("a.x[{}]", seq % 100), &format!("{{\"n\":{seq}}}"))]));
    }
    run.finish(RunEnd::Succeeded).await.expect("writes");
    let other = world.other();
    let journal = other.journal(run.id()).expect("reads");
    assert!(journal.iter().map(|e| e.intent.seq).eq(0..10_000));
    assert!(journal.iter().all(|e| e.outcome == Some(EntryOutcome::Succeeded)));
    let snapshot = other.snapshot().expect("reads");
    let last: Vec<String> = (9_900..10_000).map(|n| format!("{{\"n\":{n}}}")).collect();
    assert!(snapshot.objects.iter().map(|o| &o.values).eq(&last));
    let inserted: Vec<u64> = {
        let sql = world.sql();
        let mut statement = sql.prepare("SELECT seq FROM journal ORDER BY id").expect("a statement");
        let rows = statement.query_map([], |r| r.get::<_, i64>(0)).expect("runs");
        rows.map(|n| u64::try_from(n.expect("a row")).expect("not negative")).collect()
    };
    assert!(inserted.into_iter().eq(0..10_000));
    let stats = run.stats();
    assert!(stats.writes == 20_001 && stats.transactions < 200, "{stats:?}");
}

#[tokio::test]
async fn a_deferred_write_is_durable_with_the_next_durable_one() {
    let world = World::new();
    let run = world.begin();
    let first = run.intent_deferred(intent(0, "a.x"));
    let second = run.intent(intent(1, "a.y")).await.expect("writes");
    assert_eq!(world.other().open_run().expect("reads").expect("is open").unresolved.len(), 2);
    drop((first, second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_at_the_same_time_share_transactions() {
    let world = World::new();
    let run = world.begin();
    let steps = (0..640).map(|seq| {
        let run = run.clone();
        tokio::spawn(async move {
            let addr = format!("a.x[{seq}]");
            let entry = run.intent(intent(seq, &addr)).await?;
            entry.succeed(success(vec![put(&addr, "{}")])).await
        })
    });
    for step in steps.collect::<Vec<_>>() {
        step.await.expect("no panic").expect("writes");
    }
    let stats = run.stats();
    assert!(stats.writes == 1280 && stats.transactions < stats.writes / 4, "{stats:?}");
    assert_eq!(world.other().snapshot().expect("reads").objects.len(), 640);
}

#[tokio::test]
async fn a_run_raises_the_serial_once_and_only_if_it_changes_something() {
    let world = World::new();
    let before = world.store.snapshot().expect("reads");
    assert!(before.serial == 0 && !before.lineage.is_nil());
    world.begin().finish(RunEnd::Succeeded).await.expect("writes");
    assert_eq!(world.store.snapshot().expect("reads").serial, 0);
    let outputs =
        BTreeMap::from([("o".to_owned(), OutputRow { value: "1".to_owned(), type_json: "\"number\"".to_owned(), sensitive: false })]);
    let run = world.begin();
    run.edit(vec![put("a.x", "{}")]).await.expect("writes");
    run.edit(vec![put("a.y", "{}")]).await.expect("writes");
    run.set_outputs(outputs.clone()).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
    drop(run);
    let run = world.begin();
    run.set_outputs(outputs.clone()).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
    let after = world.store.snapshot().expect("reads");
    assert_eq!((after.serial, after.lineage, after.outputs), (1, before.lineage, outputs));
    let serials: Vec<_> = world.store.runs().expect("reads").iter().map(|r| r.serial).collect();
    assert_eq!(serials, [None, Some(1), None]);
}

#[tokio::test]
async fn what_ended_in_doubt_stays_open_until_it_is_settled() {
    let world = World::new();
    let run = world.begin();
    let dropped = run.intent(intent(0, "a.dropped")).await.expect("writes");
    drop(dropped);
    let doubtful = run.intent(intent(1, "a.doubtful")).await.expect("writes");
    let failure = FailureRecord { message: "no answer".to_owned(), in_doubt: true, ..FailureRecord::default() };
    doubtful.fail(failure).await.expect("writes");
    let failed = run.intent(intent(2, "a.failed")).await.expect("writes");
    let mut tainted = row("a.failed", "{}");
    tainted.status = ObjectStatus::Tainted;
    let edits = vec![StateEdit::Put(Box::new(tainted))];
    failed.fail(FailureRecord { message: "refused".to_owned(), edits, ..FailureRecord::default() }).await.expect("writes");
    run.finish(RunEnd::Failed).await.expect("writes");
    let id = run.id();
    drop(run);

    let open = world.store.open_run().expect("reads").expect("is open");
    assert_eq!((open.record.unresolved, open.finished.len()), (2, 1));
    assert_eq!(open.record.ended.map(|e| e.1), Some(RunEnd::Failed));
    assert_eq!(open.unresolved[1].message.as_deref(), Some("no answer"));
    let guard = world.lock();
    let base = world.store.snapshot().expect("reads").base();
    let refused = world.store.begin(&guard, &crate::fixture::spec(base)).expect_err("is refused");
    assert!(matches!(refused, StateError::RunOpen { run } if run == id));

    let run = world.store.resume(&guard, &open).expect("resumes");
    run.reopen(&open.unresolved[0]).succeed(success(vec![put("a.dropped", "{}")])).await.expect("writes");
    run.reopen(&open.unresolved[1]).fail(FailureRecord::default()).await.expect("writes");
    run.finish(RunEnd::Interrupted).await.expect("writes");
    assert!(world.store.open_run().expect("reads").is_none());
    assert_eq!(addresses(&world.store), ["a.dropped", "a.failed"]);
    assert!(matches!(world.store.resume(&guard, &open).expect_err("is closed"), StateError::NotOpen { .. }));
}

#[tokio::test]
async fn a_run_that_failed_goes_on_under_its_number() {
    let world = World::new();
    let (guard, base) = (world.lock(), |world: &World| world.store.snapshot().expect("reads").base());
    let bundle = |text: &str| Bundle { digest: format!("digest of {text}"), format: 1, content: text.into() };
    let kept = Kept { bundle: bundle("files"), approval: b"agreed".to_vec() };
    let run = world.store.begin_keeping(&guard, &crate::fixture::spec(base(&world)), Some(&kept), &[]).expect("begins");
    run.intent(intent(0, "a.x")).await.expect("writes").succeed(success(vec![put("a.x", "{}")])).await.expect("writes");
    run.intent(intent(1, "a.y")).await.expect("writes").fail(FailureRecord::default()).await.expect("writes");
    run.finish(RunEnd::Failed).await.expect("writes");
    let id = run.id();
    drop(run);

    let planned = base(&world);
    let stale = world.store.go_on(&guard, id, Base { serial: planned.serial + 1, ..planned }).expect_err("is refused");
    assert!(matches!(stale, StateError::StaleBase { .. }));
    let run = world.store.go_on(&guard, id, planned).expect("goes on");
    assert_eq!((run.id(), run.first_seq(), world.store.kept(id).expect("reads")), (id, 2, Some(kept.clone())));
    run.intent(intent(2, "a.y")).await.expect("writes").succeed(success(vec![put("a.y", "{}")])).await.expect("writes");
    run.finish(RunEnd::Succeeded).await.expect("writes");
    drop(run);
    assert_eq!(base(&world).serial, 2, "what was planned before it went on is out of date");
    assert!(matches!(world.store.go_on(&guard, id, base(&world)), Err(StateError::NotOpen { .. })), "it has succeeded");

    let again = world.store.begin_keeping(&guard, &crate::fixture::spec(base(&world)), Some(&kept), &[]).expect("begins");
    again.finish(RunEnd::Failed).await.expect("writes");
    drop(again);
    assert!(matches!(world.store.go_on(&guard, id, base(&world)), Err(StateError::NotOpen { .. })), "it is not the newest");
    let sql = rusqlite::Connection::open(crate::fixture::path_in(world.dir.path())).expect("opens");
    let stored: i64 = sql.query_row("SELECT count(*) FROM config_bundles", [], |r| r.get(0)).expect("reads");
    assert_eq!(stored, 1, "what two runs share is stored once");
}

#[tokio::test]
async fn a_create_that_was_never_made_keeps_its_token_for_the_next_try() {
    let world = World::new();
    let never_made = || FailureRecord { message: levee_state::NEVER_MADE.to_owned(), ..FailureRecord::default() };
    let run = world.begin();
    let first = intent(0, "a.x");
    run.intent(first.clone()).await.expect("writes").fail(never_made()).await.expect("writes");
    run.intent(intent(1, "a.y")).await.expect("writes").fail(never_made()).await.expect("writes");
    run.intent(intent(2, "a.y")).await.expect("writes").succeed(success(Vec::new())).await.expect("writes");
    run.finish(RunEnd::Interrupted).await.expect("writes");
    drop(run);
    let run = world.begin();
    let token = |addr: &str| run.earlier_token(&addr.parse().expect("an address"));
    assert_eq!((token("a.x"), token("a.y"), token("a.z")), (Some(first.op_token), None, None));
    run.finish(RunEnd::Succeeded).await.expect("writes");
}

#[tokio::test]
async fn nothing_is_taken_after_the_end() {
    let world = World::new();
    let run = world.begin();
    let entry = run.intent_deferred(intent(0, "a.x"));
    run.finish(RunEnd::Interrupted).await.expect("writes");
    let late = entry.succeed(success(Vec::new())).await.expect_err("is refused");
    assert!(matches!(late, StateError::RunEnded));
    assert_eq!(world.other().open_run().expect("reads").expect("has an entry in doubt").unresolved.len(), 1);
}

#[tokio::test]
async fn a_broken_protocol_stops_the_writing_for_good() {
    let world = World::new();
    let run = world.begin();
    let entry = run.intent(intent(0, "a.x")).await.expect("writes");
    run.intent(intent(0, "a.x")).await.map(drop).expect_err("the number is taken");
    assert!(matches!(run.check(), Err(StateError::Internal { .. })));
    assert!(matches!(entry.checkpoint("i", None).await, Err(StateError::Internal { .. })));
    assert_eq!(world.other().open_run().expect("reads").expect("is open").unresolved.len(), 1);
}

#[tokio::test]
async fn durations_are_kept_by_type_and_action() {
    let world = World::new();
    let run = world.begin();
    for (seq, millis) in [(0, 40), (1, 60), (2, 50)] {
        let entry = run.intent(intent(seq, &format!("a.x[{seq}]"))).await.expect("writes");
        let mut outcome = success(Vec::new());
        outcome.duration = Duration::from_millis(millis);
        entry.succeed(outcome).await.expect("writes");
    }
    let durations = world.other().durations().expect("reads");
    assert_eq!(durations.len(), 1);
    let row = &durations[0];
    assert_eq!((row.type_name.as_str(), row.action.as_str(), row.samples), ("a", "create", 3));
    assert_eq!((row.typical, row.longest), (Duration::from_millis(50), Duration::from_millis(60)));
}

#[test]
fn debug_shows_no_values() {
    let mut secret = intent(0, "a.x");
    secret.planned = Some(Image { values: "{\"p\":\"hunter2\"}".to_owned(), sensitive_paths: String::new() });
    let output = OutputRow { value: "\"hunter2\"".to_owned(), type_json: String::new(), sensitive: true };
    let mut object = row("a.x", "{\"p\":\"hunter2\"}");
    object.private = Some(b"hunter2".to_vec());
    let checkpoint = levee_state::Checkpoint { id: "i".to_owned(), partial: Some("hunter2".to_owned()) };
    let shown = format!("{secret:?} {output:?} {object:?} {:?} {checkpoint:?}", StateEdit::Put(Box::new(object.clone())));
    assert!(!shown.contains("hunter2") && shown.contains("a.x"), "{shown}");
}

#[tokio::test]
async fn times_come_back_with_reads_between_the_steps() {
    let world = World::new();
    let run = world.begin();
    let since = |micros: u64| std::time::UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_000 + micros);
    let timing = |ready, started, ended, after| Timing {
        ready: since(ready),
        started: since(started),
        ended: since(ended),
        after,
        limited: Duration::from_micros(3),
        paused: Duration::from_micros(4),
        repeats: 5,
    };
    let (made, read, failed) = (timing(0, 1, 20, None), timing(20, 21, 30, Some(0)), timing(30, 31, 99, Some(1)));
    let entry = run.intent(intent(0, "a.x")).await.expect("writes");
    entry.succeed(Outcome { timing: Some(made), ..success(Vec::new()) }).await.expect("writes");
    run.read(ReadRecord { seq: 1, addr: "data.b.y".parse().expect("an address"), succeeded: true, timing: read });
    let entry = run.intent(intent(2, "a.z")).await.expect("writes");
    entry.fail(FailureRecord { timing: Some(failed), ..FailureRecord::default() }).await.expect("writes");
    let _cut_off = run.intent(intent(3, "a.last")).await.expect("writes");
    let found = world.other().timeline(run.id()).expect("reads");
    let told: Vec<_> = found.iter().map(|s| (s.seq, s.action.as_str(), s.outcome, s.timing)).collect();
    let expected = [
        (0, "create", Some(EntryOutcome::Succeeded), Some(made)),
        (1, "read", Some(EntryOutcome::Succeeded), Some(read)),
        (2, "create", Some(EntryOutcome::Failed), Some(failed)),
        (3, "create", None, None),
    ];
    assert_eq!(told, expected);
    let learned = world.other().durations().expect("reads");
    let read = learned.iter().find(|d| d.action == "read").expect("reads are measured");
    assert_eq!((read.type_name.as_str(), read.samples, read.typical), ("b", 1, Duration::from_micros(9)));
}
