//! The conditions of a configuration: which there are before anything is evaluated, and how the state keeps their outcome.

use crate::config::{Config, Module};
use levee_model::check::{CheckResults, CheckStatus, Checkable, ObjectCheck, ObjectChecks};
use levee_model::{ModulePath, ResourceAddr};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Everything that states conditions, with nothing known of its objects.
pub fn expected(config: &Config) -> CheckResults {
    let of = config.modules.iter().flat_map(|(path, module)| stated(path, module));
    CheckResults(of.map(|of| (of, None)).collect())
}

fn stated(path: &ModulePath, module: &Module) -> Vec<Checkable> {
    let with_conditions = |l: &crate::config::Lifecycle| !l.preconditions.is_empty() || !l.postconditions.is_empty();
    let resources = module.resources.iter().filter(|(_, r)| r.lifecycle.as_deref().is_some_and(with_conditions));
    let resources = resources.map(|((mode, type_name, name), _)| {
        let (type_name, name) = (type_name.clone(), name.clone());
        Checkable::Resource(ResourceAddr { module: path.clone(), mode: *mode, type_name, name })
    });
    let outputs = module.outputs.iter().filter(|(_, o)| !o.preconditions.is_empty());
    let outputs = outputs.map(|(name, _)| Checkable::Output(path.clone(), name.clone()));
    let variables = module.variables.iter().filter(|(_, v)| !v.validations.is_empty());
    let variables = variables.map(|(name, _)| Checkable::Variable(path.clone(), name.clone()));
    let checks = module.checks.keys().map(|name| Checkable::Check(path.clone(), name.clone()));
    resources.chain(outputs).chain(checks).chain(variables).collect()
}

/// What the state calls outputs; documents call them `output_value`.
const OUTPUT: &str = "output";

fn stored_kind(kind: &str) -> &str {
    if kind == "output_value" { OUTPUT } else { kind }
}

/// As Terraform's state holds it.
pub fn encode(results: &CheckResults) -> String {
    let one = |(of, objects): (&Checkable, &Option<ObjectChecks>)| {
        let object = |((module, key), check): (&(_, _), &ObjectCheck)| {
            let mut out = json!({ "object_addr": of.object(module, key), "status": check.status.text() });
            if !check.problems.is_empty() {
                out["failure_messages"] = json!(check.problems);
            }
            out
        };
        let known: Option<Vec<Json>> = objects.as_ref().map(|o| o.iter().map(object).collect());
        json!({
            "object_kind": stored_kind(of.kind()), "config_addr": of.to_string(),
            "status": CheckResults::status(objects.as_ref()).text(), "objects": known,
        })
    };
    results.0.iter().map(one).collect::<Json>().to_string()
}

/// Reads what [`encode`] writes; what cannot be read is left out, since the next run finds it anew.
pub fn decode(text: &str) -> CheckResults {
    let parsed: Vec<Json> = serde_json::from_str(text).unwrap_or_default();
    CheckResults(parsed.iter().filter_map(decode_one).collect())
}

fn decode_one(json: &Json) -> Option<(Checkable, Option<ObjectChecks>)> {
    let kind = match json["object_kind"].as_str()? {
        OUTPUT => "output_value",
        kind => kind,
    };
    let (of, ..) = Checkable::parse_object(kind, json["config_addr"].as_str()?).ok()?;
    let object = |object: &Json| {
        let (_, module, key) = Checkable::parse_object(kind, object["object_addr"].as_str()?).ok()?;
        let messages = object["failure_messages"].as_array().map_or(&[][..], Vec::as_slice);
        let problems = messages.iter().filter_map(|m| m.as_str().map(str::to_owned)).collect();
        Some(((module, key), ObjectCheck { status: CheckStatus::from_text(object["status"].as_str()?)?, problems }))
    };
    let objects = json["objects"].as_array().map(|all| all.iter().filter_map(object).collect::<BTreeMap<_, _>>());
    Some((of, objects))
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::{InstanceKey, ModuleInstance};
    use std::sync::Arc;

    #[test]
    fn written_and_read_the_same() {
        let module = ModuleInstance::root().child("m", InstanceKey::Int(1));
        let mut results = CheckResults::default();
        let resource = "module.m.data.a.b".parse::<levee_model::InstanceAddr>().expect("an address").resource();
        results.record(&Checkable::Resource(resource), module.clone(), InstanceKey::Str(Arc::from("k")), CheckStatus::Unknown, None);
        let output = Checkable::Output(module.path(), Arc::from("o"));
        results.record(&output, module, InstanceKey::None, CheckStatus::Fail, Some("too big".into()));
        results.0.insert(Checkable::Variable(ModulePath::root(), Arc::from("v")), None);
        assert_eq!(decode(&encode(&results)), results);
        assert_eq!(CheckResults::status(results.0[&output].as_ref()), CheckStatus::Fail);
    }
}
