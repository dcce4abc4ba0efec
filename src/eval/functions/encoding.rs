//! Base64 and URL encoding.

use super::gzip::gzip;
use super::{Answer, Context, Function, FunctionError, Param, a_string, string, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_model::Value;
use levee_model::text::quote;
use std::fmt::Write as _;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64decode", &[Param::string("str").marked()], a_string, base64decode),
    Function::new("base64encode", &[Param::string("str")], a_string, |_, a| Ok(string(&STANDARD.encode(text(a, 0)?)))),
    Function::new("base64gzip", &[Param::string("str")], a_string, |_, a| Ok(string(&STANDARD.encode(gzip(text(a, 0)?.as_bytes()))))),
    Function::new("urlencode", &[Param::string("str")], a_string, |_, a| Ok(string(&percent_encode(text(a, 0)?)))),
];

/// Line breaks in the source are skipped.
pub(super) fn decode_base64(s: &str) -> Option<Vec<u8>> {
    let joined: String = s.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(joined).ok()
}

fn base64decode(_: &Context<'_>, args: &[Value]) -> Answer {
    let (value, marks) = args[0].clone().unmark();
    let s = value.as_str().unwrap_or_default();
    let shown = || if marks.is_empty() { quote(s) } else { "(sensitive value)".into() };
    let bytes = decode_base64(s).ok_or_else(|| FunctionError::new(format!("failed to decode base64 data {}", shown())))?;
    match String::from_utf8(bytes) {
        Ok(s) => Ok(string(&s).mark(marks)),
        Err(_) => Err(FunctionError::new("the result of decoding the provided string is not valid UTF-8")),
    }
}

/// As in the query of a URL: a space becomes `+`.
fn percent_encode(s: &str) -> String {
    let mut out = String::new();
    for b in s.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            _ => {
                let written = write!(out, "%{b:02X}");
                debug_assert!(written.is_ok(), "writing to a string");
            }
        }
    }
    out
}
