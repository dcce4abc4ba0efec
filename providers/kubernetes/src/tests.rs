//! Every kind against Kubernetes' own types: each name is one that it knows, and what was applied reads as it was written.

use crate::field::{Field, Form};
use crate::kind::Kind;
use crate::owned::Owned;
use crate::provider::kinds;
use crate::read::{Known, read};
use crate::write::{Before, write};
use k8s_openapi::{api, kube_aggregator as aggregator};
use levee_sdk::model::{Members, Type, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// An object in which each field that can be set is set.
fn full(fields: &[Field]) -> Value {
    let member = |f: &Field| (Arc::from(f.name), if f.optional || f.required || f.inside().is_some() { set(f) } else { f.nothing() });
    Value::object(fields.iter().map(member).collect::<Vec<_>>().into())
}

fn set(field: &Field) -> Value {
    let map = |text: &str| Value::map(Type::String, [(Arc::from("key"), Value::string(text))].into_iter().collect::<Members>());
    match field.form {
        Form::Text | Form::Bytes => Value::string(format!("a-{}", field.name)),
        Form::Bool => Value::bool(true),
        Form::Number => Value::number(7),
        Form::Int | Form::IntOrText => Value::string("8"),
        Form::Octal => Value::string("0640"),
        Form::Quantity => Value::string("1500m"),
        Form::Texts => Value::list(Type::String, vec![Value::string("one")]),
        Form::TextSet => Value::set(Type::String, vec![Value::string("one")]),
        Form::Numbers => Value::list(Type::Number, vec![Value::number(9)]),
        Form::NumberSet => Value::set(Type::Number, vec![Value::number(9)]),
        Form::TextMap | Form::BytesMap => map("text"),
        Form::Quantities => map("1Gi"),
        Form::One(inside) | Form::Many(inside) => Value::list(crate::field::object_type(inside), vec![full(inside)]),
        Form::Set(inside) => Value::set(crate::field::object_type(inside), vec![full(inside)]),
        Form::Timeouts(_) => field.nothing(),
    }
}

fn written(kind: &Kind, value: &Value) -> Json {
    let mut object = Map::new();
    write(&kind.all_fields(), value, &Before::default(), &mut object);
    Json::Object(object)
}

/// The JSON as Kubernetes' own type understands it.
fn understood<T: Serialize + DeserializeOwned>(object: &Json) -> Json {
    let mut again = serde_json::to_value(serde_json::from_value::<T>(object.clone()).unwrap()).unwrap();
    let members = again.as_object_mut().unwrap();
    members.remove("apiVersion");
    members.remove("kind");
    // Its writer says of what stands in a stateful set what it says of objects.
    for claim in again.pointer_mut("/spec/volumeClaimTemplates").and_then(Json::as_array_mut).into_iter().flatten() {
        claim.as_object_mut().unwrap().retain(|name, _| name != "apiVersion" && name != "kind");
    }
    again
}

fn by_kubernetes(kind: &Kind, object: &Json) -> Json {
    match (kind.kind, kind.api_version) {
        ("Namespace", _) => understood::<api::core::v1::Namespace>(object),
        ("ConfigMap", _) => understood::<api::core::v1::ConfigMap>(object),
        ("Secret", _) => understood::<api::core::v1::Secret>(object),
        ("ServiceAccount", _) => understood::<api::core::v1::ServiceAccount>(object),
        ("Service", _) => understood::<api::core::v1::Service>(object),
        ("PersistentVolumeClaim", _) => understood::<api::core::v1::PersistentVolumeClaim>(object),
        ("PersistentVolume", _) => understood::<api::core::v1::PersistentVolume>(object),
        ("LimitRange", _) => understood::<api::core::v1::LimitRange>(object),
        ("ResourceQuota", _) => understood::<api::core::v1::ResourceQuota>(object),
        ("Endpoints", _) => understood::<api::core::v1::Endpoints>(object),
        ("Pod", _) => understood::<api::core::v1::Pod>(object),
        ("Role", _) => understood::<api::rbac::v1::Role>(object),
        ("RoleBinding", _) => understood::<api::rbac::v1::RoleBinding>(object),
        ("ClusterRole", _) => understood::<api::rbac::v1::ClusterRole>(object),
        ("ClusterRoleBinding", _) => understood::<api::rbac::v1::ClusterRoleBinding>(object),
        ("Deployment", _) => understood::<api::apps::v1::Deployment>(object),
        ("StatefulSet", _) => understood::<api::apps::v1::StatefulSet>(object),
        ("DaemonSet", _) => understood::<api::apps::v1::DaemonSet>(object),
        ("Job", _) => understood::<api::batch::v1::Job>(object),
        ("CronJob", _) => understood::<api::batch::v1::CronJob>(object),
        ("Ingress", _) => understood::<api::networking::v1::Ingress>(object),
        ("IngressClass", _) => understood::<api::networking::v1::IngressClass>(object),
        ("NetworkPolicy", _) => understood::<api::networking::v1::NetworkPolicy>(object),
        ("StorageClass", _) => understood::<api::storage::v1::StorageClass>(object),
        ("CSIDriver", _) => understood::<api::storage::v1::CSIDriver>(object),
        ("HorizontalPodAutoscaler", "autoscaling/v1") => understood::<api::autoscaling::v1::HorizontalPodAutoscaler>(object),
        ("HorizontalPodAutoscaler", _) => understood::<api::autoscaling::v2::HorizontalPodAutoscaler>(object),
        ("PodDisruptionBudget", _) => understood::<api::policy::v1::PodDisruptionBudget>(object),
        ("PriorityClass", _) => understood::<api::scheduling::v1::PriorityClass>(object),
        ("RuntimeClass", _) => understood::<api::node::v1::RuntimeClass>(object),
        ("ReplicationController", _) => understood::<api::core::v1::ReplicationController>(object),
        ("EndpointSlice", _) => understood::<api::discovery::v1::EndpointSlice>(object),
        ("ValidatingWebhookConfiguration", _) => understood::<api::admissionregistration::v1::ValidatingWebhookConfiguration>(object),
        ("MutatingWebhookConfiguration", _) => understood::<api::admissionregistration::v1::MutatingWebhookConfiguration>(object),
        ("APIService", _) => understood::<aggregator::pkg::apis::apiregistration::v1::APIService>(object),
        (other, _) => panic!("{other} has no type to be checked against"),
    }
}

/// The places where two texts in JSON differ.
fn differences(a: &Json, b: &Json, at: &str, out: &mut Vec<String>) {
    match (a, b) {
        (Json::Object(x), Json::Object(y)) => {
            for name in x.keys().chain(y.keys().filter(|k| !x.contains_key(*k))) {
                differences(x.get(name).unwrap_or(&Json::Null), y.get(name).unwrap_or(&Json::Null), &format!("{at}.{name}"), out);
            }
        }
        (Json::Array(x), Json::Array(y)) if x.len() == y.len() => {
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                differences(x, y, &format!("{at}[{i}]"), out);
            }
        }
        _ if a == b => {}
        _ => out.push(format!("{at}: we say {a}, Kubernetes {b}")),
    }
}

#[test]
fn kubernetes_knows_every_name() {
    let mut told = Vec::new();
    for kind in kinds() {
        let ours = written(kind, &full(&kind.all_fields()));
        differences(&ours, &by_kubernetes(kind, &ours), kind.kind, &mut told);
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn what_is_applied_reads_as_it_was_written() {
    for kind in kinds() {
        let fields = kind.all_fields();
        let value = full(&fields);
        let live = written(kind, &value);
        let none = Owned::default();
        let known = read(&fields, &live, Some(&value), &none, Known::Plan);
        let mut told = Vec::new();
        differences(&written(kind, &known), &live, kind.kind, &mut told);
        // Values that are for us alone, or that we do not carry out, are kept too.
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert_eq!(known.get("metadata"), value.get("metadata"), "{}", kind.kind);
        // Without anything known, as in an import, everything is there too.
        let imported = read(&fields, &live, None, &none, Known::Nothing);
        differences(&written(kind, &imported), &live, kind.kind, &mut told);
        assert!(told.is_empty(), "{}", told.join("\n"));
    }
}

#[test]
fn what_others_wrote_is_no_difference() {
    let kind = kinds().into_iter().find(|k| k.kind == "Deployment").unwrap();
    let fields = kind.all_fields();
    let json: Json = serde_json::from_str(include_str!("tests/deployment.json")).unwrap();
    let mut live = json["applied"].clone();
    let imported = read(&fields, &live, None, &Owned::default(), Known::Nothing);
    merge(&mut live, &json["others"]);
    let now = read(&fields, &live, Some(&imported), &Owned::default(), Known::State);
    assert_eq!(now, imported);
    merge(&mut live, &json["ours"]);
    let drifted = read(&fields, &live, Some(&imported), &Owned::default(), Known::State);
    let mut told = Vec::new();
    differences(&written(kind, &imported), &written(kind, &drifted), "", &mut told);
    assert_eq!(told, [r#".spec.template.spec.containers[0].image: we say "web:1", Kubernetes "web:2""#]);
}

/// What a person would do with `kubectl edit`: members are set, elements of lists are replaced or added by their names.
fn merge(into: &mut Json, from: &Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (Json::Array(into), Json::Array(from)) => {
            for value in from {
                match into.iter_mut().find(|e| e["name"] == value["name"]) {
                    Some(element) => merge(element, value),
                    None => into.insert(0, value.clone()),
                }
            }
        }
        (into, from) => *into = from.clone(),
    }
}
