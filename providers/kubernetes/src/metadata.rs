//! `metadata`, which every object has.

use crate::field::{Field, Fixed, number, text, text_map};
use levee_sdk::OpToken;
use levee_sdk::model::Value;

/// The field manager that applies: what we own is owned under this name.
pub(crate) const MANAGER: &str = "levee";

/// The annotation that ties an object to the intent that made it.
pub(crate) const OP_ANNOTATION: &str = "levee/op";

const ANNOTATIONS: Field = text_map("annotations").optional();
const LABELS: Field = text_map("labels").optional();
const GENERATE_NAME: Field = text("generate_name").optional().force_new().local();
const GENERATION: Field = number("generation").computed();
const NAME: Field = text("name").optional().computed().force_new();
const NAMESPACE: Field = text("namespace").optional().force_new();
const RESOURCE_VERSION: Field = text("resource_version").computed();
const UID: Field = text("uid").computed();

/// Of an object that lies in a namespace.
pub(crate) const NAMESPACED: &[Field] =
    &[ANNOTATIONS, GENERATE_NAME, GENERATION, LABELS, NAME, NAMESPACE.default(Fixed::Text("default")), RESOURCE_VERSION, UID];

/// Of a template inside of an object, whose objects come to lie where that one lies.
pub(crate) const TEMPLATE: &[Field] = &[ANNOTATIONS, GENERATE_NAME, GENERATION, LABELS, NAME, NAMESPACE, RESOURCE_VERSION, UID];

/// As [`TEMPLATE`], without a namespace.
pub(crate) const BARE_TEMPLATE: &[Field] = &[ANNOTATIONS, GENERATE_NAME, GENERATION, LABELS, NAME, RESOURCE_VERSION, UID];

/// Of an object that lies in no namespace.
pub(crate) const CLUSTERWIDE: &[Field] = BARE_TEMPLATE;

/// Of an object that lies in no namespace, and whose name is never made up.
pub(crate) const CLUSTERWIDE_NAMED: &[Field] = &[ANNOTATIONS, GENERATION, LABELS, NAME, RESOURCE_VERSION, UID];

/// As [`NAMESPACED`], where the cluster adds labels.
pub(crate) const NAMESPACED_LABELLED: &[Field] =
    &[ANNOTATIONS, GENERATE_NAME, GENERATION, LABELS.computed(), NAME, NAMESPACE.default(Fixed::Text("default")), RESOURCE_VERSION, UID];

/// A member of an object's `metadata` block, where it is known.
pub(crate) fn of(object: &Value, name: &str) -> Option<String> {
    let block = object.get("metadata")?.elements()?.first().cloned()?;
    block.get(name)?.unmark().0.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

/// The object with another value in its `metadata` block.
pub(crate) fn with(object: &Value, name: &str, value: &Value) -> Value {
    let blocks = object.get("metadata").and_then(|m| m.elements().map(<[Value]>::to_vec)).unwrap_or_default();
    let blocks: Vec<Value> = blocks.into_iter().map(|b| b.with(name, value.clone())).collect();
    match blocks.first().map(Value::ty) {
        Some(ty) => object.clone().with("metadata", Value::list(ty, blocks)),
        None => object.clone(),
    }
}

/// The name of a new object: the one it is given, or one made of `generate_name` and the operation's token, so that the same
/// operation always means the same object.
pub(crate) fn name(planned: &Value, op: OpToken) -> String {
    of(planned, "name").unwrap_or_else(|| format!("{}{}", of(planned, "generate_name").unwrap_or_default(), suffix(op)))
}

/// Five letters, of those that Kubernetes itself makes names of: no vowels, so that no words come about.
fn suffix(op: OpToken) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut number = op.0.as_u64_pair().1;
    let letter = |number: &mut u64| {
        let at = usize::try_from(*number % LETTERS.len() as u64).unwrap_or_default();
        *number /= LETTERS.len() as u64;
        char::from(LETTERS[at])
    };
    (0..5).map(|_| letter(&mut number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_name_is_of_its_operation() {
        let (one, other) = (OpToken::new(), OpToken::new());
        assert_eq!(suffix(one), suffix(one));
        assert_ne!(suffix(one), suffix(other));
        assert_eq!(suffix(one).len(), 5);
    }
}
