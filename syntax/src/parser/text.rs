//! Text in quotes and in lines: what its escapes stand for, and labels, which are text without any templates.

use super::Parser;
use crate::ast::{Label, Range};
use crate::cursor::range;
use crate::token::{Token, TokenKind};
use levee_model::text::quote;
use std::borrow::Cow;

impl<'t> Parser<'t> {
    /// What a token of text stands for.
    pub(super) fn literal(&mut self, token: Token) -> Cow<'t, str> {
        let text = self.cursor.text(token);
        if token.kind == TokenKind::QuotedText { self.quoted_text(text, token.start) } else { line_text(text) }
    }

    /// A text token is either one escaped mark, or holds no mark at all except behind a backslash.
    fn quoted_text(&mut self, text: &'t str, start: u32) -> Cow<'t, str> {
        if !text.contains('\\') {
            return line_text(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let escape = &rest[at..at + escape_length(&rest[at..])];
            let begin = start + u32::try_from(text.len() - rest.len() + at).unwrap_or(0);
            let end = begin + u32::try_from(escape.len()).unwrap_or(0);
            self.escape(escape, Range { start: begin, end }, &mut out);
            rest = &rest[at + escape.len()..];
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    fn escape(&mut self, escape: &str, at: Range, out: &mut String) {
        const SUMMARY: &str = "Invalid escape sequence";
        let selector = &escape[1..];
        let detail = match selector.as_bytes().first() {
            Some(b'n') => return out.push('\n'),
            Some(b'r') => return out.push('\r'),
            Some(b't') => return out.push('\t'),
            Some(b'"') => return out.push('"'),
            Some(b'\\') => return out.push('\\'),
            Some(b'u') if escape.len() != 6 => "The \\u escape sequence must be followed by four hexadecimal digits.".to_owned(),
            Some(b'U') if escape.len() != 10 => "The \\U escape sequence must be followed by eight hexadecimal digits.".to_owned(),
            Some(b'u' | b'U') => {
                let code = u32::from_str_radix(&selector[1..], 16).unwrap_or(u32::MAX);
                match char::from_u32(code) {
                    Some(c) => return out.push(c),
                    None => format!("Cannot encode character U+{code:04x} in UTF-8."),
                }
            }
            Some(_) => {
                out.push_str(selector);
                return self.error(at, SUMMARY, format!("The symbol {} is not a valid escape sequence selector.", quote(selector)));
            }
            None => "Backslash must be followed by an escape sequence selector character.".to_owned(),
        };
        out.push_str(escape);
        self.error(at, SUMMARY, detail);
    }

    /// A quoted label. Up to its closing quote everything is passed over that cannot be part of one.
    pub(super) fn quoted_label(&mut self) -> Label<'t> {
        let open = self.cursor.read();
        let mut text = Cow::Borrowed("");
        let end = loop {
            let token = self.cursor.read();
            match token.kind {
                TokenKind::CloseQuote => break token,
                TokenKind::QuotedText => {
                    let more = self.literal(token);
                    if text.is_empty() {
                        text = more;
                    } else {
                        text.to_mut().push_str(&more);
                    }
                }
                TokenKind::Interpolation | TokenKind::Directive => text.to_mut().push_str(self.sequence_in_label(token)),
                TokenKind::End => {
                    let detail = "Unable to find the closing quote mark before the end of the file.";
                    self.error(range(token), "Unterminated string literal", detail);
                    break token;
                }
                _ => {
                    self.error(range(token), "Invalid string literal", "This item is not valid in a string literal.");
                    self.cursor.recover(TokenKind::CloseQuote);
                    break token;
                }
            }
        };
        Label { text, range: range(open).to(range(end)) }
    }

    /// Tells that a template sequence cannot stand in a label, and answers what stands for it.
    fn sequence_in_label(&mut self, token: Token) -> &'static str {
        let (mark, instead) = if token.kind == TokenKind::Interpolation { ("$", "${ ... }") } else { ("%", "%{ ... }") };
        let detail = format!(
            "Template sequences are not allowed in this string. To include a literal {mark:?}, double it (as \"{mark}{mark}\") to escape it."
        );
        self.error(range(token), "Invalid string literal", detail);
        self.cursor.recover(TokenKind::TemplateEnd);
        instead
    }
}

/// The length of the escape that begins with this backslash, as far as it can be one.
fn escape_length(text: &str) -> usize {
    let digits = |most: usize| 2 + text.bytes().skip(2).take(most).take_while(u8::is_ascii_hexdigit).count();
    match text[1..].chars().next() {
        None => 1,
        Some('u') => digits(4),
        Some('U') => digits(8),
        Some(c) => 1 + c.len_utf8(),
    }
}

/// Text without backslash escapes: a doubled mark before a brace stands for one.
fn line_text(text: &str) -> Cow<'_, str> {
    let escaped = |t: &str| t.starts_with("$${") || t.starts_with("%%{");
    if escaped(text) && !text[3..].contains(['$', '%']) {
        return Cow::Borrowed(&text[1..]);
    }
    let marked = text.bytes().any(|b| matches!(b, b'$' | b'%'));
    if !marked || !text.contains("$${") && !text.contains("%%{") {
        return Cow::Borrowed(text);
    }
    // Only in text behind a stray carriage return: elsewhere every mark begins a token. There, marks go in pairs.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let pair = rest.as_bytes().get(1) == rest.as_bytes().first();
        let (kept, length) = if escaped(rest) { (&rest[1..3], 3) } else { (&rest[..=usize::from(pair)], 1 + usize::from(pair)) };
        out.push_str(kept);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}
