//! What of an object cannot be changed once it is there, as far as its kind has a resource type of its own: that one's table
//! says so.

use crate::field::{Field, Form};
use crate::manifest::mask::{self, Filled};
use crate::provider::kinds;
use serde_json::Value as Json;

/// An object three times.
#[derive(Clone, Copy)]
struct Versions<'a> {
    /// As its manifest was.
    old: &'a Json,
    /// As its manifest is to be.
    new: &'a Json,
    /// As the cluster has it.
    live: &'a Json,
}

/// The first field of a changed manifest that the cluster would not change: `spec.selector`.
pub(super) fn changed(old: &Json, new: &Json, live: &Json) -> Option<String> {
    let versions = Versions { old, new, live };
    let is_data = |name: &&str| old.get(name) != new.get(name);
    let is_frozen = matches!(new["kind"].as_str(), Some("ConfigMap" | "Secret")) && live["immutable"] == true;
    if let Some(name) = ["data", "stringData", "binaryData", "immutable"].into_iter().find(|name| is_frozen && is_data(name)) {
        return Some(name.to_owned());
    }
    let kind = kinds().into_iter().find(|k| new["apiVersion"] == k.api_version && new["kind"] == k.kind)?;
    first(kind.fields, versions, "")
}

fn first(fields: &[Field], versions: Versions<'_>, at: &str) -> Option<String> {
    fields.iter().filter(|field| !field.local).find_map(|field| {
        let Some(name) = field.wire_name() else { return first(field.inside()?, versions, at) };
        let path = if at.is_empty() { name.to_string() } else { format!("{at}.{name}") };
        let Versions { old, new, live } = versions;
        let inside = Versions { old: &old[&*name], new: &new[&*name], live: &live[&*name] };
        match field.form {
            _ if field.force_new => is_other(inside).then_some(path),
            Form::One(fields) => first(fields, inside, &path),
            _ => None,
        }
    })
}

/// Whether what is to be is neither what was said nor, in other words, what is there. What is not said any more stays.
fn is_other(versions: Versions<'_>) -> bool {
    let Versions { old, new, live } = versions;
    let wanted = mask::value(new);
    !new.is_null() && new != old && mask::now(&wanted, live, &Filled::default()) != wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_change_is_told() {
        let of = |app: &str, image: &str| {
            let template = json!({ "spec": { "containers": [{ "name": "a", "image": image }] } });
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "selector": { "matchLabels": { "app": app } }, "template": template } })
        };
        assert_eq!(changed(&of("a", "1"), &of("a", "2"), &of("a", "1")), None);
        assert_eq!(changed(&of("a", "1"), &of("b", "1"), &of("a", "1")).as_deref(), Some("spec.selector"));
        let service = |ip: Option<&str>| json!({ "apiVersion": "v1", "kind": "Service", "spec": { "clusterIP": ip } });
        assert_eq!(changed(&service(None), &service(Some("None")), &service(Some("10.0.0.1"))).as_deref(), Some("spec.clusterIP"));
        assert_eq!(changed(&service(None), &service(Some("10.0.0.1")), &service(Some("10.0.0.1"))), None);
        let map =
            |text: &str, immutable: bool| json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": text }, "immutable": immutable });
        assert_eq!(changed(&map("1", true), &map("2", true), &map("1", true)).as_deref(), Some("data"));
        assert_eq!(changed(&map("1", false), &map("2", true), &map("1", false)), None);
    }
}
