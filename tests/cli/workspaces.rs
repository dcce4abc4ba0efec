//! Workspaces: states of one configuration that lie side by side, chosen by command or by environment.

use crate::test_env::TestEnv;

const CONFIG: &str = "resource \"terraform_data\" \"a\" {\n  input = terraform.workspace\n}\noutput \"ws\" {\n  value = terraform.workspace\n}\noutput \"cwd\" {\n  value = path.cwd\n}\n";

#[test]
fn each_has_a_state_of_its_own() {
    let env = TestEnv::new("workspaces");
    env.write("main.tf", CONFIG);
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["workspace", "new", "blue"]).ok();
    assert_eq!(env.levee(["workspace", "show"]).ok().stdout, "blue\n");
    let applied = env.levee(["apply", "-auto-approve"]).ok();
    assert!(applied.stdout.contains("1 to add"), "{}", applied.stdout);
    assert_eq!(env.levee(["output", "-raw", "ws"]).ok().stdout, "blue");
    assert!(env.path("terraform.tfstate.d/blue/terraform.tfstate").is_file());
    env.levee(["workspace", "select", "default"]).ok();
    assert_eq!(env.levee(["output", "-raw", "ws"]).ok().stdout, "default");
    let refused = env.levee(["workspace", "delete", "blue"]).code(1);
    assert!(refused.stderr.contains("terraform_data.a") && refused.stderr.contains("-force"), "{}", refused.stderr);
    assert!(env.levee(["workspace", "list"]).ok().stdout.contains("* default\n  blue\n"));
    env.levee(["workspace", "delete", "-force", "blue"]).ok();
    assert!(!env.path("terraform.tfstate.d/blue").exists());
    env.levee(["workspace", "select", "blue"]).code(1);
    env.levee(["workspace", "new", "a/b"]).code(1);
    env.levee(["workspace", "new", "green", "-state=terraform.tfstate"]).ok();
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.a\n");
}

#[test]
fn the_environment_chooses_one_and_adds_arguments() {
    let mut env = TestEnv::new("workspaces-env");
    env.write("sub/main.tf", CONFIG);
    env.set("TF_WORKSPACE", "red");
    env.set("TF_CLI_ARGS_apply", "-auto-approve");
    env.levee(["-chdir=sub", "plan", "-out=p"]).ok();
    env.set("TF_WORKSPACE", "");
    env.levee(["-chdir=sub", "show", "p"]).ok().says("\"red\"");
    env.levee(["-chdir=sub", "apply", "p"]).refused().says("made for the workspace \"red\"");
    env.set("TF_WORKSPACE", "red");
    env.levee(["-chdir=sub", "apply", "p"]).ok();
    let cwd = env.levee(["-chdir=sub", "output", "-raw", "cwd"]).ok().stdout;
    assert!(cwd.ends_with("module"), "{cwd}");
    assert_eq!(env.levee(["-chdir=sub", "output", "-raw", "ws"]).ok().stdout, "red");
    env.levee(["-chdir=sub", "workspace", "select", "default"]).code(1);
    env.set("TF_CLI_ARGS", "'open");
    assert!(env.levee(["plan"]).code(1).stderr.contains("TF_CLI_ARGS"));
    env.set("TF_CLI_ARGS", "");
    env.set("TF_WORKSPACE", "a b");
    assert!(env.levee(["plan"]).code(1).stderr.contains("Invalid workspace name"));
}

#[test]
fn the_local_backend_says_where_states_are() {
    let env = TestEnv::new("workspaces-backend");
    env.write("main.tf", CONFIG);
    env.write(
        "backend.tf",
        "terraform {\n  backend \"local\" {\n    path = \"states/main.json\"\n    workspace_dir = \"states/others\"\n  }\n}\n",
    );
    env.levee(["apply", "-auto-approve"]).ok();
    assert!(env.path("states/main.json").is_file() && !env.path("terraform.tfstate").exists());
    env.levee(["workspace", "new", "x"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    assert!(env.path("states/others/x/terraform.tfstate").is_file());
}

#[test]
fn states_go_along_only_when_asked_to() {
    let env = TestEnv::new("workspaces-moved");
    env.write("main.tf", CONFIG);
    env.levee(["workspace", "new", "x"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["workspace", "select", "default"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("backend.tf", "terraform {\n  backend \"local\" {\n    path = \"there/s.tfstate\"\n  }\n}\n");
    env.levee(["plan"]).refused().says("Backend initialization required").says("-migrate-state");
    env.levee(["init"]).refused().says("Backend configuration changed");
    env.levee(["init", "-migrate-state"]).ok().says("was copied to there/s.tfstate");
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.write("backend.tf", "");
    env.levee(["init", "-migrate-state"]).refused().says("Both places have a state");
    env.levee(["init", "-reconfigure"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.write("backend.tf", "terraform {\n  backend \"local\" {\n    workspace_dir = \"w\"\n  }\n}\n");
    env.levee(["init", "-force-copy"]).ok();
    env.levee(["workspace", "select", "x"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    assert!(env.path("w/x/terraform.tfstate").is_file());
}

/// What `init` was told of the backend holds for what follows, until it is told something else or the block changes.
#[test]
fn the_command_line_may_say_where_states_are() {
    let env = TestEnv::new("workspaces-backend-config");
    env.write("main.tf", CONFIG);
    env.levee(["init", "-backend-config=path=ci.tfstate"]).ok().says("Missing backend configuration");
    env.write("backend.tf", "terraform {\n  backend \"local\" {}\n}\n");
    env.levee(["init", "-backend-config=nosuch=1"]).refused().says("Invalid backend configuration argument");
    env.levee(["init", "-backend-config=missing.hcl"]).refused().says("Failed to read file");
    env.write("ci.hcl", "path = \"ci/state.tfstate\"\nworkspace_dir = \"ci/others\"\n");
    env.levee(["init", "-backend-config=ci.hcl", "-backend-config=path=ci/main.tfstate"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    assert!(env.path("ci/main.tfstate").is_file() && !env.path("terraform.tfstate").exists());
    env.levee(["init"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.levee(["workspace", "new", "x"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    assert!(env.path("ci/others/x/terraform.tfstate").is_file());
    env.levee(["workspace", "select", "default"]).ok();
    env.levee(["init", "-backend-config=path=other.tfstate"]).refused().says("Backend configuration changed");
    env.levee(["init", "-migrate-state", "-backend-config=path=other.tfstate"]).ok().says("was copied to other.tfstate");
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.write("backend.tf", "terraform {\n  backend \"local\" {\n    path = \"block.tfstate\"\n  }\n}\n");
    env.levee(["plan"]).refused().says("Backend initialization required");
    env.levee(["init", "-reconfigure"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).code(2);
}
