//! Plans and the pages they become.

use super::*;
use levee_model::{InstanceAddr, Reason, Reversibility, Type};
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting, Schema};

fn object(members: &[(&str, Value)]) -> Value {
    Value::object(members.iter().map(|(k, v)| (Arc::from(*k), v.clone())).collect())
}

fn text(s: &str) -> Value {
    Value::string(s)
}

fn unknown() -> Value {
    Value::unknown(Type::String)
}

fn change(addr: &str, action: Action, before: Option<Value>, after: Option<Value>) -> Change {
    Change {
        addr: addr.parse::<InstanceAddr>().expect("an address"),
        deposed: None,
        action,
        before,
        after,
        replace_paths: Vec::new(),
        reason: None,
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    }
}

/// A made-up type with a secret attribute, and a set of nested blocks.
fn schemas() -> SchemaBook {
    let mut block = Block::default();
    for name in ["id", "name", "cidr", "size"] {
        block.attributes.insert(Arc::from(name), Attribute::new(Type::String));
    }
    let secret = Attribute { sensitive: true, ..Attribute::new(Type::String) };
    block.attributes.insert(Arc::from("password"), secret);
    let mut inner = Block::default();
    inner.attributes.insert(Arc::from("port"), Attribute::new(Type::Number));
    let nested = NestedBlock {
        nesting: Nesting::Set,
        min: 0,
        max: None,
        force_new: false,
        computed: false,
        unsupported: false,
        deprecated: None,
        block: inner,
    };
    block.blocks.insert(Arc::from("rule"), nested);
    let mut book = SchemaBook::default();
    book.add(levee_model::Mode::Managed, "test_net", "hashicorp/test", Arc::new(Schema::new(0, block, "")));
    book
}

fn rules(ports: &[u32]) -> Value {
    let rule = |port: &u32| object(&[("port", Value::number(levee_model::Number::count(*port as usize)))]);
    let element = Type::object(BTreeMap::from([(Arc::from("port"), Type::Number)]));
    Value::set(element, ports.iter().map(rule).collect())
}

/// The whole page.
fn drawn(plan: &Plan) -> String {
    let mut text = String::new();
    page(plan, &schemas(), Paint::new(false), &mut |piece| text.push_str(piece));
    text
}

fn check_plan(plan: &Plan, expected: &str) {
    assert_eq!(drawn(plan), expected);
}

/// What one attribute's change looks like, without the header around it.
#[expect(clippy::needless_pass_by_value, reason = "cases are written shorter so")]
fn check_value(before: Option<Value>, after: Option<Value>, expected: &str) {
    let node = difference::compare(before.as_ref(), after.as_ref(), &Path::root(), &[]);
    let pen = Pen::changes(Paint::new(false));
    let mut drawn = String::new();
    pen.symbol(&mut drawn, node.action);
    drawn.push_str("a = ");
    pen.value(&mut drawn, &node, 0, true);
    assert_eq!(drawn, expected);
}

#[test]
fn created_replaced_updated_and_destroyed() {
    let mut replaced = change(
        "test_net.b[\"x\"]",
        Action::Replace(ReplaceOrder::DeleteThenCreate),
        Some(object(&[("id", text("n-1")), ("cidr", text("10.0.0.0/16")), ("size", text("s")), ("rule", rules(&[]))])),
        Some(object(&[("id", unknown()), ("cidr", text("10.1.0.0/16")), ("size", text("s")), ("rule", rules(&[]))])),
    );
    replaced.replace_paths = vec![Path::attribute("cidr")];
    replaced.reason = Some(Reason::CannotUpdate(replaced.replace_paths.clone()));
    replaced.reversibility = Reversibility::LosesData("addresses handed out in it".into());
    let mut destroyed = change("module.m.test_net.d", Action::Delete, Some(object(&[("id", text("n-3"))])), None);
    destroyed.reason = Some(Reason::NoResourceConfig);
    destroyed.reversibility = Reversibility::Irreversible("its id is never handed out again".into());
    let plan = Plan {
        changes: [
            change(
                "test_net.a",
                Action::Create,
                None,
                Some(object(&[("id", unknown()), ("name", text("a")), ("password", text("pw")), ("rule", rules(&[22, 80]))])),
            ),
            replaced,
            change(
                "test_net.c",
                Action::Update,
                Some(object(&[("id", text("n-2")), ("size", text("s")), ("cidr", text("k")), ("rule", rules(&[22, 80]))])),
                Some(object(&[("id", text("n-2")), ("size", text("l")), ("cidr", text("k")), ("rule", rules(&[80, 443]))])),
            ),
            change("test_net.same", Action::NoOp, Some(object(&[])), Some(object(&[]))),
            destroyed,
        ]
        .map(Arc::new)
        .into(),
        ..Plan::default()
    };
    check_plan(&plan, include_str!("tests/every_action.txt"));
}

#[test]
fn nothing_to_do() {
    let expected = "
No changes. Your infrastructure matches the configuration.

levee compared every object with the configuration and found nothing to do.
";
    check_plan(&Plan::default(), expected);
}

#[test]
fn only_outputs() {
    let output = |action, before, after, sensitive| OutputChange { action, before, after, sensitive };
    let plan = Plan {
        outputs: BTreeMap::from([
            (Arc::from("gone"), output(Action::Delete, Some(text("x")), None, false)),
            (Arc::from("pw"), output(Action::Create, None, Some(text("secret")), true)),
            (Arc::from("same"), output(Action::NoOp, Some(text("x")), Some(text("x")), false)),
            (Arc::from("zones"), output(Action::Update, Some(unknown()), Some(Value::tuple(vec![text("a")])), false)),
        ]),
        ..Plan::default()
    };
    let page = drawn(&plan);
    assert!(!page.contains("secret"), "{page}");
    assert!(page.contains("Changes to Outputs:\n  - gone  = \"x\" -> null\n  + pw    = (sensitive value)\n  ~ zones = "), "{page}");
}

#[test]
fn many_changes_are_told_in_their_order() {
    let count = 3 * PIECE + 1;
    let created = |n: usize| change(&format!("test_net.n{n}"), Action::Create, None, Some(object(&[("size", text("s"))])));
    let plan = Plan { changes: (0..count).map(|n| Arc::new(created(n))).collect(), ..Plan::default() };
    let page = drawn(&plan);
    let told: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("  # ")?.strip_suffix(" will be created")).collect();
    assert_eq!(told, (0..count).map(|n| format!("test_net.n{n}")).collect::<Vec<_>>());
    assert!(page.contains(&format!("Plan: {count} to add")), "{}", page.lines().last().unwrap_or_default());
}

#[test]
fn drift_comes_before_the_plan() {
    let drift = change(
        "test_net.a",
        Action::Update,
        Some(object(&[("id", text("n-1")), ("size", text("s"))])),
        Some(object(&[("id", text("n-1")), ("size", text("xl"))])),
    );
    let gone = change("test_net.b", Action::Delete, Some(object(&[("id", text("n-2"))])), None);
    let plan = Plan { drift: vec![drift, gone], mode: Mode::RefreshOnly, ..Plan::default() };
    let expected = "
Note: Objects have changed outside of levee

Since the last run these objects were changed by something other than levee:

  # test_net.a has changed
  ~ resource \"test_net\" \"a\" {
        id   = \"n-1\"
      ~ size = \"s\" -> \"xl\"
    }

  # test_net.b has been deleted
  - resource \"test_net\" \"b\" {
      - id = \"n-2\" -> null
    }

This is a refresh-only plan: nothing is done about these changes. Applying it takes them over into the state.

─────────────────────────────────────────────────────────────────────────────
";
    check_plan(&plan, expected);
}

#[test]
fn what_can_be_rolled_back() {
    let stuck = |addr: &str, why: &str| {
        let mut c = change(addr, Action::Update, None, None);
        c.reversibility = Reversibility::Irreversible(why.into());
        c
    };
    let fine = change("test_net.a", Action::Create, None, None);
    let one = stuck("test_net.b", "versions cannot be lowered");
    let two = stuck("test_net.c", "it is gone for good");
    let check = |changes: &[&Change], expected: Option<&str>| {
        assert_eq!(reasons::rollback_summary(changes.iter().copied()).as_deref(), expected);
    };
    check(&[], None);
    check(&[&fine], Some("This change can be rolled back."));
    check(&[&fine, &fine], Some("All 2 changes can be rolled back."));
    check(&[&fine, &one], Some("1 of 2 changes can be rolled back; test_net.b cannot: versions cannot be lowered."));
    let expected =
        "1 of 3 changes can be rolled back; these cannot:\n  - test_net.b: versions cannot be lowered\n  - test_net.c: it is gone for good";
    check(&[&fine, &one, &two], Some(expected));
}

#[test]
fn reasons_in_words() {
    let with = |action, reason| {
        let mut c = change("test_net.a[\"k\"]", action, None, None);
        c.reason = Some(reason);
        reasons::headline(&c).join(" ")
    };
    let replace = Action::Replace(ReplaceOrder::CreateThenDelete);
    let paths = vec![Path::attribute("cidr"), Path::attribute("size")];
    assert_eq!(with(replace, Reason::CannotUpdate(paths)), "test_net.a[\"k\"] must be replaced: cidr and size cannot be changed in place");
    assert_eq!(with(replace, Reason::ByRequest), "test_net.a[\"k\"] will be replaced, as requested");
    assert_eq!(with(Action::Delete, Reason::EachKey), "test_net.a[\"k\"] will be destroyed (because key [\"k\"] is not in for_each)");
    assert_eq!(with(Action::Create, Reason::GoneOutside), "test_net.a[\"k\"] will be created (because it was deleted outside of levee)");
}

#[test]
fn lists_maps_and_sets() {
    let list = |s: &str| Value::list(Type::String, s.chars().map(|c| text(&c.to_string())).collect::<Vec<_>>());
    let expected = "  ~ a = [
        # (1 unchanged element hidden)
        \"b\",
      - \"c\",
      + \"x\",
        \"d\",
        \"e\",
      + \"f\",
    ]";
    check_value(Some(list("abcde")), Some(list("abxdef")), expected);
    check_value(Some(list("a")), None, "  - a = [\n      - \"a\",\n    ] -> null");
    check_value(None, Some(list("")), "  + a = []");
    let map = |pairs: &[(&str, &str)]| Value::map(Type::String, pairs.iter().map(|(k, v)| (Arc::from(*k), text(v))).collect());
    let expected = "  ~ a = {
      + \"New\"  = \"1\"
      - \"Old\"  = \"1\" -> null
      ~ \"Team\" = \"a\" -> \"b\"
        # (1 unchanged element hidden)
    }";
    check_value(
        Some(map(&[("Old", "1"), ("Same", "1"), ("Team", "a")])),
        Some(map(&[("New", "1"), ("Same", "1"), ("Team", "b")])),
        expected,
    );
    let set = |s: &str| Value::set(Type::String, s.chars().map(|c| text(&c.to_string())).collect());
    let expected = "  ~ a = [
      - \"a\",
      + \"c\",
        # (1 unchanged element hidden)
    ]";
    check_value(Some(set("ab")), Some(set("bc")), expected);
}

#[test]
fn objects_in_lists_are_compared_part_by_part() {
    let item = |n: &str| object(&[("a", text(n)), ("k", text("same"))]);
    let list = |ns: &[&str]| Value::tuple(ns.iter().map(|n| item(n)).collect::<Vec<_>>());
    let expected = "  ~ a = [
        {
            a = \"1\"
            k = \"same\"
        },
      ~ {
          ~ a = \"2\" -> \"3\"
            # (1 unchanged attribute hidden)
        },
      + {
          + a = \"4\"
          + k = \"same\"
        },
    ]";
    check_value(Some(list(&["1", "2"])), Some(list(&["1", "3", "4"])), expected);
}

#[test]
fn json_and_text() {
    let expected = "  ~ a = jsonencode(
      ~ {
          ~ St      = [
              ~ {
                  ~ A = 1 -> \"2\"
                    # (1 unchanged attribute hidden)
                },
            ]
            # (1 unchanged attribute hidden)
        }
    )";
    let before = text(r#"{"St":[{"A":1,"B":["x"]}],"Version":"1"}"#);
    check_value(Some(before.clone()), Some(text(r#"{"St":[{"A":"2","B":["x"]}],"Version":"1"}"#)), expected);
    check_value(Some(text("plain")), Some(text("[1]")), "  ~ a = \"plain\" -> jsonencode(\n        [\n          + 1,\n        ]\n    )");
    let expected = "  ~ a = jsonencode( # whitespace changes\n        [\n            1,\n        ]\n    )";
    check_value(Some(text("[1]")), Some(text("[ 1 ]")), expected);
    check_value(Some(text("one\ntwo\n")), Some(text("one\n2\n")), "  ~ a = <<-EOT\n        one\n      - two\n      + 2\n    EOT");
    let long = |last: &str| text(&format!("{}{last}", "same\n".repeat(9)));
    let expected = "  ~ a = <<-EOT
        # (6 unchanged lines hidden)
        same
        same
        same
      - x
      + y
    EOT";
    check_value(Some(long("x")), Some(long("y")), expected);
}

#[test]
fn secrets_and_unknowns() {
    let secret = |s: &str| text(s).sensitive();
    check_value(None, Some(secret("pw")), "  + a = (sensitive value)");
    check_value(Some(secret("pw")), None, "  - a = (sensitive value) -> null");
    check_value(Some(text("pw")), Some(secret("pw")), "  ~ a = (sensitive value) # it becomes sensitive and will no longer be shown");
    check_value(Some(text("x")), Some(unknown()), "  ~ a = \"x\" -> (known after apply)");
    check_value(
        Some(object(&[("k", secret("pw"))])),
        Some(object(&[("k", secret("w"))])),
        "  ~ a = {\n      ~ k = (sensitive value)\n    }",
    );
    check_value(Some(secret("{\"pw\":1}")), Some(unknown().sensitive()), "  ~ a = (sensitive value)");
}
