//! The printed form of a schema with everything in it.

use super::*;
use crate::Shape;
use std::collections::BTreeMap;

/// A rule.
#[derive(Clone, Shape)]
struct Rule {
    #[attr(required)]
    port: Option<i64>,
}

/// A thing.
#[derive(Clone, Shape)]
struct Thing {
    /// Its name.
    #[attr(required, force_new, deprecated = "old")]
    name: Option<String>,
    #[attr(optional, sensitive, write_only)]
    secret: Option<String>,
    #[attr(computed, set)]
    rules: Option<Vec<Rule>>,
    #[block(list, min = 1, max = 2, deprecated = "old")]
    rule: Vec<Rule>,
    #[block(map)]
    named: BTreeMap<String, Rule>,
}

#[test]
fn a_schema_is_printed_as_terraform_does() {
    let schema = Arc::new(Schema::new(3, Thing::block(), Thing::doc()));
    let provider = ProviderSchema {
        provider: Schema::default(),
        resources: BTreeMap::from([("x_thing", schema)]),
        data_sources: BTreeMap::new(),
        ephemeral: BTreeMap::new(),
    };
    let rule = json!({
        "attributes": { "port": { "type": "number", "description_kind": "plain", "required": true } },
        "description_kind": "plain",
    });
    let mut old_rule = rule.clone();
    old_rule["deprecated"] = true.into();
    let block = json!({
        "attributes": {
            "name": {
                "type": "string", "description": "Its name.", "description_kind": "plain",
                "required": true, "deprecated": true,
            },
            "secret": {
                "type": "string", "description_kind": "plain", "optional": true, "sensitive": true, "write_only": true,
            },
            "rules": { "type": ["set", ["object", { "port": "number" }]], "description_kind": "plain", "computed": true },
        },
        "block_types": {
            "rule": { "nesting_mode": "list", "block": old_rule, "min_items": 1, "max_items": 2 },
            "named": { "nesting_mode": "map", "block": rule },
        },
        "description": "A thing.",
        "description_kind": "plain",
    });
    let wanted = json!({
        "format_version": "1.0",
        "provider_schemas": {
            "registry.terraform.io/x/x": {
                "provider": { "version": 0, "block": { "description_kind": "plain" } },
                "resource_schemas": { "x_thing": { "version": 3, "block": block } },
            },
        },
    });
    assert_eq!(document([(full_source("x/x"), provider.clone())]), wanted);
}

#[test]
fn only_short_sources_get_the_registrys_host() {
    assert_eq!(full_source("hashicorp/aws"), "registry.terraform.io/hashicorp/aws");
    assert_eq!(full_source("terraform.io/builtin/terraform"), "terraform.io/builtin/terraform");
}
