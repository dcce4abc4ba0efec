//! What the journal and the state hold after a step, whatever its provider does.

use crate::apply::clock::Clock;
use crate::apply::recovery;
use crate::apply::step::{Answer, Doing, Shared, Step, Waited};
use crate::plan::pool::Pool;
use crate::providers::Registry;
use futures::future::BoxFuture;
use levee_model::{Change, Diagnostics, Reversibility, Type};
use levee_model::{DeposedKey, ModulePath, ProviderAddr, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::{Attribute, Block, Schema};
use levee_sdk::{AnyResource, Configured, Effects, ErrorKind, OpToken, Provider, ProviderError, TypeSet};
use levee_sdk::{Draft, Identity};
use levee_state::{Access, Base, LockInfo, RunEnd, RunKind, RunSpec, Store};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = levee_sdk::error::Result<T>;

/// What the fake does in a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Succeeds,
    /// Fails before anything is made.
    Refused,
    /// Makes the object, tells its id, and fails.
    FailsAfterCheckpoint,
    /// As before, and the object cannot be read afterwards.
    FailsAndHides,
    /// Loses the answer.
    InDoubt,
    /// Is killed before the answer.
    Killed,
    /// Tells the id, and is killed while it waits.
    KilledAfterCheckpoint,
    /// Has provisioners, and is killed before the answer.
    KilledBeforeProvisioners,
    /// Succeeds, or would, and is killed while a provisioner is at work.
    KilledInProvisioner,
    /// Succeeds, or would, and a provisioner fails.
    ProvisionerFails,
    /// As before, and none fails.
    Provisioned,
}

impl Act {
    fn is_provisioned(self) -> bool {
        matches!(self, Self::KilledBeforeProvisioners | Self::KilledInProvisioner | Self::ProvisionerFails | Self::Provisioned)
    }
}

/// A fake resource type: one id, one name.
#[derive(Clone)]
struct Fake {
    act: Act,
    /// Whether the object is there afterwards.
    exists: bool,
    /// Called when the process is to be gone.
    gone: Arc<tokio::sync::Notify>,
}

fn fake(act: Act, exists: bool) -> Fake {
    Fake { act, exists, gone: Arc::default() }
}

fn schema() -> Arc<Schema> {
    let attributes =
        ["id", "name"].map(|n| (Arc::from(n), Attribute { optional: true, computed: n == "id", ..Attribute::new(Type::String) }));
    Arc::new(Schema::new(0, Block { attributes: attributes.into(), ..Block::default() }, ""))
}

fn object(id: Option<&str>) -> Value {
    let id = id.map_or_else(|| Value::null(Type::String), Value::string);
    Value::object([(Arc::from("id"), id), (Arc::from("name"), Value::string("n"))].into())
}

impl Fake {
    async fn act(&self, ctx: AnyCtx) -> Result<Value> {
        if self.act == Act::KilledAfterCheckpoint {
            ctx.sink.checkpoint("f-1".to_owned(), None).await?;
        }
        match self.act {
            Act::Killed | Act::KilledAfterCheckpoint | Act::KilledBeforeProvisioners => {
                self.gone.notify_one();
                return std::future::pending().await;
            }
            Act::Succeeds | Act::KilledInProvisioner | Act::ProvisionerFails | Act::Provisioned => return Ok(object(Some("f-1"))),
            Act::Refused => return Err(ProviderError::new(ErrorKind::Invalid, "refused")),
            Act::InDoubt => return Err(ProviderError::new(ErrorKind::InDoubt, "no answer")),
            Act::FailsAfterCheckpoint | Act::FailsAndHides => ctx.sink.checkpoint("f-1".to_owned(), None).await?,
        }
        Err(ProviderError::new(ErrorKind::Failed, "failed"))
    }
}

impl AnyResource for Fake {
    fn type_name(&self) -> &'static str {
        "fake_thing"
    }
    fn schema(&self) -> Arc<Schema> {
        schema()
    }
    fn identity(&self) -> Identity {
        Identity::Name
    }
    fn effects(&self) -> Effects {
        Effects::Remote
    }
    fn reversibility(&self, _: &Change) -> Reversibility {
        Reversibility::Reversible
    }
    fn id(&self, object: &Value) -> Option<String> {
        object.get("id")?.as_str().map(str::to_owned)
    }
    fn moved_from(&self, _: &str, _: &Value) -> Option<Value> {
        None
    }
    fn validate(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }
    fn plan(&self, _: Option<&Arc<dyn Any + Send + Sync>>, _: &mut Draft) -> Result<()> {
        Ok(())
    }
    fn read(&self, _: AnyCtx, id: String, _: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            match self.act {
                Act::FailsAndHides => Err(ProviderError::new(ErrorKind::Transient, "later")),
                _ => Ok(self.exists.then(|| object(Some(&id)))),
            }
        })
    }
    fn create(&self, ctx: AnyCtx, _: Value, _: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(self.act(ctx))
    }
    fn update(&self, ctx: AnyCtx, _: Value, _: Value, _: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(self.act(ctx))
    }
    fn delete(&self, ctx: AnyCtx, _: Value, _: OpToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.act(ctx).await.map(drop) })
    }
    fn import(&self, _: AnyCtx, _: String) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async { Ok(None) })
    }
    fn find(&self, _: AnyCtx, _: OpToken, _: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async { Ok(self.exists.then(|| object(Some("f-1")))) })
    }
}

fn step(doing: Doing, act: Act, seq: u64) -> Step {
    Step {
        waited: Waited { ready: std::time::SystemTime::now(), after: None },
        place: None,
        seq,
        addr: "fake_thing.a".parse().expect("an address"),
        deposed: None,
        id: None,
        doing,
        write_only: Vec::new(),
        put_back: false,
        was: None,
        marks: Vec::new(),
        resource: Arc::new(fake(act, true)),
        provider: Arc::from("provider.fake"),
        source: Arc::from("test/fake"),
        client: Arc::new(()),
        timeout: None,
        dependencies: Vec::new(),
        create_before_destroy: false,
        provisioned: act.is_provisioned(),
    }
}

/// Runs a step with its provisioners, of which there is one; `None` when it is killed.
async fn carried_out(step: Step, act: Act, shared: Shared) -> Option<bool> {
    let mut answer = step.run(shared.clone()).await;
    while let Answer::Provisioning(p) = answer {
        answer = match act {
            Act::KilledInProvisioner => return None,
            Act::ProvisionerFails => p.give_up(shared.clone(), Diagnostics::new()).await,
            _ => p.go_on(shared.clone()).await,
        };
    }
    Some(matches!(answer, Answer::Ended(Ok(_))))
}

fn create() -> Doing {
    Doing::Create { planned: object(None), replaces: None }
}

/// A state of its own.
struct Place {
    store: Store,
    _dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { store: Store::open(dir.path().join("state.db"), Access::ReadWrite).expect("a store"), _dir: dir }
    }

    /// Carries steps out in one run; whether the last went well. A run in which one is killed has no end.
    async fn run(&self, steps: Vec<(Doing, Act)>) -> bool {
        let guard = self.store.lock(&LockInfo::current("test"), Duration::ZERO).expect("the lock");
        let snapshot = self.store.snapshot().expect("a snapshot");
        let spec = RunSpec {
            kind: RunKind::Apply,
            base: Base { lineage: snapshot.lineage, serial: snapshot.serial },
            config_digest: None,
            variables: None,
            levee_version: "test".to_owned(),
        };
        let run = self.store.begin(&guard, &spec).expect("a run");
        let mut ok = false;
        for (seq, (doing, act)) in (0..).zip(steps) {
            let interrupt = tokio::sync::watch::channel(false).1;
            let shared = Shared { run: run.clone(), listener: Arc::new(crate::event::Silent), interrupt, clock: Clock::start() };
            let fake = fake(act, true);
            let gone = fake.gone.clone();
            let step = Step { resource: Arc::new(fake), ..step(doing, act, seq) };
            tokio::select! {
                ended = carried_out(step, act, shared) => match ended {
                    Some(well) => ok = well,
                    None => return false,
                },
                () = gone.notified() => return false,
            }
        }
        run.finish(if ok { RunEnd::Succeeded } else { RunEnd::Failed }).await.expect("the end");
        ok
    }

    /// The rows, as `id status`.
    fn rows(&self) -> Vec<String> {
        let rows = self.store.snapshot().expect("a snapshot").objects;
        let shown = rows.iter().map(|r| {
            let deposed = if r.deposed.is_some() { " deposed" } else { "" };
            format!("{} {:?}{deposed}", r.id.as_deref().unwrap_or("none"), r.status)
        });
        shown.collect()
    }

    /// How many steps are to be settled.
    fn unsettled(&self) -> usize {
        self.store.open_run().expect("runs").map_or(0, |r| r.unresolved.len())
    }

    /// Settles what is open, in a world where the object is there or not.
    async fn settle(&self, exists: bool) {
        let guard = self.store.lock(&LockInfo::current("test"), Duration::ZERO).expect("the lock");
        let open = self.store.open_run().expect("runs").expect("an open run");
        let run = self.store.resume(&guard, &open).expect("the run again");
        let provider: Arc<dyn Provider> = Arc::new(FakeProvider {
            types: TypeSet::default().with_resources([Arc::new(fake(Act::Succeeds, exists)) as Arc<dyn AnyResource>]),
        });
        let mut pool = Pool::default();
        let addr = ProviderAddr { module: ModulePath::root(), name: Arc::from("fake"), alias: None };
        pool.put(addr, Value::null(Type::Dynamic), Arc::new(FakeClient));
        let snapshot = self.store.snapshot().expect("a snapshot");
        let listener: crate::event::Listener = Arc::new(crate::event::Silent);
        let registry = Registry::of([provider]);
        let asked = recovery::Asked { pool: &pool, registry: &registry, decisions: &recovery::Decisions::new(), hidden: Duration::ZERO };
        let settled = recovery::settle(&open, &run, &snapshot, &asked, &listener).await.expect("the state");
        assert!(!settled.has_errors(), "{settled:?}");
        assert_eq!(self.unsettled(), 0);
    }
}

/// A fake provider with the one fake type.
struct FakeProvider {
    types: TypeSet,
}

struct FakeClient;

impl Configured for FakeClient {
    fn client(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::new(())
    }
}

impl Provider for FakeProvider {
    fn name(&self) -> &'static str {
        "fake"
    }
    fn source(&self) -> &'static str {
        "test/fake"
    }
    fn version(&self) -> &'static str {
        "0.0.0"
    }
    fn types(&self) -> &TypeSet {
        &self.types
    }
    fn configure(&self, _: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>> {
        Box::pin(async { Ok(Arc::new(FakeClient) as Arc<dyn Configured>) })
    }
}

/// The rows after steps of one run, whether the last went well, and how many are to be settled.
async fn after(steps: Vec<(Doing, Act)>) -> (Vec<String>, bool, usize) {
    let place = Place::new();
    let ok = place.run(steps).await;
    (place.rows(), ok, place.unsettled())
}

#[tokio::test]
async fn a_create_leaves_what_its_end_says() {
    let cases: [(&str, Act, &[&str], bool, usize); 7] = [
        ("made", Act::Succeeds, &["f-1 Ready"], true, 0),
        ("made and provisioned", Act::Provisioned, &["f-1 Ready"], true, 0),
        ("made, and its provisioner failed", Act::ProvisionerFails, &["f-1 Tainted"], false, 0),
        ("refused", Act::Refused, &[], false, 0),
        ("failed half way", Act::FailsAfterCheckpoint, &["f-1 Tainted"], false, 0),
        ("failed, and not to be read", Act::FailsAndHides, &[], false, 1),
        ("no answer", Act::InDoubt, &[], false, 1),
    ];
    for (name, act, rows, ok, open) in cases {
        assert_eq!(after(vec![(create(), act)]).await, (rows.iter().map(ToString::to_string).collect(), ok, open), "{name}");
    }
}

#[tokio::test]
#[expect(clippy::type_complexity, reason = "a table")]
async fn an_update_or_delete_that_fails_keeps_the_row() {
    let prior = || object(Some("f-1"));
    let cases: [(&str, fn(Value) -> Doing, Act, &[&str], usize); 7] = [
        ("updated", |v| Doing::Update { prior: v.clone(), planned: v }, Act::Succeeds, &["f-1 Ready"], 0),
        ("update refused", |v| Doing::Update { prior: v.clone(), planned: v }, Act::Refused, &["f-1 Ready"], 0),
        ("deleted", |v| Doing::Delete { prior: v }, Act::Succeeds, &[], 0),
        ("deleted after its provisioner", |v| Doing::Delete { prior: v }, Act::Provisioned, &[], 0),
        ("provisioner before a delete failed", |v| Doing::Delete { prior: v }, Act::ProvisionerFails, &["f-1 Ready"], 0),
        ("delete refused", |v| Doing::Delete { prior: v }, Act::Refused, &["f-1 Ready"], 0),
        ("delete without answer", |v| Doing::Delete { prior: v }, Act::InDoubt, &["f-1 Ready"], 1),
    ];
    for (name, doing, act, rows, open) in cases {
        let (found, _, unsettled) = after(vec![(create(), Act::Succeeds), (doing(prior()), act)]).await;
        assert_eq!((found, unsettled), (rows.iter().map(ToString::to_string).collect::<Vec<_>>(), open), "{name}");
    }
}

#[tokio::test]
async fn what_is_replaced_is_deposed_in_the_same_moment() {
    let made = after(vec![(create(), Act::Succeeds), (anew(), Act::Succeeds)]).await.0;
    assert_eq!(made, ["f-1 Ready", "f-1 Ready deposed"]);
    let half = after(vec![(create(), Act::Succeeds), (anew(), Act::FailsAfterCheckpoint)]).await.0;
    assert_eq!(half, ["f-1 Tainted", "f-1 Ready deposed"]);
    let refused = after(vec![(create(), Act::Succeeds), (anew(), Act::Refused)]).await.0;
    assert_eq!(refused, ["f-1 Ready"], "without a new object the old one stays what it is");
}

fn anew() -> Doing {
    Doing::Create { planned: object(None), replaces: Some(DeposedKey(Arc::from("0badcafe"))) }
}

fn updated() -> Doing {
    Doing::Update { prior: object(Some("f-1")), planned: object(Some("f-1")).with("name", Value::string("m")) }
}

fn deleted() -> Doing {
    Doing::Delete { prior: object(Some("f-1")) }
}

#[tokio::test]
#[expect(clippy::type_complexity, reason = "a table")]
async fn what_a_killed_run_left_open_is_settled_by_what_is_there() {
    // What is done to an object that is there before, how it ends, whether the object is there afterwards, and the rows.
    let cases: [(&str, Option<Act>, Doing, Act, bool, &[&str]); 12] = [
        ("made, killed before its provisioners", None, create(), Act::KilledBeforeProvisioners, true, &["f-1 Tainted"]),
        ("made, killed in a provisioner", None, create(), Act::KilledInProvisioner, true, &["f-1 Tainted"]),
        ("to be deleted, killed in a provisioner", Some(Act::Succeeds), deleted(), Act::KilledInProvisioner, true, &["f-1 Ready"]),
        ("made, killed before the answer", None, create(), Act::Killed, true, &["f-1 Ready"]),
        ("made, killed while waiting", None, create(), Act::KilledAfterCheckpoint, true, &["f-1 Ready"]),
        ("made, no answer", None, create(), Act::InDoubt, true, &["f-1 Ready"]),
        ("given up and hidden", None, create(), Act::FailsAndHides, true, &["f-1 Tainted"]),
        ("replaced, killed", Some(Act::Succeeds), anew(), Act::Killed, true, &["f-1 Ready", "f-1 Ready deposed"]),
        ("changed, killed", Some(Act::Succeeds), updated(), Act::Killed, true, &["f-1 Ready"]),
        ("deleted, killed before it was", Some(Act::Succeeds), deleted(), Act::Killed, true, &["f-1 Ready"]),
        ("deleted, killed after it was", Some(Act::Succeeds), deleted(), Act::Killed, false, &[]),
        ("half made, delete killed", Some(Act::FailsAfterCheckpoint), deleted(), Act::Killed, true, &["f-1 Tainted"]),
    ];
    for (name, before, doing, act, exists, rows) in cases {
        let place = Place::new();
        let mut steps: Vec<_> = before.map(|act| (create(), act)).into_iter().collect();
        steps.push((doing, act));
        assert!(!place.run(steps).await, "{name}");
        assert_eq!(place.unsettled(), 1, "{name}");
        place.settle(exists).await;
        assert_eq!(place.rows(), rows, "{name}");
    }
}

/// What is hidden when its create is settled, and shows by the next try, is adopted and not made again.
#[tokio::test]
async fn a_create_that_shows_late_is_adopted() {
    let place = Place::new();
    place.run(vec![(create(), Act::Killed)]).await;
    place.settle(false).await;
    assert!(place.rows().is_empty(), "it is taken for never made");
    // To make it again would be refused.
    assert!(place.run(vec![(create(), Act::Refused)]).await);
    assert_eq!(place.rows(), ["f-1 Ready"]);
    assert!(!place.run(vec![(anew(), Act::Refused)]).await, "what was done since has a token of its own");
}
