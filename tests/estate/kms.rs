//! A state whose key AWS KMS wraps: opened by who may ask for that, and by nobody else, who is told why.

use crate::estate::Estate;
use crate::test_env::holding;
use serde_json::json;

const MAIN: &str = r#"
resource "random_password" "drawn" {
  length = 40
}

output "drawn" {
  value     = random_password.drawn.result
  sensitive = true
}
"#;

/// A state that was applied, a key of KMS by its alias and its ARN, and the password that was drawn.
fn applied(case: &str) -> (Estate, String, String) {
    let estate = Estate::written(case, MAIN, &[]);
    estate.env.levee(["apply", "-auto-approve"]).ok();
    let drawn = estate.env.levee(["output", "-raw", "drawn"]).ok().stdout;
    let key = made(&estate, "alias/states");
    (estate, key, drawn)
}

fn made(estate: &Estate, alias: &str) -> String {
    estate.script_with("keys.py", &["make", alias]).stdout.trim().to_owned()
}

/// How often KMS was asked for something since the last time.
fn asked(estate: &Estate, action: &str) -> usize {
    let calls = estate.control.get("calls");
    estate.control.post("calls/reset", &json!(null));
    let log = calls["log"].as_array().expect("a list");
    log.iter().filter(|call| call["service"] == "kms" && call["action"] == action).count()
}

#[test]
fn everything_works_for_who_may_ask_kms() {
    let (mut estate, key, drawn) = applied("kms");
    let stands = |estate: &Estate, text: &str| holding(&estate.env.dir(), &[text]);
    estate.env.levee(["state", "encrypt", "-kms-key=alias/states"]).ok().says(&format!("Without the KMS key {key}")).says("The backups");
    assert_eq!(stands(&estate, &drawn), Vec::<String>::new());
    asked(&estate, "Decrypt");
    estate.env.levee(["plan", "-replace=random_password.drawn", "-out=saved"]).ok();
    assert_eq!(asked(&estate, "Decrypt"), 1, "once in a process");
    assert_eq!(stands(&estate, &drawn), Vec::<String>::new());
    estate.env.levee(["show", "saved"]).ok().says("random_password.drawn");
    estate.env.levee(["apply", "saved"]).ok().says("1 added");
    let anew = estate.env.levee(["output", "-raw", "drawn"]).ok().stdout;
    estate.env.levee(["rollback", "-auto-approve"]).ok();
    assert_eq!(estate.env.levee(["output", "-raw", "drawn"]).ok().stdout, drawn);
    assert_eq!([stands(&estate, &drawn), stands(&estate, &anew)], [Vec::<String>::new(), Vec::new()]);
    // The same key of KMS, another, a passphrase, and back.
    asked(&estate, "Encrypt");
    estate.env.levee(["state", "rotate-key"]).ok().says(&key);
    assert_eq!(asked(&estate, "Encrypt"), 1);
    let other = made(&estate, "alias/others");
    estate.env.levee(["state", "rotate-key", &format!("-kms-key={other}")]).ok().says(&other);
    estate.script_with("keys.py", &["disable", &key]);
    estate.env.levee(["plan", "-detailed-exitcode"]).code(0);
    estate.env.set("LEVEE_STATE_NEW_PASSPHRASE", "between the two");
    estate.env.levee(["state", "rotate-key"]).ok().hides(&other);
    estate.env.set("LEVEE_STATE_PASSPHRASE", "between the two");
    asked(&estate, "Decrypt");
    estate.env.levee(["plan", "-detailed-exitcode"]).code(0);
    assert_eq!(asked(&estate, "Decrypt"), 0);
    estate.env.levee(["state", "rotate-key", &format!("-kms-key={other}")]).ok();
    estate.env.levee(["state", "check"]).ok().says("is sound");
    assert_eq!(stands(&estate, &drawn), Vec::<String>::new());
    estate.env.levee(["state", "decrypt"]).ok();
    assert!(stands(&estate, &drawn).contains(&"terraform.tfstate".to_owned()));
}

#[test]
fn who_may_not_is_told_why_and_nothing_is_lost() {
    let (estate, key, drawn) = applied("nokms");
    let keys = |args: &[&str]| estate.script_with("keys.py", args);
    let fault = |action: &str| {
        let fault = json!({
            "service": "kms", "action": action, "kind": "error", "status": 400, "code": "AccessDeniedException",
            "message": "you are not authorized",
        });
        estate.control.post("faults", &fault);
    };
    // What may be wrapped and not opened hides nothing.
    for (action, hint) in [("Encrypt", "need kms:Encrypt"), ("Decrypt", "need kms:Decrypt")] {
        fault(action);
        let out = estate.env.levee(["state", "encrypt", "-kms-key=alias/states"]).refused();
        out.says("you are not authorized").says(hint).says("Nothing was changed");
        estate.env.levee(["plan", "-detailed-exitcode"]).code(0);
    }
    estate.env.levee(["state", "encrypt", "-kms-key=alias/none"]).refused().says("NotFoundException").says("Check the key's name");
    estate.env.levee(["state", "encrypt", &format!("-kms-key={key}")]).ok();
    let refused = |words: &[&str]| {
        for verb in [&["plan"][..], &["apply", "-auto-approve"]] {
            let out = estate.env.run(estate.env.command(verb)).refused().says(&key).says("The state is encrypted");
            words.iter().fold(out, |out, word| out.says(word));
        }
        // What is not hidden is told all the same.
        estate.env.levee(["history"]).ok().says("apply");
        estate.env.levee(["state", "check"]).ok().says("is sound");
    };
    keys(&["disable", &key]);
    refused(&["is disabled", "aws kms enable-key"]);
    estate.env.levee(["state", "rotate-key", "-kms-key=alias/states"]).refused().says("is disabled");
    estate.env.levee(["state", "decrypt"]).refused().says("is disabled");
    keys(&["schedule", &key]);
    refused(&["is pending deletion", "cancel-key-deletion"]);
    keys(&["cancel", &key]);
    keys(&["enable", &key]);
    fault("Decrypt");
    estate.env.levee(["plan"]).refused().says("need kms:Decrypt on this key");
    for (variable, value, words) in [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", ["the endpoint could not be reached", "check the network"]),
        ("AWS_ACCESS_KEY_ID", "", ["no AWS credentials", "not of a provider block"]),
    ] {
        let mut command = estate.env.command(&["plan"]);
        command.env(variable, value);
        estate.env.run(command).refused().says(&key).says(words[0]).says(words[1]);
    }
    assert_eq!(estate.env.levee(["output", "-raw", "drawn"]).ok().stdout, drawn, "nothing is lost");
    // The wrapped key of another state is not opened in its place.
    estate.env.levee(["workspace", "new", "other"]).ok();
    estate.env.levee(["apply", "-auto-approve"]).ok();
    estate.env.levee(["state", "encrypt", "-kms-key=alias/states"]).ok();
    keys(&["swap", "terraform.tfstate.d/other/.levee/state.db", ".levee/state.db"]);
    estate.env.levee(["plan"]).refused().says("InvalidCiphertextException").says("another state's");
    estate.env.levee(["workspace", "select", "default"]).ok();
    assert_eq!(estate.env.levee(["output", "-raw", "drawn"]).ok().stdout, drawn);
}
