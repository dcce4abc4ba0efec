//! From changes to the finished step graph, which apply carries out without choosing anything.
//!
//! Every node of the [`World`] has a step of the same number: what it evaluates or makes, if anything. Deletions come on
//! top, with two gates a resource: one opens when everything that depended on it is deleted, the other when what stays
//! no longer uses it either. Edges are linear in what is written.

use self::gates::{Circles, Towards};
use super::durations::{Durations, Kind};
use super::objects::Objects;
use super::schedule::{Order, StepId};
use super::values::{Entry, NodeId, Role, World};
use super::walk::{Item, Login};
use crate::graph::Block;
use levee_model::{Action, Marks, Mode, ReplaceOrder, ResourceAddr, Value};
use levee_sdk::Effects;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

mod gates;

/// What one step does. Numbers are indexes of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: it only stands in the order of things.
    Pass,
    /// A value that was unknown is evaluated again.
    Evaluate,
    /// An object is made.
    Create(usize),
    /// An object is changed in place.
    Update(usize),
    /// A data source is read.
    Read(usize),
    /// An ephemeral object is opened.
    Open,
    /// An object is deleted; after a create-before-destroy, the one that was deposed.
    Delete(usize),
    /// Nothing happens to an object, but its conditions are checked again.
    Check(usize),
}

/// The steps and their order.
#[derive(Debug, Default)]
pub struct StepGraph {
    /// What each step does; steps below the number of nodes belong to the node of the same number.
    pub work: Vec<Work>,
    /// Which waits for which, and how long each is expected to take.
    pub order: Arc<Order>,
    /// Steps of whose duration nothing is known.
    pub guessed: BTreeSet<StepId>,
}

impl StepGraph {
    /// How many steps do something to an object.
    pub fn effects(&self) -> usize {
        self.work.iter().filter(|w| matches!(w, Work::Create(_) | Work::Update(_) | Work::Delete(_) | Work::Read(_))).count()
    }
}

/// How much of what the state remembers of dependencies is heeded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heed {
    /// Everything, in Terraform's order: what is only deleted goes before what depended on it is changed.
    Strictly,
    /// Everything, but what is only deleted goes last.
    Loosely,
    /// Deletions heed what the state remembers, and not what the configuration says: what is made under a name may depend on
    /// what depended on the object that had it before.
    Past,
    /// Deletions heed what the state remembers of each other, and nothing else: what stays may name for a while what is gone.
    Deletions,
    /// Only what objects remember that the configuration no longer has.
    Orphans,
    /// Nothing.
    Nothing,
}

impl Work {
    /// The item that it does something about.
    pub fn item(self) -> Option<usize> {
        match self {
            Self::Create(i) | Self::Update(i) | Self::Read(i) | Self::Delete(i) | Self::Check(i) => Some(i),
            Self::Pass | Self::Evaluate | Self::Open => None,
        }
    }
}

/// Puts the changes in order. Dependencies that only the state remembers give way where they would close a circle: an
/// object that was left alone may remember what the configuration has turned round since, and what is made before it is
/// deleted may have depended on what is not. `None` when there is no order without them either.
pub fn build(world: &World, items: &[Item], objects: &Objects, durations: &Durations) -> Option<StepGraph> {
    if let Some(nothing) = nothing(world, items) {
        return Some(nothing);
    }
    // What is undone goes backwards: what was made last is deleted once nothing that stays uses it any more.
    let first = usize::from(world.images.is_some());
    [Heed::Strictly, Heed::Loosely, Heed::Past, Heed::Deletions, Heed::Orphans, Heed::Nothing].into_iter().skip(first).find_map(|heed| {
        let graph = Builder::new(world, items, heed).with_deletions(items, objects);
        finish(&with_checks_last(world, graph, items), items, durations)
    })
}

/// The steps where nothing is to be done, which need no order.
fn nothing(world: &World, items: &[Item]) -> Option<StepGraph> {
    let passes = |item: &Item| item_work(0, item) == Work::Pass && item.change.action != Action::Delete;
    if !items.iter().all(passes) || !world.nodes().iter().all(|node| base_work(world, node) == Work::Pass) {
        return None;
    }
    let count = world.nodes().len();
    let dependents = std::iter::repeat_n([], count).collect();
    let order = Order::new(dependents, vec![true; count], vec![0; count], &[]);
    Some(StepGraph { work: vec![Work::Pass; count], order: Arc::new(order), guessed: BTreeSet::new() })
}

struct Builder<'a> {
    world: &'a World,
    heed: Heed,
    graph: DiGraph<Work, ()>,
    deletes: BTreeMap<usize, NodeIndex>,
    gates: BTreeMap<ResourceAddr, (NodeIndex, NodeIndex)>,
}

fn step_of(node: NodeId) -> NodeIndex {
    NodeIndex::new(node.0 as usize)
}

impl<'a> Builder<'a> {
    fn new(world: &'a World, items: &[Item], heed: Heed) -> Self {
        let mut graph = DiGraph::with_capacity(world.nodes().len(), world.nodes().len() * 2);
        for node in world.nodes() {
            graph.add_node(base_work(world, node));
        }
        for (i, item) in items.iter().enumerate() {
            if let Some(node) = item.node {
                graph[step_of(node)] = item_work(i, item);
            }
        }
        for (i, node) in world.nodes().iter().enumerate() {
            for need in &node.needs {
                graph.add_edge(step_of(*need), NodeIndex::new(i), ());
            }
        }
        Self { world, heed, graph, deletes: BTreeMap::new(), gates: BTreeMap::new() }
    }

    fn with_deletions(mut self, items: &[Item], objects: &Objects) -> DiGraph<Work, ()> {
        for (i, item) in items.iter().enumerate() {
            if matches!(item.change.action, Action::Delete | Action::Replace(_)) {
                let step = self.graph.add_node(Work::Delete(i));
                self.deletes.insert(i, step);
            }
        }
        if self.deletes.is_empty() {
            return self.graph;
        }
        let deleted: BTreeSet<ResourceAddr> = self.deletes.keys().map(|i| items[*i].change.addr.resource()).collect();
        let rows: Vec<&[ResourceAddr]> = items.iter().map(|item| remembered(item, objects, self.heed)).collect();
        let mut seen = BTreeSet::new();
        for (i, item) in items.iter().enumerate().filter(|(_, item)| item.change.addr.mode == Mode::Managed) {
            let is_heeded = item.change.action != Action::Delete && !matches!(self.heed, Heed::Past | Heed::Deletions);
            let written = item.dependencies.iter().filter(|_| is_heeded);
            let on: BTreeSet<&ResourceAddr> = written.chain(rows[i]).collect();
            self.depend(i, item, &on, &deleted, &mut seen);
        }
        let circles = Circles::new(objects);
        self.clear(items, &rows, &circles);
        if self.heed == Heed::Strictly {
            self.vacate(items, &rows, &circles);
            self.outlive(items, &rows, &circles);
        }
        let current: BTreeMap<_, _> = items.iter().filter_map(|i| Some((&i.change.addr, changed(i)?))).collect();
        for (i, step) in std::mem::take(&mut self.deletes) {
            self.place_delete(&items[i], step);
            // The new object comes before the one that it has replaced goes.
            if let Some(node) = current.get(&items[i].change.addr).filter(|_| items[i].change.deposed.is_some()) {
                self.graph.add_edge(step_of(*node), step, ());
            }
        }
        self.graph
    }

    /// What an object depended on is not changed before the object is deleted, if it is. Terraform counts the making of what
    /// takes its place beside it as such a change, though it harms nobody: that gives way.
    fn clear(&mut self, items: &[Item], rows: &[&[ResourceAddr]], circles: &Circles) {
        let cleared = circles.gates(&mut self.graph, Towards::Dependencies, || Work::Pass);
        for (i, delete) in self.deletes.iter().filter(|(i, _)| !outlives(&items[**i])) {
            for gate in cleared.behind(&items[*i].change.addr.resource(), rows[*i].iter()) {
                self.graph.add_edge(*delete, gate, ());
            }
        }
        for item in items.iter().filter(|item| self.heed == Heed::Strictly || !outlives(item)) {
            if let (Some(node), Some(gate)) = (changed(item), cleared.of(&item.change.addr.resource())) {
                self.graph.add_edge(gate, step_of(node), ());
            }
        }
    }

    /// What an object depends or depended on is deleted before the object is changed.
    fn vacate(&mut self, items: &[Item], rows: &[&[ResourceAddr]], circles: &Circles) {
        let vacated = circles.gates(&mut self.graph, Towards::Dependents, || Work::Pass);
        for (i, delete) in self.deletes.iter().filter(|(i, _)| !outlives(&items[**i])) {
            if let Some(gate) = vacated.of(&items[*i].change.addr.resource()) {
                self.graph.add_edge(*delete, gate, ());
            }
        }
        for (i, item) in items.iter().enumerate() {
            let Some(node) = changed(item) else { continue };
            for gate in vacated.behind(&item.change.addr.resource(), item.dependencies.iter().chain(rows[i])) {
                self.graph.add_edge(gate, step_of(node), ());
            }
        }
    }

    /// What is to outlive changes goes when what it depended on, and what depended on it, has been changed.
    fn outlive(&mut self, items: &[Item], rows: &[&[ResourceAddr]], circles: &Circles) {
        let made = circles.gates(&mut self.graph, Towards::Dependents, || Work::Pass);
        let let_go = circles.gates(&mut self.graph, Towards::Dependencies, || Work::Pass);
        for (i, item) in items.iter().enumerate() {
            let Some(node) = changed(item) else { continue };
            let own = item.change.addr.resource();
            for gate in let_go.behind(&own, rows[i].iter()).into_iter().chain(made.of(&own)) {
                self.graph.add_edge(step_of(node), gate, ());
            }
        }
        for (i, delete) in self.deletes.iter().filter(|(i, _)| outlives(&items[**i])) {
            let own = items[*i].change.addr.resource();
            for gate in made.behind(&own, rows[*i].iter()).into_iter().chain(let_go.of(&own)) {
                self.graph.add_edge(gate, *delete, ());
            }
        }
    }

    /// Makes the gates of what item `i` depends on wait for it.
    fn depend(
        &mut self,
        i: usize,
        item: &Item,
        on: &BTreeSet<&ResourceAddr>,
        deleted: &BTreeSet<ResourceAddr>,
        seen: &mut BTreeSet<(ResourceAddr, ResourceAddr)>,
    ) {
        let own = item.change.addr.resource();
        for resource in on.iter().copied().filter(|r| **r != own) {
            let (gone, unused) = self.gate(resource);
            if let Some(delete) = self.deletes.get(&i) {
                self.graph.add_edge(*delete, gone, ());
            }
            let uses = match self.heed {
                // What takes the place of an object never used what that one did.
                Heed::Past => item.change.action == Action::Update,
                Heed::Deletions => false,
                _ => item.change.action != Action::Delete && (item.change.action != Action::NoOp || item.login != Login::Known),
            };
            if let Some(node) = item.node.filter(|_| uses) {
                self.graph.add_edge(step_of(node), unused, ());
            }
            // What depends on the dependent is deleted before the dependency, even where the dependent itself stays.
            if deleted.contains(resource) && seen.insert((resource.clone(), own.clone())) {
                let (gone_before, _) = self.gate(&own);
                self.graph.add_edge(gone_before, gone, ());
            }
        }
    }

    /// The gates of a resource: everything that depended on it is deleted; and what stays has been updated.
    fn gate(&mut self, resource: &ResourceAddr) -> (NodeIndex, NodeIndex) {
        if let Some(gates) = self.gates.get(resource) {
            return *gates;
        }
        let (gone, unused) = (self.graph.add_node(Work::Pass), self.graph.add_node(Work::Pass));
        self.graph.add_edge(gone, unused, ());
        self.gates.insert(resource.clone(), (gone, unused));
        (gone, unused)
    }

    fn place_delete(&mut self, item: &Item, step: NodeIndex) {
        let gates = self.gates.get(&item.change.addr.resource()).copied();
        let create_first = item.change.action == Action::Replace(ReplaceOrder::CreateThenDelete);
        if let Some((gone, unused)) = gates {
            let replaced = item.change.action == Action::Replace(ReplaceOrder::DeleteThenCreate);
            let in_the_way = if self.heed == Heed::Strictly { !outlives(item) } else { replaced };
            self.graph.add_edge(if in_the_way { gone } else { unused }, step, ());
        }
        if let Some(node) = item.node.filter(|_| item.change.action != Action::Delete) {
            if create_first {
                self.graph.add_edge(step_of(node), step, ());
            } else {
                self.graph.add_edge(step, step_of(node), ());
            }
        }
        if item.login == Login::SoFar {
            // It goes with the configuration that it was made with, before what that rests on changes.
            return;
        }
        let provider = Block::Provider(item.provider.clone());
        let module = self.world.instances_of(&item.provider.module).first().copied();
        if let Some((node, _)) = module.and_then(|m| self.world.value(&provider, m)) {
            self.graph.add_edge(step_of(node), step, ());
        }
    }
}

/// Data sources of check blocks are read when everything else is done.
fn with_checks_last(world: &World, mut graph: DiGraph<Work, ()>, items: &[Item]) -> DiGraph<Work, ()> {
    let is_scoped = |item: &Item| {
        let declared = || world.blocks.resource_block(&item.change.addr.resource());
        item.change.action == Action::Read && declared().is_some_and(|d| d.resource.container.is_some())
    };
    let scoped: BTreeSet<usize> = items.iter().enumerate().filter(|(_, item)| is_scoped(item)).map(|(i, _)| i).collect();
    if scoped.is_empty() {
        return graph;
    }
    let (mut last, mut others) = (Vec::new(), Vec::new());
    for step in graph.node_indices() {
        match graph[step] {
            Work::Read(i) if scoped.contains(&i) => last.push(step),
            Work::Create(_) | Work::Update(_) | Work::Delete(_) | Work::Read(_) => others.push(step),
            Work::Pass | Work::Evaluate | Work::Open | Work::Check(_) => {}
        }
    }
    let gate = graph.add_node(Work::Pass);
    for (before, after) in others.into_iter().map(|step| (step, gate)).chain(last.into_iter().map(|step| (gate, step))) {
        graph.add_edge(before, after, ());
    }
    graph
}

/// What the state remembers that an item's object depended on, as far as that is heeded.
fn remembered<'a>(item: &Item, objects: &'a Objects, heed: Heed) -> &'a [ResourceAddr] {
    let counts = match heed {
        Heed::Strictly | Heed::Loosely | Heed::Past | Heed::Deletions => true,
        Heed::Orphans => item.change.action == Action::Delete,
        Heed::Nothing => false,
    };
    let key = (item.change.addr.clone(), item.change.deposed.clone());
    objects.all.get(&key).filter(|_| counts && item.change.addr.mode == Mode::Managed).map_or(&[], |prior| &prior.row.dependencies)
}

/// Whether what is deleted outlives changes for a while.
fn outlives(item: &Item) -> bool {
    match item.change.action {
        Action::Replace(order) => order == ReplaceOrder::CreateThenDelete,
        _ => item.create_before_destroy || item.change.deposed.is_some(),
    }
}

/// The node at which an item's object is made or changed, if it is.
fn changed(item: &Item) -> Option<NodeId> {
    let changes = match item.change.action {
        Action::Create | Action::Update | Action::Replace(_) => true,
        Action::NoOp => item.login != Login::Known,
        Action::Read | Action::Delete | Action::Forget => false,
    };
    item.node.filter(|_| changes)
}

fn base_work(world: &World, node: &super::values::Node) -> Work {
    let known = match (&node.role, world.entry(node.block, node.module)) {
        // What is ephemeral is another one in each phase.
        (Role::Value, Some(Entry::Value(_, value))) => value.is_wholly_known() && !value.clone().unmark_deep().1.contains(Marks::EPHEMERAL),
        (Role::Value, Some(Entry::Call(_, _, instances))) => instances.values().all(Value::is_wholly_known),
        (Role::Expansion, Some(Entry::Resource(entry))) => entry.each.values().all(Value::is_wholly_known),
        (Role::Instance(_), _) if matches!(&world.blocks.graph[node.block], Block::Resource(r) if r.mode == Mode::Ephemeral) => {
            return Work::Open;
        }
        _ => true,
    };
    if known && !node.pending { Work::Pass } else { Work::Evaluate }
}

fn item_work(i: usize, item: &Item) -> Work {
    match item.change.action {
        Action::Create | Action::Replace(_) => Work::Create(i),
        Action::Update => Work::Update(i),
        Action::Read => Work::Read(i),
        // What there is to be done is found out once its provider can be asked.
        Action::NoOp if item.login != Login::Known => Work::Update(i),
        Action::NoOp if item.pending_checks => Work::Check(i),
        Action::NoOp | Action::Delete | Action::Forget => Work::Pass,
    }
}

/// Counts and weighs; `None` when the steps wait for each other in a circle.
fn finish(graph: &DiGraph<Work, ()>, items: &[Item], durations: &Durations) -> Option<StepGraph> {
    let number = |n: NodeIndex| StepId::try_from(n.index()).unwrap_or(StepId::MAX);
    let sorted: Vec<StepId> = petgraph::algo::toposort(graph, None).ok()?.into_iter().map(number).collect();
    let work: Vec<Work> = graph.node_weights().copied().collect();
    let dependents = graph.node_indices().map(|step| graph.neighbors(step).map(number)).collect();
    let (mut expected, mut guessed) = (vec![0; work.len()], BTreeSet::new());
    for (step, work) in (0..).zip(&work) {
        let (duration, is_guess) = length(*work, items, durations);
        expected[step as usize] = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX / 4);
        if is_guess {
            guessed.insert(step);
        }
    }
    let passes = work.iter().map(|w| *w == Work::Pass).collect();
    Some(StepGraph { work, order: Arc::new(Order::new(dependents, passes, expected, &sorted)), guessed })
}

/// What a `time_sleep` says itself of how long it takes.
fn stated(item: &Item, kind: Kind) -> Option<Duration> {
    let (object, attribute) = match kind {
        Kind::Create => (&item.change.after, "create_duration"),
        Kind::Delete => (&item.change.before, "destroy_duration"),
        Kind::Update | Kind::Read => return None,
    };
    let object = object.as_ref().filter(|_| &*item.change.addr.type_name == "time_sleep")?;
    let text = object.get(attribute)?.unmark_deep().0;
    text.as_str().map_or(Some(Duration::ZERO), |text| levee_model::duration::parse(text).ok())
}

/// How long a step is expected to take, and whether that is a guess.
fn length(work: Work, items: &[Item], durations: &Durations) -> (Duration, bool) {
    let (i, kind) = match work {
        Work::Create(i) => (i, Kind::Create),
        Work::Update(i) => (i, Kind::Update),
        Work::Delete(i) => (i, Kind::Delete),
        Work::Read(i) => (i, Kind::Read),
        Work::Pass | Work::Evaluate | Work::Open | Work::Check(_) => return (Duration::ZERO, false),
    };
    if let Some(stated) = stated(&items[i], kind) {
        return (stated.max(Duration::from_micros(1)), false);
    }
    let instant = items[i].resource.as_ref().is_some_and(|r| r.effects() == Effects::StateOnly);
    let expected = durations.expected(&items[i].change.addr.type_name, kind, instant);
    (expected.duration.max(Duration::from_micros(1)), expected.guessed)
}

#[cfg(test)]
mod tests;
