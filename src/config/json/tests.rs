//! What files in JSON syntax declare.

use super::super::expr::{ExprKind, Subject};
use super::super::load::Rules;
use super::super::schema::{NestedBlocks, SchemaOf, Schemas};
use super::super::{Module, load};
use levee_model::{Diagnostics, Mode, ModulePath};
use std::sync::Arc;

/// Of every resource type: `rule` blocks.
fn rules(of: SchemaOf<'_>) -> NestedBlocks {
    let mut blocks = NestedBlocks::default();
    if matches!(of, SchemaOf::Resource(Mode::Managed, "thing")) {
        blocks.add(Arc::from("rule"), NestedBlocks::default(), false);
    }
    blocks
}

fn module(text: &str) -> (Arc<Module>, Diagnostics) {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("main.tf.json"), text).expect("written");
    let (config, diags) = load(dir.path(), Rules { schemas: Schemas(rules), ..Rules::default() });
    (config.modules[&ModulePath::root()].clone(), diags)
}

#[test]
fn the_schema_tells_blocks_from_arguments() {
    let (m, diags) =
        module(r#"{"resource": {"thing": {"a": {"rule": [{"x": 1}, {"x": 2}], "tags": {"rule": "${1}"}}, "b": {"rule": {"x": 3}}}}}"#);
    assert_eq!(diags.iter().map(|d| &*d.detail).collect::<Vec<_>>(), [""; 0]);
    let blocks: Vec<usize> = m.resources.values().map(|r| r.body.blocks_of("rule").count()).collect();
    assert_eq!(blocks, [2, 1]);
    let a = m.resources.values().next().expect("there");
    assert!(a.body.attribute("tags").is_some());
}

#[test]
fn a_dynamic_block_binds_its_iterator() {
    let (m, diags) = module(
        r#"{"resource": {"thing": {"a": {"dynamic": {"rule": {"for_each": [1], "iterator": "it", "content": {"x": "${it.value}"}}}}}}}"#,
    );
    assert!(diags.is_empty(), "{diags:?}");
    let a = m.resources.values().next().expect("there");
    let block = a.body.blocks_of("rule").next().expect("one");
    let ExprKind::JsonString(text) = &block.body.attributes[0].expr.kind else { panic!("a template") };
    let ExprKind::Wrap(inner) = &text.template.kind else { panic!("one interpolation") };
    assert!(matches!(&inner.kind, ExprKind::Ref(r) if r.subject == Subject::Bound { name: Arc::from("it"), slot: 0 }));
    assert_eq!(block.dynamic.as_ref().map(|d| &*d.iterator), Some("it"));
}

#[test]
fn strings_are_read_as_the_place_asks_for() {
    let (m, diags) = module(
        r#"{"variable": {"v": {"type": "list(string)", "default": ["${x}"]}},
            "resource": {"thing": {"a": {"depends_on": ["thing.b"], "provider": "other.west", "x": "$${y}"}, "b": {}}}}"#,
    );
    assert!(diags.is_empty(), "{diags:?}");
    let v = &m.variables["v"];
    assert_eq!(v.ty.friendly_name(), "list of string");
    let default = v.default.as_ref().and_then(|d| d.as_literal()).and_then(|d| d.elements());
    assert_eq!(default.and_then(|d| d.first().and_then(|s| s.as_str().map(str::to_owned))).as_deref(), Some("${x}"));
    let a = m.resources.values().next().expect("there");
    assert_eq!(a.depends_on.len(), 1);
    assert_eq!(a.provider.as_ref().map(ToString::to_string).as_deref(), Some("other.west"));
    assert_eq!(a.body.attribute("x").and_then(|x| x.expr.as_literal()).and_then(|v| v.as_str()), Some("${y}"));
}
