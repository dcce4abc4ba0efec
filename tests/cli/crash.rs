//! `kill -9` while a run is at work: the next command knows of it and goes on.

use crate::background::Background;
use crate::test_env::TestEnv;
use std::fs;

#[test]
fn what_was_done_stays_and_the_rest_follows() {
    let env = TestEnv::new("crash");
    let main = |length: &str| {
        format!(
            "resource \"local_file\" \"a\" {{\n  count    = 20\n  filename = \"out/${{count.index}}\"\n  content  = count.index\n}}\n\n\
             resource \"time_sleep\" \"hold\" {{\n  depends_on      = [local_file.a]\n  create_duration = \"{length}\"\n}}\n"
        )
    };
    env.write("main.tf", &main("10m"));
    let mut run = Background::start(&env, "run", &["apply", "-auto-approve"]);
    run.wait_for("time_sleep.hold: Creating...");
    run.kill();
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("was not brought to its end").says("1 to add");
    env.write("main.tf", &main("0s"));
    let out = env.levee(["apply", "-auto-approve"]).ok().says("Run 1 was not brought to its end");
    out.says("1 added, 0 changed, 0 destroyed");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 20);
    env.levee(["plan", "-detailed-exitcode"]).ok().hides("was not brought to its end");
    env.levee(["destroy", "-auto-approve"]).ok().says("21 destroyed");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 0);
}

/// Killed again and again, at any moment, a run still comes to its end, and nothing is lost or made twice.
#[test]
fn any_number_of_kills() {
    let env = TestEnv::new("kills");
    env.write(
        "main.tf",
        "resource \"local_file\" \"a\" {\n  count    = 60\n  filename = \"out/${count.index}\"\n  content  = terraform_data.b[count.index].output\n}\n\n\
         resource \"terraform_data\" \"b\" {\n  count = 60\n  input = \"b${count.index}\"\n}\n",
    );
    for n in [1, 7, 20, 33, 50] {
        let mut run = Background::start(&env, "run", &["apply", "-auto-approve"]);
        if !run.reaches(n, "Creation complete") {
            break;
        }
        run.kill();
        env.levee(["state", "list"]).ok();
    }
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    let listed = env.levee(["state", "list"]).ok();
    assert_eq!(listed.stdout.lines().count(), 120, "{listed}");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 60);
}
