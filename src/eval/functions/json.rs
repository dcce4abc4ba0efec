//! `jsonencode` and `jsondecode`.

use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use levee_model::json::from_json_dynamic;
use levee_model::{Kind, Refinement, Type, Value};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("jsondecode", &[Param::string("str")], jsondecode_type, |_, a| decode(text(a, 0)?)).maybe_null(),
    Function::new("jsonencode", &[Param::any("val").nullable().unknown().dynamic()], a_string, jsonencode),
];

fn jsonencode(_: &Context<'_>, args: &[Value]) -> Answer {
    let value = &args[0];
    if value.is_wholly_known() {
        return to_text(value).map(|s| string(&s)).map_err(FunctionError::new);
    }
    let not_null = match value.kind() {
        Kind::Unknown(_, known) => known.as_ref().is_some_and(|known| known.not_null),
        _ => true,
    };
    let beginning = match value.ty() {
        Type::String => Some("\""),
        Type::Object(_) | Type::Map(_) => Some("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("["),
        _ => None,
    };
    let prefix = beginning.filter(|_| not_null).map(Arc::from);
    Ok(Value::refined(Type::String, Refinement { not_null: true, prefix, ..Refinement::default() }))
}

/// What an unknown document begins with may tell its type.
fn jsondecode_type(args: &[Value]) -> Result<Type, FunctionError> {
    let known = match args[0].kind() {
        Kind::Unknown(_, known) => known.as_ref().and_then(|known| known.prefix.clone()),
        _ => return Ok(decode(text(args, 0)?)?.ty()),
    };
    let first = known.as_deref().and_then(|prefix| prefix.trim().chars().next());
    Ok(match first {
        None | Some('{' | '[' | 'n') => Type::Dynamic,
        Some('"') => Type::String,
        Some('t' | 'f') => Type::Bool,
        Some('-' | '0'..='9' | '.') => Type::Number,
        Some(c) => {
            let message = format!("a JSON document cannot begin with the character '{c}'");
            return Err(FunctionError::arg(0, message));
        }
    })
}

fn decode(source: &str) -> Answer {
    if source.trim().is_empty() {
        return Err(FunctionError::new("EOF"));
    }
    let source = &*mend_surrogates(source);
    if scalar_with_more(source.trim_start()) {
        return Err(FunctionError::new(EXTRANEOUS));
    }
    let mut documents = serde_json::Deserializer::from_str(source).into_iter::<serde_json::Value>();
    let value = match documents.next() {
        Some(Ok(json)) => from_json_dynamic(&json),
        Some(Err(e)) => return Err(FunctionError::new(complaint(source, &e))),
        None => return Err(FunctionError::new("EOF")),
    };
    // Terraform's reader takes a closing bracket for the end of what it reads, even of nothing.
    match source[documents.byte_offset()..].trim_start().chars().next() {
        None | Some('}' | ']') => Ok(value),
        Some(_) => Err(FunctionError::new(EXTRANEOUS)),
    }
}

const EXTRANEOUS: &str = "extraneous data after JSON object";

/// Whether it is a number or a word with something else right behind it.
fn scalar_with_more(source: &str) -> bool {
    let word = ["true", "false", "null"].into_iter().find(|word| source.starts_with(word)).map(str::len);
    let Some(length) = word.or_else(|| number_length(source)) else { return false };
    !matches!(source[length..].chars().next(), None | Some(' ' | '\t' | '\r' | '\n' | '}' | ']'))
}

/// How long the number is that a text begins with; none if it has none, or half of one.
fn number_length(source: &str) -> Option<usize> {
    let digits = |at: usize| source[at..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(source.starts_with('-'));
    let mut length = sign + if source[sign..].starts_with('0') { 1 } else { Some(digits(sign)).filter(|n| *n > 0)? };
    if source[length..].starts_with('.') {
        length += 1 + Some(digits(length + 1)).filter(|n| *n > 0)?;
    }
    if source[length..].starts_with(['e', 'E']) {
        let sign = usize::from(source[length + 1..].starts_with(['+', '-']));
        length += 1 + sign + Some(digits(length + 1 + sign)).filter(|n| *n > 0)?;
    }
    Some(length)
}

/// Puts a replacement character for every escaped half of a pair that stands alone. The text's length stays the same.
fn mend_surrogates(source: &str) -> Cow<'_, str> {
    let code = |at: usize| source.get(at..at + 6).and_then(|e| u32::from_str_radix(e.strip_prefix("\\u")?, 16).ok());
    let mut out = Cow::Borrowed(source);
    let mut at = 0;
    while let Some(found) = source[at..].find('\\') {
        at += found;
        match code(at) {
            Some(0xd800..0xdc00) if matches!(code(at + 6), Some(0xdc00..0xe000)) => at += 12,
            Some(0xd800..0xe000) => {
                out.to_mut().replace_range(at..at + 6, "\\ufffd");
                at += 6;
            }
            _ => at += 1 + source[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    out
}

fn complaint(source: &str, e: &serde_json::Error) -> String {
    if e.is_eof() {
        let in_token = !source.trim_end().ends_with(['{', '[', ',', ':', '}', ']']);
        return if in_token { "unexpected EOF" } else { "EOF" }.into();
    }
    let kind = e.to_string();
    let line = source.lines().nth(e.line().saturating_sub(1)).unwrap_or_default();
    if let Some(told) = in_literal(line, e.column().saturating_sub(1)).filter(|_| kind.starts_with("expected ident")) {
        return told;
    }
    match line.get(e.column().saturating_sub(1)..).and_then(|rest| rest.chars().next()) {
        Some(c) if kind.starts_with("key must be") => format!("invalid character {}", quote_char(c)),
        Some(c) if kind.starts_with("expected `:`") => format!("invalid character {} after object key", quote_char(c)),
        Some(c) if kind.starts_with("control character") && e.column() > 0 => {
            format!("invalid character {} in string literal", quote_char(c))
        }
        _ if kind.starts_with("control character") => "invalid character '\\n' in string literal".into(),
        Some(c) if kind.starts_with("invalid escape") => format!("invalid character {} in string escape code", quote_char(c)),
        Some(c) if kind.starts_with("expected `,` or `]`") => format!("invalid character {} after array element", quote_char(c)),
        Some(c) if kind.starts_with("expected `,` or `}`") => {
            format!("invalid character {} after object key:value pair", quote_char(c))
        }
        Some(c) if kind.starts_with("trailing comma") && c == '}' => {
            format!("invalid character {} looking for beginning of object key string", quote_char(c))
        }
        Some(c) => format!("invalid character {} looking for beginning of value", quote_char(c)),
        None => "invalid JSON syntax".into(),
    }
}

/// What is wrong at `at` with a word that begins like `true`, `false` or `null`.
fn in_literal(line: &str, at: usize) -> Option<String> {
    let start = line.get(..at)?.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |i| i + 1);
    let word = ["true", "false", "null"].into_iter().find(|w| line[start..].starts_with(&w[..1]))?;
    let (found, wanted) = (line[at..].chars().next()?, word.get(at - start..)?.chars().next()?);
    Some(format!("invalid character {} in literal {word} (expecting {})", quote_char(found), quote_char(wanted)))
}

/// A character in single quotes; of one that is not ASCII, the first byte.
fn quote_char(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c if c.is_ascii() => format!("'{}'", c.escape_default()),
        c => {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes);
            format!("'{}'", char::from(bytes[0]))
        }
    }
}

/// The compact JSON text of a wholly known value.
///
/// # Errors
/// An infinity has none.
pub(super) fn to_text(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    write_value(value, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut String) -> Result<(), String> {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) if n.is_infinite() => return Err("cannot serialize infinity as JSON".into()),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => write_string(s, out),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            out.push('[');
            for (i, v) in vs.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(v, out)?;
            }
            out.push(']');
        }
        Kind::Map(_, m) | Kind::Object(m) => {
            out.push('{');
            for (i, (k, v)) in m.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(k, out);
                out.push(':');
                write_value(v, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Characters that mean something to HTML are escaped too, so that the text can stand in a page.
fn write_string(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let written = write!(out, "\\u{:04x}", u32::from(c));
                debug_assert!(written.is_ok(), "writing to a string");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
