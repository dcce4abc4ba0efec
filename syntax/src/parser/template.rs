//! Templates: first a flat row of text, interpolations and directives, then the tree of the directives.
//!
//! Trimming with `~` and the indentation of `<<-` look at what stands next to what in the text, not at how directives nest,
//! so both are done on the row.

use super::Parser;
use crate::ast::{Expr, ExprKind, Part, PartFor, PartIf, Range};
use crate::cursor::{opposite, range};
use crate::token::{Token, TokenKind};
use std::borrow::Cow;

const FOR: &str = "Invalid 'for' directive";
const END: &str = "Unexpected end of template";

/// One thing in the row.
enum Piece<'t> {
    Literal(Cow<'t, str>, Range),
    Interpolation(Expr<'t>),
    If(Expr<'t>, Range),
    For(Box<PartFor<'t>>),
    Closing(Closing, Range),
}

/// A directive that goes on or ends another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Else,
    EndIf,
    EndFor,
}

impl Closing {
    fn word(self) -> &'static str {
        match self {
            Self::Else => "else",
            Self::EndIf => "endif",
            Self::EndFor => "endfor",
        }
    }
}

/// The row, and where it stands.
struct Row<'t> {
    pieces: Vec<Piece<'t>>,
    start: Range,
    end: Range,
}

impl<'t> Parser<'t> {
    /// A quoted text or a heredoc.
    pub(super) fn template(&mut self) -> Expr<'t> {
        let open = self.cursor.read();
        let flush = self.cursor.text(open).starts_with("<<-");
        let row = self.row(opposite(open.kind).unwrap_or(TokenKind::End));
        let close = self.cursor.previous_range();
        let kind = self.finish(row, flush);
        Expr { kind, range: range(open).to(close) }
    }

    /// A template that is the whole text.
    pub(super) fn bare_template(&mut self) -> Expr<'t> {
        let row = self.row(TokenKind::End);
        let range = row.start.to(row.end);
        Expr { kind: self.finish(row, false), range }
    }

    fn finish(&mut self, mut row: Row<'t>, flush: bool) -> ExprKind<'t> {
        if flush {
            remove_indent(&mut row.pieces);
        }
        meld(&mut row.pieces, self.file.text);
        if row.pieces.len() == 1 {
            match row.pieces.remove(0) {
                Piece::Literal(text, _) => return ExprKind::String(text),
                Piece::Interpolation(e) => return ExprKind::Wrap(Box::new(e)),
                other => row.pieces.push(other),
            }
        }
        let mut pieces = row.pieces.into_iter();
        let mut parts = Vec::new();
        while let Some(piece) = pieces.next() {
            let part = self.part(piece, &mut pieces, row.end);
            parts.extend(part);
        }
        ExprKind::Template(parts)
    }

    fn row(&mut self, end: TokenKind) -> Row<'t> {
        let start = self.cursor.next_range();
        let mut pieces = Vec::new();
        // Whether the marker before asks for the white space behind it to go.
        let mut trim = false;
        let end = loop {
            let token = self.cursor.read();
            if token.kind == end {
                break range(token);
            }
            match token.kind {
                TokenKind::Text | TokenKind::QuotedText => {
                    let text = self.literal(token);
                    let text = if std::mem::take(&mut trim) { trim_start(text) } else { text };
                    pieces.push(Piece::Literal(text, range(token)));
                }
                TokenKind::Interpolation | TokenKind::Directive => {
                    trim_before(&mut pieces, self.cursor.text(token));
                    self.cursor.push_newlines(false);
                    trim = if token.kind == TokenKind::Interpolation {
                        self.interpolation(start, end, &mut pieces)
                    } else {
                        self.directive(token, &mut pieces)
                    };
                    self.cursor.pop_newlines();
                }
                _ => {
                    self.unless_recovering(range(token), "Unterminated template string", "No closing marker was found for the string.");
                    break range(self.cursor.recover(end));
                }
            }
        };
        if pieces.is_empty() {
            pieces.push(Piece::Literal(Cow::Borrowed(""), start.after()));
        }
        Row { pieces, start, end }
    }

    /// What stands in `${...}`, up to its end; whether that end trims.
    fn interpolation(&mut self, start: Range, end: TokenKind, pieces: &mut Vec<Piece<'t>>) -> bool {
        let expr = self.expression();
        pieces.push(Piece::Interpolation(expr));
        let close = self.cursor.peek();
        if close.kind == TokenKind::TemplateEnd {
            return self.end_of_sequence();
        }
        self.unclosed_interpolation(start, end, close);
        self.cursor.recover(TokenKind::TemplateEnd);
        false
    }

    fn unclosed_interpolation(&mut self, start: Range, end: TokenKind, close: Token) {
        const UNCLOSED: &str = "Unclosed template interpolation sequence";
        const EXTRA: &str = "Extra characters after interpolation expression";
        let (at, summary, detail) = match close.kind {
            TokenKind::End => (
                start,
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the file. This might be caused by incorrect nesting inside the given expression.",
            ),
            TokenKind::Colon => (
                range(close),
                EXTRA,
                "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be processed as part of another language? If so, you can escape it by starting with \"$${\" instead of just \"${\".",
            ),
            TokenKind::OpenQuote | TokenKind::CloseQuote if end == TokenKind::CloseQuote => (
                start,
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the quoted template. This might be caused by incorrect nesting inside the given expression.",
            ),
            _ => (
                range(close),
                EXTRA,
                "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when you include interpolation syntax for another language, such as shell scripting, but forget to escape the interpolation start token. If this is an embedded sequence for another language, escape it by starting with \"$${\" instead of just \"${\".",
            ),
        };
        self.unless_recovering(at, summary, detail);
    }

    /// Reads the closing brace that comes next; whether it trims.
    fn end_of_sequence(&mut self) -> bool {
        let close = self.cursor.read();
        self.cursor.text(close).starts_with('~')
    }

    /// What stands in `%{...}`, up to its end; whether that end trims.
    fn directive(&mut self, open: Token, pieces: &mut Vec<Piece<'t>>) -> bool {
        let word = self.cursor.peek();
        let Some(piece) = self.directive_inside(open, word) else {
            self.cursor.recover(TokenKind::TemplateEnd);
            return false;
        };
        pieces.push(piece);
        let close = self.cursor.peek();
        if close.kind == TokenKind::TemplateEnd {
            return self.end_of_sequence();
        }
        let summary = format!("Extra characters in {} marker", self.cursor.text(word));
        self.unless_recovering(range(close), summary, "Expected a closing brace to end the sequence, but found extra characters.");
        self.cursor.recover(TokenKind::TemplateEnd);
        false
    }

    fn directive_inside(&mut self, open: Token, word: Token) -> Option<Piece<'t>> {
        if word.kind != TokenKind::Name {
            let detail = "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ sequence.";
            self.unless_recovering(range(word), "Invalid template directive", detail);
            return None;
        }
        self.cursor.read();
        let closing = match self.cursor.text(word) {
            "if" => {
                let condition = self.expression();
                return Some(Piece::If(condition, self.directive_range(open)));
            }
            "for" => return self.for_directive(open),
            "else" => Closing::Else,
            "endif" => Closing::EndIf,
            "endfor" => Closing::EndFor,
            other => {
                let meant = suggestion(other).map_or_else(String::new, |s| format!(" Did you mean {s:?}?"));
                let detail = format!("\"{other}\" is not a valid template control keyword.{meant}");
                self.unless_recovering(range(word), "Invalid template control keyword", detail);
                return None;
            }
        };
        Some(Piece::Closing(closing, self.directive_range(open)))
    }

    /// From the opening to what comes next, which ought to be the closing brace.
    fn directive_range(&self, open: Token) -> Range {
        range(open).to(self.cursor.next_range())
    }

    fn for_directive(&mut self, open: Token) -> Option<Piece<'t>> {
        let (key_name, value_name) = self.for_names(FOR, "For directive requires")?;
        if !self.cursor.accept_word("in") {
            let at = self.cursor.next_range();
            self.unless_recovering(at, FOR, "For directive requires 'in' keyword after names.");
            return None;
        }
        let collection = self.expression();
        let node = PartFor { key_name, value_name, collection, body: Vec::new(), range: self.directive_range(open) };
        Some(Piece::For(Box::new(node)))
    }

    /// The part that begins with `first`; nothing if it is wrong.
    fn part(&mut self, first: Piece<'t>, rest: &mut std::vec::IntoIter<Piece<'t>>, end: Range) -> Option<Part<'t>> {
        match first {
            Piece::Literal(text, range) => Some(Part::Literal(text, range)),
            Piece::Interpolation(e) => Some(Part::Interpolation(e)),
            Piece::If(condition, at) => self.nested(|p| p.if_part(condition, at, rest, end), |_| None),
            Piece::For(node) => self.nested(|p| p.for_part(node, rest, end), |_| None),
            Piece::Closing(closing, at) => {
                let summary = format!("Unexpected {} directive", closing.word());
                self.error(at, summary, "The control directives within this template are unbalanced.");
                None
            }
        }
    }

    /// Reads parts up to the directive that goes on or ends the one around them.
    fn parts(&mut self, rest: &mut std::vec::IntoIter<Piece<'t>>, end: Range) -> (Vec<Part<'t>>, Option<(Closing, Range)>) {
        let mut parts = Vec::new();
        while let Some(piece) = rest.next() {
            if let Piece::Closing(closing, at) = piece {
                return (parts, Some((closing, at)));
            }
            let part = self.part(piece, rest, end);
            parts.extend(part);
        }
        (parts, None)
    }

    fn if_part(&mut self, condition: Expr<'t>, at: Range, rest: &mut std::vec::IntoIter<Piece<'t>>, end: Range) -> Option<Part<'t>> {
        let (yes, mut closing) = self.parts(rest, end);
        let mut no = Vec::new();
        let mut in_else = false;
        if let Some((Closing::Else, _)) = closing {
            in_else = true;
            (no, closing) = self.parts(rest, end);
        }
        let place = || -> String { self.place(at) };
        let (at, summary, detail) = match closing {
            Some((Closing::EndIf, last)) => {
                let part = PartIf { condition, yes, no, range: at.to(last) };
                return Some(Part::If(Box::new(part)));
            }
            None => (end, END.to_owned(), format!("The if directive at {} is missing its corresponding endif directive.", place())),
            Some((Closing::Else, at)) if in_else => {
                (at, "Unexpected else directive".to_owned(), format!("Already in the else clause for the if started at {}.", place()))
            }
            Some((other, at)) => (
                at,
                format!("Unexpected {} directive", other.word()),
                format!("Expecting an endif directive for the if started at {}.", place()),
            ),
        };
        self.error(at, summary, detail);
        None
    }

    fn for_part(&mut self, mut node: Box<PartFor<'t>>, rest: &mut std::vec::IntoIter<Piece<'t>>, end: Range) -> Option<Part<'t>> {
        let (body, closing) = self.parts(rest, end);
        let place = || -> String { self.place(node.range) };
        let (at, summary, detail) = match closing {
            Some((Closing::EndFor, last)) => {
                node.body = body;
                node.range = node.range.to(last);
                return Some(Part::For(node));
            }
            None => (end, END.to_owned(), format!("The for directive at {} is missing its corresponding endfor directive.", place())),
            Some((Closing::Else, at)) => {
                (at, "Unexpected else directive".to_owned(), "An else clause is not expected for a for directive.".to_owned())
            }
            Some((other, at)) => (
                at,
                format!("Unexpected {} directive", other.word()),
                format!("Expecting an endfor directive corresponding to the for directive at {}.", place()),
            ),
        };
        self.error(at, summary, detail);
        None
    }
}

fn trim_start(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start()),
        Cow::Owned(text) => Cow::Owned(text.trim_start().to_owned()),
    }
}

/// Takes white space off the text before a marker that begins with `~`.
fn trim_before(pieces: &mut [Piece<'_>], marker: &str) {
    if let Some(Piece::Literal(text, _)) = pieces.last_mut().filter(|_| marker.ends_with('~')) {
        match text {
            Cow::Borrowed(text) => *text = text.trim_end(),
            Cow::Owned(text) => text.truncate(text.trim_end().len()),
        }
    }
}

/// Takes the smallest common indentation off every line. Blank lines do not count.
fn remove_indent(pieces: &mut [Piece<'_>]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut at_start = true;
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text, _) = piece else {
            if std::mem::take(&mut at_start) {
                least = 0;
            }
            continue;
        };
        let indent = text.len() - text.trim_start().len();
        if at_start && (indent < text.len() || !text.ends_with('\n')) {
            least = least.min(text[..indent].chars().count());
            starts.push(i);
        }
        at_start = text.ends_with('\n');
    }
    for i in starts {
        if let Piece::Literal(text, range) = &mut pieces[i] {
            let bytes = text.char_indices().nth(least).map_or(text.len(), |(at, _)| at);
            range.start += u32::try_from(bytes).unwrap_or(0);
            match text {
                Cow::Borrowed(text) => *text = &text[bytes..],
                Cow::Owned(text) => drop(text.drain(..bytes)),
            }
        }
    }
}

/// Makes one of texts that follow each other.
fn meld<'t>(pieces: &mut Vec<Piece<'t>>, whole: &'t str) {
    if pieces.len() < 2 {
        return;
    }
    let mut melded: Vec<Piece<'t>> = Vec::with_capacity(pieces.len());
    for piece in std::mem::take(pieces) {
        match (melded.last_mut(), piece) {
            (Some(Piece::Literal(text, range)), Piece::Literal(more, last)) => {
                let both = range.to(last);
                // As long as both stand in the text as they are, side by side, so does what they make.
                let borrowed = matches!((&*text, &more), (Cow::Borrowed(_), Cow::Borrowed(_)));
                let verbatim = borrowed && range.end == last.start && is_verbatim(text, *range) && is_verbatim(&more, last);
                match whole.get(both.start as usize..both.end as usize).filter(|_| verbatim) {
                    Some(slice) => *text = Cow::Borrowed(slice),
                    None => text.to_mut().push_str(&more),
                }
                *range = both;
            }
            (_, piece) => melded.push(piece),
        }
    }
    *pieces = melded;
}

/// Whether a text stands in the source as it is.
fn is_verbatim(text: &str, range: Range) -> bool {
    text.len() == (range.end - range.start) as usize
}

/// The first directive that differs from `word` in fewer than three letters.
fn suggestion(word: &str) -> Option<&'static str> {
    ["if", "for", "else", "endif", "endfor"].into_iter().find(|known| distance(word, known) < 3)
}

/// How many letters have to be added, removed or changed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}
