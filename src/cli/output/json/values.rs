//! Values in Terraform's JSON formats: what is known, what is unknown, what is secret.

use levee_model::{Marks, Path, Step, Type, Value, json};
use levee_sdk::schema::Block;
use serde_json::{Map, Value as Json};

/// The known parts of an object; null if there is no object.
pub(crate) fn known(value: Option<&Value>) -> Json {
    value.map_or(Json::Null, json::to_json)
}

/// `true` where the value is unknown; `false` if there is no object.
pub(crate) fn unknown(value: Option<&Value>) -> Json {
    value.map_or(Json::Bool(false), json::unknown_tree)
}

/// `true` where the value, or the schema, says that a part is secret; `false` if there is no object.
pub(crate) fn sensitive(value: Option<&Value>, schema: Option<&Block>) -> Json {
    let Some(value) = value else { return Json::Bool(false) };
    let mut tree = json::marked_tree(value, Marks::SENSITIVE);
    if let Some(schema) = schema {
        mark_schema(&mut tree, schema);
    }
    tree
}

/// Adds the attributes that the schema declares secret: whatever their value is, at the top and inside nested blocks.
fn mark_schema(tree: &mut Json, schema: &Block) {
    let Json::Object(members) = tree else { return };
    for (name, attribute) in &schema.attributes {
        if attribute.sensitive {
            members.insert(name.to_string(), Json::Bool(true));
        }
    }
    for (name, nested) in &schema.blocks {
        match members.get_mut(&**name) {
            Some(Json::Array(items)) => items.iter_mut().for_each(|item| mark_schema(item, &nested.block)),
            Some(inside @ Json::Object(_)) => mark_schema(inside, &nested.block),
            _ => {}
        }
    }
}

/// A path as Terraform writes it: `["ingress", 0, "from_port"]`.
pub(crate) fn path(path: &Path) -> Json {
    let step = |step: &Step| match step {
        Step::Attribute(name) | Step::Key(name) => Json::from(&**name),
        Step::Index(n) => Json::from(*n),
        Step::Element(value) => json::to_json(value),
    };
    path.0.iter().map(step).collect()
}

/// `{"sensitive": ..., "type": ..., "value": ...}`
pub(crate) fn output(value: &Value, sensitive: bool) -> Json {
    let mut out = Map::new();
    out.insert("sensitive".into(), sensitive.into());
    if value.is_wholly_known() {
        // A null of whatever type is stored as just that.
        let ty = if value.is_null() { Type::Dynamic } else { value.ty() };
        out.insert("type".into(), json::type_to_json(&ty));
        out.insert("value".into(), json::to_json(value));
    }
    out.into()
}
