//! The type that several types have in common.

use super::{Safety, convertible, same_type};
use crate::types::Type;
use std::collections::BTreeMap;

/// The type all of these can be converted to, as far as types can tell. None where there is none, or for no types.
///
/// `Dynamic` beside other types gives `Dynamic`: a value that will be known only later may be of any type.
pub fn unify(types: &[Type]) -> Option<Type> {
    common_type(types, Safety::Unsafe)
}

/// As [`unify`], with conversions only that cannot fail.
pub fn unify_safe(types: &[Type]) -> Option<Type> {
    common_type(types, Safety::Safe)
}

#[derive(Default)]
struct Census {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamics: usize,
}

fn census(types: &[Type]) -> Census {
    let mut c = Census::default();
    for ty in types {
        match ty {
            Type::Map(_) => c.maps += 1,
            Type::List(_) => c.lists += 1,
            Type::Set(_) => c.sets += 1,
            Type::Object(_) => c.objects += 1,
            Type::Tuple(_) => c.tuples += 1,
            Type::Dynamic => c.dynamics += 1,
            _ => {}
        }
    }
    c
}

pub(super) fn common_type(types: &[Type], safety: Safety) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|t| t == first) {
        return Some(first.clone());
    }
    let n = types.len();
    let c = census(types);
    let some_dynamic = c.dynamics > 0;
    let all = |kind: usize| kind > 0 && kind + c.dynamics == n;
    if (all(c.maps) || all(c.lists) || all(c.sets) || all(c.objects) || all(c.tuples)) && some_dynamic {
        return Some(Type::Dynamic);
    }
    if all(c.maps) {
        return collection(types, safety).map(Type::map);
    } else if c.maps > 0 && c.maps + c.objects + c.dynamics == n {
        if let Some(ty) = mixed(types, safety, objects_as_map) {
            return Some(ty);
        }
    } else if all(c.lists) {
        return collection(types, safety).map(Type::list);
    } else if c.lists > 0 && c.lists + c.tuples + c.dynamics == n {
        if let Some(ty) = mixed(types, safety, tuples_as_list) {
            return Some(ty);
        }
    } else if all(c.sets) {
        return collection(types, safety).map(Type::set);
    } else if all(c.objects) {
        return objects(types, safety);
    } else if all(c.tuples) {
        return tuples(types, safety);
    } else if c.objects > 0 && c.tuples > 0 {
        return None;
    }
    let reachable = |want: &Type| types.iter().all(|t| same_type(t, want) || convertible(t, want, safety));
    preference(types).into_iter().map(|i| &types[i]).find(|want| reachable(want)).cloned()
}

/// The element type of what collections of one kind have in common.
fn collection(types: &[Type], safety: Safety) -> Option<Type> {
    common_type(&types.iter().filter_map(|t| t.element().cloned()).collect::<Vec<_>>(), safety)
}

/// Collections beside structures: the structures become a collection first.
fn mixed(types: &[Type], safety: Safety, turn: fn(&[Type], Safety) -> Option<Type>) -> Option<Type> {
    let structural = |t: &Type| matches!(t, Type::Tuple(_) | Type::Object(_));
    let turned = turn(&types.iter().filter(|t| structural(t)).cloned().collect::<Vec<_>>(), safety)?;
    let alike: Vec<Type> = types.iter().map(|t| if structural(t) { turned.clone() } else { t.clone() }).collect();
    common_type(&alike, safety).filter(|t| matches!(t, Type::List(_) | Type::Map(_)))
}

fn tuples_as_list(types: &[Type], safety: Safety) -> Option<Type> {
    let members: Vec<Type> = types.iter().flat_map(|t| if let Type::Tuple(ts) = t { ts.to_vec() } else { Vec::new() }).collect();
    let list = Type::list(common_type(&members, safety)?);
    types.iter().all(|t| convertible(t, &list, safety)).then_some(list)
}

fn objects_as_map(types: &[Type], safety: Safety) -> Option<Type> {
    let members: Vec<Type> =
        types.iter().flat_map(|t| if let Type::Object(o) = t { o.attributes.values().cloned().collect() } else { Vec::new() }).collect();
    let map = Type::map(common_type(&members, safety)?);
    types.iter().all(|t| convertible(t, &map, safety)).then_some(map)
}

fn objects(types: &[Type], safety: Safety) -> Option<Type> {
    let all: Vec<_> = types.iter().filter_map(|t| if let Type::Object(o) = t { Some(o) } else { None }).collect();
    let first = all.first()?;
    if all.iter().any(|o| !o.attributes.keys().eq(first.attributes.keys())) {
        return objects_as_map(types, safety);
    }
    let mut attributes = BTreeMap::new();
    for name in first.attributes.keys() {
        let across: Vec<Type> = all.iter().map(|o| o.attributes[name].clone()).collect();
        attributes.insert(name.clone(), common_type(&across, safety)?);
    }
    let object = Type::object(attributes);
    if types.iter().all(|t| convertible(t, &object, safety)) { Some(object) } else { objects_as_map(types, safety) }
}

fn tuples(types: &[Type], safety: Safety) -> Option<Type> {
    let all: Vec<_> = types.iter().filter_map(|t| if let Type::Tuple(ts) = t { Some(ts) } else { None }).collect();
    let len = all.first()?.len();
    if all.iter().any(|ts| ts.len() != len) {
        return tuples_as_list(types, safety);
    }
    let element = |i: usize| common_type(&all.iter().map(|ts| ts[i].clone()).collect::<Vec<_>>(), safety);
    let tuple = Type::tuple((0..len).map(element).collect::<Option<Vec<_>>>()?);
    if types.iter().all(|t| convertible(t, &tuple, safety)) { Some(tuple) } else { tuples_as_list(types, safety) }
}

/// Indices of the types, most general first; types that cannot be compared stay in the order given.
fn preference(types: &[Type]) -> Vec<usize> {
    let n = types.len();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut before = vec![0usize; n];
    for i in 0..n {
        for j in i + 1..n {
            match generality(&types[i], &types[j]) {
                0 => {}
                c if c < 0 => {
                    after[i].push(j);
                    before[j] += 1;
                }
                _ => {
                    after[j].push(i);
                    before[i] += 1;
                }
            }
        }
    }
    let mut queue: Vec<usize> = (0..n).filter(|&i| before[i] == 0).collect();
    let mut next = 0;
    while next < queue.len() {
        for &j in &after[queue[next]] {
            before[j] -= 1;
            if before[j] == 0 {
                queue.push(j);
            }
        }
        next += 1;
    }
    queue
}

/// Negative where `a` is the more general type, positive where `b` is, 0 where neither.
#[expect(clippy::match_same_arms, reason = "the order of the arms is the order of the rules")]
fn generality(a: &Type, b: &Type) -> i32 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) | (Type::String, Type::String) => 0,
        (Type::Dynamic, _) => 1,
        (_, Type::Dynamic) => -1,
        (Type::String, t) if t.is_primitive() => -1,
        (t, Type::String) if t.is_primitive() => 1,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => generality(a, b),
        (Type::Tuple(_) | Type::List(_), Type::Set(_)) | (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) => -1,
        (Type::Set(_), Type::Tuple(_) | Type::List(_)) | (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) if a.attributes.keys().eq(b.attributes.keys()) => {
            of_members(a.attributes.values().zip(b.attributes.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => of_members(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn of_members<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i32 {
    let (mut first, mut second) = (false, false);
    for (a, b) in pairs {
        match generality(a, b) {
            0 => {}
            c if c < 0 => first = true,
            _ => second = true,
        }
    }
    match (first, second) {
        (true, false) => -1,
        (false, true) => 1,
        _ => 0,
    }
}
