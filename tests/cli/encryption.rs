//! An encrypted state: what is sensitive stands in no file of levee's, and everything works for who says the passphrase.

use crate::secrets::{SECRET, env};
use crate::test_env::{TestEnv, holding};
use std::process::Command;

const PASSPHRASE: &str = "correct horse battery";
const VARIABLE: &str = "LEVEE_STATE_PASSPHRASE";

/// A state with secrets, encrypted; and the password that was drawn.
fn encrypted() -> (TestEnv, String) {
    let mut env = env();
    env.set(VARIABLE, PASSPHRASE);
    // The log lies among the files in which nothing of it may stand.
    env.set("TF_LOG_PATH", "levee.log");
    env.levee(["apply", "-auto-approve"]).ok();
    let drawn = env.levee(["output", "-raw", "drawn"]).ok().stdout;
    env.levee(["state", "encrypt"]).ok().says("terraform.tfstate held it in clear and was removed").says("The backups");
    (env, drawn)
}

/// Only the file that the configuration asks for, which belongs to it.
fn stands_nowhere(env: &TestEnv, drawn: &str) {
    assert_eq!(holding(&env.path(".."), &[SECRET, drawn, PASSPHRASE]), ["a.secret"]);
}

#[test]
fn what_is_sensitive_stands_in_no_file() {
    let (env, drawn) = encrypted();
    stands_nowhere(&env, &drawn);
    let log = std::fs::read_to_string(env.path("levee.log")).expect("a log");
    assert!(log.contains("intent addr=random_password.drawn") && log.contains("outcome addr=random_password.drawn"), "{log}");
    env.levee(["plan", "-detailed-exitcode"]).code(0);
    assert_eq!(env.levee(["output", "-raw", "drawn"]).ok().stdout, drawn);
    env.levee(["plan", "-replace=random_password.drawn", "-out=saved"]).ok();
    stands_nowhere(&env, &drawn);
    env.levee(["show", "saved"]).ok().says("random_password.drawn").hides(SECRET);
    env.levee(["apply", "saved"]).ok().says("1 added");
    let anew = env.levee(["output", "-raw", "drawn"]).ok().stdout;
    assert_ne!(anew, drawn);
    stands_nowhere(&env, &drawn);
    stands_nowhere(&env, &anew);
    env.levee(["rollback", "-auto-approve"]).ok();
    assert_eq!(env.levee(["output", "-raw", "drawn"]).ok().stdout, drawn, "what was before is read from the journal");
    env.levee(["state", "check"]).ok().says("is sound");
    env.levee(["history", "random_password.drawn"]).ok().hides(&drawn);
    assert!(env.levee(["state", "pull"]).ok().stdout.contains(&drawn), "who asks for the whole gets it");
    env.levee(["destroy", "-auto-approve"]).ok();
    assert_eq!(holding(&env.path(".."), &[SECRET, &drawn, &anew, PASSPHRASE]), Vec::<String>::new());
}

#[test]
fn who_does_not_say_the_passphrase_is_told_how() {
    let (mut env, _) = encrypted();
    env.set(VARIABLE, "another");
    env.levee(["plan"]).refused().says("The passphrase is not that of the state");
    env.levee(["apply", "-auto-approve"]).refused().says("The passphrase is not that of the state");
    let mut silent = env.command(&["plan"]);
    silent.env_remove(VARIABLE);
    env.run(silent).refused().says("its passphrase was not given").says("LEVEE_STATE_PASSPHRASE_FD");
    for unhidden in [&["history"][..], &["timeline"], &["state", "check"]] {
        let mut silent = env.command(unhidden);
        silent.env_remove(VARIABLE);
        env.run(silent).ok();
    }
    let mut again = env.command(&["state", "encrypt"]);
    again.env(VARIABLE, PASSPHRASE);
    env.run(again).refused().says("already encrypted");
}

#[test]
fn a_passphrase_comes_through_a_file_descriptor_and_no_command_sees_it() {
    let (mut env, _) = encrypted();
    env.write(
        "more.tf",
        "resource \"terraform_data\" \"spy\" {\n  provisioner \"local-exec\" {\n    command = \"env > seen.txt\"\n  }\n}\n",
    );
    env.levee(["apply", "-auto-approve"]).ok();
    assert!(!std::fs::read_to_string(env.path("seen.txt")).expect("the command ran").contains(PASSPHRASE));
    env.set(VARIABLE, "");
    env.write("../passphrase", PASSPHRASE);
    let mut command = Command::new("sh");
    let script =
        format!("exec 9<../passphrase; unset {VARIABLE}; {VARIABLE}_FD=9 exec {} plan -detailed-exitcode", env!("CARGO_BIN_EXE_levee"));
    command.args(["-c", &script]).current_dir(env.dir()).env("TF_VAR_secret", SECRET).stdin(std::process::Stdio::null());
    env.run(command).code(0);
}

#[test]
fn it_is_not_taken_along_in_clear() {
    let (env, drawn) = encrypted();
    env.write("backend.tf", "terraform {\n  backend \"local\" {\n    path = \"elsewhere/state\"\n  }\n}\n");
    env.levee(["init", "-migrate-state", "-force-copy"]).refused().says("is encrypted").says("levee state decrypt");
    stands_nowhere(&env, &drawn);
}

#[test]
fn what_cannot_be_removed_is_told() {
    let mut env = env();
    env.set(VARIABLE, PASSPHRASE);
    env.levee(["apply", "-auto-approve"]).ok();
    // A file in the folder's place is what nobody can remove as a folder, not even root.
    std::fs::remove_dir_all(env.path(".levee/backups")).expect("removed");
    env.write(".levee/backups", "");
    env.levee(["state", "encrypt"]).ok().says("Sensitive values still stand in clear").says("could not be removed");
}

#[test]
fn keys_are_changed_and_taken_away() {
    let (mut env, drawn) = encrypted();
    env.set("LEVEE_STATE_NEW_PASSPHRASE", "the next one");
    env.levee(["state", "rotate-key"]).ok();
    env.levee(["plan"]).refused().says("The passphrase is not that of the state");
    env.set(VARIABLE, "the next one");
    env.levee(["plan", "-detailed-exitcode"]).code(0);
    env.levee(["state", "decrypt"]).ok();
    env.levee(["state", "decrypt"]).refused().says("not encrypted");
    assert!(holding(&env.path(".."), &[&drawn]).contains(&"terraform.tfstate".to_owned()));
    let mut plain = env.command(&["plan", "-detailed-exitcode"]);
    plain.env_remove(VARIABLE);
    env.run(plain).code(0);
    env.set(VARIABLE, "");
    env.levee(["state", "encrypt"]).refused().says("The passphrase is empty");
}
