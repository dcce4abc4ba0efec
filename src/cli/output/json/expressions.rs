//! Expressions as written, in `show -json` of a plan: constants by their value, everything else by what it refers to.

use crate::config::{Body, Expr, Reference};
use crate::engine;
use levee_model::json;
use levee_sdk::schema::{Block, Nesting};
use serde_json::{Map, Value as Json};

/// `{"constant_value": ...}`, `{"references": [...]}`, or nothing for what is neither.
pub(super) fn expression(expr: &Expr) -> Json {
    described(engine::constant(expr).as_ref().map(json::to_json), &expr.references())
}

fn described(constant: Option<Json>, references: &[&Reference]) -> Json {
    let mut out = Map::new();
    if let Some(value) = constant {
        out.insert("constant_value".into(), value);
    }
    if !references.is_empty() {
        out.insert("references".into(), references.iter().flat_map(|r| r.written().unwrapped()).collect());
    }
    out.into()
}

/// Arguments by name, and nested blocks as their schema nests them. Dynamic blocks are left out.
pub(super) fn block(body: &Body, schema: &Block) -> Map<String, Json> {
    let attributes = body.attributes.iter().filter(|a| schema.attributes.contains_key(&a.name));
    let mut out: Map<String, Json> = attributes.map(|a| (a.name.to_string(), expression(&a.expr))).collect();
    for name in schema.attributes.keys().filter(|name| body.blocks_of(name).next().is_some()) {
        let references: Vec<&Reference> = body.blocks_of(name).flat_map(|b| b.body.references()).collect();
        out.insert(name.to_string(), described(None, &references));
    }
    for (name, nested) in &schema.blocks {
        let written: Vec<_> = body.blocks_of(name).filter(|b| b.dynamic.is_none()).collect();
        let each = written.iter().map(|b| Json::Object(block(&b.body, &nested.block)));
        let Some(last) = written.last() else { continue };
        let found = match nested.nesting {
            Nesting::Single | Nesting::Group => Json::Object(block(&last.body, &nested.block)),
            Nesting::List | Nesting::Set => each.collect(),
            Nesting::Map => {
                let labels = written.iter().map(|b| b.labels.first().map_or_else(String::new, |l| l.text.to_string()));
                Json::Object(labels.zip(each).collect())
            }
        };
        out.insert(name.to_string(), found);
    }
    out
}

/// Arguments whose names are all that is known of them.
pub(super) fn arguments(body: &Body) -> Map<String, Json> {
    body.attributes.iter().map(|a| (a.name.to_string(), expression(&a.expr))).collect()
}

/// What `depends_on` names.
pub(super) fn depends_on(references: &[Reference]) -> Json {
    references.iter().map(|r| r.written().subject_text(true)).collect()
}
