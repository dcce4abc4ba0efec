//! Functions that make lists and tuples of others.

use super::equality::equal;
use super::{Answer, Context, Function, FunctionError, NOT_WHOLE, Param, a_list_of_strings};
use levee_model::convert::{convert, unify};
use levee_model::{Kind, Marks, Number, Refinement, Type, Value};

fn any_list() -> Type {
    Type::list(Type::Dynamic)
}
fn string_list() -> Type {
    Type::list(Type::String)
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chunklist",
        &[Param::new("list", any_list).marked(), Param::number("size").marked()],
        |a| Ok(Type::list(a[0].ty())),
        chunklist,
    ),
    Function::new("coalescelist", &[], coalescelist_type, coalescelist)
        .and_any_number_of(Param::any("vals").nullable().unknown().dynamic()),
    Function::new("compact", &[Param::new("list", string_list)], a_list_of_strings, compact),
    Function::new("concat", &[], concat_type, concat).and_any_number_of(Param::any("seqs").marked()),
    Function::new("distinct", &[Param::new("list", any_list)], |a| Ok(a[0].ty()), distinct),
    Function::new("element", &[Param::any("list").marked(), Param::number("index")], element_type, element).maybe_null(),
    Function::new("flatten", &[Param::any("list").marked()], flatten_type, flatten),
    Function::new(
        "matchkeys",
        &[Param::new("values", any_list), Param::new("keys", any_list), Param::new("searchset", any_list)],
        |a| {
            unify(&[a[1].ty(), a[2].ty()])
                .map(|_| a[0].ty())
                .ok_or_else(|| FunctionError::new("keys and searchset must be of the same type"))
        },
        matchkeys,
    ),
    Function::new("range", &[], |_| Ok(Type::list(Type::Number)), range).and_any_number_of(Param::number("params")),
    Function::new("reverse", &[Param::any("list").marked()], reverse_type, reverse),
    Function::new("slice", &[Param::any("list").marked(), Param::number("start_index"), Param::number("end_index")], slice_type, slice),
    Function::new("sort", &[Param::new("list", string_list).unknown()], a_list_of_strings, sort),
    Function::new("list", &[], a_list_of_strings, |_, _| Err(retired("list", "tolist([ ... ]) syntax to write a literal list")))
        .and_any_number_of(Param::any("vals").nullable().unknown().dynamic()),
    Function::new("map", &[], a_list_of_strings, |_, _| Err(retired("map", "tomap({ ... }) syntax to write a literal map")))
        .and_any_number_of(Param::any("vals").nullable().unknown().dynamic()),
];

fn retired(name: &str, instead: &str) -> FunctionError {
    FunctionError::new(format!("the \"{name}\" function was deprecated in Terraform v0.12 and is no longer available; use {instead}"))
}

fn whole(args: &[Value], i: usize, what: &str) -> Result<i64, String> {
    args[i].as_number().and_then(Number::as_i64).ok_or_else(|| format!("invalid {what}: {NOT_WHOLE}"))
}

fn chunklist(_: &Context<'_>, args: &[Value]) -> Answer {
    let (list, marks) = args[0].clone().unmark();
    let (size, more) = args[1].clone().unmark();
    let marks = marks.union(more);
    let size = whole(&[size], 0, "size").map_err(FunctionError::new)?;
    let size = usize::try_from(size).map_err(|_| FunctionError::new("the size argument must be positive"))?;
    let ty = list.ty();
    let chunks = match list.kind() {
        Kind::List(_, vs) if vs.is_empty() => Vec::new(),
        Kind::List(..) if size == 0 => vec![list.clone()],
        Kind::List(t, vs) => vs.chunks(size).map(|chunk| Value::list(t.clone(), chunk)).collect(),
        _ => return Ok(Value::unknown(Type::list(ty)).mark(marks)),
    };
    Ok(Value::list(ty, chunks).mark(marks))
}

fn coalescelist_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let mut types = Vec::new();
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Dynamic);
        }
        match arg.ty() {
            ty @ (Type::List(_) | Type::Tuple(_)) => types.push(ty),
            _ => return Err(FunctionError::new("coalescelist arguments must be lists or tuples")),
        }
    }
    Ok(if types.iter().all(|t| *t == types[0]) { types[0].clone() } else { Type::Dynamic })
}

fn coalescelist(_: &Context<'_>, args: &[Value]) -> Answer {
    for arg in args {
        if !arg.is_known() {
            return Ok(Value::unknown(coalescelist_type(args)?));
        }
        if arg.elements().is_some_and(|vs| !vs.is_empty()) {
            return Ok(arg.clone());
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

fn compact(_: &Context<'_>, args: &[Value]) -> Answer {
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(string_list()));
    }
    let elements = args[0].elements().unwrap_or_default();
    let kept: Vec<Value> = elements.iter().filter(|v| v.as_str().is_some_and(|s| !s.is_empty())).cloned().collect();
    Ok(Value::list(Type::String, kept))
}

fn concat_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|t| matches!(t, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (i, (arg, ty)) in args.iter().zip(types).enumerate() {
        match ty {
            Type::Tuple(ts) => elements.extend(ts.iter().cloned()),
            Type::List(t) => match arg.elements() {
                Some(vs) => elements.extend(vs.iter().map(|_| (*t).clone())),
                None => return Ok(Type::Dynamic),
            },
            other => {
                let message = format!("all arguments must be lists or tuples; got {}", other.friendly_name());
                return Err(FunctionError::arg(i, message));
            }
        }
    }
    Ok(Type::tuple(elements))
}

fn concat(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = concat_type(args)?;
    let mut marks = Marks::NONE;
    let mut all = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let seq = if let Type::List(_) = ty { convert(arg, &ty).map_err(|e| FunctionError::arg(i, e.message))? } else { arg.clone() };
        marks = marks.union(seq.marks());
        all.extend_from_slice(seq.elements().unwrap_or_default());
    }
    Ok(match ty {
        Type::List(t) => Value::list((*t).clone(), all),
        _ => Value::tuple(all),
    }
    .mark(marks))
}

fn distinct(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = args[0].ty();
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(ty));
    }
    let mut seen = std::collections::BTreeSet::new();
    let kept: Vec<Value> = args[0].elements().unwrap_or_default().iter().filter(|v| seen.insert(*v)).cloned().collect();
    Ok(Value::list(ty.element().cloned().unwrap_or(Type::Dynamic), kept))
}

fn element_index(args: &[Value], len: usize) -> Result<usize, FunctionError> {
    let index = whole(args, 1, "index").map_err(FunctionError::new)?;
    if len == 0 {
        return Err(FunctionError::new("cannot use element function with an empty list"));
    }
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    usize::try_from(index.rem_euclid(len)).map_err(|_| FunctionError::new("invalid index"))
}

fn element_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::List(t) => Ok((*t).clone()),
        Type::Tuple(_) if !args[1].is_known() => Ok(Type::Dynamic),
        Type::Tuple(ts) => {
            let i = element_index(args, ts.len())?;
            // Terraform fails here; only lists can be counted from the end.
            if i > 0 && args[1].as_number().is_some_and(|n| *n < Number::ZERO) {
                let message = format!("panic in function implementation: runtime error: index out of range [-{}]", ts.len() - i);
                return Err(FunctionError::new(message));
            }
            Ok(ts[i].clone())
        }
        other => Err(FunctionError::new(format!("cannot read elements from {}", other.friendly_name()))),
    }
}

fn element(_: &Context<'_>, args: &[Value]) -> Answer {
    let (list, marks) = args[0].clone().unmark();
    let elements = list.elements().unwrap_or_default();
    Ok(elements[element_index(args, elements.len())?].clone().mark(marks))
}

fn flatten_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args[0].is_wholly_known() { flatten_known(&args[0]).map(|v| v.ty()) } else { Ok(Type::Dynamic) }
}

fn flatten(_: &Context<'_>, args: &[Value]) -> Answer {
    flatten_known(&args[0])
}

/// Terraform looks at the type only once everything is known: until then the members of a map are as good as elements.
fn flatten_known(value: &Value) -> Answer {
    let mut out = Vec::new();
    let mut marks = Marks::NONE;
    let sequence = match value.kind() {
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => value,
        Kind::Map(_, m) | Kind::Object(m) if !value.is_wholly_known() => {
            &Value::tuple(m.values().cloned().collect::<Vec<_>>()).mark(value.marks())
        }
        _ => return Err(FunctionError::new("can only flatten lists, sets and tuples")),
    };
    let known = flatten_into(sequence, &mut out, &mut marks);
    Ok(if known { Value::tuple(out) } else { Value::unknown(Type::Dynamic) }.mark(marks))
}

/// Whether the elements are known well enough to tell how many there are.
fn flatten_into(seq: &Value, out: &mut Vec<Value>, marks: &mut Marks) -> bool {
    *marks = marks.union(seq.marks());
    let elements = seq.elements().unwrap_or_default();
    if matches!(seq.kind(), Kind::Set(..)) && elements.len() > 1 && !seq.is_wholly_known() {
        return false;
    }
    let mut known = true;
    for v in elements {
        match v.kind() {
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => known &= flatten_into(v, out, marks),
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic, _) => {
                *marks = marks.union(v.marks());
                known = false;
            }
            _ => out.push(v.clone()),
        }
    }
    known
}

fn matchkeys(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = args[0].ty();
    let lists: Vec<&[Value]> = args.iter().map(|a| a.elements().unwrap_or_default()).collect();
    if lists[0].len() != lists[1].len() {
        return Err(FunctionError::new("length of keys and values should be equal"));
    }
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let Some(common) = unify(&[args[1].ty(), args[2].ty()]) else {
        return Err(FunctionError::new("keys and searchset must be of the same type"));
    };
    let unified = |i: usize| convert(&args[i], &common).map_err(|e| FunctionError::arg(i, e.message));
    let (keys, wanted) = (unified(1)?, unified(2)?);
    if !args[0].is_wholly_known() || !keys.is_wholly_known() {
        return Ok(Value::unknown(ty));
    }
    let mut kept = Vec::new();
    for (key, value) in keys.elements().unwrap_or_default().iter().zip(lists[0]) {
        for want in wanted.elements().unwrap_or_default() {
            match equal(key, want) {
                // As in Terraform, what is looked for must be known, or nothing is found.
                None => return Ok(Value::list(element, [])),
                Some(true) => {
                    kept.push(value.clone());
                    break;
                }
                Some(false) => {}
            }
        }
    }
    Ok(Value::list(element, kept))
}

const MOST_GENERATED: usize = 1024;

fn range(_: &Context<'_>, args: &[Value]) -> Answer {
    let n = |i: usize| args[i].as_number().cloned().unwrap_or(Number::ZERO);
    let toward = |start: &Number, end: &Number| Number::from(if end < start { -1 } else { 1 });
    let (start, end, step) = match args.len() {
        1 => (Number::ZERO, n(0), toward(&Number::ZERO, &n(0))),
        2 => (n(0), n(1), toward(&n(0), &n(1))),
        3 => (n(0), n(1), n(2)),
        _ => return Err(FunctionError::new("must have one, two, or three arguments")),
    };
    let down = step < Number::ZERO;
    if down && end > start {
        return Err(FunctionError::arg(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(FunctionError::arg(1, "end must be greater than start when step is positive"));
    }
    let mut values = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if values.len() >= MOST_GENERATED {
            return Err(FunctionError::new(
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
            ));
        }
        values.push(Value::number(next.clone()));
        next = next.add(&step).map_err(|e| FunctionError::new(e.to_string()))?;
    }
    Ok(Value::list(Type::Number, values))
}

fn reverse_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Tuple(ts) => Ok(Type::tuple(ts.iter().rev().cloned().collect::<Vec<_>>())),
        Type::List(t) | Type::Set(t) => Ok(Type::List(t)),
        other => {
            let message = format!("can only reverse list or tuple values, not {}", other.friendly_name());
            Err(FunctionError::arg(0, message))
        }
    }
}

fn reverse(_: &Context<'_>, args: &[Value]) -> Answer {
    let (value, marks) = args[0].clone().unmark();
    let reversed: Vec<Value> = value.elements().unwrap_or_default().iter().rev().cloned().collect();
    Ok(match value.kind() {
        Kind::List(t, _) | Kind::Set(t, _) => Value::list(t.clone(), reversed),
        _ => Value::tuple(reversed),
    }
    .mark(marks))
}

/// Both indices as far as they are known, checked against each other and the length.
fn slice_bounds(args: &[Value]) -> Result<(Option<usize>, Option<usize>), FunctionError> {
    let length = match args[0].ty() {
        Type::Tuple(ts) => Some(ts.len()),
        _ => args[0].elements().map(<[Value]>::len),
    };
    let bound = |i: usize, what: &str| {
        if !args[i].is_known() {
            return Ok(None);
        }
        let n = whole(args, i, &format!("{what} index")).map_err(|m| FunctionError::arg(i, m))?;
        let n = usize::try_from(n).map_err(|_| FunctionError::arg(i, format!("{what} index must not be less than zero")))?;
        if length.is_some_and(|length| n > length) {
            let message = format!("{what} index must not be greater than the length of the list");
            return Err(FunctionError::arg(i, message));
        }
        Ok(Some(n))
    };
    let (start, end) = (bound(1, "start")?, bound(2, "end")?);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(FunctionError::arg(1, "start index must not be greater than end index"));
    }
    Ok((start, end))
}

fn slice_type(args: &[Value]) -> Result<Type, FunctionError> {
    let ty = args[0].ty();
    match &ty {
        Type::List(_) | Type::Tuple(_) => {}
        Type::Set(_) => {
            return Err(FunctionError::arg(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
            ));
        }
        _ => return Err(FunctionError::arg(0, "must be a list or tuple value")),
    }
    Ok(match (slice_bounds(args)?, &ty) {
        ((Some(start), Some(end)), Type::Tuple(ts)) => Type::tuple(&ts[start..end]),
        (_, Type::Tuple(_)) => Type::Dynamic,
        _ => ty,
    })
}

fn slice(_: &Context<'_>, args: &[Value]) -> Answer {
    let (list, marks) = args[0].clone().unmark();
    let (start, end) = slice_bounds(args)?;
    let elements = list.elements().unwrap_or_default();
    let part = &elements[start.unwrap_or(0)..end.unwrap_or(elements.len())];
    Ok(match list.kind() {
        Kind::List(t, _) => Value::list(t.clone(), part),
        _ => Value::tuple(part),
    }
    .mark(marks))
}

fn sort(_: &Context<'_>, args: &[Value]) -> Answer {
    if !args[0].is_wholly_known() {
        let (min, max) = match args[0].kind() {
            Kind::Unknown(_, Some(known)) => (known.length_min, known.length_max),
            Kind::List(_, vs) => (Some(vs.len() as u64), Some(vs.len() as u64)),
            _ => (None, None),
        };
        let known = Refinement { not_null: true, length_min: min, length_max: max, ..Refinement::default() };
        return Ok(Value::refined(string_list(), known));
    }
    let elements = args[0].elements().unwrap_or_default();
    if let Some(i) = elements.iter().position(Value::is_null) {
        return Err(FunctionError::new(format!("given list element {i} is null; a null string cannot be sorted")));
    }
    let mut sorted = elements.to_vec();
    sorted.sort();
    Ok(Value::list(Type::String, sorted))
}
