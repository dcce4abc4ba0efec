//! Which blocks a set of targets needs: they themselves, and everything they depend on.

use super::block::Block;
use super::build::{BlockGraph, BlockId};
use levee_model::{InstanceAddr, Target};
use petgraph::Direction;
use std::collections::BTreeSet;

/// Whether a target means a block, or something in it.
fn means(target: &Target, block: &Block) -> bool {
    match (target, block) {
        (Target::Module(module), Block::Resource(r)) => r.module.0.starts_with(&module.path().0),
        (Target::Module(module), Block::Output(m, _)) => m.0.starts_with(&module.path().0),
        (Target::Resource(target), Block::Resource(r)) => target.resource() == *r,
        _ => false,
    }
}

/// What `-target` leaves of a configuration. Without targets it is everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    targets: Vec<Target>,
    /// The blocks that the targets name, and all that these need.
    needed: BTreeSet<BlockId>,
    /// Those, and the outputs of the root module that tell of them alone.
    blocks: BTreeSet<BlockId>,
}

impl Selection {
    /// What the targets name, and all that it needs.
    pub fn new(graph: &BlockGraph, targets: Vec<Target>) -> Self {
        let named = graph.graph.node_indices().filter(|id| targets.iter().any(|t| means(t, &graph.graph[*id])));
        let needed = with_needs(graph, named.collect());
        let mut blocks = needed.clone();
        for id in graph.graph.node_indices().filter(|id| matches!(&graph.graph[*id], Block::Output(m, _) if m.is_root())) {
            let behind = with_needs(graph, vec![id]);
            let mut resources = behind.iter().filter(|b| matches!(graph.graph[**b], Block::Resource(_))).peekable();
            if resources.peek().is_some() && resources.all(|r| needed.contains(r)) {
                blocks.extend(behind);
            }
        }
        Self { targets, needed, blocks }
    }

    /// Whether nothing is left out.
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty()
    }

    /// The blocks that are in; `None` for all.
    pub fn blocks(&self) -> Option<&BTreeSet<BlockId>> {
        (!self.is_whole()).then_some(&self.blocks)
    }

    /// Whether a target names this instance. Without targets none does.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        self.targets.iter().any(|t| t.covers(addr))
    }

    /// Whether an instance is in: a target covers it, or something that is in needs its block.
    pub fn lets_through(&self, graph: &BlockGraph, addr: &InstanceAddr) -> bool {
        if self.is_whole() || self.covers(addr) {
            return true;
        }
        let Some(id) = graph.resource(&addr.resource()).filter(|id| self.needed.contains(id)) else { return false };
        let naming: Vec<&Target> = self.targets.iter().filter(|t| means(t, &graph.graph[id])).collect();
        naming.is_empty() || self.is_needed_elsewhere(graph, id, &naming)
    }

    /// Whether what is in needs a block whose other instances the targets name. Blocks beside it in a module of which
    /// other instances are named are left out with it.
    fn is_needed_elsewhere(&self, graph: &BlockGraph, id: BlockId, naming: &[&Target]) -> bool {
        let beside = |block: &Block| naming.iter().all(|t| matches!(t, Target::Module(m) if block.module().0.starts_with(&m.path().0)));
        let mut dependents = graph.graph.neighbors_directed(id, Direction::Outgoing).filter(|n| self.needed.contains(n));
        dependents.any(|n| !matches!(graph.graph[n], Block::Close(_)) && !beside(&graph.graph[n]))
    }
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
