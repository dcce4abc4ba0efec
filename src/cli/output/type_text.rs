//! Types as `type()` shows them in the console.

use levee_model::Type;

/// Columns that one level is set in.
const INDENT: usize = 4;

/// The type over as many lines as it has members.
pub(crate) fn written(ty: &Type) -> String {
    at(ty, 0)
}

fn at(ty: &Type, indent: usize) -> String {
    let pad = |n: usize| " ".repeat(n * INDENT);
    match ty {
        Type::Object(o) if o.attributes.is_empty() => "object({})".to_owned(),
        Type::Object(o) => {
            let lines: String = o.attributes.iter().map(|(n, t)| format!("{}{n}: {},\n", pad(indent + 1), at(t, indent + 1))).collect();
            format!("object({{\n{lines}{}}})", pad(indent))
        }
        Type::Tuple(ts) if ts.is_empty() => "tuple([])".to_owned(),
        Type::Tuple(ts) => {
            let lines: String = ts.iter().map(|t| format!("{}{},\n", pad(indent + 1), at(t, indent + 1))).collect();
            format!("tuple([\n{lines}{}])", pad(indent))
        }
        Type::List(t) => collection("list", t, indent),
        Type::Set(t) => collection("set", t, indent),
        Type::Map(t) => collection("map", t, indent),
        other => other.friendly_name(),
    }
}

/// A collection of structures begins a line of its own, so that it stands out.
fn collection(kind: &str, element: &Type, indent: usize) -> String {
    let pad = |n: usize| " ".repeat(n * INDENT);
    match element {
        Type::Object(_) | Type::Tuple(_) => format!("{kind}(\n{}{},\n{})", pad(indent + 1), at(element, indent + 1), pad(indent)),
        _ => format!("{kind}({})", at(element, indent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn structures_stand_on_lines_of_their_own() {
        let object = Type::object([(Arc::from("a"), Type::list(Type::String))].into());
        let expected = "map(\n    object({\n        a: list(string),\n    }),\n)";
        assert_eq!(written(&Type::map(object)), expected);
        assert_eq!(written(&Type::tuple(vec![Type::Number, Type::Dynamic])), "tuple([\n    number,\n    dynamic,\n])");
    }
}
