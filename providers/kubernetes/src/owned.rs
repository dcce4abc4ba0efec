//! Who owns which field of an object, as server-side apply keeps it in `metadata.managedFields`.

use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A place in an object, as one manager's list of fields knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owned<'a> {
    /// The same place in each of the manager's lists; empty: it owns nothing there.
    nodes: Vec<&'a Map<String, Json>>,
}

impl<'a> Owned<'a> {
    /// The whole object, as `manager` owns it by apply.
    pub(crate) fn by(object: &'a Json, manager: &str) -> Self {
        Self { nodes: entries(object).filter(|e| is_apply_of(e, manager)).filter_map(fields).collect() }
    }

    /// Whether anything there is owned.
    pub(crate) fn any(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Whether nothing is said of what is in it: it is owned as a whole, or was empty when it was applied.
    pub(crate) fn is_leaf(&self) -> bool {
        self.any() && self.nodes.iter().all(|node| node.is_empty())
    }

    /// A member of an object.
    pub(crate) fn member(&self, name: &str) -> Self {
        let key = format!("f:{name}");
        self.inside(|node| node.get(&key).and_then(Json::as_object))
    }

    /// The members of an object that are owned, at least in part.
    pub(crate) fn members(&self) -> BTreeSet<&'a str> {
        self.nodes.iter().flat_map(|node| node.keys()).filter_map(|key| key.strip_prefix("f:")).collect()
    }

    /// An element of a list whose elements have keys.
    pub(crate) fn element(&self, element: &Json) -> Self {
        self.inside(|node| {
            let is_it = |key: &str| {
                let key = key.strip_prefix("k:").and_then(|k| serde_json::from_str::<Map<String, Json>>(k).ok());
                key.is_some_and(|key| key.iter().all(|(name, value)| element.get(name).is_none_or(|v| v == value)))
            };
            node.iter().find(|(key, _)| is_it(key)).and_then(|(_, node)| node.as_object())
        })
    }

    /// Who owns a leaf owns everything in it.
    fn inside(&self, find: impl Fn(&'a Map<String, Json>) -> Option<&'a Map<String, Json>>) -> Self {
        Self { nodes: self.nodes.iter().filter_map(|node| if node.is_empty() { Some(*node) } else { find(node) }).collect() }
    }
}

fn entries(object: &Json) -> impl Iterator<Item = &Json> {
    object.pointer("/metadata/managedFields").and_then(Json::as_array).into_iter().flatten()
}

fn fields(entry: &Json) -> Option<&Map<String, Json>> {
    entry.get("fieldsV1").and_then(Json::as_object)
}

fn is_apply_of(entry: &Json, manager: &str) -> bool {
    let says = |name: &str, what: &str| entry.get(name).and_then(Json::as_str) == Some(what);
    says("manager", manager) && says("operation", "Apply") && entry.get("subresource").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn leaves_keys_and_other_managers() {
        let object = json!({ "metadata": { "managedFields": [
            { "manager": "levee", "operation": "Apply", "fieldsV1": { "f:spec": {
                "f:replicas": {},
                "f:containers": { "k:{\"name\":\"a\"}": { ".": {}, "f:name": {}, "f:args": {} } },
            } } },
            { "manager": "levee", "operation": "Update", "fieldsV1": { "f:spec": { "f:paused": {} } } },
            { "manager": "kubectl", "operation": "Apply", "fieldsV1": { "f:spec": { "f:paused": {} } } },
        ] } });
        let spec = Owned::by(&object, "levee").member("spec");
        assert!(spec.any() && spec.member("replicas").any() && !spec.member("paused").any());
        let a = spec.member("containers").element(&json!({ "name": "a", "image": "x" }));
        assert!(a.member("args").member("whatever").any(), "who owns a leaf owns what is in it");
        assert!(!a.member("image").any());
        assert!(!spec.member("containers").element(&json!({ "name": "b" })).any());
        assert!(!Owned::by(&object, "nobody").any());
    }
}
