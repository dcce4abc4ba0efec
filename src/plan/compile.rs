//! From a configuration and a state to a compiled plan: the plan for people, and all that apply needs to obey it.

use super::objects::{Objects, encode_object, schema_of};
use super::plan_type::{Mode, OutputChange, Plan, PlanOptions};
use super::evaluate;
use super::pool::{Pool, parse_provider};
use super::refresh::refresh;
use super::scope::Repeated;
use super::steps::{self, StepGraph};
use super::values::{ModuleId, NodeId, Role, World};
use super::walk::{Item, Pass, Walk, no_span};
use crate::config::Config;
use crate::event::Listener;
use crate::graph::target::{Target, closure};
use crate::graph::{Block, BlockGraph, BlockId};
use crate::providers::Registry;
use levee_model::{Action, Change, Diagnostic, Diagnostics, InstanceAddr, ModulePath, ProviderAddr, Reversibility, ResourceAddr, Value};
use levee_state::{ObjectRow, ObjectStatus, StateEdit};
use petgraph::Direction;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a plan is compiled from.
pub struct Source {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its graph.
    pub blocks: Arc<BlockGraph>,
    /// What functions are told about where they run.
    pub functions: crate::eval::functions::Context<'static>,
    /// Values of the root module's variables.
    pub inputs: BTreeMap<Arc<str>, Value>,
    /// What the state knows.
    pub objects: Objects,
    /// Addresses that have changed, as the state is to follow them; `objects` has them already.
    pub moves: Vec<StateEdit>,
    /// What the user asked for.
    pub options: PlanOptions,
    /// What data sources yielded when a saved plan was made; they are not read again.
    pub saved_data: BTreeMap<InstanceAddr, Value>,
    /// Providers.
    pub registry: &'static Registry,
    /// Who listens.
    pub listener: Listener,
}

/// A plan, and all that apply needs to obey it.
pub struct Compiled {
    /// The plan.
    pub plan: Plan,
    /// What is evaluated; apply fills in what is unknown.
    pub world: World,
    /// Provider configurations that are logged in.
    pub pool: Pool,
    /// What the state knows.
    pub objects: Objects,
    /// Changes, in the order of `plan.changes`.
    pub items: Vec<Item>,
    /// Their order.
    pub steps: StepGraph,
    /// What refreshing and reading found, for the state.
    pub edits: Vec<StateEdit>,
    /// Values of the root module's variables.
    pub inputs: BTreeMap<Arc<str>, Value>,
    /// What data sources yielded.
    pub data: BTreeMap<InstanceAddr, Value>,
}

/// Compiles a plan. With errors among the diagnostics there is none.
pub async fn compile(mut source: Source) -> (Option<Compiled>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let targets = parse_targets(&source.options.targets, &mut diagnostics);
    let inside = (!targets.is_empty()).then(|| closure(&source.blocks, &targets));
    let create_first = create_first(&source.config, &source.blocks);
    let pool = log_in(&source, &create_first).await;
    if source.options.refresh {
        let known = |key: &super::objects::ObjectKey| lets_through(&targets, inside.as_ref(), &source.blocks, &key.0);
        diagnostics.extend(refresh(&mut source.objects, &pool, source.registry, &source.listener, known).await);
    }
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let pass = if source.options.mode == Mode::Normal { Pass::Plan } else { Pass::Priors };
    let mut walk = new_walk(&source, pass, pool, &targets, &create_first);
    walk.run(inside.as_ref()).await;
    diagnostics.extend(std::mem::take(&mut walk.diagnostics));
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    if source.options.mode != Mode::RefreshOnly {
        let destroy = source.options.mode == Mode::Destroy;
        let through = |addr: &InstanceAddr| {
            if destroy { targets.is_empty() || targets.iter().any(|t| t.covers(addr)) } else { lets_through(&targets, inside.as_ref(), &source.blocks, addr) }
        };
        walk.plan_orphans(destroy, through);
        diagnostics.extend(std::mem::take(&mut walk.diagnostics));
    }
    if !targets.is_empty() {
        diagnostics.push(targeted_warning());
    }
    let found = Found { world: walk.world, pool: walk.pool, items: walk.items, data: walk.data, checks: walk.checks };
    if diagnostics.has_errors() { (None, diagnostics) } else { (Some(assemble(source, found, &targets)), diagnostics) }
}

fn targeted_warning() -> Diagnostic {
    Diagnostic::warning(
        "Only a part of the configuration is planned",
        "With -target, what it does not name and what that does not need is left out. Plan without it afterwards, to see that nothing is missing.",
    )
}

fn parse_targets(texts: &[String], diagnostics: &mut Diagnostics) -> Vec<Target> {
    let mut out = Vec::new();
    for text in texts {
        match Target::parse(text) {
            Some(target) => out.push(target),
            None => diagnostics.push(
                Diagnostic::error("Invalid target", format!("{text:?} is not an address."))
                    .hint("Addresses look like aws_vpc.main, module.net, or aws_subnet.private[\"a\"] (quote them for the shell)."),
            ),
        }
    }
    out
}

fn lets_through(targets: &[Target], inside: Option<&BTreeSet<BlockId>>, blocks: &BlockGraph, addr: &InstanceAddr) -> bool {
    let Some(inside) = inside else { return true };
    if targets.iter().any(|t| t.covers(addr)) {
        return true;
    }
    let named = targets.iter().any(|t| matches!(t, Target::Resource(r) if r.resource() == addr.resource()));
    !named && blocks.resource(&addr.resource()).is_some_and(|id| inside.contains(&id))
}

/// Resources that are made anew before they are deleted: those that say so, and all that those depend on.
pub fn create_first(config: &Config, blocks: &BlockGraph) -> BTreeSet<BlockId> {
    let says_so = |id: &BlockId| match &blocks.graph[*id] {
        Block::Resource(addr) => config
            .modules
            .get(&addr.module)
            .and_then(|m| crate::graph::block::resource_of(m, addr))
            .is_some_and(|r| r.create_before_destroy() == Some(true)),
        _ => false,
    };
    let mut out = BTreeSet::new();
    let mut stack: Vec<BlockId> = blocks.graph.node_indices().filter(says_so).collect();
    while let Some(id) = stack.pop() {
        if out.insert(id) {
            stack.extend(blocks.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    out
}

fn new_walk<'a>(source: &'a Source, pass: Pass, pool: Pool, targets: &'a [Target], create_first: &BTreeSet<BlockId>) -> Walk<'a> {
    Walk {
        world: World::new(source.config.clone(), source.blocks.clone(), source.functions.clone()),
        pool,
        objects: &source.objects,
        registry: source.registry,
        pass,
        options: &source.options,
        targets,
        listener: source.listener.clone(),
        inputs: &source.inputs,
        saved_data: &source.saved_data,
        items: Vec::new(),
        changing: BTreeSet::new(),
        data: BTreeMap::new(),
        checks: Vec::new(),
        diagnostics: Diagnostics::new(),
        create_first: create_first.clone(),
    }
}

/// Logs in to the providers whose configuration can be found from what the state knows, before anything is planned.
/// Mistakes found on the way are left to the walk proper, which finds them again.
pub async fn log_in(source: &Source, create_first: &BTreeSet<BlockId>) -> Pool {
    let blocks = &source.blocks;
    let mut needed = BTreeSet::new();
    let mut stack: Vec<BlockId> = blocks.graph.node_indices().filter(|id| matches!(blocks.graph[*id], Block::Provider(_))).collect();
    while let Some(id) = stack.pop() {
        if needed.insert(id) {
            stack.extend(blocks.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    let mut walk = new_walk(source, Pass::Priors, Pool::default(), &[], create_first);
    walk.run(Some(&needed)).await;
    log_in_unwritten(&mut walk).await;
    walk.pool
}

/// Objects may be all that is left of a provider's resources: its configuration is then as if written without arguments.
async fn log_in_unwritten(walk: &mut Walk<'_>) {
    let Some(root) = walk.world.instances_of(&ModulePath::root()).first().copied() else { return };
    let mut left = BTreeMap::new();
    for prior in walk.objects.all.values() {
        let Some(named) = parse_provider(&prior.row.provider) else { continue };
        let addr = ProviderAddr { module: ModulePath::root(), name: named.name.clone(), alias: None };
        let declared = |addr: &ProviderAddr| walk.world.blocks.id(&Block::Provider(addr.clone())).is_some();
        if !declared(&named) && !declared(&addr) {
            left.entry(addr).or_insert_with(|| prior.row.provider_source.clone());
        }
    }
    for (addr, source) in left {
        let Some(provider) = walk.registry.get(&source) else { continue };
        let empty = crate::config::Body::empty(no_span());
        let found = evaluate::body(&walk.world, root, Repeated::default(), &empty, &provider.schema().provider.block);
        if found.diagnostics.has_errors() {
            continue;
        }
        if let Ok(configured) = provider.configure(found.value.clone()).await {
            walk.pool.put(addr, found.value, configured);
        }
    }
}

/// Checks a configuration without state and without asking any provider.
pub async fn validate(source: &Source) -> Diagnostics {
    let mut walk = new_walk(source, Pass::Validate, Pool::default(), &[], &BTreeSet::new());
    walk.run(None).await;
    walk.diagnostics
}

struct Found {
    world: World,
    pool: Pool,
    items: Vec<Item>,
    data: BTreeMap<InstanceAddr, super::walk::DataObject>,
    checks: Vec<super::plan_type::PlannedCheck>,
}

fn assemble(source: Source, found: Found, targets: &[Target]) -> Compiled {
    let Found { world, pool, mut items, data, checks } = found;
    let mut memo = BTreeMap::new();
    for item in &mut items {
        if let Some(node) = item.node.filter(|_| item.change.action != Action::Delete) {
            item.dependencies = dependencies(&world, node, &mut memo);
        }
    }
    items.sort_by(|a, b| (&a.change.addr, &a.change.deposed).cmp(&(&b.change.addr, &b.change.deposed)));
    let steps = steps::build(&world, &items, &source.objects);
    let mut edits = source.moves;
    edits.extend(refreshed(&source.objects, &items, source.registry));
    let yielded = data.iter().map(|(a, d)| (a.clone(), d.value.clone())).collect();
    edits.extend(data_edits(&world, &source.objects, data, targets.is_empty() && source.options.mode == Mode::Normal, source.registry, &mut memo));
    let plan = Plan {
        mode: source.options.mode,
        changes: items.iter().map(|i| i.change.clone()).collect(),
        drift: drift(&source.objects),
        outputs: outputs(&world, &source.objects, source.options.mode, targets.is_empty()),
        checks,
        variables: source.inputs.clone(),
        base: source.objects.base,
        targeted: !targets.is_empty(),
    };
    Compiled { plan, world, pool, objects: source.objects, items, steps, edits, inputs: source.inputs, data: yielded }
}

type Memo = BTreeMap<NodeId, Arc<BTreeSet<ResourceAddr>>>;

/// The managed resources and data sources that a node's evaluation read, directly or through plain values.
pub fn dependencies(world: &World, node: NodeId, memo: &mut Memo) -> Vec<ResourceAddr> {
    let own = match &world.blocks.graph[world.node(node).block] {
        Block::Resource(addr) => Some(addr.clone()),
        _ => None,
    };
    let mut out = BTreeSet::new();
    for need in &world.node(node).needs {
        out.extend(behind(world, *need, memo).iter().cloned());
    }
    out.into_iter().filter(|a| Some(a) != own.as_ref()).collect()
}

fn behind(world: &World, node: NodeId, memo: &mut Memo) -> Arc<BTreeSet<ResourceAddr>> {
    if let Some(known) = memo.get(&node) {
        return known.clone();
    }
    let at = world.node(node);
    let found: BTreeSet<ResourceAddr> = match (&at.role, &world.blocks.graph[at.block]) {
        (Role::Instance(_) | Role::Group, Block::Resource(addr)) => [addr.clone()].into(),
        _ => at.needs.iter().flat_map(|n| behind(world, *n, memo).iter().cloned().collect::<Vec<_>>()).collect(),
    };
    let found = Arc::new(found);
    memo.insert(node, found.clone());
    found
}

/// What refreshing found, for objects that no step writes anyway.
fn refreshed(objects: &Objects, items: &[Item], registry: &Registry) -> Vec<StateEdit> {
    let acting: BTreeSet<_> = items
        .iter()
        .filter(|i| matches!(i.change.action, Action::Delete | Action::Replace(_)))
        .map(|i| (&i.change.addr, &i.change.deposed))
        .collect();
    let moved = objects.all.iter().filter(|((addr, deposed), prior)| prior.moved() && !acting.contains(&(addr, deposed)));
    moved
        .map(|((addr, deposed), prior)| match &prior.current {
            None => StateEdit::Remove { addr: addr.clone(), deposed: deposed.clone() },
            Some(value) => {
                let block = schema_of(&prior.row, registry).map(|s| s.block.clone()).unwrap_or_default();
                let (values, sensitive_paths) = encode_object(value, &block);
                StateEdit::Put(Box::new(ObjectRow { values, sensitive_paths, ..prior.row.as_ref().clone() }))
            }
        })
        .collect()
}

fn data_edits(world: &World, objects: &Objects, data: BTreeMap<InstanceAddr, super::walk::DataObject>, whole: bool, registry: &Registry, memo: &mut Memo) -> Vec<StateEdit> {
    let stored = objects.all.iter().filter(|((a, _), _)| a.mode == levee_model::Mode::Data);
    let gone = stored.filter(|((a, _), _)| whole && !data.contains_key(a) && world.instance_node(a).is_none());
    let mut edits: Vec<_> = gone.map(|((a, d), _)| StateEdit::Remove { addr: a.clone(), deposed: d.clone() }).collect();
    for (addr, object) in data {
        let schema = registry.data_source(&object.source, &addr.type_name).map(|d| d.schema());
        let Some(schema) = schema else { continue };
        let (values, sensitive_paths) = encode_object(&object.value, &schema.block);
        let same = objects.current(&addr).is_some_and(|p| p.row.values == values && p.row.sensitive_paths == sensitive_paths);
        if same {
            continue;
        }
        let dependencies = world.instance_node(&addr).map(|n| dependencies(world, n, memo)).unwrap_or_default();
        edits.push(StateEdit::Put(Box::new(data_row(addr, &object, values, sensitive_paths, dependencies))));
    }
    edits
}

fn data_row(addr: InstanceAddr, object: &super::walk::DataObject, values: String, sensitive_paths: String, dependencies: Vec<ResourceAddr>) -> ObjectRow {
    ObjectRow {
        id: object.value.get("id").and_then(|v| v.as_str().map(str::to_owned)),
        addr,
        deposed: None,
        provider: Arc::from(object.provider.to_string()),
        provider_source: object.source.clone(),
        schema_version: 0,
        status: ObjectStatus::Ready,
        values,
        sensitive_paths,
        dependencies,
        create_before_destroy: false,
        private: None,
    }
}

fn drift(objects: &Objects) -> Vec<Change> {
    let moved = objects.all.iter().filter(|((a, _), p)| a.mode == levee_model::Mode::Managed && p.moved());
    moved
        .map(|((addr, deposed), prior)| Change {
            addr: addr.clone(),
            deposed: deposed.clone(),
            action: if prior.current.is_some() { Action::Update } else { Action::Delete },
            before: Some(prior.stored.clone()),
            after: prior.current.clone(),
            replace_paths: Vec::new(),
            reason: None,
            reversibility: Reversibility::Reversible,
        })
        .collect()
}

fn outputs(world: &World, objects: &Objects, mode: Mode, whole: bool) -> BTreeMap<Arc<str>, OutputChange> {
    let root = ModulePath::root();
    let mut out = BTreeMap::new();
    if mode != Mode::Destroy {
        let declared = world.config.modules.get(&root).into_iter().flat_map(|m| &m.outputs);
        for (name, output) in declared {
            if let Some((_, value)) = world.value(&Block::Output(root.clone(), name.clone()), ModuleId(0)) {
                let before = objects.outputs.get(name).cloned();
                out.insert(name.clone(), output_change(before, Some(value.clone()), output.sensitive));
            }
        }
    }
    if whole {
        for (name, before) in objects.outputs.iter().filter(|(n, _)| !out.contains_key(*n)).collect::<Vec<_>>() {
            out.insert(name.clone(), output_change(Some(before.clone()), None, before.is_sensitive()));
        }
    }
    out
}

fn output_change(before: Option<Value>, after: Option<Value>, sensitive: bool) -> OutputChange {
    let after = after.filter(|v| !v.is_null());
    let plain = |v: &Option<Value>| v.as_ref().map(|v| levee_model::json::to_json(&v.clone().unmark_deep().0));
    let known = after.as_ref().is_none_or(Value::is_wholly_known);
    let action = match (&before, &after) {
        (None, None) => Action::NoOp,
        (None, Some(_)) => Action::Create,
        (Some(_), None) => Action::Delete,
        (Some(_), Some(_)) if known && plain(&before) == plain(&after) => Action::NoOp,
        (Some(_), Some(_)) => Action::Update,
    };
    OutputChange { action, before, after, sensitive }
}
