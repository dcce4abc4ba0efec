//! From a configuration and a state to a compiled plan: the plan for people, and all that apply needs to obey it.

use super::dependencies::{Memo, dependencies};
use super::drift;
use super::durations::Durations;
use super::edits::{data_edits, refreshed, stated_anew};
use super::ephemeral::close;
use super::expectation;
use super::images::Images;
use super::logins::{foundations, image_needs, log_in, on_resources, provider_needs};
use super::moves::{self, Moves};
use super::objects::{Objects, Prior, ResourceTypes, is_remote};
use super::own_types::OwnTypes;
use super::plan_type::{Mode, OutputChange, Plan, PlanOptions};
use super::pool::Pool;
use super::preview::{self, Previews};
use super::refresh::{Due, Reading, gone_with, read_all, take_in};
use super::removed::{check_removed, forgotten_warning};
use super::small_map::SmallMap;
use super::steps::{self, StepGraph};
use super::values::{ModuleId, Surroundings, World};
use super::walk::{Item, Login, Pass, Walk};
use crate::config::{Config, Variable};
use crate::eval::input::RootInput;
use crate::event::{Event, Listener, Subject};
use crate::graph::target::Selection;
use crate::graph::{Block, BlockGraph, BlockId};
use crate::providers::Registry;
use levee_model::check::CheckResults;
use levee_model::{
    Action, Diagnostic, Diagnostics, InstanceAddr, Marks, Mode as ResourceMode, ModulePath, ProviderAddr, ResourceAddr, Value,
};
use levee_sdk::context::NoSink;
use levee_state::{ObjectRow, StateEdit};
use petgraph::Direction;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a plan is compiled from.
pub struct Source {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its graph.
    pub blocks: Arc<BlockGraph>,
    /// What expressions may ask of where the program runs.
    pub surroundings: Surroundings,
    /// What functions are told about where they run.
    pub functions: crate::eval::functions::Context<'static>,
    /// Values of the root module's variables.
    pub inputs: BTreeMap<Arc<str>, RootInput>,
    /// What the state knows.
    pub objects: Arc<Objects>,
    /// Addresses that have changed; `objects` has them already.
    pub moves: Moves,
    /// What the user asked for.
    pub options: PlanOptions,
    /// What data sources yielded when a saved plan was made; they are not read again.
    pub saved_data: BTreeMap<InstanceAddr, Value>,
    /// What imports found then; they are not made again.
    pub saved_imports: BTreeMap<InstanceAddr, Value>,
    /// Configuration that was written for imports which had none.
    pub generated: BTreeMap<InstanceAddr, Arc<str>>,
    /// What objects are to be, where that is not what the configuration says.
    pub images: Option<Arc<Images>>,
    /// Providers.
    pub registry: &'static Registry,
    /// How long steps took so far.
    pub durations: Durations,
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
    /// What check blocks found. It stops nothing, and an apply finds it anew.
    pub assertions: Diagnostics,
    /// Values of the root module's variables.
    pub inputs: BTreeMap<Arc<str>, RootInput>,
    /// What data sources yielded.
    pub data: BTreeMap<InstanceAddr, Value>,
    /// What imports found.
    pub imports: BTreeMap<InstanceAddr, Value>,
}

/// Compiles a plan. With errors among the diagnostics there is none, or only what could be planned all the same.
pub async fn compile(mut source: Source) -> (Result<Compiled, Option<Plan>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let (targets, excluded) = (source.options.targets.clone(), source.options.exclude.clone());
    diagnostics.extend(std::mem::take(&mut source.moves.diagnostics));
    if !targets.is_empty() || !excluded.is_empty() {
        diagnostics.push(targeted_warning(!excluded.is_empty()));
    }
    diagnostics.extend(moves::excluded(&source.moves.previous, &targets));
    diagnostics.extend(check_removed(&source.config));
    if diagnostics.has_errors() {
        return (Err(None), diagnostics);
    }
    diagnostics.extend(moves::blocked_warning(&source.moves.blocked));
    let selection = Selection::new(&source.blocks, targets, excluded);
    let create_first = create_first(&source.blocks);
    let pool = log_in(&source, &create_first).await;
    let destroy = source.options.mode == Mode::Destroy;
    let doomed = if destroy { doomed(&source.objects, &selection) } else { BTreeSet::new() };
    let blocks = source.blocks.clone();
    let images = source.images.clone();
    let spoken_of = |addr: &InstanceAddr| images.as_ref().is_none_or(|images| images.speaks_of(addr));
    let inside = |addr: &InstanceAddr| match destroy {
        true => doomed.contains(addr),
        false => selection.lets_through(&blocks, addr) && spoken_of(addr),
    };
    let pass = if source.options.mode == Mode::Normal { Pass::Plan } else { Pass::Priors };
    // Only the walk finds out what these providers are configured with by now, so it reads their objects.
    let late = if pass == Pass::Plan { on_resources(&source.blocks) } else { BTreeSet::new() };
    if source.options.refresh {
        diagnostics.extend(refresh(&mut source, &pool, |addr, provider| inside(addr) && !late.contains(provider)).await);
    }
    if diagnostics.has_errors() {
        return (Err(None), diagnostics);
    }
    let mut walk = Walk { late, ..new_walk(&source, pass, pool, &selection, &create_first) };
    let mut failed = BTreeSet::new();
    if destroy {
        // Nothing but the providers is needed to delete, so nothing else can be in the way.
        walk.run(Some(&provider_needs(&source.blocks))).await;
    } else {
        let of_images = images.is_some().then(|| image_needs(&source.blocks));
        failed = walk.run(of_images.as_ref().or(selection.blocks())).await;
        walk.check_imports();
        let misplaced = moves::check(&walk.world);
        if misplaced.has_errors() {
            // Where objects are is the first thing to be known: whatever else was found may come of that.
            diagnostics.extend(close(std::mem::take(&mut walk.opened)).await);
            diagnostics.extend(misplaced);
            return (Err(None), diagnostics);
        }
        walk.diagnostics.extend(misplaced);
    }
    if source.options.refresh && source.listener.hears_of_state_reads() {
        tell_of_what_needs_no_reading(&source, inside);
    }
    if source.options.mode != Mode::RefreshOnly {
        walk.plan_orphans(destroy, &failed, inside);
    }
    diagnostics.extend(std::mem::take(&mut walk.diagnostics));
    let previews = preview::previews(&walk.items, &walk.pool, &mut diagnostics).await;
    diagnostics.extend(close(std::mem::take(&mut walk.opened)).await);
    if diagnostics.has_errors() {
        diagnostics.extend(std::mem::take(&mut walk.assertions));
        return (Err(partial(&walk, &source, &failed)), diagnostics);
    }
    let assertions = std::mem::take(&mut walk.assertions);
    let imported = walk.imports.into_values().flat_map(|i| i.found).collect();
    let objects = walk.objects;
    let found = Found { world: walk.world, pool: walk.pool, items: walk.items, data: walk.data, checks: walk.checks, imported, previews };
    diagnostics.extend(forgotten_warning(found.items.iter().map(|i| &*i.change)));
    source.objects = objects;
    let compiled = assemble(source, found, &selection).map(|compiled| Compiled { assertions, ..compiled });
    if compiled.is_none() {
        diagnostics.push(Diagnostic::error("The steps wait for each other", "No order was found for them. This is a fault of levee."));
    }
    (compiled.ok_or(None), diagnostics)
}

/// Reads the objects that `wanted` lets through; those last whose providers rest on others, since they may be gone with them.
async fn refresh(source: &mut Source, pool: &Pool, wanted: impl Fn(&InstanceAddr, &ProviderAddr) -> bool) -> Diagnostics {
    let foundations = foundations(&source.blocks);
    let rests = |reading: &Reading| foundations.get(reading.provider()).is_some_and(|on| !on.is_empty());
    let mut diagnostics = Diagnostics::new();
    let due = Due { blocks: &source.blocks, objects: &source.objects, registry: source.registry };
    let (resting, others): (Vec<_>, Vec<_>) = due.readings(wanted).into_iter().partition(rests);
    for readings in [others, resting] {
        let mut found = read_all(readings, |provider| pool.ctx(provider, Arc::new(NoSink), None), &source.listener).await;
        diagnostics.extend(gone_with(&source.objects, &foundations, &mut found));
        diagnostics.extend(take_in(Arc::make_mut(&mut source.objects), found));
    }
    diagnostics
}

/// Tells of the objects that are nothing but what the state says of them: they are read as soon as they are looked at.
fn tell_of_what_needs_no_reading(source: &Source, inside: impl Fn(&InstanceAddr) -> bool) {
    let managed = source.objects.all.iter().filter(|((addr, _), _)| addr.mode == ResourceMode::Managed && inside(addr));
    let mut types = ResourceTypes::new(source.registry);
    for ((addr, deposed), prior) in managed {
        if types.of(&prior.row).is_some_and(|r| !is_remote(r.as_ref())) {
            let subject = Subject { addr: addr.clone(), deposed: deposed.clone(), id: prior.row.id.clone() };
            source.listener.event(&Event::StateRead(subject));
        }
    }
}

/// What could be planned where something else could not. `None` when that is nothing.
fn partial(walk: &Walk<'_>, source: &Source, failed: &BTreeSet<BlockId>) -> Option<Plan> {
    let mut changes: Vec<_> = walk.items.iter().map(|item| item.change.clone()).collect();
    changes.sort_by(|a, b| (&a.addr, &a.deposed).cmp(&(&b.addr, &b.deposed)));
    let mut outputs = outputs(&walk.world, &walk.objects, source.options.mode, false);
    let root = |name: &Arc<str>| walk.world.blocks.id(&Block::Output(ModulePath::root(), name.clone()));
    outputs.retain(|name, _| root(name).is_some_and(|id| !failed.contains(&id)));
    let plan = Plan { mode: source.options.mode, changes, outputs, base: source.objects.base, ..Plan::default() };
    (!plan.changes.is_empty() || !plan.outputs.is_empty()).then_some(plan)
}

fn targeted_warning(excluding: bool) -> Diagnostic {
    let (with, option) =
        if excluding { ("-target or -exclude", "These options are") } else { ("the -target option", "The -target option is") };
    let with = if excluding { format!("either {with}") } else { with.to_owned() };
    let detail = format!(
        "You are creating a plan with {with}, which means that the result of this plan may not represent all of the changes requested by the current configuration.\n\n{option} not for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when Levee specifically suggests to use it as part of an error message."
    );
    let detail = if excluding { detail.replace("and is provided", "and are provided").replace("to use it", "to use them") } else { detail };
    Diagnostic::warning("Resource targeting is in effect", detail)
}

/// What a plan that deletes speaks of: what the targets cover, and every object that depends on it, directly or through
/// others, as the state remembers.
fn doomed(objects: &Objects, selection: &Selection) -> BTreeSet<InstanceAddr> {
    let mut dependents: BTreeMap<&ResourceAddr, Vec<&InstanceAddr>> = BTreeMap::new();
    for prior in objects.all.values() {
        prior.row.dependencies.iter().for_each(|d| dependents.entry(d).or_default().push(&prior.row.addr));
    }
    let named = objects.all.keys().map(|(addr, _)| addr).filter(|addr| selection.covers(addr));
    let mut stack: Vec<&InstanceAddr> = named.collect();
    let (mut out, mut followed) = (BTreeSet::new(), BTreeSet::new());
    while let Some(addr) = stack.pop() {
        // What depends on one instance depends on its resource, so that a resource is followed once in a module instance.
        if out.insert(addr.clone()) && !selection.is_whole() && followed.insert((&addr.module, addr.resource())) {
            let on_it = dependents.get(&addr.resource()).into_iter().flatten();
            stack.extend(on_it.copied().filter(|d| !d.module.is_beside(&addr.module)));
        }
    }
    let kept = kept(objects, selection);
    out.retain(|addr| !kept.contains(addr));
    out
}

/// What a plan that deletes leaves alone: what is excluded, and every object that it depends on, as the state remembers.
fn kept(objects: &Objects, selection: &Selection) -> BTreeSet<InstanceAddr> {
    let rows = || objects.all.values().map(|prior| &prior.row);
    let mut of: BTreeMap<ResourceAddr, Vec<&ObjectRow>> = BTreeMap::new();
    rows().for_each(|row| of.entry(row.addr.resource()).or_default().push(row));
    let mut stack: Vec<&ObjectRow> = rows().filter(|row| selection.excludes(&row.addr)).map(|row| &**row).collect();
    let mut out = BTreeSet::new();
    while let Some(row) = stack.pop() {
        if out.insert(row.addr.clone()) {
            let needed = row.dependencies.iter().filter_map(|d| of.get(d)).flatten();
            stack.extend(needed.filter(|n| !n.addr.module.is_beside(&row.addr.module)));
        }
    }
    out
}

/// Resources that are made anew before they are deleted: those that say so, and all that those depend on.
pub fn create_first(blocks: &BlockGraph) -> BTreeSet<BlockId> {
    let says_so = |id: &BlockId| blocks.declared(*id).is_some_and(|d| d.resource.create_before_destroy() == Some(true));
    let mut out = BTreeSet::new();
    let mut stack: Vec<BlockId> = blocks.graph.node_indices().filter(says_so).collect();
    while let Some(id) = stack.pop() {
        if out.insert(id) {
            stack.extend(blocks.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    out
}

/// A walk that has not begun.
pub fn new_walk<'a>(source: &'a Source, pass: Pass, pool: Pool, selection: &'a Selection, create_first: &BTreeSet<BlockId>) -> Walk<'a> {
    let mut world = World::new(source.config.clone(), source.blocks.clone(), source.functions.clone(), source.registry);
    world.surroundings = source.surroundings.clone();
    world.images.clone_from(&source.images);
    world.partial = matches!(pass, Pass::Priors | Pass::Look) || source.images.is_some();
    world.checking = matches!(pass, Pass::Validate | Pass::Look);
    world.declared_only = pass == Pass::Validate;
    Walk {
        world,
        pool,
        objects: source.objects.clone(),
        registry: source.registry,
        types: OwnTypes::new(source.registry),
        pass,
        options: &source.options,
        selection,
        listener: source.listener.clone(),
        inputs: &source.inputs,
        saved_data: &source.saved_data,
        saved_imports: &source.saved_imports,
        moved: &source.moves.previous,
        imports: BTreeMap::new(),
        items: Vec::with_capacity(if pass == Pass::Plan { source.blocks.graph.node_count() } else { 0 }),
        changing: SmallMap::new(),
        explicit: SmallMap::new(),
        provider_nodes: SmallMap::new(),
        unsettled: BTreeMap::new(),
        data: BTreeMap::new(),
        checks: super::checks::expected(&source.config),
        diagnostics: Diagnostics::new(),
        assertions: Diagnostics::new(),
        foreign: BTreeSet::new(),
        late: BTreeSet::new(),
        pending: BTreeSet::new(),
        opened: Vec::new(),
        create_first: create_first.clone(),
    }
}

/// Everything that has a value, as far as the state tells: nothing is planned, and nobody is asked.
pub async fn look(source: &Source) -> (World, Diagnostics) {
    let whole = Selection::default();
    let mut walk = new_walk(source, Pass::Look, Pool::default(), &whole, &BTreeSet::new());
    walk.run(None).await;
    (walk.world, walk.diagnostics)
}

/// Checks a configuration without state and without asking any provider.
pub async fn validate(source: &Source) -> Diagnostics {
    let whole = Selection::default();
    let mut walk = new_walk(source, Pass::Validate, Pool::default(), &whole, &BTreeSet::new());
    walk.run(None).await;
    let mut found: Diagnostics = source.config.modules.values().flat_map(|m| m.late.iter().cloned()).collect();
    found.extend(walk.diagnostics);
    found.extend(super::foreign::warning(&walk.foreign));
    found.extend(walk.assertions);
    found
}

struct Found {
    world: World,
    pool: Pool,
    items: Vec<Item>,
    data: BTreeMap<InstanceAddr, super::walk::DataObject>,
    checks: CheckResults,
    imported: BTreeMap<InstanceAddr, Prior>,
    previews: Previews,
}

/// Values of the root module's variables as they were given, and the defaults of the others. What was given for
/// ephemeral ones is not kept.
fn root_variables(config: &Config, inputs: &BTreeMap<Arc<str>, RootInput>) -> BTreeMap<Arc<str>, Value> {
    let declared = config.modules.get(&ModulePath::root()).into_iter().flat_map(|m| m.variables.values());
    let value = |v: &Variable| match inputs.get(&v.name) {
        Some(_) if v.ephemeral => None,
        Some(input) => Some(input.value.clone().mark(if v.sensitive { Marks::SENSITIVE } else { Marks::NONE })),
        None => crate::eval::default_value(v).ok().flatten(),
    };
    declared.filter_map(|v| Some((v.name.clone(), value(v)?))).collect()
}

/// `None` when the steps cannot be put in order.
fn assemble(mut source: Source, found: Found, selection: &Selection) -> Option<Compiled> {
    let Found { world, pool, mut items, data, checks, imported, previews } = found;
    let mut memo = Memo::new();
    for item in &mut items {
        // A plan that deletes everything has nothing to say about where it was.
        let tells = source.options.mode != Mode::Destroy;
        if let Some(previous) = source.moves.previous.get(&item.change.addr).filter(|_| tells) {
            Arc::make_mut(&mut item.change).previous = Some(Box::new(previous.clone()));
        }
        let image = world.images.as_ref().and_then(|images| images.wanted.get(&item.change.addr));
        match (item.node.filter(|_| item.change.action != Action::Delete), image) {
            (Some(_), Some(image)) => item.dependencies.clone_from(&image.dependencies),
            (Some(node), None) => item.dependencies = dependencies(&world, node, &mut memo),
            (None, _) => {}
        }
    }
    // Blocks have numbers in the order of their addresses: sorted by those, which costs little, most are where they belong.
    items.sort_by_cached_key(|item| item.node.map(|node| world.node(node).block));
    items.sort_by(|a, b| (&a.change.addr, &a.change.deposed).cmp(&(&b.change.addr, &b.change.deposed)));
    let mut edits = source.moves.edits;
    edits.extend(imported.values().map(|p| StateEdit::Put(Box::new(p.row.as_ref().clone()))));
    let found_by_import = imported.iter().map(|(a, p)| (a.clone(), p.stored.clone())).collect();
    if !imported.is_empty() {
        let all = &mut Arc::make_mut(&mut source.objects).all;
        all.extend(imported.into_iter().map(|(addr, prior)| ((addr, None), prior)));
        all.sort_keys();
    }
    edits.extend(items.iter().filter(|i| i.change.action == Action::Forget).map(|i| {
        let (addr, deposed) = (i.change.addr.clone(), i.change.deposed.clone());
        StateEdit::Remove { addr, deposed }
    }));
    let objects = &*source.objects;
    // What the state makes of all this is found while the steps are put in order.
    let (steps, known) = std::thread::scope(|scope| {
        let known = scope.spawn(|| {
            let edits = [refreshed(objects, &items, source.registry), stated_anew(&items, objects)].concat();
            (edits, drift::found(objects, &source.moves.previous, source.options.mode))
        });
        let steps = steps::build(&world, &items, objects, &source.durations);
        (steps, known.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let ((anew, drift), steps) = (known, steps?);
    edits.extend(anew);
    let yielded = data.iter().map(|(a, d)| (a.clone(), d.value.clone())).collect();
    let whole = selection.is_whole() && source.options.mode == Mode::Normal && source.images.is_none();
    edits.extend(data_edits(&world, &source.objects, data, whole, source.registry));
    let left_out = if source.options.mode == Mode::Normal { selection.left_out(&source.blocks) } else { Vec::new() };
    let plan = Plan {
        mode: source.options.mode,
        changes: items.iter().map(|i| i.change.clone()).collect(),
        drift,
        outputs: outputs(&world, &source.objects, source.options.mode, selection.is_whole()),
        checks,
        variables: root_variables(&source.config, &source.inputs),
        base: source.objects.base,
        generated: source.generated,
        targeted: !selection.is_whole(),
        left_out,
        expected: expectation::of(&steps, &items, source.options.parallelism),
        pending: pending(&items),
        previews,
    };
    Some(Compiled {
        plan,
        world,
        pool,
        objects: Arc::unwrap_or_clone(source.objects),
        items,
        steps,
        edits,
        assertions: Diagnostics::new(),
        inputs: source.inputs,
        data: yielded,
        imports: found_by_import,
    })
}

/// What is planned in full, or read, only once its provider is configured.
fn pending(items: &[Item]) -> BTreeMap<InstanceAddr, ProviderAddr> {
    let later = items.iter().filter(|i| i.login != Login::Known && !matches!(i.change.action, Action::Delete | Action::Forget));
    later.map(|i| (i.change.addr.clone(), i.provider.clone())).collect()
}

fn outputs(world: &World, objects: &Objects, mode: Mode, whole: bool) -> BTreeMap<Arc<str>, OutputChange> {
    let root = ModulePath::root();
    let mut out = BTreeMap::new();
    if mode != Mode::Destroy {
        let declared = world.config.modules.get(&root).into_iter().flat_map(|m| &m.outputs);
        for (name, output) in declared {
            if let Some((_, value)) = world.value(&Block::Output(root.clone(), name.clone()), ModuleId(0)) {
                // What the state alone cannot tell stays as it was.
                if mode == Mode::RefreshOnly && !value.is_wholly_known() {
                    continue;
                }
                let before = objects.outputs.get(name).cloned();
                out.insert(name.clone(), output_change(before, Some(value.clone()), output.sensitive));
            }
        }
    }
    if whole {
        let declared = world.config.modules.get(&root).map(|m| &m.outputs).filter(|_| mode == Mode::RefreshOnly);
        let gone = |name: &Arc<str>| !out.contains_key(name) && declared.is_none_or(|d| !d.contains_key(name));
        for (name, before) in objects.outputs.iter().filter(|(n, _)| gone(n)).collect::<Vec<_>>() {
            out.insert(name.clone(), output_change(Some(before.clone()), None, false));
        }
    }
    out
}

/// What becomes of an output. `declared`: whether the configuration calls it sensitive.
fn output_change(before: Option<Value>, after: Option<Value>, declared: bool) -> OutputChange {
    let was_sensitive = before.as_ref().is_some_and(Value::is_sensitive);
    let plain = |v: &Option<Value>| v.as_ref().map(|v| v.clone().unmark_deep().0);
    let action = match (&before, &after) {
        (None, None) => Action::NoOp,
        (None, Some(now)) if now.is_null() => Action::NoOp,
        (None, Some(_)) => Action::Create,
        (Some(_), None) => Action::Delete,
        (Some(_), Some(now)) if now.is_wholly_known() && plain(&before) == plain(&after) && declared == was_sensitive => Action::NoOp,
        (Some(_), Some(_)) => Action::Update,
    };
    OutputChange { action, before, after, sensitive: declared || was_sensitive }
}
