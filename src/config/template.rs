//! Templates: escapes, trimming with `~`, and the indentation of `<<-` heredocs.
//!
//! A template is taken apart into a flat row of tokens first, because trimming and indentation look at what stands next
//! to what in the text, not at how directives nest.

use super::compile::Compiler;
use super::expr::{Expr, ExprKind, Part, TemplateFor, TemplateIf};
use hcl_edit::Span as _;
use hcl_edit::template::{Directive, Element, ForDirective, HeredocTemplate, IfDirective, Strip, Template};
use levee_model::text::nfc;
use levee_model::{Span, Value};
use std::ops::Range;

/// Which escapes literals have, and where they are cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Quoted,
    Lines,
}

enum Token {
    Literal(String),
    Interpolation(Expr),
    If(Expr),
    Else,
    EndIf,
    For(Box<TemplateFor>),
    EndFor,
}

impl Compiler<'_> {
    /// The inside of a quoted string.
    pub(super) fn quoted<'e>(&mut self, elements: impl Iterator<Item = &'e Element>) -> ExprKind {
        let mut tokens = Tokens { compiler: self, style: Style::Quoted, row: Vec::new(), trim_next: false };
        tokens.elements(elements);
        finish(tokens.row)
    }

    /// A heredoc whose text begins with `<<`.
    pub(super) fn heredoc(&mut self, heredoc: &HeredocTemplate, range: Range<usize>) -> ExprKind {
        let flush = self.text.get(range).is_some_and(|t| t.starts_with("<<-"));
        let mut tokens = Tokens { compiler: self, style: Style::Lines, row: Vec::new(), trim_next: false };
        tokens.elements(heredoc.template.iter());
        let mut row = tokens.row;
        if flush {
            remove_indent(&mut row);
        }
        if row.is_empty() {
            return ExprKind::Literal(Value::string(""));
        }
        finish(row)
    }

    /// A template that is a file of its own.
    pub(super) fn bare_template(&mut self, template: &Template) -> ExprKind {
        let mut tokens = Tokens { compiler: self, style: Style::Lines, row: Vec::new(), trim_next: false };
        tokens.elements(template.iter());
        if tokens.row.is_empty() {
            return ExprKind::Literal(Value::string(""));
        }
        finish(tokens.row)
    }
}

struct Tokens<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    style: Style,
    row: Vec<Token>,
    /// Whether the marker just read ends with `~`.
    trim_next: bool,
}

impl Tokens<'_, '_> {
    fn elements<'e>(&mut self, elements: impl Iterator<Item = &'e Element>) {
        for element in elements {
            match element {
                Element::Literal(text) => self.literal(text.span().unwrap_or(0..0)),
                Element::Interpolation(i) => {
                    let expr = self.compiler.expr(&i.expr);
                    self.marker(i.strip, Token::Interpolation(expr));
                }
                Element::Directive(d) => match &**d {
                    Directive::If(d) => self.if_directive(d),
                    Directive::For(d) => self.for_directive(d, element.span()),
                },
            }
        }
    }

    fn literal(&mut self, range: Range<usize>) {
        let raw = self.compiler.text.get(range.clone()).unwrap_or("");
        let span = self.compiler.span(Some(range.clone()));
        match self.style {
            Style::Quoted => {
                self.compiler.check_one_line(Some(range), span);
                let text = self.unescape(raw, span);
                self.push_literal(text);
            }
            Style::Lines => {
                for line in raw.split_inclusive('\n') {
                    self.push_literal(line.replace("$${", "${").replace("%%{", "%{"));
                }
            }
        }
    }

    fn push_literal(&mut self, text: String) {
        let trim = std::mem::take(&mut self.trim_next);
        self.row.push(Token::Literal(if trim { text.trim_start().to_owned() } else { text }));
    }

    /// Adds a marker, and trims what stands before it.
    fn marker(&mut self, strip: Strip, token: Token) {
        if strip.strip_start()
            && let Some(Token::Literal(text)) = self.row.last_mut()
        {
            text.truncate(text.trim_end().len());
        }
        self.trim_next = strip.strip_end();
        self.row.push(token);
    }

    fn if_directive(&mut self, d: &IfDirective) {
        let condition = self.compiler.expr(&d.if_expr.cond_expr);
        self.marker(d.if_expr.strip, Token::If(condition));
        self.elements(d.if_expr.template.iter());
        if let Some(otherwise) = &d.else_expr {
            self.marker(otherwise.strip, Token::Else);
            self.elements(otherwise.template.iter());
        }
        self.marker(d.endif_expr.strip, Token::EndIf);
    }

    fn for_directive(&mut self, d: &ForDirective, range: Option<Range<usize>>) {
        let intro = &d.for_expr;
        let collection = self.compiler.expr(&intro.collection_expr);
        let slot = self.compiler.bind(intro.key_var.as_ref(), &intro.value_var);
        let span = self.compiler.span(range);
        let node = TemplateFor { collection, slot, has_key: intro.key_var.is_some(), body: Box::new([]), span };
        self.marker(intro.strip, Token::For(Box::new(node)));
        self.elements(intro.template.iter());
        self.marker(d.endfor_expr.strip, Token::EndFor);
        self.compiler.unbind(slot);
    }

    fn unescape(&mut self, raw: &str, span: Span) -> String {
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(i) = rest.find(['\\', '$', '%']) {
            out.push_str(&rest[..i]);
            let tail = &rest[i..];
            if let Some(after) = tail.strip_prefix("$${").or_else(|| tail.strip_prefix("%%{")) {
                out.push_str(&tail[1..3]);
                rest = after;
            } else if let Some(escape) = tail.strip_prefix('\\') {
                let Some((c, after)) = read_escape(escape) else {
                    let detail = format!("The symbol \"\\{}\" is not a valid escape sequence.", escape.chars().next().unwrap_or(' '));
                    self.compiler.error(span, "Invalid escape sequence", detail);
                    return out;
                };
                out.push(c);
                rest = after;
            } else {
                out.push_str(&tail[..1]);
                rest = &tail[1..];
            }
        }
        out.push_str(rest);
        out
    }
}

/// The character that an escape stands for, and what follows it.
fn read_escape(escape: &str) -> Option<(char, &str)> {
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

/// Takes the smallest common indentation off every line. Blank lines do not count.
fn remove_indent(row: &mut [Token]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut at_start = true;
    for (i, token) in row.iter().enumerate() {
        let Token::Literal(text) = token else {
            if at_start {
                least = 0;
            }
            at_start = false;
            continue;
        };
        if at_start {
            let indent = text.len() - text.trim_start().len();
            if indent < text.len() || !text.ends_with('\n') {
                least = least.min(text[..indent].chars().count());
                starts.push(i);
            }
        }
        at_start = text.ends_with('\n');
    }
    for i in starts {
        if let Token::Literal(text) = &mut row[i] {
            *text = text.chars().skip(least).collect();
        }
    }
}

/// Puts the row back into a tree.
fn finish(mut row: Vec<Token>) -> ExprKind {
    if row.len() == 1 {
        match row.remove(0) {
            Token::Interpolation(e) => return ExprKind::Paren(Box::new(e)),
            Token::Literal(text) => return ExprKind::Literal(Value::string(nfc(&text))),
            other => row.push(other),
        }
    }
    let mut tokens = row.into_iter();
    let (parts, _) = fold(&mut tokens);
    if let [Part::Literal(text)] = &*parts {
        return ExprKind::Literal(Value::string(text.clone()));
    }
    ExprKind::Template(parts)
}

/// Reads up to the marker that closes the directive around; neighbouring literals become one.
fn fold(tokens: &mut impl Iterator<Item = Token>) -> (Box<[Part]>, Option<Token>) {
    let mut parts = Vec::new();
    let mut text = String::new();
    let flush = |parts: &mut Vec<Part>, text: &mut String| {
        if !text.is_empty() {
            parts.push(Part::Literal(nfc(text)));
            text.clear();
        }
    };
    while let Some(token) = tokens.next() {
        if let Token::Literal(more) = &token {
            text.push_str(more);
            continue;
        }
        flush(&mut parts, &mut text);
        match token {
            Token::Literal(_) => {}
            Token::Interpolation(e) => parts.push(Part::Interpolation(e)),
            Token::If(condition) => {
                let (yes, end) = fold(tokens);
                let no = if matches!(end, Some(Token::Else)) { fold(tokens).0 } else { Box::default() };
                parts.push(Part::If(Box::new(TemplateIf { condition, yes, no })));
            }
            Token::For(mut node) => {
                node.body = fold(tokens).0;
                parts.push(Part::For(node));
            }
            end @ (Token::Else | Token::EndIf | Token::EndFor) => return (parts.into(), Some(end)),
        }
    }
    flush(&mut parts, &mut text);
    (parts.into(), None)
}
