//! Everything that has been evaluated: the values of variables, locals, instances and outputs in every module instance,
//! and which of them were read to find each of them.
//!
//! A [`Node`] is one such value. Its `needs` are what its evaluation really read, so that `a[0].id` needs instance 0
//! alone, and a reference to a whole resource needs one group node: edges stay linear in what is written.

use super::images::Images;
use super::small_map::SmallMap;
use crate::config::Config;
use crate::graph::{Block, BlockGraph, BlockId};
use crate::providers::Registry;
use levee_model::{InstanceAddr, InstanceKey, ModuleInstance, ModulePath, Type, Value};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// One evaluated thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// What something needs; most needs little.
pub type Needs = SmallVec<[NodeId; 4]>;

/// One instance of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// Some instances of a module; mostly it has one.
pub type Modules = SmallVec<[ModuleId; 4]>;

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The value of a variable, a local, an output, a provider configuration, a module call or a close.
    Value,
    /// Which instances a resource has; also waits for its `depends_on`.
    Expansion,
    /// One instance of a resource.
    Instance(InstanceKey),
    /// All instances of a resource together.
    Group,
}

/// One evaluated thing and what its evaluation read.
#[derive(Clone, Debug)]
pub struct Node {
    /// The block it belongs to.
    pub block: BlockId,
    /// The module instance it stands in.
    pub module: ModuleId,
    /// What it is.
    pub role: Role,
    /// What it needs, sorted, without duplicates.
    pub needs: Needs,
    /// Whether conditions of it could not be checked yet.
    pub pending: bool,
}

/// Whether a block is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`
    Count,
    /// `for_each`
    ForEach,
}

/// Instances of a block or a called module, and what `each.value` is in each.
pub type Instances = SmallMap<InstanceKey, Value>;

/// What is known of one block in one module instance.
#[derive(Debug)]
pub enum Entry {
    /// A value.
    Value(NodeId, Value),
    /// The instances of a called module, and what `each.value` is in each.
    Call(NodeId, Shape, Instances),
    /// A resource.
    Resource(ResourceEntry),
}

/// What is known of one resource in one module instance.
#[derive(Debug)]
pub struct ResourceEntry {
    /// The node of its expansion.
    pub expansion: NodeId,
    /// The node of all its instances together.
    pub group: NodeId,
    /// Whether it is repeated.
    pub shape: Shape,
    /// Its instances.
    pub instances: SmallMap<InstanceKey, (NodeId, Value)>,
    /// What `each.value` is, by instance.
    pub each: Instances,
    /// Boxed because most are not repeated, and their one instance is the whole.
    whole: OnceCell<Box<Value>>,
}

impl ResourceEntry {
    /// A resource without instances yet.
    pub fn new(expansion: NodeId, group: NodeId, shape: Shape) -> Self {
        let (instances, each) = (SmallMap::new(), Instances::new());
        Self { expansion, group, shape, instances, each, whole: OnceCell::new() }
    }

    /// What a reference to the whole resource yields: the object, a tuple, or an object of objects.
    pub fn whole(&self) -> Value {
        let instances = || together(self.shape, self.instances.iter().map(|(k, (_, v))| (k, v.clone())));
        if self.shape == Shape::Single { instances() } else { self.whole.get_or_init(|| Box::new(instances())).as_ref().clone() }
    }

    /// Sets the value of an instance.
    pub fn set(&mut self, key: InstanceKey, node: NodeId, value: Value) {
        self.whole.take();
        self.instances.insert(key, (node, value));
    }
}

/// Whether a key stands for instances that are not known: a repeated block has no instance without a key.
pub fn stands_for_unknown(shape: Shape, key: &InstanceKey) -> bool {
    shape != Shape::Single && *key == InstanceKey::None
}

/// Instances together, as references to the whole see them.
pub fn together<'a>(shape: Shape, instances: impl Iterator<Item = (&'a InstanceKey, Value)>) -> Value {
    let mut instances = instances.peekable();
    if instances.peek().is_some_and(|(key, _)| stands_for_unknown(shape, key)) {
        return Value::unknown(Type::Dynamic);
    }
    match shape {
        Shape::Single => instances.map(|(_, v)| v).next().unwrap_or_else(|| Value::unknown(Type::Dynamic)),
        Shape::Count => Value::tuple(instances.map(|(_, v)| v).collect::<Vec<_>>()),
        Shape::ForEach => Value::object(
            instances
                .filter_map(|(k, v)| match k {
                    InstanceKey::Str(s) => Some((s.clone(), v)),
                    InstanceKey::None | InstanceKey::Int(_) => None,
                })
                .collect(),
        ),
    }
}

/// What expressions may ask of where the program runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Surroundings {
    /// Name of the workspace, for `terraform.workspace`.
    pub workspace: Arc<str>,
    /// The directory that the program was started in, for `path.cwd`.
    pub cwd: PathBuf,
}

/// All that has been evaluated.
pub struct World {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its blocks.
    pub blocks: Arc<BlockGraph>,
    /// What functions are told about where they run.
    pub functions: crate::eval::functions::Context<'static>,
    /// What expressions may ask of where the program runs.
    pub surroundings: Surroundings,
    /// Whether steps are being carried out, for `terraform.applying`.
    pub applying: bool,
    /// Checks whose own data source could not be read, and why: their assertions are not looked at.
    pub failed_checks: BTreeMap<(ModuleId, Arc<str>), String>,
    /// What objects are to be, where that is not what a configuration says.
    pub images: Option<Arc<Images>>,
    /// Providers, whose schemas say what references may name.
    pub registry: &'static Registry,
    /// Whether names are held against declarations and schemas before anything is evaluated.
    pub checking: bool,
    /// Whether everything is as unknown as declarations leave it, whatever was evaluated.
    pub declared_only: bool,
    /// Whether instances may be missing, as when the state alone tells what there is. They are unknown then, no mistake.
    pub partial: bool,
    nodes: Vec<Node>,
    modules: Vec<ModuleInstance>,
    module_ids: BTreeMap<ModuleInstance, ModuleId>,
    by_path: BTreeMap<ModulePath, Modules>,
    entries: Vec<SmallMap<ModuleId, Box<Entry>>>,
    members: Vec<Vec<NodeId>>,
}

impl World {
    /// Nothing evaluated yet but the root module's existence.
    pub fn new(
        config: Arc<Config>,
        blocks: Arc<BlockGraph>,
        functions: crate::eval::functions::Context<'static>,
        registry: &'static Registry,
    ) -> Self {
        let count = blocks.graph.node_count();
        let entries = std::iter::repeat_with(SmallMap::new).take(count).collect();
        let mut world = Self {
            config,
            blocks,
            functions,
            surroundings: Surroundings::default(),
            applying: false,
            failed_checks: BTreeMap::new(),
            images: None,
            registry,
            checking: false,
            declared_only: false,
            partial: false,
            // A resource that is not repeated has three.
            nodes: Vec::with_capacity(3 * count),
            modules: Vec::new(),
            module_ids: BTreeMap::new(),
            by_path: BTreeMap::new(),
            entries,
            members: Vec::new(),
        };
        world.add_module(ModuleInstance::root());
        world
    }

    /// Registers an instance of a module.
    pub fn add_module(&mut self, instance: ModuleInstance) -> ModuleId {
        let id = ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX));
        self.by_path.entry(instance.path()).or_default().push(id);
        self.module_ids.insert(instance.clone(), id);
        self.modules.push(instance);
        self.members.push(Vec::new());
        id
    }

    /// The id of a module instance.
    pub fn module_id(&self, instance: &ModuleInstance) -> Option<ModuleId> {
        self.module_ids.get(instance).copied()
    }

    /// The module instance of an id.
    pub fn module(&self, id: ModuleId) -> &ModuleInstance {
        &self.modules[id.0 as usize]
    }

    /// The instances of a module block.
    pub fn instances_of(&self, path: &ModulePath) -> Modules {
        self.by_path.get(path).cloned().unwrap_or_default()
    }

    /// Adds a node.
    pub fn add_node(&mut self, block: BlockId, module: ModuleId, role: Role, mut needs: Needs) -> NodeId {
        needs.sort_unstable();
        needs.dedup();
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { block, module, role, needs, pending: false });
        self.members[module.0 as usize].push(id);
        id
    }

    /// The nodes, in the order they were added. What a node needs comes before it, but for groups: they come before
    /// their instances.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Replaces what a node needs.
    pub fn set_needs(&mut self, id: NodeId, mut needs: Needs) {
        needs.sort_unstable();
        needs.dedup();
        self.nodes[id.0 as usize].needs = needs;
    }

    /// Adds to what a node needs.
    pub fn add_needs(&mut self, id: NodeId, more: Needs) {
        let mut needs = std::mem::take(&mut self.nodes[id.0 as usize].needs);
        needs.extend(more.into_iter().filter(|n| *n != id));
        self.set_needs(id, needs);
    }

    /// Notes that conditions of a node could not be checked yet.
    pub fn set_pending(&mut self, id: NodeId) {
        self.nodes[id.0 as usize].pending = true;
    }

    /// The nodes of one module instance so far.
    pub fn members(&self, module: ModuleId) -> &[NodeId] {
        &self.members[module.0 as usize]
    }

    /// What is known of a block in a module instance.
    pub fn entry(&self, block: BlockId, module: ModuleId) -> Option<&Entry> {
        self.entries[block.index()].get(&module).map(|entry| &**entry)
    }

    /// Like [`World::entry`], to change it.
    pub fn entry_mut(&mut self, block: BlockId, module: ModuleId) -> Option<&mut Entry> {
        self.entries[block.index()].get_mut(&module).map(|entry| &mut **entry)
    }

    /// Sets what is known of a block in a module instance.
    pub fn set_entry(&mut self, block: BlockId, module: ModuleId, entry: Entry) {
        self.entries[block.index()].insert(module, Box::new(entry));
    }

    /// The resource entry of a block in a module instance.
    pub fn resource(&self, block: BlockId, module: ModuleId) -> Option<&ResourceEntry> {
        match self.entry(block, module) {
            Some(Entry::Resource(r)) => Some(r),
            _ => None,
        }
    }

    /// Like [`World::resource`], to change it.
    pub fn resource_mut(&mut self, block: BlockId, module: ModuleId) -> Option<&mut ResourceEntry> {
        match self.entry_mut(block, module) {
            Some(Entry::Resource(r)) => Some(r),
            _ => None,
        }
    }

    /// The value of a variable, local, output or provider configuration.
    pub fn value(&self, block: &Block, module: ModuleId) -> Option<(NodeId, &Value)> {
        match self.entry(self.blocks.id(block)?, module) {
            Some(Entry::Value(node, value)) => Some((*node, value)),
            _ => None,
        }
    }

    /// The address of an instance node.
    pub fn address(&self, node: &Node) -> Option<InstanceAddr> {
        let Block::Resource(addr) = &self.blocks.graph[node.block] else { return None };
        match &node.role {
            Role::Instance(key) => Some(addr.instance(self.module(node.module), key.clone())),
            _ => None,
        }
    }

    /// The node of an instance.
    pub fn instance_node(&self, addr: &InstanceAddr) -> Option<NodeId> {
        let block = self.blocks.resource_named(&addr.module.path(), addr.mode, &addr.type_name, &addr.name)?;
        let module = self.module_id(&addr.module)?;
        self.resource(block, module)?.instances.get(&addr.key).map(|(node, _)| *node)
    }
}
