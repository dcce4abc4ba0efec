//! Which blocks a set of targets needs: they themselves, and everything they depend on.

use super::block::Block;
use super::build::{BlockGraph, BlockId};
use levee_model::{InstanceAddr, ModuleInstance};
use petgraph::Direction;
use std::collections::BTreeSet;

/// One `-target`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module with everything in it.
    Module(ModuleInstance),
    /// A resource, or one instance of it.
    Resource(InstanceAddr),
}

impl Target {
    /// Reads an address as it is typed; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse::<ModuleInstance>() {
            Ok(module) => Some(Self::Module(module)),
            Err(_) => text.parse().ok().map(Self::Resource),
        }
    }

    /// Whether it means this instance. A target without a key means every instance.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Module(module) => covers_module(module, &addr.module),
            Self::Resource(target) => {
                (target.mode, &target.type_name, &target.name) == (addr.mode, &addr.type_name, &addr.name)
                    && target.module.0.len() == addr.module.0.len()
                    && covers_module(&target.module, &addr.module)
                    && covers_key(&target.key, &addr.key)
            }
        }
    }

    fn means(&self, block: &Block) -> bool {
        match (self, block) {
            (Self::Module(module), Block::Resource(r)) => r.module.0.starts_with(&module.path().0),
            (Self::Module(module), Block::Output(m, _)) => m.0.starts_with(&module.path().0),
            (Self::Resource(target), Block::Resource(r)) => target.resource() == *r,
            _ => false,
        }
    }
}

fn covers_key(target: &levee_model::InstanceKey, key: &levee_model::InstanceKey) -> bool {
    *target == levee_model::InstanceKey::None || target == key
}

fn covers_module(target: &ModuleInstance, module: &ModuleInstance) -> bool {
    target.0.len() <= module.0.len()
        && target.0.iter().zip(module.0.iter()).all(|(t, m)| t.name == m.name && covers_key(&t.key, &m.key))
}

/// The blocks that the targets name, and all that these need. Outputs of the root module are in when all they need is.
pub fn closure(graph: &BlockGraph, targets: &[Target]) -> BTreeSet<BlockId> {
    let named = graph.graph.node_indices().filter(|id| targets.iter().any(|t| t.means(&graph.graph[*id])));
    let mut inside = BTreeSet::new();
    let mut stack: Vec<BlockId> = named.collect();
    while let Some(id) = stack.pop() {
        if inside.insert(id) {
            stack.extend(graph.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    let outputs: Vec<BlockId> = graph
        .graph
        .node_indices()
        .filter(|id| matches!(&graph.graph[*id], Block::Output(m, _) if m.is_root()))
        .filter(|id| graph.graph.neighbors_directed(*id, Direction::Incoming).all(|n| inside.contains(&n)))
        .collect();
    inside.extend(outputs);
    inside
}
