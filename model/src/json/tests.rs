use super::*;
use serde_json::json;

fn object(members: &[(&str, Value)]) -> Value {
    Value::object(members.iter().map(|(k, v)| (Arc::from(*k), v.clone())).collect())
}

#[test]
fn values_survive_json() {
    let digits = "0.1234567890123456789012345678901234567891";
    let cases = [
        (Value::bool(true), "true"),
        (Value::number(Number::parse(digits).expect("a number")), digits),
        (Value::list(Type::String, [Value::string("a"), Value::null(Type::String)]), r#"["a",null]"#),
        (Value::set(Type::Number, vec![Value::number(10), Value::number(2)]), "[2,10]"),
        (object(&[("a", Value::tuple([Value::number(1), Value::string("x")]))]), r#"{"a":[1,"x"]}"#),
        (Value::map(Type::Bool, [(Arc::from("k"), Value::bool(false))].into()), r#"{"k":false}"#),
    ];
    for (value, text) in cases {
        let json = to_json(&value);
        assert_eq!(json.to_string(), text);
        assert_eq!(from_json(&json, &value.ty()), Ok(value.clone()), "{text}");
        let wrapped = to_json_typed(&value, &Type::Dynamic);
        assert_eq!(from_json(&wrapped, &Type::Dynamic), Ok(value), "{wrapped}");
    }
}

#[test]
fn text_of_ours_is_read_as_its_tree_is() {
    let ty = |text: &str| type_from_json(&serde_json::from_str(text).expect("json")).expect("a type");
    let object = ty(r#"["object",{"a":"number","b":["list","string"],"c":["map","bool"],"d":"dynamic","e":["tuple",["bool","string"]]}]"#);
    for text in [
        "null",
        "{}",
        r#"{"a":0.1234567890123456789012345678901234567891}"#,
        r#"{"a":null,"b":["x",null,"e\u0301"],"c":{"k":true,"l":null},"e":[false,"y"]}"#,
        r#"{"b":[],"d":{"type":["set","number"],"value":[2,10]}}"#,
        r#"{"d":{"type":["object",{"z":"dynamic"}],"value":{"z":{"type":"string","value":"deep"}}}}"#,
        r#"{"d":{"type":"string","value":null}}"#,
        r#"{"d":null}"#,
    ] {
        let tree = from_json(&serde_json::from_str(text).expect("json"), &object).expect(text);
        assert_eq!(from_json_text(text, &object), Some(tree), "{text}");
    }
}

#[test]
fn other_text_is_left_to_the_tree() {
    let object = Type::object([(Arc::from("a"), Type::Number), (Arc::from("b"), Type::map(Type::String))].into());
    for text in [
        "",
        "[]",
        "{} x",
        r#"{"a":"1"}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"b":{},"a":1}"#,
        r#"{"b":{"y":"1","x":"2"}}"#,
        r#"{"b":{"x":"1","x":"2"}}"#,
        r#"{"b":{"x":true}}"#,
        r#"{"c":1}"#,
    ] {
        assert_eq!(from_json_text(text, &object), None, "{text}");
    }
    for text in [r#""x""#, r#"{"value":"x","type":"string"}"#, r#"{"type":"string"}"#, r#"{"type":"string","value":"x","more":1}"#] {
        assert_eq!(from_json_text(text, &Type::Dynamic), None, "{text}");
    }
}

#[test]
fn types_survive_json() {
    for text in [r#""string""#, r#"["list",["map","number"]]"#, r#"["tuple",["bool","dynamic"]]"#, r#"["object",{"a":"string"}]"#] {
        let json: Json = serde_json::from_str(text).expect("json");
        assert_eq!(type_to_json(&type_from_json(&json).expect("a type")), json);
    }
    assert!(type_from_json(&json!(["lists", "string"])).is_err());
}

#[test]
fn what_an_object_lacks_is_null() {
    let ty = Type::object([(Arc::from("a"), Type::Number)].into());
    assert_eq!(from_json(&json!({}), &ty), Ok(Value::object([(Arc::from("a"), Value::null(Type::Number))].into())));
}

#[test]
fn refuses_what_does_not_fit() {
    let ty = Type::object([(Arc::from("a"), Type::Number)].into());
    for (json, message) in [
        (json!({"a": 1, "b": 2}), "unsupported attribute \"b\""),
        (json!({"a": []}), "a number is required"),
        (json!([]), "an object is required"),
    ] {
        assert_eq!(from_json(&json, &ty).expect_err("must fail").message, message);
    }
}

#[test]
fn trees_show_what_is_unknown_or_sensitive() {
    let value = object(&[
        ("id", Value::unknown(Type::String)),
        ("name", Value::string("x").sensitive()),
        ("list", Value::tuple([Value::number(1), Value::unknown(Type::Number)])),
        ("tags", Value::map(Type::String, crate::Members::default())),
        ("ids", Value::unknown(Type::list(Type::String))),
    ]);
    assert_eq!(unknown_tree(&value), json!({"id": true, "list": [false, true], "tags": {}, "ids": true}));
    assert_eq!(marked_tree(&value, Marks::SENSITIVE), json!({"name": true, "list": [false, false], "tags": {}, "ids": []}));
    assert_eq!(to_json(&value), json!({"name": "x", "list": [1, null], "tags": {}}));
}

#[test]
fn an_infinity_is_found() {
    let value = object(&[("a", Value::tuple([Value::number(Number::infinity(false))]))]);
    assert_eq!(infinity_in(&value).map(|p| p.to_string()), Some("a[0]".into()));
    assert_eq!(infinity_in(&Value::number(1)), None);
}
