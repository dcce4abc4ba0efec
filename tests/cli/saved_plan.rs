//! Plans that are saved: applied as they are, and refused once the world they were made for is gone.

use crate::test_env::TestEnv;

fn env() -> TestEnv {
    let env = TestEnv::new("saved-plan");
    env.write("main.tf", &main("one"));
    env
}

fn main(value: &str) -> String {
    format!(
        "variable \"more\" {{\n  default = \"\"\n}}\n\nresource \"terraform_data\" \"a\" {{\n  input = \"{value}${{var.more}}\"\n}}\n\noutput \"a\" {{\n  value = terraform_data.a.output\n}}\n"
    )
}

#[test]
fn it_is_applied_as_it_was_saved() {
    let env = env();
    env.levee(["plan", "-out=p", "-var", "more=!", "-detailed-exitcode"]).code(2).says("levee apply \"p\"");
    env.levee(["show", "p"]).ok().says("Plan: 1 to add, 0 to change, 0 to destroy.").says("+ input = \"one!\"");
    assert_eq!(env.levee(["show", "-json", "p"]).ok().json()["resource_changes"][0]["change"]["actions"][0], "create");
    // No approval: who saved it has seen it. The variable is the plan's own.
    env.levee(["apply", "p"]).ok().says("1 added").says("a = \"one!\"");
    env.levee(["plan", "-var=more=!", "-detailed-exitcode"]).ok();
}

#[test]
fn it_is_applied_once() {
    let env = env();
    env.levee(["plan", "-out=p"]).ok();
    env.levee(["apply", "p"]).ok();
    env.levee(["apply", "p"]).refused().says("the state has changed since the plan was made");
    env.holds(&["terraform_data.a"]);
}

#[test]
fn one_that_another_run_overtook_is_refused() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-out=p", "-var=more=1"]).ok();
    env.levee(["apply", "-auto-approve", "-var=more=2"]).ok();
    env.levee(["apply", "p"]).refused().says("the state has changed since the plan was made").says("plan -out");
    env.levee(["output", "-raw", "a"]).ok().says("one2");
}

#[test]
fn one_of_another_configuration_is_refused() {
    let env = env();
    env.levee(["plan", "-out=p"]).ok();
    env.write("main.tf", &main("two"));
    env.levee(["apply", "p"]).refused().says("the configuration has changed since the plan was made");
    env.holds(&[]);
}

#[test]
fn one_of_another_state_is_refused() {
    let (env, other) = (env(), env());
    other.levee(["apply", "-auto-approve"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-out=p", "-var=more=1"]).ok();
    std::fs::copy(env.path("p"), other.path("p")).expect("a copy");
    other.levee(["apply", "p"]).refused();
    other.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn what_is_no_plan_is_refused() {
    let env = env();
    env.write("p", "not a plan");
    env.levee(["apply", "p"]).refused().says("cannot be read");
    env.levee(["show", "p"]).refused().says("cannot be read");
    env.levee(["apply", "none"]).refused().says("none");
    env.levee(["plan", "-out=no/such/folder/p"]).refused().says("could not be written");
    env.levee(["plan", "-out=p2"]).ok();
    env.levee(["apply", "-var=more=1", "p2"]).refused().says("Can't change variable when applying a saved plan");
    env.holds(&[]);
}

#[test]
fn one_to_destroy() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-destroy", "-out=p"]).ok().says("1 to destroy");
    env.levee(["apply", "p"]).ok().says("1 destroyed");
    env.holds(&[]);
}

/// Like Terraform, the last of several counts: wrappers add flags to what their users wrote.
#[test]
fn of_a_flag_that_is_given_twice_the_last_one_counts() {
    let env = TestEnv::new("twice");
    env.write("main.tf", "resource \"terraform_data\" \"a\" {\n}\n");
    env.levee(["plan", "-out=first", "-out=last", "-input=true", "-input=false"]).ok();
    assert!(!env.path("first").exists());
    env.levee(["apply", "last"]).ok().says("1 added");
}
