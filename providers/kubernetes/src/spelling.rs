//! Amounts that are written otherwise and are the same: no difference.

use crate::field::{Field, Form};
use crate::quantity;
use levee_sdk::model::{Members, Type, Value};

/// The planned object, in which an amount that is the prior one keeps the prior spelling.
pub(crate) fn kept(fields: &[Field], prior: &Value, planned: &Value) -> Value {
    fields.iter().fold(planned.clone(), |value, field| {
        let (Some(old), Some(new)) = (prior.get(field.name), planned.get(field.name)) else { return value };
        if old == new || !has_amounts(field) { value } else { value.with(field.name, member(field, &old, &new)) }
    })
}

fn has_amounts(field: &Field) -> bool {
    match field.form {
        Form::Quantity | Form::Quantities => true,
        _ => field.inside().is_some_and(|inside| inside.iter().any(has_amounts)),
    }
}

fn member(field: &Field, old: &Value, new: &Value) -> Value {
    match field.form {
        Form::Quantity => same(old, new),
        Form::Quantities => match (old.members(), new.members()) {
            (Some(olds), Some(news)) => {
                let kept = news.iter().map(|(key, new)| (key.clone(), olds.get(key).map_or_else(|| new.clone(), |old| same(old, new))));
                Value::map(Type::String, kept.collect::<Members>())
            }
            _ => new.clone(),
        },
        // Marks of a whole stand on it; what is in it is compared as it is.
        Form::One(inside) | Form::Many(inside) => match (old.elements(), new.elements()) {
            (Some(olds), Some(news)) if !new.has_marks() => {
                let one = |(at, new): (usize, &Value)| olds.get(at).map_or_else(|| new.clone(), |old| kept(inside, old, new));
                Value::list(crate::field::object_type(inside), news.iter().enumerate().map(one).collect::<Vec<_>>())
            }
            _ => new.clone(),
        },
        _ => new.clone(),
    }
}

fn same(old: &Value, new: &Value) -> Value {
    match (old.as_str(), new.as_str()) {
        (Some(a), Some(b)) if quantity::same(a, b) => old.clone(),
        _ => new.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{one, quantities, text};
    use std::sync::Arc;

    #[test]
    fn the_same_amount_keeps_its_spelling() {
        const INSIDE: &[Field] = &[quantities("limits").optional(), text("else").optional()];
        const FIELDS: &[Field] = &[one("resources", INSIDE)];
        let of = |cpu: &str, memory: &str, other: &str| {
            let limits = [(Arc::from("cpu"), Value::string(cpu)), (Arc::from("memory"), Value::string(memory))];
            let inside = vec![(Arc::from("limits"), Value::map(Type::String, limits.into())), (Arc::from("else"), Value::string(other))];
            let resources = Value::list(crate::field::object_type(INSIDE), vec![Value::object(inside.into())]);
            Value::object(vec![(Arc::from("resources"), resources)].into())
        };
        assert_eq!(kept(FIELDS, &of("1", "1Gi", "a"), &of("1000m", "2Gi", "b")), of("1", "2Gi", "b"));
    }
}
