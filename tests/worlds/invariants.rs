//! What must hold of every world, whatever happened to it.

use crate::evidence::{Evidence, Known};
use crate::model::{Kind, Resource};
use levee_sim::record::{Action, Event, Line, Object};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// An invariant: what it says, and what is found where it does not hold.
pub(crate) struct Invariant {
    pub(crate) name: &'static str,
    pub(crate) broken: fn(&Evidence) -> Vec<String>,
}

pub(crate) const INVARIANTS: &[Invariant] = &[
    Invariant { name: "the state and the world say the same", broken: state_equals_world },
    Invariant { name: "nothing is there that the state does not know", broken: orphans },
    Invariant { name: "the world is as the configuration wants it", broken: world_as_wanted },
    Invariant { name: "a second plan is empty", broken: second_plan },
    Invariant { name: "planning changes nothing", broken: planning },
    Invariant { name: "nothing is asked that the order of things forbids", broken: refusals },
    Invariant { name: "no step starts before what it depends on is done", broken: order },
    Invariant { name: "deletions go in reverse order", broken: reverse },
    Invariant { name: "what is made before it is deleted leaves no gap", broken: gaps },
];

/// Each invariant that does not hold, with what was found.
pub(crate) fn judge(evidence: &Evidence) -> Vec<(&'static str, Vec<String>)> {
    let found = INVARIANTS.iter().map(|i| (i.name, (i.broken)(evidence)));
    found.filter(|(_, broken)| !broken.is_empty()).collect()
}

fn id(known: &Known) -> &str {
    known.values.get("id").and_then(Json::as_str).unwrap_or_default()
}

fn state_equals_world(e: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    for known in &e.state {
        if known.deposed {
            out.push(format!("{} is still tainted or deposed", known.address));
        }
        match e.objects.get(id(known)) {
            None => out.push(format!("{} ({}) is in the state and not in the world", known.address, id(known))),
            Some(object) => out.extend(differences(known, object)),
        }
    }
    out
}

fn differences(known: &Known, object: &Object) -> Vec<String> {
    let mut out = Vec::new();
    let told = object.values.as_object().into_iter().flatten().filter(|(_, v)| !v.is_null());
    for (name, value) in told.filter(|(name, value)| known.values.get(name.as_str()) != Some(*value)) {
        out.push(format!("{}: {name} is {value} in the world and {:?} in the state", known.address, known.values.get(name)));
    }
    let generation = known.values.get("generation").filter(|g| g.as_u64() != Some(object.generation));
    out.extend(generation.map(|g| format!("{}: generation {} in the world and {g} in the state", known.address, object.generation)));
    out
}

fn orphans(e: &Evidence) -> Vec<String> {
    let known: BTreeSet<&str> = e.state.iter().map(id).collect();
    let unknown = e.objects.values().filter(|o| !known.contains(o.id.as_str()));
    unknown.map(|o| format!("{} ({}) is in the world and not in the state", o.name, o.id)).collect()
}

fn world_as_wanted(e: &Evidence) -> Vec<String> {
    let wanted = e.wanted.objects();
    let mut there: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in e.objects.values() {
        there.entry(&object.name).or_default().push(object);
    }
    let mut out = Vec::new();
    for (address, (resource, _)) in &wanted {
        match there.remove(address.as_str()).unwrap_or_default().as_slice() {
            [one] => out.extend(unlike(address, resource, &one.values)),
            many => out.push(format!("{address} is there {} times", many.len())),
        }
    }
    out.extend(there.keys().map(|name| format!("{name} is there, and nobody wants it")));
    let addresses: BTreeSet<&String> = e.state.iter().map(|k| &k.address).collect();
    if addresses != wanted.keys().collect() {
        out.push(format!("the state has {addresses:?}"));
    }
    out
}

fn unlike(address: &str, resource: &Resource, values: &Json) -> Option<String> {
    let (name, wanted) = match resource.kind {
        Kind::Object => ("size", Json::from(resource.size)),
        Kind::Network => ("cidr", Json::from(format!("10.{}.0.0/16", resource.zone))),
        Kind::Cluster => ("version", Json::from(resource.size.to_string())),
        Kind::Rule => ("description", Json::from(address)),
    };
    let zone = (resource.kind == Kind::Object).then(|| ("zone", Json::from(format!("z{}", resource.zone))));
    let wrong = [(name, wanted)].into_iter().chain(zone).find(|(name, wanted)| values.get(name) != Some(wanted));
    wrong.map(|(name, wanted)| format!("{address}: {name} is {:?} and not {wanted}", values.get(name)))
}

fn second_plan(e: &Evidence) -> Vec<String> {
    e.unsettled.clone()
}

fn planning(e: &Evidence) -> Vec<String> {
    (e.planned_calls > 0).then(|| format!("{} calls were made", e.planned_calls)).into_iter().collect()
}

/// The simulated cloud refuses what names the absent, what is in use, and second ones of a name.
fn refusals(e: &Evidence) -> Vec<String> {
    let refused = e.attempts.iter().flatten().filter(|l| l.event == Event::Refused);
    let notes = refused.filter_map(|l| Some((l, l.note.as_deref()?)));
    let wrong = notes.filter(|(_, note)| ["ReferenceNotFound", "InUse", "AlreadyExists"].iter().any(|code| note.contains(code)));
    wrong.map(|(line, note)| format!("{} of {}: {note}", line.action, line.name)).collect()
}

/// A call, from when it was asked to when it was done.
struct Call<'a> {
    asked: &'a Line,
    done: Option<&'a Line>,
}

fn calls(lines: &[Line]) -> Vec<Call<'_>> {
    let done: BTreeMap<u64, &Line> = lines.iter().filter(|l| l.event == Event::Done).map(|l| (l.call, l)).collect();
    let asked = lines.iter().filter(|l| l.event == Event::Asked);
    asked.map(|asked| Call { asked, done: done.get(&asked.seq).copied() }).collect()
}

fn order(e: &Evidence) -> Vec<String> {
    let wanted = e.wanted.objects();
    let mut out = Vec::new();
    for lines in &e.attempts {
        let making = |c: &&Call| c.asked.action != Action::Delete;
        let calls = calls(lines);
        let by_name = |name: &str| calls.iter().filter(making).filter(|c| c.asked.name == name).collect::<Vec<_>>();
        for call in calls.iter().filter(making) {
            let before = wanted.get(&call.asked.name).map(|(_, before)| before);
            for other in before.into_iter().flatten().flat_map(|name| by_name(name)) {
                if other.done.is_none_or(|done| done.seq > call.asked.seq) && !followed_by_success(other, &calls, call.asked.seq) {
                    out.push(format!(
                        "{} of {} began before {} of {} was done",
                        call.asked.action, call.asked.name, other.asked.action, other.asked.name
                    ));
                }
            }
        }
    }
    out
}

/// Whether what failed was tried again within the step, as what is throttled is, and done before then.
fn followed_by_success(call: &Call, calls: &[Call], before: u64) -> bool {
    let same = |c: &&Call| c.asked.name == call.asked.name && c.asked.action == call.asked.action && c.asked.seq > call.asked.seq;
    calls.iter().filter(same).any(|c| c.done.is_some_and(|done| done.seq < before))
}

fn reverse(e: &Evidence) -> Vec<String> {
    let (before, wanted) = (e.before.objects(), e.wanted.objects());
    let mut out = Vec::new();
    for lines in &e.attempts {
        let deleted: Vec<Call> = calls(lines).into_iter().filter(|c| c.asked.action == Action::Delete).collect();
        let old: Vec<(&str, &Call)> = deleted.iter().filter_map(|c| Some((&*e.at_first.get(c.asked.id.as_ref()?)?.name, c))).collect();
        for (name, call) in &old {
            let depended = before.get(*name).map(|(_, on)| on);
            for (other_name, other) in old.iter().filter(|(n, _)| depended.is_some_and(|on| on.contains(*n))) {
                // The configuration may have turned it round since.
                let turned = wanted.contains_key(*other_name) && wanted.contains_key(*name) && reaches(&wanted, other_name, name);
                let done = call.done.is_some_and(|done| done.seq < other.asked.seq);
                if !turned && !done && !followed_by_success(call, &deleted, other.asked.seq) {
                    out.push(format!("{other_name} was deleted before {name}, which depended on it"));
                }
            }
        }
    }
    out
}

fn reaches(objects: &BTreeMap<String, (&Resource, BTreeSet<String>)>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut stack = vec![from.to_owned()];
    while let Some(at) = stack.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at.clone()) {
            stack.extend(objects.get(&at).into_iter().flat_map(|(_, on)| on.iter().cloned()));
        }
    }
    false
}

fn gaps(e: &Evidence) -> Vec<String> {
    let before = e.before.objects();
    let wanted = e.wanted.objects();
    let lasting = wanted.iter().filter(|(name, (r, _))| r.outlives && before.get(*name).is_some_and(|(b, _)| b.outlives));
    let lasting: BTreeSet<&String> = lasting.map(|(name, _)| name).collect();
    let mut there: BTreeMap<&str, &str> = e.at_first.values().map(|o| (o.id.as_str(), o.name.as_str())).collect();
    let mut out = Vec::new();
    for line in e.attempts.iter().flatten().filter(|l| l.event == Event::Done) {
        let Some(id) = line.id.as_deref() else { continue };
        match &line.object {
            Some(object) => drop(there.insert(id, &object.name)),
            None => {
                let gone = there.remove(id).unwrap_or_default();
                if lasting.iter().any(|name| *name == gone) && !there.values().any(|name| *name == gone) {
                    out.push(format!("there was no {gone} for a while"));
                }
            }
        }
    }
    out
}
