//! The text of a file to its top-level blocks and arguments.

use super::body::{Attribute, BlockExpr, Body, Dynamic, Label};
use super::compile::Compiler;
use super::expr::{Expr, ExprKind, ObjectKey};
use super::names::Names;
use super::split::split;
use super::syntax_error::syntax_error;
use hcl_edit::Span as _;
use hcl_edit::structure::{self, BlockLabel, Structure};
use levee_model::{Diagnostic, Diagnostics, SourceId, Span};
use std::sync::Arc;

/// What stands at the top of a file.
#[derive(Debug)]
pub(super) enum Item {
    /// A block.
    Block(BlockExpr),
    /// An argument; only files of variable values have them.
    Attribute(Attribute),
}

/// Parses a file and hands over one item after the other, so that none has to be kept.
pub(super) fn parse_items(
    source: SourceId,
    text: &str,
    names: &mut Names,
    diags: &mut Diagnostics,
    each: &mut dyn FnMut(Item, &mut Diagnostics),
) {
    // A byte order mark is allowed, and means nothing.
    let skip = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for piece in split(&text[skip..]) {
        let base = piece.start + skip;
        let piece = &text[base..piece.end + skip];
        match hcl_edit::parser::parse_body(piece) {
            Ok(body) => {
                let mut reader = Reader { compiler: Compiler { source, base, text: piece, names, diags, bound: Vec::new() } };
                let items: Vec<Item> = body.iter().map(|s| reader.item(s)).collect();
                for item in items {
                    each(item, diags);
                }
            }
            Err(error) => diags.push(syntax_error(source, base, piece, &error)),
        }
    }
}

/// Parses one expression that is the whole of `text`, such as the value of `-var`.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_expression(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    expression_at(source, 0, text, &mut Names::default(), &[])
}

/// Parses one expression that is the whole of `text`, which begins at `start` of the file. `bound` are names bound around
/// it, by slot.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn expression_at(
    source: SourceId,
    start: usize,
    text: &str,
    names: &mut Names,
    bound: &[Arc<str>],
) -> Result<Expr, Diagnostics> {
    // Read as an argument's value, so that comments may follow it and a newline ends it.
    const BEGINNING: &str = "_=";
    let whole = format!("{BEGINNING}{text}\n");
    let base = start.wrapping_sub(BEGINNING.len());
    let mut diags = Diagnostics::new();
    let body = hcl_edit::parser::parse_body(&whole).map_err(|e| syntax_error(source, base, &whole, &e))?;
    let mut compiler = Compiler { source, base, text: &whole, names, diags: &mut diags, bound: bound.to_vec() };
    let mut items = body.iter();
    let (Some(a), None) = (items.next().and_then(Structure::as_attribute), items.next()) else {
        let detail = "An expression ends with its line, unless a bracket is open.";
        return Err(Diagnostic::error("Missing newline after argument", detail).at(Span::new(source, start..start + text.len())).into());
    };
    let expr = compiler.expr(&a.value);
    if diags.has_errors() { Err(diags) } else { Ok(expr) }
}

/// Parses a template that is the whole of `text`, as `templatefile` reads them. `variables` are the names it may use:
/// the evaluator expects their values in its first slots, in this order.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_template(source: SourceId, text: &str, variables: &[Arc<str>]) -> Result<Expr, Diagnostics> {
    template_at(source, 0, text, &mut Names::default(), variables)
}

/// Parses a template that is the whole of `text`, which begins at `start` of the file. `bound` are names bound around it,
/// by slot.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn template_at(source: SourceId, start: usize, text: &str, names: &mut Names, bound: &[Arc<str>]) -> Result<Expr, Diagnostics> {
    let mut diags = Diagnostics::new();
    match hcl_edit::parser::parse_template(text) {
        Ok(template) => {
            let mut compiler = Compiler { source, base: start, text, names, diags: &mut diags, bound: bound.to_vec() };
            let kind = compiler.bare_template(&template);
            let span = Span::new(source, start..start + text.len());
            if diags.has_errors() { Err(diags) } else { Ok(Expr { kind, span }) }
        }
        Err(error) => Err(syntax_error(source, start, text, &error).into()),
    }
}

struct Reader<'a> {
    compiler: Compiler<'a>,
}

impl Reader<'_> {
    fn item(&mut self, structure: &Structure) -> Item {
        match structure {
            Structure::Attribute(a) => Item::Attribute(self.attribute(a)),
            Structure::Block(b) => Item::Block(self.block(b)),
        }
    }

    fn attribute(&mut self, a: &structure::Attribute) -> Attribute {
        let name = self.compiler.names.get(a.key.as_str());
        // One-line blocks carry no place for the name: it ends where the text before the value does.
        let name_span = a.key.span().or_else(|| a.value.span().map(|v| v.start..v.start));
        Attribute { name, name_span: self.compiler.span(name_span), expr: self.compiler.expr(&a.value) }
    }

    fn body(&mut self, body: &structure::Body, heading: Span) -> Body {
        let mut out = Body::empty(heading);
        for structure in body {
            match structure {
                Structure::Attribute(a) => out.attributes.push(self.attribute(a)),
                Structure::Block(b) => {
                    let dynamic = if b.ident.as_str() == "dynamic" { self.dynamic(b) } else { None };
                    out.blocks.push(dynamic.unwrap_or_else(|| self.block(b)));
                }
            }
        }
        out.attributes.shrink_to_fit();
        out.blocks.shrink_to_fit();
        out
    }

    fn block(&mut self, b: &structure::Block) -> BlockExpr {
        let (labels, type_span, span) = self.heading(b);
        BlockExpr {
            type_name: self.compiler.names.get(b.ident.as_str()),
            type_span,
            labels,
            body: self.body(&b.body, span),
            dynamic: None,
            span,
        }
    }

    /// Labels, the place of the type, and the place of the whole heading.
    fn heading(&mut self, b: &structure::Block) -> (Vec<Label>, Span, Span) {
        let mut labels = Vec::with_capacity(b.labels.len());
        for label in &b.labels {
            let (text, range) = match label {
                BlockLabel::Ident(i) => (i.as_str(), i.span()),
                BlockLabel::String(s) => (s.as_str(), s.span()),
            };
            labels.push(Label { text: self.compiler.names.get(text), span: self.compiler.span(range) });
        }
        let start = b.ident.span().or_else(|| b.span()).unwrap_or(0..0);
        let type_span = self.compiler.span(Some(start.start..start.start + b.ident.as_str().len()));
        let span = Span { end: labels.last().map_or(type_span.end, |l| l.span.end).max(type_span.end), ..type_span };
        (labels, type_span, span)
    }

    /// A `dynamic` block, when it is written as one.
    fn dynamic(&mut self, b: &structure::Block) -> Option<BlockExpr> {
        let (labels, type_span, span) = self.heading(b);
        let [made] = &*labels else {
            self.compiler.error(span, "Invalid dynamic block", "A dynamic block has exactly one label: the type of the blocks to make.");
            return None;
        };
        let made = made.clone();
        let Some(for_each) = b.body.get_attribute("for_each") else {
            self.missing(span, "for_each");
            return None;
        };
        let for_each = self.compiler.expr(&for_each.value);
        let iterator = match b.body.get_attribute("iterator") {
            None => made.text.clone(),
            Some(a) => self.iterator_name(&a.value)?,
        };
        let slot = self.compiler.next_slot();
        self.compiler.bound.push(iterator.clone());
        let labels = b.body.get_attribute("labels").map(|a| self.compiler.expr(&a.value));
        let body = self.content(b, span);
        self.compiler.unbind(slot);
        self.check_dynamic(b);
        let dynamic = Dynamic { for_each, iterator, slot, labels, span: type_span };
        Some(BlockExpr {
            type_name: made.text,
            type_span: made.span,
            labels: Vec::new(),
            body: body?,
            dynamic: Some(Box::new(dynamic)),
            span,
        })
    }

    fn missing(&mut self, span: Span, name: &str) {
        let detail = format!("The argument {name:?} is required, but no definition was found.");
        self.compiler.error(span, "Missing required argument", detail);
    }

    fn content(&mut self, b: &structure::Block, span: Span) -> Option<Body> {
        let mut contents = b.body.get_blocks("content");
        let Some(content) = contents.next() else {
            self.compiler.error(
                span,
                "Insufficient content blocks",
                "A dynamic block has exactly one \"content\" block, which describes the blocks to make.",
            );
            return None;
        };
        if contents.next().is_some() {
            self.compiler.error(span, "Too many content blocks", "A dynamic block has exactly one \"content\" block.");
        }
        Some(self.body(&content.body, span))
    }

    fn iterator_name(&mut self, value: &hcl_edit::expr::Expression) -> Option<Arc<str>> {
        if let Some(name) = value.as_variable() {
            return Some(self.compiler.names.get(name.as_str()));
        }
        let span = self.compiler.span(value.span());
        self.compiler.error(span, "Invalid expression", "The iterator is a single name, without quotes.");
        None
    }

    fn check_dynamic(&mut self, b: &structure::Block) {
        for structure in &b.body {
            let (kind, name, range) = match structure {
                Structure::Attribute(a) => ("argument", a.key.as_str(), a.key.span()),
                Structure::Block(b) => ("block", b.ident.as_str(), b.ident.span()),
            };
            let known: &[&str] = if kind == "block" { &["content"] } else { &["for_each", "iterator", "labels"] };
            if !known.contains(&name) {
                let span = self.compiler.span(range.or_else(|| b.span()));
                let detail = format!(
                    "{} {name:?} is not expected in a dynamic block.",
                    if kind == "block" { "A block of type" } else { "An argument named" }
                );
                self.compiler.error(span, &format!("Unsupported {kind}"), detail);
            }
        }
    }
}

/// Items of a literal object, when all its keys are bare words or strings.
pub(super) fn object_items(e: &Expr) -> Option<Vec<(Arc<str>, Span, &Expr)>> {
    let ExprKind::Object(items) = &e.kind else { return None };
    let mut out = Vec::with_capacity(items.len());
    for (key, value) in items {
        match key {
            ObjectKey::Name(name, span) => out.push((name.clone(), *span, value)),
            ObjectKey::Expr(k) => out.push((Arc::from(k.as_literal()?.as_str()?), k.span, value)),
        }
    }
    Some(out)
}
