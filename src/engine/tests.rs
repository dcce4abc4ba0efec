//! Whole runs of small configurations, with values that only the apply knows.

mod journal;

use super::*;
use crate::event::Silent;
use crate::install::InstallOptions;
use crate::plan::Mode;
use levee_model::Action;
use levee_state::{Access, RunId, Store};

/// A workspace of its own, gone with the test.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new(text: &str) -> Self {
        let place = Self { dir: tempfile::tempdir().expect("a temporary directory") };
        place.write("main.tf", text);
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("directory");
        std::fs::write(path, text).expect("file");
    }

    fn workspace(&self) -> Workspace {
        Workspace::locate(self.dir.path(), Some(Path::new("state.db")), None)
    }

    async fn init(&self) {
        let request = InitRequest {
            workspace: self.workspace(),
            install: Some(InstallOptions::default()),
            from_module: None,
            states: None,
            backend_config: Vec::new(),
        };
        init(request, |_| {}).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    }

    async fn plan(&self, options: PlanOptions, variables: &[(&str, &str)]) -> Result<Planned, Failure> {
        let arguments = variables.iter().map(|(n, v)| InputArgument::Var(format!("{n}={v}"))).collect();
        let inputs = Inputs { arguments, ..Inputs::default() };
        plan(PlanRequest { workspace: self.workspace(), inputs, options, listener: Arc::new(Silent) }).await
    }

    async fn apply(&self, options: PlanOptions, variables: &[(&str, &str)]) -> Applied {
        let planned = self.plan(options, variables).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
        apply(planned, &self.workspace(), run_options(false)).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics))
    }

    /// The input of an object as the state has it.
    fn input(&self, addr: &str) -> Option<Value> {
        let view = state(&self.workspace()).unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
        view.objects.into_iter().find(|o| o.addr.to_string() == addr).and_then(|o| o.value.get("input"))
    }

    fn count(&self) -> usize {
        state(&self.workspace()).unwrap_or_else(|f| panic!("{:?}", f.diagnostics)).objects.len()
    }
}

fn run_options(interrupted: bool) -> RunOptions {
    let interrupt = tokio::sync::watch::channel(interrupted).1;
    RunOptions { parallelism: 4, lock_timeout: Duration::ZERO, hidden: Duration::ZERO, listener: Arc::new(Silent), interrupt }
}

fn normal() -> PlanOptions {
    PlanOptions::default()
}

fn targeting(target: &str) -> PlanOptions {
    PlanOptions { targets: vec![target.parse().expect("a target")], ..normal() }
}

fn destroying() -> PlanOptions {
    PlanOptions { mode: Mode::Destroy, ..normal() }
}

fn errors(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().filter(|d| d.is_error()).map(|d| d.summary.as_str()).collect()
}

#[tokio::test]
async fn values_of_each_come_from_what_is_made_on_the_way() {
    let place = Place::new(
        r#"
        resource "terraform_data" "a" { input = "x" }
        resource "terraform_data" "b" {
          for_each = { k = terraform_data.a.output }
          input    = each.value
        }
        module "m" {
          source   = "./m"
          for_each = { k = terraform_data.a.output }
          v        = each.value
        }
        "#,
    );
    place.write("m/main.tf", "variable \"v\" {}\nresource \"terraform_data\" \"c\" { input = var.v }\n");
    place.init().await;
    let applied = place.apply(normal(), &[]).await;
    assert!(errors(&applied.diagnostics).is_empty(), "{:?}", applied.diagnostics);
    for addr in ["terraform_data.b[\"k\"]", "module.m[\"k\"].terraform_data.c"] {
        assert_eq!(place.input(addr), Some(Value::string("x")), "{addr}");
    }
    let again = place.plan(normal(), &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert!(!again.plan().has_changes());
}

#[tokio::test]
async fn an_object_that_is_made_anew_has_no_changes_to_ignore() {
    let place = Place::new(
        r#"
        variable "v" { default = "1" }
        resource "terraform_data" "a" {
          input            = var.v
          triggers_replace = var.v
          lifecycle { ignore_changes = [input] }
        }
        "#,
    );
    place.apply(normal(), &[]).await;
    let applied = place.apply(normal(), &[("v", "2")]).await;
    assert!(errors(&applied.diagnostics).is_empty(), "{:?}", applied.diagnostics);
    assert_eq!((applied.summary.added, applied.summary.destroyed), (1, 1));
    assert_eq!(place.input("terraform_data.a"), Some(Value::string("2")));
}

const HALF: &str = r#"
    resource "terraform_data" "z" {}
    resource "terraform_data" "a" {
      count = 2
      input = terraform_data.z.id
    }
    output "second" { value = terraform_data.a[1].id }
"#;

#[tokio::test]
async fn a_half_made_state_is_destroyed_and_refreshed() {
    let place = Place::new(HALF);
    place.apply(targeting("terraform_data.z"), &[]).await;
    let refreshed = place.apply(PlanOptions { mode: Mode::RefreshOnly, ..normal() }, &[]).await;
    assert!(errors(&refreshed.diagnostics).is_empty(), "{:?}", refreshed.diagnostics);
    let applied = place.apply(destroying(), &[]).await;
    assert!(errors(&applied.diagnostics).is_empty(), "{:?}", applied.diagnostics);
    assert_eq!((applied.summary.destroyed, place.count()), (1, 0));
}

#[tokio::test]
async fn destroying_a_target_takes_along_what_depends_on_it() {
    let place = Place::new(HALF);
    place.apply(normal(), &[]).await;
    let planned = place.plan(PlanOptions { targets: vec!["terraform_data.z".parse().expect("a target")], ..destroying() }, &[]).await;
    let planned = planned.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(planned.plan().counts(), (0, 0, 3));
}

#[tokio::test]
async fn outputs_of_what_failed_stay_as_they_were() {
    let place = Place::new(
        r#"
        variable "v" { default = "1" }
        resource "terraform_data" "a" {
          input = var.v
          lifecycle {
            postcondition {
              condition     = self.output != "2"
              error_message = "not two"
            }
          }
        }
        resource "terraform_data" "b" { input = terraform_data.a.input }
        output "known" { value = terraform_data.b.input }
        output "apart" { value = var.v }
        "#,
    );
    place.apply(normal(), &[]).await;
    let applied = place.apply(normal(), &[("v", "2")]).await;
    assert_eq!(errors(&applied.diagnostics), ["Resource postcondition failed"]);
    assert_eq!(applied.summary.skipped, 1);
    assert_eq!(applied.outputs["known"], Value::string("1"));
    assert_eq!(applied.outputs["apart"], Value::string("2"));
}

#[tokio::test]
async fn a_condition_that_waits_for_the_apply_is_checked_then() {
    let place = Place::new(
        r#"
        resource "terraform_data" "a" { input = "x" }
        output "o" {
          value = "fixed"
          precondition {
            condition     = terraform_data.a.output == "y"
            error_message = "not y"
          }
        }
        "#,
    );
    let applied = place.apply(normal(), &[]).await;
    assert_eq!(errors(&applied.diagnostics), ["Module output value precondition failed"]);
    assert!(!applied.outputs.contains_key("o"));
}

#[tokio::test]
async fn only_updates_and_replacements_trigger_a_replacement() {
    let place = Place::new(
        r#"
        variable "v" { default = "1" }
        resource "terraform_data" "a" { input = var.v }
        resource "terraform_data" "whole" {
          lifecycle { replace_triggered_by = [terraform_data.a] }
        }
        resource "terraform_data" "input" {
          lifecycle { replace_triggered_by = [terraform_data.a.input] }
        }
        "#,
    );
    let triggered = |planned: &Planned| -> Vec<String> {
        let replaced = planned.plan().changes.iter().filter(|c| c.action.is_replace() && &*c.addr.name != "a");
        replaced.map(|c| c.addr.name.to_string()).collect()
    };
    let made = Place::new("resource \"terraform_data\" \"whole\" {}\nresource \"terraform_data\" \"input\" {}\n");
    made.apply(normal(), &[]).await;
    made.write("main.tf", &std::fs::read_to_string(place.dir.path().join("main.tf")).expect("the other's file"));
    let first = made.plan(normal(), &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(triggered(&first), [""; 0], "a new object triggers nothing");
    made.apply(normal(), &[]).await;
    let changed = made.plan(normal(), &[("v", "2")]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(triggered(&changed), ["input", "whole"]);
    let replace = PlanOptions { replace: vec!["terraform_data.a".parse().expect("an address")], ..normal() };
    let replaced = made.plan(replace, &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(triggered(&replaced), ["whole"], "the input stays the same");
}

#[tokio::test]
async fn what_became_secret_is_secret_in_the_state() {
    let place = Place::new("variable \"v\" {\n  default = \"hush\"\n}\nresource \"terraform_data\" \"a\" { input = var.v }\n");
    place.apply(normal(), &[]).await;
    place.write(
        "main.tf",
        "variable \"v\" {\n  default   = \"hush\"\n  sensitive = true\n}\nresource \"terraform_data\" \"a\" { input = var.v }\n",
    );
    let applied = place.apply(normal(), &[]).await;
    assert_eq!(applied.summary, Summary { changed: 1, ..Summary::default() });
    assert!(place.input("terraform_data.a").is_some_and(|v| v.is_sensitive()));
}

#[tokio::test]
async fn an_interrupt_starts_nothing_and_is_no_interrupt_when_nothing_is_left() {
    let place = Place::new("resource \"terraform_data\" \"a\" {}\n");
    let planned = place.plan(normal(), &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    let stopped = apply(planned, &place.workspace(), run_options(true)).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert!(stopped.interrupted);
    assert_eq!((stopped.summary.added, stopped.summary.skipped, place.count()), (0, 1, 0));
    place.apply(normal(), &[]).await;
    assert_eq!(place.count(), 1);
}

#[tokio::test]
async fn a_provider_block_that_is_gone_is_asked_for() {
    let place = Place::new(
        "provider \"random\" {\n  alias = \"x\"\n}\nresource \"random_string\" \"a\" {\n  length   = 4\n  provider = random.x\n}\n",
    );
    place.apply(normal(), &[]).await;
    place.write("main.tf", "");
    let refused = place.plan(normal(), &[]).await.err().expect("nobody can delete it");
    assert_eq!(errors(&refused.diagnostics), ["Provider configuration not present"]);
    place.write("main.tf", "resource \"random_string\" \"b\" {\n  length   = 4\n  provider = random.x\n}\n");
    let refused = place.plan(normal(), &[]).await.err().expect("it is not declared");
    assert!(errors(&refused.diagnostics).contains(&"Provider configuration not present"));
}

#[tokio::test]
async fn what_depended_on_something_that_moved_still_does() {
    let place = Place::new("resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\n");
    place.apply(normal(), &[]).await;
    place.write("main.tf", "resource \"terraform_data\" \"x\" {}\nmoved {\n  from = terraform_data.a\n  to   = terraform_data.x\n}\n");
    let planned = place.plan(normal(), &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    let known = planned.compiled.objects.all.values().find(|p| &*p.row.addr.name == "b").expect("b is still there");
    assert_eq!(known.row.dependencies.iter().map(|d| &*d.name).collect::<Vec<_>>(), ["x"]);
}

#[tokio::test]
async fn undeclared_variables_and_bad_defaults_are_said() {
    let place = Place::new("variable \"n\" {\n  type    = number\n  default = \"x\"\n}\n");
    let refused = place.plan(normal(), &[]).await.err().expect("the default is no number");
    assert_eq!(errors(&refused.diagnostics), ["Invalid default value for variable"]);
    place.write("main.tf", "");
    let refused = place.plan(normal(), &[("nn", "1")]).await.err().expect("there is no such variable");
    assert_eq!(errors(&refused.diagnostics), ["Value for undeclared variable"]);
    place.write("terraform.tfvars", "nn = 1\n");
    let planned = place.plan(normal(), &[]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(planned.diagnostics.len(), 1, "in a file it is a warning");
}

#[tokio::test]
async fn a_saved_plan_does_what_it_says_or_nothing() {
    let text = "variable \"v\" {\n  sensitive = true\n}\nresource \"terraform_data\" \"a\" { input = var.v }\n";
    let place = Place::new(text);
    let file = place.dir.path().join("plan");
    let planned = place.plan(normal(), &[("v", "s")]).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    save(&planned, &file, &place.workspace()).unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    let load = async || load_plan(&place.workspace(), &file, None, Arc::new(Silent)).await;
    place.write("main.tf", &format!("{text}# changed\n"));
    let refused = load().await.err().expect("the configuration is another one");
    assert!(refused.diagnostics.iter().any(|d| d.detail.contains("configuration has changed")));
    place.write("main.tf", text);
    let again = load().await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(again.plan().changes[0].action, Action::Create);
    let applied = apply(again, &place.workspace(), run_options(false)).await.unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    assert_eq!(applied.summary.added, 1);
    assert!(place.input("terraform_data.a").is_some_and(|v| v.is_sensitive()));
    let refused = load().await.err().expect("the state is another one");
    assert!(refused.diagnostics.iter().any(|d| d.detail.contains("state has changed")));
}

const SIM: &str = r#"
    terraform {
      required_providers {
        sim = { source = "levee/sim" }
      }
    }
"#;

#[tokio::test]
async fn what_is_forgotten_is_so_even_if_it_has_changed() {
    let place = Place::new("");
    let world = place.dir.path().join("world.jsonl");
    let provider = format!("{SIM}provider \"sim\" {{ world = {:?} }}\n", world.to_string_lossy());
    let made = "resource \"sim_object\" \"a\" {\n  name = \"a\"\n  size = 7\n}\n";
    place.write("main.tf", &format!("{provider}{made}"));
    place.apply(normal(), &[]).await;
    let lines = std::fs::read_to_string(&world).expect("a world");
    std::fs::write(&world, lines.replace("\"size\":7", "\"size\":8")).expect("written");
    let removed = "removed {\n  from = sim_object.a\n  lifecycle { destroy = false }\n}\n";
    place.write("main.tf", &format!("{provider}{removed}"));
    place.apply(normal(), &[]).await;
    assert_eq!(place.count(), 0);
}

/// What a run keeps holds the values of variables, but for secrets; those it names.
#[tokio::test]
async fn a_run_keeps_no_secrets() {
    let place = Place::new(
        r#"
        variable "plain" {}
        variable "secret" { sensitive = true }
        variable "passing" {
          ephemeral = true
          default   = ""
        }
        resource "terraform_data" "a" { input = var.plain }
        "#,
    );
    place.apply(normal(), &[("plain", "shown"), ("secret", "hidden-one"), ("passing", "hidden-two")]).await;
    let store = Store::open(place.workspace().state, Access::ReadOnly).expect("a store");
    let kept = store.kept(RunId(1)).expect("reads").expect("it kept something");
    let approval = bundle::approval(&kept).expect("an approval");
    assert_eq!(approval.left_out.iter().map(String::as_str).collect::<Vec<_>>(), ["passing", "secret"]);
    assert_eq!(approval.inputs().expect("values").keys().map(|n| &**n).collect::<Vec<_>>(), ["plain"]);
    let text = serde_json::to_string(&approval).expect("a document");
    assert!(text.contains("shown") && !text.contains("hidden"), "{text}");
}
