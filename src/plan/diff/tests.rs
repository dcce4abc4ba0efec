//! Changes of one `terraform_data` under every circumstance.

use super::*;
use levee_state::{ObjectRow, ObjectStatus};

/// Input and `triggers_replace` of an object; as configured there is neither id nor output.
fn data(input: &str, trigger: &str, id: Option<&str>) -> Value {
    let text = |s: Option<&str>| s.map_or_else(|| Value::null(Type::String), Value::string);
    let of = |n: &str| Arc::<str>::from(n);
    let output = id.map_or_else(|| Value::null(Type::Dynamic), |_| Value::string(input));
    Value::object(
        [
            (of("id"), text(id)),
            (of("input"), Value::string(input)),
            (of("output"), output),
            (of("triggers_replace"), Value::string(trigger)),
        ]
        .into(),
    )
}

fn prior(status: ObjectStatus, exists: bool) -> Prior {
    let stored = data("a", "1", Some("x"));
    let row = ObjectRow {
        addr: "terraform_data.t".parse().expect("an address"),
        deposed: None,
        provider: Arc::from("provider.terraform"),
        provider_source: Arc::from("terraform.io/builtin/terraform"),
        schema_version: 0,
        status,
        id: Some("x".to_owned()),
        values: "{}".to_owned(),
        sensitive_paths: "[]".to_owned(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        private: None,
    };
    Prior { row: Arc::new(row), current: exists.then(|| stored.clone()), stored }
}

struct Case {
    prior: Option<Prior>,
    config: Value,
    lifecycle: Lifecycle,
    requested: bool,
    triggers: Vec<String>,
}

impl Default for Case {
    fn default() -> Self {
        let lifecycle = Lifecycle::default();
        Self {
            prior: Some(prior(ObjectStatus::Ready, true)),
            config: data("a", "1", None),
            lifecycle,
            requested: false,
            triggers: Vec::new(),
        }
    }
}

fn plan(case: Case) -> Result<Change, Diagnostic> {
    let resource = crate::providers::registry().resource("terraform.io/builtin/terraform", "terraform_data").expect("it is built in");
    plan_instance(&Wanted {
        addr: &"terraform_data.t".parse().expect("an address"),
        resource: resource.as_ref(),
        block: &resource.schema().block,
        prior: case.prior.as_ref(),
        config: case.config,
        lifecycle: Some(&case.lifecycle),
        client: None,
        replace_requested: case.requested,
        triggers: case.triggers,
        order: ReplaceOrder::DeleteThenCreate,
    })
}

fn ignoring(name: &str) -> Lifecycle {
    let path = IgnorePath { root: Arc::from(name), steps: Vec::new(), span: crate::plan::walk::no_span() };
    Lifecycle { ignore_changes: IgnoreChanges::Paths(vec![path]), ..Lifecycle::default() }
}

#[test]
fn the_action_follows_from_what_is_there_and_what_is_wanted() {
    const REPLACE: Action = Action::Replace(ReplaceOrder::DeleteThenCreate);
    let all = Lifecycle { ignore_changes: IgnoreChanges::All, ..Lifecycle::default() };
    let tainted = Some(prior(ObjectStatus::Tainted, true));
    let gone = Some(prior(ObjectStatus::Ready, false));
    let cases = [
        ("nothing there", Case { prior: None, ..Case::default() }, Action::Create, None),
        ("gone", Case { prior: gone, ..Case::default() }, Action::Create, Some(Reason::GoneOutside)),
        ("as it is", Case::default(), Action::NoOp, None),
        ("changed", Case { config: data("b", "1", None), ..Case::default() }, Action::Update, None),
        ("changed, ignored", Case { config: data("b", "1", None), lifecycle: ignoring("input"), ..Case::default() }, Action::NoOp, None),
        ("all ignored", Case { config: data("b", "2", None), lifecycle: all, ..Case::default() }, Action::NoOp, None),
        ("tainted", Case { prior: tainted, ..Case::default() }, REPLACE, Some(Reason::Tainted)),
        ("by request", Case { requested: true, ..Case::default() }, REPLACE, Some(Reason::ByRequest)),
        (
            "triggered",
            Case { triggers: vec!["null.x".to_owned()], ..Case::default() },
            REPLACE,
            Some(Reason::ByTriggers(vec!["null.x".to_owned()])),
        ),
        (
            "cannot be changed",
            Case { config: data("a", "2", None), ..Case::default() },
            REPLACE,
            Some(Reason::CannotUpdate(vec![Path::attribute("triggers_replace")])),
        ),
    ];
    for (name, case, action, reason) in cases {
        let change = plan(case).unwrap_or_else(|d| panic!("{name}: {d:?}"));
        assert_eq!((change.action, change.reason), (action, reason), "{name}");
    }
}

#[test]
fn what_is_made_anew_is_as_it_is_written_and_keeps_nothing_that_was_computed() {
    let change = plan(Case { config: data("b", "2", None), lifecycle: ignoring("input"), ..Case::default() }).expect("a change");
    let after = change.after.expect("it is made anew");
    assert_eq!(after.get("input"), Some(Value::string("b")), "there is no change to ignore");
    assert!(after.get("id").is_some_and(|id| !id.is_known()));
}

#[test]
fn what_is_protected_is_not_replaced() {
    let lifecycle = Lifecycle { prevent_destroy: true, ..Lifecycle::default() };
    let refused = plan(Case { config: data("a", "2", None), lifecycle: lifecycle.clone(), ..Case::default() }).expect_err("refused");
    assert_eq!(refused.summary, "Instance cannot be destroyed");
    assert!(plan(Case { config: data("b", "1", None), lifecycle, ..Case::default() }).is_ok(), "changed in place it may be");
}

#[test]
fn what_has_become_secret_is_changed() {
    let config = data("a", "1", None);
    let input = config.get("input").expect("input").sensitive();
    let change = plan(Case { config: config.with("input", input), ..Case::default() }).expect("a change");
    assert_eq!(change.action, Action::Update);
    assert!(change.after.and_then(|v| v.get("input")).is_some_and(|v| v.is_sensitive()));
}
