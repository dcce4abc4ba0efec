//! Data blocks in a walk: read while planning where all that they need is known and settled, else during the apply.

use super::conditions::Rule;
use super::diff::{marked, provider_diagnostic};
use super::evaluate;
use super::managed::{Declared, Making};
use super::values::{NodeId, Role};
use super::walk::{Answer, DataObject, Item, Login, Pass, Task, Walk};
use crate::config::{Reference, Subject};
use crate::event::{Event, Subject as Told};
use crate::graph::{Block, BlockId};
use levee_model::{Action, Change, Diagnostic, InstanceAddr, Mode, Reason, Reversibility, Severity, Value};
use levee_sdk::{AnyDataSource, ProviderError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A data source that has been read.
pub(super) struct DataRead {
    declared: Declared,
    making: Making,
    config: Value,
    /// What stands for it when it cannot be read.
    proposed: Value,
    result: Result<Value, ProviderError>,
    elapsed: Duration,
}

impl Walk<'_> {
    pub(super) fn visit_data(&mut self, declared: &Declared, mut making: Making) -> Option<Task> {
        let source = self.registry.data_source(&declared.block.source, &declared.addr.type_name)?;
        let written = self.written(declared, &mut making, |config| source.validate(config));
        if self.pass == Pass::Validate {
            self.settle_declared(declared, making);
            return None;
        }
        let proposed = written.proposed(declared);
        if written.failed {
            self.settle(declared.id, making, proposed);
            return None;
        }
        let ctx = self.ctx(&declared.block.provider);
        let waits = self.waits(declared, &making);
        let known = written.config.clone().unmark_deep().0.is_wholly_known();
        match ctx {
            Some(ctx) if known && !waits => Some(self.read_now(declared, making, (written.config, proposed), source, ctx)),
            _ => {
                let reason = if known { Reason::DependencyPending } else { Reason::ConfigUnknown };
                self.read_later(declared, making, proposed, reason);
                None
            }
        }
    }

    /// Whether something is going to change that a data source waits for: what `depends_on` names (of the block or of the
    /// calls above it), and the managed resources that the block refers to itself, whichever of their instances. A resource that
    /// is named has to change itself; of anything else, what it needs counts too. One with conditions waits for whatever it
    /// needs, since a change may be what makes them hold.
    fn waits(&mut self, declared: &Declared, making: &Making) -> bool {
        let Some(expansion) = self.world.resource(declared.id, making.module).map(|e| e.expansion) else { return false };
        let r = &declared.block.resource;
        let conditional = r.lifecycle.as_ref().is_some_and(|l| !l.preconditions.is_empty() || !l.postconditions.is_empty());
        let managed = |s: &Subject| matches!(s, Subject::Resource { mode: Mode::Managed, .. });
        let named = r.references().into_iter().filter(|reference| conditional || managed(&reference.subject));
        let named: Vec<Reference> = named.cloned().collect();
        let mut nodes = evaluate::depends_on(&self.world, making.module, &declared.addr.module, &named);
        let mut blocks = vec![expansion];
        while let Some(block) = blocks.pop() {
            for node in self.explicit.get(&block).cloned().unwrap_or_default() {
                // A call waits for what it names itself; how many instances it has is another matter.
                if self.explicit.contains_key(&node) { blocks.push(node) } else { nodes.push(node) }
            }
        }
        nodes.into_iter().any(|node| {
            let is_resource = self.world.node(node).role == Role::Group;
            if is_resource && !conditional { self.changes_itself(node) } else { self.is_unsettled(node) }
        })
    }

    /// Whether an instance of a managed resource is going to change; what these depend on is their own matter.
    fn changes_itself(&self, group: NodeId) -> bool {
        let block = self.world.node(group).block;
        let is_managed = matches!(&self.world.blocks.graph[block], Block::Resource(addr) if addr.mode == Mode::Managed);
        let instances = self.world.node(group).needs.iter().filter(|n| self.world.node(**n).block == block);
        is_managed && (self.loses_objects(group) || instances.into_iter().any(|n| self.changing.contains_key(n)))
    }

    /// Whether a node, or anything that it needs, is going to change. Everything it needs has been visited.
    fn is_unsettled(&mut self, start: NodeId) -> bool {
        let mut stack = vec![(start, false)];
        while let Some((node, told)) = stack.pop() {
            if self.unsettled.contains_key(&node) && !told {
                continue;
            }
            let at = self.world.node(node);
            // A provider's configuration is no dependency in this sense: it is known, or there is nothing to read with.
            let is_provider = matches!(self.world.blocks.graph[at.block], Block::Provider(_));
            let changing = !is_provider && (self.changing.contains_key(&node) || self.loses_objects(node));
            if told || is_provider || changing {
                let at = self.world.node(node);
                let changes = !is_provider && (changing || at.needs.iter().any(|n| self.unsettled.get(n) == Some(&true)));
                self.unsettled.insert(node, changes);
            } else {
                stack.push((node, true));
                stack.extend(at.needs.iter().map(|n| (*n, false)));
            }
        }
        self.unsettled.get(&start) == Some(&true)
    }

    /// Whether the state has objects of a resource that the configuration has no more.
    fn loses_objects(&self, group: NodeId) -> bool {
        let node = self.world.node(group);
        let Block::Resource(addr) = &self.world.blocks.graph[node.block] else { return false };
        if node.role != Role::Group || addr.mode != Mode::Managed {
            return false;
        }
        let home = self.world.module(node.module);
        let kept = self.world.resource(node.block, node.module).map(|r| &r.instances);
        self.objects.of(addr, home).any(|((a, deposed), _)| deposed.is_some() || kept.is_some_and(|k| !k.contains_key(&a.key)))
    }

    fn read_now(
        &mut self,
        declared: &Declared,
        making: Making,
        (config, proposed): (Value, Value),
        source: Arc<dyn AnyDataSource>,
        ctx: levee_sdk::provider::AnyCtx,
    ) -> Task {
        let saved = self.saved_data.get(&making.addr).cloned();
        let subject = Told { addr: making.addr.clone(), deposed: None, id: None };
        self.listener.event(&Event::ReadStarted(subject));
        // The instance exists from now on, so that the group is whole; its value comes with the answer.
        let placeholder =
            Making { module: making.module, addr: making.addr.clone(), repeated: making.repeated.clone(), needs: making.needs.clone() };
        self.settle(declared.id, placeholder, Value::unknown(declared.schema.ty()));
        let declared = declared.shared();
        Box::pin(async move {
            let started = Instant::now();
            let result = match saved {
                Some(value) => Ok(value.unmark_deep().0),
                None => source.read(ctx, config.clone().unmark_deep().0).await,
            };
            let id = declared.id;
            let read = DataRead { declared, making, config, proposed, result, elapsed: started.elapsed() };
            (id, Answer::Data(read))
        })
    }

    fn read_later(&mut self, declared: &Declared, mut making: Making, proposed: Value, reason: Reason) {
        let conditions = declared.block.resource.lifecycle.as_ref().map_or(&[][..], |l| &l.postconditions);
        if !conditions.is_empty() {
            making.repeated.self_object = Some(proposed.clone());
            let addr = making.addr.to_string();
            let (_, _, needs) = self.check(&making, conditions, &addr, Rule::Postcondition);
            making.needs.extend(needs);
        }
        let change = read_change(making.addr.clone(), proposed.clone(), reason);
        let node = self.settle(declared.id, making, proposed);
        self.changing.insert(node, self.items.len());
        let login = self.login(&declared.block.provider);
        self.items.push(read_item(change, node, declared, login));
    }

    pub(super) fn accept_data(&mut self, id: BlockId, read: DataRead) {
        let DataRead { declared, mut making, config, proposed, result, elapsed } = read;
        let subject = Told { addr: making.addr.clone(), deposed: None, id: None };
        self.listener.event(&Event::ReadFinished(subject, elapsed));
        let value = match result {
            Ok(value) => marked(&declared.schema.block, value, &config),
            Err(e) => {
                let d = provider_diagnostic(&making.addr, "could not be read", &e).at(declared.block.resource.span);
                let Some(check) = &declared.block.resource.container else { return self.diagnostics.push(d) };
                self.world.failed_checks.insert((making.module, check.clone()), format!("{}: {}", d.summary, d.detail));
                self.assertions.push(Diagnostic { severity: Severity::Warning, ..d });
                proposed
            }
        };
        let node = self.world.resource(id, making.module).and_then(|e| e.instances.get(&making.addr.key)).map(|(n, _)| *n);
        if let (Some(node), Some(entry)) = (node, self.world.resource_mut(id, making.module)) {
            debug_assert!(node.0 > entry.expansion.0);
            entry.set(making.addr.key.clone(), node, value.clone());
        }
        let conditions = declared.block.resource.lifecycle.as_ref().map_or(&[][..], |l| &l.postconditions);
        if !conditions.is_empty() {
            making.repeated.self_object = Some(value.clone());
            let addr = making.addr.to_string();
            self.check(&making, conditions, &addr, Rule::Postcondition);
        }
        if let Some(node) = node.filter(|_| declared.block.resource.container.is_some()) {
            let change = read_change(making.addr.clone(), value.clone(), Reason::CheckNested);
            self.items.push(read_item(change, node, &declared, Login::Known));
        }
        if !value.is_wholly_known() {
            return;
        }
        let object = DataObject { value, provider: declared.block.provider.clone(), source: declared.block.source.clone() };
        self.data.insert(making.addr, object);
    }
}

fn read_change(addr: InstanceAddr, after: Value, reason: Reason) -> Change {
    Change {
        addr,
        deposed: None,
        action: Action::Read,
        before: None,
        after: Some(after),
        replace_paths: Vec::new(),
        reason: Some(reason),
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    }
}

fn read_item(change: Change, node: NodeId, declared: &Declared, login: Login) -> Item {
    Item {
        change: Arc::new(change),
        node: Some(node),
        resource: None,
        provider: declared.block.provider.clone(),
        login,
        source: declared.block.source.clone(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        pending_checks: declared.block.resource.lifecycle.is_some(),
    }
}
