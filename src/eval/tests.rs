//! Expressions to values, in tables.

use super::input::{Origin, constant, default_value, variable_value};
use super::*;
use crate::config::InputSource;
use crate::config::{Body, load, parse_expression};
use levee_model::{Diagnostics, Marks, ModulePath, SourceId, Type};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A scope with `var.list`, `var.secret`, `var.unknown`, and two instances of `t.many`.
struct Small(functions::Context<'static>);

fn scope() -> Small {
    let base_dir = PathBuf::from(".");
    Small(functions::Context {
        base_dir,
        files: crate::config::Files::default(),
        home: None,
        plan_timestamp: None,
        planning: true,
        render: None,
        read_tfvars: None,
    })
}

fn object(members: &[(&str, Value)]) -> Value {
    Value::object(members.iter().map(|(k, v)| (Arc::from(*k), v.clone())).collect())
}

impl Scope for Small {
    fn root(&self, subject: &Subject, span: Span) -> Result<Value, Diagnostic> {
        match subject.to_string().as_str() {
            "var.list" => Ok(Value::list(Type::String, ["a", "b"].map(Value::string).to_vec())),
            "var.secret" => Ok(Value::string("s3cret").sensitive()),
            "var.unknown" => Ok(Value::unknown(Type::String)),
            "var.rules" => Ok(Value::tuple(vec![object(&[("port", Value::number(80))]), object(&[("port", Value::string("443"))])])),
            other => Err(Diagnostic::error("Undeclared", other).at(span)),
        }
    }
    fn resource(&self, _: Mode, _: &Arc<str>, name: &Arc<str>, key: Option<&InstanceKey>, span: Span) -> Result<Value, Diagnostic> {
        let one = |n: u64| object(&[("id", Value::string(format!("id-{n}")))]);
        match (&**name, key) {
            ("many", Some(InstanceKey::Int(n))) if *n < 2 => Ok(one(*n)),
            // The whole is asked for only where no index is known.
            ("many", None) => Ok(Value::tuple(vec![one(0), one(1)])),
            _ => Err(Diagnostic::error("No instance", &**name).at(span)),
        }
    }
    fn module(&self, name: &str, key: Option<&InstanceKey>, output: Option<&str>, _: Span) -> Result<Value, Diagnostic> {
        Ok(Value::string(format!("{name}/{}/{}", key.cloned().unwrap_or_default(), output.unwrap_or("-"))))
    }
    fn functions(&self) -> &functions::Context<'_> {
        &self.0
    }
}

fn eval(text: &str) -> (Value, Diagnostics) {
    let expr = parse_expression(SourceId(0), text).unwrap_or_else(|d| panic!("{text}: {d:?}"));
    let mut diags = Diagnostics::new();
    let value = evaluate(&expr, &scope(), &mut diags);
    (value, diags)
}

#[test]
fn values() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("-(2)", "-2"),
        ("123456789012345678901234567890 + 1", "123456789012345678901234567891"),
        ("\"a\" == \"a\" && 1 != \"1\"", "true"),
        ("[1, 2] == [1, 2]", "true"),
        ("true ? 1 : \"b\"", "\"1\""),
        ("[for i, x in var.list : \"${i}${x}\"]", "[\"0a\", \"1b\"]"),
        ("{ for x in var.list : x => upper(x) if x != \"a\" }", "{\"b\": \"B\"}"),
        ("{ for x in [\"p1\", \"p2\", \"q1\"] : substr(x, 0, 1) => x... }", "{\"p\": [\"p1\", \"p2\"], \"q\": [\"q1\"]}"),
        // The inner name hides the outer one.
        ("[for x in [1, 2] : [for x in [x * 10] : x]]", "[[10], [20]]"),
        ("[{ a = [{ b = 1 }] }, { a = [{ b = 2 }, { b = 3 }] }][*].a[*].b", "[[1], [2, 3]]"),
        ("[{ a = 1 }, { a = 2 }].*.a[1]", "2"),
        ("null[*]", "[]"),
        ("\"x\"[*]", "[\"x\"]"),
        ("t.many[*].id", "[\"id-0\", \"id-1\"]"),
        ("t.many[1].id", "\"id-1\""),
        ("[for i in [1, 0] : t.many[i].id]", "[\"id-1\", \"id-0\"]"),
        ("module.net[\"a\"].vpc", "\"net/[\\\"a\\\"]/vpc\""),
        ("module.net.vpc", "\"net//vpc\""),
        ("\"a%{ for x in var.list ~} ${x} %{ endfor ~} z\"", "\"aa b z\""),
        ("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\""),
        ("\"$${x} %%{y}\\n\\u00e9\"", "\"${x} %{y}\\né\""),
        ("<<-EOT\n    a\n      ${1}\n\n    b\n  EOT\n", "\"a\\n  1\\n\\nb\\n\""),
        ("<<EOT\n  a\\n\nEOT\n", "\"  a\\\\n\\n\""),
        ("try(var.list[7], \"none\")", "\"none\""),
        ("can(var.list[7])", "false"),
        ("max([1, 3, 2]...)", "3"),
        ("(var.unknown == null) || true", "(unknown bool)"),
        ("\"a-${var.unknown}\" == \"b\"", "false"),
        ("[var.unknown, 1][1]", "1"),
        ("[for x in [var.unknown] : x]", "[(unknown string)]"),
        ("var.unknown == \"x\" ? 1 : 2", "(unknown number)"),
        ("var.secret", "(sensitive)"),
        ("\"x${var.secret}\"", "(sensitive)"),
        ("[for x in var.list : x == var.secret]", "[(sensitive), (sensitive)]"),
        ("{ (var.secret) = 1 }", "(sensitive)"),
    ] {
        let (value, diags) = eval(text);
        assert!(diags.is_empty(), "{text}: {diags:?}");
        assert_eq!(format!("{value:?}"), expected, "{text}");
    }
}

#[test]
fn mistakes() {
    for (text, summary) in [
        ("\"x\" + 1", "Invalid operand"),
        ("null + 1", "Operation failed"),
        ("0 / 0", "Operation failed"),
        ("false && tobool(\"x\")", "Invalid function argument"),
        ("1 ? 2 : 3", "Incorrect condition type"),
        ("true ? true : 1", "Inconsistent conditional result types"),
        ("{ a = 1 }.b", "Unsupported attribute"),
        ("tomap({ a = 1 }).b", "Missing map element"),
        ("var.list[2]", "Invalid index"),
        ("tolist(null)[*]", "Splat of null value"),
        ("[for x in null : x]", "Iteration over null value"),
        ("{ for x in [\"a\", \"a\"] : x => 1 }", "Duplicate object key"),
        ("\"a${[]}\"", "Invalid template interpolation value"),
        ("upper()", "Not enough function arguments"),
        ("uper(\"x\")", "Call to unknown function"),
        ("t.many[5].id", "No instance"),
        ("var", "Invalid reference"),
    ] {
        let (value, diags) = eval(text);
        let summaries: Vec<&str> = diags.iter().map(|d| d.summary.as_str()).collect();
        assert_eq!(summaries, [summary], "{text}");
        assert!(!value.is_known() && diags.iter().all(|d| d.span.is_some()), "{text}");
    }
}

#[test]
fn messages_show_what_references_stood_for_but_no_secret() {
    let (_, diags) = eval("var.secret + length(var.list) + var.list[0]");
    let shown = format!("{diags:?}");
    assert!(shown.contains("var.list") && shown.contains("a sensitive value") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn repetitions() {
    let count = |text: &str| {
        let mut diags = Diagnostics::new();
        let expr = parse_expression(SourceId(0), text).expect(text);
        (evaluate_count(&expr, &scope(), &mut diags), diags.len())
    };
    assert_eq!(count("length(var.list)"), (Some(Repetition::Count(2)), 0));
    assert_eq!(count("\"3\""), (Some(Repetition::Count(3)), 0));
    assert_eq!(count("tonumber(var.unknown)"), (Some(Repetition::Unknown), 0));
    for wrong in ["null", "-1", "1.5", "\"x\"", "[]"] {
        assert_eq!(count(wrong), (None, 1), "{wrong}");
    }
    let for_each = |text: &str| {
        let mut diags = Diagnostics::new();
        let expr = parse_expression(SourceId(0), text).expect(text);
        (evaluate_for_each(&expr, &scope(), &mut diags).and_then(|r| r.keys()).map(|k| k.len()), diags.len())
    };
    assert_eq!(for_each("toset(var.list)"), (Some(2), 0));
    assert_eq!(for_each("{ a = var.unknown }"), (Some(1), 0));
    assert_eq!(for_each("toset([var.unknown])"), (None, 0));
    assert_eq!(for_each("{}"), (Some(0), 0));
    for wrong in ["null", "[1]", "var.list", "var.secret", "toset([1])", "toset([null])", "toset([var.secret])"] {
        assert_eq!(for_each(wrong), (None, 1), "{wrong}");
    }
}

fn attribute(ty: Type, required: bool, computed: bool) -> Attribute {
    Attribute { required, optional: !required && !computed, computed, ..Attribute::new(ty) }
}

fn schema() -> Block {
    let inner = Block { attributes: BTreeMap::from([(Arc::from("port"), attribute(Type::Number, true, false))]), blocks: BTreeMap::new() };
    let rule = NestedBlock {
        nesting: Nesting::List,
        min: 0,
        max: Some(3),
        force_new: false,
        computed: false,
        unsupported: false,
        deprecated: None,
        block: inner,
    };
    let as_blocks = Type::list(Type::object(BTreeMap::from([(Arc::from("cidr"), Type::String), (Arc::from("note"), Type::String)])));
    let mut later = attribute(Type::String, false, false);
    later.unsupported = true;
    let attributes = [
        ("name", attribute(Type::String, true, false)),
        ("tags", attribute(Type::map(Type::String), false, false)),
        ("id", attribute(Type::String, false, true)),
        ("route", attribute(as_blocks, false, false)),
        ("later", later),
    ];
    Block {
        attributes: attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect(),
        blocks: BTreeMap::from([(Arc::from("rule"), rule)]),
    }
}

fn body(text: &str) -> (Value, Vec<String>) {
    body_of(text, &schema())
}

fn body_of(text: &str, schema: &Block) -> (Value, Vec<String>) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(
        dir.path().join("main.tf"),
        format!("variable \"rules\" {{}}\nvariable \"unknown\" {{}}\nresource \"t\" \"a\" {{\n{text}\n}}\n"),
    )
    .expect("file");
    let (config, diags) = load(dir.path(), crate::config::Rules::default());
    assert!(diags.is_empty(), "{diags:?}");
    let module = &config.modules[&ModulePath::root()];
    let body: &Body = &module.resources.values().next().expect("one").body;
    let mut diags = Diagnostics::new();
    let value = evaluate_body(body, schema, &scope(), &mut diags);
    (value, diags.iter().map(|d| d.summary.clone()).collect())
}

#[test]
fn bodies_take_the_shape_of_the_schema() {
    let (value, diags) = body(
        "name = 5\ntags = { a = 1 }\nrule {\n port = \"22\"\n}\ndynamic \"rule\" {\n for_each = var.rules\n iterator = r\n content {\n port = r.value.port + r.key\n }\n}\nroute {\n cidr = \"c\"\n}",
    );
    assert_eq!(diags, Vec::<String>::new());
    assert_eq!(value.ty(), schema().ty());
    assert_eq!(
        format!("{value:?}"),
        "{\"id\": null, \"later\": null, \"name\": \"5\", \"route\": [{\"cidr\": \"c\", \"note\": null}], \"rule\": [{\"port\": 22}, {\"port\": 80}, {\"port\": 444}], \"tags\": {\"a\": \"1\"}}"
    );
    let (value, _) = body("name = \"n\"\ndynamic \"rule\" {\n for_each = split(\",\", var.unknown)\n content {\n port = 1\n }\n}");
    assert!(value.get("rule").is_some_and(|r| !r.is_known()));
    assert_eq!(value.ty(), schema().ty());
}

#[test]
fn what_may_never_be_there_may_set_what_cannot_be_set() {
    let mut outer = schema();
    let rule = outer.blocks.get_mut("rule").expect("a rule");
    rule.block.attributes.insert(Arc::from("made"), attribute(Type::String, false, true));
    let dynamic = |for_each: &str| {
        format!("name = 1\ndynamic \"rule\" {{\n for_each = {for_each}\n content {{\n port = 1\n made = var.unknown\n }}\n}}")
    };
    assert_eq!(body_of(&dynamic("[1]"), &outer).1, ["Value for unconfigurable attribute"]);
    assert!(body_of(&dynamic("split(\",\", var.unknown)"), &outer).1.is_empty());
}

#[test]
fn bodies_that_do_not_fit() {
    for (text, summaries) in [
        ("", vec!["Missing required argument"]),
        ("name = null", vec!["Missing required argument"]),
        ("name = []", vec!["Incorrect attribute value type"]),
        ("name = 1\nid = \"x\"", vec!["Value for unconfigurable attribute"]),
        ("name = 1\nlater = \"x\"", vec!["Unsupported argument"]),
        ("name = 1\nlater = null", vec![]),
        ("name = 1\nnmae = 2", vec!["Unsupported argument"]),
        ("name = 1\nrule = []", vec!["Unsupported argument"]),
        ("name = 1\nrules {\n}", vec!["Unsupported block type"]),
        ("name = 1\nrule {\n}", vec!["Missing required argument"]),
        ("name = 1\ndynamic \"rule\" {\n for_each = [1, 2, 3, 4]\n content {\n port = 1\n }\n}", vec!["Too many rule blocks"]),
        ("name = 1\ndynamic \"rule\" {\n for_each = null\n content {\n port = 1\n }\n}", vec!["Invalid dynamic for_each value"]),
    ] {
        assert_eq!(body(text).1, summaries, "{text}");
    }
}

#[test]
fn variables_take_defaults_and_types() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let text = "variable \"v\" {\n type = object({ a = string, b = optional(number, 60 * 60), c = optional(object({ d = optional(bool, true) }), {}) })\n default = { a = 1 }\n sensitive = true\n}\nvariable \"n\" {\n type = string\n nullable = false\n}\nvariable \"bad\" {\n type = number\n default = \"x\"\n}\n";
    std::fs::write(dir.path().join("main.tf"), text).expect("file");
    let (config, diags) = load(dir.path(), crate::config::Rules::default());
    assert!(diags.is_empty(), "{diags:?}");
    let variables = &config.modules[&ModulePath::root()].variables;
    let value = default_value(&variables["v"]).expect("it fits").expect("it has one");
    assert!(value.is_sensitive());
    let (value, marks) = value.unmark();
    assert_eq!((format!("{value:?}").as_str(), marks), ("{\"a\": \"1\", \"b\": 3600, \"c\": {\"d\": true}}", Marks::SENSITIVE));
    let origin = Origin::Outside(&InputSource::CommandLine);
    assert!(variable_value(&variables["v"], "var.v", &Value::string("x"), origin, &config.sources).is_err());
    assert!(variable_value(&variables["n"], "var.n", &Value::null(Type::Dynamic), origin, &config.sources).is_err());
    let mut diags = Diagnostics::new();
    variables.values().for_each(|v| input::check_default(v, &mut diags));
    assert_eq!(diags.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), ["Invalid default value for variable"]);
    assert!(constant(&parse_expression(SourceId(0), "var.list").expect("it parses")).is_err());
}
