//! `kill -9` at any moment of the first apply of 1,000 objects of the simulated cloud: the state opens, the next apply
//! completes what is missing, and the world holds what the state says and nothing else.
//!
//! `LEVEE_KILLS=24 cargo test --test cli thousand` kills more often than the suite does; `LEVEE_SEED` repeats moments.

use crate::background::Background;
use crate::test_env::{TestEnv, until};
use levee_sim::random::Random;
use levee_sim::world::World;
use levee_sim::world_file::history;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often the suite kills.
const KILLS: u64 = 4;
const OBJECTS: usize = 1000;
/// The kill comes at most so many milliseconds after the line of the world that was waited for.
const LATER: usize = 20;

const MAIN: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  world = "world.jsonl"
  latency {
    distribution = "uniform"
    ms           = 0
    up_to_ms     = 8
  }
}

resource "sim_object" "a" {
  count = 500
  name  = "a${count.index}"
}

resource "sim_object" "b" {
  count    = 500
  name     = "b${count.index}"
  attached = [sim_object.a[count.index].id]
}
"#;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn a_thousand_objects_survive_any_kill() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| u64::from(d.subsec_nanos()));
    let seed = number("LEVEE_SEED").unwrap_or_else(now);
    let mut random = Random::of(seed);
    for n in 0..number("LEVEE_KILLS").unwrap_or(KILLS) {
        // Two lines tell of each object: most kills come amid the work, a few before or after it.
        let (line, pause) = (random.below(2 * OBJECTS + 100), random.below(LATER));
        eprintln!("kill {n} of LEVEE_SEED={seed}: {pause} ms after line {line} of the world");
        killed_at(line, Duration::from_millis(u64::try_from(pause).expect("a small number")));
    }
}

fn killed_at(line: usize, pause: Duration) {
    let env = TestEnv::new("thousand");
    env.write("main.tf", MAIN);
    let world = env.path("world.jsonl");
    let run = Background::start(&env, "run", &["apply", "-auto-approve"]);
    let lines = || fs::read(&world).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
    until("the moment of the kill", || lines() >= line.min(2 * OBJECTS));
    // Not to wait for anything: it makes the moment of the kill a random one.
    std::thread::sleep(pause);
    run.kill();
    env.levee(["state", "list"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    let mut found = World::default();
    history(&world).expect("the world can be read").into_iter().for_each(|line| found.apply(line));
    let there: BTreeSet<String> = found.objects().keys().cloned().collect();
    assert_eq!(there.len(), OBJECTS, "nothing is missing, and nothing was made twice");
    let shown = env.levee(["show", "-json"]).ok().json();
    let resources = shown["values"]["root_module"]["resources"].as_array().expect("resources").clone();
    let known: BTreeSet<String> = resources.iter().filter_map(|r| r["values"]["id"].as_str().map(str::to_owned)).collect();
    assert_eq!(known, there, "the state knows what is there");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}
