//! Places that are wrong: no configuration, a directory that cannot be written to, a state that is none.

use crate::test_env::TestEnv;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;

const MAIN: &str = "resource \"terraform_data\" \"a\" {\n}\n";

#[test]
fn a_directory_without_configuration() {
    let env = TestEnv::new("empty");
    for args in [&["plan"][..], &["apply", "-auto-approve"]] {
        env.run(env.command(args)).refused().says("No configuration files");
    }
    env.levee(["init"]).ok().says("initialized in an empty directory");
    env.levee(["validate"]).ok();
    assert!(!env.path(".levee").exists());
}

#[test]
fn a_file_where_the_state_wants_a_folder() {
    let env = TestEnv::new("in-the-way");
    env.write("main.tf", MAIN);
    env.write(".levee", "a file");
    env.levee(["apply", "-auto-approve"]).refused().says(".levee");
    assert_eq!(fs::read_to_string(env.path(".levee")).ok().as_deref(), Some("a file"));
    fs::remove_file(env.path(".levee")).expect("it is there");
    env.levee(["apply", "-auto-approve"]).ok();
    env.holds(&["terraform_data.a"]);
}

/// Permissions bind nobody who is root, so the command is run as somebody else then.
#[test]
fn a_directory_that_cannot_be_written_to() {
    let env = TestEnv::new("read-only");
    env.write("main.tf", MAIN);
    let is_root = fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
    let allow = |path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions can be set");
    // Somebody else must at least be able to start the program.
    let program = if is_root { env.path("../levee") } else { env!("CARGO_BIN_EXE_levee").into() };
    if is_root {
        fs::copy(env!("CARGO_BIN_EXE_levee"), &program).expect("a copy");
        allow(env.path(".."), 0o755);
    }
    let run = |args: &[&str]| {
        let mut command = env.command(args);
        let mut other = std::process::Command::new(&program);
        other.args(command.get_args()).current_dir(env.dir()).env_clear().stdin(std::process::Stdio::null());
        other.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
        if is_root {
            other.uid(65534).gid(65534);
        }
        command = other;
        env.run(command)
    };
    allow(env.dir(), 0o555);
    run(&["validate"]).ok();
    run(&["plan", "-detailed-exitcode"]).code(2);
    run(&["apply", "-auto-approve"]).code(8).says(".levee").says("Check the owner and the permissions").hides("1 added");
    run(&["plan", "-out=p"]).refused().says("p could not be written");
    allow(env.dir(), 0o777);
    run(&["apply", "-auto-approve"]).ok();
    allow(env.path(".levee"), 0o555);
    run(&["state", "list"]).ok().says("terraform_data.a");
    run(&["destroy", "-auto-approve"]).code(8).says("cannot be read or written");
    allow(env.path(".levee"), 0o777);
    run(&["state", "list"]).ok().says("terraform_data.a");
    run(&["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn a_state_that_is_none_is_left_alone() {
    let env = TestEnv::new("no-state");
    env.write("main.tf", MAIN);
    env.write(".levee/state.db", "this is no database, and it is long enough to be looked at as one, even if it is none");
    for args in [&["plan"][..], &["apply", "-auto-approve"], &["state", "list"], &["show"], &["output"]] {
        env.run(env.command(args)).code(7).says("state.db");
    }
    assert!(fs::read_to_string(env.path(".levee/state.db")).expect("it is there").starts_with("this is no database"));
}
