//! `yamldecode` and `yamlencode`.

use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use levee_model::text::quote;
use levee_model::{Kind, Number, Type, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "yamldecode",
        &[Param::string("src")],
        |a| match a[0].kind() {
            Kind::String(s) => Ok(decode(s)?.ty()),
            _ => Ok(Type::Dynamic),
        },
        |_, a| decode(text(a, 0)?),
    )
    .maybe_null(),
    Function::new("yamlencode", &[Param::any("value").nullable().unknown().dynamic()], a_string, encode).maybe_null(),
];

/// Reads one document from the parser's events.
struct Reader<'s, I: Iterator<Item = Result<Event<'s>, ScanError>>> {
    events: I,
    source: &'s str,
    anchors: BTreeMap<usize, Value>,
}

fn decode(source: &str) -> Answer {
    if source.trim().is_empty() {
        return Err(FunctionError::new("on line 1, column 1: missing start of document"));
    }
    let events = Parser::new_from_str(source).map(|event| event.map(|(event, _)| event));
    let mut reader = Reader { events, source, anchors: BTreeMap::new() };
    let value = loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => return Err(FunctionError::new("on line 1, column 1: missing start of document")),
            event => break reader.value(event)?,
        }
    };
    loop {
        match reader.next()? {
            Event::DocumentEnd => {}
            Event::StreamEnd => return Ok(value),
            _ => return Err(FunctionError::new("on line 1, column 1: unexpected extra content after value")),
        }
    }
}

/// The parser's complaint in the words that Terraform has for the same mistake.
fn complaint(e: &ScanError, source: &str) -> String {
    let at = e.marker();
    let info = e.info();
    let unknown_anchor = || {
        let byte = source.char_indices().nth(at.index()).map_or(source.len(), |(i, _)| i);
        let name = source[byte..].trim_start_matches('*');
        let end = name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(name.len());
        format!("reference to undefined anchor {}", quote(&name[..end]))
    };
    for (part, words) in [
        ("mapping values are not allowed", "mapping values are not allowed in this context"),
        ("unexpected character", "found character that cannot start any token"),
        ("unexpected end of stream", "found unexpected end of stream"),
        ("flow sequence", "on line 1, column 1: did not find expected ',' or ']'"),
        ("flow mapping", "on line 1, column 1: did not find expected ',' or '}'"),
    ] {
        if info.contains(part) {
            return words.into();
        }
    }
    if info.contains("unknown anchor") {
        return unknown_anchor();
    }
    let info = if info == "simple key expected" { "could not find expected ':'" } else { info };
    format!("on line {}, column {}: {info}", at.line(), at.col() + 1)
}

impl<'s, I: Iterator<Item = Result<Event<'s>, ScanError>>> Reader<'s, I> {
    fn next(&mut self) -> Result<Event<'s>, FunctionError> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => Err(FunctionError::new(complaint(&e, self.source))),
            None => Err(FunctionError::new("on line 1, column 1: unexpected end of document")),
        }
    }

    fn value(&mut self, event: Event<'s>) -> Answer {
        let (anchor, value) = match event {
            Event::Alias(id) => {
                let known = self.anchors.get(&id).cloned();
                return known.ok_or_else(|| FunctionError::new("cannot refer to anchor from inside its own definition"));
            }
            Event::Scalar(s, style, anchor, tag) => (anchor, scalar(&s, style == ScalarStyle::Plain, tag.as_deref())?),
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "sequence", "seq")?;
                (anchor, self.sequence()?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "mapping", "map")?;
                (anchor, self.mapping()?)
            }
            _ => return Err(FunctionError::new("on line 1, column 1: unexpected content")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn sequence(&mut self) -> Answer {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::tuple(items)),
                event => items.push(self.value(event)?),
            }
        }
    }

    fn mapping(&mut self) -> Answer {
        let mut own = BTreeMap::new();
        let mut merged: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        loop {
            let event = self.next()?;
            let merges = matches!(&event, Event::Scalar(s, ScalarStyle::Plain, _, _) if s == "<<");
            if event == Event::MappingEnd {
                merged.extend(own);
                return Ok(Value::object(merged.into()));
            }
            let key = if matches!(event, Event::Scalar(..) | Event::Alias(_)) {
                self.value(event)?
            } else {
                return Err(FunctionError::new("only strings are allowed as mapping keys"));
            };
            let event = self.next()?;
            let value = self.value(event)?;
            if merges {
                merge(&mut merged, &value)?;
                continue;
            }
            let key = match key.kind() {
                Kind::Null(_) => return Err(FunctionError::new("mapping key cannot be null")),
                Kind::String(s) => s.clone(),
                Kind::Bool(b) => b.to_string().into(),
                Kind::Number(n) => n.to_string().into(),
                _ => return Err(FunctionError::new("only strings are allowed as mapping keys")),
            };
            own.insert(key, value);
        }
    }
}

fn merge(into: &mut BTreeMap<Arc<str>, Value>, value: &Value) -> Result<(), FunctionError> {
    let mut add = |v: &Value| match v.kind() {
        Kind::Object(m) => {
            for (k, v) in m.iter() {
                into.entry(k.clone()).or_insert_with(|| v.clone());
            }
            Ok(())
        }
        _ => Err(FunctionError::new("cannot merge tuple into mapping")),
    };
    match value.kind() {
        Kind::Tuple(vs) => vs.iter().try_for_each(&mut add),
        _ => add(value),
    }
}

const CORE: &str = "tag:yaml.org,2002:";

fn tag_name(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn check_tag(tag: Option<&Tag>, what: &str, plain: &str) -> Result<(), FunctionError> {
    match tag.map(tag_name) {
        None => Ok(()),
        Some(name) if name == "!" || name.strip_prefix(CORE) == Some(plain) => Ok(()),
        Some(name) if name.starts_with(CORE) => Err(FunctionError::new(format!("can't interpret {what} as {name}"))),
        Some(name) => Err(FunctionError::new(format!("unsupported tag {}", quote(&name)))),
    }
}

fn scalar(s: &str, plain: bool, tag: Option<&Tag>) -> Answer {
    let text = || string(s);
    let Some(tag) = tag.map(tag_name) else {
        return if plain { Ok(resolve(s)?.unwrap_or_else(text)) } else { Ok(text()) };
    };
    // A quoted scalar is text whatever number it may be tagged as.
    if !plain && matches!(tag.strip_prefix(CORE), Some("int" | "float" | "bool")) {
        return Ok(text());
    }
    let wrong = |what: &str| FunctionError::new(format!("cannot parse {} as {CORE}{what}", quote(s)));
    match tag.strip_prefix(CORE) {
        Some("str" | "binary" | "timestamp") => Ok(text()),
        Some("bool") => parse_bool(s).map(Value::bool).ok_or_else(|| wrong("bool")),
        Some("int") => match resolve(s)? {
            Some(v) if v.as_number().is_some_and(Number::is_integer) => Ok(v),
            _ => Err(wrong("int")),
        },
        Some("float") => resolve(s)?.filter(|v| v.as_number().is_some()).ok_or_else(|| wrong("float")),
        Some("null") => Ok(Value::null(Type::Dynamic)),
        None if tag == "!" => Ok(text()),
        _ => Err(FunctionError::new(format!("unsupported tag {}", quote(&tag)))),
    }
}

fn parse_bool(s: &str) -> Option<bool> {
    match s {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// What a plain scalar means beside text; None for text.
fn resolve(s: &str) -> Result<Option<Value>, FunctionError> {
    if let Some(b) = parse_bool(s) {
        return Ok(Some(Value::bool(b)));
    }
    let number = match s {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Some(Value::null(Type::Dynamic))),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(Number::infinity(false)),
        "-.inf" | "-.Inf" | "-.INF" => Some(Number::infinity(true)),
        ".nan" | ".NaN" | ".NAN" => return Err(FunctionError::new("floating point NaN is not supported")),
        _ => number(s),
    };
    Ok(number.map(Value::number))
}

fn number(s: &str) -> Option<Number> {
    let unsigned = s.strip_prefix(['-', '+']).unwrap_or(s);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    for (prefix, base) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            let digits: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(base)).collect();
            return digits.filter(|d| !d.is_empty()).map(|d| Number::from_digits(s.starts_with('-'), &d, base));
        }
    }
    Number::parse(s)
}

fn encode(_: &Context<'_>, args: &[Value]) -> Answer {
    if !args[0].is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    let mut out = String::new();
    write_node(&args[0], 0, Place::Document, &mut out)?;
    // A plain scalar alone does not show where it ends.
    if matches!(args[0].kind(), Kind::Bool(_) | Kind::Number(_) | Kind::Null(_)) {
        out.push_str("...\n");
    }
    Ok(string(&out))
}

/// What a node follows.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Document,
    Dash,
    Key,
}

/// Writes a node and a line break. `indent` is the column of the block's entries, if it becomes one.
fn write_node(value: &Value, indent: usize, place: Place, out: &mut String) -> Result<(), FunctionError> {
    let line = |out: &mut String, s: &str| {
        if place == Place::Key {
            out.push(' ');
        }
        out.push_str(s);
        out.push('\n');
    };
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => line(out, "null"),
        Kind::Bool(b) => line(out, if *b { "true" } else { "false" }),
        Kind::Number(n) if n.is_infinite() => line(out, if n.is_negative() { "-.Inf" } else { "+.Inf" }),
        Kind::Number(n) => line(out, &n.to_string()),
        Kind::String(s) if s.contains('\n') && literal_fits(s) => {
            let depth = if place == Place::Document { 2 } else { indent };
            line(out, &literal(s, depth));
            out.truncate(out.trim_end_matches('\n').len() + 1 + trailing(s));
        }
        Kind::String(s) => line(out, &double_quoted(s)),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) if vs.is_empty() => line(out, "[]"),
        Kind::Map(_, m) | Kind::Object(m) if m.is_empty() => line(out, "{}"),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            // Below a key the dashes stand in the key's own column.
            let column = if place == Place::Key { indent - 2 } else { indent };
            start_block(place, out);
            for (i, v) in vs.iter().enumerate() {
                if i > 0 || place != Place::Dash {
                    out.push_str(&" ".repeat(column));
                }
                out.push_str("- ");
                write_node(v, column + 2, Place::Dash, out)?;
            }
        }
        Kind::Map(_, m) | Kind::Object(m) => {
            start_block(place, out);
            for (i, (k, v)) in m.iter().enumerate() {
                if i > 0 || place != Place::Dash {
                    out.push_str(&" ".repeat(indent));
                }
                out.push_str(&double_quoted(k));
                out.push(':');
                write_node(v, indent + 2, Place::Key, out)?;
            }
        }
    }
    Ok(())
}

fn start_block(place: Place, out: &mut String) {
    if place == Place::Key {
        out.push('\n');
    }
}

/// Line breaks at the end beyond the first.
fn trailing(s: &str) -> usize {
    (s.len() - s.trim_end_matches('\n').len()).saturating_sub(1)
}

fn literal_fits(s: &str) -> bool {
    let visible = |c: char| c == '\n' || is_printable(c);
    s.chars().all(visible) && !s.contains(" \n") && !s.starts_with([' ', '\n']) && !s.ends_with(' ')
}

fn literal(s: &str, indent: usize) -> String {
    let chomp = match s.len() - s.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let pad = " ".repeat(indent);
    let mut out = format!("|{chomp}");
    for line in s.strip_suffix('\n').unwrap_or(s).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&pad);
            out.push_str(line);
        }
    }
    out
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}' && c != '\u{2028}' && c != '\u{2029}'
}

fn double_quoted(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        let short = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ => "",
        };
        if !short.is_empty() {
            out.push_str(short);
        } else if is_printable(c) {
            out.push(c);
        } else {
            let code = u32::from(c);
            let written = match code {
                0..0x100 => write!(out, "\\x{code:02X}"),
                0x100..0x1_0000 => write!(out, "\\u{code:04X}"),
                _ => write!(out, "\\U{code:08X}"),
            };
            debug_assert!(written.is_ok(), "writing to a string");
        }
    }
    out.push('"');
    out
}
