//! `checks` in `show -json`: how the conditions of the configuration turned out, object by object.

use super::resource::{index, mode};
use levee_model::check::{CheckResults, Checkable, ObjectCheck, ObjectChecks};
use levee_model::{InstanceKey, ModuleInstance};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// Something that states conditions. Members stand in Terraform's order.
#[derive(Serialize)]
pub(crate) struct Check {
    address: Map<String, Json>,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<Instance>,
}

#[derive(Serialize)]
struct Instance {
    address: Map<String, Json>,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Json>,
}

/// All of them, in order of their addresses.
pub(crate) fn all(results: &CheckResults) -> Vec<Check> {
    let mut out: Vec<_> = results.0.iter().map(|(of, objects)| (of.to_string(), check(of, objects.as_ref()))).collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out.into_iter().map(|(_, check)| check).collect()
}

fn check(of: &Checkable, objects: Option<&ObjectChecks>) -> Check {
    let mut instances: Vec<_> = objects.into_iter().flatten().map(|((m, key), c)| (of.object(m, key), instance(of, m, key, c))).collect();
    instances.sort_by(|a, b| a.0.cmp(&b.0));
    let instances = instances.into_iter().map(|(_, instance)| instance).collect();
    Check { address: address(of), status: CheckResults::status(objects).text(), instances }
}

fn address(of: &Checkable) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("kind".into(), of.kind().into());
    match of {
        Checkable::Resource(addr) => {
            out.insert("mode".into(), mode(addr.mode).into());
            out.insert("type".into(), (*addr.type_name).into());
            out.insert("name".into(), (*addr.name).into());
        }
        Checkable::Output(_, name) | Checkable::Check(_, name) | Checkable::Variable(_, name) => {
            out.insert("name".into(), (**name).into());
        }
    }
    if !of.module().is_root() {
        out.insert("module".into(), of.module().to_string().into());
    }
    out.insert("to_display".into(), of.to_string().into());
    out
}

fn instance(of: &Checkable, module: &ModuleInstance, key: &InstanceKey, check: &ObjectCheck) -> Instance {
    let mut address = Map::new();
    if !module.is_root() {
        address.insert("module".into(), module.to_string().into());
    }
    if *key != InstanceKey::None {
        address.insert("instance_key".into(), index(key));
    }
    address.insert("to_display".into(), of.object(module, key).into());
    let mut problems = check.problems.clone();
    problems.sort();
    Instance { address, status: check.status.text(), problems: problems.iter().map(|p| json!({ "message": p })).collect() }
}
