//! Resource blocks in a walk: their instances, and what is to happen to each.

use super::conditions::{self, Rule};
use super::diff::{Wanted, marked, plan_instance};
use super::evaluate::{self, Expanded};
use super::propose::propose;
use super::scope::Repeated;
use super::values::{Entry, Instances, ModuleId, Needs, NodeId, ResourceEntry, Role, Shape};
use super::walk::{Item, Login, Pass, Task, Walk};
use crate::config::{Body, Reference, Resource, Subject, TraversalStep, suggest};
use crate::graph::build::ResourceBlock;
use crate::graph::{Block, BlockId};
use levee_model::check::Checkable;
use levee_model::{
    Action, Change, Diagnostic, Diagnostics, InstanceAddr, InstanceKey, Marks, Mode, ModuleInstance, ProviderAddr, ReplaceOrder,
    ResourceAddr, Type, Value,
};
use levee_sdk::AnyResource;
use levee_sdk::schema::Schema;
use smallvec::smallvec;
use std::sync::Arc;

/// One resource block, with all that its instances share.
pub(super) struct Declared {
    pub(super) id: BlockId,
    pub(super) addr: ResourceAddr,
    pub(super) block: Arc<ResourceBlock>,
    pub(super) schema: Arc<Schema>,
    /// The type's behaviour; none for data sources.
    pub(super) behaviour: Option<Arc<dyn AnyResource>>,
}

/// One instance of a block in the making.
pub(super) struct Making {
    pub(super) module: ModuleId,
    pub(super) addr: InstanceAddr,
    pub(super) repeated: Repeated,
    pub(super) needs: Needs,
}

/// What is written of an instance, evaluated and checked.
pub(super) struct Written {
    /// An object of the type's block.
    pub(super) config: Value,
    /// Whether it cannot be gone on with; the reasons have been told.
    pub(super) failed: bool,
    /// Whether a precondition is not known yet.
    pub(super) pending: bool,
}

impl Written {
    /// What the instance would be if there were none yet.
    pub(super) fn proposed(&self, declared: &Declared) -> Value {
        let block = &declared.schema.block;
        marked(block, propose(block, None, &self.config.clone().unmark_deep().0), &self.config)
    }
}

impl Declared {
    /// The same, for a task that outlives the visit.
    pub(super) fn shared(&self) -> Self {
        Self { id: self.id, addr: self.addr.clone(), block: self.block.clone(), schema: self.schema.clone(), behaviour: None }
    }
}

impl Walk<'_> {
    pub(super) fn visit_resource(&mut self, id: BlockId, addr: &ResourceAddr) -> Vec<Task> {
        let Some(declared) = self.declared(id, addr) else {
            self.visit_foreign(id, addr);
            return Vec::new();
        };
        if let Some(imports) = self.begin_imports(&declared) {
            return vec![imports];
        }
        let mut tasks = Vec::new();
        for module in self.world.instances_of(&addr.module) {
            if matches!(self.pass, Pass::Priors | Pass::Look) && (addr.mode != Mode::Ephemeral || self.pass == Pass::Look) {
                self.take_priors(&declared, module);
                continue;
            }
            let images = self.world.images.clone().filter(|_| addr.mode == Mode::Managed);
            let expanded = match &images {
                Some(images) => self.expand_images(&declared, module, images),
                None => self.expand(&declared, module),
            };
            if declared.block.resource.has_conditions() {
                self.open_checks(&Checkable::Resource(addr.clone()));
            }
            let home = self.world.module(module).clone();
            let Some(entry) = self.world.resource(id, module) else { continue };
            let expansion = entry.expansion;
            let tangled = self.refers_to_itself(&declared, &home, &expanded);
            let mut left_out = Vec::new();
            for (key, each) in &expanded {
                let making = Making {
                    module,
                    addr: addr.instance(&home, key.clone()),
                    repeated: evaluate::repeated(self.shape(id, module), key, each),
                    needs: smallvec![expansion],
                };
                if !self.selection.lets_through(&self.world.blocks, &making.addr) {
                    left_out.push(making);
                } else if let Some(images) = &images {
                    self.visit_image(&declared, making, images);
                } else if tangled {
                    self.settle(id, making, Value::unknown(declared.schema.ty()));
                } else if addr.mode == Mode::Data {
                    tasks.extend(self.visit_data(&declared, making));
                } else if addr.mode == Mode::Ephemeral {
                    tasks.extend(self.visit_ephemeral(&declared, making));
                } else {
                    self.visit_managed(&declared, making);
                }
            }
            self.leave_out(&declared, module, left_out);
            self.close_group(id, module);
        }
        if self.pass == Pass::Plan && addr.mode == Mode::Managed && self.world.images.is_none() {
            self.check_requests(id, addr);
        }
        tasks
    }

    fn shape(&self, id: BlockId, module: ModuleId) -> Shape {
        self.world.resource(id, module).map_or(Shape::Single, |r| r.shape)
    }

    /// The block with its type, if that is built in.
    fn declared(&mut self, id: BlockId, addr: &ResourceAddr) -> Option<Declared> {
        let block = self.world.blocks.declared(id)?.clone();
        let source = &block.source;
        let behaviour = if addr.mode == Mode::Managed { self.types.get(source, &addr.type_name).cloned() } else { None };
        let schema = match (&behaviour, addr.mode) {
            (Some(b), _) => Some(b.schema()),
            (None, Mode::Data) => self.registry.data_source(source, &addr.type_name).map(|d| d.schema()),
            (None, Mode::Ephemeral) => self.registry.ephemeral(source, &addr.type_name).map(|e| e.schema()),
            (None, _) => None,
        };
        Some(Declared { id, addr: addr.clone(), block, schema: schema?, behaviour })
    }

    /// What is said about a type that its provider does not have here.
    pub(super) fn no_such_type(&self, addr: &ResourceAddr, source: &str, resource: &Resource) -> Diagnostic {
        let schema = self.registry.get(source).map(|p| p.types().schema());
        let has = |mode: Mode| {
            schema.as_ref().is_some_and(|s| match mode {
                Mode::Managed => s.resources.contains_key(&*addr.type_name),
                Mode::Data => s.data_sources.contains_key(&*addr.type_name),
                Mode::Ephemeral => false,
            })
        };
        let (summary, what, known) = match addr.mode {
            Mode::Managed => ("Invalid resource type", "resource type", schema.as_ref().map(|s| &s.resources)),
            Mode::Data => ("Invalid data source", "data source", schema.as_ref().map(|s| &s.data_sources)),
            Mode::Ephemeral => ("Invalid ephemeral resource", "ephemeral resource", None),
        };
        let tail = match addr.mode {
            Mode::Managed if has(Mode::Data) => format!(
                "\n\nDid you intend to use the data source {:?}? If so, declare this using a \"data\" block instead of a \"resource\" block.",
                &*addr.type_name
            ),
            Mode::Data if has(Mode::Managed) => format!(
                "\n\nDid you intend to use the managed resource type {:?}? If so, declare this using a \"resource\" block instead of a \"data\" block.",
                &*addr.type_name
            ),
            _ => {
                let names = known.into_iter().flat_map(|k| k.keys().copied());
                suggest(&addr.type_name, names).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"))
            }
        };
        let detail = format!("The provider {source} does not support {what} {:?}.{tail}", &*addr.type_name);
        Diagnostic::error(summary, detail).at(resource.span).about(addr)
    }

    /// Evaluates `count` and `for_each`, and registers the block's entry.
    pub(super) fn expand(&mut self, declared: &Declared, module: ModuleId) -> Instances {
        let r = &declared.block.resource;
        let own = if self.pass == Pass::Plan { repeated_by_itself(r) } else { Diagnostics::new() };
        let Expanded { shape, instances, mut needs, diagnostics } = if own.has_errors() {
            Expanded { shape: Shape::Count, instances: Some(Instances::new()), needs: Needs::new(), diagnostics: own }
        } else {
            evaluate::expansion(&self.world, module, r.count.as_deref(), r.for_each.as_deref())
        };
        self.diagnostics.extend(diagnostics);
        self.diagnostics.extend(evaluate::depends_on_problems(&self.world, module, &r.depends_on));
        let mut explicit = evaluate::depends_on(&self.world, module, &declared.addr.module, &r.depends_on);
        explicit.extend(self.call_node(module));
        needs.extend_from_slice(&explicit);
        needs.extend(self.provider_node(&declared.block.provider));
        needs.extend(self.imports.get(&declared.id).into_iter().flat_map(|i| i.needs.iter().copied()));
        // A check looks at what any one instance would be, whichever there are.
        let instances = instances.filter(|_| self.pass != Pass::Validate || shape == Shape::Single);
        let instances = instances.unwrap_or_else(|| self.unknown_instances(module, r.count.as_deref(), r.for_each.as_deref()));
        let expansion = self.open_entry(declared.id, module, shape, needs);
        if !explicit.is_empty() {
            self.explicit.insert(expansion, explicit);
        }
        instances
    }

    pub(super) fn open_entry(&mut self, id: BlockId, module: ModuleId, shape: Shape, needs: Needs) -> NodeId {
        let expansion = self.world.add_node(id, module, Role::Expansion, needs);
        let group = self.world.add_node(id, module, Role::Group, smallvec![expansion]);
        self.world.set_entry(id, module, Entry::Resource(ResourceEntry::new(expansion, group, shape)));
        expansion
    }

    pub(super) fn provider_node(&mut self, provider: &ProviderAddr) -> Option<NodeId> {
        if let Some(known) = self.provider_nodes.get(provider) {
            return Some(*known);
        }
        let block = Block::Provider(provider.clone());
        let module = self.world.instances_of(&provider.module).first().copied()?;
        let (node, _) = self.world.value(&block, module)?;
        self.provider_nodes.insert(provider.clone(), node);
        Some(node)
    }

    /// The group needs every instance.
    pub(super) fn close_group(&mut self, id: BlockId, module: ModuleId) {
        let Some(entry) = self.world.resource(id, module) else { return };
        let (group, expansion) = (entry.group, entry.expansion);
        let needs = std::iter::once(expansion).chain(entry.instances.values().map(|(node, _)| *node)).collect();
        self.world.set_needs(group, needs);
    }

    /// Sets the value of an instance; its node is added with what it needs.
    pub(super) fn settle(&mut self, id: BlockId, making: Making, value: Value) -> NodeId {
        let key = making.addr.key.clone();
        let node = self.world.add_node(id, making.module, Role::Instance(key.clone()), making.needs);
        if let Some(entry) = self.world.resource_mut(id, making.module) {
            entry.set(key.clone(), node, value);
            if let Some(each) = making.repeated.each {
                entry.each.insert(key, each);
            }
        }
        node
    }

    /// Instances as the state knows them.
    fn take_priors(&mut self, declared: &Declared, module: ModuleId) {
        let home = self.world.module(module).clone();
        let shape = match (&declared.block.resource.count, &declared.block.resource.for_each) {
            (Some(_), _) => Shape::Count,
            (_, Some(_)) => Shape::ForEach,
            _ => Shape::Single,
        };
        self.open_entry(declared.id, module, shape, Needs::new());
        let objects = self.objects.clone();
        for ((addr, deposed), prior) in objects.of(&declared.addr, &home) {
            if deposed.is_none() {
                let making = Making { module, addr: addr.clone(), repeated: Repeated::default(), needs: Needs::new() };
                let value = prior.current.clone().unwrap_or_else(|| prior.stored.clone());
                self.settle(declared.id, making, value);
            }
        }
        let empty = self.world.resource(declared.id, module).is_some_and(|r| r.instances.is_empty());
        if empty && shape == Shape::Single {
            let addr = declared.addr.instance(&home, InstanceKey::None);
            let making = Making { module, addr, repeated: Repeated::default(), needs: Needs::new() };
            // What does not exist yet is looked at as something of which nothing is known.
            let ty = if self.pass == Pass::Look { Type::Dynamic } else { declared.schema.ty() };
            self.settle(declared.id, making, Value::unknown(ty));
        }
        self.close_group(declared.id, module);
    }

    /// Instances that the targets leave out are what the state knows of them. Those that it does not know are not there,
    /// but for gaps in a count and for what is not repeated at all, of which nothing is known.
    fn leave_out(&mut self, declared: &Declared, module: ModuleId, left_out: Vec<Making>) {
        let (known, others): (Vec<_>, Vec<_>) = left_out.into_iter().partition(|m| self.objects.current(&m.addr).is_some());
        for making in known {
            self.keep_prior(declared, making);
        }
        let last = self.world.resource(declared.id, module).and_then(|r| r.instances.keys().next_back().cloned());
        for making in others {
            let is_gap = matches!(making.addr.key, InstanceKey::Int(_)) && last.as_ref().is_some_and(|last| making.addr.key < *last);
            if is_gap || making.addr.key == InstanceKey::None {
                self.keep_prior(declared, making);
            }
        }
    }

    /// Tells the references of a block to itself, which no instance can be planned with.
    fn refers_to_itself(&mut self, declared: &Declared, home: &ModuleInstance, expanded: &Instances) -> bool {
        let body = &declared.block.resource.body;
        let looked_at = self.pass == Pass::Plan && declared.addr.mode != Mode::Ephemeral && self.world.blocks.names_itself(declared.id);
        if !looked_at || !names(body, &declared.addr) {
            return false;
        }
        let found: Diagnostics =
            expanded.keys().flat_map(|key| self_references(&declared.addr.instance(home, key.clone()), body)).collect();
        let tangled = found.has_errors();
        self.diagnostics.extend(found);
        tangled
    }

    pub(super) fn keep_prior(&mut self, declared: &Declared, making: Making) {
        let prior = self.objects.current(&making.addr).and_then(|p| p.current.clone());
        let value = prior.unwrap_or_else(|| Value::unknown(declared.schema.ty()));
        self.settle(declared.id, making, value);
    }

    fn visit_managed(&mut self, declared: &Declared, mut making: Making) {
        let Some(behaviour) = &declared.behaviour else { return };
        let written = self.written(declared, &mut making, |config| behaviour.validate(config));
        if self.pass == Pass::Validate {
            if !written.failed {
                self.diagnostics.extend(super::references::check_ignored(&declared.block.resource, &declared.schema.block));
            }
            self.settle_declared(declared, making);
            return;
        }
        if written.failed {
            self.settle(declared.id, making, written.proposed(declared));
            return;
        }
        self.plan_managed(declared, behaviour.clone(), making, written.config, written.pending);
    }

    /// Evaluates and checks what is written of an instance, with its preconditions; `validate` is the type's own check.
    pub(super) fn written(&mut self, declared: &Declared, making: &mut Making, validate: impl FnOnce(&Value) -> Diagnostics) -> Written {
        let r = &declared.block.resource;
        let found = evaluate::body(&self.world, making.module, making.repeated.clone(), &r.body, &declared.schema.block);
        making.needs.extend(found.needs);
        let mut failed = found.diagnostics.has_errors();
        self.diagnostics.extend(found.diagnostics.into_iter().map(|d| d.at_if_none(Some(r.span))));
        if declared.addr.mode != Mode::Ephemeral {
            let forbidden = evaluate::forbidden_ephemeral(&r.body, &declared.schema.block, &found.value);
            failed |= forbidden.has_errors();
            self.diagnostics.extend(forbidden.into_iter().map(|d| d.about(&making.addr)));
        }
        let checks = validate(&found.value);
        failed |= checks.has_errors();
        self.diagnostics.extend(checks.into_iter().map(|d| evaluate::at_argument(d, &r.body, r.span).about(&making.addr)));
        let mut pending = false;
        if let Some(lifecycle) = &r.lifecycle {
            let addr = making.addr.to_string();
            let checked = self.check(making, &lifecycle.preconditions, &addr, Rule::Precondition);
            failed |= checked.0;
            pending = checked.1;
            making.needs.extend(checked.2);
        }
        Written { config: found.value, failed, pending }
    }

    /// When only checking, all that is known of an instance is its type; what is said about it afterwards is checked so.
    pub(super) fn settle_declared(&mut self, declared: &Declared, mut making: Making) {
        let value = declared.schema.unknown_parts();
        let value = if declared.addr.mode == Mode::Ephemeral { value.mark(Marks::EPHEMERAL) } else { value };
        let conditions = declared.block.resource.lifecycle.as_ref().map_or(&[][..], |l| &l.postconditions);
        making.repeated.self_object = Some(value.clone());
        making.repeated.owner = Some(declared.addr.clone());
        if !conditions.is_empty() {
            let addr = making.addr.to_string();
            self.check(&making, conditions, &addr, Rule::Postcondition);
        }
        self.check_provisioners(declared, &making);
        self.settle(declared.id, making, value);
    }

    /// Checks conditions: whether one failed, whether one is not known yet, and what was read.
    pub(super) fn check(
        &mut self,
        making: &Making,
        conditions: &[crate::config::Condition],
        addr: &str,
        rule: Rule,
    ) -> (bool, bool, Needs) {
        let checked = conditions::check(&self.world, making.module, &making.repeated, conditions, addr, rule);
        let (bad, pending) = (checked.diagnostics.has_errors(), checked.is_pending());
        self.diagnostics.extend(checked.diagnostics);
        let of = Checkable::Resource(making.addr.resource());
        self.record_checks(&of, making.module, &making.addr.key, checked.outcomes);
        (bad, pending, checked.needs)
    }

    fn plan_managed(
        &mut self,
        declared: &Declared,
        behaviour: Arc<dyn AnyResource>,
        mut making: Making,
        config: Value,
        mut pending_checks: bool,
    ) {
        let r = &declared.block.resource;
        let create_before_destroy = self.create_first.contains(&declared.id);
        let triggers = self.triggers(r, &mut making);
        let client = self.client(&declared.block.provider);
        let login = self.login(&declared.block.provider);
        pending_checks |= login != Login::Known && r.lifecycle.is_some();
        let wanted = Wanted {
            addr: &making.addr,
            resource: behaviour.as_ref(),
            block: &declared.schema.block,
            prior: self.objects.current(&making.addr).or_else(|| self.import_of(declared.id, &making.addr).map(|(_, prior)| prior)),
            config,
            lifecycle: r.lifecycle.as_deref(),
            client: client.as_ref(),
            replace_requested: self.options.replace.contains(&making.addr),
            triggers,
            order: if create_before_destroy { ReplaceOrder::CreateThenDelete } else { ReplaceOrder::DeleteThenCreate },
        };
        let importing = self.import_of(declared.id, &making.addr).map(|(id, _)| id);
        let tainted = wanted.prior.is_some_and(super::objects::Prior::is_tainted);
        let change = match plan_instance(&wanted) {
            Ok(change) => Change { importing, ..change },
            Err(d) => {
                self.diagnostics.push(d.at_if_none(Some(r.span)));
                self.keep_prior(declared, making);
                return;
            }
        };
        let after = change.after.clone().unwrap_or_else(|| Value::unknown(declared.schema.ty()));
        let conditions = r.lifecycle.as_ref().map_or(&[][..], |l| &l.postconditions);
        if !conditions.is_empty() {
            making.repeated.self_object = Some(after.clone());
            let addr = making.addr.to_string();
            let (_, pending, needs) = self.check(&making, conditions, &addr, Rule::Postcondition);
            pending_checks |= pending;
            making.needs.extend(needs);
        }
        let names = (!r.provisioners.is_empty()).then(|| (making.module, making.repeated.clone()));
        let node = self.settle(declared.id, making, after);
        if let Some((module, names)) = names {
            self.order_provisioners(declared, module, names, node);
            self.diagnostics.extend(super::provisioners::refused(&self.world, &change, tainted));
        }
        if change.action != Action::NoOp {
            self.changing.insert(node, self.items.len());
        }
        self.items.push(Item {
            change: Arc::new(change),
            node: Some(node),
            resource: Some(behaviour),
            provider: declared.block.provider.clone(),
            login,
            source: declared.block.source.clone(),
            dependencies: Vec::new(),
            create_before_destroy,
            pending_checks,
        });
    }
}

/// References of `count` and `for_each` to the block that they stand in.
fn repeated_by_itself(r: &Resource) -> Diagnostics {
    let references = r.count.iter().chain(&r.for_each).flat_map(|e| e.references());
    let own = |s: &Subject| matches!(s, Subject::Resource { mode, type_name, name } if (*mode, type_name, name) == (r.mode, &r.type_name, &r.name));
    references.filter(|reference| own(&reference.subject)).map(|reference| to_itself(&reference.subject.to_string(), reference)).collect()
}

fn to_itself(what: &str, reference: &Reference) -> Diagnostic {
    Diagnostic::error("Self-referential block", format!("Configuration for {what} may not refer to itself.")).at(reference.span)
}

/// Whether a block refers to the resource that it declares.
fn names(body: &Body, own: &ResourceAddr) -> bool {
    let is_own = |s: &Subject| matches!(s, Subject::Resource { mode, type_name, name } if (*mode, type_name, name) == (own.mode, &own.type_name, &own.name));
    body.references().iter().any(|r| is_own(&r.subject))
}

/// References of a block to itself: to the instance that is being planned, or to all of them.
fn self_references(addr: &InstanceAddr, body: &Body) -> Diagnostics {
    let mut out = Diagnostics::new();
    for r in body.references() {
        let Subject::Resource { mode, type_name, name } = &r.subject else { continue };
        if (mode, type_name, name) != (&addr.mode, &addr.type_name, &addr.name) {
            continue;
        }
        let key = match r.steps.first() {
            Some(TraversalStep::Index { key, .. }) => key.as_literal().map(|k| match k.as_str() {
                Some(text) => InstanceKey::Str(Arc::from(text)),
                None => k.as_number().and_then(|n| n.as_u64()).map_or(InstanceKey::None, InstanceKey::Int),
            }),
            _ => None,
        };
        let named = key.unwrap_or(InstanceKey::None);
        // Without a key, the instance and the resource go by one name: both are meant.
        let times = usize::from(named == addr.key) + usize::from(named == InstanceKey::None);
        (0..times).for_each(|_| out.push(to_itself(&format!("{}{named}", r.subject), r)));
    }
    out
}
