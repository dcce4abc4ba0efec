//! Values as expressions that would yield them, as `output` shows them.

use levee_model::{Kind, Marks, Members, Type, Value, text};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines `name = value`; what is sensitive is not shown.
pub(crate) fn outputs(outputs: &BTreeMap<Arc<str>, Value>) -> String {
    outputs
        .iter()
        .map(|(name, value)| {
            let shown = if value.is_sensitive() { "<sensitive>".into() } else { expression(value) };
            format!("{name} = {shown}\n")
        })
        .collect()
}

/// The value as an expression, over several lines if it has parts.
pub(crate) fn expression(value: &Value) -> String {
    written(value, 0)
}

fn written(value: &Value, indent: usize) -> String {
    if !value.is_known() {
        return "(known after apply)".into();
    }
    if value.is_sensitive() {
        return "(sensitive value)".into();
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return "(ephemeral value)".into();
    }
    match value.kind() {
        Kind::Null(ty) => null(ty),
        Kind::Unknown(..) => "(known after apply)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => string(s, indent),
        Kind::List(_, vs) => format!("tolist({})", sequence(vs, indent)),
        Kind::Set(_, vs) => format!("toset({})", sequence(vs, indent)),
        Kind::Tuple(vs) => sequence(vs, indent),
        Kind::Map(_, m) => format!("tomap({})", members(m, indent)),
        Kind::Object(m) => members(m, indent),
    }
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".into(),
        Type::Bool | Type::Number | Type::String => format!("to{ty}(null)"),
        Type::List(t) => format!("tolist(null) /* of {} */", t.friendly_name()),
        Type::Set(t) => format!("toset(null) /* of {} */", t.friendly_name()),
        Type::Map(t) => format!("tomap(null) /* of {} */", t.friendly_name()),
        _ => format!("null /* {} */", ty.friendly_name()),
    }
}

fn string(s: &str, indent: usize) -> String {
    if !s.contains('\n') {
        return text::quote(s);
    }
    // The mark at the end must be none of the lines.
    let mut end = "EOT".to_owned();
    while s.split('\n').any(|l| l.trim() == end) {
        end.push('_');
    }
    let pad = " ".repeat(indent);
    let lines: String = s.split('\n').map(|l| format!("{pad}{l}\n")).collect();
    format!("<<{}{end}\n{lines}{pad}{end}", if indent > 0 { "-" } else { "" })
}

fn sequence(values: &[Value], indent: usize) -> String {
    if values.is_empty() {
        return "[]".into();
    }
    let pad = " ".repeat(indent + 2);
    let lines: String = values.iter().map(|v| format!("{pad}{},\n", written(v, indent + 2))).collect();
    format!("[\n{lines}{}]", " ".repeat(indent))
}

fn members(members: &Members, indent: usize) -> String {
    if members.is_empty() {
        return "{}".into();
    }
    let pad = " ".repeat(indent + 2);
    let lines: String = members.iter().map(|(k, v)| format!("{pad}{} = {}\n", string(k, indent + 2), written(v, indent + 2))).collect();
    format!("{{\n{lines}{}}}", " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_expressions() {
        let list = Value::list(Type::String, vec![Value::string("a"), Value::string("b\"")]);
        let object = Value::object(
            [
                (Arc::from("l"), list),
                (Arc::from("n"), Value::null(Type::Number)),
                (Arc::from("s"), Value::string("hidden").sensitive()),
                (Arc::from("t"), Value::string("x\ny\n")),
            ]
            .into(),
        );
        let all = BTreeMap::from([(Arc::from("o"), object), (Arc::from("p"), Value::bool(true).sensitive())]);
        let expected = r#"o = {
  "l" = tolist([
    "a",
    "b\"",
  ])
  "n" = tonumber(null)
  "s" = (sensitive value)
  "t" = <<-EOT
  x
  y
  
  EOT
}
p = <sensitive>
"#;
        assert_eq!(outputs(&all), expected);
    }
}
