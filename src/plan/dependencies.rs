//! What an object depends on, as the state remembers it.

use super::values::{Node, NodeId, Role, World};
use crate::graph::Block;
use levee_model::{Mode as ResourceMode, ResourceAddr};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands behind nodes that many may need.
pub type Memo = BTreeMap<NodeId, Arc<BTreeSet<ResourceAddr>>>;

/// The managed resources and data sources that a node's evaluation read, directly or through plain values. What a data
/// source depends on counts too: it cannot be put in order itself, since nothing is done to it.
pub fn dependencies(world: &World, node: NodeId, memo: &mut Memo) -> Vec<ResourceAddr> {
    let own = match &world.blocks.graph[world.node(node).block] {
        Block::Resource(addr) => Some(addr),
        _ => None,
    };
    let mut out = SmallVec::<[ResourceAddr; 4]>::new();
    let mut add = |need: NodeId| match object_of(world, need) {
        Some(addr) => out.push(addr.clone()),
        None => out.extend(behind(world, need, memo).iter().cloned()),
    };
    for need in &world.node(node).needs {
        // Nothing but the instances asks for an expansion, and mostly there is one: it is not worth remembering.
        match &world.node(*need) {
            Node { role: Role::Expansion, needs, .. } => needs.iter().copied().for_each(&mut add),
            _ => add(*need),
        }
    }
    out.retain(|a| Some(&*a) != own);
    out.sort_unstable();
    out.dedup();
    // Collected, one would have room for four.
    let mut exact = Vec::with_capacity(out.len());
    exact.extend(out);
    exact
}

/// The managed resource that a node is an object of, or all of them.
fn object_of(world: &World, node: NodeId) -> Option<&ResourceAddr> {
    let node = world.node(node);
    match (&node.role, &world.blocks.graph[node.block]) {
        // What stands behind a resource without instances is not to be found through any object of it.
        (Role::Instance(_) | Role::Group, Block::Resource(addr)) if addr.mode == ResourceMode::Managed && !is_empty(world, node) => {
            Some(addr)
        }
        _ => None,
    }
}

fn behind(world: &World, node: NodeId, memo: &mut Memo) -> Arc<BTreeSet<ResourceAddr>> {
    if let Some(known) = memo.get(&node) {
        return known.clone();
    }
    let at = world.node(node);
    let mut found = BTreeSet::new();
    match object_of(world, node) {
        Some(addr) => drop(found.insert(addr.clone())),
        None => {
            for need in &at.needs {
                found.extend(behind(world, *need, memo).iter().cloned());
            }
            if let (Role::Instance(_) | Role::Group, Block::Resource(addr)) = (&at.role, &world.blocks.graph[at.block]) {
                found.insert(addr.clone());
            }
        }
    }
    let found = Arc::new(found);
    memo.insert(node, found.clone());
    found
}

fn is_empty(world: &World, node: &Node) -> bool {
    node.role == Role::Group && world.resource(node.block, node.module).is_some_and(|r| r.instances.is_empty())
}
