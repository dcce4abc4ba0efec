//! The provider configurations of a plan: what they need, and logging in to those that the state suffices for before
//! anything is planned.

use super::compile::{Source, new_walk};
use super::ephemeral::close;
use super::evaluate;
use super::pool::{Pool, parse_provider};
use super::scope::Repeated;
use super::walk::{Pass, Walk, no_span};
use crate::graph::target::Selection;
use crate::graph::{Block, BlockGraph, BlockId};
use levee_model::{Mode, ModulePath, ProviderAddr, ResourceAddr};
use petgraph::Direction;
use std::collections::{BTreeMap, BTreeSet};

/// Logs in to the providers whose configuration can be found from what the state knows, before anything is planned.
/// Mistakes found on the way are left to the walk proper, which finds them again.
pub async fn log_in(source: &Source, create_first: &BTreeSet<BlockId>) -> Pool {
    let whole = Selection::default();
    let mut walk = new_walk(source, Pass::Priors, Pool::default(), &whole, create_first);
    walk.run(Some(&provider_needs(&source.blocks))).await;
    log_in_unwritten(&mut walk).await;
    // Failures are the walk proper's to tell.
    drop(close(std::mem::take(&mut walk.opened)).await);
    walk.pool
}

/// The provider configurations and all that they need.
pub fn provider_needs(blocks: &BlockGraph) -> BTreeSet<BlockId> {
    behind(blocks, blocks.graph.node_indices().filter(|id| matches!(blocks.graph[*id], Block::Provider(_))))
}

/// What a plan from images visits: what objects and outputs are, and all that their providers need. Nothing else that the
/// configuration says plays a part.
pub fn image_needs(blocks: &BlockGraph) -> BTreeSet<BlockId> {
    let is_root = |block: &Block| matches!(block, Block::Output(path, _) if path.is_root());
    let is_object = |block: &Block| matches!(block, Block::Resource(addr) if addr.mode == Mode::Managed);
    let named = blocks.graph.node_indices().filter(|id| is_root(&blocks.graph[*id]) || is_object(&blocks.graph[*id]));
    provider_needs(blocks).into_iter().chain(behind(blocks, named)).collect()
}

/// The provider configurations that need managed resources or data sources: what the state says of those may be out of date.
pub fn on_resources(blocks: &BlockGraph) -> BTreeSet<ProviderAddr> {
    let is_resource = |id: &BlockId| matches!(&blocks.graph[*id], Block::Resource(addr) if addr.mode != Mode::Ephemeral);
    providers(blocks).filter(|(id, _)| behind(blocks, [*id]).iter().any(is_resource)).map(|(_, addr)| addr.clone()).collect()
}

/// The managed resources that each provider configuration names, itself or by way of what has no object: a provider of Kubernetes
/// names its cluster.
pub fn foundations(blocks: &BlockGraph) -> BTreeMap<ProviderAddr, BTreeSet<ResourceAddr>> {
    let managed = |id: BlockId| match &blocks.graph[id] {
        Block::Resource(addr) if addr.mode == Mode::Managed => Some(addr.clone()),
        _ => None,
    };
    let named = |provider: BlockId| {
        let (mut out, mut seen, mut stack) = (BTreeSet::new(), BTreeSet::new(), vec![provider]);
        while let Some(id) = stack.pop() {
            match managed(id) {
                Some(addr) => drop(out.insert(addr)),
                None if seen.insert(id) => stack.extend(blocks.graph.neighbors_directed(id, Direction::Incoming)),
                None => {}
            }
        }
        out
    };
    providers(blocks).map(|(id, addr)| (addr.clone(), named(id))).collect()
}

fn providers(blocks: &BlockGraph) -> impl Iterator<Item = (BlockId, &ProviderAddr)> {
    blocks.graph.node_indices().filter_map(|id| match &blocks.graph[id] {
        Block::Provider(addr) => Some((id, addr)),
        _ => None,
    })
}

/// Blocks, and all that they need.
fn behind(blocks: &BlockGraph, of: impl IntoIterator<Item = BlockId>) -> BTreeSet<BlockId> {
    let mut needed = BTreeSet::new();
    let mut stack: Vec<BlockId> = of.into_iter().collect();
    while let Some(id) = stack.pop() {
        if needed.insert(id) {
            stack.extend(blocks.graph.neighbors_directed(id, Direction::Incoming));
        }
    }
    needed
}

/// Objects may be all that is left of a provider's resources: the root module's configuration without an alias is then as
/// if written without arguments. Others were written once, and nobody can tell any more what they said.
async fn log_in_unwritten(walk: &mut Walk<'_>) {
    let Some(root) = walk.world.instances_of(&ModulePath::root()).first().copied() else { return };
    let mut left = BTreeMap::new();
    let mut rows: Vec<_> = walk.objects.all.values().map(|prior| &prior.row).collect();
    // Most have the provider of the row before.
    rows.dedup_by(|a, b| (&a.provider, &a.provider_source) == (&b.provider, &b.provider_source));
    for row in rows {
        let Some(named) = parse_provider(&row.provider) else { continue };
        let declared = walk.world.blocks.id(&Block::Provider(named.clone())).is_some();
        if !declared && named.module.is_root() && named.alias.is_none() {
            left.entry(named).or_insert_with(|| row.provider_source.clone());
        }
    }
    for (addr, source) in left {
        let Some(provider) = walk.registry.get(&source) else { continue };
        let empty = crate::config::Body::empty(no_span());
        let found = evaluate::body(&walk.world, root, Repeated::default(), &empty, &provider.types().block().block);
        if found.diagnostics.has_errors() {
            continue;
        }
        if let Ok(configured) = provider.configure(found.value.clone()).await {
            walk.pool.put(addr, found.value, configured);
        }
    }
}
