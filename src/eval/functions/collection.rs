//! Functions that ask something of a collection: its length, whether it holds something, its sum.

use super::equality::equal;
use super::{Answer, Context, Function, FunctionError, Param, a_bool, a_number};
use levee_model::convert::{convert, unify};
use levee_model::graphemes::graphemes;
use levee_model::{Kind, Number, Refinement, Type, Value};

fn bools() -> Type {
    Type::list(Type::Bool)
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("alltrue", &[Param::new("list", bools)], a_bool, |_, a| Ok(all_true(&a[0]))),
    Function::new("anytrue", &[Param::new("list", bools)], a_bool, |_, a| Ok(any_true(&a[0]))),
    Function::new("coalesce", &[], coalesce_type, coalesce).and_any_number_of(Param::any("vals").nullable().unknown().dynamic()),
    Function::new("contains", &[Param::any("list"), Param::any("value")], a_bool, contains),
    Function::new("index", &[Param::any("list"), Param::any("value")], a_number, index),
    Function::new("length", &[Param::any("value").unknown().dynamic().marked()], length_type, length),
    Function::new("one", &[Param::any("list").marked()], one_type, one).maybe_null(),
    Function::new("sum", &[Param::any("list")], a_number, sum),
];

/// True unless an element is false or null. An unknown element leaves open what follows it.
fn all_true(list: &Value) -> Value {
    for v in list.elements().unwrap_or_default() {
        match v.kind() {
            Kind::Unknown(..) => return Value::unknown(Type::Bool),
            Kind::Bool(true) => {}
            _ => return Value::bool(false),
        }
    }
    Value::bool(true)
}

/// Whether an element is true, whatever stands beside it.
fn any_true(list: &Value) -> Value {
    let elements = list.elements().unwrap_or_default();
    if elements.iter().any(|v| v.as_bool() == Some(true)) {
        Value::bool(true)
    } else if elements.iter().all(Value::is_known) {
        Value::bool(false)
    } else {
        Value::unknown(Type::Bool)
    }
}

fn coalesce_type(args: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

fn coalesce(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = coalesce_type(args)?;
    for arg in args {
        if !arg.is_known() {
            return Ok(Value::unknown(ty));
        }
        let empty = arg.as_str() == Some("") && matches!(ty, Type::String | Type::Dynamic);
        if !arg.is_null() && !empty {
            return convert(arg, &ty).map_err(|e| FunctionError::new(e.message));
        }
    }
    Err(FunctionError::new("no non-null, non-empty-string arguments"))
}

fn contains(_: &Context<'_>, args: &[Value]) -> Answer {
    let Some(elements) = args[0].elements() else {
        return Err(FunctionError::new("argument must be list, tuple, or set"));
    };
    let answers: Vec<Option<bool>> = elements.iter().map(|e| equal(&args[1], e)).collect();
    Ok(if answers.contains(&Some(true)) {
        Value::bool(true)
    } else if answers.contains(&None) {
        Value::refined(Type::Bool, Refinement { not_null: true, ..Refinement::default() })
    } else {
        Value::bool(false)
    })
}

fn index(_: &Context<'_>, args: &[Value]) -> Answer {
    let (Kind::List(_, elements) | Kind::Tuple(elements)) = args[0].kind() else {
        return Err(FunctionError::new("argument must be a list or tuple"));
    };
    if elements.is_empty() {
        return Err(FunctionError::new("cannot search an empty list"));
    }
    for (i, element) in elements.iter().enumerate() {
        match equal(element, &args[1]) {
            Some(true) => return Ok(Value::number(Number::count(i))),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err(FunctionError::new("item not found"))
}

fn length_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Bool | Type::Number => Err(FunctionError::new("argument must be a string, a collection type, or a structural type")),
        _ => Ok(Type::Number),
    }
}

fn length(_: &Context<'_>, args: &[Value]) -> Answer {
    let (value, marks) = args[0].clone().unmark();
    let exactly = |n: usize| Value::number(Number::count(n));
    let between = |min: usize, max: Option<usize>| {
        let bound = |n: usize| (Number::count(n), true);
        let known = Refinement { not_null: true, number_min: Some(bound(min)), number_max: max.map(bound), ..Refinement::default() };
        Value::refined(Type::Number, known)
    };
    // Of a collection it is known at least that it fits into memory.
    let of_collection = |known: Option<&Refinement>| {
        let bound = |n: Option<u64>, default: usize| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
        let (min, max) = known.map_or((None, None), |known| (known.length_min, known.length_max));
        between(bound(min, 0), Some(bound(max, isize::MAX.unsigned_abs())))
    };
    let result = match value.kind() {
        Kind::String(s) => exactly(graphemes(s).len()),
        Kind::Set(_, vs) if vs.len() > 1 && !value.is_wholly_known() => between(1, Some(vs.len())),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => exactly(vs.len()),
        Kind::Map(_, m) | Kind::Object(m) => exactly(m.len()),
        Kind::Unknown(Type::Tuple(ts), _) => exactly(ts.len()),
        Kind::Unknown(Type::Object(o), _) => exactly(o.attributes.len()),
        Kind::Unknown(Type::Dynamic, _) => Value::unknown(Type::Number),
        Kind::Unknown(Type::String, known) => {
            let prefix = known.as_ref().and_then(|known| known.prefix.as_deref()).unwrap_or_default();
            between(graphemes(prefix).len(), None)
        }
        Kind::Unknown(_, known) => of_collection(known.as_deref()),
        _ => between(0, None),
    };
    Ok(result.mark(marks))
}

fn one_error() -> FunctionError {
    FunctionError::arg(0, "must be a list, set, or tuple value with either zero or one elements")
}

fn one_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::List(t) | Type::Set(t) => Ok((*t).clone()),
        Type::Tuple(ts) => match &*ts {
            [] => Ok(Type::Dynamic),
            [t] => Ok(t.clone()),
            _ => Err(one_error()),
        },
        _ => Err(one_error()),
    }
}

fn one(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = one_type(args)?;
    let (value, marks) = args[0].clone().unmark();
    if matches!(value.kind(), Kind::Set(_, vs) if vs.len() > 1) && !value.is_wholly_known() {
        return Ok(Value::unknown(ty).mark(marks));
    }
    match value.elements().unwrap_or_default() {
        [] => Ok(Value::null(ty).mark(marks)),
        [only] => Ok(only.clone().mark(marks)),
        _ => Err(one_error()),
    }
}

const NOTHING_TO_SUM: &str = "cannot sum an empty list";

fn sum(_: &Context<'_>, args: &[Value]) -> Answer {
    let wrong = || FunctionError::arg(0, "argument must be list, set, or tuple of number values");
    let Some(elements) = args[0].elements() else {
        return Err(FunctionError::arg(
            0,
            match args[0].members() {
                None => "cannot sum noniterable".into(),
                Some(m) if m.is_empty() => NOTHING_TO_SUM.into(),
                Some(_) => format!("argument must be list, set, or tuple. Received {}", args[0].ty().friendly_name()),
            },
        ));
    };
    if elements.is_empty() {
        return Err(FunctionError::arg(0, NOTHING_TO_SUM));
    }
    if !args[0].is_wholly_known() {
        return Ok(Value::refined(Type::Number, Refinement { not_null: true, ..Refinement::default() }));
    }
    let mut total: Option<Number> = None;
    for element in elements {
        let n = convert(element, &Type::Number).map_err(|_| wrong())?;
        let n = n.as_number().ok_or_else(wrong)?;
        total = Some(match total {
            None => n.clone(),
            Some(so_far) => so_far.add(n).map_err(|e| FunctionError::new(e.to_string()))?,
        });
    }
    total.map(Value::number).ok_or_else(wrong)
}
