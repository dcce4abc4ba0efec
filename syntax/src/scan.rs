//! Cuts a text into tokens, in one pass and without recursion: whatever the text, the time is linear and the tokens cover
//! all of it but spaces and tabs.
//!
//! What is inside a template is scanned by other rules than what is outside, and each may stand in the other, so there is a
//! stack of rules. Braces are counted through all of them: a `}` ends an interpolation when the count is what it was there.

use crate::token::{Token, TokenKind};
use unicode_ident::{is_xid_continue, is_xid_start};

/// What stands for a byte that was no UTF-8 when a text was decoded.
const REPLACEMENT: char = '\u{fffd}';
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Cuts a file or an expression. With `lossy`, the text was decoded from bytes that are not all UTF-8, and its replacement
/// characters are told as such.
pub fn scan(text: &str, lossy: bool) -> Vec<Token> {
    Scanner::new(text, lossy, Rules::Code).run()
}

/// Cuts a template that is a file of its own.
pub fn scan_template(text: &str, lossy: bool) -> Vec<Token> {
    Scanner::new(text, lossy, Rules::Bare).run()
}

/// Whether all of `text` is one name.
pub fn is_identifier(text: &str) -> bool {
    !text.is_empty() && name_end(text, 0) == text.len()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Code,
    Quoted,
    Heredoc,
    /// A template that is a whole file.
    Bare,
}

struct Heredoc<'t> {
    marker: &'t str,
    /// Whether what comes next may be the closing marker.
    at_line_start: bool,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    lossy: bool,
    at: usize,
    tokens: Vec<Token>,
    rules: Vec<Rules>,
    braces: i64,
    /// The count of braces at which each open template sequence ends.
    sequences: Vec<i64>,
    heredocs: Vec<Heredoc<'t>>,
    /// Set when no comment that began after this place is ever closed, so that nobody looks again.
    unclosed_from: Option<usize>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, lossy: bool, rules: Rules) -> Self {
        let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        Self {
            text,
            bytes: text.as_bytes(),
            lossy,
            at,
            tokens: Vec::with_capacity(text.len() / 4),
            rules: vec![rules],
            braces: 0,
            sequences: Vec::new(),
            heredocs: Vec::new(),
            unclosed_from: None,
        }
    }

    fn run(mut self) -> Vec<Token> {
        while self.at < self.bytes.len() {
            match self.rules.last() {
                Some(Rules::Quoted) => self.quoted(),
                Some(Rules::Heredoc) => self.heredoc(),
                Some(Rules::Bare) => self.bare(),
                Some(Rules::Code) | None => self.code(),
            }
        }
        self.token(TokenKind::End, self.at);
        self.tokens
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn token(&mut self, kind: TokenKind, end: usize) {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.tokens.push(Token { kind, start: offset(self.at), end: offset(end) });
        self.at = end;
    }

    fn take(&mut self, kind: TokenKind, length: usize) {
        self.token(kind, self.at + length);
    }

    fn code(&mut self) {
        let b = self.bytes[self.at];
        match b {
            b' ' | b'\t' => self.at += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.token(TokenKind::Name, name_end(self.text, self.at)),
            b'0'..=b'9' => self.token(TokenKind::Number, self.number_end()),
            b'\n' => self.take(TokenKind::Newline, 1),
            b'\r' if self.peek(1) == Some(b'\n') => self.take(TokenKind::Newline, 2),
            b'#' => self.line_comment(),
            b'/' => self.slash(),
            b'"' => {
                self.take(TokenKind::OpenQuote, 1);
                self.rules.push(Rules::Quoted);
            }
            b'{' => {
                self.take(TokenKind::OpenBrace, 1);
                self.braces += 1;
            }
            b'}' => self.close_brace(1),
            b'~' if self.peek(1) == Some(b'}') => self.close_brace(2),
            b'<' if self.peek(1) == Some(b'<') && self.open_heredoc() => {}
            _ => match operator(b, self.peek(1), self.peek(2)) {
                Some((kind, length)) => self.take(kind, length),
                None => self.character(),
            },
        }
    }

    /// Anything that is no ASCII, or no character of the language.
    fn character(&mut self) {
        let Some(c) = self.text[self.at..].chars().next() else { return };
        if is_xid_start(c) {
            return self.token(TokenKind::Name, name_end(self.text, self.at));
        }
        self.take(if self.is_bad(c) { TokenKind::BadUtf8 } else { TokenKind::Invalid }, c.len_utf8());
    }

    fn is_bad(&self, c: char) -> bool {
        self.lossy && c == REPLACEMENT
    }

    /// The longest run of digits, points and exponents that does not end with a point.
    fn number_end(&self) -> usize {
        let digit = |i: usize| self.bytes.get(i).is_some_and(u8::is_ascii_digit);
        let (mut at, mut end) = (self.at + 1, self.at + 1);
        loop {
            match self.bytes.get(at) {
                Some(b'0'..=b'9') => at += 1,
                Some(b'.') => {
                    at += 1;
                    continue;
                }
                Some(b'e' | b'E') if digit(at + 1) => at += 2,
                Some(b'e' | b'E') if matches!(self.bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => at += 3,
                _ => return end,
            }
            end = at;
        }
    }

    fn line_comment(&mut self) {
        let end = self.find(b'\n', self.at).map_or(self.bytes.len(), |i| i + 1);
        self.token(TokenKind::Comment, end);
    }

    fn slash(&mut self) {
        match self.peek(1) {
            Some(b'/') => self.line_comment(),
            Some(b'*') => match self.comment_end() {
                Some(end) => self.token(TokenKind::Comment, end),
                None => self.take(TokenKind::Slash, 1),
            },
            _ => self.take(TokenKind::Slash, 1),
        }
    }

    fn comment_end(&mut self) -> Option<usize> {
        let from = self.at + 2;
        if self.unclosed_from.is_some_and(|known| from >= known) {
            return None;
        }
        let end = self.text[from..].find("*/").map(|i| from + i + 2);
        if end.is_none() {
            self.unclosed_from = Some(from);
        }
        end
    }

    fn find(&self, wanted: u8, from: usize) -> Option<usize> {
        self.bytes[from..].iter().position(|b| *b == wanted).map(|i| from + i)
    }

    /// A `}` or `~}`: it closes the innermost template sequence if the braces inside of it are balanced.
    fn close_brace(&mut self, length: usize) {
        let ends = self.sequences.last() == Some(&self.braces);
        self.take(if ends || length == 2 { TokenKind::TemplateEnd } else { TokenKind::CloseBrace }, length);
        self.braces -= 1;
        if ends {
            self.sequences.pop();
            self.rules.pop();
        }
    }

    /// Begins a heredoc if one is introduced here: a name and the end of the line must follow.
    fn open_heredoc(&mut self) -> bool {
        let start = self.at + if self.peek(2) == Some(b'-') { 3 } else { 2 };
        let end = name_end(self.text, start);
        let Some(newline) = newline_length(self.bytes, end).filter(|_| end > start) else { return false };
        self.token(TokenKind::OpenHeredoc, end + newline);
        self.heredocs.push(Heredoc { marker: &self.text[start..end], at_line_start: true });
        self.rules.push(Rules::Heredoc);
        true
    }

    /// Begins an interpolation or a directive if one stands here. What is neither, but begins with the same character,
    /// comes back as the length of the text that it is.
    fn sequence(&mut self, mark: u8) -> Option<usize> {
        let tilde = |at: usize| usize::from(self.peek(at) == Some(b'~'));
        if self.peek(1) == Some(b'{') {
            let length = 2 + tilde(2);
            self.take(if mark == b'$' { TokenKind::Interpolation } else { TokenKind::Directive }, length);
            self.braces += 1;
            self.sequences.push(self.braces);
            self.rules.push(Rules::Code);
            if let Some(heredoc) = self.heredocs.last_mut() {
                heredoc.at_line_start = false;
            }
            return None;
        }
        Some(if self.peek(1) == Some(mark) && self.peek(2) == Some(b'{') { 3 + tilde(3) } else { 1 })
    }

    /// Where text without marks ends: at one of these, or at a bad character.
    fn plain_end(&self, stops: &[u8]) -> usize {
        let mut end = self.at;
        while let Some(b) = self.bytes.get(end) {
            if stops.contains(b) || self.lossy && self.text.get(end..).is_some_and(|t| t.starts_with(REPLACEMENT)) {
                break;
            }
            end += 1;
        }
        end
    }

    fn quoted(&mut self) {
        match self.bytes[self.at] {
            b'"' => {
                self.take(TokenKind::CloseQuote, 1);
                self.rules.pop();
            }
            b'\r' | b'\n' => {
                let rest = &self.bytes[self.at..];
                let length = rest.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
                self.take(TokenKind::QuotedNewline, length);
            }
            mark @ (b'$' | b'%') => match self.sequence(mark) {
                Some(_) if self.peek(1).is_none() => self.take(TokenKind::Invalid, 1),
                Some(length) => self.take(TokenKind::QuotedText, length),
                None => {}
            },
            _ => self.quoted_text(),
        }
    }

    fn quoted_text(&mut self) {
        let start = self.at;
        let mut end = start;
        loop {
            self.at = end;
            end = self.plain_end(b"\"\r\n$%\\");
            match (self.bytes.get(end), self.bytes.get(end + 1)) {
                // A backslash takes what follows with it, whatever it is; only the end of a line stays.
                (Some(b'\\'), Some(next)) if !matches!(next, b'\r' | b'\n') => {
                    end += 1 + self.text[end + 1..].chars().next().map_or(0, char::len_utf8);
                }
                _ => break,
            }
        }
        self.at = start;
        if end > start {
            return self.token(TokenKind::QuotedText, end);
        }
        self.wrong_character();
    }

    /// A character that cannot stand in a template.
    fn wrong_character(&mut self) {
        if let Some(c) = self.text[self.at..].chars().next() {
            self.take(if self.is_bad(c) { TokenKind::BadUtf8 } else { TokenKind::Invalid }, c.len_utf8());
        }
    }

    /// The text that begins with `$` or `%` where lines are text: `length` bytes unless the next two end a line.
    fn marked(&self, length: usize) -> usize {
        let ends_line = matches!(self.peek(2), Some(b'\r' | b'\n'));
        if length == 1 && ends_line && self.text.is_char_boundary(self.at + 2) { 2 } else { length }
    }

    fn heredoc(&mut self) {
        let end = match self.bytes[self.at] {
            mark @ (b'$' | b'%') => match self.sequence(mark) {
                Some(_) if self.peek(1).is_none() => return self.rest_is_invalid(),
                Some(1) => return self.heredoc_midline(self.at + self.marked(1)),
                Some(length) => self.at + length,
                None => return,
            },
            _ => self.plain_end(b"\r\n$%"),
        };
        match newline_length(self.bytes, end) {
            Some(newline) => self.heredoc_line(end, end + newline),
            None if end > self.at => self.heredoc_midline(end),
            None if self.bytes[self.at] == b'\r' => self.rest_is_invalid(),
            None => self.wrong_character(),
        }
    }

    fn heredoc_midline(&mut self, end: usize) {
        if let Some(heredoc) = self.heredocs.last_mut() {
            heredoc.at_line_start = false;
        }
        self.token(TokenKind::Text, end);
    }

    /// Text up to the end of a line, which may be the closing marker.
    fn heredoc_line(&mut self, text_end: usize, end: usize) {
        let Some(heredoc) = self.heredocs.last_mut() else { return };
        if heredoc.at_line_start && self.text[self.at..text_end].trim() == heredoc.marker {
            self.heredocs.pop();
            self.rules.pop();
            self.token(TokenKind::CloseHeredoc, text_end);
            return self.token(TokenKind::Newline, end);
        }
        heredoc.at_line_start = true;
        self.token(TokenKind::Text, end);
    }

    /// A carriage return on its own, or a mark at the very end: nothing after it can be read.
    fn rest_is_invalid(&mut self) {
        self.token(TokenKind::Invalid, self.bytes.len());
    }

    fn bare(&mut self) {
        let end = match self.bytes[self.at] {
            mark @ (b'$' | b'%') => match self.sequence(mark) {
                Some(1) => return self.take(TokenKind::Text, self.marked(1)),
                Some(length) => self.at + length,
                None => return,
            },
            _ => self.plain_end(b"\r\n$%"),
        };
        let newline = newline_length(self.bytes, end).unwrap_or(0);
        match end + newline {
            end if end > self.at => self.token(TokenKind::Text, end),
            // Here the rest is text, where in a heredoc it is invalid.
            _ if self.bytes[self.at] == b'\r' => self.token(TokenKind::Text, self.bytes.len()),
            _ => self.wrong_character(),
        }
    }
}

/// The bytes of the line's end that stands here.
fn newline_length(bytes: &[u8], at: usize) -> Option<usize> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\n'), _) => Some(1),
        (Some(b'\r'), Some(b'\n')) => Some(2),
        _ => None,
    }
}

/// Where the name that begins at `at` ends; `at` itself if none does.
fn name_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    loop {
        match bytes.get(end) {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => end += 1,
            Some(b'0'..=b'9' | b'-') if end > at => end += 1,
            Some(0x80..) => {
                let Some(c) = text[end..].chars().next() else { return end };
                if !(if end > at { is_xid_continue(c) } else { is_xid_start(c) }) {
                    return end;
                }
                end += c.len_utf8();
            }
            _ => return end,
        }
    }
}

/// The operator or sign that begins with `a`, and its length.
fn operator(a: u8, b: Option<u8>, c: Option<u8>) -> Option<(TokenKind, usize)> {
    use TokenKind as K;
    Some(match (a, b) {
        (b'=', Some(b'=')) => (K::Equal, 2),
        (b'=', Some(b'>')) => (K::FatArrow, 2),
        (b'!', Some(b'=')) => (K::NotEqual, 2),
        (b'>', Some(b'=')) => (K::GreaterOrEqual, 2),
        (b'<', Some(b'=')) => (K::LessOrEqual, 2),
        (b'&', Some(b'&')) => (K::And, 2),
        (b'|', Some(b'|')) => (K::Or, 2),
        (b':', Some(b':')) => (K::DoubleColon, 2),
        (b'.', Some(b'.')) if c == Some(b'.') => (K::Ellipsis, 3),
        _ => (sign(a)?, 1),
    })
}

fn sign(b: u8) -> Option<TokenKind> {
    use TokenKind as K;
    Some(match b {
        b'[' => K::OpenBracket,
        b']' => K::CloseBracket,
        b'(' => K::OpenParen,
        b')' => K::CloseParen,
        b'.' => K::Dot,
        b',' => K::Comma,
        b'*' => K::Star,
        b'%' => K::Percent,
        b'+' => K::Plus,
        b'-' => K::Minus,
        b'=' => K::Assign,
        b'<' => K::Less,
        b'>' => K::Greater,
        b'!' => K::Not,
        b'?' => K::Question,
        b':' => K::Colon,
        b'&' => K::BitAnd,
        b'|' => K::BitOr,
        b'~' => K::BitNot,
        b'^' => K::BitXor,
        b';' => K::Semicolon,
        b'`' => K::Backtick,
        b'\'' => K::Apostrophe,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
