//! Functions of sets.

use super::{Answer, Context, Function, FunctionError, Param};
use levee_model::convert::{convert, unify};
use levee_model::{Kind, Marks, Refinement, Type, Value};

fn any_set() -> Type {
    Type::set(Type::Dynamic)
}
const FIRST: Param = Param::new("first_set", any_set).dynamic();
const OTHERS: Param = Param::new("other_sets", any_set).dynamic();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("setintersection", &[FIRST], set_type, |_, a| {
        combine(a, false, |mut one, other| {
            one.retain(|v| other.contains(v));
            one
        })
    })
    .and_any_number_of(OTHERS),
    Function::new("setsubtract", &[Param::new("a", any_set).dynamic(), Param::new("b", any_set).dynamic()], set_type, |_, a| {
        combine(a, false, |mut one, other| {
            one.retain(|v| !other.contains(v));
            one
        })
    }),
    Function::new("setunion", &[FIRST], set_type, |_, a| {
        combine(a, true, |mut one, other| {
            one.extend_from_slice(other);
            one
        })
    })
    .and_any_number_of(OTHERS),
    Function::new("setproduct", &[], product_type, product).and_any_number_of(Param::any("sets").unknown().marked()),
];

fn set_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut elements = Vec::new();
    for arg in args {
        let ty = arg.ty();
        let element = ty.element().cloned().unwrap_or(Type::Dynamic);
        // An empty literal fits with anything.
        if element != Type::Dynamic || arg.elements().is_none_or(|vs| !vs.is_empty()) {
            elements.push(element);
        }
    }
    if elements.is_empty() {
        return Ok(any_set());
    }
    unify(&elements).map(Type::set).ok_or_else(|| FunctionError::new("given sets must all have compatible element types"))
}

fn combine(args: &[Value], allow_unknown: bool, f: fn(Vec<Value>, &[Value]) -> Vec<Value>) -> Answer {
    let ty = set_type(args)?;
    let mut result: Option<Vec<Value>> = None;
    for (i, arg) in args.iter().enumerate() {
        let set = convert(arg, &ty).map_err(|e| FunctionError::arg(i, e.message))?;
        if !allow_unknown && !set.is_wholly_known() {
            return Ok(Value::unknown(ty));
        }
        let Some(elements) = set.elements() else { return Ok(Value::unknown(ty)) };
        result = Some(match result {
            None => elements.to_vec(),
            Some(so_far) => f(so_far, elements),
        });
    }
    Ok(Value::set(ty.element().cloned().unwrap_or(Type::Dynamic), result.unwrap_or_default()))
}

fn product_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut ordered = true;
    let mut elements = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        elements.push(match arg.ty() {
            Type::Set(t) => {
                ordered = false;
                (*t).clone()
            }
            Type::List(t) => (*t).clone(),
            Type::Tuple(ts) if ts.is_empty() => Type::Dynamic,
            Type::Tuple(ts) => unify(&ts).ok_or_else(|| FunctionError::arg(i, "all elements must be of the same type"))?,
            _ => return Err(FunctionError::arg(i, "a set or a list is required")),
        });
    }
    let tuple = Type::tuple(elements);
    Ok(if ordered { Type::list(tuple) } else { Type::set(tuple) })
}

fn length_known(v: &Value) -> bool {
    v.elements().is_some_and(|vs| !matches!(v.kind(), Kind::Set(..)) || vs.len() < 2 || v.is_wholly_known())
}

fn product(_: &Context<'_>, args: &[Value]) -> Answer {
    let ty = product_type(args)?;
    let marks = args.iter().fold(Marks::NONE, |marks, arg| marks.union(arg.marks()));
    if !args.iter().all(length_known) {
        return Ok(unknown_product(args, ty).mark(marks));
    }
    let Some(tuple @ Type::Tuple(parts)) = ty.element() else { return Ok(Value::unknown(ty)) };
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (arg, part) in args.iter().zip(parts.iter()) {
        let mut column = Vec::new();
        for v in arg.elements().unwrap_or_default() {
            column.push(convert(v, part).map_err(|e| FunctionError::new(e.message))?);
        }
        rows = rows.iter().flat_map(|row| column.iter().map(|v| row.iter().cloned().chain([v.clone()]).collect())).collect();
    }
    let rows: Vec<Value> = rows.into_iter().map(Value::tuple).collect();
    Ok(if matches!(ty, Type::List(_)) { Value::list(tuple.clone(), rows) } else { Value::set(tuple.clone(), rows) }.mark(marks))
}

/// Beyond these sizes nothing is said about the length of an unknown product.
const LONGEST_ARGUMENT: u64 = 1024;
const LONGEST_PRODUCT: u64 = 2048;

fn unknown_product(args: &[Value], ty: Type) -> Value {
    let most = |arg: &Value| match arg.kind() {
        Kind::Unknown(Type::Tuple(ts), _) => Some(ts.len() as u64),
        Kind::Unknown(_, known) => known.as_ref().and_then(|known| known.length_max),
        _ => arg.elements().map(|vs| vs.len() as u64),
    };
    let mut length = 1u64;
    for arg in args {
        match most(arg).filter(|n| *n <= LONGEST_ARGUMENT).map(|n| length * n) {
            Some(n) if n <= LONGEST_PRODUCT => length = n,
            _ => return Value::unknown(ty),
        }
    }
    let known = Refinement { not_null: true, length_min: Some(length.min(1)), length_max: Some(length), ..Refinement::default() };
    Value::refined(ty, known)
}
