//! What a peer was provoked with, measured, and what it did wrong: the same provocations, and the endings that are right. Those
//! that need an emulated AWS are in `tests/crash/provocations.rs`.

use crate::background::Background;
use crate::test_env::{Output, TestEnv};
use levee_sim::world::World;
use levee_sim::world_file::history;
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

/// `body` in a world of its own, whose provider block has `inside`.
fn world(inside: &str, body: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    sim = {{ source = \"levee/sim\" }}\n  }}\n}}\n\nprovider \"sim\" {{\n  world = \"w.jsonl\"\n{inside}}}\n\n{body}"
    )
}

/// Objects in layers, so that there is always something left to do.
const LAYERS: &str = r#"
resource "sim_object" "a" {
  count       = 20
  name        = "a${count.index}"
  unique_name = "a${count.index}"
}

resource "sim_object" "b" {
  count = 20
  name  = "b"
  refs  = [sim_object.a[count.index].id]
}

resource "sim_cluster" "c" {
  count = 4
  name  = "c${count.index}"
  depends_on = [sim_object.b]
}
"#;

const SLOW: &str = "  latency {\n    ms = 40\n  }\n";

/// How many objects the world holds, by their names.
fn held(env: &TestEnv) -> BTreeMap<String, usize> {
    let mut world = World::default();
    history(&env.path("w.jsonl")).expect("a world").into_iter().for_each(|line| world.apply(line));
    let mut out = BTreeMap::new();
    for object in world.objects().values() {
        *out.entry(object.name.clone()).or_default() += 1;
    }
    out
}

/// Kills an apply after so many objects.
fn killed(env: &TestEnv, objects: usize) {
    let mut run = Background::start(env, "run", &["apply", "-auto-approve"]);
    assert!(run.reaches(objects, "Creation complete"), "it is not through by then");
    run.kill();
}

fn is_whole(env: &TestEnv) {
    let held = held(env);
    let named = |kind: char| held.iter().filter(|(name, _)| name.starts_with(kind)).map(|(_, n)| *n).collect::<Vec<_>>();
    assert_eq!((named('a'), named('b'), named('c')), (vec![1; 20], vec![20], vec![1; 4]), "{held:?}");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

/// It forgot what it had made, and then failed for good at names that were taken, or built objects without names again.
#[test]
fn a_kill_in_a_first_run_costs_nothing() {
    for objects in [1, 9, 19, 23, 38] {
        let env = TestEnv::new("provoked-kill");
        env.write("main.tf", &world(SLOW, LAYERS));
        killed(&env, objects);
        env.levee(["apply", "-auto-approve"]).ok();
        is_whole(&env);
    }
}

/// The same at the one moment that chance seldom meets: the object is made, and its answer is not written down yet.
#[test]
fn what_was_made_unheard_is_adopted() {
    let env = TestEnv::new("provoked-unheard");
    env.write("main.tf", &world("", LAYERS));
    let mut dying = env.command(&["apply", "-auto-approve"]);
    dying.env("LEVEE_FAIL_POINT", "call.after=7");
    env.run(dying).hides("Apply complete!");
    env.levee(["apply", "-auto-approve"]).ok().says("Left open by an earlier run: adopted");
    is_whole(&env);
}

/// Its lock outlived a dead process of the same machine by half an hour.
#[test]
fn the_lock_of_a_dead_process_is_taken_over_at_once() {
    let env = TestEnv::new("provoked-lock");
    env.write("main.tf", &world(SLOW, LAYERS));
    killed(&env, 5);
    let out = env.levee(["apply", "-auto-approve"]).ok().says("was taken over: that process is gone");
    assert!(out.elapsed < Duration::from_secs(20), "{out}");
}

/// It left at once, with work in flight that was recorded; so are we as good: what is under way is awaited, nothing is in doubt,
/// and the ways on are named.
#[test]
fn an_interrupt_leaves_nothing_in_doubt() {
    let env = TestEnv::new("provoked-interrupt");
    env.write("main.tf", &world(SLOW, LAYERS));
    let mut run = Background::start(&env, "run", &["apply", "-auto-approve", "-detailed-exitcode"]);
    run.wait_for("Creation complete");
    run.interrupt();
    let (status, log) = run.finish();
    assert_eq!(status.code(), Some(5), "{log}");
    for told in ["Apply interrupted", "Not started:", "the run was told to stop", "levee resume", "levee apply"] {
        assert!(log.contains(told), "{told} is not said: {log}");
    }
    env.levee(["plan"]).ok().hides("was not brought to its end");
    env.levee(["resume"]).ok().says("Apply complete!");
    is_whole(&env);
}

/// It reported success where a part was refused, and never mended it.
#[test]
fn a_part_that_failed_is_a_failure() {
    let env = TestEnv::new("provoked-part");
    let fault = "  fault {\n    kind   = \"invalid\"\n    action = \"update\"\n    nth    = 1\n  }\n";
    let body = |size: u8| format!("resource \"sim_object\" \"a\" {{\n  name = \"a\"\n  size = {size}\n}}\n");
    env.write("main.tf", &world(fault, &body(1)));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &world(fault, &body(2)));
    let out = env.levee(["apply", "-auto-approve", "-detailed-exitcode"]).code(4);
    out.says("sim_object.a could not be changed").says("0 added, 0 changed, 0 destroyed; 1 failed").hides("Apply complete");
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("1 to change");
    env.levee(["resume"]).ok().says("1 changed");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

fn stuck(out: Output) -> Output {
    out.says("could not be deleted").says("20 destroyed; 1 failed, 1 not started")
}

/// It waited for minutes on what depends on an object that could not be deleted.
#[test]
fn a_delete_that_is_refused_holds_up_nothing_else() {
    let env = TestEnv::new("provoked-delete");
    let fault = "  fault {\n    kind   = \"invalid\"\n    action = \"delete\"\n    name   = \"stuck\"\n    nth    = 1\n  }\n";
    let body = r#"
resource "sim_object" "below" {
  name = "below"
}

resource "sim_object" "stuck" {
  name = "stuck"
  refs = [sim_object.below.id]
}

resource "sim_object" "others" {
  count = 20
  name  = "other"
}
"#;
    env.write("main.tf", &world(fault, body));
    env.levee(["apply", "-auto-approve"]).ok();
    let out = stuck(env.levee(["destroy", "-auto-approve"]).refused());
    let out = out.says("sim_object.below: to be destroyed; waits for sim_object.stuck, which failed").says("levee resume");
    assert!(out.elapsed < Duration::from_secs(20), "{out}");
    env.holds(&["sim_object.below", "sim_object.stuck"]);
    env.levee(["resume"]).ok().says("2 destroyed");
    assert!(held(&env).is_empty());
}

/// 400 objects, 100 ms a call: one write of the whole state for each delete took it 49 s.
#[test]
fn many_deletes_cost_their_calls_and_no_more() {
    let env = TestEnv::new("provoked-many");
    let body = "resource \"sim_object\" \"a\" {\n  count = 400\n  name  = \"a${count.index}\"\n}\n";
    env.write("main.tf", &world("  latency {\n    ms = 100\n  }\n", body));
    env.levee(["apply", "-auto-approve", "-parallelism=50"]).ok();
    let out = env.levee(["destroy", "-auto-approve", "-refresh=false", "-parallelism=50"]).ok().says("400 destroyed");
    assert!(out.elapsed < Duration::from_secs(12), "400 calls of 100 ms, 50 at a time, are 0.8 s: {:?}", out.elapsed);
}

/// It took 2.7 s and 264 MB to say its version.
#[test]
fn the_version_is_said_at_once() {
    let env = TestEnv::new("provoked-version");
    let took = |_| {
        let began = Instant::now();
        env.levee(["version"]).ok();
        began.elapsed()
    };
    let best = (0..5).map(took).min().expect("five");
    assert!(best < Duration::from_millis(500), "{best:?}");
    assert!(!fs::exists(env.path(".levee")).expect("a look"), "nothing is made");
}
