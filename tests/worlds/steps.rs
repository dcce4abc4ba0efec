//! What must hold of the steps of a run, by what the run itself told of them.

use crate::evidence::{Evidence, Moment, Step};
use crate::invariants::{all_objects, depended};
use crate::model::{Objects, Resource};
use levee::event::StepKind;
use std::collections::{BTreeMap, BTreeSet};

/// When steps of one kind began and were done, by address.
struct Times<'a>(BTreeMap<&'a str, (usize, Option<usize>)>);

impl<'a> Times<'a> {
    fn of(steps: &'a [Step], kinds: &[StepKind]) -> Self {
        let mut times = BTreeMap::new();
        for (at, step) in steps.iter().enumerate().filter(|(_, s)| !s.deposed && kinds.contains(&s.kind)) {
            let entry = times.entry(step.address.as_str()).or_insert((at, None));
            match step.moment {
                Moment::Started => entry.0 = at,
                Moment::Finished => entry.1 = Some(at),
                Moment::Failed => {}
            }
        }
        Self(times)
    }

    fn began(&self, address: &str) -> Option<usize> {
        self.0.get(address).map(|(began, _)| *began)
    }

    /// Whether a step had not ended well by then. Where there is none there is nothing to wait for.
    fn is_pending(&self, address: &str, by: usize) -> bool {
        self.0.get(address).is_some_and(|(_, done)| done.is_none_or(|done| done > by))
    }
}

/// The data source that a resource's object looks at.
fn data_address(address: &str, r: &Resource) -> Option<String> {
    let data = format!("data.sim_lookup.of_{}", r.key);
    r.looked_at().and_then(|_| address.rfind(&r.local_name())).map(|at| format!("{}{data}", &address[..at]))
}

pub(crate) fn order(e: &Evidence) -> Vec<String> {
    let wanted = e.wanted.objects();
    e.steps.iter().flat_map(|steps| out_of_order(&wanted, steps)).collect()
}

fn out_of_order(wanted: &Objects<'_>, steps: &[Step]) -> Vec<String> {
    let made = Times::of(steps, &[StepKind::Create, StepKind::Update]);
    let read = Times::of(steps, &[StepKind::Read]);
    let mut out = Vec::new();
    for (address, (r, before)) in wanted {
        let data = data_address(address, r);
        if let Some(began) = made.began(address) {
            let early = before.iter().filter(|other| made.is_pending(other, began));
            out.extend(early.map(|other| format!("{address} was begun before {other} was done")));
            let unread = data.iter().filter(|data| read.is_pending(data, began));
            out.extend(unread.map(|data| format!("{address} was begun before {data} was read")));
        }
        let looked_at: BTreeSet<&String> =
            before.iter().filter(|other| wanted.get(*other).is_some_and(|(o, _)| Some(o.key) == r.looked_at())).collect();
        if let Some((data, began)) = data.and_then(|data| read.began(&data).map(|began| (data, began))) {
            let early = looked_at.into_iter().filter(|other| made.is_pending(other, began));
            out.extend(early.map(|other| format!("{data} was read before {other} was done")));
        }
    }
    out
}

/// Of what is only deleted, what depended on something goes first.
pub(crate) fn reverse(e: &Evidence) -> Vec<String> {
    let (before, wanted) = (all_objects(e), e.wanted.objects());
    let mut out = Vec::new();
    for steps in &e.steps {
        let deleted = Times::of(steps, &[StepKind::Delete]);
        let gone: Vec<&str> = deleted.0.keys().copied().filter(|address| !wanted.contains_key(*address)).collect();
        for on in &gone {
            let began = deleted.began(on).unwrap_or_default();
            let late = gone.iter().filter(|name| depended(&before, name, on) && deleted.is_pending(name, began));
            out.extend(late.map(|name| format!("the deletion of {on} was begun before {name} was gone, which depended on it")));
        }
    }
    out
}

pub(crate) fn at_a_time(e: &Evidence) -> Vec<String> {
    let Some(allowed) = e.at_a_time else { return Vec::new() };
    let mut out = Vec::new();
    for steps in &e.steps {
        let (mut running, mut most) = (0_usize, 0);
        for step in steps {
            running = if step.moment == Moment::Started { running + 1 } else { running.saturating_sub(1) };
            most = most.max(running);
        }
        if most > allowed {
            out.push(format!("{most} steps ran at a time, of {allowed} that were allowed"));
        }
    }
    out
}

pub(crate) fn whole(e: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    for steps in &e.steps {
        let mut begun = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for step in steps.iter().filter(|s| !s.deposed) {
            let which = (&step.address, step.kind);
            let first = if step.moment == Moment::Started { begun.insert(which) } else { begun.contains(&which) && ended.insert(which) };
            if !first {
                out.push(format!("{:?} of {}: {:?} at the wrong time", step.kind, step.address, step.moment));
            }
        }
    }
    out
}
