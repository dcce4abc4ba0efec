//! For each type of the standard library: the process is gone after what makes its object, or what deletes it, and before that is
//! recorded. Files are found again, with their contents; what lives in the state alone is made by the next run.

use crate::estate::figure;
use crate::test_env::{Output, TestEnv};
use std::collections::BTreeSet;

/// Each type, and its arguments. Each depends on the one before it, so that the nth call is always that of the same type.
const TYPES: [(&str, &str); 16] = [
    ("local_file", "filename = \"out/plain\"\ncontent = \"as it should be\""),
    ("local_sensitive_file", "filename = \"out/secret\"\ncontent = \"for few\""),
    ("null_resource", "triggers = { a = 1 }"),
    ("terraform_data", "input = 1"),
    ("random_bytes", "length = 4"),
    ("random_id", "byte_length = 4"),
    ("random_integer", "min = 1\nmax = 99999"),
    ("random_password", "length = 20"),
    ("random_pet", "length = 2"),
    ("random_shuffle", "input = [\"a\", \"b\", \"c\"]"),
    ("random_string", "length = 20"),
    ("random_uuid", "keepers = { a = 1 }"),
    ("time_offset", "offset_days = 1"),
    ("time_rotating", "rotation_days = 1"),
    ("time_static", "triggers = { a = 1 }"),
    ("time_sleep", "create_duration = \"1ms\""),
];
/// Between the call and the record of its end.
const POINTS: [&str; 2] = ["call.after", "outcome.before"];

/// Runs a verb that ends itself at the passing of a point so and so often. Whether it came so far.
fn cut_off(env: &TestEnv, verb: &str, point: &str, nth: usize) -> bool {
    let mut command = env.command(&[verb, "-auto-approve", "-parallelism=1"]);
    command.env("LEVEE_FAIL_POINT", format!("{point}={nth}"));
    let out = env.run(command);
    assert!([None, Some(0)].contains(&out.code), "{out}");
    out.code.is_none()
}

/// Addresses of which the next run told what had become of them.
fn settled(out: &Output) -> impl Iterator<Item = String> {
    let lines = out.stdout.lines().filter(|line| line.contains("Left open by an earlier run"));
    lines.filter_map(|line| line.split_once(':')).map(|(addr, _)| addr.to_owned())
}

fn files(env: &TestEnv) -> Vec<(String, String)> {
    let listed = std::fs::read_dir(env.path("out")).into_iter().flatten().flatten();
    let read = |path: std::path::PathBuf| (path.display().to_string(), std::fs::read_to_string(&path).expect("a file"));
    let mut files: Vec<_> = listed.map(|entry| read(entry.path())).collect();
    files.sort();
    files.into_iter().map(|(path, content)| (path.rsplit('/').next().unwrap_or_default().to_owned(), content)).collect()
}

#[test]
fn nothing_is_lost_and_nothing_is_made_twice() {
    let env = TestEnv::new("std-types");
    let block = |at: usize| {
        let (name, arguments) = TYPES[at];
        let after = at.checked_sub(1).map_or_else(String::new, |before| format!("{}.a", TYPES[before].0));
        format!("resource \"{name}\" \"a\" {{\n{arguments}\ndepends_on = [{after}]\n}}\n")
    };
    env.write("main.tf", &(0..TYPES.len()).map(block).collect::<String>());
    let mut all: Vec<String> = TYPES.iter().map(|(name, _)| format!("{name}.a")).collect();
    all.sort();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let wanted = [("plain", "as it should be"), ("secret", "for few")].map(|(name, content)| (name.to_owned(), content.to_owned()));
    let (mut kills, mut told) = (0, BTreeSet::new());
    for (point, nth) in POINTS.into_iter().flat_map(|point| (1..=TYPES.len()).map(move |nth| (point, nth))) {
        assert!(cut_off(&env, "apply", point, nth), "each type passes {point}: {nth}");
        let out = env.levee(["apply", "-auto-approve"]).ok();
        told.extend(settled(&out).map(|addr| format!("created {addr}")));
        env.holds(&all);
        assert_eq!(files(&env), wanted, "{point}={nth}");
        env.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.").hides("Objects have changed outside of levee");
        assert!(cut_off(&env, "destroy", point, nth), "each type passes {point}: {nth}");
        told.extend(settled(&env.levee(["destroy", "-auto-approve"]).ok()).map(|addr| format!("deleted {addr}")));
        env.holds(&[]);
        assert_eq!(files(&env), [], "{point}={nth}");
        kills += 2;
    }
    env.levee(["state", "check"]).ok().says("is sound");
    figure(&format!("types of the standard library: {} types, {kills} kills, settled: {told:?}", TYPES.len()));
    for addr in ["local_file.a", "local_sensitive_file.a"] {
        for way in ["created", "deleted"] {
            assert!(told.contains(&format!("{way} {addr}")), "{way} {addr} was in doubt: {told:?}");
        }
    }
}
