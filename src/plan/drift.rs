//! What of the state has changed behind our back: each object as stored, and as found.

use super::objects::Objects;
use super::plan_type::Mode;
use levee_model::{Action, Change, InstanceAddr, Mode as ResourceMode, Reversibility};
use std::collections::BTreeMap;

/// The objects that were found other than as stored. Where nothing else is planned, an address that changed is told here, too.
pub(super) fn found(objects: &Objects, previous: &BTreeMap<InstanceAddr, InstanceAddr>, mode: Mode) -> Vec<Change> {
    let from = |addr: &InstanceAddr, deposed: bool| previous.get(addr).filter(|_| !deposed);
    let told = |addr: &InstanceAddr, deposed: bool| mode == Mode::RefreshOnly && from(addr, deposed).is_some();
    let managed = objects.all.iter().filter(|((a, _), _)| a.mode == ResourceMode::Managed);
    managed
        .filter(|((a, deposed), p)| p.moved() || told(a, deposed.is_some()))
        .map(|((addr, deposed), prior)| Change {
            addr: addr.clone(),
            deposed: deposed.clone(),
            action: match &prior.current {
                Some(_) if !prior.moved() => Action::NoOp,
                Some(_) => Action::Update,
                None => Action::Delete,
            },
            before: Some(prior.stored.clone()),
            after: prior.current.clone(),
            replace_paths: Vec::new(),
            reason: None,
            reversibility: Reversibility::Reversible,
            previous: from(addr, deposed.is_some()).cloned().map(Box::new),
            importing: None,
        })
        .collect()
}
