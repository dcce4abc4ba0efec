//! How fast the store is: `cargo bench -p levee-state`, with nothing else running.

#[path = "../tests/store/fixture.rs"]
#[expect(dead_code, reason = "the tests' fixture holds more than figures need")]
mod fixture;

use fixture::{World, intent, put, success};
use levee_state::RunEnd;
use std::fmt::Display;
use std::io::Write;
use std::time::Instant;

fn tell(what: &str, figure: impl Display) {
    writeln!(std::io::stderr(), "{what}: {figure}").expect("someone listens");
}

/// The most memory this process ever held, in MiB, where the system tells.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// What an apply of 10,000 instant resources spends in the store, its backup included.
async fn small(values: &str) {
    let world = World::new();
    let start = Instant::now();
    let run = world.begin();
    for seq in 0..10_000 {
        let addr = format!("terraform_data.x[{seq}]");
        let mut step = intent(seq, &addr);
        step.planned.as_mut().expect("is there").values = values.to_owned();
        run.intent_deferred(step).succeed_deferred(success(vec![put(&addr, values)]));
    }
    run.finish(RunEnd::Succeeded).await.expect("writes");
    let written = start.elapsed();
    world.store.rotate_backups().expect("copies").expect("is made");
    tell("10,000 deferred pairs", format!("{written:?}, with a backup {:?}", start.elapsed()));
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let world = World::new();
    let values = format!("{{\"id\":\"x\",\"input\":\"{}\"}}", "v".repeat(200));
    let run = world.begin();
    let start = Instant::now();
    for seq in 0..100_000 {
        let addr = format!("terraform_data.x[{seq}]");
        let mut step = intent(seq, &addr);
        step.planned.as_mut().expect("is there").values.clone_from(&values);
        run.intent_deferred(step).succeed_deferred(success(vec![put(&addr, &values)]));
    }
    run.finish(RunEnd::Succeeded).await.expect("writes");
    let deferred = start.elapsed();
    tell("100,000 deferred pairs", format!("{deferred:?}, {:?}, peak {} MiB", run.stats(), peak_mib()));
    drop(run);

    let snapshot = |_| {
        let start = Instant::now();
        world.other().snapshot().expect("reads");
        start.elapsed()
    };
    let best = (0..9).map(snapshot).min();
    tell("snapshot of 100,000, the best of nine", format!("{best:?}, peak {} MiB", peak_mib()));

    let start = Instant::now();
    world.other().open_run().expect("reads");
    tell("opening it and asking for an open run", format!("{:?}", start.elapsed()));
    let start = Instant::now();
    let report = levee_state::check(&world.path()).expect("looks").expect("is there");
    assert!(report.damage.is_empty());
    tell("a check of it", format!("{:?}, {} MiB on disk", start.elapsed(), report.size >> 20));
    let start = Instant::now();
    world.store.rotate_backups().expect("copies").expect("is made");
    tell("a backup of it, read again", format!("{:?}, peak {} MiB", start.elapsed(), peak_mib()));
    let start = Instant::now();
    world.store.rotate_backups().expect("looks");
    tell("finding out that no backup is needed", format!("{:?}", start.elapsed()));
    small(&values).await;

    let run = world.begin();
    let start = Instant::now();
    let workers: Vec<_> = (0..64)
        .map(|worker| {
            let (run, values) = (run.clone(), values.clone());
            tokio::spawn(async move {
                for seq in (worker..10_000).step_by(64) {
                    let addr = format!("terraform_data.y[{seq}]");
                    let entry = run.intent(intent(seq, &addr)).await.expect("writes");
                    entry.succeed(success(vec![put(&addr, &values)])).await.expect("writes");
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("no panic");
    }
    let durable = start.elapsed();
    tell("10,000 durable pairs, 64 at a time, on a state of 100,000", format!("{durable:?}, {:?}", run.stats()));
    let start = Instant::now();
    for seq in 10_000..10_100 {
        drop(run.intent(intent(seq, "a.x")).await.expect("writes"));
    }
    tell("a lone durable intent", format!("{:?}", start.elapsed() / 100));
}
