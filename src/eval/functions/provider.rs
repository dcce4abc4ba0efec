//! The functions of the built-in `terraform` provider.

use super::{Answer, Context, Function, FunctionError, Param, a_string, anything, string, text};
use crate::config::is_identifier;
use levee_model::text::quote;
use levee_model::{Kind, Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("provider::terraform::decode_tfvars", &[Param::string("src")], anything, decode_tfvars).maybe_null(),
    Function::new("provider::terraform::encode_expr", &[Param::any("value").nullable().unknown().dynamic()], a_string, encode_expr),
    Function::new("provider::terraform::encode_tfvars", &[Param::any("value")], a_string, encode_tfvars),
];

fn decode_tfvars(ctx: &Context<'_>, args: &[Value]) -> Answer {
    match ctx.read_tfvars {
        Some(read) => read(text(args, 0)?),
        None => Ok(Value::unknown(Type::Dynamic)),
    }
}

fn encode_expr(_: &Context<'_>, args: &[Value]) -> Answer {
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    let mut out = String::new();
    write_expr(&args[0], 0, &mut out);
    Ok(string(&out))
}

fn encode_tfvars(_: &Context<'_>, args: &[Value]) -> Answer {
    let Some(members) = args[0].members() else {
        return Err(FunctionError::new(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        ));
    };
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    let mut out = String::new();
    for (name, value) in members {
        if !is_identifier(name) {
            let message = format!(
                "invalid variable name {}: must be a valid identifier, per Terraform's rules for input variable declarations",
                quote(name)
            );
            return Err(FunctionError::new(message));
        }
        out.push_str(name);
        out.push_str(" = ");
        write_expr(value, 0, &mut out);
        out.push('\n');
    }
    Ok(string(&out))
}

/// The expression that yields a wholly known value.
fn write_expr(value: &Value, indent: usize, out: &mut String) {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => write_quoted(s, out),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            out.push('[');
            for (i, v) in vs.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_expr(v, indent, out);
            }
            out.push(']');
        }
        Kind::Map(_, m) | Kind::Object(m) if m.is_empty() => out.push_str("{}"),
        Kind::Map(_, m) | Kind::Object(m) => {
            let shown = |k: &str| {
                let mut key = String::new();
                if is_identifier(k) {
                    key.push_str(k);
                } else {
                    write_quoted(k, &mut key);
                }
                key
            };
            let keys: Vec<String> = m.keys().map(|k| shown(k)).collect();
            let width = keys.iter().map(|k| k.chars().count()).max().unwrap_or(0);
            out.push_str("{\n");
            for (key, v) in keys.iter().zip(m.values()) {
                out.push_str(&" ".repeat(indent + 2));
                out.push_str(&format!("{key:width$} = "));
                write_expr(v, indent + 2, out);
                out.push('\n');
            }
            out.push_str(&" ".repeat(indent));
            out.push('}');
        }
    }
}

/// With what would begin an interpolation doubled.
fn write_quoted(s: &str, out: &mut String) {
    out.push('"');
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
