//! The store as an operator meets it: whether it is whole, copies of it, what it remembers, and what is said when it is out of
//! reach. Exit code 7 is a damaged state, 8 one that cannot be read or written.

use crate::test_env::TestEnv;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN: &str = r#"
variable "n" {
  default = 1
}

variable "secret" {
  default   = "hunter2"
  sensitive = true
}

resource "terraform_data" "a" {
  input = { n = var.n, secret = var.secret }
}

resource "terraform_data" "b" {
  count = var.n
  input = terraform_data.a.id
}

output "n" {
  value = var.n
}

output "secret" {
  value     = var.secret
  sensitive = true
}
"#;

fn applied(case: &str, runs: &[&str]) -> TestEnv {
    let env = TestEnv::new(case);
    env.write("main.tf", MAIN);
    for n in runs {
        env.levee(["apply", "-auto-approve", &format!("-var=n={n}")]).ok();
    }
    env
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|e| e.path());
    let mut found: Vec<PathBuf> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

fn backups(env: &TestEnv) -> Vec<PathBuf> {
    files(&env.path(".levee/backups"))
}

#[test]
fn a_damaged_store_says_so_and_the_newest_backup_brings_it_back() {
    let env = applied("store-damaged", &["1", "2"]);
    env.levee(["state", "check"]).ok().says(".levee/state.db is sound.").says("runs: 2, with 4 steps");
    let path = env.path(".levee/state.db");
    let mut bytes = fs::read(&path).expect("reads");
    // One bit, in the middle of a value: the structure of the file stays whole.
    let at = bytes.windows(7).rposition(|w| w == b"hunter2").expect("is in it");
    bytes[at + 1] ^= 1;
    fs::write(&path, &bytes).expect("writes");
    let newest = backups(&env).pop().expect("a backup");
    let name = format!("levee state restore .levee/backups/{}", newest.file_name().expect("a name").to_string_lossy());
    env.levee(["state", "check"]).code(7).says("does not match its checksum").says(&name).hides("hunter2");
    assert_eq!(env.levee(["state", "check", "-json"]).code(7).json()["sound"], false);
    bytes.truncate(bytes.len() / 2);
    fs::write(&path, &bytes).expect("writes");
    for command in [&["plan"][..], &["state", "list"], &["apply", "-auto-approve"], &["history"]] {
        env.run(env.command(command)).code(7).says("The state file is damaged").says(&name).says("levee state check");
    }
    assert_eq!(fs::read(&path).expect("reads"), bytes, "nothing is written to it");
    let newest = newest.to_string_lossy().into_owned();
    let restored = env.levee(["state", "restore", &newest]).ok();
    restored.says("serial 2, objects: 3").says("its serial is 3").says("which was damaged, is kept in .levee/backups/replaced-");
    env.levee(["state", "check"]).ok();
    env.levee(["plan", "-detailed-exitcode", "-var=n=2"]).ok();
    assert_eq!(env.levee(["state", "pull"]).ok().json()["serial"], 3);
}

#[test]
fn an_older_file_in_its_place_is_noticed() {
    let env = applied("store-older", &["1"]);
    let path = env.path(".levee/state.db");
    let older = fs::read(&path).expect("reads");
    env.levee(["apply", "-auto-approve", "-var=n=2"]).ok();
    fs::write(&path, older).expect("writes");
    env.levee(["plan"]).code(7).says("The state file is older than it was").says("removed, or an older copy was put in its place");
    env.levee(["state", "check"]).code(7).says("transactions are missing");
    fs::remove_file(env.path(".levee/state.mark")).expect("removes");
    env.levee(["state", "check"]).ok();
}

#[test]
fn copies_are_made_by_hand_and_refused_where_they_do_not_belong() {
    let env = applied("store-backup", &["1"]);
    env.levee(["state", "backup", "copy.db"]).ok().says("the copy checked (objects: 2)");
    env.levee(["state", "backup", "copy.db"]).refused().says("is there already");
    env.levee(["state", "backup"]).ok().says("by-hand.db");
    env.levee(["apply", "-auto-approve", "-var=n=3"]).ok();
    env.levee(["state", "restore", "copy.db"]).ok().says("serial 1, objects: 2").says("its serial is 3");
    env.holds(&["terraform_data.a", "terraform_data.b[0]"]);
    env.levee(["history"]).ok().says("change of the state");
    let other = applied("store-other", &["1"]);
    other.levee(["state", "backup", "copy.db"]).ok();
    fs::copy(other.path("copy.db"), env.path("other.db")).expect("copies");
    env.levee(["state", "restore", "other.db"]).refused().says("another lineage").says("-force");
    env.levee(["state", "restore", "nowhere.db"]).code(8).says("nowhere.db");
    env.levee(["state", "restore", "main.tf"]).code(7);
    env.levee(["state", "restore", "-force", "other.db"]).ok();
    TestEnv::new("store-none").levee(["state", "check"]).ok().says("There is no state yet");
}

#[test]
fn everything_that_is_written_is_for_its_owner_alone() {
    let mut env = applied("store-modes", &["1", "2"]);
    env.set("TF_LOG", "info");
    env.set("TF_LOG_PATH", "levee.log");
    env.levee(["state", "backup", "copy.db"]).ok();
    env.levee(["state", "restore", "copy.db"]).ok();
    let modules = env.path(".levee/modules");
    let mut all: Vec<PathBuf> = files(&env.path(".levee")).into_iter().filter(|f| !f.starts_with(&modules)).collect();
    all.extend(["copy.db", "terraform.tfstate", "levee.log"].map(|name| env.path(name)));
    assert!(all.len() >= 8, "{all:?}");
    for path in all {
        let mode = fs::metadata(&path).expect("is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    fs::set_permissions(env.path(".levee/state.mark"), fs::Permissions::from_mode(0o644)).expect("changes");
    env.levee(["state", "check"]).ok().says("Note: Others may read .levee/state.mark");
}

#[test]
fn runs_and_what_they_did_are_told_without_secrets() {
    let env = applied("store-history", &["1", "2"]);
    env.levee(["apply", "-auto-approve", "-var=n=1"]).ok();
    env.levee(["history"]).ok().in_order(&["  run", "    1", "    2", "    3"]).says("what was before is not recorded");
    let runs = env.levee(["history", "-json"]).ok().json();
    assert_eq!((&runs["runs"][1]["objects"], &runs["runs"][2]["serial"]), (&2.into(), &3.into()));
    let versions = env.levee(["history", "terraform_data.a"]).ok().says("create").says("update").hides("hunter2");
    versions.says("~ n = \"1\" -> \"2\"").says("(sensitive value)").says("The first version that is recorded is that of run 1.");
    env.levee(["history", "terraform_data.b[1]"]).ok().in_order(&["Run 2, apply", "Run 3, apply"]).says(": delete");
    let document = env.levee(["history", "terraform_data.a", "-json"]).ok().hides("hunter2").json();
    assert_eq!(document["versions"][1]["before"]["value"]["input"]["n"], "1");
    assert_eq!(document["versions"][1]["after"]["sensitive"]["input"]["secret"], true);
    env.levee(["history", "terraform_data.never"]).refused().says("No run that the state knows of");

    env.levee(["diff", "1", "2"]).ok().says("terraform_data.b[1] is new").says("~ n = \"1\" -> \"2\"").hides("hunter2");
    env.levee(["diff", "latest-1", "latest"]).ok().says("terraform_data.b[1] is gone");
    env.levee(["diff", "1", "latest"]).ok().says("the same");
    let document = env.levee(["diff", "2", "3", "-json"]).ok().hides("hunter2").json();
    assert_eq!((&document["objects"][1]["after"], &document["outputs"]["n"]["after"]["value"]), (&serde_json::Value::Null, &"1".into()));
    env.levee(["diff", "1", "9"]).refused().says("knows runs 1 to 3").says("What was before the first is not recorded");
    env.levee(["diff", "1", "x"]).refused().says("\"x\" is no run");

    env.levee(["state", "list", "-at=2"]).ok().says("terraform_data.b[1]");
    env.levee(["state", "show", "-at=-1", "terraform_data.a"]).ok().says("n = \"2\"").hides("hunter2");
    env.levee(["state", "show", "-at=1", "terraform_data.b[1]"]).refused().says("held no object");
}

/// The command, with files of at most so many blocks of the shell's: what a full disk says, without one.
fn with_room(env: &TestEnv, blocks: u32, args: &[&str]) -> Command {
    let plain = env.command(args);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")).arg(plain.get_program()).args(args);
    command.current_dir(env.dir()).env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[test]
fn without_room_nothing_is_lost_and_the_next_run_goes_on() {
    let env = applied("store-full", &["1"]);
    env.write("large.tf", "resource \"terraform_data\" \"large\" {\n  count = 80\n  input = join(\"\", [for i in range(1000) : \"${count.index} large \"])\n}\n");
    let failed = env.run(with_room(&env, 2000, &["apply", "-auto-approve"]));
    failed.code(8).says("What was recorded so far is kept").hides("panicked");
    env.levee(["state", "check"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.levee(["state", "check"]).ok().says("is sound");
    env.run(with_room(&env, 500, &["state", "backup", "copy.db"])).code(8).says("copy.db");
    let left: Vec<PathBuf> = files(&env.dir()).into_iter().filter(|f| f.to_string_lossy().contains("copy.db")).collect();
    assert_eq!(left, Vec::<PathBuf>::new(), "half a copy is thrown away");
}

#[test]
fn a_place_that_is_out_of_reach_is_named() {
    let env = applied("store-reach", &["1"]);
    env.levee(["apply", "-auto-approve", "-state=main.tf/x.tfstate"]).code(8).says("main.tf").says("Check the owner and the permissions");
    #[cfg(target_os = "linux")]
    env.levee(["apply", "-auto-approve", "-state=/proc/self/nowhere/x.tfstate"]).code(8).says("cannot be read or written");
    // A directory that is not there is made.
    env.levee(["apply", "-auto-approve", "-state=some/where/x.tfstate"]).ok();
}

/// What a device of two megabytes holds, in a name space in which a user may mount one. Each command says its exit code.
#[cfg(target_os = "linux")]
const ON_A_SMALL_DEVICE: &str = r#"
mount -t tmpfs -o size=2m tmpfs . && cd . && cp ../main.tf . || exit 99
said() { what=$1; shift; "$@" > ../said.txt 2>&1; echo "$what $?: $(tail -n 24 ../said.txt | tr '\n' ' ')"; }
said small "$0" apply -auto-approve -no-color
said full "$0" apply -auto-approve -no-color -var=n=120
said check "$0" state check
said history "$0" history
mount -o remount,size=40m . || exit 98
said room "$0" apply -auto-approve -no-color -var=n=120
said whole "$0" state check
said settled "$0" plan -detailed-exitcode -var=n=120
"#;

/// A device that is really full, where the system lets users mount one; a limit on the size of files stands for it elsewhere (above).
#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that could not be run says so")]
fn a_device_that_is_full_loses_nothing() {
    let env = TestEnv::new("store-device");
    let main = "variable \"n\" {\n  default = 1\n}\nresource \"terraform_data\" \"large\" {\n  count = var.n\n  input = join(\"\", [for i in range(1000) : \"${count.index} large \"])\n}\n";
    env.write("../main.tf", main);
    let plain = env.command(&[]);
    let isolated = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script]).arg(plain.get_program()).current_dir(env.dir()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    };
    if !isolated("mount -t tmpfs -o size=1m tmpfs .").output().is_ok_and(|out| out.status.success()) {
        eprintln!("not run: this system lets no user mount a device");
        return;
    }
    let out = env.run(isolated(ON_A_SMALL_DEVICE)).ok();
    let line = |what: &str| out.stdout.lines().find(|line| line.starts_with(what)).unwrap_or_else(|| panic!("{what}: {out}")).to_owned();
    assert!(line("small ").starts_with("small 0:"), "{out}");
    let full = line("full ");
    assert!(full.starts_with("full 8:") && full.contains("No space left for the state") && !full.contains("panicked"), "{full}");
    let counted: usize = full.split(" added, 0 changed").next().and_then(|t| t.rsplit(' ').next()?.parse().ok()).expect("it is counted");
    let objects = line("check ");
    assert!(
        objects.starts_with("check 0:") && objects.contains(&format!("objects: {} ", counted + 1)),
        "what is told is what is there: {out}"
    );
    for good in ["history 0:", "room 0:", "whole 0:", "settled 0:"] {
        line(good);
    }
}
