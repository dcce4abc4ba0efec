//! Random changes of a model.

use crate::generate::{LETTERS, add, add_call, relate, relate_call, repeat, show, tidy};
use crate::model::{Call, CallKey, Import, Key, Kind, Model, Origin, Ref, Removed, Repeat, Resource, Which};
use levee_sim::random::Random;
use std::collections::BTreeSet;

/// What configurations so far have left behind.
#[derive(Default)]
pub(crate) struct Left {
    /// How many objects were made behind our back.
    pub(crate) strangers: u32,
    /// Objects that were forgotten: address, type, zone.
    pub(crate) forgotten: Vec<(String, Kind, usize)>,
}

/// The model after some changes. `before`: all that may be there, the last one the one that is changed.
pub(crate) fn changed(before: &[Model], left: &mut Left, random: &mut Random) -> Model {
    let last = &before[before.len() - 1];
    let mut model = last.clone();
    // What was given up may not have moved yet.
    if before.len() == 1 {
        model.resources.iter_mut().for_each(|r| r.was = None);
        model.calls.iter_mut().for_each(|c| c.was = None);
        if random.percent(50) {
            model.removed.clear();
            model.imports.clear();
        }
    }
    for _ in 0..=random.below(6) {
        change(&mut model, before, random);
    }
    tidy(&mut model, before);
    import(&mut model, before, left, random);
    remember(&model, before, left);
    model
}

fn change(model: &mut Model, before: &[Model], random: &mut Random) {
    let n = model.resources.len();
    if n == 0 || random.percent(12) {
        let at = random.below(n + 1);
        return add(model, random, at, before);
    }
    if random.percent(18) {
        return change_calls(model, before, random);
    }
    let i = random.below(n);
    match random.below(14) {
        0 | 1 => remove(model, before, i, random),
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
        11 => {
            let r = &mut model.resources[i];
            r.outlives = matches!(r.kind, Kind::Object | Kind::Network) && (r.guarded || !r.outlives);
        }
        12 => {
            model.shown.pop_first();
            show(model, random);
        }
        _ => turn_round(model, i),
    }
}

fn change_calls(model: &mut Model, before: &[Model], random: &mut Random) {
    let n = model.calls.len();
    if n == 0 || random.percent(15) {
        return add_call(model, random);
    }
    // What moves from one module to another names single instances.
    let across = model.resources.iter().any(|r| r.was.as_ref().is_some_and(|(call, _)| *call != r.call));
    let i = random.below(n);
    match random.below(7) {
        0 | 1 | 5 if across => {}
        0 | 1 => model.calls[i].repeat = other_repeat(&model.calls[i].repeat, random),
        2 => relate_call(model, random, i),
        3 => model.calls[i].after.clear(),
        4 => model.calls[i].hands_down = !model.calls[i].hands_down,
        5 => rename_call(model, before, i),
        _ => remove_with_call(model, before, i, random),
    }
}

/// Whether a resource's objects can be left where they are, and be in nobody's way.
fn can_stay(model: &Model, before: &[Model], key: Key) -> bool {
    let quiet = |r: &Resource| {
        matches!(r.kind, Kind::Object | Kind::Network) && !r.unique && r.refs.is_empty() && r.attached.is_empty() && r.was.is_none()
    };
    let paths = || before.iter().chain([model]).filter_map(|m| m.resource(key).map(|r| (m, r)));
    let still = paths().all(|(m, r)| m.chain(r.call).iter().all(|c| m.call(*c).is_some_and(|c| c.was.is_none())));
    paths().all(|(_, r)| quiet(r)) && still
}

fn remove(model: &mut Model, before: &[Model], i: usize, random: &mut Random) {
    let r = &model.resources[i];
    let known = before.iter().any(|m| m.resource(r.key).is_some_and(|b| b.name == r.name && b.call == r.call && b.kind == r.kind));
    if known && random.percent(60) {
        let destroy = !can_stay(model, before, r.key) || random.percent(30);
        model.removed.push(Removed { home: r.call, name: r.local_name(), destroy });
    }
    let key = r.key;
    model.remove(key);
}

fn remove_with_call(model: &mut Model, before: &[Model], i: usize, random: &mut Random) {
    let (key, home, name) = (model.calls[i].key, model.calls[i].parent, format!("module.{}", model.calls[i].name));
    let known = before.iter().any(|m| m.call(key).is_some_and(|c| c.name == model.calls[i].name && c.parent == home));
    if known && random.percent(60) {
        let inside = |m: &Model| m.resources.iter().filter(|r| m.is_inside(r.call, key)).map(|r| r.key).collect::<Vec<_>>();
        let all: Vec<Key> = before.iter().flat_map(inside).chain(inside(model)).collect();
        let destroy = !all.iter().all(|r| can_stay(model, before, *r)) || random.percent(30);
        model.removed.push(Removed { home, name, destroy });
    }
    model.remove_call(key);
}

pub(crate) fn other_repeat(repeat: &Repeat, random: &mut Random) -> Repeat {
    match repeat {
        _ if random.percent(20) => self::repeat(random, 3),
        Repeat::One => self::repeat(random, 3),
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
    match random.below(6) {
        0 => drop(r.refs.pop()),
        1 if r.kind != Kind::Rule => drop(r.attached.pop()),
        2 => r.looks_at = None,
        3 => drop(r.after.pop()),
        4 => drop(r.after_calls.pop()),
        _ => r.triggered_by = None,
    }
}

/// Another name, most often with a `moved` block, sometimes in another module.
fn rename(model: &mut Model, before: &[Model], i: usize, random: &mut Random) {
    let r = &model.resources[i];
    let (key, home) = (r.key, r.call);
    let [before] = before else { return };
    if !before.resource(key).is_some_and(|known| known.kind == r.kind && known.call == home && known.name == r.name) {
        return;
    }
    let named = model.resources.iter().any(|r| model.needs(r).contains(&key)) || !model.needs(r).is_empty();
    let with_block = random.percent(75);
    if r.kind == Kind::Rule && !with_block {
        // The same rule under another name is there already.
        return;
    }
    let single = |call: Option<CallKey>| {
        let one = |m: &Model| m.chain(call).iter().all(|c| m.call(*c).is_some_and(|c| c.repeat == Repeat::One && c.was.is_none()));
        one(model) && one(before) && model.chain(call) == before.chain(call)
    };
    let to_module = random.percent(40) && with_block && !named && r.kind != Kind::Rule && single(home);
    let homes: Vec<CallKey> = model.calls.iter().map(|c| c.key).filter(|c| single(Some(*c))).collect();
    let call = match home {
        _ if !to_module || homes.is_empty() => home,
        Some(_) => None,
        None => Some(homes[random.below(homes.len())]),
    };
    let r = &mut model.resources[i];
    r.was = with_block.then(|| (home, r.name.clone()));
    r.name = format!("{}x", r.name);
    r.call = call;
}

/// Another name of a call, with a `moved` block.
fn rename_call(model: &mut Model, before: &[Model], i: usize) {
    let key = model.calls[i].key;
    let [before] = before else { return };
    let Some(known) = before.call(key).filter(|c| c.parent == model.calls[i].parent && c.name == model.calls[i].name) else { return };
    let spoken_of = model.removed.iter().any(|r| r.home.is_some_and(|home| model.is_inside(Some(home), key)));
    if spoken_of {
        return;
    }
    model.calls[i].was = Some(known.name.clone());
    model.calls[i].name = format!("{}x", known.name);
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
    r.looks_at = r.looks_at.filter(|_| r.looked_at() != Some(earlier));
    r.triggered_by = r.triggered_by.filter(|x| *x != earlier);
    model.resources[j].refs.push(Ref { to: later, which: Which::All });
    model.resources.swap(i, j);
}

/// Whether an object at an address that is new can have no other one before: by a `moved` block, or where a count was added.
fn is_new_there(model: &Model, before: &[Model], r: &Resource) -> bool {
    let same = |a: &Repeat, b: &Repeat| std::mem::discriminant(a) == std::mem::discriminant(b);
    let calls = model.chain(r.call).into_iter().filter_map(|key| model.call(key));
    let steady = |call: &Call| {
        let known = before.iter().filter_map(|m| m.call(call.key));
        call.was.is_none() && known.into_iter().all(|k| same(&k.repeat, &call.repeat) && k.name == call.name)
    };
    let known = before.iter().filter_map(|m| m.resource(r.key));
    r.was.is_none() && known.into_iter().all(|k| same(&k.repeat, &r.repeat)) && calls.into_iter().all(steady)
}

/// Takes over objects that are there already, for some of those that would be made.
fn import(model: &mut Model, before: &[Model], left: &mut Left, random: &mut Random) {
    let known: BTreeSet<String> = before.iter().flat_map(|m| m.objects().into_keys().collect::<Vec<_>>()).collect();
    let fits =
        |r: &Resource| matches!(r.kind, Kind::Object | Kind::Network) && !r.unique && r.attached.is_empty() && r.triggered_by.is_none();
    let new: Vec<(String, Key, Kind, usize)> = model
        .objects()
        .into_iter()
        .filter(|(address, (r, _))| fits(r) && !known.contains(address) && is_new_there(model, before, r))
        .map(|(address, (r, _))| (address, r.key, r.kind, r.zone))
        .collect();
    for (to, of, kind, zone) in new {
        let same = left.forgotten.iter().position(|(_, k, z)| *k == kind && *z == zone);
        let origin = match same {
            Some(i) if random.percent(70) => Origin::Forgotten(left.forgotten.remove(i).0),
            _ if random.percent(20) => {
                left.strangers += 1;
                Origin::Stranger(left.strangers)
            }
            _ => continue,
        };
        model.imports.push(Import { of, to, origin, zone });
    }
}

/// Notes which objects a model has forgotten.
fn remember(model: &Model, before: &[Model], left: &mut Left) {
    let known = before.iter().flat_map(|m| {
        let objects = m.objects().into_iter().filter(|(address, _)| model.forgets(address));
        objects.map(|(address, (r, _))| (address, r.kind, r.zone)).collect::<Vec<_>>()
    });
    for (address, kind, zone) in known {
        if !left.forgotten.iter().any(|(a, ..)| *a == address) {
            left.forgotten.push((address, kind, zone));
        }
    }
}
