//! `providers schema -json` against the facts about Terraform's providers, where they lie beside this repository.

use crate::test_env::TestEnv;
use std::path::Path;
use std::process::Command;

#[test]
fn all_types_that_are_wanted_are_there() {
    let env = TestEnv::new("schema");
    let schemas = env.levee(["providers", "schema", "-json"]).ok().json();
    let aws = &schemas["provider_schemas"]["registry.terraform.io/hashicorp/aws"];
    assert_eq!(aws["resource_schemas"]["aws_vpc"]["block"]["attributes"]["cidr_block"]["type"], "string");
    let wanted = include_str!("../cases/wanted-types.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    for name in wanted {
        let of = |kind: &str, name: &str| {
            schemas["provider_schemas"].as_object().expect("providers").values().any(|p| p[kind].get(name).is_some())
        };
        let there = match name.split_once('.') {
            Some(("data", name)) => of("data_source_schemas", name),
            Some(("ephemeral", name)) => of("ephemeral_resource_schemas", name),
            _ => of("resource_schemas", name),
        };
        assert!(there, "{name} is missing");
    }
}

#[test]
fn they_are_as_terraforms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let check = root.join("../shared/schema/check.py");
    if !check.exists() {
        return;
    }
    let env = TestEnv::new("schema-check");
    let schemas = env.levee(["providers", "schema", "-json"]).ok();
    env.write("schema.json", &schemas.stdout);
    let mut python = Command::new("python3");
    python.arg(check).arg("--file").arg(env.path("schema.json")).arg("--wanted").arg(root.join("tests/cases/wanted-types.txt"));
    env.run(python).ok();
}
