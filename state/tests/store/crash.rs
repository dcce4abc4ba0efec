//! Killed without a warning, or refused by the disk: what was promised is there, and nothing else is claimed.

use crate::fixture::{World, addresses, begin, child, intent, lock, path_in, path_of_parent, put, success};
use levee_state::{Access, EntryOutcome, FailureRecord, RunEnd, StateError, Store};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// This binary again, to run one of the ignored tests below on the state in `dir`.
fn victim(name: &str, dir: &Path) -> Child {
    let mut command = child(std::env::current_exe().expect("a path"), name, dir);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("spawns")
}

fn victims_store() -> Store {
    Store::open(path_of_parent(), Access::ReadWrite).expect("opens")
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").expect("someone listens");
    out.flush().expect("someone listens");
}

/// Lines until one satisfies `enough`, and then the end of the child.
fn listen_and_kill(mut child: Child, mut enough: impl FnMut(&str) -> bool) {
    let out = BufReader::new(child.stdout.take().expect("is piped"));
    let reached = out.lines().map(|line| line.expect("text")).any(|line| enough(&line));
    child.kill().expect("kills");
    child.wait().expect("waits");
    assert!(reached, "the child ended by itself");
}

#[tokio::test]
#[ignore = "killed by another test"]
async fn one_entry_of_each_kind() {
    let store = victims_store();
    let run = begin(&store);
    let mut entries = Vec::new();
    for (seq, name) in ["done", "failed", "checkpointed", "called", "doubtful"].iter().enumerate() {
        entries.push(run.intent(intent(seq as u64, &format!("a.{name}"))).await.expect("writes"));
    }
    let mut entries = entries.into_iter();
    let mut next = || entries.next().expect("five");
    next().succeed(success(vec![put("a.done", "{}")])).await.expect("writes");
    next().fail(FailureRecord { message: "refused".to_owned(), ..FailureRecord::default() }).await.expect("writes");
    let checkpointed = next();
    checkpointed.checkpoint("i-7", None).await.expect("writes");
    let _called = next();
    next().fail(FailureRecord { message: "no answer".to_owned(), in_doubt: true, ..FailureRecord::default() }).await.expect("writes");
    tell("ready");
    std::thread::park();
}

#[tokio::test]
async fn a_killed_run_is_found_whole_and_its_lock_is_taken_over() {
    let dir = tempfile::tempdir().expect("temp dir");
    listen_and_kill(victim("crash::one_entry_of_each_kind", dir.path()), |line| line.ends_with("ready"));
    let store = Store::open(path_in(dir.path()), Access::ReadWrite).expect("opens");
    let open = store.open_run().expect("reads").expect("is open");
    let ids = open.unresolved.iter().map(|e| (e.intent.addr.to_string(), e.checkpoint.as_ref().map(|c| c.id.as_str())));
    let wanted = [("a.checkpointed", Some("i-7")), ("a.called", None), ("a.doubtful", None)];
    assert!(ids.eq(wanted.map(|(a, i)| (a.to_owned(), i))));
    let finished = open.finished.iter().map(|e| (e.addr.to_string(), e.succeeded));
    assert!(finished.eq([("a.done".to_owned(), true), ("a.failed".to_owned(), false)]));
    assert_eq!(open.record.ended, None);
    assert_eq!(addresses(&store), ["a.done"]);

    let guard = lock(&store);
    assert_eq!(guard.taken_over().map(|h| h.info.operation.as_str()), Some("apply"));
    let run = store.resume(&guard, &open).expect("resumes");
    for entry in &open.unresolved {
        let addr = entry.intent.addr.to_string();
        run.reopen(entry).succeed(success(vec![put(&addr, "{}")])).await.expect("writes");
    }
    run.finish(RunEnd::Interrupted).await.expect("writes");
    assert!(store.open_run().expect("reads").is_none());
    let snapshot = store.snapshot().expect("reads");
    // What was planned between the kill and the settling is out of date.
    assert_eq!((snapshot.objects.len(), snapshot.serial), (4, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "killed by another test"]
async fn steps_without_end() {
    let store = victims_store();
    let run = begin(&store);
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let run = run.clone();
            tokio::spawn(async move {
                for seq in (worker..).step_by(8) {
                    let addr = format!("a.x[{seq}]");
                    let entry = run.intent(intent(seq, &addr)).await.expect("writes");
                    tell(&format!("intent {seq}"));
                    entry.succeed(success(vec![put(&addr, "{}")])).await.expect("writes");
                    tell(&format!("outcome {seq}"));
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("never ends");
    }
}

#[test]
fn killed_at_any_moment_what_was_awaited_is_there() {
    for lines in [1, 2, 17, 60, 151, 400] {
        let dir = tempfile::tempdir().expect("temp dir");
        let (mut intents, mut outcomes) = (BTreeSet::new(), BTreeSet::new());
        let child = victim("crash::steps_without_end", dir.path());
        listen_and_kill(child, |line| {
            // The test harness may write before the first line.
            let mut words = line.rsplit(' ');
            let (number, word) = (words.next().and_then(|n| n.parse::<u64>().ok()), words.next());
            match (number, word) {
                (Some(n), Some(w)) if w.ends_with("intent") => drop(intents.insert(n)),
                (Some(n), Some(w)) if w.ends_with("outcome") => drop(outcomes.insert(n)),
                _ => {}
            }
            intents.len() + outcomes.len() >= lines
        });
        let store = Store::open(path_in(dir.path()), Access::ReadWrite).expect("opens");
        let open = store.open_run().expect("reads").expect("is open");
        let journal = store.journal(open.record.id).expect("reads");
        let recorded: BTreeSet<u64> = journal.iter().map(|e| e.intent.seq).collect();
        assert!(intents.is_subset(&recorded), "{lines}");
        let done: Vec<_> = journal.iter().filter(|e| e.outcome == Some(EntryOutcome::Succeeded)).collect();
        assert!(outcomes.is_subset(&done.iter().map(|e| e.intent.seq).collect()), "{lines}");
        // An outcome and its row: both or none.
        assert!(addresses(&store).into_iter().eq(done.iter().map(|e| e.intent.addr.to_string())), "{lines}");
        assert_eq!(open.unresolved.len() + open.finished.len(), journal.len());
    }
}

#[tokio::test]
#[ignore = "run by another test, with a limit on the size of files"]
async fn steps_until_the_disk_refuses() {
    let store = victims_store();
    let run = begin(&store);
    let mut acknowledged = 0;
    let error = loop {
        let mut large = intent(acknowledged, "a.x");
        large.planned.as_mut().expect("is there").values = "v".repeat(20_000);
        match run.intent(large).await {
            Ok(_in_doubt) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StateError::Io { .. } | StateError::DiskFull { .. }), "{error}");
    let again = run.intent(intent(9_999_999, "a.x")).await.expect_err("the writing has stopped");
    assert_eq!(again.to_string(), error.to_string());
    assert!(run.finish(RunEnd::Failed).await.is_err());
    tell(&format!("acknowledged {acknowledged}"));
}

#[test]
#[cfg(unix)]
fn when_the_disk_refuses_nothing_is_claimed_that_is_not_there() {
    let dir = tempfile::tempdir().expect("temp dir");
    let world = World::new(); // shows that the limit is the child's alone
    let plain = child(std::env::current_exe().expect("a path"), "crash::steps_until_the_disk_refuses", dir.path());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    let (_, rest) = text.split_once("acknowledged ").expect("told");
    let count: usize = rest.split_whitespace().next().expect("a number").parse().expect("a number");
    let store = Store::open(path_in(dir.path()), Access::ReadWrite).expect("opens");
    let open = store.open_run().expect("reads").expect("is open");
    assert!(count > 0 && open.unresolved.len() == count, "{count} of {}", open.unresolved.len());
    assert!(world.store.open_run().expect("reads").is_none());
}
