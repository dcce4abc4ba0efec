//! Who starts when: a step starts as soon as what it waits for is done, the longest remaining chain first, never more
//! at a time than asked for. When something fails, what depends on it is not started and everything else goes on.

use super::prepare::{check_result, configuration, prepare, repeated, set_instance, set_value, value_of};
use super::step::{Doing, Shared, Step, StepError};
use crate::event::{Event, Listener, StepKind, Subject, Summary};
use crate::plan::compile::Compiled;
use crate::plan::diff::{marked, provider_diagnostic};
use crate::plan::evaluate;
use crate::plan::pool::provider_for;
use crate::plan::steps::Work;
use crate::plan::values::NodeId;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use levee_model::{Action, DeposedKey, Diagnostic, Diagnostics, Marks, ProviderAddr, ReplaceOrder, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::{Configured, ProviderError};
use levee_state::{ObjectRow, ObjectStatus, Run, StateEdit, StateError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What became of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was done.
    pub summary: Summary,
    /// What failed.
    pub diagnostics: Diagnostics,
    /// Whether it was told to stop before it was through.
    pub interrupted: bool,
    /// Set when the state could not be written: nothing more was started.
    pub state_error: Option<StateError>,
}

/// What a step that was waited for brings back.
enum Done {
    Object(Result<Option<Value>, StepError>),
    Data(Result<Value, ProviderError>, Value, Duration),
    Provider(ProviderAddr, Value, Result<Arc<dyn Configured>, ProviderError>),
}

type Running = BoxFuture<'static, (u32, Done)>;

/// What beginning a step leads to.
enum Begun {
    /// It is done already.
    Done,
    /// It failed before anything was called.
    Failed,
    /// It is waited for.
    Running(Running),
}

struct Scheduler<'a> {
    compiled: &'a mut Compiled,
    shared: Shared,
    waits: Vec<u32>,
    failed: Vec<bool>,
    ready: BinaryHeap<(u32, Reverse<u32>)>,
    running: FuturesUnordered<Running>,
    outcome: Outcome,
    next_seq: u64,
}

/// Carries the steps out, as far as they go.
pub async fn carry_out(
    compiled: &mut Compiled,
    run: Run,
    listener: Listener,
    parallelism: usize,
    mut interrupt: watch::Receiver<bool>,
) -> Outcome {
    compiled.world.applying = true;
    let waits = compiled.steps.waits.clone();
    let failed = vec![false; waits.len()];
    let weight = |i: u32| compiled.steps.weight[i as usize];
    let first = (0u32..).zip(&waits).filter(|(_, w)| **w == 0).map(|(i, _)| (weight(i), Reverse(i))).collect();
    let shared = Shared { run, listener, cancelled: interrupt.clone() };
    let mut scheduler = Scheduler {
        compiled,
        shared,
        waits,
        failed,
        ready: first,
        running: FuturesUnordered::new(),
        outcome: Outcome::default(),
        next_seq: 0,
    };
    scheduler.work(parallelism.max(1), &mut interrupt).await;
    scheduler.outcome
}

impl Scheduler<'_> {
    async fn work(&mut self, parallelism: usize, interrupt: &mut watch::Receiver<bool>) {
        loop {
            while self.running.len() < parallelism && !self.stopped(interrupt) {
                let Some((_, Reverse(step))) = self.ready.pop() else { break };
                match self.begin(step) {
                    Begun::Done => self.complete(step, false),
                    Begun::Failed => self.complete(step, true),
                    Begun::Running(running) => self.running.push(running),
                }
            }
            let Some((step, done)) = self.running.next().await else { break };
            let ok = self.accept(step, done);
            self.complete(step, !ok);
        }
        if self.stopped(interrupt) {
            self.outcome.interrupted = *interrupt.borrow();
            self.outcome.summary.skipped += self.unstarted();
        }
    }

    fn stopped(&self, interrupt: &watch::Receiver<bool>) -> bool {
        *interrupt.borrow() || self.outcome.state_error.is_some()
    }

    /// Steps with an effect that still wait.
    fn unstarted(&self) -> usize {
        let effect = |i: usize| matches!(self.compiled.steps.work[i], Work::Create(_) | Work::Update(_) | Work::Delete(_));
        let ready = self.ready.iter().filter(|(_, Reverse(i))| effect(*i as usize)).count();
        ready + (0..self.waits.len()).filter(|i| self.waits[*i] > 0 && effect(*i)).count()
    }

    fn complete(&mut self, step: u32, failed: bool) {
        let mut stack = vec![(step, failed || self.failed[step as usize])];
        while let Some((step, failed)) = stack.pop() {
            let dependents = std::mem::take(&mut self.compiled.steps.dependents[step as usize]);
            for next in dependents {
                let i = next as usize;
                self.failed[i] |= failed;
                self.waits[i] -= 1;
                if self.waits[i] > 0 {
                    continue;
                }
                if self.failed[i] {
                    if matches!(self.compiled.steps.work[i], Work::Create(_) | Work::Update(_) | Work::Delete(_)) {
                        self.outcome.summary.skipped += 1;
                    }
                    stack.push((next, true));
                } else if self.compiled.steps.work[i] == Work::Pass {
                    stack.push((next, false));
                } else {
                    self.ready.push((self.compiled.steps.weight[i], Reverse(next)));
                }
            }
        }
    }

    fn begin(&mut self, step: u32) -> Begun {
        match self.compiled.steps.work[step as usize] {
            Work::Pass => Begun::Done,
            Work::Evaluate => self.evaluate(step),
            Work::Create(i) | Work::Update(i) => self.begin_change(step, i),
            Work::Delete(i) => self.begin_delete(step, i),
            Work::Read(i) => self.begin_read(step, i),
            Work::Check(i) => self.finish_checks(i),
        }
    }

    fn fail(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) -> Begun {
        self.outcome.diagnostics.extend(diagnostics);
        Begun::Failed
    }

    fn evaluate(&mut self, step: u32) -> Begun {
        let node = NodeId(step);
        let block = self.compiled.world.blocks.graph[self.compiled.world.node(node).block].clone();
        if let crate::graph::Block::Provider(addr) = block {
            return self.log_in(step, &addr);
        }
        match value_of(&self.compiled.world, node, &self.compiled.inputs) {
            Some(found) if found.diagnostics.has_errors() => self.fail(found.diagnostics),
            Some(found) => {
                set_value(&mut self.compiled.world, node, found.value);
                Begun::Done
            }
            None => Begun::Done,
        }
    }

    /// A provider whose configuration was not known while planning.
    fn log_in(&mut self, step: u32, addr: &ProviderAddr) -> Begun {
        let world = &self.compiled.world;
        let registry = crate::providers::registry();
        let provider = match provider_for(registry, &world.config, addr) {
            Ok(provider) => provider.clone(),
            Err(d) => return self.fail([d]),
        };
        let written = world.config.modules.get(&addr.module);
        let written = written.and_then(|m| m.providers.iter().find(|b| b.name == addr.name && b.alias == addr.alias));
        let Some(written) = written else { return Begun::Done };
        let module = world.node(NodeId(step)).module;
        let schema = &provider.schema().provider.block;
        let found = evaluate::body(world, module, crate::plan::scope::Repeated::default(), &written.body, schema);
        if found.diagnostics.has_errors() {
            return self.fail(found.diagnostics);
        }
        set_value(&mut self.compiled.world, NodeId(step), found.value.clone());
        let (plain, _) = found.value.unmark_deep();
        let addr = addr.clone();
        Begun::Running(Box::pin(async move {
            let configured = provider.configure(plain.clone()).await;
            (step, Done::Provider(addr, plain, configured))
        }))
    }

    fn begin_change(&mut self, step: u32, i: usize) -> Begun {
        let item = &self.compiled.items[i];
        let Some(configured) = self.compiled.pool.get(&item.provider) else {
            let d = not_configured(&item.provider, &item.change.addr.to_string());
            return self.fail([d]);
        };
        let client = configured.client();
        let prepared = match prepare(&self.compiled.world, item, Some(&client)) {
            Ok(prepared) => prepared,
            Err(diagnostics) => return self.fail(diagnostics),
        };
        if let Some(diagnostics) = self.failed_checks(i, None) {
            return self.fail(diagnostics);
        }
        let item = &self.compiled.items[i];
        let (Some(resource), change) = (item.resource.clone(), &item.change) else { return Begun::Failed };
        let schema = resource.schema();
        let write_only = schema.block.attributes.iter().filter(|(_, a)| a.write_only);
        let write_only = write_only.filter_map(|(n, _)| Some((n.clone(), prepared.config.get(n)?.unmark_deep().0))).filter(|(_, v)| !v.is_null()).collect();
        let plain = |v: &Option<Value>| v.clone().map(|v| v.unmark_deep().0);
        let planned = prepared.planned.clone().unmark_deep().0;
        let doing = match change.action {
            Action::Update => Doing::Update { prior: plain(&change.before).unwrap_or_else(|| planned.clone()), planned },
            Action::Replace(ReplaceOrder::CreateThenDelete) => Doing::Create { planned, replaces: Some(deposed_key(item)) },
            _ => Doing::Create { planned, replaces: None },
        };
        let made = Step {
            seq: self.next_seq,
            addr: change.addr.clone(),
            deposed: None,
            id: plain(&change.before).and_then(|v| resource.id(&v)).filter(|_| change.action == Action::Update),
            timeout: timeout_of(&prepared.config, if change.action == Action::Update { "update" } else { "create" }),
            doing,
            write_only,
            marks: prepared.config.marked_paths(Marks::SENSITIVE),
            resource,
            provider: Arc::from(item.provider.to_string()),
            source: item.source.clone(),
            client,
            dependencies: item.dependencies.clone(),
            create_before_destroy: item.create_before_destroy,
        };
        self.next_seq += 1;
        // What was known of the plan is kept beside, so that the result can be held against it.
        self.compiled.items[i].change.after = Some(prepared.planned);
        let shared = self.shared.clone();
        Begun::Running(Box::pin(async move { (step, Done::Object(made.run(shared).await)) }))
    }

    fn begin_delete(&mut self, step: u32, i: usize) -> Begun {
        let item = &self.compiled.items[i];
        let Some(configured) = self.compiled.pool.get(&item.provider) else {
            let d = not_configured(&item.provider, &item.change.addr.to_string());
            return self.fail([d]);
        };
        let (Some(resource), Some(before)) = (item.resource.clone(), &item.change.before) else { return Begun::Failed };
        let prior = before.clone().unmark_deep().0;
        let deposed = match item.change.action {
            Action::Replace(ReplaceOrder::CreateThenDelete) => Some(deposed_key(item)),
            _ => item.change.deposed.clone(),
        };
        let made = Step {
            seq: self.next_seq,
            addr: item.change.addr.clone(),
            deposed,
            id: resource.id(&prior),
            timeout: timeout_of(&prior, "delete"),
            marks: before.marked_paths(Marks::SENSITIVE),
            doing: Doing::Delete { prior },
            write_only: Vec::new(),
            client: configured.client(),
            resource,
            provider: Arc::from(item.provider.to_string()),
            source: item.source.clone(),
            dependencies: item.dependencies.clone(),
            create_before_destroy: item.create_before_destroy,
        };
        self.next_seq += 1;
        let shared = self.shared.clone();
        Begun::Running(Box::pin(async move { (step, Done::Object(made.run(shared).await)) }))
    }

    fn begin_read(&mut self, step: u32, i: usize) -> Begun {
        let item = &self.compiled.items[i];
        let registry = crate::providers::registry();
        let Some(source) = registry.data_source(&item.source, &item.change.addr.type_name) else { return Begun::Failed };
        let Some(configured) = self.compiled.pool.get(&item.provider) else {
            let d = not_configured(&item.provider, &item.change.addr.to_string());
            return self.fail([d]);
        };
        let client = configured.client();
        let config = match configuration(&self.compiled.world, NodeId(step), &source.schema().block) {
            Ok(config) => config,
            Err(diagnostics) => return self.fail(diagnostics),
        };
        let ctx = AnyCtx { client, sink: Arc::new(levee_sdk::context::NoSink), timeout: None };
        let subject = Subject { addr: item.change.addr.clone(), deposed: None, id: None };
        self.shared.listener.event(&Event::StepStarted { subject, kind: StepKind::Read });
        Begun::Running(Box::pin(async move {
            let started = Instant::now();
            let answer = source.read(ctx, config.clone().unmark_deep().0).await;
            (step, Done::Data(answer, config, started.elapsed()))
        }))
    }

    /// Takes in what a step brought. Whether it went well.
    fn accept(&mut self, step: u32, done: Done) -> bool {
        match (done, self.compiled.steps.work[step as usize]) {
            (Done::Object(answer), work) => self.accept_object(step, answer, work),
            (Done::Data(answer, config, elapsed), Work::Read(i)) => self.accept_data(step, i, answer, &config, elapsed),
            (Done::Provider(addr, config, Ok(configured)), _) => {
                self.compiled.pool.put(addr, config, configured);
                true
            }
            (Done::Provider(addr, _, Err(error)), _) => {
                let mut d = Diagnostic::error(format!("{addr} cannot be used"), error.to_string()).about(&addr);
                d.hint = error.hint;
                self.outcome.diagnostics.push(d);
                false
            }
            (Done::Data(..), _) => false,
        }
    }

    fn accept_object(&mut self, step: u32, answer: Result<Option<Value>, StepError>, work: Work) -> bool {
        let (Work::Create(i) | Work::Update(i) | Work::Delete(i)) = work else { return false };
        match answer {
            Err(StepError::State(error)) => {
                self.outcome.state_error.get_or_insert(error);
                self.outcome.summary.failed += 1;
                false
            }
            Err(StepError::Provider(error)) => {
                self.outcome.summary.failed += 1;
                let item = &self.compiled.items[i];
                let what = match work {
                    Work::Create(_) => "could not be created",
                    Work::Update(_) => "could not be changed",
                    _ => "could not be deleted",
                };
                let span = item.node.and_then(|n| {
                    let world = &self.compiled.world;
                    world.blocks.graph[world.node(n).block].span(&world.config)
                });
                self.outcome.diagnostics.push(provider_diagnostic(&item.change.addr, what, &error).at_if_none(span));
                false
            }
            Ok(None) => {
                self.outcome.summary.destroyed += 1;
                true
            }
            Ok(Some(object)) => {
                match work {
                    Work::Update(_) => self.outcome.summary.changed += 1,
                    _ => self.outcome.summary.added += 1,
                }
                self.accept_new(step, i, object)
            }
        }
    }

    fn accept_new(&mut self, step: u32, i: usize, object: Value) -> bool {
        let item = &self.compiled.items[i];
        let Some(resource) = &item.resource else { return false };
        let schema = resource.schema();
        let planned = item.change.after.clone().unwrap_or_else(|| object.clone());
        let paths = planned.marked_paths(Marks::SENSITIVE);
        let (plain, _) = planned.unmark_deep();
        let wrong = check_result(&item.change.addr, &item.source, &schema.block, &plain, &object);
        let value = marked(&schema.block, object, &Value::null(levee_model::Type::Dynamic)).mark_at(&paths, Marks::SENSITIVE);
        set_instance(&mut self.compiled.world, NodeId(step), value.clone());
        if let Some(d) = wrong {
            self.outcome.diagnostics.push(d);
            return false;
        }
        match self.failed_checks(i, Some(value)) {
            Some(diagnostics) => {
                self.outcome.diagnostics.extend(diagnostics);
                false
            }
            None => true,
        }
    }

    fn accept_data(&mut self, step: u32, i: usize, answer: Result<Value, ProviderError>, config: &Value, elapsed: Duration) -> bool {
        let item = &self.compiled.items[i];
        let subject = Subject { addr: item.change.addr.clone(), deposed: None, id: None };
        let value = match answer {
            Ok(value) => value,
            Err(error) => {
                self.shared.listener.event(&Event::StepFailed { subject, kind: StepKind::Read, elapsed, error: error.clone() });
                self.outcome.diagnostics.push(provider_diagnostic(&item.change.addr, "could not be read", &error));
                self.outcome.summary.failed += 1;
                return false;
            }
        };
        self.shared.listener.event(&Event::StepFinished { subject, kind: StepKind::Read, elapsed });
        let Some(source) = crate::providers::registry().data_source(&item.source, &item.change.addr.type_name) else { return false };
        let schema = source.schema();
        let value = marked(&schema.block, value, config);
        let row = data_row(item, &value, &schema.block);
        set_instance(&mut self.compiled.world, NodeId(step), value.clone());
        self.compiled.edits.push(StateEdit::Put(Box::new(row)));
        match self.failed_checks(i, Some(value)) {
            Some(diagnostics) => {
                self.outcome.diagnostics.extend(diagnostics);
                false
            }
            None => true,
        }
    }

    fn finish_checks(&mut self, i: usize) -> Begun {
        let value = self.compiled.items[i].change.after.clone();
        let before = self.failed_checks(i, None);
        match before.or_else(|| self.failed_checks(i, value)) {
            Some(diagnostics) => self.fail(diagnostics),
            None => Begun::Done,
        }
    }

    /// Checks an item's preconditions (without an object) or postconditions (with it), if the plan could not.
    fn failed_checks(&self, i: usize, object: Option<Value>) -> Option<Diagnostics> {
        let item = &self.compiled.items[i];
        let node = item.node.filter(|_| item.pending_checks)?;
        let world = &self.compiled.world;
        let at = world.node(node);
        let lifecycle = evaluate::resource(world, &world.blocks.graph[at.block])?.lifecycle.clone()?;
        let mut names = repeated(world, node);
        let (conditions, what) = match object {
            None => (&lifecycle.preconditions, "Resource precondition failed"),
            Some(object) => {
                names.self_object = Some(object);
                (&lifecycle.postconditions, "Resource postcondition failed")
            }
        };
        let checked = evaluate::check(world, at.module, &names, conditions, &item.change.addr.to_string(), what);
        checked.diagnostics.has_errors().then_some(checked.diagnostics)
    }
}

/// The key under which the object that a create-before-destroy replaces is deposed: the same for both of its steps.
fn deposed_key(item: &crate::plan::walk::Item) -> DeposedKey {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    item.change.addr.to_string().hash(&mut hasher);
    item.change.before.hash(&mut hasher);
    DeposedKey(Arc::from(format!("{:08x}", hasher.finish() & 0xffff_ffff)))
}

fn not_configured(provider: &ProviderAddr, addr: &str) -> Diagnostic {
    Diagnostic::error("Provider is not configured", format!("{addr} is managed by {provider}, whose configuration is not known.")).about(addr)
}

fn timeout_of(object: &Value, operation: &str) -> Option<Duration> {
    let text = object.get("timeouts")?.get(operation)?;
    text.as_str().and_then(|t| levee_model::duration::parse(t).ok())
}

fn data_row(item: &crate::plan::walk::Item, value: &Value, block: &levee_sdk::Block) -> ObjectRow {
    let (values, sensitive_paths) = crate::plan::objects::encode_object(value, block);
    ObjectRow {
        addr: item.change.addr.clone(),
        deposed: None,
        provider: Arc::from(item.provider.to_string()),
        provider_source: item.source.clone(),
        schema_version: 0,
        status: ObjectStatus::Ready,
        id: value.get("id").and_then(|v| v.as_str().map(str::to_owned)),
        values,
        sensitive_paths,
        dependencies: item.dependencies.clone(),
        create_before_destroy: false,
        private: None,
    }
}
