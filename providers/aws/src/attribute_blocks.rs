//! Arguments that are lists or sets of objects and may be written as blocks, such as `ingress`. What is left out of such an
//! object is not null but empty, 0 or false: so Terraform's AWS provider plans and stores it, and so tools that read plans
//! expect it.

use levee_sdk::model::{Type, Value};
use levee_sdk::{Draft, Shape};

/// Plans what is left out in the objects of these attributes.
pub fn plan(draft: &mut Draft, names: &[&str]) {
    for name in names {
        let planned = draft.planned(name);
        if !planned.is_null() && planned.is_known() {
            draft.set(name, filled(planned));
        }
    }
}

/// The same objects with nothing left out.
pub fn whole<T: Shape>(items: Vec<T>) -> Vec<T> {
    let one = |item: T| T::from_value(&filled(item.to_value())).unwrap_or(item);
    items.into_iter().map(one).collect()
}

fn filled(value: Value) -> Value {
    value.transform(&mut |part| {
        if part.is_null() { nothing(&part.ty()).map_or(part.clone(), |empty| empty.mark(part.marks())) } else { part }
    })
}

fn nothing(ty: &Type) -> Option<Value> {
    Some(match ty {
        Type::String => Value::string(""),
        Type::Number => Value::number(0),
        Type::Bool => Value::bool(false),
        Type::List(element) => Value::list((**element).clone(), Vec::new()),
        Type::Set(element) => Value::set((**element).clone(), Vec::new()),
        Type::Map(element) => Value::map((**element).clone(), [].into()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::security_group_permissions::InlineRule;

    #[test]
    fn nothing_is_left_out() {
        let rule = InlineRule { from_port: Some(22), cidr_blocks: Some(vec!["10.0.0.0/8".to_owned()]), ..InlineRule::default() };
        let rule = whole(vec![rule]).remove(0);
        assert_eq!((rule.from_port, rule.to_port, rule.itself), (Some(22), Some(0), Some(false)));
        assert_eq!((rule.description.as_deref(), rule.ipv6_cidr_blocks.as_deref()), (Some(""), Some(&[][..])));
        assert_eq!(rule.cidr_blocks.map(|b| b.len()), Some(1));
    }

    #[test]
    fn what_is_unknown_stays_so() {
        let object = Value::object([("a".into(), Value::unknown(Type::String)), ("b".into(), Value::null(Type::String))].into());
        let found = filled(Value::tuple(vec![object]));
        let found = &found.elements().expect("elements")[0];
        assert!(found.get("a").is_some_and(|a| !a.is_known()) && found.get("b").is_some_and(|b| b.as_str() == Some("")));
    }
}
