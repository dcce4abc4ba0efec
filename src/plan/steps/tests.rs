//! The order of steps, over real plans of small configurations.

use super::*;
use crate::config;
use crate::graph::BlockGraph;
use crate::plan::compile::{Compiled, Source, compile};
use crate::plan::objects::{ObjectKey, Objects, Prior};
use crate::plan::values::Surroundings;
use crate::plan::{Mode as PlanMode, PlanOptions};
use levee_model::{InstanceAddr, ModulePath, Type, Value};
use levee_state::{ObjectRow, ObjectStatus};
use std::path::PathBuf;
use std::sync::Arc;

/// An object of the state: its address, and what it depends on.
fn object(addr: &str, dependencies: &[&str]) -> (ObjectKey, Prior) {
    let addr: InstanceAddr = addr.parse().expect("an address");
    let resource = |a: &&str| a.parse::<InstanceAddr>().expect("an address").resource();
    let members = ["id", "input", "output", "triggers_replace"]
        .map(|n| (Arc::from(n), if n == "id" { Value::string(addr.to_string()) } else { Value::null(Type::Dynamic) }));
    let stored = Value::object(members.into());
    let row = ObjectRow {
        addr: addr.clone(),
        deposed: None,
        provider: Arc::from("provider.terraform"),
        provider_source: Arc::from("terraform.io/builtin/terraform"),
        schema_version: 0,
        status: ObjectStatus::Ready,
        id: Some(addr.to_string()),
        values: "{}".to_owned(),
        sensitive_paths: "[]".to_owned(),
        dependencies: dependencies.iter().map(resource).collect(),
        create_before_destroy: false,
        private: None,
    };
    ((addr, None), Prior { row: Arc::new(row), current: Some(stored.clone()), stored })
}

fn compiled(text: &str, objects: &[(&str, &[&str])], mode: PlanMode) -> Compiled {
    compiled_with(text, objects.iter().map(|(a, d)| object(a, d)).collect(), mode)
}

fn compiled_with(text: &str, objects: BTreeMap<ObjectKey, Prior>, mode: PlanMode) -> Compiled {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("main.tf"), text).expect("file");
    let (config, diagnostics) = config::load(dir.path(), config::Rules::default());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let blocks = Arc::new(BlockGraph::new(&config));
    let objects = Objects { all: objects.into_iter().collect(), ..Objects::default() };
    let functions = crate::eval::functions::Context {
        base_dir: PathBuf::from("."),
        files: crate::config::Files::default(),
        home: None,
        plan_timestamp: None,
        planning: true,
        render: None,
        read_tfvars: None,
    };
    let source = Source {
        images: None,
        config: Arc::new(config),
        blocks,
        functions,
        surroundings: Surroundings::default(),
        inputs: BTreeMap::new(),
        objects: Arc::new(objects),
        moves: crate::plan::moves::Moves::default(),
        options: PlanOptions { mode, ..PlanOptions::default() },
        saved_data: BTreeMap::new(),
        saved_imports: BTreeMap::new(),
        generated: BTreeMap::new(),
        registry: crate::providers::registry(),
        durations: crate::plan::durations::Durations::default(),
        listener: Arc::new(crate::event::Silent),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (compiled, diagnostics) = runtime.block_on(compile(source));
    compiled.unwrap_or_else(|_| panic!("{diagnostics:?}"))
}

/// `create a`, `delete b`, ... as they would start one after the other.
fn order(compiled: &Compiled) -> Vec<String> {
    let steps = &compiled.steps;
    let mut waits = steps.order.waits.clone();
    let mut ready: Vec<usize> = (0..waits.len()).filter(|i| waits[*i] == 0).collect();
    let mut out = Vec::new();
    while let Some(step) = ready.pop() {
        let name = |i: usize| compiled.items[i].change.addr.name.to_string();
        match steps.work[step] {
            Work::Create(i) => out.push(format!("create {}", name(i))),
            Work::Update(i) => out.push(format!("update {}", name(i))),
            Work::Delete(i) => out.push(format!("delete {}", name(i))),
            Work::Pass | Work::Evaluate | Work::Open | Work::Read(_) | Work::Check(_) => {}
        }
        for next in steps.order.dependents.of(StepId::try_from(step).expect("small")) {
            waits[*next as usize] -= 1;
            if waits[*next as usize] == 0 {
                ready.push(*next as usize);
            }
        }
    }
    assert!(waits.iter().all(|w| *w == 0), "every step has its turn");
    out
}

/// Whether the steps come in this order among others.
fn assert_order(compiled: &Compiled, expected: &[&str]) {
    let all = order(compiled);
    let places: Vec<_> = expected.iter().map(|e| all.iter().position(|a| a == e)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{expected:?} within {all:?}");
}

const CHAIN: &[(&str, &[&str])] =
    &[("terraform_data.a", &[]), ("terraform_data.b", &["terraform_data.a"]), ("terraform_data.c", &["terraform_data.b"])];

#[test]
fn what_depends_is_made_later_and_deleted_earlier() {
    let text = r#"
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" { input = terraform_data.a.id }
        resource "terraform_data" "c" { input = terraform_data.b.id }
    "#;
    assert_eq!(order(&compiled(text, &[], PlanMode::Normal)), ["create a", "create b", "create c"]);
    assert_eq!(order(&compiled(text, CHAIN, PlanMode::Destroy)), ["delete c", "delete b", "delete a"]);
    assert_eq!(order(&compiled("", CHAIN, PlanMode::Normal)), ["delete c", "delete b", "delete a"]);
}

fn replaced(create_first: bool) -> String {
    format!(
        r#"
        resource "terraform_data" "a" {{ triggers_replace = "new" }}
        resource "terraform_data" "b" {{
          triggers_replace = terraform_data.a.id
          lifecycle {{ create_before_destroy = {create_first} }}
        }}
        resource "terraform_data" "c" {{ input = terraform_data.b.id }}
    "#
    )
}

#[test]
fn a_replacement_deletes_first_unless_told_otherwise() {
    let compiled = compiled(&replaced(false), CHAIN, PlanMode::Normal);
    assert_eq!(order(&compiled), ["delete b", "delete a", "create a", "create b", "update c"]);
}

#[test]
fn create_before_destroy_spreads_to_what_is_needed() {
    let compiled = compiled(&replaced(true), CHAIN, PlanMode::Normal);
    assert_eq!(order(&compiled), ["create a", "create b", "update c", "delete b", "delete a"]);
}

#[test]
fn what_is_only_deleted_goes_before_what_stays_is_changed() {
    let text = "resource \"terraform_data\" \"b\" { input = \"no more\" }\n";
    let objects: &[(&str, &[&str])] = &[("terraform_data.a", &[]), ("terraform_data.b", &["terraform_data.a"])];
    assert_order(&compiled(text, objects, PlanMode::Normal), &["delete a", "update b"]);
}

#[test]
fn remembered_dependencies_give_way_to_those_of_the_configuration() {
    // The state remembers that b depends on a; the configuration has turned it round.
    let text = r#"
        resource "terraform_data" "a" {
          input            = terraform_data.b.id
          triggers_replace = "new"
        }
        resource "terraform_data" "b" { triggers_replace = "new" }
    "#;
    let objects: &[(&str, &[&str])] = &[("terraform_data.a", &["terraform_data.b"]), ("terraform_data.b", &["terraform_data.a"])];
    assert_order(&compiled(text, objects, PlanMode::Normal), &["delete a", "delete b", "create b", "create a"]);
    assert_eq!(order(&compiled(text, objects, PlanMode::Destroy)).len(), 2, "everything is deleted all the same");
}

#[test]
fn deletions_keep_their_order_where_other_instances_turn_it_round() {
    // c depended on b, b on a; what is made under the name of a depends on c.
    let text = r#"
        resource "terraform_data" "b" { count = 2 }
        resource "terraform_data" "c" {
          count = 2
          input = terraform_data.b[1].id
        }
        resource "terraform_data" "a" {
          count = 2
          input = terraform_data.c[1].id
        }
    "#;
    let objects: &[(&str, &[&str])] =
        &[("terraform_data.a[5]", &[]), ("terraform_data.b[5]", &["terraform_data.a"]), ("terraform_data.c[5]", &["terraform_data.b"])];
    assert_order(&compiled(text, objects, PlanMode::Normal), &["delete c", "delete b", "delete a"]);
}

#[test]
fn what_outlived_changes_goes_before_what_it_needed_is_replaced() {
    // a and c are replaced; b, which c depended on, is only deleted, and outlives changes. Terraform finds no order here.
    let text = r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "c" { triggers_replace = terraform_data.a.id }
    "#;
    let mut objects: BTreeMap<_, _> = [
        object("terraform_data.a", &[]),
        object("terraform_data.b", &["terraform_data.a"]),
        object("terraform_data.c", &["terraform_data.a", "terraform_data.b"]),
    ]
    .into();
    for ((addr, _), prior) in &mut objects {
        prior.row = Arc::new(ObjectRow { create_before_destroy: &*addr.name == "b", ..prior.row.as_ref().clone() });
    }
    let compiled = compiled_with(text, objects, PlanMode::Normal);
    assert_eq!(order(&compiled), ["delete c", "delete b", "delete a", "create a", "create c"]);
}

#[test]
fn what_is_made_beside_the_old_is_in_nobodys_way() {
    // b is only deleted; it depended on a, and c on both. Terraform finds no order here.
    let text = r#"
        resource "terraform_data" "a" {
          triggers_replace = "new"
          lifecycle { create_before_destroy = true }
        }
        resource "terraform_data" "c" {
          triggers_replace = terraform_data.a.id
          lifecycle { create_before_destroy = true }
        }
    "#;
    let objects: &[(&str, &[&str])] = &[
        ("terraform_data.a", &[]),
        ("terraform_data.b", &["terraform_data.a"]),
        ("terraform_data.c", &["terraform_data.a", "terraform_data.b"]),
    ];
    assert_eq!(order(&compiled(text, objects, PlanMode::Normal)), ["create a", "create c", "delete c", "delete b", "delete a"]);
}

#[test]
fn deletions_keep_their_order_where_what_stays_has_to_wait() {
    // d names c, and waits for a, which waits for b to be gone, which c depended on. Terraform finds no order here.
    let text = r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "c" {
          triggers_replace = "new"
          lifecycle { create_before_destroy = true }
        }
        resource "terraform_data" "d" {
          input      = terraform_data.c.id
          depends_on = [terraform_data.a]
        }
    "#;
    let objects: &[(&str, &[&str])] = &[
        ("terraform_data.a", &[]),
        ("terraform_data.b", &["terraform_data.a"]),
        ("terraform_data.c", &["terraform_data.b"]),
        ("terraform_data.d", &["terraform_data.a", "terraform_data.c"]),
    ];
    let expected = ["create c", "delete c", "delete b", "delete a", "create a", "update d"];
    assert_eq!(order(&compiled(text, objects, PlanMode::Normal)), expected);
}

#[test]
fn the_longest_chain_weighs_most() {
    let text = r#"
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" { input = terraform_data.a.id }
        resource "terraform_data" "alone" {}
    "#;
    let compiled = compiled(text, &[], PlanMode::Normal);
    let weight = |name: &str| {
        let i = compiled.items.iter().position(|i| &*i.change.addr.name == name).expect("an item");
        compiled.steps.order.remaining[compiled.items[i].node.expect("a node").0 as usize]
    };
    assert_eq!([weight("a"), weight("b"), weight("alone")], [2000, 1000, 1000]);
}

#[test]
fn edges_stay_linear_where_many_depend_on_many() {
    let text = "resource \"terraform_data\" \"a\" { count = 100 }\nresource \"terraform_data\" \"b\" {\n  count = 100\n  input = terraform_data.a[*].id\n}\n";
    let compiled = compiled(text, &[], PlanMode::Normal);
    let edges: usize = compiled.steps.order.dependents.edges();
    assert!(edges < 1500, "{edges} edges");
}

#[test]
fn a_value_of_each_that_is_unknown_is_evaluated_again() {
    let text = r#"
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" {
          for_each = { k = terraform_data.a.id }
          input    = each.value
        }
    "#;
    let compiled = compiled(text, &[], PlanMode::Normal);
    let block = compiled.world.blocks.id(&Block::Resource("terraform_data.b".parse::<InstanceAddr>().expect("an address").resource()));
    let root = compiled.world.instances_of(&ModulePath::root())[0];
    let entry = compiled.world.resource(block.expect("the block"), root).expect("an entry");
    assert_eq!(compiled.steps.work[entry.expansion.0 as usize], Work::Evaluate);
}
