//! A secret goes where the configuration sends it, and is shown nowhere.

use crate::test_env::{TestEnv, holding};
use std::fs;

pub(crate) const SECRET: &str = "pl4nted-in-the-garden";

const MAIN: &str = r#"
variable "secret" {
  sensitive = true
}

resource "terraform_data" "holder" {
  input            = { user = "me", password = var.secret }
  triggers_replace = sha256(var.secret)
}

resource "local_sensitive_file" "a" {
  filename = "a.secret"
  content  = "password=${var.secret}"
}

resource "random_password" "drawn" {
  length = 40
}

locals {
  line = "user:${var.secret}"
}

output "line" {
  value     = local.line
  sensitive = true
}

output "drawn" {
  value     = random_password.drawn.result
  sensitive = true
}

output "nothing_to_hide" {
  value = nonsensitive(sha256(var.secret))
}
"#;

pub(crate) fn env() -> TestEnv {
    let mut env = TestEnv::new("secrets");
    env.write("main.tf", MAIN);
    env.set("TF_VAR_secret", SECRET);
    // What hides it, hides it from the log, too.
    env.set("TF_LOG", "trace");
    env
}

/// The store and its copies, which only their owner may read.
fn is_of_the_state(name: &str) -> bool {
    name.starts_with("state.db") || (name.starts_with("state-") && name.ends_with(".db"))
}

#[test]
fn it_is_never_shown() {
    let env = env();
    let drawn = {
        env.levee(["apply", "-auto-approve"]).ok().says("(sensitive value)").says("line = <sensitive>").hides(SECRET);
        env.levee(["output", "-raw", "drawn"]).ok().stdout
    };
    assert_eq!(drawn.len(), 40);
    assert_eq!(env.levee(["output", "-raw", "line"]).ok().stdout, format!("user:{SECRET}"), "who asks for it gets it");
    let commands: [&[&str]; 14] = [
        &["validate"],
        &["plan", "-replace=terraform_data.holder"],
        &["plan", "-json", "-replace=terraform_data.holder"],
        &["plan", "-destroy"],
        &["apply", "-auto-approve", "-replace=terraform_data.holder"],
        &["apply", "-auto-approve", "-json", "-replace=terraform_data.holder"],
        &["show"],
        &["output"],
        &["state", "list"],
        &["state", "show", "terraform_data.holder"],
        &["state", "show", "random_password.drawn"],
        &["graph"],
        &["plan", "-detailed-exitcode"],
        &["destroy", "-auto-approve"],
    ];
    for command in commands {
        env.run(env.command(command)).ok().hides(SECRET).hides(&drawn);
    }
    let found = holding(&env.path(".."), &[SECRET, &drawn]);
    assert!(
        found.iter().all(|name| is_of_the_state(name) || ["a.secret", "terraform.tfstate"].contains(&name.as_str())),
        "it stands in {found:?}"
    );
}

#[test]
fn mistakes_do_not_tell_it() {
    let env = env();
    for wrong in [
        "output \"a\" {\n  value = tonumber(var.secret)\n}\n",
        "output \"a\" {\n  value = var.secret + 1\n}\n",
        "output \"a\" {\n  value = { a = 1 }[var.secret]\n}\n",
        "output \"a\" {\n  value = jsondecode(var.secret)\n}\n",
        "output \"a\" {\n  value = file(var.secret)\n}\n",
        "output \"a\" {\n  value = regex(\"[\", var.secret)\n}\n",
        "output \"a\" {\n  value = var.secret\n}\n",
        "resource \"terraform_data\" \"b\" {\n  for_each = toset([var.secret])\n}\n",
        "resource \"terraform_data\" \"b\" {\n  count = var.secret\n}\n",
        "resource \"terraform_data\" \"b\" {\n  lifecycle {\n    precondition {\n      condition = var.secret == 1\n      error_message = \"It is ${var.secret}.\"\n    }\n  }\n}\n",
        "resource \"local_file\" \"b\" {\n  filename = \"/dev/null/${var.secret}\"\n  content = 1\n}\n",
        "resource \"local_file\" \"b\" {\n  filename = \"b\"\n  content = 1\n  file_permission = var.secret\n}\n",
    ] {
        env.write("wrong.tf", wrong);
        env.levee(["apply", "-auto-approve"]).refused().hides(SECRET);
        env.levee(["apply", "-auto-approve", "-json"]).code(1).hides(SECRET);
    }
    let found = holding(&env.path(".."), &[SECRET]);
    assert!(
        found.iter().all(|name| is_of_the_state(name) || ["a.secret", "terraform.tfstate"].contains(&name.as_str())),
        "it stands in {found:?}"
    );
}

#[test]
fn a_saved_plan_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let env = env();
    env.levee(["plan", "-out=p"]).ok().hides(SECRET);
    let mode = |name: &str| fs::metadata(env.path(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode("p"), 0o600);
    env.levee(["show", "p"]).ok().hides(SECRET);
    env.levee(["apply", "p"]).ok().hides(SECRET);
    assert_eq!(mode(".levee/state.db") & 0o077, 0);
}

/// Different in every run, and only the world may have it, whose file keeps its length.
const SENT: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  world = "world.jsonl"
}

variable "secret" {
  ephemeral = true
}

variable "round" {
  type = number
}

ephemeral "random_password" "drawn" {
  length = 30
}

resource "sim_object" "a" {
  name              = "a"
  secret_wo         = "${var.secret}${ephemeral.random_password.drawn.result}"
  secret_wo_version = var.round
}

output "sent" {
  value = sim_object.a.secret_wo_length
}

output "stored" {
  value = nonsensitive(sim_object.a.secret_wo == null)
}
"#;

#[test]
fn a_write_only_argument_is_sent_and_kept_nowhere() {
    let mut env = TestEnv::new("write-only");
    env.write("main.tf", SENT);
    env.set("TF_VAR_secret", SECRET);
    env.set("TF_VAR_round", "1");
    env.levee(["init"]).ok();
    env.levee(["plan", "-out=p"]).ok().hides(SECRET);
    env.levee(["apply", "p"]).ok().hides(SECRET);
    let sent = |env: &TestEnv| env.levee(["output", "-raw", "sent"]).ok().stdout;
    assert_eq!(sent(&env), (SECRET.len() + 30).to_string());
    assert_eq!(env.levee(["output", "stored"]).ok().stdout.trim(), "true");

    let other = format!("{SECRET}-and-more");
    env.set("TF_VAR_secret", &other);
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.set("TF_VAR_round", "2");
    env.levee(["plan", "-json"]).ok().hides(SECRET);
    env.levee(["apply", "-auto-approve"]).ok().says("0 added, 1 changed, 0 destroyed").hides(SECRET);
    assert_eq!(sent(&env), (other.len() + 30).to_string());
    env.levee(["show", "-json"]).ok().hides(SECRET);
    assert_eq!(holding(&env.path(".."), &[SECRET]), Vec::<String>::new());
}

#[test]
fn an_argument_that_is_stored_takes_nothing_ephemeral() {
    let mut env = TestEnv::new("not-write-only");
    env.write("main.tf", &SENT.replace("  secret_wo         = ", "  secret = "));
    env.set("TF_VAR_secret", SECRET);
    env.set("TF_VAR_round", "1");
    env.levee(["init"]).ok();
    env.levee(["plan"]).refused().says("Invalid use of ephemeral value").says("because it is not a write-only attribute").hides(SECRET);
    assert_eq!(holding(&env.path(".."), &[SECRET]), Vec::<String>::new());
}
