//! JSON whose numbers are exact: reading, comparing, and what is left of a tree of booleans.

use super::Result;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Reads a document; every number is brought into plain decimal notation, so that equal numbers are equal texts.
pub(super) fn read(text: &str) -> Result<Value> {
    Ok(plain(serde_json::from_str(text)?))
}

fn plain(value: Value) -> Value {
    match value {
        Value::Number(n) => plain_number(&n.to_string()).parse().map_or(Value::Null, Value::Number),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => members.into_iter().map(|(k, v)| (k, plain(v))).collect::<Map<_, _>>().into(),
        other => other,
    }
}

/// A decimal number without an exponent and without superfluous zeros.
fn plain_number(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |t| ("-", t));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let point = i64::try_from(whole.len()).unwrap_or(0) + exponent;
    let (before, after) = match usize::try_from(point) {
        Err(_) | Ok(0) => ("0".to_owned(), "0".repeat(usize::try_from(-point).unwrap_or(0)) + &digits),
        Ok(n) if n >= digits.len() => (digits.clone() + &"0".repeat(n - digits.len()), String::new()),
        Ok(n) => (digits[..n].to_owned(), digits[n..].to_owned()),
    };
    let before = before.trim_start_matches('0');
    let after = after.trim_end_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    match (before, after) {
        ("0", "") => "0".to_owned(),
        (before, "") => format!("{sign}{before}"),
        (before, after) => format!("{sign}{before}.{after}"),
    }
}

/// SHA-256 of the compact form with sorted members, in hexadecimal digits.
pub(super) fn digest(value: &Value) -> String {
    let mut text = String::new();
    write_sorted(value, &mut text);
    Sha256::digest(text).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            out.push('{');
            for (i, name) in names.into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                let _ = write!(out, "{}:", Value::String(name.clone()));
                write_sorted(&members[name], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write_sorted(item, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// A tree of booleans without the branches in which nothing is true.
pub(super) fn prune(tree: &Value) -> Value {
    match tree {
        Value::Object(members) => {
            let kept: Map<String, Value> =
                members.iter().map(|(k, v)| (k.clone(), prune(v))).filter(|(_, v)| *v != Value::Bool(false)).collect();
            if kept.is_empty() { Value::Bool(false) } else { kept.into() }
        }
        Value::Array(items) => {
            let kept: Vec<Value> = items.iter().map(prune).collect();
            if kept.iter().all(|v| *v == Value::Bool(false)) { Value::Bool(false) } else { kept.into() }
        }
        other => Value::Bool(other.as_bool().unwrap_or(false)),
    }
}

/// Replaces every text of a document, names of members included.
pub(super) fn map_text(value: &Value, f: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(s) => Value::String(f(s)),
        Value::Array(items) => items.iter().map(|v| map_text(v, f)).collect(),
        Value::Object(members) => members.iter().map(|(k, v)| (f(k), map_text(v, f))).collect::<Map<_, _>>().into(),
        other => other.clone(),
    }
}

/// Where two documents differ, each with its path; at most a dozen places.
pub(super) fn differences(expected: &Value, actual: &Value, path: &str) -> Vec<String> {
    let mut out = Vec::new();
    compare(expected, actual, path, &mut out);
    out.truncate(12);
    out
}

fn compare(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    if expected == actual || out.len() >= 12 {
        return;
    }
    match (expected, actual) {
        (Value::Object(e), Value::Object(a)) => {
            for (name, value) in e {
                match a.get(name) {
                    Some(found) => compare(value, found, &format!("{path}.{name}"), out),
                    None => out.push(format!("{path}.{name}: missing, expected {}", short(value))),
                }
            }
            let more = a.iter().filter(|(name, _)| !e.contains_key(*name));
            out.extend(more.map(|(name, value)| format!("{path}.{name}: unexpected {}", short(value))));
        }
        (Value::Array(e), Value::Array(a)) if e.len() == a.len() => {
            for (i, (e, a)) in e.iter().zip(a).enumerate() {
                compare(e, a, &format!("{path}[{i}]"), out);
            }
        }
        _ => out.push(format!("{path}: expected {}, got {}", short(expected), short(actual))),
    }
}

/// A document for a message.
pub(super) fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 400 { text } else { text.chars().take(400).chain("...".chars()).collect() }
}
