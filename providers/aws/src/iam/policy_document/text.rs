//! Writes JSON with members in a given order, the way Go's encoder writes it: users compare these texts byte for byte.

use std::fmt::Write;

/// JSON whose members keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Members(Vec<(String, Node)>),
}

/// On several lines, indented by two spaces.
pub(super) fn indented(node: &Node) -> String {
    let mut out = String::new();
    write(&mut out, node, Some(0));
    out
}

/// On one line, without spaces.
pub(super) fn minified(node: &Node) -> String {
    let mut out = String::new();
    write(&mut out, node, None);
    out
}

fn write(out: &mut String, node: &Node, depth: Option<usize>) {
    match node {
        Node::Text(text) => quoted(out, text),
        Node::List(nodes) => bracketed(out, ('[', ']'), nodes, depth, write),
        Node::Members(members) => bracketed(out, ('{', '}'), members, depth, |out, (name, node), inner| {
            quoted(out, name);
            out.push_str(if inner.is_some() { ": " } else { ":" });
            write(out, node, inner);
        }),
    }
}

fn bracketed<T>(
    out: &mut String,
    (open, close): (char, char),
    items: &[T],
    depth: Option<usize>,
    mut item: impl FnMut(&mut String, &T, Option<usize>),
) {
    out.push(open);
    let inner = depth.map(|d| d + 1);
    for (i, it) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        new_line(out, inner);
        item(out, it, inner);
    }
    if !items.is_empty() {
        new_line(out, depth);
    }
    out.push(close);
}

fn new_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Go's encoder makes its output safe to stand in HTML.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("a String takes all that is written to it");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// CRC-32 (IEEE), which Terraform's provider takes for the document's id.
pub(super) fn checksum(text: &str) -> u32 {
    !text.bytes().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}
