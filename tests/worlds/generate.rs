//! Random models.

use crate::model::{Call, CallKey, Key, Kind, Model, Ref, Repeat, Resource, Sight, Which};
use crate::render::{OF_A_RULE, can_hold_a_rule};
use levee_sim::random::Random;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const LETTERS: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];
/// So many objects are there that no configuration ever has.
pub(crate) const LANDMARKS: u32 = 2;

/// A model of a few resources, some of them with several objects; now and then of many.
pub(crate) fn model(random: &mut Random) -> Model {
    let mut model = Model::default();
    for _ in 0..random.below(4) {
        add_call(&mut model, random);
    }
    // Most of what can go wrong goes wrong among few.
    let resources = match random.below(10) {
        0 => 8 + random.below(8),
        1..4 => 4 + random.below(4),
        _ => 2 + random.below(3),
    };
    for _ in 0..resources {
        let at = model.resources.len();
        add(&mut model, random, at, &[]);
    }
    for i in 0..model.calls.len() {
        relate_call(&mut model, random, i);
    }
    show(&mut model, random);
    tidy(&mut model, &[]);
    model
}

/// Another call, in the root module or in what another one calls.
pub(crate) fn add_call(model: &mut Model, random: &mut Random) {
    let key = (1..=CallKey::MAX).find(|key| model.call(*key).is_none()).unwrap_or_default();
    let inside = random.percent(45) && !model.calls.is_empty();
    let parent = inside.then(|| model.calls[random.below(model.calls.len())].key);
    if model.chain(parent).len() > 2 {
        return;
    }
    let call = Call {
        key,
        name: format!("m{key}"),
        parent,
        repeat: repeat(random, 2),
        after: Vec::new(),
        hands_down: random.percent(40),
        was: None,
    };
    model.calls.push(call);
}

/// Makes a call wait for a resource, or a resource for a call.
pub(crate) fn relate_call(model: &mut Model, random: &mut Random, i: usize) {
    let (key, parent) = (model.calls[i].key, model.calls[i].parent);
    let beside: Vec<usize> = (0..model.resources.len()).filter(|r| model.resources[*r].call == parent).collect();
    if beside.is_empty() || random.percent(40) {
        return;
    }
    let r = beside[random.below(beside.len())];
    let of = model.resources[r].key;
    // Only one of the two fits the order in which resources stand.
    if model.resources[..r].iter().any(|other| model.is_inside(other.call, key)) {
        model.resources[r].after_calls.push(key);
    } else {
        model.calls[i].after.push(of);
    }
}

pub(crate) fn show(model: &mut Model, random: &mut Random) {
    let n = model.resources.len();
    if n > 0 && random.percent(60) {
        model.shown.insert(model.resources[random.below(n)].key);
    }
}

pub(crate) fn repeat(random: &mut Random, most: usize) -> Repeat {
    match random.below(4) {
        0 => Repeat::Count(1 + random.below(most)),
        1 => Repeat::Each(letters(random, most)),
        _ => Repeat::One,
    }
}

fn letters(random: &mut Random, most: usize) -> BTreeSet<char> {
    (0..=random.below(most)).map(|_| LETTERS[random.below(LETTERS.len())]).collect()
}

/// Of resources that are gone, the names may come again; that is one of the things to try. A rule's may not: while the old one
/// is there, it would be the same. Nor may that of what is guarded, which outlives its changes to the end.
fn unused(model: &Model, kind: Kind, before: &[Model]) -> Key {
    let first = match kind {
        Kind::Rule => before.iter().flat_map(|m| &m.resources).map(|r| r.key).max().unwrap_or_default() + 1,
        _ => 1,
    };
    let was_guarded = |key: Key| before.iter().any(|m| m.resource(key).is_some_and(|r| r.guarded));
    (first..=Key::MAX).find(|key| model.resource(*key).is_none() && !was_guarded(*key)).unwrap_or_default()
}

pub(crate) fn add(model: &mut Model, random: &mut Random, at: usize, before: &[Model]) {
    let kind = match random.below(10) {
        0 | 1 => Kind::Network,
        2 => Kind::Cluster,
        3 => Kind::Rule,
        _ => Kind::Object,
    };
    let key = unused(model, kind, before);
    let inside = random.below(model.calls.len() * 2 + 2).checked_sub(2).map(|n| n % model.calls.len().max(1));
    let call = inside.map(|i| model.calls[i].key);
    let outlives = random.percent(20) && matches!(kind, Kind::Object | Kind::Network);
    let mut resource = Resource {
        key,
        kind,
        name: format!("r{key}"),
        call,
        repeat: repeat(random, 3),
        size: random.below(9),
        zone: random.below(3),
        outlives,
        guarded: outlives && kind == Kind::Object && random.percent(50),
        unique: random.percent(20),
        ignores: kind == Kind::Object && random.percent(8),
        refs: Vec::new(),
        attached: Vec::new(),
        looks_at: None,
        after: Vec::new(),
        after_calls: Vec::new(),
        triggered_by: None,
        was: None,
    };
    for _ in 0..random.below(4) {
        relate(model, &mut resource, at, random);
    }
    if kind == Kind::Rule {
        let holders: Vec<Key> = model.resources[..at].iter().filter(|t| can_hold_a_rule(t, call)).map(|t| t.key).collect();
        if holders.is_empty() {
            return;
        }
        resource.attached = vec![Ref { to: holders[random.below(holders.len())], which: OF_A_RULE }];
    }
    model.resources.insert(at, resource);
}

/// Makes a resource name an earlier one, in one way or another.
pub(crate) fn relate(model: &Model, r: &mut Resource, at: usize, random: &mut Random) {
    if r.kind == Kind::Object && random.percent(6) {
        r.looks_at = Some(Sight::Landmark(u32::try_from(random.below(LANDMARKS as usize)).unwrap_or_default()));
        return;
    }
    if at == 0 {
        return;
    }
    let target = &model.resources[random.below(at)];
    let which = [Which::All, Which::First, Which::Same][random.below(3)];
    let here = target.call == r.call;
    let reference = Ref { to: target.key, which };
    match (r.kind, random.below(10)) {
        (_, 0) if here => r.after.push(target.key),
        (_, 1) if here && r.kind != Kind::Rule => r.triggered_by = Some(target.key),
        (Kind::Object, 2 | 3) if here && target.repeat == Repeat::One => {
            r.looks_at = Some(Sight::Resource(target.key, random.percent(50)));
        }
        (Kind::Object | Kind::Cluster, 4..=6) => r.attached.push(reference),
        (Kind::Object, _) => r.refs.push(reference),
        _ => {}
    }
    r.after.sort_unstable();
    r.after.dedup();
}

/// Takes out what a real cloud would refuse as well, whatever the order. `before`: what may be there.
pub(crate) fn tidy(model: &mut Model, before: &[Model]) {
    keep_to_modules(model);
    keep_order_of_calls(model);
    loop {
        let bare = model.resources.iter().find(|r| {
            let parent = r.attached.first().and_then(|x| model.resource(x.to));
            r.kind == Kind::Rule && !parent.is_some_and(|t| can_hold_a_rule(t, r.call))
        });
        let Some(key) = bare.map(|r| r.key) else { break };
        model.remove(key);
    }
    // What has a name of its own cannot be there twice, as it would be while it outlives itself.
    let outliving: BTreeSet<Key> = model.outliving().into_iter().chain(before.iter().flat_map(Model::outliving)).collect();
    for r in model.resources.iter_mut().filter(|r| outliving.contains(&r.key)) {
        r.unique = false;
    }
    let clusters: Vec<Key> =
        model.resources.iter().filter(|r| r.kind == Kind::Cluster && outliving.contains(&r.key)).map(|r| r.key).collect();
    for key in clusters {
        model.remove(key);
    }
    keep_blocks(model);
}

/// Where the way to an object changed, so must what can be named only in the same module.
fn keep_to_modules(model: &mut Model) {
    let places: BTreeMap<Key, (Option<CallKey>, bool)> =
        model.resources.iter().map(|r| (r.key, (r.call, r.repeat == Repeat::One))).collect();
    let calls: BTreeMap<CallKey, Option<CallKey>> = model.calls.iter().map(|c| (c.key, c.parent)).collect();
    for r in &mut model.resources {
        let here = |key: &Key| places.get(key).is_some_and(|(call, _)| *call == r.call);
        r.after.retain(here);
        r.triggered_by = r.triggered_by.filter(here);
        let seen = |sight: &Sight| match sight {
            Sight::Resource(key, _) => here(key) && places.get(key).is_some_and(|(_, one)| *one),
            Sight::Landmark(_) => true,
        };
        r.looks_at = r.looks_at.filter(seen).filter(|_| r.kind == Kind::Object);
        r.after_calls.retain(|call| calls.get(call).is_some_and(|parent| *parent == r.call));
        r.after_calls.sort_unstable();
        r.after_calls.dedup();
    }
    for c in &mut model.calls {
        c.after.retain(|key| places.get(key).is_some_and(|(call, _)| *call == c.parent));
        c.after.sort_unstable();
        c.after.dedup();
    }
}

/// Whatever is in a module comes after what its call waits for, and before what waits for the call. A call of what is empty has
/// no place in that order.
fn keep_order_of_calls(model: &mut Model) {
    let spans = model.calls.iter().filter_map(|c| {
        let mut inside = (0..model.resources.len()).filter(|i| model.is_inside(model.resources[*i].call, c.key));
        let first = inside.next()?;
        Some((c.key, (first, inside.next_back().unwrap_or(first))))
    });
    let span: BTreeMap<CallKey, (usize, usize)> = spans.collect();
    let place: BTreeMap<Key, usize> = model.resources.iter().enumerate().map(|(i, r)| (r.key, i)).collect();
    for c in &mut model.calls {
        let first = span.get(&c.key).map_or(0, |(first, _)| *first);
        c.after.retain(|key| place.get(key).is_some_and(|i| *i < first));
    }
    for (i, r) in model.resources.iter_mut().enumerate() {
        r.after_calls.retain(|call| span.get(call).is_some_and(|(_, last)| *last < i));
    }
}

/// Blocks that speak of what is gone, or of what is there.
fn keep_blocks(model: &mut Model) {
    let objects = model.objects();
    let fits = |r: &Resource| !r.unique && r.attached.is_empty() && r.triggered_by.is_none() && r.was.is_none();
    let kept = |i: &crate::model::Import| objects.get(&i.to).is_some_and(|(r, _)| r.key == i.of && fits(r) && r.zone == i.zone);
    let imports = model.imports.iter().filter(|i| kept(i)).cloned().collect();
    drop(objects);
    model.imports = imports;
    let calls: BTreeSet<(Option<CallKey>, String)> = model.calls.iter().map(|c| (c.parent, format!("module.{}", c.name))).collect();
    let declared: BTreeSet<(Option<CallKey>, String)> =
        model.resources.iter().map(|r| (r.call, r.local_name())).chain(calls.clone()).collect();
    let keys: BTreeSet<CallKey> = model.calls.iter().map(|c| c.key).collect();
    model.removed.retain(|r| r.home.is_none_or(|home| keys.contains(&home)) && !declared.contains(&(r.home, r.name.clone())));
    model.removed.dedup();
    let known: BTreeSet<Key> = model.resources.iter().map(|r| r.key).collect();
    model.shown.retain(|key| known.contains(key));
}
