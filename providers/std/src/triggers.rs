//! Maps of texts whose change replaces the resource: `triggers` and `keepers`.

use levee_model::{Path, Value};
use levee_sdk::Draft;
use std::collections::BTreeMap;

/// The map; elements may be null.
pub(crate) type Triggers = BTreeMap<String, Option<String>>;

/// Takes back a replacement when nothing but nulls came or went.
pub(crate) fn plan(draft: &mut Draft, name: &str) {
    if !draft.is_create() && set_elements(&draft.prior(name)) == set_elements(&draft.planned(name)) {
        keep(draft, name);
    }
}

/// Takes back a replacement because of an attribute.
pub(crate) fn keep(draft: &mut Draft, name: &str) {
    let path = Path::attribute(name);
    draft.replace.retain(|other| !other.starts_with(&path));
}

/// The elements that are not null; `None` for an unknown map.
fn set_elements(value: &Value) -> Option<BTreeMap<String, Value>> {
    if !value.is_known() {
        return None;
    }
    let elements = value.members().into_iter().flatten().filter(|(_, element)| !element.is_null());
    Some(elements.map(|(key, element)| (key.to_string(), element.clone().unmark_deep().0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Type;
    use std::sync::Arc;

    fn map(elements: &[(&str, Option<&str>)]) -> Value {
        let element = |v: Option<&str>| v.map_or_else(|| Value::null(Type::String), Value::string);
        Value::map(Type::String, elements.iter().map(|(k, v)| (Arc::from(*k), element(*v))).collect())
    }

    fn replaces(prior: Value, planned: Value) -> bool {
        let object = |v: Value| Value::object([(Arc::from("keepers"), v)].into());
        let (prior, planned) = (object(prior), object(planned));
        let replace = vec![Path::attribute("keepers")];
        let mut draft = Draft { prior: Some(prior), config: planned.clone(), planned, replace };
        plan(&mut draft, "keepers");
        !draft.replace.is_empty()
    }

    #[test]
    fn only_values_replace() {
        let null = || Value::null(Type::map(Type::String));
        assert!(replaces(map(&[("a", Some("1"))]), map(&[("a", Some("2"))])));
        assert!(replaces(null(), map(&[("a", Some("1"))])));
        assert!(replaces(map(&[]), Value::unknown(Type::map(Type::String))));
        assert!(!replaces(null(), map(&[("a", None)])));
        assert!(!replaces(map(&[("a", Some("1")), ("b", None)]), map(&[("a", Some("1"))])));
    }
}
