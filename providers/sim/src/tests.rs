use crate::record::{Action, Event};
use crate::world_file::history;
use levee_model::{Type, Value};
use levee_sdk::context::NoSink;
use levee_sdk::provider::AnyCtx;
use levee_sdk::{Configured, ErrorKind, OpToken, Shape};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::provider_block::{Fault, Latency, ProviderBlock, Throttle};

/// A world of its own, gone with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn world(&self) -> PathBuf {
        self.0.path().join("world.jsonl")
    }

    async fn cloud(&self, block: ProviderBlock) -> Cloud {
        let world = Some(self.world().to_string_lossy().into_owned());
        let config = ProviderBlock { world, ..block }.to_value();
        Cloud(crate::provider().configure(config).await.expect("it can be configured"))
    }
}

struct Cloud(Arc<dyn Configured>);

impl Cloud {
    fn ctx(&self) -> AnyCtx {
        AnyCtx { client: self.0.client(), sink: Arc::new(NoSink), timeout: None }
    }

    async fn create(&self, type_name: &str, planned: Value, op: OpToken) -> levee_sdk::error::Result<Value> {
        ty(type_name).create(self.ctx(), planned, op).await
    }

    async fn delete(&self, type_name: &str, object: &Value) -> levee_sdk::error::Result<()> {
        ty(type_name).delete(self.ctx(), object.clone(), OpToken::new()).await
    }
}

fn ty(name: &str) -> Arc<dyn levee_sdk::AnyResource> {
    crate::provider().resource(name).expect("there is this type")
}

fn of_type(type_name: &str, arguments: &[(&str, Value)]) -> Value {
    let Type::Object(object) = ty(type_name).schema().ty() else { unreachable!("a schema is of an object") };
    let nulls = object.attributes.iter().map(|(n, t)| (n.clone(), Value::null(t.clone()))).collect();
    arguments.iter().fold(Value::object(nulls), |v, (name, value)| v.with(name, value.clone()))
}

fn object(name: &str, arguments: &[(&str, Value)]) -> Value {
    let all: Vec<_> = [("name", Value::string(name))].into_iter().chain(arguments.iter().cloned()).collect();
    of_type("sim_object", &all)
}

fn id(object: &Value) -> Value {
    object.get("id").expect("objects have ids")
}

fn list(ids: &[Value]) -> Value {
    Value::list(Type::String, ids.to_vec())
}

fn fault(kind: &str, action: &str, nth: i64) -> ProviderBlock {
    let fault = Fault { kind: Some(kind.into()), action: Some(action.into()), nth: Some(nth), ..Fault::default() };
    ProviderBlock { fault: vec![fault], ..ProviderBlock::default() }
}

fn events(path: &Path) -> Vec<(Event, Action, String)> {
    let lines = history(path).expect("the world can be read");
    assert!(lines.iter().zip(1..).all(|(line, n)| line.seq == n), "the lines are numbered");
    lines.into_iter().map(|l| (l.event, l.action, l.name)).collect()
}

#[tokio::test]
async fn what_is_used_stays_and_what_is_absent_cannot_be_named() {
    let place = Place::new();
    let cloud = place.cloud(ProviderBlock::default()).await;
    let new = async |o| cloud.create("sim_object", o, OpToken::new()).await;
    let a = new(object("a", &[("guarded", Value::bool(true)), ("unique_name", Value::string("only"))])).await.expect("a");
    let b = new(object("b", &[])).await.expect("b");
    let c = new(object("c", &[("refs", list(&[id(&a), id(&b)]))])).await.expect("c");
    assert_eq!(cloud.delete("sim_object", &a).await.expect_err("it is guarded").kind, ErrorKind::Conflict);
    cloud.delete("sim_object", &b).await.expect("it is not guarded");
    assert_eq!(new(object("d", &[("attached", list(&[id(&b)]))])).await.expect_err("b is gone").kind, ErrorKind::Invalid);
    let twice = new(object("e", &[("unique_name", Value::string("only"))])).await.expect_err("a has it");
    assert_eq!(twice.kind, ErrorKind::AlreadyExists);
    let rule = of_type("sim_rule", &[("parent", id(&c)), ("port", Value::number(80_i64))]);
    let first = cloud.create("sim_rule", rule.clone(), OpToken::new()).await.expect("a rule");
    let second = cloud.create("sim_rule", rule, OpToken::new()).await.expect_err("there is one already");
    assert_eq!(second.kind, ErrorKind::AlreadyExists);
    cloud.delete("sim_rule", &first).await.expect("nobody uses it");
    cloud.delete("sim_object", &c).await.expect("nobody uses it");
    cloud.delete("sim_object", &a).await.expect("nobody uses it any more");
    cloud.delete("sim_object", &a).await.expect("it is gone already");
}

#[tokio::test]
async fn a_lost_answer_leaves_what_its_token_finds() {
    for (type_name, planned) in [
        ("sim_object", object("a", &[])),
        ("sim_network", of_type("sim_network", &[("name", Value::string("a")), ("cidr", Value::string("10.0.0.0/8"))])),
        ("sim_cluster", of_type("sim_cluster", &[("name", Value::string("a"))])),
    ] {
        let place = Place::new();
        let op = OpToken::new();
        let cloud = place.cloud(fault("lost", "create", 1)).await;
        let lost = cloud.create(type_name, planned.clone(), op).await.expect_err("the answer was lost");
        assert_eq!(lost.kind, ErrorKind::InDoubt);
        // Another process, as after a crash.
        let again = place.cloud(ProviderBlock::default()).await;
        let find = async |op| ty(type_name).find(again.ctx(), op, planned.clone()).await.expect("it can be looked for");
        assert!(find(op).await.is_some(), "{type_name}");
        assert!(find(OpToken::new()).await.is_none(), "{type_name} of somebody else");
    }
}

#[tokio::test]
async fn the_file_outlives_a_half_written_line_and_is_shared() {
    let place = Place::new();
    let (one, other) = (place.cloud(ProviderBlock::default()).await, place.cloud(ProviderBlock::default()).await);
    let a = one.create("sim_object", object("a", &[]), OpToken::new()).await.expect("a");
    let mut file = fs::OpenOptions::new().append(true).open(place.world()).expect("the world");
    file.write_all(b"{\"seq\":3,\"at").expect("half a line");
    let b = other.create("sim_object", object("b", &[("refs", list(&[id(&a)]))]), OpToken::new()).await.expect("b");
    one.delete("sim_object", &b).await.expect("it sees what the other made");
    let told = events(&place.world());
    let of = |name: &str| told.iter().filter(|(_, _, n)| n == name).count();
    assert_eq!((told.len(), of("a"), of("b")), (6, 2, 4));
}

#[tokio::test(start_paused = true)]
async fn what_takes_time_is_waited_for_and_may_fail() {
    let latency = vec![Latency { action: Some("build".into()), ms: Some(60_000.0), ..Latency::default() }];
    let place = Place::new();
    let cloud = place.cloud(ProviderBlock { latency: latency.clone(), ..ProviderBlock::default() }).await;
    let began = tokio::time::Instant::now();
    let planned = |name: &str| of_type("sim_cluster", &[("name", Value::string(name))]);
    let made = cloud.create("sim_cluster", planned("a"), OpToken::new()).await.expect("it is made");
    assert!(began.elapsed() >= Duration::from_mins(1));
    assert_eq!(made.get("status"), Some(Value::string("ACTIVE")));
    let half = place.cloud(ProviderBlock { latency, ..fault("half", "create", 1) }).await;
    let failed = half.create("sim_cluster", planned("b"), OpToken::new()).await.expect_err("it never becomes ready");
    assert_eq!(failed.kind, ErrorKind::Failed);
}

#[tokio::test(start_paused = true)]
async fn looks_lag_and_throttled_calls_are_repeated() {
    let throttle = Throttle { rate: Some(5.0), burst: Some(1) };
    let place = Place::new();
    let cloud = place.cloud(ProviderBlock { lag_reads: Some(2), throttle: Some(throttle), ..ProviderBlock::default() }).await;
    let a = cloud.create("sim_object", object("a", &[]), OpToken::new()).await.expect("a");
    let began = tokio::time::Instant::now();
    for n in 0..4 {
        cloud.create("sim_object", object(&format!("b{n}"), &[]), OpToken::new()).await.expect("it has patience");
    }
    assert!(began.elapsed() > Duration::from_millis(700), "{:?}", began.elapsed());
    let watcher = place.cloud(ProviderBlock { lag_ms: Some(300), ..ProviderBlock::default() }).await;
    cloud.delete("sim_object", &a).await.expect("it is deleted");
    let text = id(&a).as_str().unwrap_or_default().to_owned();
    let look = async || ty("sim_object").read(watcher.ctx(), text.clone(), None).await.expect("it can be read").is_some();
    assert!(look().await, "it is still seen");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!look().await, "it is not seen any more");
}
