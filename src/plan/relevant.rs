//! Which attributes of resources a plan's changes were worked out from, as the text of the configuration tells: expressions
//! are followed from what changes through variables, locals and outputs to the attributes they end at.

use super::values::{ModuleId, World};
use crate::config::{Body, Config, Expr, Module, Reference, Resource, Subject, Written};
use crate::graph::Block;
use crate::graph::block::resource_of;
use levee_model::{InstanceAddr, ModuleInstance, ModulePath, Path, ResourceAddr, Step};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An attribute of a resource. Without a key it speaks of the resource as a whole, or of its one instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelevantAttribute {
    /// The resource.
    pub resource: InstanceAddr,
    /// Where in it; the root when it is used as a whole.
    pub path: Path,
}

/// Follows the expressions of what changes: objects, and outputs of the root module by name. Outputs of other modules
/// count as new every time, unless they are null.
pub fn relevant_attributes<'a>(
    world: &World,
    objects: impl IntoIterator<Item = &'a InstanceAddr>,
    outputs: impl IntoIterator<Item = &'a Arc<str>>,
) -> BTreeSet<RelevantAttribute> {
    let mut search = Search { config: &world.config, seen: BTreeSet::new(), pending: Vec::new(), found: BTreeSet::new() };
    for addr in objects {
        search.body(&addr.module, &addr.resource());
    }
    let root = ModuleInstance::root();
    for name in outputs {
        search.output(&root, name);
    }
    for (module, name) in inner_outputs(world) {
        search.output(&module, &name);
    }
    search.run();
    search.found
}

/// Outputs of called modules that are not null.
fn inner_outputs(world: &World) -> Vec<(ModuleInstance, Arc<str>)> {
    let mut out = Vec::new();
    for (path, module) in world.config.modules.iter().filter(|(path, _)| !path.is_root()) {
        for name in module.outputs.keys() {
            let block = Block::Output(path.clone(), name.clone());
            let is_null = |id: ModuleId| world.value(&block, id).is_none_or(|(_, v)| v.is_null());
            out.extend(world.instances_of(path).into_iter().filter(|id| !is_null(*id)).map(|id| (world.module(id).clone(), name.clone())));
        }
    }
    out
}

/// A reference in its place. `within` matters to `each` and `count` alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    module: ModuleInstance,
    within: Option<ResourceAddr>,
    written: Written,
}

struct Search<'a> {
    config: &'a Config,
    seen: BTreeSet<Place>,
    pending: Vec<Place>,
    found: BTreeSet<RelevantAttribute>,
}

impl Search<'_> {
    fn module(&self, path: &ModulePath) -> Option<&Arc<Module>> {
        self.config.modules.get(path)
    }

    fn add(&mut self, module: &ModuleInstance, within: Option<&ResourceAddr>, references: &[&Reference]) {
        for reference in references {
            let written = reference.written();
            let repeated = matches!(written.subject, Subject::Each | Subject::Count);
            let place = Place { module: module.clone(), within: within.filter(|_| repeated).cloned(), written };
            if self.seen.insert(place.clone()) {
                self.pending.push(place);
            }
        }
    }

    fn expr(&mut self, module: &ModuleInstance, expr: &Expr) {
        self.add(module, None, &expr.references());
    }

    fn run(&mut self) {
        while let Some(place) = self.pending.pop() {
            let Place { module, within, written } = place;
            match &written.subject {
                Subject::Variable(name) => self.variable(&module, name),
                Subject::Local(name) => {
                    if let Some(local) = self.module(&module.path()).and_then(|m| m.locals.get(name)).cloned() {
                        self.expr(&module, &local.expr);
                    }
                }
                Subject::Module(name) => self.call(&module.child(name, written.key.clone()), written.attribute.as_ref()),
                Subject::Resource { mode, type_name, name } => {
                    let (mode, type_name, name) = (*mode, type_name.clone(), name.clone());
                    self.resource(&module, &ResourceAddr { module: module.path(), mode, type_name, name }, &written);
                }
                Subject::Each | Subject::Count => self.repetition(&module, within.as_ref()),
                Subject::Path | Subject::Terraform | Subject::SelfObject | Subject::Bound { .. } => {}
            }
        }
    }

    fn variable(&mut self, module: &ModuleInstance, name: &str) {
        let Some((caller, step)) = module.split_last() else { return };
        let call = self.module(&caller.path()).and_then(|m| m.calls.get(&step.name));
        if let Some(expr) = call.and_then(|c| c.arguments.attribute(name)).map(|a| a.expr.clone()) {
            self.expr(&caller, &expr);
        }
    }

    /// One output of a called module, or all of them.
    fn call(&mut self, called: &ModuleInstance, output: Option<&Arc<str>>) {
        let Some(module) = self.module(&called.path()).cloned() else { return };
        match output {
            Some(name) => self.output(called, name),
            None => module.outputs.keys().for_each(|name| self.output(called, name)),
        }
    }

    fn output(&mut self, module: &ModuleInstance, name: &str) {
        if let Some(output) = self.module(&module.path()).and_then(|m| m.outputs.get(name)).cloned() {
            self.expr(module, &output.expr);
        }
    }

    fn repetition(&mut self, module: &ModuleInstance, within: Option<&ResourceAddr>) {
        let Some(resource) = within.and_then(|r| self.declared(r)) else { return };
        for expr in resource.for_each.iter().chain(&resource.count) {
            self.expr(module, expr);
        }
    }

    fn declared(&self, addr: &ResourceAddr) -> Option<Arc<Resource>> {
        resource_of(self.module(&addr.module)?, addr).cloned()
    }

    /// Everything that an object's block refers to, its repetition apart.
    fn body(&mut self, module: &ModuleInstance, addr: &ResourceAddr) {
        if let Some(resource) = self.declared(addr) {
            self.add(module, Some(addr), &resource.body.references());
        }
    }

    /// A resource that is referred to: what of it, and what that in turn is made from.
    fn resource(&mut self, module: &ModuleInstance, addr: &ResourceAddr, written: &Written) {
        let Some(resource) = self.declared(addr) else { return };
        self.found.insert(RelevantAttribute { resource: addr.instance(module, written.key.clone()), path: written.rest.clone() });
        let references: Vec<&Reference> = match written.rest.0.first() {
            None => resource.body.references(),
            Some(step) => step_name(step).map(|name| references_under(&resource.body, &name)).unwrap_or_default(),
        };
        self.add(module, Some(addr), &references);
    }
}

/// What an argument, or the blocks of a type, refer to.
fn references_under<'b>(body: &'b Body, name: &str) -> Vec<&'b Reference> {
    if let Some(attribute) = body.attribute(name) {
        return attribute.expr.references();
    }
    let mut out = Vec::new();
    for block in body.blocks.iter().filter(|b| *b.type_name == *name) {
        out.extend(block.dynamic.iter().flat_map(|d| d.for_each.references()));
        out.extend(block.body.references());
    }
    out
}

fn step_name(step: &Step) -> Option<Arc<str>> {
    match step {
        Step::Attribute(name) | Step::Key(name) => Some(name.clone()),
        Step::Index(n) => Some(Arc::from(n.to_string())),
        Step::Element(_) => None,
    }
}
