//! Calls with literal arguments, written as JSON for arguments and results.

use super::{Context, FunctionError, call, lookup, names};
use levee_model::json::{from_json_dynamic, to_json};
use levee_model::{Kind, Marks, Refinement, Type, Value};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

fn context() -> Context<'static> {
    Context {
        base_dir: PathBuf::from("."),
        files: crate::config::Files::default(),
        home: Some(PathBuf::from("/home/user")),
        plan_timestamp: Some("2024-01-01T00:00:00Z".into()),
        planning: true,
        render: None,
        read_tfvars: None,
    }
}

fn run(name: &str, args: &[Value]) -> Result<Value, FunctionError> {
    call(lookup(name).expect("a function"), &context(), args)
}

fn values(args: &Json) -> Vec<Value> {
    args.as_array().expect("an array").iter().map(from_json_dynamic).collect()
}

fn check(name: &str, args: &Json, want: &Json) {
    let got = run(name, &values(args)).map(|v| to_json(&v));
    assert_eq!(got.as_ref(), Ok(want), "{name}({args})");
}

fn check_error(name: &str, args: &Json, arg: Option<usize>, message: &str) {
    let e = run(name, &values(args)).expect_err("must fail");
    assert_eq!((e.arg, e.message.as_str()), (arg, message), "{name}({args})");
}

#[test]
fn numbers() {
    check("parseint", &json!(["zZ", 62]), &json!(2231));
    check("pow", &json!([9, 0.5]), &json!(3));
    check("max", &json!([3, "12", 9]), &json!(12));
    check("ceil", &json!([1.2]), &json!(2));
    check_error("parseint", &json!(["12", 2]), Some(0), "cannot parse \"12\" as a base 2 integer");
    check_error("abs", &json!(["x"]), Some(0), "a number is required");
}

#[test]
fn texts() {
    check("title", &json!(["it's a dog"]), &json!("It'S A Dog"));
    check("substr", &json!(["hello", -3, 2]), &json!("ll"));
    check("split", &json!([",", "a,b,"]), &json!(["a", "b", ""]));
    check("replace", &json!(["a1b22", "/[0-9]+/", "<$0>"]), &json!("a<1>b<22>"));
    check("regex", &json!(["(\\d+)-(?:x)(y)?", "12-x"]), &json!(["12", null]));
    check("format", &json!(["%-5s|%05.1f|%x|%v", "ab", 2.25, 255, [1]]), &json!("ab   |002.2|ff|[1]"));
    check("length", &json!(["👨‍👩‍👧‍👦क्षि"]), &json!(3));
    check_error("regex", &json!(["(", "a"]), Some(0), "invalid regexp pattern: missing closing ) in (");
    check_error("format", &json!(["%d", "x"]), None, "unsupported value for \"%d\" at 0: a number is required");
}

#[test]
fn collections() {
    check("merge", &json!([{"a": 1}, {"b": "x"}]), &json!({"a": 1, "b": "x"}));
    check("flatten", &json!([[[1], [[2]], []]]), &json!([1, 2]));
    check("setproduct", &json!([["a", "b"], [1]]), &json!([["a", 1], ["b", 1]]));
    check("zipmap", &json!([["a", "b"], [1, "x"]]), &json!({"a": 1, "b": "x"}));
    check("transpose", &json!([{"a": ["x", "y"], "b": ["y"]}]), &json!({"x": ["a"], "y": ["a", "b"]}));
    check("range", &json!([3]), &json!([0, 1, 2]));
    check("element", &json!([["a", "b"], 3]), &json!("b"));
    check("lookup", &json!([{"a": 1}, "b", []]), &json!([]));
    check("toset", &json!([["b", "a", "b"]]), &json!(["a", "b"]));
    check("coalesce", &json!([null, "", 5]), &json!("5"));
    check_error("sum", &json!([["x"]]), Some(0), "argument must be list, set, or tuple of number values");
    check_error("lookup", &json!([{}, "a"]), Some(0), "the given object has no attribute \"a\"");
}

#[test]
fn encodings() {
    check("jsonencode", &json!([{"a": ["<", null]}]), &json!("{\"a\":[\"\\u003c\",null]}"));
    check("yamlencode", &json!([{"a": [1, {"b": "x"}], "c": "l1\nl2"}]), &json!("\"a\":\n- 1\n- \"b\": \"x\"\n\"c\": |-\n  l1\n  l2\n"));
    check("yamldecode", &json!(["a: &x [1, yes]\nb: *x\n<<: {c: ~}"]), &json!({"a": [1, true], "b": [1, true], "c": null}));
    check("csvdecode", &json!(["a,b\n1,\"x \"\"y\"\"\"\n"]), &json!([{"a": "1", "b": "x \"y\""}]));
    check("base64decode", &json!(["aGVsbG8="]), &json!("hello"));
    check("textencodebase64", &json!(["é", "UTF-16LE"]), &json!("6QA="));
    check("urlencode", &json!(["a b&c"]), &json!("a+b%26c"));
    check("md5", &json!(["x"]), &json!("9dd4e461268c8034f5c8564e155c67a6"));
    check_error("csvdecode", &json!(["a\n1,2\n"]), None, "CSV parse error on line 2: wrong number of fields");
}

#[test]
fn times_and_networks() {
    check(
        "formatdate",
        &json!(["EEE, DD MMM YYYY 'at' HH:mm aa ZZZ", "2024-02-29T23:05:09+02:00"]),
        &json!("Thu, 29 Feb 2024 at 11:05 pm +0200"),
    );
    check("timeadd", &json!(["2024-02-28T23:00:00Z", "1h30m"]), &json!("2024-02-29T00:30:00Z"));
    check("timecmp", &json!(["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"]), &json!(0));
    check("cidrsubnet", &json!(["10.0.0.0/8", 8, 2]), &json!("10.2.0.0/16"));
    check("cidrsubnets", &json!(["10.0.0.0/24", 2, 4, 2]), &json!(["10.0.0.0/26", "10.0.0.64/28", "10.0.0.128/26"]));
    check("cidrhost", &json!(["fd00::/8", 1]), &json!("fd00::1"));
    check_error("timeadd", &json!(["2024-01-01", "1h"]), None, "not a valid RFC3339 timestamp: missing required time introducer 'T'");
    check_error("cidrsubnet", &json!(["10.0.0.0/24", 9, 0]), None, "insufficient address space to extend prefix of 24 by 9");
}

#[test]
fn null_unknown_and_marked_arguments() {
    let unknown = Value::unknown(Type::String);
    let not_null = Refinement { not_null: true, ..Refinement::default() };
    assert_eq!(run("upper", std::slice::from_ref(&unknown)), Ok(Value::refined(Type::String, not_null.clone())));
    assert_eq!(run("upper", &[Value::string("x").sensitive()]), Ok(Value::string("X").sensitive()));
    assert_eq!(run("length", &[Value::tuple([unknown])]), Ok(Value::number(1)));
    assert_eq!(run("uuid", &[]), Ok(Value::refined(Type::String, not_null)), "unknown until apply");
    assert!(matches!(run("merge", &[Value::unknown(Type::Dynamic)]).expect("a value").kind(), Kind::Unknown(Type::Dynamic, _)));
    check_error("upper", &json!([null]), Some(0), "argument must not be null");
    let marked = run("concat", &[Value::tuple([Value::string("s").sensitive()])]).expect("a value");
    assert_eq!((marked.marks(), marked.has_marks()), (Marks::NONE, true), "only the element is marked");
}

#[test]
fn errors_do_not_show_secrets() {
    for (name, args) in
        [("base64decode", vec!["hunter2!"]), ("formatdate", vec!["'hunter2!", "2024-01-01T00:00:00Z"]), ("timeadd", vec!["hunter2!", "1h"])]
    {
        let args: Vec<Value> = args.into_iter().map(|a| Value::string(a).sensitive()).collect();
        let e = run(name, &args).expect_err("must fail");
        assert!(!e.message.contains("hunter2"), "{name}: {}", e.message);
    }
}

#[test]
fn the_table_is_whole() {
    assert_eq!(names().count(), 118);
    assert!(lookup("core::upper").is_some() && lookup("try").is_none());
}
