//! Objects that the state knows and the configuration no longer has: they are to be deleted.

use super::diff::prevented;
use super::objects::{ObjectKey, Prior};
use super::pool::parse_provider;
use super::values::Shape;
use super::walk::{Item, Walk};
use crate::graph::Block;
use levee_model::{Action, Change, InstanceAddr, InstanceKey, Mode, ModulePath, ProviderAddr, Reason, Reversibility};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Walk<'_> {
    /// Plans the deletion of every managed object that no item speaks of, and of every deposed one.
    /// `inside` tells whether the targets let an object through.
    pub fn plan_orphans(&mut self, destroy: bool, inside: impl Fn(&InstanceAddr) -> bool) {
        let planned: BTreeSet<InstanceAddr> =
            self.items.iter().filter(|i| i.change.deposed.is_none()).map(|i| i.change.addr.clone()).collect();
        let objects = self.objects;
        for (key, prior) in &objects.all {
            let (addr, deposed) = key;
            if addr.mode != Mode::Managed || !inside(addr) || prior.current.is_none() {
                continue;
            }
            if deposed.is_none() && planned.contains(addr) {
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
        if protected && deposed.is_none() {
            let span = self.world.blocks.id(&block).and_then(|_| block.span(&self.world.config));
            self.diagnostics.push(prevented(addr).at_if_none(span));
            return None;
        }
        let mut change = Change {
            addr: addr.clone(),
            deposed: deposed.clone(),
            action: Action::Delete,
            before: prior.current.clone(),
            after: None,
            replace_paths: Vec::new(),
            reason: if destroy || deposed.is_some() { None } else { Some(self.why_gone(addr)) },
            reversibility: Reversibility::Reversible,
        };
        change.reversibility = resource.reversibility(&change);
        Some(Item {
            change,
            node: self.world.instance_node(addr).filter(|_| deposed.is_none()),
            resource: Some(resource),
            provider: self.orphan_provider(prior),
            source: prior.row.provider_source.clone(),
            dependencies: prior.row.dependencies.clone(),
            create_before_destroy: prior.row.create_before_destroy,
            pending_checks: false,
        })
    }

    /// The provider configuration that the row names, or the root module's of the same name where that one is gone.
    fn orphan_provider(&self, prior: &Prior) -> ProviderAddr {
        let named = parse_provider(&prior.row.provider);
        let fallback = |name: Arc<str>| ProviderAddr { module: ModulePath::root(), name, alias: None };
        match named {
            Some(addr) if self.pool.get(&addr).is_some() => addr,
            Some(addr) => fallback(addr.name),
            None => fallback(Arc::from(prior.row.addr.type_name.split('_').next().unwrap_or_default())),
        }
    }

    fn why_gone(&self, addr: &InstanceAddr) -> Reason {
        let path = addr.module.path();
        let Some(module) = self.world.module_id(&addr.module) else { return Reason::NoModule };
        if !self.world.config.modules.contains_key(&path) {
            return Reason::NoModule;
        }
        let entry = self.world.blocks.resource(&addr.resource()).and_then(|b| self.world.resource(b, module));
        match (entry.map(|e| e.shape), &addr.key) {
            (None, _) => Reason::NoResourceConfig,
            (Some(Shape::Count), InstanceKey::Int(_)) => Reason::CountIndex,
            (Some(Shape::ForEach), InstanceKey::Str(_)) => Reason::EachKey,
            (Some(_), _) => Reason::WrongRepetition,
        }
    }
}
