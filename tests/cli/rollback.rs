//! Undoing runs: after a rollback the world, the files and the state are what they were, whatever the run did.

use crate::background::Background;
use crate::test_env::{Output, TestEnv, until};
use levee_sim::random::Random;
use levee_sim::world::World;
use levee_sim::world_file::history;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

const HEAD: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  world = "world.jsonl"
}
"#;

/// Each type with its arguments: as they are at first, with a change in place, and with one that needs a new object.
const TYPES: [(&str, &str, &str, &str); 20] = [
    ("sim_object", "name = \"o\"\ntags = { a = \"1\" }", "name = \"o\"\nsize = 2", "name = \"o\"\nzone = \"z\""),
    ("sim_network", "name = \"n\"\ncidr = \"10.0.0.0/16\"", "name = \"m\"\ncidr = \"10.0.0.0/16\"", "name = \"n\"\ncidr = \"10.1.0.0/16\""),
    ("sim_cluster", "name = \"c\"", "name = \"c\"", "name = \"d\""),
    ("null_resource", "triggers = { a = \"1\" }", "triggers = { a = \"1\" }", "triggers = { a = \"2\" }"),
    ("terraform_data", "input = 1", "input = { a = 2 }", "input = 1\ntriggers_replace = 2"),
    ("random_bytes", "length = 4", "length = 4", "length = 8"),
    ("random_id", "byte_length = 4", "byte_length = 4", "byte_length = 8"),
    ("random_integer", "min = 1\nmax = 99999", "min = 1\nmax = 99999", "min = 5\nmax = 99999"),
    ("random_password", "length = 20", "length = 20\nmin_lower = 0", "length = 24"),
    ("random_pet", "length = 2", "length = 2", "length = 3"),
    ("random_shuffle", "input = [\"a\", \"b\", \"c\"]", "input = [\"a\", \"b\", \"c\"]", "input = [\"a\", \"b\"]"),
    ("random_string", "length = 20", "length = 20", "length = 24"),
    ("random_uuid", "keepers = { a = 1 }", "keepers = { a = 1 }", "keepers = { a = 2 }"),
    ("time_offset", "offset_days = 1", "offset_days = 2", "offset_days = 1\ntriggers = { a = 1 }"),
    ("time_rotating", "rotation_days = 1", "rotation_days = 2", "rotation_days = 1\ntriggers = { a = 1 }"),
    ("time_static", "triggers = { a = 1 }", "triggers = { a = 1 }", "triggers = { a = 2 }"),
    ("time_sleep", "create_duration = \"1ms\"", "create_duration = \"2ms\"", "create_duration = \"1ms\"\ntriggers = { a = 1 }"),
    ("local_file", "filename = \"f\"\ncontent = \"1\"", "filename = \"f\"\ncontent = \"1\"", "filename = \"f\"\ncontent = \"2\""),
    ("local_sensitive_file", "filename = \"s\"\ncontent = \"1\"", "filename = \"s\"\ncontent = \"1\"", "filename = \"t\"\ncontent = \"1\""),
    (
        "sim_rule",
        "parent = sim_object.a.id\nport = 1",
        "parent = sim_object.a.id\nport = 1\ndescription = \"d\"",
        "parent = sim_object.a.id\nport = 2",
    ),
];

/// The world, the files and the state, a line for each thing, with addresses in place of ids. What counts changes is left out.
#[derive(PartialEq, Clone)]
struct Seen(BTreeSet<String>);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn seen(env: &TestEnv) -> Seen {
    let pulled = env.levee(["state", "pull"]).ok();
    let state = if pulled.stdout.is_empty() { serde_json::json!({ "outputs": {} }) } else { pulled.json() };
    let mut ids = BTreeMap::new();
    let mut lines = BTreeSet::from([format!("outputs {}", state["outputs"])]);
    for resource in state["resources"].as_array().into_iter().flatten() {
        for instance in resource["instances"].as_array().into_iter().flatten() {
            let addr = format!("<{}.{}.{}{}>", resource["module"], resource["type"], resource["name"], instance["index_key"]);
            lines.insert(format!("state {addr} {} {}", resource["provider"], without_counts(instance)));
            // What lives in the state alone is the same to the letter.
            let made = |id: &&str| ["obj-", "net-", "clu-"].iter().any(|prefix| id.starts_with(prefix));
            if let Some(id) = instance["attributes"]["id"].as_str().filter(made) {
                ids.insert(id.to_owned(), addr);
            }
        }
    }
    let mut world = World::default();
    if env.path("world.jsonl").exists() {
        history(&env.path("world.jsonl")).expect("the world can be read").into_iter().for_each(|line| world.apply(line));
    }
    for object in world.objects().values() {
        let mut values = without_counts(&object.values);
        if let Some(members) = values.as_object_mut() {
            members.retain(|name, _| name != "id" && name != "arn");
        }
        lines.insert(format!("world {} {} {} {values}", object.id, object.type_name, object.name));
    }
    for name in ["f", "s", "t"] {
        lines.insert(format!("file {name} {:?}", fs::read_to_string(env.path(name)).ok()));
    }
    Seen(lines.into_iter().map(|line| ids.iter().fold(line, |line, (id, addr)| line.replace(id, addr))).collect())
}

/// Says what is missing and what is too much.
#[track_caller]
fn same(found: &Seen, wanted: &Seen) {
    let missing = Seen(wanted.0.difference(&found.0).cloned().collect());
    let beyond = Seen(found.0.difference(&wanted.0).cloned().collect());
    assert!(missing.0.is_empty() && beyond.0.is_empty(), "missing:\n{missing:?}\ntoo much:\n{beyond:?}");
}

fn without_counts(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value::{Array, Object};
    match value {
        Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != "generation");
            Object(kept.map(|(name, v)| (name.clone(), without_counts(v))).collect())
        }
        Array(items) => items.iter().map(without_counts).collect(),
        other => other.clone(),
    }
}

fn all_types(which: usize, lifecycle: &str) -> String {
    TYPES.iter().fold(HEAD.to_owned(), |mut out, (name, first, in_place, anew)| {
        let body = [first, in_place, anew][which];
        let _ = write!(out, "\nresource \"{name}\" \"a\" {{\n{body}\n{lifecycle}}}\n");
        out
    })
}

/// A run is applied, and undone without a configuration that could be read.
#[track_caller]
fn there_and_back(env: &TestEnv, changed: &str) -> Output {
    let before = seen(env);
    env.write("main.tf", changed);
    env.levee(["apply", "-auto-approve"]).ok();
    assert_ne!(seen(env), before, "the run did nothing");
    env.write("main.tf", "this is no configuration {");
    let out = env.levee(["rollback", "-auto-approve"]).ok().says("Rollback complete!");
    same(&seen(env), &before);
    out
}

#[test]
fn every_type_and_every_kind_of_change() {
    let env = TestEnv::new("undone");
    let first = all_types(0, "");
    there_and_back(&env, &first).says("20 destroyed");
    env.write("main.tf", &first);
    env.levee(["apply", "-auto-approve"]).ok();
    there_and_back(&env, &all_types(1, ""));
    there_and_back(&env, &all_types(2, ""));
    there_and_back(&env, &all_types(2, "lifecycle {\n  create_before_destroy = true\n}\n"));
    there_and_back(&env, HEAD).says("20 added");
    env.write("main.tf", &first);
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

/// Objects that depend on one that is made again are told its new id, in modules and in outputs too.
#[test]
fn what_refers_to_an_object_follows_it() {
    let env = TestEnv::new("follows");
    env.write(
        "m/main.tf",
        &format!(
            "{}\nvariable \"on\" {{}}\nresource \"sim_object\" \"in\" {{\n  name = \"in\"\n  refs = [var.on]\n}}\n",
            HEAD.split("provider \"sim\"").next().unwrap_or_default()
        ),
    );
    let main = |cidr: &str| {
        format!(
            "{HEAD}\nresource \"sim_network\" \"n\" {{\n  name = \"n\"\n  cidr = \"{cidr}\"\n}}\n\
             resource \"sim_object\" \"a\" {{\n  count = 2\n  name = \"a${{count.index}}\"\n  refs = [sim_network.n.id]\n  tags = {{ arn = \"is ${{sim_network.n.arn}}!\" }}\n}}\n\
             resource \"terraform_data\" \"t\" {{\n  input = sim_network.n.arn\n}}\n\
             module \"m\" {{\n  source = \"./m\"\n  for_each = toset([\"x\", \"y\"])\n  on = sim_object.a[0].id\n}}\noutput \"n\" {{\n  value = sim_network.n.id\n}}\n"
        )
    };
    env.write("main.tf", &main("10.0.0.0/16"));
    env.levee(["init"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    there_and_back(&env, &main("10.1.0.0/16"));
    let before = seen(&env);
    env.levee(["destroy", "-auto-approve"]).refused();
    env.write("main.tf", &main("10.0.0.0/16"));
    env.levee(["destroy", "-auto-approve"]).ok();
    env.levee(["rollback", "-auto-approve"]).ok().says("6 added, 0 changed, 0 destroyed");
    same(&seen(&env), &before);
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

/// What only the state was told is undone in the state only.
#[test]
fn moves_imports_and_what_was_forgotten() {
    let env = TestEnv::new("state-only");
    let object = |name: &str| format!("resource \"sim_object\" \"{name}\" {{\n  name = \"x\"\n}}\n");
    env.write("main.tf", &format!("{HEAD}{}", object("a")));
    env.levee(["apply", "-auto-approve"]).ok();
    there_and_back(&env, &format!("{HEAD}{}moved {{\n  from = sim_object.a\n  to = sim_object.b\n}}\n", object("b")))
        .says("sim_object.b has moved to sim_object.a");
    let forgotten = format!("{HEAD}removed {{\n  from = sim_object.a\n  lifecycle {{\n    destroy = false\n  }}\n}}\n");
    there_and_back(&env, &forgotten);
    let id = env.levee(["state", "show", "sim_object.a"]).ok().attribute("id");
    env.write("main.tf", &forgotten);
    env.levee(["apply", "-auto-approve"]).ok();
    let import = format!("{HEAD}{}import {{\n  to = sim_object.a\n  id = {id}\n}}\n", object("a"));
    there_and_back(&env, &import);
    env.holds(&[]);
}

fn objects(names: &[&str], more: &str) -> String {
    let one = |name: &&str| format!("resource \"sim_object\" \"{name}\" {{\n  name = \"{name}\"\n{more}}}\n");
    format!("{HEAD}{}", names.iter().map(one).collect::<String>())
}

#[test]
fn one_after_the_other_and_a_rollback_of_a_rollback() {
    let env = TestEnv::new("undo-redo");
    let mut states = vec![seen(&env)];
    for main in [objects(&["a"], ""), objects(&["a", "b"], "  size = 2\n"), objects(&["b"], "")] {
        env.write("main.tf", &main);
        env.levee(["apply", "-auto-approve"]).ok();
        states.push(seen(&env));
    }
    env.levee(["rollback", "-auto-approve", "2"]).refused().says("A later run is in the way").says("run 3").says("sim_object.b");
    env.levee(["rollback", "-auto-approve"]).ok().says("Rolling back run 3");
    same(&seen(&env), &states[2]);
    env.levee(["rollback", "-auto-approve", "3"]).refused().says("rolled back already").says("levee rollback 4");
    env.levee(["rollback", "-auto-approve", "4"]).ok().says("the rollback of run 3");
    same(&seen(&env), &states[3]);
    for state in states[..3].iter().rev() {
        env.levee(["rollback", "-auto-approve"]).ok();
        same(&seen(&env), state);
    }
    env.levee(["rollback", "-auto-approve"]).refused().says("nothing to roll back");
}

#[test]
fn what_is_to_stay_stays() {
    let env = TestEnv::new("stays");
    env.write("main.tf", HEAD);
    env.levee(["apply", "-auto-approve"]).ok();
    let guarded = "  lifecycle {\n    prevent_destroy = true\n  }\n";
    let user = "resource \"sim_object\" \"user\" {\n  name = \"user\"\n  attached = [sim_object.a.id]\n}\n";
    env.write(
        "main.tf",
        &format!("{}{user}resource \"sim_object\" \"kept\" {{\n  name = \"kept\"\n{guarded}}}\n", objects(&["a", "b"], "")),
    );
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["rollback", "-auto-approve", "-skip=sim_object.nothing"]).refused().says("Nothing to skip");
    env.levee(["rollback"]).refused().says("sim_object.kept: it is to be destroyed, and prevent_destroy is set");
    // What is skipped keeps what it depends on.
    let out = env.levee(["rollback", "-auto-approve", "-skip=sim_object.user"]).code(4);
    out.says("sim_object.user: skipped").says("sim_object.user, which stays, depends on it").says("0 added, 0 changed, 1 destroyed");
    env.holds(&["sim_object.a", "sim_object.kept", "sim_object.user"]);
}

/// A block that was applied with `prevent_destroy` holds its objects, whatever the directory says by then.
#[test]
fn what_must_not_be_destroyed_stays_wherever_its_block_has_gone() {
    let env = TestEnv::new("held");
    let guarded = "  lifecycle {\n    prevent_destroy = true\n  }\n";
    let apply = |main: &str| {
        env.write("main.tf", main);
        env.levee(["apply", "-auto-approve"]).ok();
    };
    apply(&objects(&["a"], ""));
    apply(&objects(&["a", "b"], ""));
    apply(&format!("{}{}", objects(&["a", "c"], ""), objects(&["b"], guarded).replace(HEAD, "")));
    env.write("main.tf", HEAD);
    env.levee(["rollback", "2"]).code(4).says("sim_object.b: it is to be destroyed, and prevent_destroy is set");
    env.holds(&["sim_object.a", "sim_object.b", "sim_object.c"]);
    apply(&format!("{}{}", objects(&["a", "b"], ""), objects(&["c"], "  size = 2\n").replace(HEAD, "")));
    env.levee(["rollback", "-auto-approve", "2"]).ok().says("1 destroyed");
    env.holds(&["sim_object.a", "sim_object.c"]);
}

/// What `ignore_changes` names is somebody else's, but for what the run itself has made.
#[test]
fn what_is_left_to_others_is_left() {
    let env = TestEnv::new("left");
    let main = |more: &str| objects(&["a"], &format!("  tags = {{ ours = 1 }}\n{more}  lifecycle {{\n    ignore_changes = [tags]\n  }}\n"));
    let apply = |main: &str| {
        env.write("main.tf", main);
        env.levee(["apply", "-auto-approve"]).ok();
    };
    let by_somebody_else = |tag: &str| {
        let id = env.levee(["state", "show", "sim_object.a"]).ok().attribute("id");
        let _ = fs::remove_dir_all(env.path("other"));
        let head = HEAD.replace("world.jsonl", "../world.jsonl");
        let object = format!("resource \"sim_object\" \"x\" {{\n  name = \"a\"\n  size = 2\n  zone = null\n  tags = {{ {tag} = 1 }}\n}}\n");
        env.write("other/main.tf", &format!("{head}{object}import {{\n  to = sim_object.x\n  id = {id}\n}}\n"));
        env.levee(["-chdir=other", "apply", "-auto-approve"]).ok().says("1 changed");
    };
    let has = |tag: &str, size: &str| {
        env.levee(["refresh"]).ok();
        let shown = env.levee(["state", "show", "sim_object.a"]).ok();
        assert_eq!((shown.stdout.contains(&format!("\"{tag}\" = ")), shown.attribute("size")), (true, size.to_owned()), "{shown}");
    };
    apply(&main(""));
    apply(&main("  size = 2\n"));
    by_somebody_else("theirs");
    let out = env.levee(["rollback", "-auto-approve", "2"]).ok().says("1 changed");
    has("theirs", "1");
    out.hides("- theirs");
    // What the run sets with a new object, it is not left to others.
    apply(&main("  zone = \"z\"\n"));
    has("ours", "1");
    env.levee(["rollback", "-auto-approve"]).ok().says("1 added, 0 changed, 1 destroyed");
    has("theirs", "1");
}

/// Something that levee does not know of is attached to an object; the rest is undone, and once it can, that goes too.
#[test]
fn what_is_stuck_is_told_and_gone_on_with() {
    let env = TestEnv::new("stuck");
    env.write("main.tf", &objects(&["c"], ""));
    env.levee(["apply", "-auto-approve"]).ok();
    let before = seen(&env);
    let user = "resource \"sim_object\" \"user\" {\n  name = \"user\"\n  attached = [sim_object.a.id]\n}\n";
    env.write("main.tf", &format!("{}{user}", objects(&["a", "b", "c"], "  size = 2\n")));
    env.levee(["apply", "-auto-approve"]).ok();
    let id = env.levee(["state", "show", "sim_object.user"]).ok().attribute("id");
    let head = HEAD.replace("world.jsonl", "../world.jsonl");
    env.write("other/main.tf", &format!("{head}resource \"sim_object\" \"x\" {{\n  name = \"x\"\n  attached = [{id}]\n}}\n"));
    env.levee(["-chdir=other", "apply", "-auto-approve"]).ok();
    let out = env.levee(["rollback", "-auto-approve"]).code(4);
    out.says("Rollback incomplete: 0 added, 1 changed, 1 destroyed; 1 failed, 1 not started").says("InUse").says("go on with run 2");
    env.holds(&["sim_object.a", "sim_object.c", "sim_object.user"]);
    env.levee(["rollback", "-auto-approve"]).refused().says("Rolling back run 2").says("0 destroyed; 1 failed, 1 not started");
    env.levee(["-chdir=other", "destroy", "-auto-approve"]).ok();
    env.levee(["rollback", "-auto-approve"]).ok().says("Rolling back run 2").says("2 destroyed");
    same(&seen(&env), &before);
}

/// The replacement of an object made the new one and could not delete the old one: that is the current one again.
#[test]
fn a_replacement_that_stopped_half_way() {
    let env = TestEnv::new("half-way");
    let main = |zone: &str| objects(&["a"], &format!("  zone = \"{zone}\"\n  lifecycle {{\n    create_before_destroy = true\n  }}\n"));
    env.write("main.tf", &main("x"));
    env.levee(["apply", "-auto-approve"]).ok();
    let before = seen(&env);
    let id = |env: &TestEnv| env.levee(["state", "show", "sim_object.a"]).ok().attribute("id");
    let old = id(&env);
    let fault = "  fault {\n    kind = \"refused\"\n    name = \"a\"\n    action = \"delete\"\n    rate = 1\n  }\n}\n";
    env.write("main.tf", &main("y").replacen("world.jsonl\"\n}\n", &format!("world.jsonl\"\n{fault}"), 1));
    env.levee(["apply", "-auto-approve"]).refused();
    assert_ne!(id(&env), old);
    // The run's own provider configuration goes on refusing; what is current is right all the same.
    let out = env.levee(["rollback", "-auto-approve", "-json"]);
    assert_eq!(id(&env), old, "{out}");
    assert!(out.stdout.lines().all(|line| line.starts_with('{')), "{out}");
    env.write("main.tf", &main("x"));
    env.levee(["apply", "-auto-approve"]).ok().says("1 destroyed");
    same(&seen(&env), &before);
}

#[test]
fn a_failed_apply_is_undone_if_so_wished() {
    let env = TestEnv::new("on-failure");
    env.write("main.tf", &objects(&["a"], ""));
    env.levee(["apply", "-auto-approve"]).ok();
    let before = seen(&env);
    env.write(
        "main.tf",
        &format!(
            "{}resource \"sim_rule\" \"bad\" {{\n  parent = \"obj-none\"\n  port = 1\n  description = sim_object.b.id\n}}\n",
            objects(&["a", "b"], "  size = 3\n")
        ),
    );
    env.levee(["apply", "-auto-approve", "-on-failure=ask"]).refused().says("Nobody can be asked");
    env.levee(["apply", "-auto-approve", "-on-failure=rollback"]).refused().says("Apply incomplete").says("Rollback complete!");
    same(&seen(&env), &before);
    env.levee(["apply", "-auto-approve"]).refused().hides("Rollback");
    env.holds(&["sim_object.a", "sim_object.b"]);
}

/// Killed again and again, a rollback that is begun anew each time ends where one ends that nobody disturbs.
#[test]
fn twenty_kills() {
    let slow = HEAD.replace("world.jsonl\"\n", "world.jsonl\"\n  latency {\n    distribution = \"fixed\"\n    ms = 4\n  }\n");
    let main = |count: usize, size: usize, zone: &str| {
        format!(
            "{slow}\nresource \"sim_object\" \"a\" {{\n  count = {count}\n  name = \"a${{count.index}}\"\n  size = {size}\n}}\n\
             resource \"sim_object\" \"b\" {{\n  count = {count}\n  name = \"b${{count.index}}\"\n  zone = \"{zone}\"\n  attached = [sim_object.a[count.index].id]\n}}\n"
        )
    };
    let env = TestEnv::new("undo-kills");
    env.write("main.tf", &main(30, 1, "x"));
    env.levee(["apply", "-auto-approve"]).ok();
    let before = seen(&env);
    env.write("main.tf", &main(60, 2, "y"));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", "this is no configuration {");
    let (mut random, mut kills) = (Random::of(20), 0);
    let lines = || fs::read(env.path("world.jsonl")).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
    for n in 0..20 {
        let mut run = Background::start(&env, &format!("undo{n}"), &["rollback", "2", "-auto-approve", "-parallelism=4"]);
        run.wait_for("Rolling back run 2");
        let aim = lines() + random.below(12);
        until("the moment of the kill", || lines() >= aim || run.log().contains("Rollback complete"));
        if run.log().contains("Rollback complete") {
            break;
        }
        run.kill();
        kills += 1;
    }
    assert_eq!(kills, 20, "it came to its end before it was killed often enough");
    let _ended_before = env.levee(["rollback", "2", "-auto-approve"]);
    same(&seen(&env), &before);
    env.levee(["rollback", "2", "-auto-approve"]).refused().says("rolled back already");
    env.write("main.tf", &main(30, 1, "x"));
    env.levee(["plan", "-detailed-exitcode"]).ok();
}
