//! From references to edges.

use super::block::{Block, provider_at, provider_of};
use crate::config::{Config, Import, Module, Reference, Resource, Subject, TraversalStep};
use hashbrown::HashTable;
use levee_model::{Mode, ModulePath, ProviderAddr, ResourceAddr};
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;

/// A node of the graph.
pub type BlockId = NodeIndex<u32>;

/// The graph. Edges run from what is needed to what needs it.
#[derive(Debug, Default)]
pub struct BlockGraph {
    /// Nodes in order of their blocks, so that ids are the same for the same configuration.
    pub graph: DiGraph<Block, ()>,
    /// By the hashes of their blocks, which the graph has.
    ids: HashTable<BlockId>,
    /// By block; none for what is no resource.
    declared: Vec<Option<Arc<ResourceBlock>>>,
    /// Blocks that name themselves.
    to_themselves: BTreeSet<BlockId>,
}

/// A resource block with the provider configuration that it uses.
#[derive(Clone, Debug)]
pub struct ResourceBlock {
    /// The block.
    pub resource: Arc<Resource>,
    /// The provider configuration.
    pub provider: ProviderAddr,
    /// Where that provider comes from, the default registry left out.
    pub source: Arc<str>,
}

/// What is known of resources otherwise than from their blocks.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The provider configuration of each, and where that provider comes from.
    pub providers: BTreeMap<ResourceAddr, (ProviderAddr, Arc<str>)>,
    /// What each depends on, without circles.
    pub needs: BTreeMap<ResourceAddr, Vec<ResourceAddr>>,
}

impl BlockGraph {
    /// The graph of all blocks of a configuration.
    pub fn new(config: &Config) -> Self {
        Self::with(config, &Known::default())
    }

    /// The same, where more is known than the blocks say.
    pub fn with(config: &Config, known: &Known) -> Self {
        let mut blocks = Vec::new();
        for (path, module) in &config.modules {
            declare(config, path, module, known, &mut blocks);
        }
        // Stable, since most are in order already: of such rows it makes use.
        blocks.sort_by(|(a, _), (b, _)| a.cmp(b));
        blocks.dedup_by(|(a, _), (b, _)| a == b);
        let graph = DiGraph::with_capacity(blocks.len(), 2 * blocks.len());
        let (ids, declared) = (HashTable::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        let mut built = Self { graph, ids, declared, to_themselves: BTreeSet::new() };
        for (block, declared) in blocks {
            let (hash, id) = (hash_of(&block), built.graph.add_node(block));
            let graph = &built.graph;
            built.ids.insert_unique(hash, id, |id| hash_of(&graph[*id]));
            built.declared.push(declared.map(Arc::new));
        }
        let imports = imports_by_resource(config);
        let mut needed = Vec::new();
        for id in built.graph.node_indices() {
            let declared = built.declared[id.index()].as_deref();
            let mut names_itself = false;
            needs(config, &built.graph[id], declared, &imports, &mut |block| match built.id(&block) {
                // What refers to itself is told where it is evaluated; nothing waits for itself.
                Some(from) if from == id => names_itself = true,
                from => needed.extend(from),
            });
            if let Block::Resource(addr) = &built.graph[id] {
                let more = known.needs.get(addr).into_iter().flatten();
                needed.extend(more.filter_map(|on| built.resource(on)));
            }
            if names_itself {
                built.to_themselves.insert(id);
            }
            needed.sort_unstable();
            needed.dedup();
            for from in needed.drain(..) {
                built.graph.add_edge(from, id, ());
            }
        }
        built
    }

    /// The node of a block.
    pub fn id(&self, block: &Block) -> Option<BlockId> {
        self.ids.find(hash_of(block), |id| self.graph[*id] == *block).copied()
    }

    /// Whether something in a block names the block.
    pub fn names_itself(&self, id: BlockId) -> bool {
        self.to_themselves.contains(&id)
    }

    /// What a resource block declares; none for other blocks.
    pub fn declared(&self, id: BlockId) -> Option<&Arc<ResourceBlock>> {
        self.declared[id.index()].as_ref()
    }

    /// What the block of a resource declares, if there is one.
    pub fn resource_block(&self, addr: &ResourceAddr) -> Option<&Arc<ResourceBlock>> {
        self.declared(self.resource(addr)?)
    }

    /// The node of a resource.
    pub fn resource(&self, addr: &ResourceAddr) -> Option<BlockId> {
        self.resource_named(&addr.module, addr.mode, &addr.type_name, &addr.name)
    }

    /// The node of the resource that has this address.
    pub fn resource_named(&self, module: &ModulePath, mode: Mode, type_name: &Arc<str>, name: &Arc<str>) -> Option<BlockId> {
        let is_meant = |addr: &ResourceAddr| (&addr.name, &addr.type_name, addr.mode, &addr.module) == (name, type_name, mode, module);
        let is_it = |id: &BlockId| matches!(&self.graph[*id], Block::Resource(addr) if is_meant(addr));
        self.ids.find(hash_of_resource(module, mode, type_name, name), is_it).copied()
    }
}

fn hash_of(block: &Block) -> u64 {
    match block {
        Block::Resource(addr) => hash_of_resource(&addr.module, addr.mode, &addr.type_name, &addr.name),
        other => FxBuildHasher.hash_one(other),
    }
}

fn hash_of_resource(module: &ModulePath, mode: Mode, type_name: &str, name: &str) -> u64 {
    FxBuildHasher.hash_one((module, mode, type_name, name))
}

fn declare(config: &Config, path: &ModulePath, module: &Module, known: &Known, blocks: &mut Vec<(Block, Option<ResourceBlock>)>) {
    let mut add = |block| blocks.push((block, None));
    add(Block::Close(path.clone()));
    if !path.is_root() {
        add(Block::Call(path.clone()));
    }
    module.variables.keys().for_each(|n| add(Block::Variable(path.clone(), n.clone())));
    module.locals.keys().for_each(|n| add(Block::Local(path.clone(), n.clone())));
    module.outputs.keys().for_each(|n| add(Block::Output(path.clone(), n.clone())));
    module.checks.keys().for_each(|n| add(Block::Check(path.clone(), n.clone())));
    for block in &module.providers {
        add(Block::Provider(provider_at(config, path, block.name.clone(), block.alias.clone())));
    }
    let mut used: BTreeMap<(&str, Option<&str>), (ProviderAddr, Arc<str>)> = BTreeMap::new();
    for resource in module.resources.values() {
        let addr =
            ResourceAddr { module: path.clone(), mode: resource.mode, type_name: resource.type_name.clone(), name: resource.name.clone() };
        if let Some((provider, source)) = known.providers.get(&addr).cloned() {
            blocks.push((Block::Provider(provider.clone()), None));
            blocks.push((Block::Resource(addr), Some(ResourceBlock { resource: resource.clone(), provider, source })));
            continue;
        }
        // Which one it is takes a walk up the calls, and most resources of a module use the same few.
        let key = (resource.provider_name(), resource.provider.as_ref().and_then(|p| p.alias.as_deref()));
        let (provider, source) = used.entry(key).or_insert_with(|| {
            let provider = provider_of(config, path, resource);
            blocks.push((Block::Provider(provider.clone()), None));
            let source = Arc::from(config.source_of(&provider.module, &provider.name));
            (provider, source)
        });
        let declared = ResourceBlock { resource: resource.clone(), provider: provider.clone(), source: source.clone() };
        blocks.push((Block::Resource(addr), Some(declared)));
    }
}

/// Tells `need` every block that `block` needs.
fn needs(config: &Config, block: &Block, declared: Option<&ResourceBlock>, imports: &Imports<'_>, need: &mut dyn FnMut(Block)) {
    let home = block.module();
    let Some(module) = config.modules.get(&home) else { return };
    if !home.is_root() && !matches!(block, Block::Call(_)) {
        need(Block::Call(home.clone()));
    }
    let mut refs: Vec<&Reference> = Vec::new();
    match block {
        Block::Call(path) => call_needs(config, path, &mut refs, need),
        Block::Variable(path, name) => variable_needs(config, path, name, need),
        Block::Local(_, name) => refs.extend(module.locals.get(name).into_iter().flat_map(|l| l.expr.references())),
        Block::Output(_, name) => {
            if let Some(output) = module.outputs.get(name) {
                refs.extend(output.expr.references());
                refs.extend(&output.depends_on);
                let conditions = output.preconditions.iter().flat_map(|c| [&c.condition, &c.error_message]);
                refs.extend(conditions.flat_map(crate::config::Expr::references));
            }
        }
        Block::Check(path, name) => {
            if let Some(check) = module.checks.get(name) {
                let conditions = check.asserts.iter().flat_map(|c| [&c.condition, &c.error_message]);
                refs.extend(conditions.flat_map(crate::config::Expr::references));
                if let Some((type_name, name)) = check.data.clone() {
                    need(Block::Resource(ResourceAddr { module: path.clone(), mode: Mode::Data, type_name, name }));
                }
            }
        }
        Block::Provider(addr) => {
            let block = module.providers.iter().find(|b| b.name == addr.name && b.alias == addr.alias);
            refs.extend(block.into_iter().flat_map(|b| b.body.references()));
        }
        Block::Resource(addr) => {
            if let Some(ResourceBlock { resource, provider, .. }) = declared {
                need(Block::Provider(provider.clone()));
                refs.extend(resource.references());
                refs.extend(&resource.depends_on);
            }
            import_needs(imports.get(addr).into_iter().flatten(), need);
        }
        Block::Close(path) => close_needs(module, path, need),
    }
    for reference in refs {
        reference_needs(&home, reference, need);
    }
}

/// Import blocks by the resource that they are for.
type Imports<'a> = BTreeMap<&'a ResourceAddr, Vec<&'a Import>>;

fn imports_by_resource(config: &Config) -> Imports<'_> {
    let mut out = Imports::new();
    let all = config.modules.get(&ModulePath::root()).into_iter().flat_map(|m| &m.imports);
    all.for_each(|import| out.entry(&import.resource).or_default().push(import));
    out
}

/// What is imported into a resource is named in the root module's terms.
fn import_needs<'a>(imports: impl Iterator<Item = &'a &'a Import>, need: &mut dyn FnMut(Block)) {
    let root = ModulePath::root();
    for expr in imports.flat_map(|i| i.for_each.iter().chain([&i.id])) {
        expr.references().into_iter().for_each(|r| reference_needs(&root, r, need));
    }
}

fn call_needs<'a>(config: &'a Config, path: &ModulePath, refs: &mut Vec<&'a Reference>, need: &mut dyn FnMut(Block)) {
    let Some((parent, name)) = path.split_last() else { return };
    if !parent.is_root() {
        need(Block::Call(parent.clone()));
    }
    let Some(call) = config.modules.get(&parent).and_then(|m| m.calls.get(&name)) else { return };
    for expr in call.count.iter().chain(&call.for_each) {
        refs.extend(expr.references());
    }
    refs.extend(&call.depends_on);
}

/// A called module's variable needs what the call says, in the caller's terms; its validations speak in its own.
fn variable_needs(config: &Config, path: &ModulePath, name: &Arc<str>, need: &mut dyn FnMut(Block)) {
    if let Some(variable) = config.modules.get(path).and_then(|m| m.variables.get(name)) {
        let conditions = variable.validations.iter().flat_map(|c| [&c.condition, &c.error_message]);
        for reference in conditions.flat_map(crate::config::Expr::references) {
            if reference.subject != Subject::Variable(name.clone()) {
                reference_needs(path, reference, need);
            }
        }
    }
    let Some((parent, call)) = path.split_last() else { return };
    let call = config.modules.get(&parent).and_then(|m| m.calls.get(&call));
    for reference in call.and_then(|c| c.arguments.attribute(name)).into_iter().flat_map(|a| a.expr.references()) {
        reference_needs(&parent, reference, need);
    }
}

fn close_needs(module: &Module, path: &ModulePath, need: &mut dyn FnMut(Block)) {
    for (mode, type_name, name) in module.resources.keys() {
        let (mode, type_name, name) = (*mode, type_name.clone(), name.clone());
        need(Block::Resource(ResourceAddr { module: path.clone(), mode, type_name, name }));
    }
    module.outputs.keys().for_each(|n| need(Block::Output(path.clone(), n.clone())));
    module.calls.keys().for_each(|n| need(Block::Close(path.child(n))));
}

/// What a reference that stands in module `home` needs.
pub fn reference_needs(home: &ModulePath, reference: &Reference, need: &mut dyn FnMut(Block)) {
    match &reference.subject {
        Subject::Variable(name) => need(Block::Variable(home.clone(), name.clone())),
        Subject::Local(name) => need(Block::Local(home.clone(), name.clone())),
        Subject::Resource { mode, type_name, name } => {
            need(Block::Resource(ResourceAddr { module: home.clone(), mode: *mode, type_name: type_name.clone(), name: name.clone() }));
        }
        Subject::Module(name) => {
            let child = home.child(name);
            // The output may stand behind an index: module.net["a"].vpc_id.
            let output = reference.steps.iter().find_map(|s| match s {
                TraversalStep::Attr { name, .. } => Some(name),
                TraversalStep::Index { .. } => None,
            });
            match output {
                Some(output) => {
                    need(Block::Output(child.clone(), output.clone()));
                    need(Block::Call(child));
                }
                None => need(Block::Close(child)),
            }
        }
        Subject::Each | Subject::Count | Subject::Path | Subject::Terraform | Subject::SelfObject | Subject::Bound { .. } => {}
    }
}
