//! What all types of these providers have in common.

use crate::providers;
use levee_model::{Type, Value};
use levee_sdk::context::NoSink;
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::{Block, ProviderSchema};
use levee_sdk::schema_json;
use levee_sdk::{AnyResource, Draft, Identity, OpToken};
use std::collections::BTreeSet;
use std::sync::Arc;

fn blocks(schema: &ProviderSchema) -> impl Iterator<Item = (&&'static str, &Block)> {
    schema.resources.iter().chain(&schema.data_sources).map(|(name, schema)| (name, &schema.block))
}

#[test]
fn every_type_of_a_schema_can_be_had() {
    for provider in providers() {
        let schema = provider.types().schema();
        for name in schema.resources.keys() {
            assert_eq!(provider.resource(name).map(|r| r.type_name()), Some(*name));
        }
        for name in schema.data_sources.keys() {
            assert_eq!(provider.data_source(name).map(|d| d.type_name()), Some(*name));
        }
        assert!(provider.resource("nothing").is_none());
    }
}

#[test]
fn defaults_are_of_their_attributes_type() {
    let mut checked = 0;
    for provider in providers() {
        for (name, block) in blocks(&provider.types().schema()) {
            for (attribute, spec) in &block.attributes {
                assert!(!spec.doc.is_empty(), "{name}.{attribute} has no doc comment");
                if let Some(default) = &spec.default {
                    assert_eq!(default.ty(), spec.ty, "{name}.{attribute}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 10);
}

#[test]
fn the_schema_document_has_all_of_it() {
    let all = providers();
    let sources = all.iter().map(|p| (schema_json::full_source(p.source()), p.types().schema()));
    let document = schema_json::document(sources);
    let schemas = document["provider_schemas"].as_object().expect("an object");
    let keys: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    let hashicorp = ["local", "null", "random", "time"].map(|name| format!("registry.terraform.io/hashicorp/{name}"));
    let wanted = hashicorp.iter().map(String::as_str).chain(["terraform.io/builtin/terraform"]).collect();
    assert_eq!(keys, wanted);
    let data = &schemas["terraform.io/builtin/terraform"]["resource_schemas"]["terraform_data"]["block"];
    assert_eq!(data["attributes"]["input"]["type"], "dynamic");
    assert_eq!(data["attributes"]["id"]["computed"], true);
    let password = &schemas["registry.terraform.io/hashicorp/random"]["resource_schemas"]["random_password"]["block"];
    assert_eq!(password["attributes"]["bcrypt_hash"]["sensitive"], true);
    assert_eq!(schemas["registry.terraform.io/hashicorp/random"]["resource_schemas"]["random_password"]["version"], 3);
    assert_eq!(password["attributes"]["keepers"]["type"], serde_json::json!(["map", "string"]));
}

#[test]
fn terraform_data_is_dynamic_in_its_type() {
    let all = providers();
    let data = all.iter().find_map(|p| p.resource("terraform_data")).expect("builtin");
    let Type::Object(object) = data.schema().ty() else { panic!("a block's type is an object type") };
    assert_eq!(object.attributes.get("input"), Some(&Type::Dynamic));
}

/// Configurations of all types that live in the state alone: what is written here, the rest null or unknown.
fn state_only_configs() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let number = |n: i64| Value::number(n);
    let words = Value::list(Type::String, vec![Value::string("a"), Value::string("b")]);
    vec![
        ("null_resource", vec![]),
        ("random_bytes", vec![("length", number(4))]),
        ("random_id", vec![("byte_length", number(4))]),
        ("random_integer", vec![("min", number(1)), ("max", number(3))]),
        ("random_password", vec![("length", number(9))]),
        ("random_pet", vec![]),
        ("random_shuffle", vec![("input", words)]),
        ("random_string", vec![("length", number(9))]),
        ("random_uuid", vec![]),
        ("terraform_data", vec![("input", Value::bool(true))]),
        ("time_offset", vec![("offset_days", number(1))]),
        ("time_rotating", vec![("rotation_days", number(1))]),
        ("time_sleep", vec![("create_duration", Value::string("0s"))]),
        ("time_static", vec![]),
    ]
}

/// The object as planned before the type's own `plan`: configuration over defaults, the rest unknown or null.
fn proposed(block: &Block, config: &[(&str, Value)]) -> (Value, Value) {
    let null = |a: &levee_sdk::Attribute| Value::null(a.ty.clone());
    let written = |name: &str| config.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    let full = |or: &dyn Fn(&levee_sdk::Attribute) -> Value| {
        let member = |(name, a): (&Arc<str>, &levee_sdk::Attribute)| (name.clone(), written(name).unwrap_or_else(|| or(a)));
        Value::object(block.attributes.iter().map(member).collect())
    };
    let filled = full(&|a| match &a.default {
        Some(default) => default.clone(),
        None if a.computed => Value::unknown(a.ty.clone()),
        None => null(a),
    });
    (full(&null), filled)
}

#[tokio::test]
async fn what_lives_in_the_state_is_made_kept_and_forgotten() {
    let all = providers();
    for (name, config) in state_only_configs() {
        let resource = all.iter().find_map(|p| p.resource(name)).expect(name);
        let ctx = || AnyCtx { client: Arc::new(()), sink: Arc::new(NoSink), timeout: None };
        let (config, planned) = proposed(&resource.schema().block, &config);
        assert!(!resource.validate(&config).has_errors(), "{name}");
        let mut draft = Draft { prior: None, config: config.clone(), planned, replace: Vec::new() };
        resource.plan(None, &mut draft).expect(name);
        let made = resource.create(ctx(), draft.planned.clone(), OpToken::new()).await.expect(name);
        assert!(made.is_wholly_known(), "{name}");
        for (attribute, spec) in &resource.schema().block.attributes {
            let (planned, made) = (draft.planned(attribute), made.get(attribute).expect("a whole object"));
            assert!(spec.ty == Type::Dynamic || made.ty() == spec.ty, "{name}.{attribute}");
            assert!(!planned.is_known() || planned == made, "{name}.{attribute} is not as planned");
            assert!(planned.is_known() || !made.is_null(), "{name}.{attribute} is left empty");
        }
        let id = resource.id(&made).expect("an id");
        assert_eq!(resource.read(ctx(), id, Some(made.clone())).await.expect(name), Some(made.clone()));
        assert_unchanged(resource.as_ref(), config, &made);
        resource.delete(ctx(), made, OpToken::new()).await.expect(name);
    }
}

/// A second plan of the same configuration changes nothing.
fn assert_unchanged(resource: &dyn AnyResource, config: Value, made: &Value) {
    let mut draft = Draft { prior: Some(made.clone()), config, planned: made.clone(), replace: Vec::new() };
    resource.plan(None, &mut draft).expect("nothing to refuse");
    assert_eq!((&draft.planned, draft.replace.len()), (made, 0), "{}", resource.type_name());
}

#[test]
fn every_type_that_lives_in_the_state_is_tested() {
    let tested: BTreeSet<&str> = state_only_configs().into_iter().map(|(name, _)| name).collect();
    let all = providers();
    let names = all.iter().flat_map(|p| p.types().schema().resources.into_keys().map(move |name| (p, name)));
    let state_only = names.filter(|(p, name)| p.resource(name).is_some_and(|r| r.identity() == Identity::StateOnly));
    assert_eq!(tested, state_only.map(|(_, name)| name).collect());
}
