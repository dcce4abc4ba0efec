//! The order in which sets hold their elements.

use crate::number::Notation;
use crate::text::quote;
use crate::value::{Kind, Value};
use std::cmp::Ordering;

/// Terraform's order of a set's elements: bools, numbers and strings by value, anything else by a text that
/// stands for its content. Unknown comes after known, and null last.
pub fn set_order(a: &Value, b: &Value) -> Ordering {
    let rank = |v: &Value| match v.kind() {
        Kind::Null(_) => 2,
        Kind::Unknown(..) => 1,
        _ => 0,
    };
    match (a.kind(), b.kind()) {
        (Kind::String(a), Kind::String(b)) => a.cmp(b),
        (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
        // Equal texts may stand for different values; the tie is broken so that equal values meet.
        _ => rank(a).cmp(&rank(b)).then_with(|| stand_in(a).cmp(&stand_in(b))).then_with(|| a.cmp(b)),
    }
}

fn stand_in(v: &Value) -> String {
    let mut out = String::new();
    write_stand_in(v, &mut out);
    out
}

fn write_stand_in(v: &Value, out: &mut String) {
    let mut group = |open: char, close: char, vs: &mut dyn Iterator<Item = &Value>| {
        out.push(open);
        for v in vs {
            write_stand_in(v, out);
            out.push(';');
        }
        out.push(close);
    };
    match v.kind() {
        Kind::Unknown(..) => out.push('?'),
        Kind::Null(_) => out.push('~'),
        Kind::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
        Kind::Number(n) => out.push_str(&n.to_text(Notation::General('e'), Some(10))),
        Kind::String(s) => out.push_str(&quote(s)),
        Kind::List(_, vs) | Kind::Set(_, vs) => group('[', ']', &mut vs.iter()),
        Kind::Tuple(vs) => group('<', '>', &mut vs.iter()),
        Kind::Object(m) => group('<', '>', &mut m.values()),
        Kind::Map(_, m) => {
            out.push('{');
            for (k, v) in m.iter() {
                out.push_str(&quote(k));
                out.push(':');
                write_stand_in(v, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}
