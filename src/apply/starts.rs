//! What beginning a step means: its values are evaluated, and what waits for an answer is handed back to be waited for.

use super::prepare::{Prepared, configuration, instances_again, prepare, set_instance, set_value, value_of};
use super::scheduler::{Begun, Done, Scheduler};
use super::step::{Doing, Step};
use crate::event::{Event, StepKind, Subject};
use crate::graph::Block;
use crate::plan::edits::restated;
use crate::plan::objects::Prior;
use crate::plan::pool::provider_for;
use crate::plan::provisioners::{self, When};
use crate::plan::steps::Work;
use crate::plan::values::{ModuleId, NodeId, Role};
use crate::plan::walk::{Item, Login};
use crate::plan::{conditions, evaluate};
use levee_model::check::Checkable;
use levee_model::{Action, DeposedKey, Diagnostic, Diagnostics, InstanceKey, Marks, ProviderAddr, ReplaceOrder, Value};
use levee_sdk::Effects;
use levee_sdk::meter;
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Attribute;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Scheduler<'_> {
    pub(super) fn begin(&mut self, step: u32) -> Begun {
        match self.compiled.steps.work[step as usize] {
            Work::Pass => Begun::Done,
            Work::Evaluate => self.evaluate(step),
            Work::Create(i) | Work::Update(i) if self.compiled.items[i].login != Login::Known => self.begin_in_full(step, i),
            Work::Create(i) | Work::Update(i) => self.begin_change(step, i),
            Work::Delete(i) => self.begin_delete(step, i),
            Work::Read(i) => self.begin_read(step, i),
            Work::Check(i) => self.finish_checks(i),
            Work::Open => self.begin_open(step),
        }
    }

    pub(super) fn fail(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) -> Begun {
        self.outcome.diagnostics.extend(diagnostics);
        Begun::Failed
    }

    fn evaluate(&mut self, step: u32) -> Begun {
        let node = NodeId(step);
        let at = self.compiled.world.node(node);
        let (block, module) = (self.compiled.world.blocks.graph[at.block].clone(), at.module);
        let wrong = match &block {
            Block::Provider(addr) => return self.log_in(step, addr),
            Block::Call(_) | Block::Resource(_) => instances_again(&mut self.compiled.world, node),
            _ => {
                let mut outcomes = Vec::new();
                let found = value_of(&self.compiled.world, node, &self.compiled.inputs, &mut outcomes);
                if let Block::Output(path, name) = &block {
                    self.record_checks(&Checkable::Output(path.clone(), name.clone()), module, outcomes);
                }
                match found {
                    Some(found) => {
                        set_value(&mut self.compiled.world, node, found.value);
                        found.diagnostics
                    }
                    None => Diagnostics::new(),
                }
            }
        };
        if wrong.has_errors() {
            return self.fail(wrong);
        }
        if let Block::Check(path, name) = &block {
            let checked = conditions::check_block(&self.compiled.world, module, path, name);
            self.outcome.diagnostics.extend(checked.diagnostics);
            self.record_checks(&Checkable::Check(path.clone(), name.clone()), module, checked.outcomes);
        }
        if let Block::Variable(path, name) = &block {
            let given = evaluate::place_given(&self.compiled.world, path, name, &self.compiled.inputs);
            let checked = conditions::validations(&self.compiled.world, module, path, name, given);
            self.record_checks(&Checkable::Variable(path.clone(), name.clone()), module, checked.outcomes);
            // The value is there all the same, and what is made of it goes on.
            self.outcome.diagnostics.extend(checked.diagnostics);
        }
        Begun::Done
    }

    /// Notes how the conditions of something without a key turned out, in the place of what the plan knew.
    fn record_checks(&mut self, of: &Checkable, module: ModuleId, outcomes: Vec<conditions::ConditionOutcome>) {
        let (module, checks) = (self.compiled.world.module(module), &mut self.compiled.plan.checks);
        if !outcomes.is_empty() {
            checks.reset(of, module.clone(), InstanceKey::None);
        }
        for (status, problem) in outcomes {
            checks.record(of, module.clone(), InstanceKey::None, status, problem);
        }
    }

    /// Of what a step that is not started would have checked, nothing is known, whatever the plan expected.
    pub(super) fn leave_unchecked(&mut self, step: u32) {
        let world = &self.compiled.world;
        let Some(at) = world.nodes().get(step as usize) else { return };
        let (of, key) = match (&world.blocks.graph[at.block], &at.role) {
            (Block::Resource(addr), Role::Instance(key)) => (Checkable::Resource(addr.clone()), key.clone()),
            (Block::Output(path, name), Role::Value) => (Checkable::Output(path.clone(), name.clone()), InstanceKey::None),
            (Block::Check(path, name), Role::Value) => (Checkable::Check(path.clone(), name.clone()), InstanceKey::None),
            _ => return,
        };
        let module = world.module(at.module).clone();
        self.compiled.plan.checks.forget(&of, &module, &key);
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
        let schema = &provider.types().block().block;
        let found = evaluate::body(world, module, crate::plan::scope::Repeated::default(), &written.body, schema);
        if found.diagnostics.has_errors() {
            return self.fail(found.diagnostics);
        }
        set_value(&mut self.compiled.world, NodeId(step), found.value.clone());
        let (plain, _) = found.value.unmark_deep();
        if !plain.is_wholly_known() {
            // It comes from something that this plan leaves out; what was logged in with before goes on.
            return Begun::Done;
        }
        let addr = addr.clone();
        Begun::Running(Box::pin(async move {
            let configured = provider.configure(plain.clone()).await;
            (step, Done::Provider(addr, plain, configured))
        }))
    }

    pub(super) fn begin_change(&mut self, step: u32, i: usize) -> Begun {
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
        if self.is_as_it_was(i, &prepared) {
            return self.leave(step, i, prepared.planned);
        }
        let (seq, waited) = (self.number(step), self.waited(step));
        let item = &self.compiled.items[i];
        let (Some(resource), change) = (item.resource.clone(), &item.change) else { return Begun::Failed };
        let schema = resource.schema();
        let write_only = schema.block.attributes.iter().filter(|(_, a)| a.write_only);
        let write_only = write_only
            .filter_map(|(n, _)| Some((n.clone(), prepared.config.get(n)?.unmark_deep().0)))
            .filter(|(_, v)| !v.is_null())
            .collect();
        let plain = |v: &Option<Value>| v.clone().map(|v| v.unmark_deep().0);
        let planned = prepared.planned.clone().unmark_deep().0;
        let doing = match change.action {
            Action::Update => Doing::Update { prior: plain(&change.before).unwrap_or_else(|| planned.clone()), planned },
            Action::Replace(ReplaceOrder::CreateThenDelete) => Doing::Create { planned, replaces: Some(deposed_key(item)) },
            _ => Doing::Create { planned, replaces: None },
        };
        let made = Step {
            seq,
            waited,
            place: self.place(step),
            addr: change.addr.clone(),
            deposed: None,
            id: plain(&change.before).and_then(|v| resource.id(&v)).filter(|_| change.action == Action::Update),
            timeout: timeout_of(&prepared.config, if change.action == Action::Update { "update" } else { "create" }),
            doing,
            write_only,
            put_back: self.compiled.world.images.is_some() && resource.effects() == Effects::StateOnly,
            was: self.was(i),
            marks: prepared.config.marked_paths(Marks::SENSITIVE),
            resource,
            provider: Arc::from(item.provider.to_string()),
            source: item.source.clone(),
            client,
            dependencies: item.dependencies.clone(),
            create_before_destroy: item.create_before_destroy,
            provisioned: change.action != Action::Update && provisioners::any(&self.compiled.world, &change.addr, When::Create),
        };
        // What was known of the plan is kept beside, so that the result can be held against it.
        Arc::make_mut(&mut self.compiled.items[i].change).after = Some(prepared.planned);
        let shared = self.shared.clone();
        Begun::Running(Box::pin(async move { (step, Done::Object(made.run(shared).await)) }))
    }

    /// The object as it was, where that is what is wanted.
    fn was(&self, i: usize) -> Option<Value> {
        let images = self.compiled.world.images.as_ref()?;
        let image = images.wanted.get(&self.compiled.items[i].change.addr)?;
        Some(image.whole.clone().unmark_deep().0)
    }

    /// Whether an update, now that all is known, changes nothing.
    fn is_as_it_was(&self, i: usize, prepared: &Prepared) -> bool {
        let Item { change, resource: Some(resource), .. } = &self.compiled.items[i] else { return false };
        let secret = |(name, a): (&Arc<str>, &Attribute)| a.write_only && prepared.config.get(name).is_some_and(|v| !v.is_null());
        change.action == Action::Update
            && change.before.as_ref() == Some(&prepared.planned)
            && !resource.schema().block.attributes.iter().any(secret)
    }

    /// Nothing is done to an object after all.
    pub(super) fn leave(&mut self, step: u32, i: usize, value: Value) -> Begun {
        set_instance(&mut self.compiled.world, NodeId(step), value.clone());
        let change = Arc::make_mut(&mut self.compiled.items[i].change);
        (change.action, change.after) = (Action::NoOp, Some(value.clone()));
        let item = &self.compiled.items[i];
        let prior = self.compiled.objects.current(&item.change.addr);
        self.compiled.edits.extend(prior.and_then(|prior| restated(item, prior)));
        match self.failed_checks(i, Some(value)) {
            Some(diagnostics) => self.fail(diagnostics),
            None => Begun::Done,
        }
    }

    fn begin_delete(&mut self, step: u32, i: usize) -> Begun {
        let item = &self.compiled.items[i];
        // It is where it was made, whatever its provider is configured with by now.
        let Some(configured) = self.compiled.pool.so_far(&item.provider) else {
            let d = not_configured(&item.provider, &item.change.addr.to_string());
            return self.fail([d]);
        };
        let (Some(resource), Some(before)) = (item.resource.clone(), item.change.before.clone()) else { return Begun::Failed };
        let prior = before.clone().unmark_deep().0;
        let client = configured.client();
        let (seq, waited) = (self.number(step), self.waited(step));
        let item = &self.compiled.items[i];
        let deposed = match item.change.action {
            Action::Replace(ReplaceOrder::CreateThenDelete) => Some(deposed_key(item)),
            _ => item.change.deposed.clone(),
        };
        // An object that was never whole, or that another one has replaced, goes without its provisioners.
        let tainted = self.compiled.objects.current(&item.change.addr).is_some_and(Prior::is_tainted);
        let last_words = deposed.is_none() && !tainted;
        let made = Step {
            seq,
            waited,
            place: self.place(step),
            addr: item.change.addr.clone(),
            deposed,
            id: resource.id(&prior),
            timeout: timeout_of(&prior, "delete"),
            marks: before.marked_paths(Marks::SENSITIVE),
            doing: Doing::Delete { prior },
            write_only: Vec::new(),
            put_back: false,
            was: None,
            client,
            resource,
            provider: Arc::from(item.provider.to_string()),
            source: item.source.clone(),
            dependencies: item.dependencies.clone(),
            create_before_destroy: item.create_before_destroy,
            provisioned: last_words && provisioners::any(&self.compiled.world, &item.change.addr, When::Destroy),
        };
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
        if let Some(diagnostics) = self.failed_checks(i, None) {
            return self.fail(diagnostics);
        }
        let item = &self.compiled.items[i];
        let ctx = AnyCtx { client, sink: Arc::new(levee_sdk::context::NoSink), timeout: None };
        let subject = Subject { addr: item.change.addr.clone(), deposed: None, id: None };
        self.shared.listener.event(&Event::StepStarted { subject, kind: StepKind::Read });
        let (clock, waited, place) = (self.shared.clock, self.waited(step), self.place(step));
        Begun::Running(Box::pin(async move {
            let started = Instant::now();
            let (answer, lost) = meter::measured(place, source.read(ctx, config.clone().unmark_deep().0)).await;
            (step, Done::Data(answer, config, waited.timing(&clock, started, lost)))
        }))
    }

    /// Checks what the plan could not, of an object that nothing is done to.
    fn finish_checks(&mut self, i: usize) -> Begun {
        let value = self.compiled.items[i].change.after.clone();
        let before = self.failed_checks(i, None);
        match before.or_else(|| self.failed_checks(i, value)) {
            Some(diagnostics) => self.fail(diagnostics),
            None => Begun::Done,
        }
    }
}

/// The key under which the object that a create-before-destroy replaces is deposed: the same for both of its steps.
fn deposed_key(item: &Item) -> DeposedKey {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    item.change.addr.to_string().hash(&mut hasher);
    item.change.before.hash(&mut hasher);
    DeposedKey(Arc::from(format!("{:08x}", hasher.finish() & 0xffff_ffff)))
}

pub(super) fn not_configured(provider: &ProviderAddr, addr: &str) -> Diagnostic {
    Diagnostic::error("Provider is not configured", format!("{addr} is managed by {provider}, whose configuration is not known."))
        .about(addr)
}

fn timeout_of(object: &Value, operation: &str) -> Option<Duration> {
    let text = object.get("timeouts")?.get(operation)?;
    text.as_str().and_then(|t| levee_model::duration::parse(t).ok())
}
