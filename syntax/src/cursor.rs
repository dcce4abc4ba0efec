//! A place in the row of tokens: what comes next, and how to get past what cannot be read.

use crate::ast::Range;
use crate::token::{Token, TokenKind};
use std::cell::Cell;

/// Reads one token after the other. Comments are passed over, and line ends where they mean nothing.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    /// Whether line ends count, for each bracket that is open.
    newlines: Vec<bool>,
    /// What comes next, once it was looked for: it is looked at many times before it is read.
    ahead: Cell<Option<(Token, usize)>>,
    /// Set once something was passed over: what is found wrong then is likely a consequence, and is not told.
    pub(crate) recovering: bool,
}

impl<'t> Cursor<'t> {
    /// `tokens` ends with [`TokenKind::End`].
    pub(crate) fn new(text: &'t str, tokens: Vec<Token>) -> Self {
        Self { text, tokens, next: 0, newlines: vec![true], ahead: Cell::new(None), recovering: false }
    }

    pub(crate) fn text(&self, token: Token) -> &'t str {
        token.text(self.text)
    }

    /// The token and the place behind it.
    fn upcoming(&self) -> (Token, usize) {
        let found = self.ahead.get().unwrap_or_else(|| self.look_ahead());
        self.ahead.set(Some(found));
        found
    }

    fn look_ahead(&self) -> (Token, usize) {
        let newlines = self.newlines.last().is_none_or(|n| *n);
        for (i, token) in self.tokens.iter().enumerate().skip(self.next) {
            match token.kind {
                // A comment up to the end of its line stands for that end.
                TokenKind::Comment if newlines && self.text(*token).ends_with('\n') => {
                    return (Token { kind: TokenKind::Newline, ..*token }, i + 1);
                }
                TokenKind::Comment => {}
                TokenKind::Newline if !newlines => {}
                _ => return (*token, i + 1),
            }
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        (Token { kind: TokenKind::End, start: end, end }, self.tokens.len())
    }

    pub(crate) fn peek(&self) -> Token {
        self.upcoming().0
    }

    pub(crate) fn read(&mut self) -> Token {
        let (token, next) = self.upcoming();
        self.go_to(next);
        token
    }

    /// Reads the next token if it is of this kind.
    pub(crate) fn accept(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.read())
    }

    /// Reads the next token if it is this word.
    pub(crate) fn accept_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.read();
        }
        found
    }

    pub(crate) fn at_word(&self, word: &str) -> bool {
        let next = self.peek();
        next.kind == TokenKind::Name && self.text(next) == word
    }

    pub(crate) fn next_range(&self) -> Range {
        range(self.peek())
    }

    pub(crate) fn previous_range(&self) -> Range {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or_else(|| self.next_range(), |t| range(*t))
    }

    /// Does something while line ends count, or do not.
    pub(crate) fn push_newlines(&mut self, count: bool) {
        self.ahead.set(None);
        self.newlines.push(count);
    }

    pub(crate) fn pop_newlines(&mut self) {
        self.ahead.set(None);
        self.newlines.pop();
    }

    /// Goes to the end of the text.
    pub(crate) fn give_up(&mut self) {
        self.recovering = true;
        self.go_to(self.tokens.len());
    }

    fn go_to(&mut self, next: usize) {
        self.ahead.set(None);
        self.next = next;
    }

    /// Passes over everything up to this closing token, brackets of its kind counted, and answers it.
    pub(crate) fn recover(&mut self, end: TokenKind) -> Token {
        self.recovering = true;
        let start = opposite(end);
        let mut nested = 0_usize;
        loop {
            let token = self.read();
            let kind = match token.kind {
                TokenKind::Directive if end == TokenKind::TemplateEnd => TokenKind::Interpolation,
                other => other,
            };
            if Some(kind) == start {
                nested += 1;
            } else if kind == end && nested == 0 || kind == TokenKind::End {
                return token;
            } else if kind == end {
                nested -= 1;
            }
        }
    }

    /// Passes over the next bracketed group that begins with `start`.
    pub(crate) fn recover_over(&mut self, start: TokenKind) {
        while !matches!(self.read().kind, kind if kind == start || kind == TokenKind::End) {}
        if let Some(end) = opposite(start) {
            self.recover(end);
        }
    }

    /// Passes over the rest of an argument or block: to the end of the line on which all its brackets are closed.
    pub(crate) fn recover_after_item(&mut self) {
        self.recovering = true;
        let mut open: Vec<TokenKind> = Vec::new();
        loop {
            let kind = self.read().kind;
            match kind {
                TokenKind::Newline if open.is_empty() => return,
                TokenKind::End => return,
                TokenKind::OpenBrace
                | TokenKind::OpenBracket
                | TokenKind::OpenParen
                | TokenKind::OpenQuote
                | TokenKind::OpenHeredoc
                | TokenKind::Interpolation => open.push(kind),
                TokenKind::Directive => open.push(TokenKind::Interpolation),
                _ => {
                    if let Some(opener) = opposite(kind) {
                        let at = open.iter().rposition(|o| *o == opener).unwrap_or(0);
                        open.truncate(at);
                    }
                }
            }
        }
    }
}

pub(crate) fn range(token: Token) -> Range {
    Range { start: token.start, end: token.end }
}

/// The other one of a pair of brackets.
pub(crate) fn opposite(kind: TokenKind) -> Option<TokenKind> {
    use TokenKind as K;
    Some(match kind {
        K::OpenBrace => K::CloseBrace,
        K::OpenBracket => K::CloseBracket,
        K::OpenParen => K::CloseParen,
        K::OpenQuote => K::CloseQuote,
        K::OpenHeredoc => K::CloseHeredoc,
        K::CloseBrace => K::OpenBrace,
        K::CloseBracket => K::OpenBracket,
        K::CloseParen => K::OpenParen,
        K::CloseQuote => K::OpenQuote,
        K::CloseHeredoc => K::OpenHeredoc,
        K::Interpolation | K::Directive => K::TemplateEnd,
        K::TemplateEnd => K::Interpolation,
        _ => return None,
    })
}
