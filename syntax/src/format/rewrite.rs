//! What is written differently: labels get quotes, a string that is one interpolation becomes its expression, and types
//! lose the quotes that old configurations gave them.

use super::Piece;
use super::spacing::nesting;
use crate::token::{Token, TokenKind};
use levee_model::text::nfc;
use std::borrow::Cow;

/// All tokens as they are to be written.
pub(super) fn rewrite<'t>(text: &'t str, tokens: &[Token]) -> Vec<Piece<'t>> {
    let mut walk = Walk { text, tokens, at: 0, out: Vec::with_capacity(tokens.len()) };
    while walk.at < tokens.len() {
        walk.body(&mut Vec::new());
        // A brace too many; the text is not to be used.
        walk.keep();
    }
    walk.out
}

struct Walk<'a, 't> {
    text: &'t str,
    tokens: &'a [Token],
    at: usize,
    out: Vec<Piece<'t>>,
}

fn added<'t>(kind: TokenKind, text: impl Into<Cow<'t, str>>) -> Piece<'t> {
    Piece { kind, text: text.into(), spaces: 0 }
}

impl<'t> Walk<'_, 't> {
    fn kind(&self) -> TokenKind {
        self.tokens.get(self.at).map_or(TokenKind::End, |t| t.kind)
    }

    fn piece(&self, at: usize) -> Piece<'t> {
        let token = self.tokens[at];
        let before = at.checked_sub(1).map_or(0, |i| self.tokens[i].end);
        Piece { kind: token.kind, text: Cow::Borrowed(token.text(self.text)), spaces: (token.start - before) as usize }
    }

    /// Takes the next token over as it is.
    fn keep(&mut self) {
        if self.at < self.tokens.len() {
            let piece = self.piece(self.at);
            self.out.push(piece);
            self.at += 1;
        }
    }

    fn keep_comments(&mut self) {
        while self.kind() == TokenKind::Comment {
            self.keep();
        }
    }

    /// The inside of a block of the types `around`, up to its closing brace.
    fn body(&mut self, around: &mut Vec<&'t str>) {
        loop {
            match self.kind() {
                TokenKind::CloseBrace | TokenKind::End => return,
                TokenKind::Name => self.item(around),
                _ => self.keep(),
            }
        }
    }

    fn item(&mut self, around: &mut Vec<&'t str>) {
        let name = self.tokens[self.at].text(self.text);
        self.keep();
        let after_name = self.at;
        while self.kind() == TokenKind::Comment {
            self.at += 1;
        }
        let assigned = self.kind() == TokenKind::Assign;
        self.at = after_name;
        if assigned {
            self.keep_comments();
            self.keep();
            self.keep_comments();
            return self.value(name == "type" && **around == ["variable"]);
        }
        self.labels();
        if self.kind() != TokenKind::OpenBrace {
            return self.keep();
        }
        self.keep();
        around.push(name);
        self.body(around);
        around.pop();
        self.keep();
    }

    /// The labels of a block, up to its brace. Comments between them are lost, as they are with Terraform.
    fn labels(&mut self) {
        let mut made = Vec::new();
        let mut last = self.at;
        let mut at = self.at;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                TokenKind::Comment => at += 1,
                TokenKind::Name => {
                    made.extend(quoted(token.text(self.text)));
                    at += 1;
                    last = at;
                }
                TokenKind::OpenQuote => {
                    let end = self.tokens[at..].iter().position(|t| t.kind == TokenKind::CloseQuote).map_or(at + 1, |n| at + n + 1);
                    made.extend(self.label(at, end));
                    at = end;
                    last = at;
                }
                _ => break,
            }
        }
        self.out.extend(made);
        self.at = last;
        self.keep_comments();
    }

    /// A quoted label. One in several pieces stays as it is; Terraform loses it.
    fn label(&self, start: usize, end: usize) -> Vec<Piece<'t>> {
        let made = match &self.tokens[start..end] {
            [_, text, _] => unescape(text.text(self.text)).map(|text| quoted(&text)),
            [_, _] => Some(quoted("")),
            _ => None,
        };
        made.unwrap_or_else(|| (start..end).map(|i| self.piece(i)).collect())
    }

    /// The value of an argument.
    fn value(&mut self, is_type: bool) {
        let start = self.at;
        let mut end = self.value_end();
        while end > start && self.tokens[end - 1].kind == TokenKind::Comment {
            end -= 1;
        }
        let made = if is_type { self.type_name(start, end) } else { self.unwrapped(start, end) };
        match made {
            Some(made) => self.out.extend(made),
            None => (start..end).for_each(|i| self.out.push(self.piece(i))),
        }
        self.at = end;
    }

    /// Where the line of a value ends, or the block that it stands in.
    fn value_end(&self) -> usize {
        let mut depth = 0_isize;
        for (i, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                TokenKind::OpenQuote | TokenKind::OpenHeredoc => depth += 1,
                TokenKind::CloseQuote | TokenKind::CloseHeredoc => depth -= 1,
                TokenKind::Newline | TokenKind::CloseBrace if depth == 0 => return i,
                TokenKind::Comment if depth == 0 && token.text(self.text).ends_with('\n') => return i,
                TokenKind::End => return i,
                kind => depth += nesting(kind),
            }
        }
        self.tokens.len()
    }

    /// `"${x}"` as `x`.
    fn unwrapped(&self, start: usize, end: usize) -> Option<Vec<Piece<'t>>> {
        let [TokenKind::OpenQuote, TokenKind::Interpolation, .., TokenKind::TemplateEnd, TokenKind::CloseQuote] = *self.kinds(start, end)
        else {
            return None;
        };
        let (mut start, mut end) = (start + 2, end - 2);
        if end <= start || !is_one_interpolation(&self.kinds(start, end)) {
            return None;
        }
        while start < end && self.tokens[start].kind == TokenKind::Newline {
            start += 1;
        }
        while start < end && self.tokens[end - 1].kind == TokenKind::Newline {
            end -= 1;
        }
        let kinds = self.kinds(start, end);
        let mut out: Vec<Piece<'t>> = (start..end).map(|i| self.piece(i)).collect();
        let enclosed = kinds.len() > 1 && kinds[0] == TokenKind::OpenParen && kinds[kinds.len() - 1] == TokenKind::CloseParen;
        if kinds.contains(&TokenKind::Newline) && !enclosed {
            out.insert(0, added(TokenKind::OpenParen, "("));
            out.push(added(TokenKind::CloseParen, ")"));
        }
        Some(out)
    }

    fn kinds(&self, start: usize, end: usize) -> Vec<TokenKind> {
        self.tokens[start..end].iter().map(|t| t.kind).collect()
    }

    /// A type as it is written today.
    fn type_name(&self, start: usize, end: usize) -> Option<Vec<Piece<'t>>> {
        let tokens = &self.tokens[start..end];
        let (word, element) = match tokens {
            [word] if word.kind == TokenKind::Name => (word.text(self.text), "any"),
            [open, word, _] if open.kind == TokenKind::OpenQuote && word.kind == TokenKind::QuotedText => (word.text(self.text), "string"),
            _ => return None,
        };
        let quoted = tokens.len() == 3;
        match word {
            "string" if quoted => Some(vec![added(TokenKind::Name, word)]),
            "list" | "map" => Some(constructor(word, element)),
            "set" if !quoted => Some(constructor(word, element)),
            _ => None,
        }
    }
}

fn constructor<'t>(word: &'t str, element: &'t str) -> Vec<Piece<'t>> {
    vec![added(TokenKind::Name, word), added(TokenKind::OpenParen, "("), added(TokenKind::Name, element), added(TokenKind::CloseParen, ")")]
}

/// Whether what stands between `"${` and `}"` belongs together: outside of quotes inside it no other sequence begins or ends.
fn is_one_interpolation(inside: &[TokenKind]) -> bool {
    let mut quotes = 0_isize;
    inside.iter().all(|kind| match kind {
        TokenKind::OpenQuote => {
            quotes += 1;
            true
        }
        TokenKind::CloseQuote => {
            quotes -= 1;
            true
        }
        TokenKind::Interpolation | TokenKind::TemplateEnd | TokenKind::QuotedText => quotes > 0,
        _ => true,
    })
}

fn quoted<'t>(text: &str) -> Vec<Piece<'t>> {
    let mut out = vec![added(TokenKind::OpenQuote, "\"")];
    if !text.is_empty() {
        out.push(added(TokenKind::QuotedText, escape(&nfc(text))));
    }
    out.push(added(TokenKind::CloseQuote, "\""));
    out
}

/// The text that a quoted label stands for; none when an escape in it means nothing.
fn unescape(quoted: &str) -> Option<String> {
    let mut out = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(i) = rest.find(['\\', '$', '%']) {
        out.push_str(&rest[..i]);
        let tail = &rest[i..];
        if let Some(escape) = tail.strip_prefix('\\') {
            let (c, after) = escaped(escape)?;
            out.push(c);
            rest = after;
        } else {
            let doubled = tail.starts_with("$${") || tail.starts_with("%%{");
            out.push_str(&tail[..1]);
            rest = &tail[if doubled { 2 } else { 1 }..];
        }
    }
    out.push_str(rest);
    Some(out)
}

/// The character that an escape stands for, and what follows it.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let kind = escape.chars().next()?;
    let rest = &escape[kind.len_utf8()..];
    let hex = |digits: usize| {
        let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
        Some((char::from_u32(code)?, &rest[digits..]))
    };
    match kind {
        'n' => Some(('\n', rest)),
        'r' => Some(('\r', rest)),
        't' => Some(('\t', rest)),
        '"' | '\\' => Some((kind, rest)),
        'u' => hex(4),
        'U' => hex(8),
        _ => None,
    }
}

/// A text as it stands between quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', c]),
            '$' | '%' if text[i + 1..].starts_with('{') => out.extend([c, c]),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out
}

/// Whether a character is shown as itself. The standard library tells it only of characters in a text.
fn is_printable(c: char) -> bool {
    c.is_ascii_graphic() || c == ' ' || (!c.is_ascii() && format!("a{c}").escape_debug().count() == 2)
}
