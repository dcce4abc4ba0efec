//! The words of a JSON text. What they are made of is checked when they are read.

use std::ops::Range;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    BraceOpen,
    BraceClose,
    BracketOpen,
    BracketClose,
    Comma,
    Colon,
    /// Not JSON, but what people write for a colon.
    Equals,
    /// Letters: `true`, or something that is none of the three.
    Keyword,
    /// From quote to quote; the second may be missing.
    String,
    /// Digits, signs and points in any order.
    Number,
    /// The end of the text.
    End,
    /// A character that begins nothing. Nothing is read after it.
    Invalid,
}

/// One word.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

/// Reads word after word, with a look at the next.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    next: Token,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = Self { text, at: 0, end: text.len(), next: Token { kind: TokenKind::End, range: 0..0 } };
        tokens.next = tokens.scan();
        tokens
    }

    /// The next word, which stays the next.
    pub(super) fn peek(&self) -> Token {
        self.next.clone()
    }

    /// The next word. The end is read again and again.
    pub(super) fn read(&mut self) -> Token {
        let following = if self.next.kind == TokenKind::End { self.next.clone() } else { self.scan() };
        std::mem::replace(&mut self.next, following)
    }

    /// Leaves the rest unread.
    pub(super) fn stop(&mut self) {
        self.next = Token { kind: TokenKind::End, range: self.end..self.end };
    }

    fn scan(&mut self) -> Token {
        let rest = &self.text[self.at..self.end];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let (start, rest) = (self.at + blank, &rest[blank..]);
        let Some(first) = rest.chars().next() else { return Token { kind: TokenKind::End, range: self.end..self.end } };
        let (kind, length) = match first {
            '{' => (TokenKind::BraceOpen, 1),
            '}' => (TokenKind::BraceClose, 1),
            '[' => (TokenKind::BracketOpen, 1),
            ']' => (TokenKind::BracketClose, 1),
            ',' => (TokenKind::Comma, 1),
            ':' => (TokenKind::Colon, 1),
            '=' => (TokenKind::Equals, 1),
            '"' => (TokenKind::String, string_length(rest)),
            '-' | '+' | '.' | '0'..='9' => (TokenKind::Number, run(rest, |c| matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'))),
            c if c.is_ascii_alphabetic() => (TokenKind::Keyword, run(rest, |c| c.is_ascii_alphabetic() || c == '_')),
            other => {
                self.end = start + other.len_utf8();
                (TokenKind::Invalid, other.len_utf8())
            }
        };
        self.at = start + length;
        Token { kind, range: start..self.at }
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Up to the closing quote, or to the control character or end before it.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate().skip(1) {
        match b {
            b'\\' => escaped = !escaped,
            b'"' if !escaped => return i + 1,
            0..=31 => return i,
            _ => escaped = false,
        }
    }
    text.len()
}
