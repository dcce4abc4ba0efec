//! Functions of maps and objects.

use super::{Answer, Context, Function, FunctionError, Param};
use levee_model::convert::convert;
use levee_model::text::quote;
use levee_model::{Kind, Marks, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

fn lists_of_strings() -> Type {
    Type::map(Type::list(Type::String))
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("keys", &[Param::any("inputMap").unknown().marked()], keys_type, keys),
    Function::new("lookup", &[Param::any("inputMap").marked(), Param::string("key").marked()], lookup_type, lookup)
        .and_any_number_of(Param::any("default").nullable().unknown().dynamic().marked())
        .maybe_null(),
    Function::new("merge", &[], merge_type, merge).and_any_number_of(Param::any("maps").nullable().dynamic().marked()),
    Function::new("transpose", &[Param::new("values", lists_of_strings).marked()], |_| Ok(lists_of_strings()), transpose),
    Function::new("values", &[Param::any("mapping").marked()], values_type, values),
    Function::new(
        "zipmap",
        &[Param::new("keys", || Type::list(Type::String)).marked(), Param::any("values").marked()],
        zipmap_type,
        zipmap,
    ),
];

fn keys_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(o) => Ok(Type::tuple(vec![Type::String; o.attributes.len()])),
        _ => Err(FunctionError::arg(0, "must have map or object type")),
    }
}

fn keys(_: &Context<'_>, args: &[Value]) -> Answer {
    let (m, marks) = args[0].clone().unmark();
    let all = |names: Vec<&Arc<str>>| names.into_iter().map(|k| Value::string(k.clone())).collect::<Vec<_>>();
    Ok(match (m.kind(), m.ty()) {
        (_, Type::Object(o)) => Value::tuple(all(o.attributes.keys().collect())),
        (Kind::Map(_, m), _) => Value::list(Type::String, all(m.keys().collect())),
        _ => Value::unknown(Type::list(Type::String)),
    }
    .mark(marks))
}

fn lookup_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() > 3 {
        return Err(FunctionError::new(format!("lookup() takes two or three arguments, got {}", args.len())));
    }
    match args[0].ty() {
        Type::Object(o) => {
            let Some(key) = args[1].as_str() else { return Ok(Type::Dynamic) };
            match (o.attributes.get(key), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                // Objects may have members of any types, so the default may be of any too.
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FunctionError::arg(0, format!("the given object has no attribute {}", quote(key)))),
            }
        }
        Type::Map(t) => {
            if let Some(default) = args.get(2)
                && convert(default, &t).is_err()
            {
                return Err(FunctionError::arg(2, "the default value must have the same type as the map elements"));
            }
            Ok((*t).clone())
        }
        _ => Err(FunctionError::arg(0, "lookup() requires a map as the first argument")),
    }
}

fn lookup(_: &Context<'_>, args: &[Value]) -> Answer {
    let (m, mut marks) = args[0].clone().unmark();
    let (key, of_key) = args[1].clone().unmark();
    let key = key.as_str().unwrap_or_default();
    marks = marks.union(of_key);
    let ty = lookup_type(args)?;
    if let Some(found) = m.members().and_then(|m| m.get(key)) {
        return Ok(found.clone().mark(marks));
    }
    match args.get(2) {
        Some(default) => {
            let default = convert(default, &ty).map_err(|e| FunctionError::arg(2, e.message))?;
            Ok(default.mark(marks))
        }
        None => Err(FunctionError::new(format!("lookup failed to find key {}", quote(key)))),
    }
}

fn merge_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut attributes = BTreeMap::new();
    let mut known = true;
    let mut types = Vec::new();
    for arg in args {
        let ty = arg.ty();
        match &ty {
            Type::Dynamic => return Ok(Type::Dynamic),
            Type::Object(o) if !arg.is_null() => attributes.extend(o.attributes.clone()),
            Type::Object(_) => {}
            Type::Map(t) => match arg.kind() {
                Kind::Map(_, m) => attributes.extend(m.keys().map(|k| (k.clone(), (**t).clone()))),
                Kind::Unknown(..) => known = false,
                _ => {}
            },
            other => {
                let message = format!("arguments must be maps or objects, got {}", quote(&other.friendly_name()));
                return Err(FunctionError::new(message));
            }
        }
        types.push(ty);
    }
    Ok(match types.first() {
        None => Type::object(BTreeMap::new()),
        Some(first) if types.iter().all(|t| t == first) => first.clone(),
        Some(_) if !known => Type::Dynamic,
        Some(_) => Type::object(attributes),
    })
}

fn merge(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = merge_type(args)?;
    let mut marks = Marks::NONE;
    let mut merged = BTreeMap::new();
    for arg in args.iter().filter(|arg| !arg.is_null()) {
        marks = marks.union(arg.marks());
        merged.extend(arg.members().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    }
    Ok(match ty {
        Type::Map(t) => Value::map((*t).clone(), merged.into()),
        _ => Value::object(merged.into()),
    }
    .mark(marks))
}

fn transpose(_: &Context<'_>, args: &[Value]) -> Answer {
    let (m, mut marks) = args[0].clone().unmark();
    if !m.is_wholly_known() {
        return Ok(Value::unknown(lists_of_strings()).mark(marks));
    }
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in m.members().into_iter().flatten() {
        marks = marks.union(list.marks());
        let Some(items) = list.elements() else {
            return Err(FunctionError::new("input must not contain null list"));
        };
        for item in items {
            marks = marks.union(item.marks());
            let Kind::String(name) = item.kind() else {
                return Err(FunctionError::new("input list must not contain null string"));
            };
            turned.entry(name.clone()).or_default().push(Value::string(key.clone()));
        }
    }
    let lists = turned.into_iter().map(|(k, mut vs)| {
        vs.sort();
        (k, Value::list(Type::String, vs))
    });
    Ok(Value::map(Type::list(Type::String), lists.collect()).mark(marks))
}

fn values_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Map(t) => Ok(Type::List(t)),
        Type::Object(o) => Ok(Type::tuple(o.attributes.values().cloned().collect::<Vec<_>>())),
        _ => Err(FunctionError::new("values() requires a map as the first argument")),
    }
}

fn values(_: &Context<'_>, args: &[Value]) -> Answer {
    let (m, marks) = args[0].clone().unmark();
    let all: Vec<Value> = m.members().into_iter().flat_map(|m| m.values().cloned()).collect();
    Ok(match m.kind() {
        Kind::Map(t, _) => Value::list(t.clone(), all),
        _ => Value::tuple(all),
    }
    .mark(marks))
}

fn unequal_lengths(keys: usize, values: usize) -> FunctionError {
    FunctionError::new(format!("number of keys ({keys}) does not match number of values ({values})"))
}

fn null_key(i: usize) -> FunctionError {
    FunctionError::new(format!("keys list has null value at index {i}"))
}

fn zipmap_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[1].ty() {
        Type::List(t) => Ok(Type::Map(t)),
        Type::Tuple(ts) => {
            let Some(keys) = args[0].elements().filter(|_| args[0].is_wholly_known()) else { return Ok(Type::Dynamic) };
            if keys.len() != ts.len() {
                return Err(unequal_lengths(keys.len(), ts.len()));
            }
            let mut attributes = BTreeMap::new();
            for (i, (key, ty)) in keys.iter().zip(ts.iter()).enumerate() {
                let Kind::String(key) = key.kind() else { return Err(null_key(i)) };
                attributes.insert(key.clone(), ty.clone());
            }
            Ok(Type::object(attributes))
        }
        _ => Err(FunctionError::new("values argument must be a list or tuple value")),
    }
}

fn zipmap(_: &Context<'_>, args: &[Value]) -> Answer {
    let (keys, mut marks) = args[0].clone().unmark();
    let (values, more) = args[1].clone().unmark();
    marks = marks.union(more);
    if !keys.is_wholly_known() {
        return Ok(Value::unknown(zipmap_type(args)?).mark(marks));
    }
    let (names, items) = (keys.elements().unwrap_or_default(), values.elements().unwrap_or_default());
    if names.len() != items.len() {
        return Err(unequal_lengths(names.len(), items.len()));
    }
    let mut zipped = BTreeMap::new();
    for (i, (name, item)) in names.iter().zip(items).enumerate() {
        marks = marks.union(name.marks());
        let Kind::String(name) = name.kind() else { return Err(null_key(i)) };
        zipped.insert(name.clone(), item.clone());
    }
    Ok(match values.kind() {
        Kind::List(t, _) => Value::map(t.clone(), zipped.into()),
        _ => Value::object(zipped.into()),
    }
    .mark(marks))
}
