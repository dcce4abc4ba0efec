//! What is told about time: by the plan beforehand, and by the timeline afterwards.

use crate::test_env::TestEnv;

const MAIN: &str = r#"
resource "time_sleep" "first" {
  create_duration = "500ms"
}

resource "time_sleep" "beside" {
  count           = 2
  create_duration = "300ms"
}

data "local_file" "read" {
  depends_on = [time_sleep.first]
  filename   = "main.tf"
}

resource "terraform_data" "last" {
  input = data.local_file.read.content_md5
}
"#;

#[test]
fn a_run_is_foretold_and_drawn() {
    let env = TestEnv::new("timeline");
    env.write("main.tf", MAIN);
    env.levee(["timeline"]).refused().says("No run has done anything");
    env.levee(["plan", "-parallelism=1"]).ok().says("Expected to take about 1s");
    env.levee(["apply", "-auto-approve", "-parallelism=1"]).ok();
    env.levee(["plan"]).ok().hides("Expected to take");
    let drawn = env.levee(["timeline"]).ok().says("Run 1 succeeded after").says("ready before there was room");
    drawn.in_order(&["Run 1 succeeded", "5 steps;"]).says("create time_sleep.first").says("read data.local_file.read");
    env.levee(["timeline", "7"]).refused().says("knows no run 7");
    let found = env.levee(["timeline", "1", "-json"]).ok().json();
    let steps = found["steps"].as_array().expect("steps");
    let step = |object: &str| steps.iter().find(|s| s["object"] == object).unwrap_or_else(|| panic!("{object} in {found}"));
    // One at a time, the longest chain first: the file is read and made use of before what nothing waits for.
    assert_eq!(step("time_sleep.first")["started"].as_f64().map(|s| s < 0.1), Some(true), "{found}");
    assert_eq!(step("data.local_file.read")["after"], step("time_sleep.first")["number"]);
    assert_eq!(step("terraform_data.last")["after"], step("data.local_file.read")["number"]);
    assert!(step("time_sleep.beside[1]")["started"].as_f64() > step("time_sleep.beside[1]")["ready"].as_f64(), "{found}");
    assert!(found["lost"]["room_longest_seconds"].as_f64() > Some(0.3) && found["critical_path_seconds"].as_f64() > Some(0.5), "{found}");
    env.levee(["timeline", "-html=page.html"]).ok().says("drawn in page.html");
    let page = std::fs::read_to_string(env.path("page.html")).expect("the page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("create time_sleep.beside[1]"), "{page}");
}
