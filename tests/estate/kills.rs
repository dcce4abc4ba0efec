//! `kill -9` at any moment of a run, then the same command again: the estate is complete, or gone, and nothing is there that
//! levee does not know.

use crate::estate::{Estate, TIDEPOOL, figure};
use crate::random::Random;
use crate::{inspected, ownership};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// Lines that a run of the example tells about objects: one when each begins, one when it is done.
const MOMENTS: u64 = 160;
/// The kill comes at most so many milliseconds after the line that was waited for.
const LATER: u64 = 30;
/// With slow calls most kills land between a call and its answer.
const SLOW_CALLS: f64 = 0.02;

/// How many runs are killed, and what decides when.
fn luck() -> (u64, Random) {
    let kills = std::env::var("LEVEE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let (random, seed) = Random::new();
    figure(&format!("{kills} kills, LEVEE_SEED={seed}"));
    (kills, random)
}

#[test]
fn the_next_apply_completes_what_a_kill_left() {
    let (kills, mut random) = luck();
    let estate = Estate::new("kills");
    for n in 0..kills {
        estate.start_over();
        if n % 2 == 1 {
            estate.control.post("delay", &json!({ "seconds": SLOW_CALLS }));
        }
        let mut told = kill(&estate, "apply", random.below(MOMENTS), &mut random);
        // Every third is killed once more while it finds out what the first left, or soon after.
        if n % 3 == 2 {
            told += kill(&estate, "apply", random.below(20), &mut random);
        }
        let out = estate.levee(["apply", "-auto-approve"]).ok();
        let left_open = out.stdout.matches("Left open by an earlier run").count();
        figure(&format!("kill {n} after {told} lines: {left_open} steps were open, apply took {:?}", out.elapsed));
        ownership::check(&estate, TIDEPOOL);
        inspected::check(&estate.script("inspect_estate.py").json());
        estate.is_settled();
    }
}

#[test]
fn the_next_destroy_completes_what_a_kill_left() {
    let (kills, mut random) = luck();
    let estate = Estate::new("kills-of-destroy");
    for n in 0..kills.div_ceil(3) {
        estate.start_over();
        estate.levee(["apply", "-auto-approve"]).ok();
        estate.control.post("delay", &json!({ "seconds": SLOW_CALLS }));
        let told = kill(&estate, "destroy", random.below(MOMENTS), &mut random);
        let out = estate.levee(["destroy", "-auto-approve"]).ok();
        figure(&format!("kill {n} of destroy after {told} lines: destroy took {:?}", out.elapsed));
        assert_eq!(estate.control.get("world"), json!([]));
        estate.env.holds(&[]);
    }
}

/// Starts a run and kills it a moment after it has told so many things about objects; how many it had told.
fn kill(estate: &Estate, verb: &str, line: u64, random: &mut Random) -> u64 {
    let mut command = estate.command(&[verb, "-auto-approve"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("levee can be started");
    let out = BufReader::new(run.stdout.take().expect("it is piped"));
    let is_step =
        |l: &String| [": Creating...", ": Creation complete", ": Destroying...", ": Destruction complete"].iter().any(|s| l.contains(s));
    let told = out.lines().map_while(Result::ok).filter(is_step);
    let told = told.take(usize::try_from(line).expect("a small number")).count();
    // Not to wait for anything: it makes the moment of the kill a random one.
    std::thread::sleep(Duration::from_millis(random.below(LATER)));
    run.kill().expect("it can be killed");
    run.wait().expect("it has ended");
    told as u64
}
