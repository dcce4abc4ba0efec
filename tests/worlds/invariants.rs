//! What must hold of every world, whatever happened to it.

use crate::evidence::{Evidence, Known};
use crate::model::{Kind, Model, Objects, Origin, Resource};
use levee_sim::record::{Action, Event, Line, Object};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// An invariant: what it says, and what is found where it does not hold.
pub(crate) struct Invariant {
    pub(crate) name: &'static str,
    /// Whether it holds of a configuration that was given up before it stood, too.
    always: bool,
    pub(crate) broken: fn(&Evidence) -> Vec<String>,
}

const fn at_the_end(name: &'static str, broken: fn(&Evidence) -> Vec<String>) -> Invariant {
    Invariant { name, always: false, broken }
}

const fn always(name: &'static str, broken: fn(&Evidence) -> Vec<String>) -> Invariant {
    Invariant { name, always: true, broken }
}

pub(crate) const INVARIANTS: &[Invariant] = &[
    at_the_end("the state and the world say the same", state_equals_world),
    at_the_end("nothing is there that the state does not know", orphans),
    at_the_end("the world is as the configuration wants it", world_as_wanted),
    at_the_end("outputs tell what is there", outputs),
    at_the_end("what is imported is the state's", imports),
    at_the_end("a second plan is empty", second_plan),
    always("planning changes nothing", planning),
    always("what is not the state's is left alone", strangers),
    always("what targets leave out is left alone", left_out),
    always("nothing is asked that the order of things forbids", refusals),
    always("no call comes before what it depends on is done", order),
    always("deletions go in reverse order", reverse),
    always("what is made before it is deleted leaves no gap", gaps),
    always("no step starts before what it depends on is done", crate::steps::order),
    always("steps that delete go in reverse order", crate::steps::reverse),
    always("no more steps run at a time than are allowed", crate::steps::at_a_time),
    always("each step begins once and ends once", crate::steps::whole),
];

/// Each invariant that does not hold, with what was found.
pub(crate) fn judge(evidence: &Evidence) -> Vec<(&'static str, Vec<String>)> {
    let due = INVARIANTS.iter().filter(|i| i.always || evidence.stands);
    due.map(|i| (i.name, (i.broken)(evidence))).filter(|(_, broken)| !broken.is_empty()).collect()
}

/// What nobody wants to be the state's.
fn is_apart(e: &Evidence, id: &str) -> bool {
    e.strangers.contains_key(id) || e.forgotten.contains(id)
}

fn state_equals_world(e: &Evidence) -> Vec<String> {
    let mut out: Vec<String> = e.open.then(|| "a run is left open".to_owned()).into_iter().collect();
    for known in &e.state {
        if known.deposed {
            out.push(format!("{} is still tainted or deposed", known.address));
        }
        match e.objects.get(known.id()) {
            None => out.push(format!("{} ({}) is in the state and not in the world", known.address, known.id())),
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
    let known: BTreeSet<&str> = e.state.iter().map(Known::id).collect();
    let unknown = e.objects.values().filter(|o| !known.contains(o.id.as_str()) && !is_apart(e, &o.id));
    unknown.map(|o| format!("{} ({}) is in the world and not in the state", o.name, o.id)).collect()
}

fn world_as_wanted(e: &Evidence) -> Vec<String> {
    let wanted = e.wanted.objects();
    let known: BTreeSet<&str> = e.state.iter().map(Known::id).collect();
    let mut there: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in e.objects.values().filter(|o| known.contains(o.id.as_str()) || !is_apart(e, &o.id)) {
        there.entry(&object.name).or_default().push(object);
    }
    let mut out = Vec::new();
    for (address, (resource, _)) in &wanted {
        match there.get(address.as_str()).map(Vec::as_slice) {
            Some([one]) => out.extend(unlike(address, resource, &one.values)),
            other => out.push(format!("{address} is there {} times", other.map_or(0, <[_]>::len))),
        }
    }
    out.extend(there.keys().filter(|name| !wanted.contains_key(**name)).map(|name| format!("{name} is there, and is not wanted")));
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

/// Each output of the root module has the ids of a resource's objects.
fn outputs(e: &Evidence) -> Vec<String> {
    let is_ours = |id: &&str| e.state.iter().any(|known| known.id() == *id);
    let mut out = Vec::new();
    for r in e.wanted.shown.iter().filter_map(|key| e.wanted.resource(*key)) {
        let told = e.outputs.get(&format!("out_{}", r.key)).and_then(Json::as_object);
        let told: BTreeSet<&str> = told.into_iter().flat_map(|map| map.values().filter_map(Json::as_str)).collect();
        let all = e.wanted.all(r);
        let there = e.objects.values().filter(|o| all.contains(&o.name)).map(|o| o.id.as_str()).filter(is_ours).collect();
        if told != there {
            out.push(format!("output out_{} has {told:?} and not {there:?}", r.key));
        }
    }
    if e.outputs.len() != e.wanted.shown.len() {
        out.push(format!("there are outputs {:?}", e.outputs.keys()));
    }
    out
}

/// What was made for an import, and had no address yet, has the one that was meant for it.
fn imports(e: &Evidence) -> Vec<String> {
    let was_known = |address: &str| e.before.iter().any(|m| m.objects().contains_key(address));
    let mut out = Vec::new();
    for import in e.wanted.imports.iter().filter(|i| matches!(i.origin, Origin::Stranger(_)) && !was_known(&i.to)) {
        let holder = e.state.iter().find(|known| known.address == import.to);
        if !holder.is_some_and(|known| known.id().contains("stranger")) {
            out.push(format!("{} is {:?}, which was not imported", import.to, holder.map(Known::id)));
        }
    }
    out
}

fn second_plan(e: &Evidence) -> Vec<String> {
    e.unsettled.clone()
}

fn planning(e: &Evidence) -> Vec<String> {
    (e.written_by_plans > 0).then(|| format!("{} bytes were written", e.written_by_plans)).into_iter().collect()
}

fn strangers(e: &Evidence) -> Vec<String> {
    let is_ours = |id: &str| e.state.iter().any(|known| known.id() == id);
    let changed = e.strangers.iter().filter(|(id, was)| !is_ours(id) && e.objects.get(*id) != Some(was));
    changed.map(|(id, was)| format!("{} ({id}) was {was:?} and is {:?}", was.name, e.objects.get(id))).collect()
}

fn left_out(e: &Evidence) -> Vec<String> {
    let Some(choices) = &e.partial else { return Vec::new() };
    let models = || e.before.iter().chain([&e.wanted]);
    // What moved had another name, and a name is all that a call tells.
    let moved = |m: &Model| m.resources.iter().any(|r| r.was.is_some()) || m.calls.iter().any(|c| c.was.is_some());
    if models().any(moved) {
        return Vec::new();
    }
    let names: BTreeSet<String> = models().flat_map(|m| m.objects().into_keys().collect::<Vec<_>>()).collect();
    let asked = e.attempts.first().into_iter().flatten().filter(|l| l.event == Event::Asked && names.contains(&l.name));
    let wrong = asked.filter(|l| choices.spares(&l.name, &e.before, &e.wanted));
    wrong.map(|l| format!("{} of {} was asked for with {choices:?}", l.action, l.name)).collect()
}

/// The simulated cloud refuses what names the absent, what is in use, and second ones of a name. Only where targets left out
/// what would have let go first is that as it must be.
fn refusals(e: &Evidence) -> Vec<String> {
    let attempts = e.attempts.iter().skip(usize::from(e.partial.is_some()));
    let refused = attempts.flatten().filter(|l| l.event == Event::Refused);
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
        let mut by_name: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
        calls.iter().filter(making).for_each(|c| by_name.entry(&c.asked.name).or_default().push(c));
        for call in calls.iter().filter(making) {
            let before = wanted.get(&call.asked.name).map(|(_, before)| before);
            for other in before.into_iter().flatten().filter_map(|name| by_name.get(name.as_str())).flatten() {
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
    let (before, wanted) = (all_objects(e), e.wanted.objects());
    let mut out = Vec::new();
    for lines in &e.attempts {
        let deleted: Vec<Call> = calls(lines).into_iter().filter(|c| c.asked.action == Action::Delete).collect();
        let old: Vec<(&str, &Call)> = deleted.iter().filter_map(|c| Some((&*e.at_first.get(c.asked.id.as_ref()?)?.name, c))).collect();
        for (name, call) in &old {
            for (other_name, other) in old.iter().filter(|(n, _)| depended(&before, name, n)) {
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

/// What each configuration before wanted.
pub(crate) fn all_objects(e: &Evidence) -> Vec<Objects<'_>> {
    e.before.iter().map(Model::objects).collect()
}

/// Whether one object depended on another, whichever of the configurations before has made it as it is.
pub(crate) fn depended(before: &[Objects<'_>], name: &str, on: &str) -> bool {
    let mut known = before.iter().filter_map(|objects| objects.get(name)).peekable();
    known.peek().is_some() && before.iter().all(|objects| objects.get(name).is_some_and(|(_, needs)| needs.contains(on)))
}

fn reaches(objects: &Objects<'_>, from: &str, to: &str) -> bool {
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
    let before = all_objects(e);
    let wanted = e.wanted.objects();
    let outlived = |name: &String| !before.is_empty() && before.iter().all(|b| b.get(name).is_some_and(|(r, _)| r.outlives));
    let lasting: BTreeSet<&String> = wanted.iter().filter(|(name, (r, _))| r.outlives && outlived(name)).map(|(name, _)| name).collect();
    let ours = e.at_first.values().filter(|o| !e.strangers.contains_key(&o.id));
    let mut there: BTreeMap<&str, &str> = ours.map(|o| (o.id.as_str(), o.name.as_str())).collect();
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
