//! Which blocks a set of targets needs: they themselves, and everything they depend on; and which an exclusion leaves out:
//! they themselves, and everything that depends on them.

use super::block::Block;
use super::build::{BlockGraph, BlockId};
use super::choice::Choice;
use levee_model::{InstanceAddr, ResourceAddr};
use petgraph::Direction;
use std::collections::{BTreeMap, BTreeSet};

/// What `-target` and `-exclude` leave of a configuration. Without them it is everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    targets: Vec<Choice>,
    excluded: Vec<Choice>,
    /// The blocks that the targets name, and all that these need.
    needed: BTreeSet<BlockId>,
    /// Those, and the outputs of the root module that tell of them alone.
    blocks: BTreeSet<BlockId>,
    /// Blocks that are excluded or depend on such a one, each with the excluded one.
    out: BTreeMap<BlockId, BlockId>,
}

/// Why something is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// No target names it, and nothing needs it that one names.
    NotNamed,
    /// It is excluded.
    Excluded,
    /// It depends on something that is excluded.
    DependsOn(ResourceAddr),
}

impl Selection {
    /// What the targets name and all that it needs, less what is excluded and all that depends on it.
    pub fn new(graph: &BlockGraph, targets: Vec<Choice>, excluded: Vec<Choice>) -> Self {
        let out = excluded_blocks(graph, &excluded);
        if targets.is_empty() {
            let blocks = graph.graph.node_indices().filter(|id| !out.contains_key(id)).collect();
            return Self { excluded, blocks, out, ..Self::default() };
        }
        // Of a module that is named, its resources are: its outputs and checks are of interest only to who needs them.
        let resources = graph.graph.node_indices().filter(|id| matches!(graph.graph[*id], Block::Resource(_)));
        let named = resources.filter(|id| targets.iter().any(|t| t.means(&graph.graph[*id])));
        let mut needed = with_needs(graph, named.collect());
        needed.retain(|id| !out.contains_key(id));
        let mut blocks = needed.clone();
        for id in graph.graph.node_indices().filter(|id| matches!(&graph.graph[*id], Block::Output(m, _) if m.is_root())) {
            let behind = with_needs(graph, vec![id]);
            let mut resources = behind.iter().filter(|b| matches!(graph.graph[**b], Block::Resource(_))).peekable();
            if resources.peek().is_some() && resources.all(|r| needed.contains(r)) {
                blocks.extend(behind);
            }
        }
        Self { targets, excluded, needed, blocks, out }
    }

    /// Whether nothing is left out.
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty() && self.excluded.is_empty()
    }

    /// The blocks that are in; `None` for all.
    pub fn blocks(&self) -> Option<&BTreeSet<BlockId>> {
        (!self.is_whole()).then_some(&self.blocks)
    }

    /// Whether this instance is named by a target, or there is none; and it is not excluded.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        (self.targets.is_empty() || self.targets.iter().any(|t| t.covers(addr))) && !self.excludes(addr)
    }

    /// Whether this instance is excluded by name.
    pub fn excludes(&self, addr: &InstanceAddr) -> bool {
        self.excluded.iter().any(|e| e.covers(addr))
    }

    /// Whether an instance is in: a target covers it, or something that is in needs its block.
    pub fn lets_through(&self, graph: &BlockGraph, addr: &InstanceAddr) -> bool {
        if self.is_whole() {
            return true;
        }
        let id = graph.resource(&addr.resource());
        if self.excludes(addr) || id.is_some_and(|id| self.out.contains_key(&id)) {
            return false;
        }
        if self.covers(addr) {
            return true;
        }
        let Some(id) = id.filter(|id| self.needed.contains(id)) else { return false };
        let naming: Vec<&Choice> = self.targets.iter().filter(|t| t.means(&graph.graph[id])).collect();
        naming.is_empty() || self.is_needed_elsewhere(graph, id, &naming)
    }

    /// Resources and data sources that are left out whole, and why.
    pub fn left_out(&self, graph: &BlockGraph) -> Vec<(ResourceAddr, LeftOut)> {
        let resource = |id: BlockId| match &graph.graph[id] {
            Block::Resource(addr) => Some(addr.clone()),
            _ => None,
        };
        let why = |id: BlockId| match self.out.get(&id) {
            Some(first) if *first == id => Some(LeftOut::Excluded),
            Some(first) => resource(*first).map(LeftOut::DependsOn),
            None => (!self.is_whole() && !self.blocks.contains(&id)).then_some(LeftOut::NotNamed),
        };
        let all = graph.graph.node_indices().filter_map(|id| Some((resource(id)?, why(id)?)));
        let mut found: Vec<_> = all.collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// Whether what is in needs a block whose other instances the targets name. Blocks beside it in a module of which
    /// other instances are named are left out with it.
    fn is_needed_elsewhere(&self, graph: &BlockGraph, id: BlockId, naming: &[&Choice]) -> bool {
        let beside = |block: &Block| naming.iter().all(|t| t.is_module_of(block));
        let mut dependents = graph.graph.neighbors_directed(id, Direction::Outgoing).filter(|n| self.needed.contains(n));
        dependents.any(|n| !matches!(graph.graph[n], Block::Close(_)) && !beside(&graph.graph[n]))
    }
}

/// The blocks that are excluded, and all that depend on one, each with the one that it is left out for. A block of which only
/// some instances are excluded stays in itself.
fn excluded_blocks(graph: &BlockGraph, excluded: &[Choice]) -> BTreeMap<BlockId, BlockId> {
    let mut out = BTreeMap::new();
    let named: Vec<(BlockId, bool)> = graph
        .graph
        .node_indices()
        .filter(|id| matches!(graph.graph[*id], Block::Resource(_)))
        .filter_map(|id| {
            let naming: Vec<_> = excluded.iter().filter(|e| e.means(&graph.graph[id])).collect();
            (!naming.is_empty()).then(|| (id, naming.iter().all(|e| e.is_partial())))
        })
        .collect();
    out.extend(named.iter().filter(|(_, partial)| !partial).map(|(id, _)| (*id, *id)));
    for (first, _) in named {
        let mut stack: Vec<BlockId> = graph.graph.neighbors_directed(first, Direction::Outgoing).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            if !matches!(graph.graph[id], Block::Close(_)) {
                out.entry(id).or_insert(first);
            }
            stack.extend(graph.graph.neighbors_directed(id, Direction::Outgoing));
        }
    }
    out
}

/// Blocks and all that they need.
pub fn with_needs(graph: &BlockGraph, mut stack: Vec<BlockId>) -> BTreeSet<BlockId> {
    let mut inside = BTreeSet::new();
    while let Some(id) = stack.pop() {
        if inside.insert(id) {
            stack.extend(graph.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    inside
}
