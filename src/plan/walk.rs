//! Evaluates the configuration in dependency order. Everything that waits for an answer (logging in, reading data
//! sources) waits beside the rest; the order of what is evaluated never depends on it.

use super::conditions;
use super::data::DataRead;
use super::diff::Client;
use super::ephemeral::{Opened, Opening};
use super::evaluate;
use super::imports::{ImportRead, Imports};
use super::objects::Objects;
use super::own_types::OwnTypes;
use super::plan_type::PlanOptions;
use super::pool::{Pool, provider_for};
use super::refresh::{Due, Reread, read_all, take_in};
use super::scope::Repeated;
use super::small_map::SmallMap;
use super::values::{Entry, Instances, ModuleId, Needs, NodeId, Role, Shape, World};
use crate::config::Expr;
use crate::eval::input::RootInput;
use crate::event::Listener;
use crate::graph::target::Selection;
use crate::graph::{Block, BlockId};
use crate::providers::Registry;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use levee_model::check::{CheckResults, Checkable};
use levee_model::{Change, Diagnostic, Diagnostics, InstanceAddr, InstanceKey, ModulePath, ProviderAddr, ResourceAddr, Type, Value};
use levee_sdk::context::NoSink;
use levee_sdk::provider::AnyCtx;
use levee_sdk::{AnyResource, Configured, Provider, ProviderError};
use petgraph::Direction;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

/// What a walk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Only checks: no state, no provider is asked, what is not known is unknown.
    Validate,
    /// Objects are as the state knows them: to find provider configurations before anything else, and to destroy.
    Priors,
    /// Likewise, for whoever looks at values: no provider is asked.
    Look,
    /// The configuration against what is there.
    Plan,
}

/// What is known of an item's provider configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// All of it.
    Known,
    /// What it was so far; what it will be is found out during the apply.
    SoFar,
    /// Nothing before the apply.
    Later,
}

/// One object's change with all that is needed to carry it out.
pub struct Item {
    /// The change.
    pub change: Arc<Change>,
    /// Its node; none for objects that the configuration no longer has.
    pub node: Option<NodeId>,
    /// Its type; none for data sources.
    pub resource: Option<Arc<dyn AnyResource>>,
    /// Which provider configuration manages it.
    pub provider: ProviderAddr,
    /// Whether that is logged in. What is not is planned in full once it is.
    pub login: Login,
    /// Where that provider comes from.
    pub source: Arc<str>,
    /// The resources that it depends on directly.
    pub dependencies: Vec<ResourceAddr>,
    /// Whether it is made anew before it is deleted.
    pub create_before_destroy: bool,
    /// Whether conditions must be checked again during the apply.
    pub pending_checks: bool,
}

/// A data source that was read while planning.
pub struct DataObject {
    /// What it yielded.
    pub value: Value,
    /// Which provider configuration read it.
    pub provider: ProviderAddr,
    /// Where that provider comes from.
    pub source: Arc<str>,
}

/// A walk and all that it has found.
pub struct Walk<'a> {
    /// What is evaluated so far.
    pub world: World,
    /// Provider configurations.
    pub pool: Pool,
    /// What the state knows.
    pub objects: Arc<Objects>,
    /// Providers.
    pub registry: &'static Registry,
    /// Their resource types.
    pub(super) types: OwnTypes,
    /// What the walk is for.
    pub pass: Pass,
    /// What the user asked for.
    pub options: &'a PlanOptions,
    /// What `-target` leaves.
    pub selection: &'a Selection,
    /// Who listens.
    pub listener: Listener,
    /// Values of the root module's variables.
    pub inputs: &'a BTreeMap<Arc<str>, RootInput>,
    /// What data sources yielded when a saved plan was made.
    pub saved_data: &'a BTreeMap<InstanceAddr, Value>,
    /// Where each object that moved was before.
    pub moved: &'a BTreeMap<InstanceAddr, InstanceAddr>,
    /// What imports found when a saved plan was made.
    pub saved_imports: &'a BTreeMap<InstanceAddr, Value>,
    /// What imports found, by the block they are for.
    pub imports: BTreeMap<BlockId, Imports>,
    /// Changes.
    pub items: Vec<Item>,
    /// Which instances change, and which item says how: for `replace_triggered_by` and data sources that wait.
    pub changing: SmallMap<NodeId, usize>,
    /// What `depends_on` names, by the node of the block that says so.
    pub(super) explicit: SmallMap<NodeId, Needs>,
    /// Where the values of provider configurations are, as far as it was asked.
    pub(super) provider_nodes: SmallMap<ProviderAddr, NodeId>,
    /// Whether something that a node needs changes, as far as it was asked.
    pub(super) unsettled: BTreeMap<NodeId, bool>,
    /// Data sources that were read.
    pub data: BTreeMap<InstanceAddr, DataObject>,
    /// Conditions.
    pub checks: CheckResults,
    /// What was wrong.
    pub diagnostics: Diagnostics,
    /// Ephemeral objects that are open.
    pub opened: Vec<Opened>,
    /// What check blocks found. It stops nothing, and an apply finds it anew.
    pub assertions: Diagnostics,
    /// Provider configurations whose objects are read once they are visited.
    pub late: BTreeSet<ProviderAddr>,
    /// Provider configurations that are known only during the apply.
    pub(super) pending: BTreeSet<ProviderAddr>,
    /// Types of blocks that are not built in.
    pub(super) foreign: BTreeSet<String>,
    /// Resources whose replacements are made before the old object is deleted.
    pub create_first: BTreeSet<BlockId>,
}

/// What a task brings back.
pub(super) enum Answer {
    Provider(ProviderAddr, Value, Result<Arc<dyn Configured>, ProviderError>, Vec<Reread>),
    Data(DataRead),
    Import(Vec<ImportRead>),
    Ephemeral(Box<Opening>),
}

/// Something that is waited for beside the walk.
pub(super) type Task = BoxFuture<'static, (BlockId, Answer)>;

/// What a visit to a block leaves to be waited for.
#[derive(Default)]
pub(super) struct Visit {
    pub(super) tasks: Vec<Task>,
    pub(super) failed: bool,
}

impl Walk<'_> {
    /// Visits the blocks in `only`, or all. A block whose needs failed is not visited. Yields those that failed, or were not
    /// visited for that.
    pub async fn run(&mut self, only: Option<&BTreeSet<BlockId>>) -> BTreeSet<BlockId> {
        let graph = self.world.blocks.clone();
        let inside = |id: &BlockId| only.is_none_or(|o| o.contains(id));
        let needs = |id: BlockId| graph.graph.neighbors_directed(id, Direction::Incoming).filter(|n| inside(n)).count();
        let mut waiting: Vec<usize> = graph.graph.node_indices().map(needs).collect();
        let mut failed = vec![false; waiting.len()];
        let mut ready: BinaryHeap<Reverse<BlockId>> =
            graph.graph.node_indices().filter(|id| inside(id) && waiting[id.index()] == 0).map(Reverse).collect();
        let mut tasks: FuturesUnordered<Task> = FuturesUnordered::new();
        let mut outstanding: BTreeMap<BlockId, usize> = BTreeMap::new();
        loop {
            let done = if let Some(Reverse(id)) = ready.pop() {
                let visit = if failed[id.index()] { Visit { failed: true, ..Visit::default() } } else { self.visit(id, &graph.graph[id]) };
                failed[id.index()] |= visit.failed;
                if !visit.tasks.is_empty() {
                    outstanding.insert(id, visit.tasks.len());
                    tasks.extend(visit.tasks);
                    continue;
                }
                id
            } else if let Some((id, answer)) = tasks.next().await {
                failed[id.index()] |= !self.accept(id, answer);
                let left = outstanding.entry(id).or_insert(1);
                *left -= 1;
                if *left > 0 {
                    continue;
                }
                id
            } else {
                break;
            };
            for next in graph.graph.neighbors_directed(done, Direction::Outgoing).filter(|n| inside(n)) {
                failed[next.index()] |= failed[done.index()];
                waiting[next.index()] -= 1;
                if waiting[next.index()] == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
        graph.graph.node_indices().filter(|id| failed[id.index()]).collect()
    }

    fn visit(&mut self, id: BlockId, block: &Block) -> Visit {
        let before = std::mem::take(&mut self.diagnostics);
        let mut visit = Visit::default();
        match block {
            Block::Call(path) => self.visit_call(id, path),
            Block::Variable(path, name) => {
                self.visit_values(id, path, |w, m| evaluate::variable(&w.world, m, path, name, w.inputs));
                self.validate_variable(path, name);
            }
            Block::Local(path, name) => self.visit_values(id, path, |w, m| evaluate::local(&w.world, m, path, name)),
            Block::Output(path, name) => self.visit_output(id, path, name),
            Block::Check(path, name) => self.visit_check(id, path, name),
            Block::Provider(addr) => visit.tasks = self.visit_provider(id, addr),
            Block::Resource(addr) => visit.tasks = self.visit_resource(id, addr),
            Block::Close(path) => self.visit_close(id, path),
        }
        visit.failed = self.put_behind(before);
        visit
    }

    /// Puts what has been found since `before` was taken out behind it. Whether an error is among it.
    fn put_behind(&mut self, before: Diagnostics) -> bool {
        let found = std::mem::replace(&mut self.diagnostics, before);
        let failed = found.has_errors();
        self.diagnostics.extend(found);
        failed
    }

    fn accept(&mut self, id: BlockId, answer: Answer) -> bool {
        let before = std::mem::take(&mut self.diagnostics);
        match answer {
            Answer::Provider(addr, config, Ok(configured), found) => {
                self.pool.put(addr, config, configured);
                if !found.is_empty() {
                    self.diagnostics.extend(take_in(Arc::make_mut(&mut self.objects), found));
                }
            }
            Answer::Provider(addr, _, Err(error), _) => {
                let span = self.world.blocks.graph[id].span(&self.world.config);
                let mut d = Diagnostic::error(format!("{addr} cannot be used"), error.to_string()).about(&addr).at_if_none(span);
                d.hint.clone_from(&error.hint);
                self.diagnostics.push(d);
            }
            Answer::Data(read) => self.accept_data(id, read),
            Answer::Import(reads) => self.accept_imports(id, reads),
            Answer::Ephemeral(opening) => self.accept_ephemeral(id, *opening),
        }
        !self.put_behind(before)
    }

    /// Evaluates a block that is a value, in every instance of its module.
    fn visit_values(&mut self, id: BlockId, path: &ModulePath, find: impl Fn(&Self, ModuleId) -> Option<evaluate::Evaluated>) {
        for module in self.world.instances_of(path) {
            let Some(mut found) = find(self, module) else { continue };
            self.diagnostics.extend(found.diagnostics);
            found.needs.extend(self.call_node(module));
            let node = self.world.add_node(id, module, Role::Value, found.needs);
            self.world.set_entry(id, module, Entry::Value(node, found.value));
        }
    }

    fn visit_output(&mut self, id: BlockId, path: &ModulePath, name: &str) {
        let of = Checkable::Output(path.clone(), Arc::from(name));
        self.open_checks(&of);
        for module in self.world.instances_of(path) {
            let mut checks = Vec::new();
            let Some(mut found) = evaluate::output(&self.world, module, path, name, &mut checks) else { continue };
            let pending = conditions::is_pending(&checks);
            self.record_checks(&of, module, &InstanceKey::None, checks);
            self.diagnostics.extend(found.diagnostics);
            found.needs.extend(self.call_node(module));
            let node = self.world.add_node(id, module, Role::Value, found.needs);
            if pending {
                self.world.set_pending(node);
            }
            self.world.set_entry(id, module, Entry::Value(node, found.value));
        }
    }

    fn visit_check(&mut self, id: BlockId, path: &ModulePath, name: &Arc<str>) {
        if matches!(self.pass, Pass::Priors | Pass::Look) {
            return;
        }
        let of = Checkable::Check(path.clone(), name.clone());
        self.open_checks(&of);
        for module in self.world.instances_of(path) {
            let checked = conditions::check_block(&self.world, module, path, name);
            self.record_checks(&of, module, &InstanceKey::None, checked.outcomes);
            for d in checked.diagnostics {
                let told = if d.is_error() { &mut self.diagnostics } else { &mut self.assertions };
                told.push(d);
            }
            let mut needs = checked.needs;
            needs.extend(self.call_node(module));
            let node = self.world.add_node(id, module, Role::Value, needs);
            self.world.set_pending(node);
            self.world.set_entry(id, module, Entry::Value(node, Value::null(Type::Dynamic)));
        }
    }

    fn validate_variable(&mut self, path: &ModulePath, name: &str) {
        let block = Block::Variable(path.clone(), Arc::from(name));
        let of = Checkable::Variable(path.clone(), Arc::from(name));
        self.open_checks(&of);
        for module in self.world.instances_of(path) {
            let given = evaluate::place_given(&self.world, path, name, self.inputs);
            let checked = conditions::validations(&self.world, module, path, name, given);
            let node = self.world.value(&block, module).map(|(node, _)| node).filter(|_| checked.is_pending());
            if let Some(node) = node {
                self.world.add_needs(node, checked.needs);
                self.world.set_pending(node);
            }
            self.diagnostics.extend(checked.diagnostics);
            self.record_checks(&of, module, &InstanceKey::None, checked.outcomes);
        }
    }

    /// Notes that the objects with these conditions are known, even if there are none.
    pub(super) fn open_checks(&mut self, of: &Checkable) {
        if self.checks.0.contains_key(of) {
            self.checks.open(of);
        }
    }

    /// Notes how conditions of one object turned out.
    pub(super) fn record_checks(
        &mut self,
        of: &Checkable,
        module: ModuleId,
        key: &InstanceKey,
        outcomes: Vec<conditions::ConditionOutcome>,
    ) {
        let module = self.world.module(module);
        for (status, problem) in outcomes {
            self.checks.record(of, module.clone(), key.clone(), status, problem);
        }
    }

    /// The node of the call that made a module instance, which everything in it waits for.
    pub(super) fn call_node(&self, module: ModuleId) -> Option<NodeId> {
        let instance = self.world.module(module);
        let (parent, _) = instance.split_last()?;
        let block = self.world.blocks.id(&Block::Call(instance.path()))?;
        match self.world.entry(block, self.world.module_id(&parent)?)? {
            Entry::Call(node, ..) => Some(*node),
            _ => None,
        }
    }

    fn visit_call(&mut self, id: BlockId, path: &ModulePath) {
        let Some((parent, name)) = path.split_last() else { return };
        let config = self.world.config.clone();
        let Some(call) = config.modules.get(&parent).and_then(|m| m.calls.get(&name)) else { return };
        if let Some(called) = config.modules.get(path) {
            self.diagnostics.extend(evaluate::call_mistakes(call, called));
        }
        if self.pass == Pass::Validate {
            self.diagnostics.extend(super::references::undeclared_calls(&config, &parent, &call.depends_on));
        }
        for caller in self.world.instances_of(&parent) {
            let expanded = evaluate::expansion(&self.world, caller, call.count.as_ref(), call.for_each.as_ref());
            self.diagnostics.extend(expanded.diagnostics);
            let problems = evaluate::depends_on_problems(&self.world, caller, &call.depends_on);
            self.diagnostics.extend(problems);
            let mut explicit = evaluate::depends_on(&self.world, caller, &parent, &call.depends_on);
            explicit.extend(self.call_node(caller));
            let needs = expanded.needs.into_iter().chain(explicit.iter().copied()).collect();
            let node = self.world.add_node(id, caller, Role::Value, needs);
            self.explicit.insert(node, explicit);
            let images = self.world.images.as_ref().map(|images| images.instances(self.world.module(caller), &name));
            let known = images.or(expanded.instances).filter(|_| self.pass != Pass::Validate || expanded.shape == Shape::Single);
            let keys = known.unwrap_or_else(|| self.unknown_instances(caller, call.count.as_ref(), call.for_each.as_ref()));
            let home = self.world.module(caller).clone();
            for key in keys.keys() {
                self.world.add_module(home.child(&name, key.clone()));
            }
            self.world.set_entry(id, caller, Entry::Call(node, expanded.shape, keys));
        }
    }

    /// What stands for instances that are not known: an error when planning, one unknown instance when only checking.
    pub(super) fn unknown_instances(&mut self, module: ModuleId, count: Option<&Expr>, for_each: Option<&Expr>) -> Instances {
        if self.pass == Pass::Plan && !self.diagnostics.has_errors() {
            let told = match (count, for_each) {
                (Some(count), _) => Some(Diagnostic::error("Invalid count argument", UNKNOWN_COUNT).at(count.span)),
                (None, Some(keys)) => {
                    let found = evaluate::expression(&self.world, module, Repeated::default(), keys);
                    let is_set = matches!(found.value.ty(), Type::Set(_));
                    let detail = format!("{}\n\n{TARGET_FIRST}", if is_set { UNKNOWN_SET } else { UNKNOWN_MAP });
                    Some(Diagnostic::error("Invalid for_each argument", detail).at(keys.span))
                }
                (None, None) => None,
            };
            self.diagnostics.extend(told);
        }
        match self.pass {
            Pass::Validate => Instances::from([(InstanceKey::None, Value::unknown(Type::Dynamic))]),
            Pass::Plan | Pass::Priors | Pass::Look => Instances::new(),
        }
    }

    fn visit_close(&mut self, id: BlockId, path: &ModulePath) {
        for module in self.world.instances_of(path) {
            let mut needs: Needs = self.world.members(module).into();
            let home = self.world.module(module).clone();
            let calls = self.world.config.modules.get(path).into_iter().flat_map(|m| m.calls.keys());
            let children: Vec<_> = calls.map(|name| path.child(name)).collect();
            for child in children {
                let Some(close) = self.world.blocks.id(&Block::Close(child.clone())) else { continue };
                for inner in self.world.instances_of(&child) {
                    if let (true, Some(Entry::Value(node, _))) =
                        (self.world.module(inner).starts_with(&home), self.world.entry(close, inner))
                    {
                        needs.push(*node);
                    }
                }
            }
            let node = self.world.add_node(id, module, Role::Value, needs);
            self.world.set_entry(id, module, Entry::Value(node, Value::null(Type::Dynamic)));
        }
    }

    /// Whether a resource is of this provider configuration. What nobody uses is nobody's mistake.
    fn is_used(&self, id: BlockId) -> bool {
        let graph = &self.world.blocks.graph;
        graph.neighbors(id).any(|user| matches!(graph[user], Block::Resource(_)))
    }

    fn visit_provider(&mut self, id: BlockId, addr: &ProviderAddr) -> Vec<Task> {
        if self.pass == Pass::Look {
            return Vec::new();
        }
        let config = self.world.config.clone();
        let provider = match provider_for(self.registry, &config, addr) {
            Ok(provider) => provider.clone(),
            Err(_not_ours) => {
                self.visit_foreign_provider(id, addr);
                return Vec::new();
            }
        };
        let Some(module) = self.world.instances_of(&addr.module).first().copied() else { return Vec::new() };
        let written =
            config.modules.get(&addr.module).and_then(|m| m.providers.iter().find(|b| b.name == addr.name && b.alias == addr.alias));
        if written.is_none() && addr.alias.is_some() {
            self.diagnostics.extend(not_declared(&config, addr));
            return Vec::new();
        }
        if self.pass == Pass::Validate && !self.is_used(id) {
            return Vec::new();
        }
        let schema = &provider.types().block().block;
        let empty = crate::config::Body::empty(written.map_or_else(no_span, |w| w.span));
        let found = evaluate::body(&self.world, module, Repeated::default(), written.map_or(&empty, |w| &w.body), schema);
        let failed = found.diagnostics.has_errors();
        self.diagnostics.extend(found.diagnostics);
        let node = self.world.add_node(id, module, Role::Value, found.needs);
        self.world.set_entry(id, module, Entry::Value(node, found.value.clone()));
        if failed {
            return Vec::new();
        }
        self.diagnostics.extend(provider.validate(&found.value).into_iter().map(|d| d.at_if_none(written.map(|w| w.span))));
        let (plain, _) = found.value.unmark_deep();
        if self.pass == Pass::Validate {
            return Vec::new();
        }
        if !plain.is_wholly_known() {
            self.pending.insert(addr.clone());
            return Vec::new();
        }
        self.log_in(id, addr, provider, plain).into_iter().collect()
    }

    /// Configures a provider, unless it is so already, and reads the objects that waited for it.
    fn log_in(&self, id: BlockId, addr: &ProviderAddr, provider: Arc<dyn Provider>, config: Value) -> Option<Task> {
        let due = Due { blocks: &self.world.blocks, objects: &self.objects, registry: self.registry };
        let is_late = self.options.refresh && self.late.contains(addr);
        let spoken_of = |a: &InstanceAddr| self.world.images.as_ref().is_none_or(|images| images.speaks_of(a));
        let inside = |a: &InstanceAddr| self.selection.lets_through(&self.world.blocks, a) && spoken_of(a);
        let readings = if is_late { due.readings(|a, of| of == addr && inside(a)) } else { Vec::new() };
        let ready = self.pool.get(addr).filter(|_| self.pool.has(addr, &config)).cloned();
        if readings.is_empty() && ready.is_some() {
            return None;
        }
        let (addr, listener) = (addr.clone(), self.listener.clone());
        Some(Box::pin(async move {
            let configured = match ready {
                Some(ready) => Ok(ready),
                None => provider.configure(config.clone()).await,
            };
            let found = match &configured {
                Ok(ready) => {
                    let ctx = AnyCtx { client: ready.client(), sink: Arc::new(NoSink), timeout: None };
                    read_all(readings, |_| Some(ctx.clone()), &listener).await
                }
                Err(_) => Vec::new(),
            };
            (id, Answer::Provider(addr, config, configured, found))
        }))
    }

    /// What a provider is asked with while planning; none if its configuration is known only during the apply.
    pub(super) fn ctx(&self, provider: &ProviderAddr) -> Option<AnyCtx> {
        if self.pending.contains(provider) { None } else { self.pool.ctx(provider, Arc::new(NoSink), None) }
    }

    /// The client alone.
    pub(super) fn client(&self, provider: &ProviderAddr) -> Option<Client> {
        if self.pending.contains(provider) { None } else { self.pool.get(provider).map(|configured| configured.client()) }
    }

    /// What is known of a provider configuration.
    pub(super) fn login(&self, provider: &ProviderAddr) -> Login {
        match (self.pending.contains(provider), self.pool.get(provider)) {
            (false, _) => Login::Known,
            (true, Some(_)) => Login::SoFar,
            (true, None) => Login::Later,
        }
    }
}

/// What is said about an alias that nobody declares: for each resource that names it, or once where a call hands it down.
fn not_declared(config: &crate::config::Config, addr: &ProviderAddr) -> Diagnostics {
    let source = config.modules.get(&addr.module).map(|m| m.provider_source(&addr.name).to_string()).unwrap_or_default();
    let alias = addr.alias.as_deref().unwrap_or_default();
    let home = if addr.module.is_root() { String::new() } else { format!("{}.", addr.module) };
    let shown = format!("{home}provider[{source:?}].{alias}");
    let resources = config.modules.get(&addr.module).into_iter().flat_map(|m| m.resources.values());
    let named = |r: &&Arc<crate::config::Resource>| r.provider.as_ref().is_some_and(|p| p.name == addr.name && p.alias == addr.alias);
    let missing = resources.filter(named).map(|r| {
        let data = if r.mode == levee_model::Mode::Data { "data." } else { "" };
        let resource = format!("{home}{data}{}.{}", r.type_name, r.name);
        let detail = format!(
            "To work with {resource} its original provider configuration at {shown} is required, but it has been removed. This occurs when a provider configuration is removed while objects created by that provider still exist in the state. Re-add the provider configuration to destroy {resource}, after which you can remove the provider configuration again."
        );
        Diagnostic::error("Provider configuration not present", detail)
    });
    let missing: Diagnostics = missing.collect();
    if !missing.is_empty() {
        return missing;
    }
    Diagnostic::error(format!("missing provider {shown}"), "").into()
}

const UNKNOWN_COUNT: &str = "The \"count\" value depends on resource attributes that cannot be determined until apply, so Terraform cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.";
const UNKNOWN_SET: &str = "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, and so Terraform cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to use a map value where the keys are defined statically in your configuration and where only the values contain apply-time results.";
const UNKNOWN_MAP: &str = "The \"for_each\" map includes keys derived from resource attributes that cannot be determined until apply, and so Terraform cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in the map values.";
const TARGET_FIRST: &str = "Alternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge.";

/// Where something stands that nobody wrote.
pub(super) fn no_span() -> levee_model::Span {
    levee_model::Span::new(levee_model::SourceId(u32::MAX), 0..0)
}
