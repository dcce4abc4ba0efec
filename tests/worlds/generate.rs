//! Random models, and random changes of them.

use crate::model::{Call, Key, Kind, Model, Ref, Repeat, Resource, Which};
use crate::render::{OF_A_RULE, can_hold_a_rule};
use levee_sim::random::Random;
use std::collections::BTreeSet;

const LETTERS: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];

/// A model of a few resources, some of them with several objects; now and then of many.
pub(crate) fn model(random: &mut Random) -> Model {
    let calls = random.below(4).min(2);
    let mut model = Model::default();
    for i in 0..calls {
        model.calls.push(Call { name: format!("m{i}"), repeat: repeat(random, 2) });
    }
    let resources = if random.percent(15) { 8 + random.below(8) } else { 3 + random.below(4) };
    for _ in 0..resources {
        let at = model.resources.len();
        add(&mut model, random, at);
    }
    tidy(&mut model, None);
    model
}

fn repeat(random: &mut Random, most: usize) -> Repeat {
    match random.below(4) {
        0 => Repeat::Count(1 + random.below(most)),
        1 => Repeat::Each(letters(random, most)),
        _ => Repeat::One,
    }
}

fn letters(random: &mut Random, most: usize) -> BTreeSet<char> {
    (0..=random.below(most)).map(|_| LETTERS[random.below(LETTERS.len())]).collect()
}

fn unused(model: &Model) -> Key {
    // Of resources that are gone, the names may come again; that is one of the things to try.
    (1..=Key::MAX).find(|key| model.resource(*key).is_none()).unwrap_or_default()
}

fn add(model: &mut Model, random: &mut Random, at: usize) {
    let key = unused(model);
    let call = random.below(model.calls.len() * 2 + 2).checked_sub(2).map(|n| n % model.calls.len().max(1));
    let kind = match random.below(10) {
        0 | 1 => Kind::Network,
        2 => Kind::Cluster,
        3 => Kind::Rule,
        _ => Kind::Object,
    };
    let outlives = random.percent(20) && matches!(kind, Kind::Object | Kind::Network);
    let mut resource = Resource {
        key,
        kind,
        name: format!("r{key}"),
        call,
        repeat: repeat(random, 4),
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
fn relate(model: &Model, r: &mut Resource, at: usize, random: &mut Random) {
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
        (Kind::Object, 2 | 3) if here && target.repeat == Repeat::One => r.looks_at = Some(target.key),
        (Kind::Object | Kind::Cluster, 4..=6) => r.attached.push(reference),
        (Kind::Object, _) => r.refs.push(reference),
        _ => {}
    }
    r.after.sort_unstable();
    r.after.dedup();
}

/// The model after some changes.
pub(crate) fn changed(before: &Model, random: &mut Random) -> Model {
    let mut model = before.clone();
    for r in &mut model.resources {
        r.was = None;
    }
    for _ in 0..=random.below(6) {
        change(&mut model, before, random);
    }
    tidy(&mut model, Some(before));
    model
}

fn change(model: &mut Model, before: &Model, random: &mut Random) {
    let n = model.resources.len();
    if n == 0 || random.percent(12) {
        let at = random.below(n + 1);
        add(model, random, at);
        return;
    }
    let i = random.below(n);
    let key = model.resources[i].key;
    match random.below(14) {
        0 | 1 => model.remove(key),
        2 | 3 => model.resources[i].size = random.below(9),
        4 | 5 => model.resources[i].zone = random.below(4),
        6 | 7 => model.resources[i].repeat = other_repeat(&model.resources[i].repeat, random),
        8 => {
            let mut r = model.resources[i].clone();
            relate(model, &mut r, i, random);
            model.resources[i] = r;
        }
        9 => unrelate(&mut model.resources[i], random),
        10 => rename(model, before, i, random),
        11 if !model.calls.is_empty() => {
            let call = random.below(model.calls.len());
            model.calls[call].repeat = other_repeat(&model.calls[call].repeat, random);
        }
        12 => {
            let r = &mut model.resources[i];
            r.outlives = matches!(r.kind, Kind::Object | Kind::Network) && (r.guarded || !r.outlives);
        }
        _ => turn_round(model, i),
    }
}

fn other_repeat(repeat: &Repeat, random: &mut Random) -> Repeat {
    match repeat {
        _ if random.percent(20) => self::repeat(random, 4),
        Repeat::One => self::repeat(random, 4),
        Repeat::Count(n) => Repeat::Count((n + 4 - random.below(3)).saturating_sub(3)),
        Repeat::Each(keys) => {
            let mut keys = keys.clone();
            let letter = LETTERS[random.below(LETTERS.len())];
            if !keys.remove(&letter) {
                keys.insert(letter);
            }
            Repeat::Each(keys)
        }
    }
}

fn unrelate(r: &mut Resource, random: &mut Random) {
    match random.below(5) {
        0 => drop(r.refs.pop()),
        1 if r.kind != Kind::Rule => drop(r.attached.pop()),
        2 => r.looks_at = None,
        3 => drop(r.after.pop()),
        _ => r.triggered_by = None,
    }
}

/// Another name, most often with a `moved` block, sometimes in another module.
fn rename(model: &mut Model, before: &Model, i: usize, random: &mut Random) {
    let key = model.resources[i].key;
    let single: Vec<usize> = (0..model.calls.len()).filter(|c| model.calls[*c].repeat == Repeat::One).collect();
    let Some(known) = before.resource(key).filter(|known| known.kind == model.resources[i].kind) else { return };
    let stays_single = |call: Option<usize>| call.is_none_or(|c| single.contains(&c) && before.calls[c].repeat == Repeat::One);
    let movable = random.percent(75) && stays_single(known.call) && stays_single(model.resources[i].call);
    let named = model.resources.iter().any(|r| r.names().any(|k| k == key)) || model.resources[i].names().next().is_some();
    let to_module = random.percent(40) && movable && !named && model.resources[i].kind != Kind::Rule;
    if model.resources[i].kind == Kind::Rule && !movable {
        // The same rule under another name is there already.
        return;
    }
    let r = &mut model.resources[i];
    r.name = format!("{}x", known.name);
    if to_module && !single.is_empty() {
        let call = single[random.below(single.len())];
        r.call = if r.call.is_some() { None } else { Some(call) };
    }
    r.was = movable.then(|| (known.call, known.name.clone()));
}

/// What depended on its neighbour is now what that one depends on.
fn turn_round(model: &mut Model, i: usize) {
    let Some(j) = i.checked_sub(1) else { return };
    let (earlier, later) = (model.resources[j].key, model.resources[i].key);
    let plain = |r: &Resource| r.kind == Kind::Object && !r.guarded && !r.outlives && r.call.is_none();
    if !plain(&model.resources[j]) || !plain(&model.resources[i]) {
        return;
    }
    let r = &mut model.resources[i];
    let had = r.refs.iter().any(|x| x.to == earlier);
    if !had || r.attached.iter().any(|x| x.to == earlier) {
        return;
    }
    r.refs.retain(|x| x.to != earlier);
    r.after.retain(|x| *x != earlier);
    r.looks_at = r.looks_at.filter(|x| *x != earlier);
    r.triggered_by = r.triggered_by.filter(|x| *x != earlier);
    model.resources[j].refs.push(Ref { to: later, which: Which::All });
    model.resources.swap(i, j);
}

/// Takes out what a real cloud would refuse as well, whatever the order.
pub(crate) fn tidy(model: &mut Model, before: Option<&Model>) {
    // Where the way to an object changed, so must what can be named only in the same module.
    let calls: Vec<(Key, Option<usize>, bool)> = model.resources.iter().map(|r| (r.key, r.call, r.repeat == Repeat::One)).collect();
    let find = |key: Key| calls.iter().find(|(k, ..)| *k == key);
    for r in &mut model.resources {
        let here = |key: &Key| find(*key).is_some_and(|(_, call, _)| *call == r.call);
        r.after.retain(here);
        r.triggered_by = r.triggered_by.filter(here);
        r.looks_at = r.looks_at.filter(|key| here(key) && find(*key).is_some_and(|(_, _, one)| *one)).filter(|_| r.kind == Kind::Object);
    }
    loop {
        let bare = model.resources.iter().find(|r| {
            let parent = r.attached.first().and_then(|x| model.resource(x.to));
            r.kind == Kind::Rule && !parent.is_some_and(|t| can_hold_a_rule(t, r.call))
        });
        let Some(key) = bare.map(|r| r.key) else { break };
        model.remove(key);
    }
    // What has a name of its own cannot be there twice, as it would be while it outlives itself.
    let outliving: BTreeSet<Key> = model.outliving().into_iter().chain(before.map(Model::outliving).into_iter().flatten()).collect();
    for r in model.resources.iter_mut().filter(|r| outliving.contains(&r.key)) {
        r.unique = false;
    }
    let clusters: Vec<Key> =
        model.resources.iter().filter(|r| r.kind == Kind::Cluster && outliving.contains(&r.key)).map(|r| r.key).collect();
    for key in clusters {
        model.remove(key);
    }
}
