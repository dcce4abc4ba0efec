//! Plans and the parts of their documents that programs read.

use super::*;
use levee_model::{Mode, Path, Reversibility, Type};
use levee_sdk::schema::{Attribute, Block, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

fn object(id: Value, cidr: &str) -> Value {
    let members = [("cidr", Value::string(cidr)), ("id", id), ("password", Value::string("pw")), ("tags", Value::string("t").sensitive())];
    Value::object(members.into_iter().map(|(k, v)| (Arc::from(k), v)).collect())
}

fn schemas() -> SchemaBook {
    let mut block = Block::default();
    for name in ["cidr", "id", "tags"] {
        block.attributes.insert(Arc::from(name), Attribute::new(Type::String));
    }
    block.attributes.insert(Arc::from("password"), Attribute { sensitive: true, ..Attribute::new(Type::String) });
    let mut book = SchemaBook::default();
    book.add(Mode::Managed, "test_net", "hashicorp/test", Arc::new(Schema::new(2, block, "")));
    book
}

fn replaced() -> Change {
    let paths = vec![Path::attribute("cidr")];
    Change {
        addr: "module.a[0].module.b[\"k\"].test_net.x[1]".parse().expect("an address"),
        deposed: None,
        action: Action::Replace(ReplaceOrder::CreateThenDelete),
        before: Some(object(Value::string("n-1"), "10.0.0.0/16")),
        after: Some(object(Value::unknown(Type::String), "10.1.0.0/16")),
        replace_paths: paths.clone(),
        reason: Some(Reason::CannotUpdate(paths)),
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    }
}

#[test]
fn a_replacement() {
    let expected = json!({
        "address": "module.a[0].module.b[\"k\"].test_net.x[1]",
        "module_address": "module.a[0].module.b[\"k\"]",
        "mode": "managed", "type": "test_net", "name": "x", "index": 1,
        "provider_name": "registry.terraform.io/hashicorp/test",
        "change": {
            "actions": ["create", "delete"],
            "before": { "cidr": "10.0.0.0/16", "id": "n-1", "password": "pw", "tags": "t" },
            "after": { "cidr": "10.1.0.0/16", "password": "pw", "tags": "t" },
            "after_unknown": { "id": true },
            "before_sensitive": { "password": true, "tags": true },
            "after_sensitive": { "password": true, "tags": true },
            "replace_paths": [["cidr"]],
        },
        "action_reason": "replace_because_cannot_update",
    });
    assert_eq!(resource_change(&replaced(), &schemas()), expected);
}

#[test]
fn objects_stand_in_their_modules() {
    let output = OutputChange { action: Action::Create, before: None, after: Some(Value::unknown(Type::String)), sensitive: true };
    let plan = Plan { changes: vec![Arc::new(replaced())], outputs: BTreeMap::from([(Arc::from("o"), output)]), ..Plan::default() };
    let document = document(&plan, &Config::default(), &BTreeSet::new(), &schemas());
    let document = serde_json::to_value(&document).expect("plain data");
    assert_eq!(document["format_version"], "1.2");
    let outer = &document["planned_values"]["root_module"]["child_modules"][0];
    assert_eq!(outer["address"], "module.a[0]");
    let inner = &outer["child_modules"][0];
    assert_eq!(inner["address"], "module.a[0].module.b[\"k\"]");
    assert_eq!(inner["resources"][0]["schema_version"], 2);
    assert_eq!(inner["resources"][0]["values"], json!({ "cidr": "10.1.0.0/16", "password": "pw", "tags": "t" }));
    let expected = json!({
        "actions": ["create"], "before": null, "after_unknown": true,
        "before_sensitive": true, "after_sensitive": true,
    });
    assert_eq!(document["output_changes"]["o"], expected);
    assert_eq!(document["applyable"], true);
}
