//! Text as Terraform keeps and quotes it.

use std::fmt::Write;
use std::sync::Arc;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in Unicode NFC, as all strings and keys of the language are held.
pub fn nfc(s: &str) -> Arc<str> {
    if s.is_ascii() || is_nfc_quick(s.chars()) == IsNormalized::Yes { Arc::from(s) } else { s.nfc().collect::<String>().into() }
}

/// The part of a known beginning that stays as it is whatever follows: a last character that a mark might still combine
/// with is left out.
pub fn safe_prefix(s: &str) -> &str {
    const NEVER_COMBINES: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    if s.ends_with(|c| NEVER_COMBINES.contains(c)) {
        return s;
    }
    let base = s.char_indices().rev().find(|(_, c)| canonical_combining_class(*c) == 0);
    base.map_or("", |(i, _)| &s[..i])
}

/// A string between double quotes, as Terraform's messages quote: control and unprintable characters are escaped.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    quote_into(&mut out, s);
    out
}

/// [`quote`] at the end of a text.
pub fn quote_into(out: &mut String, s: &str) {
    out.push('"');
    if s.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\') {
        out.push_str(s);
        out.push('"');
        return;
    }
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            _ if is_printable(c) => out.push(c),
            _ => {
                let code = u32::from(c);
                let written = match code {
                    0..0x80 => write!(out, "\\x{code:02x}"),
                    0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
                debug_assert!(written.is_ok(), "writing to a string");
            }
        }
    }
    out.push('"');
}

/// Whether a character shows. The standard library's `Debug` text of strings tells, except at their start, where it also
/// escapes combining marks.
fn is_printable(c: char) -> bool {
    format!("a{c}").escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_nothing_can_combine() {
        for (text, want) in [("pre ", "pre "), ("id=", "id"), ("ab", "a"), ("e\u{301}", ""), ("x-", "x-"), ("", "")] {
            assert_eq!(safe_prefix(text), want, "{text:?}");
        }
    }

    #[test]
    fn strings_are_composed() {
        assert_eq!(&*nfc("e\u{301}"), "é");
    }
}
