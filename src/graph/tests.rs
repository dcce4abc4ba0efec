//! Edges, cycles, providers, and what targets leave.

use super::block::{provider_at, provider_of, resource_of};
use super::target::Selection;
use super::{Block, BlockGraph, cycle};
use crate::config::{self, Config};
use levee_model::{ModulePath, ResourceAddr};
use petgraph::Direction;
use std::sync::Arc;

fn load(files: &[(&str, &str)]) -> (Config, BlockGraph) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("directory");
        std::fs::write(path, text).expect("file");
    }
    let (config, diagnostics) = config::load(dir.path(), config::Rules::default());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let graph = BlockGraph::new(&config);
    (config, graph)
}

/// What each block of a graph needs directly, by name; blocks that need nothing are left out.
fn needs(graph: &BlockGraph, of: &str) -> Vec<String> {
    let id = graph.graph.node_indices().find(|id| graph.graph[*id].to_string() == of).expect("the block is there");
    let mut names: Vec<_> = graph.graph.neighbors_directed(id, Direction::Incoming).map(|n| graph.graph[n].to_string()).collect();
    names.sort();
    names
}

const MODULE: &str = r#"
variable "cidr" {}
resource "terraform_data" "in" { input = var.cidr }
output "id" { value = terraform_data.in.id }
"#;

const ROOT: &str = r#"
locals { base = terraform_data.a.id }
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  input      = local.base
  depends_on = [module.net]
  lifecycle { replace_triggered_by = [terraform_data.c] }
}
resource "terraform_data" "c" { count = 2 }
module "net" {
  source = "./net"
  cidr   = local.base
}
output "x" { value = module.net.id }
"#;

#[test]
fn references_become_edges() {
    let (_, graph) = load(&[("main.tf", ROOT), ("net/main.tf", MODULE)]);
    let cases = [
        ("local.base", vec!["terraform_data.a"]),
        ("terraform_data.b", vec!["local.base", "module.net (close)", "provider.terraform", "terraform_data.c"]),
        ("module.net.var.cidr", vec!["local.base", "module.net"]),
        ("module.net.terraform_data.in", vec!["module.net", "module.net.var.cidr", "provider.terraform"]),
        ("output.x", vec!["module.net", "module.net.output.id"]),
        ("module.net (close)", vec!["module.net", "module.net.output.id", "module.net.terraform_data.in"]),
    ];
    for (block, expected) in cases {
        assert_eq!(needs(&graph, block), expected, "{block}");
    }
}

#[test]
fn a_cycle_names_each_member_with_its_place() {
    let text = "locals {\n  a = terraform_data.b.id\n}\nresource \"terraform_data\" \"b\" {\n  input = local.a\n}\n";
    let (config, graph) = load(&[("main.tf", text)]);
    let found = cycle::check(&graph, &config);
    assert_eq!(found.len(), 1);
    let found = found.iter().next().expect("one");
    assert_eq!(found.summary, "Cycle: local.a (expand), terraform_data.b");
    let places = [("local.a (expand)", "main.tf line 2"), ("terraform_data.b", "main.tf line 4")];
    assert_eq!(found.values, places.map(|(name, at)| (name.to_owned(), at.to_owned())));
}

/// On the stack of a test there is room for some ten thousand calls.
#[test]
fn a_long_chain_is_no_cycle() {
    let links: String = (1..30_000).map(|n| format!("  l{n} = local.l{}\n", n - 1)).collect();
    let (config, graph) = load(&[("main.tf", &format!("locals {{\n  l0 = 1\n{links}}}\n"))]);
    assert_eq!(cycle::check(&graph, &config).len(), 0);
}

#[test]
fn a_variable_takes_part_by_what_leads_to_it() {
    let root = "module \"m\" {\n  source = \"./m\"\n  x = module.m.y\n}\n";
    let module = "variable \"x\" {\n  validation {\n    condition = var.x != 1\n    error_message = \"One.\"\n  }\n}\noutput \"y\" {\n  value = var.x\n}\n";
    let (config, graph) = load(&[("main.tf", root), ("m/main.tf", module)]);
    let found: Vec<String> = cycle::check(&graph, &config).iter().map(|d| d.summary.clone()).collect();
    assert_eq!(found, ["Cycle: module.m.var.x (expand), module.m.var.x (validation), module.m.output.y (expand)"]);
}

#[test]
fn a_block_that_needs_itself_waits_for_nothing() {
    let (config, graph) = load(&[("main.tf", "resource \"terraform_data\" \"b\" { input = terraform_data.b.id }\n")]);
    assert_eq!(cycle::check(&graph, &config).len(), 0);
}

#[test]
fn providers_are_inherited_and_passed() {
    let root = r#"
        provider "aws" {}
        provider "aws" {
          alias = "west"
        }
        module "a" { source = "./m" }
        module "b" {
          source    = "./m"
          providers = { aws = aws.west }
        }
    "#;
    let module = "resource \"aws_vpc\" \"v\" {}\n";
    let (config, _) = load(&[("main.tf", root), ("m/main.tf", module)]);
    for (call, expected) in [("a", "provider.aws"), ("b", "provider.aws.west")] {
        let path = ModulePath::root().child(call);
        let vpc = &config.modules[&path].resources.values().next().expect("the VPC").clone();
        assert_eq!(provider_of(&config, &path, vpc).to_string(), expected);
    }
    // An alias is never inherited: it stays where it is asked for, to be reported there.
    let alone = provider_at(&config, &ModulePath::root().child("a"), Arc::from("aws"), Some(Arc::from("west")));
    assert_eq!(alone.to_string(), "module.a.provider.aws.west");
}

fn selected(files: &[(&str, &str)], targets: &[&str]) -> (BlockGraph, Selection) {
    let (_, graph) = load(files);
    let targets = targets.iter().map(|t| t.parse().expect("an address")).collect();
    let selection = Selection::new(&graph, targets, Vec::new());
    (graph, selection)
}

#[test]
fn targets_take_in_what_they_need_and_no_more() {
    let (graph, selection) = selected(&[("main.tf", ROOT), ("net/main.tf", MODULE)], &["module.net"]);
    let cases = [
        ("module.net.terraform_data.in", true),
        ("terraform_data.a", true),
        ("terraform_data.b", false),
        ("terraform_data.c[0]", false),
        ("terraform_data.gone", false),
    ];
    for (addr, expected) in cases {
        assert_eq!(selection.lets_through(&graph, &addr.parse().expect("an address")), expected, "{addr}");
    }
    let output = graph.id(&Block::Output(ModulePath::root(), Arc::from("x"))).expect("the output");
    assert!(selection.blocks().expect("some").contains(&output), "an output of what is in is in");
}

#[test]
fn a_target_with_a_key_leaves_the_others_out_unless_they_are_needed() {
    let text = r#"
        resource "terraform_data" "a" { count = 2 }
        resource "terraform_data" "b" { input = terraform_data.a[1].id }
        locals { x = terraform_data.a[0].id }
        output "x" { value = local.x }
    "#;
    let cases: [(&[&str], [bool; 3]); 3] = [
        (&["terraform_data.a[0]"], [true, false, false]),
        (&["terraform_data.a[0]", "terraform_data.b"], [true, true, true]),
        (&[], [true, true, true]),
    ];
    for (targets, expected) in cases {
        let (graph, selection) = selected(&[("main.tf", text)], targets);
        let found = ["terraform_data.a[0]", "terraform_data.a[1]", "terraform_data.b"]
            .map(|a| selection.lets_through(&graph, &a.parse().expect("an address")));
        assert_eq!(found, expected, "{targets:?}");
    }
}

#[test]
fn a_target_of_one_module_instance_leaves_the_others_out() {
    let root = "module \"m\" {\n  source   = \"./m\"\n  for_each = toset([\"x\", \"y\"])\n}\n";
    let module = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" { input = terraform_data.a.id }\n";
    let (graph, selection) = selected(&[("main.tf", root), ("m/main.tf", module)], &["module.m[\"x\"]"]);
    for (key, expected) in [("x", true), ("y", false)] {
        let addr = format!("module.m[{key:?}].terraform_data.a");
        assert_eq!(selection.lets_through(&graph, &addr.parse().expect("an address")), expected, "{addr}");
    }
}

#[test]
fn a_resource_is_found_by_its_address() {
    let (config, graph) = load(&[("main.tf", "resource \"terraform_data\" \"a\" {}\n")]);
    let addr: ResourceAddr = "terraform_data.a".parse::<levee_model::InstanceAddr>().expect("an address").resource();
    assert!(graph.resource(&addr).is_some());
    assert!(resource_of(&config.modules[&ModulePath::root()], &addr).is_some());
}

#[test]
fn an_exclusion_leaves_out_what_depends_on_it() {
    let text = r#"
        resource "terraform_data" "a" { count = 2 }
        resource "terraform_data" "b" { input = local.x }
        resource "terraform_data" "c" {}
        locals { x = terraform_data.a[0].id }
        output "x" { value = local.x }
    "#;
    let (_, graph) = load(&[("main.tf", text)]);
    let names = ["terraform_data.a[0]", "terraform_data.a[1]", "terraform_data.b", "terraform_data.c"];
    for (excluded, expected) in [
        ("terraform_data.a", [false, false, false, true]),
        ("terraform_data.a[0]", [false, true, false, true]),
        ("terraform_data.*", [false, false, false, false]),
        ("terraform_data.b", [true, true, false, true]),
    ] {
        let selection = Selection::new(&graph, Vec::new(), vec![excluded.parse().expect("a choice")]);
        let found = names.map(|a| selection.lets_through(&graph, &a.parse().expect("an address")));
        assert_eq!(found, expected, "{excluded}");
    }
    let selection = Selection::new(&graph, Vec::new(), vec!["terraform_data.a".parse().expect("a choice")]);
    let told: Vec<String> = selection.left_out(&graph).iter().map(|(addr, why)| format!("{addr} {why:?}")).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].ends_with("Excluded") && told[1].starts_with("terraform_data.b DependsOn"), "{told:?}");
}
