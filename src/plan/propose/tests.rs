//! Proposals and differences over small schemas.

use super::*;
use levee_sdk::schema::Equality;

fn attribute(flags: &str, ty: Type) -> Attribute {
    let mut a = Attribute::new(ty);
    a.optional = flags.contains('o');
    a.computed = flags.contains('c');
    a.force_new = flags.contains('f');
    a.sensitive = flags.contains('s');
    a.write_only = flags.contains('w');
    a
}

fn block<const N: usize>(attributes: [(&str, Attribute); N]) -> Block {
    Block { attributes: attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect(), ..Block::default() }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::object(members.into_iter().map(|(n, v)| (Arc::from(n), v)).collect())
}

fn text(s: &str) -> Value {
    Value::string(s)
}

fn none() -> Value {
    Value::null(Type::String)
}

fn unknown() -> Value {
    Value::unknown(Type::String)
}

#[test]
fn an_attribute_is_what_is_configured_or_what_it_was() {
    let with_default = |mut a: Attribute| {
        a.default = Some(text("d"));
        a
    };
    let plain = |flags| attribute(flags, Type::String);
    let json = Attribute { equality: Equality::Json, ..plain("o") };
    // What it is, before, what is configured, what is proposed.
    let cases = [
        ("optional", plain("o"), Some(text("a")), none(), none()),
        ("optional, set", plain("o"), Some(text("a")), text("b"), text("b")),
        ("computed, new", plain("c"), None, none(), unknown()),
        ("computed, there", plain("c"), Some(text("a")), none(), text("a")),
        ("optional and computed, left out", plain("oc"), Some(text("a")), none(), text("a")),
        ("optional and computed, set", plain("oc"), Some(text("a")), text("b"), text("b")),
        ("default", with_default(plain("o")), Some(text("a")), none(), text("d")),
        ("default, set", with_default(plain("o")), None, text("b"), text("b")),
        ("write-only", plain("ow"), None, text("secret"), none()),
        ("same meaning", json, Some(text(r#"{"a": 1}"#)), text(r#"{"a":1}"#), text(r#"{"a": 1}"#)),
        ("unknown", plain("o"), Some(text("a")), unknown(), unknown()),
    ];
    for (name, attribute, before, wanted, expected) in cases {
        let block = block([("x", attribute)]);
        let prior = before.map(|b| object([("x", b)]));
        assert_eq!(propose(&block, prior.as_ref(), &object([("x", wanted)])), object([("x", expected)]), "{name}");
    }
}

#[test]
fn what_stays_as_it_is_is_the_same_object() {
    let schema =
        block([("name", attribute("o", Type::String)), ("id", attribute("c", Type::String)), ("note", attribute("o", Type::String))]);
    let config = |name: &str| object([("id", none()), ("name", text(name)), ("note", none())]);
    let prior = object([("id", text("i")), ("name", text("n")), ("note", none())]);
    assert!(propose(&schema, Some(&prior), &config("n")).is_shared_with(&prior));
    let changed = propose(&schema, Some(&prior), &config("m"));
    assert_eq!(changed, object([("id", text("i")), ("name", text("m")), ("note", none())]));
    let lacking = object([("id", text("i")), ("name", text("n"))]);
    assert_eq!(propose(&schema, Some(&lacking), &config("n")), prior);
    let more = object([("id", text("i")), ("name", text("n")), ("note", none()), ("old", text("o"))]);
    assert_eq!(propose(&schema, Some(&more), &config("n")), prior);
}

fn rule() -> Block {
    block([("port", attribute("o", Type::Number)), ("id", attribute("c", Type::String))])
}

fn with_rules(nesting: Nesting, computed: bool) -> Block {
    let nested =
        NestedBlock { nesting, min: 0, max: None, force_new: false, computed, unsupported: false, deprecated: None, block: rule() };
    Block { blocks: [(Arc::from("rule"), nested)].into(), ..Block::default() }
}

fn rule_of(port: i64, id: Value) -> Value {
    object([("port", Value::number(port)), ("id", id)])
}

#[test]
fn nested_blocks_keep_what_was_computed_in_them() {
    let ty = rule().ty();
    let list = |rules: Vec<Value>| object([("rule", Value::list(ty.clone(), rules))]);
    let set = |rules: Vec<Value>| object([("rule", Value::set(ty.clone(), rules))]);
    let prior = list(vec![rule_of(1, text("r-1")), rule_of(2, text("r-2"))]);
    let by_index =
        propose(&with_rules(Nesting::List, false), Some(&prior), &list(vec![rule_of(1, none()), rule_of(3, none()), rule_of(4, none())]));
    assert_eq!(by_index, list(vec![rule_of(1, text("r-1")), rule_of(3, text("r-2")), rule_of(4, unknown())]));
    let prior = set(vec![rule_of(1, text("r-1")), rule_of(2, text("r-2"))]);
    let by_content = propose(&with_rules(Nesting::Set, false), Some(&prior), &set(vec![rule_of(2, none()), rule_of(9, none())]));
    assert_eq!(by_content, set(vec![rule_of(2, text("r-2")), rule_of(9, unknown())]));
}

#[test]
fn computed_blocks_that_are_not_written_stay() {
    let ty = rule().ty();
    let prior = object([("rule", Value::list(ty.clone(), vec![rule_of(1, text("r-1"))]))]);
    let nothing = object([("rule", Value::list(ty, Vec::new()))]);
    assert_eq!(propose(&with_rules(Nesting::List, true), Some(&prior), &nothing), prior);
    assert_eq!(propose(&with_rules(Nesting::List, false), Some(&prior), &nothing), nothing);
}

#[test]
fn differences_say_where_and_whether_in_place() {
    let schema =
        block([("name", attribute("of", Type::String)), ("size", attribute("o", Type::Number)), ("key", attribute("ow", Type::String))]);
    let of = |name: &str, size: i64| object([("name", text(name)), ("size", Value::number(size)), ("key", none())]);
    let found = |a: &Value, b: &Value| -> Vec<(String, bool)> {
        changes(&schema, a, b).into_iter().map(|d| (d.path.to_string(), d.force_new)).collect()
    };
    assert_eq!(found(&of("a", 1), &of("a", 1)), []);
    assert_eq!(found(&of("a", 1), &of("a", 2)), [("size".to_owned(), false)]);
    assert_eq!(found(&of("a", 1), &of("b", 1)), [("name".to_owned(), true)]);
    let unknown_name = object([("name", unknown()), ("size", Value::number(1)), ("key", none())]);
    assert_eq!(found(&of("a", 1), &unknown_name), [("name".to_owned(), true)]);
}

#[test]
fn no_blocks_and_blocks_that_are_not_there_are_the_same() {
    let schema = with_rules(Nesting::List, false);
    let ty = rule().ty();
    let without = object([("rule", Value::null(Type::List(Arc::new(ty.clone()))))]);
    let empty = object([("rule", Value::list(ty.clone(), Vec::new()))]);
    assert!(changes(&schema, &without, &empty).is_empty());
    let one = object([("rule", Value::list(ty, vec![rule_of(1, none())]))]);
    assert_eq!(changes(&schema, &empty, &one).len(), 1);
}

#[test]
fn attributes_written_as_blocks_do_not_tell_zero_from_nothing() {
    let element = rule().ty();
    let list = attribute("oc", Type::List(Arc::new(element.clone())));
    let of = |id: Value| Value::list(element.clone(), vec![rule_of(1, id)]);
    assert!(same(&list, &of(text("")), &of(none())));
    assert!(!same(&list, &of(text("x")), &of(none())));
}

#[test]
fn secrets_of_the_schema_are_marked_wherever_they_stand() {
    let schema = block([("password", attribute("os", Type::String)), ("name", attribute("o", Type::String))]);
    let value = object([("password", text("p")), ("name", text("n"))]);
    let marked = with_schema_marks(&schema, value.clone());
    assert_eq!(marked.marked_paths(levee_model::Marks::SENSITIVE), [Path::attribute("password")]);
}
