//! Files to modules, and the mistakes in them.

use super::*;
use levee_model::{Diagnostics, Mode, ModulePath, Type};
use std::sync::Arc;

/// Loads files written to a directory of their own.
fn load_files(files: &[(&str, &str)]) -> (Config, Diagnostics) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("directory");
        std::fs::write(path, text).expect("file");
    }
    load(dir.path(), Rules::default())
}

fn root(config: &Config) -> Arc<Module> {
    config.modules[&ModulePath::root()].clone()
}

/// `file:line summary`, one for each message.
fn messages(config: &Config, diags: &Diagnostics) -> Vec<String> {
    let place = |d: &levee_model::Diagnostic| {
        d.span.and_then(|s| config.sources.locate(s)).map_or_else(String::new, |l| format!("{}:{} ", l.file, l.line))
    };
    diags.iter().map(|d| format!("{}{}", place(d), d.summary)).collect()
}

#[test]
fn everything_a_module_declares() {
    let (config, diags) = load_files(&[(
        "main.tf",
        r#"
        terraform {
          required_version = ">= 1.3"
          required_providers {
            aws = { source = "hashicorp/aws", version = "~> 5.0" }
          }
        }
        provider "aws" { region = "us-west-2" }
        provider "aws" {
          alias  = "east"
          region = "us-east-1"
        }
        variable "zones" {
          type      = list(object({ name = string, size = optional(number, 3) }))
          default   = []
          sensitive = true
        }
        locals { names = [for z in var.zones : z.name] }
        resource "aws_subnet" "a" {
          for_each   = toset(local.names)
          cidr_block = each.key
          provider   = aws.east
          depends_on = [data.aws_region.here]
          dynamic "rule" {
            for_each = var.zones
            content {
              name = rule.value.name
            }
          }
          lifecycle {
            ignore_changes        = [tags, tags_all["x"]]
            create_before_destroy = true
            precondition {
              condition     = length(local.names) > 0
              error_message = "no zones"
            }
          }
        }
        data "aws_region" "here" {}
        output "ids" { value = values(aws_subnet.a)[*].id }
        "#,
    )]);
    assert_eq!(messages(&config, &diags), Vec::<String>::new());
    let module = root(&config);
    assert_eq!((module.providers.len(), module.providers[1].alias.as_deref()), (2, Some("east")));
    assert_eq!(module.required_providers["aws"].source.for_display(), "hashicorp/aws");
    let zones = &module.variables["zones"];
    assert_eq!(zones.ty.to_string(), "list(object({name=string, size=optional(number)}))");
    assert!(zones.sensitive && zones.nullable && zones.defaults.element.is_some());
    let subnet = &module.resources[&(Mode::Managed, "aws_subnet".into(), "a".into())];
    assert_eq!(subnet.provider.as_ref().map(ToString::to_string).as_deref(), Some("aws.east"));
    assert_eq!(subnet.depends_on[0].to_string(), "data.aws_region.here");
    let names: Vec<String> = subnet.references().iter().map(ToString::to_string).collect();
    // What `rule.value` stands for is bound, and so no reference.
    assert_eq!(names, ["local.names", "each.key", "var.zones", "local.names"]);
    let lifecycle = subnet.lifecycle.as_ref().expect("it has one");
    assert_eq!(lifecycle.create_before_destroy, Some(true));
    assert!(matches!(&lifecycle.ignore_changes, IgnoreChanges::Paths(paths) if paths.len() == 2 && paths[1].steps.len() == 1));
    assert!(!subnet.body.attributes.iter().any(|a| &*a.name == "for_each"));
}

#[test]
fn modules_are_loaded_from_their_directories() {
    let call = "module \"a\" {\n source = \"./m\"\n x = 1\n}\nmodule \"b\" {\n source = \"./m\"\n x = 2\n}";
    let (config, diags) = load_files(&[
        ("main.tf", call),
        ("m/main.tf", "variable \"x\" {}\nmodule \"n\" {\n source = \"../n\"\n}"),
        ("n/main.tf", "locals {\n y = 1\n}"),
    ]);
    assert_eq!(messages(&config, &diags), Vec::<String>::new());
    let paths: Vec<String> = config.modules.keys().map(ToString::to_string).collect();
    assert_eq!(paths, ["", "module.a", "module.a.module.n", "module.b", "module.b.module.n"]);
    assert!(config.modules[&ModulePath::root().child("b")].dir.ends_with("m"));
}

#[test]
fn several_mistakes_are_reported_each_at_its_place() {
    let (config, diags) = load_files(&[
        (
            "a.tf",
            "resource \"x\" \"y\" {\n  a = = 1\n}\nresorce \"x\" \"z\" {}\nlocals {\n  a = var.regoin\n  a = 2\n}\nvariable \"region\" {\n  tpye = string\n}\n",
        ),
        ("b.tf", "locals {\n  c = 1\n}\nlocals {\n  c = 2\n}\nmoved {\n  from = x.a\n}\noutput \"o\" {\n  value = x.y.id\n}\n"),
    ]);
    let found = messages(&config, &diags);
    let expected = [
        "a.tf:2 Invalid expression",
        "a.tf:7 Attribute redefined",
        "a.tf:4 Unsupported block type",
        "a.tf:10 Unsupported argument",
        "b.tf:5 Duplicate local value definition",
        "b.tf:7 Missing required argument",
    ];
    assert_eq!(found, expected);
    assert!(diags.iter().any(|d| d.detail.contains("Did you mean \"resource\"?")));
}

#[test]
fn override_files_change_what_is_there() {
    let (config, diags) = load_files(&[
        ("main.tf", "variable \"v\" {\n type = string\n default = \"a\"\n}\nlocals {\n x = 1\n y = 2\n}"),
        ("override.tf", "variable \"v\" {\n type = number\n}\nlocals {\n x = 3\n}\n"),
        ("b_override.tf", "output \"none\" {\n value = 1\n}"),
        (".hidden.tf", "nonsense ="),
        ("x.tf~", "nonsense ="),
    ]);
    assert_eq!(messages(&config, &diags), ["b_override.tf:1 Missing base output definition to override"]);
    let module = root(&config);
    assert_eq!(module.variables["v"].ty, Type::Number);
    let text = |name: &str| config.sources.text(module.locals[name].expr.span).to_owned();
    assert_eq!((text("x"), text("y")), ("3".to_owned(), "2".to_owned()));
}

#[test]
fn later_places_win() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("file");
    write("terraform.tfvars", "a = 1\nb = 1\nc = 1\n");
    write("x.auto.tfvars", "b = 2\nc = 2\n");
    write("named.tfvars", "c = 3\n");
    let environment = ["a", "z"].map(|n| (format!("TF_VAR_{n}"), "0".to_owned()));
    let options = [VarOption::File(dir.path().join("named.tfvars")), VarOption::Var("d=4".into())];
    let mut sources = levee_model::Sources::default();
    let (inputs, diags) = inputs(dir.path(), &options, environment, &mut sources);
    assert!(diags.is_empty());
    let from: Vec<String> = inputs
        .iter()
        .map(|(name, v)| {
            let place = match &v.source {
                InputSource::AutoFile(p) => p.display().to_string(),
                InputSource::NamedFile(_) => "named".to_owned(),
                other => other.to_string(),
            };
            format!("{name}: {place}")
        })
        .collect();
    assert_eq!(from, ["a: terraform.tfvars", "b: x.auto.tfvars", "c: named", "d: -var", "z: the environment"]);
}
