//! Functions of marks.

use super::{Answer, Context, Function, Param, a_bool};
use levee_model::{Kind, Marks, Type, Value};

const VALUE: Param = Param::any("value").nullable().unknown().dynamic().marked();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("ephemeralasnull", &[VALUE], |a| Ok(a[0].ty()), ephemeralasnull).maybe_null(),
    Function::new("issensitive", &[VALUE], a_bool, issensitive).maybe_null(),
    Function::new("nonsensitive", &[VALUE], |a| Ok(a[0].ty()), nonsensitive).maybe_null(),
    Function::new("sensitive", &[VALUE], |a| Ok(a[0].ty()), |_, a| Ok(a[0].clone().sensitive())).maybe_null(),
];

/// Each part that is ephemeral becomes null of its type.
fn ephemeralasnull(_: &Context<'_>, args: &[Value]) -> Answer {
    Ok(args[0].clone().transform(&mut |v| {
        if v.marks().contains(Marks::EPHEMERAL) { Value::null(v.ty()).mark(v.marks().without(Marks::EPHEMERAL)) } else { v }
    }))
}

fn issensitive(_: &Context<'_>, args: &[Value]) -> Answer {
    Ok(if args[0].is_sensitive() {
        Value::bool(true)
    } else if let Kind::Unknown(..) = args[0].kind() {
        Value::unknown(Type::Bool)
    } else {
        Value::bool(false)
    })
}

fn nonsensitive(_: &Context<'_>, args: &[Value]) -> Answer {
    let (value, marks) = args[0].clone().unmark();
    Ok(value.mark(marks.without(Marks::SENSITIVE)))
}
