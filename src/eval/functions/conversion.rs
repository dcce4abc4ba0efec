//! The functions named after types.

use super::{Answer, Function, FunctionError, Param};
use levee_model::convert::convert;
use levee_model::text::quote;
use levee_model::{Kind, Type, Value};

const VALUE: Param = Param::any("v").nullable().dynamic().marked();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("tobool", &[VALUE], |a| result(&a[0], Type::Bool), |_, a| to(&a[0], &Type::Bool)).maybe_null(),
    Function::new("tolist", &[VALUE], |a| result(&a[0], Type::list(Type::Dynamic)), |_, a| to(&a[0], &Type::list(Type::Dynamic)))
        .maybe_null(),
    Function::new("tomap", &[VALUE], |a| result(&a[0], Type::map(Type::Dynamic)), |_, a| to(&a[0], &Type::map(Type::Dynamic))).maybe_null(),
    Function::new("tonumber", &[VALUE], |a| result(&a[0], Type::Number), |_, a| to(&a[0], &Type::Number)).maybe_null(),
    Function::new("toset", &[VALUE], |a| result(&a[0], Type::set(Type::Dynamic)), |_, a| to(&a[0], &Type::set(Type::Dynamic))).maybe_null(),
    Function::new("tostring", &[VALUE], |a| result(&a[0], Type::String), |_, a| to(&a[0], &Type::String)).maybe_null(),
];

/// The type an unknown will become, if it can.
fn result(value: &Value, wanted: Type) -> Result<Type, FunctionError> {
    if value.is_known() { Ok(wanted) } else { to(value, &wanted).map(|v| v.ty()) }
}

fn to(value: &Value, ty: &Type) -> Answer {
    convert(value, ty).map_err(|_| {
        let message = match (value.kind(), ty) {
            (Kind::String(_), Type::Bool | Type::Number) if value.is_sensitive() => {
                format!("cannot convert this sensitive string to {}", ty.friendly_name())
            }
            (Kind::String(s), Type::Bool) => {
                format!("cannot convert {} to bool; only the strings \"true\" or \"false\" are allowed", quote(s))
            }
            (Kind::String(s), Type::Number) => {
                format!("cannot convert {} to number; given string must be a decimal representation of a number", quote(s))
            }
            _ => format!("cannot convert {} to {}", value.ty().friendly_name(), ty.constraint_name()),
        };
        FunctionError::arg(0, message)
    })
}
