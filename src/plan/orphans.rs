//! Objects that the state knows and the configuration no longer has: they are to be deleted.

use super::diff::prevented;
use super::objects::{ObjectKey, Prior};
use super::refresh::provider_of_row;
use super::removed::forgets;
use super::values::Shape;
use super::walk::{Item, Walk};
use crate::graph::{Block, BlockId};
use levee_model::{Action, Change, Diagnostic, InstanceAddr, InstanceKey, Mode, ProviderAddr, Reason, Reversibility};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::sync::Arc;

fn addresses(items: &[Item]) -> FxHashSet<InstanceAddr> {
    items.iter().filter(|i| i.change.deposed.is_none()).map(|i| i.change.addr.clone()).collect()
}

impl Walk<'_> {
    /// Plans the deletion of every managed object that no item speaks of, and of every deposed one.
    /// `inside` tells whether the targets let an object through, `failed` which blocks could not be planned.
    pub fn plan_orphans(&mut self, destroy: bool, failed: &BTreeSet<BlockId>, inside: impl Fn(&InstanceAddr) -> bool) {
        // Most are instances of the configuration, and need not be looked for among what is planned.
        let mut planned: Option<FxHashSet<InstanceAddr>> = None;
        let objects = self.objects.clone();
        for (key, prior) in &objects.all {
            let (addr, deposed) = key;
            if addr.mode != Mode::Managed || !inside(addr) || prior.current.is_none() {
                continue;
            }
            if self.world.images.as_ref().is_some_and(|images| !images.takes_away(key)) {
                continue;
            }
            // An instance that the configuration has may be left out of the plan; it is no orphan for that.
            let wanted = !destroy && self.world.instance_node(addr).is_some()
                || planned.get_or_insert_with(|| addresses(&self.items)).contains(addr);
            // Of a block that could not be planned nobody knows what it wants.
            let unsettled = !failed.is_empty() && self.world.blocks.resource(&addr.resource()).is_some_and(|id| failed.contains(&id));
            if deposed.is_none() && (wanted || unsettled) {
                continue;
            }
            if let Some(item) = self.orphan(key, prior, destroy) {
                self.items.push(item);
            }
        }
    }

    fn orphan(&mut self, key: &ObjectKey, prior: &Prior, destroy: bool) -> Option<Item> {
        let (addr, deposed) = key;
        let resource = self.registry.resource(&prior.row.provider_source, &addr.type_name)?;
        let block = Block::Resource(addr.resource());
        let protected = super::evaluate::resource(&self.world, &block).is_some_and(|r| r.prevent_destroy());
        if protected && deposed.is_none() && (destroy || !forgets(&self.world.config, addr)) {
            let span = self.world.blocks.id(&block).and_then(|_| block.span(&self.world.config));
            self.diagnostics.push(prevented(addr).at_if_none(span));
            return None;
        }
        let provider = match self.orphan_provider(prior) {
            Ok(provider) => provider,
            Err(d) => {
                self.diagnostics.push(d);
                return None;
            }
        };
        let mut change = Change {
            addr: addr.clone(),
            deposed: deposed.clone(),
            action: if self.forgets(addr) && !destroy { Action::Forget } else { Action::Delete },
            before: prior.current.clone(),
            after: None,
            replace_paths: Vec::new(),
            reason: if destroy || deposed.is_some() || self.world.images.is_some() { None } else { Some(self.why_gone(addr)) },
            reversibility: Reversibility::Reversible,
            previous: None,
            importing: None,
        };
        change.reversibility = resource.reversibility(&change);
        self.diagnostics.extend(super::provisioners::refused(&self.world, &change, prior.is_tainted()));
        Some(Item {
            change: Arc::new(change),
            node: self.world.instance_node(addr).filter(|_| deposed.is_none()),
            resource: Some(resource),
            login: self.login(&provider),
            provider,
            source: prior.row.provider_source.clone(),
            dependencies: prior.row.dependencies.clone(),
            create_before_destroy: prior.row.create_before_destroy,
            pending_checks: false,
        })
    }

    /// The provider configuration that deletes an object: the one its block uses now, else the one that its row names.
    /// Another one may look in another place, find nothing there, and take the object for deleted.
    fn forgets(&self, addr: &InstanceAddr) -> bool {
        match &self.world.images {
            Some(images) => images.forgotten.contains(addr),
            None => forgets(&self.world.config, addr),
        }
    }

    fn orphan_provider(&self, prior: &Prior) -> Result<ProviderAddr, Diagnostic> {
        let named = provider_of_row(&self.world.blocks, &prior.row);
        let exists = |p: &ProviderAddr| self.pool.get(p).is_some() || self.world.blocks.id(&Block::Provider(p.clone())).is_some();
        named.filter(exists).ok_or_else(|| {
            let addr = &prior.row.addr;
            let detail =
                format!("{addr} is to be destroyed, and {}, which manages it, is not in the configuration any more.", prior.row.provider);
            Diagnostic::error("Provider configuration not present", detail)
                .about(addr)
                .hint("Put the provider block back, apply, and take it out afterwards.")
        })
    }

    fn why_gone(&self, addr: &InstanceAddr) -> Reason {
        let Some(block) = self.world.blocks.resource(&addr.resource()) else {
            return if self.moved.contains_key(addr) { Reason::NoMoveTarget } else { Reason::NoResourceConfig };
        };
        let Some(module) = self.world.module_id(&addr.module) else { return Reason::NoModule };
        let entry = self.world.resource(block, module);
        match (entry.map(|e| e.shape), &addr.key) {
            (None, _) => Reason::NoResourceConfig,
            (Some(Shape::Count), InstanceKey::Int(_)) => Reason::CountIndex,
            (Some(Shape::ForEach), InstanceKey::Str(_)) => Reason::EachKey,
            (Some(_), _) => Reason::WrongRepetition,
        }
    }
}
