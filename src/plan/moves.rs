//! Objects whose resource got or lost its `count`: `a` is `a[0]` then, and `a[0]` is `a`, and nothing happens to them.

use super::objects::Objects;
use crate::config::Config;
use crate::graph::block::resource_of;
use levee_model::{InstanceAddr, InstanceKey, Mode};
use levee_state::{ObjectRow, StateEdit};
use std::sync::Arc;

/// Gives objects the addresses that the configuration means now, and yields the edits by which the state follows.
pub fn follow_count(objects: &mut Objects, config: &Config) -> Vec<StateEdit> {
    let current = objects.all.keys().filter(|(_, deposed)| deposed.is_none()).map(|(addr, _)| addr);
    let moves: Vec<_> = current.filter_map(|from| Some((from.clone(), meant(from, config)?))).collect();
    let mut edits = Vec::new();
    for (from, to) in moves.into_iter().filter(|(_, to)| objects.current(to).is_none()).collect::<Vec<_>>() {
        let keys: Vec<_> = objects.all.keys().filter(|(addr, _)| *addr == from).cloned().collect();
        for key in keys {
            if let Some(mut prior) = objects.all.remove(&key) {
                prior.row = Arc::new(ObjectRow { addr: to.clone(), ..prior.row.as_ref().clone() });
                objects.all.insert((to.clone(), key.1), prior);
            }
        }
        edits.push(StateEdit::Move { from, to });
    }
    edits
}

/// The other address of the one object of a resource, if that is the one that the configuration has.
fn meant(addr: &InstanceAddr, config: &Config) -> Option<InstanceAddr> {
    let resource = resource_of(config.modules.get(&addr.module.path())?, &addr.resource())?;
    let key = match addr.key {
        InstanceKey::None if resource.count.is_some() => InstanceKey::Int(0),
        InstanceKey::Int(0) if resource.count.is_none() && resource.for_each.is_none() => InstanceKey::None,
        _ => return None,
    };
    (addr.mode == Mode::Managed).then(|| InstanceAddr { key, ..addr.clone() })
}
