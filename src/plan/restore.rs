//! Resources in a walk that is made from images instead of configuration: their instances, and what is to happen to each.

use super::diff::{Wanted, marked, plan_instance, with_stored_marks};
use super::images::{Followed, Images};
use super::managed::{Declared, Making};
use super::objects::is_remote;
use super::values::{Instances, ModuleId, Needs, Shape};
use super::walk::{Item, Walk};
use levee_model::{Action, Change, InstanceKey, ReplaceOrder, Reversibility, Type, Value};
use levee_sdk::AnyResource;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Walk<'_> {
    /// The instances that there are or were, but for those that are to go, and registers the block's entry.
    pub(super) fn expand_images(&mut self, declared: &Declared, module: ModuleId, images: &Images) -> Instances {
        let home = self.world.module(module).clone();
        let first = declared.addr.instance(&home, InstanceKey::None);
        let wanted = images.wanted.range(first..).map(|(addr, _)| addr);
        let wanted = wanted.take_while(|a| a.module == home && a.resource() == declared.addr).map(|a| a.key.clone());
        let there = self.objects.of(&declared.addr, &home).filter(|(key, _)| key.1.is_none() && !images.takes_away(key));
        let keys: BTreeSet<InstanceKey> = wanted.chain(there.map(|(key, _)| key.0.key.clone())).collect();
        let shape = match keys.last() {
            Some(InstanceKey::Int(_)) => Shape::Count,
            Some(InstanceKey::Str(_)) => Shape::ForEach,
            Some(InstanceKey::None) | None => Shape::Single,
        };
        let needs: Needs = self.call_node(module).into_iter().chain(self.provider_node(&declared.block.provider)).collect();
        self.open_entry(declared.id, module, shape, needs);
        keys.into_iter().map(|key| (key, Value::null(Type::Dynamic))).collect()
    }

    /// Plans one instance, if the images have it; else it stays what the state knows of it.
    pub(super) fn visit_image(&mut self, declared: &Declared, mut making: Making, images: &Images) {
        let followed = images.follow(&self.world, &making.addr);
        let (Some(behaviour), Some(image), Some(followed)) = (&declared.behaviour, images.wanted.get(&making.addr), followed) else {
            return self.keep_prior(declared, making);
        };
        making.needs.extend_from_slice(&followed.needs);
        let client = self.client(&declared.block.provider);
        let order = if image.create_before_destroy { ReplaceOrder::CreateThenDelete } else { ReplaceOrder::DeleteThenCreate };
        let wanted = Wanted {
            addr: &making.addr,
            resource: behaviour.as_ref(),
            block: &declared.schema.block,
            prior: self.objects.current(&making.addr),
            config: followed.config.clone(),
            lifecycle: Some(&image.lifecycle),
            client: client.as_ref(),
            replace_requested: false,
            triggers: Vec::new(),
            order,
        };
        let planned = if is_remote(behaviour.as_ref()) { plan_instance(&wanted) } else { Ok(put_back(&wanted, &followed)) };
        let change = match planned {
            Ok(change) => change,
            Err(d) => {
                self.diagnostics.push(d.hint(format!("Leave it as it is with -skip='{}'.", making.addr)));
                return self.keep_prior(declared, making);
            }
        };
        self.push_image(declared, behaviour.clone(), making, change, image.create_before_destroy);
    }

    fn push_image(
        &mut self,
        declared: &Declared,
        behaviour: Arc<dyn AnyResource>,
        making: Making,
        change: Change,
        create_before_destroy: bool,
    ) {
        let after = change.after.clone().unwrap_or_else(|| Value::unknown(declared.schema.ty()));
        let node = self.settle(declared.id, making, after);
        if change.action != Action::NoOp {
            self.changing.insert(node, self.items.len());
        }
        let login = self.login(&declared.block.provider);
        self.items.push(Item {
            change: Arc::new(change),
            node: Some(node),
            resource: Some(behaviour),
            provider: declared.block.provider.clone(),
            login,
            source: declared.block.source.clone(),
            dependencies: Vec::new(),
            create_before_destroy,
            pending_checks: false,
        });
    }
}

/// What lives in the state alone is put back as it was, generated values and all.
fn put_back(wanted: &Wanted<'_>, followed: &Followed) -> Change {
    let current = wanted.prior.and_then(|p| p.current.as_ref()).map(|v| v.clone().unmark_deep().0);
    let before = current.map(|v| with_stored_marks(wanted.block, v, wanted.prior));
    let after = marked(wanted.block, followed.whole.clone().unmark_deep().0, &followed.whole);
    let mut change = Change {
        addr: wanted.addr.clone(),
        deposed: None,
        action: match &before {
            None => Action::Create,
            Some(before) if *before == after => Action::NoOp,
            Some(_) => Action::Update,
        },
        before,
        after: Some(after),
        replace_paths: Vec::new(),
        reason: None,
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    };
    change.reversibility = wanted.resource.reversibility(&change);
    change
}

/// What is put back, once all of it is known; none for what has to be made.
pub fn whole_image(followed: &Followed, resource: &dyn AnyResource) -> Option<Value> {
    (!is_remote(resource) && followed.whole.is_wholly_known()).then(|| followed.whole.clone())
}
