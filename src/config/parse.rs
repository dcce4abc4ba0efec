//! The text of a file to its top-level blocks and arguments.

use super::body::{Attribute, BlockExpr, Body, Dynamic, Label};
use super::compile::Compiler;
use super::expr::Expr;
use super::names::Names;
use levee_model::{Diagnostics, SourceId, Sources, Span, Type, Value};
use levee_syntax::{File, Piece, ast, parse_pieces};
use std::sync::Arc;

/// What stands at the top of a file.
#[derive(Debug)]
pub(super) enum Item {
    /// A block.
    Block(BlockExpr),
    /// An argument; only files of variable values have them.
    Attribute(Attribute),
}

/// Pieces that are parsed before they are asked for.
const AHEAD: usize = 2;

/// In bytes, the pieces of large files.
const PIECE: usize = 16 * 1024;

/// Yields the next piece, and is given back the one before, so that its memory goes back to where it came from.
type Next<'n, 't> = &'n mut dyn FnMut(Option<Piece<'t>>) -> Option<Piece<'t>>;

/// Parses files in order, on another thread where there is much; `take` is given what yields the next piece.
pub(super) fn parse_ahead<'t>(files: &[File<'t>], take: impl FnOnce(Next<'_, 't>)) {
    let mut pieces = files.iter().flat_map(|file| parse_pieces(*file, PIECE));
    if files.len() < 2 && files.iter().all(|file| file.text.len() <= PIECE) {
        return take(&mut |_| pieces.next());
    }
    std::thread::scope(|scope| {
        let (put, parsed) = std::sync::mpsc::sync_channel(AHEAD);
        let (back, read) = std::sync::mpsc::channel();
        scope.spawn(move || {
            while pieces.next().is_some_and(|piece| put.send(piece).is_ok()) {
                read.try_iter().for_each(drop);
            }
        });
        take(&mut |before| {
            // Where nobody takes it back any more, it ends here.
            before.map(|piece| back.send(piece).map_err(drop));
            parsed.recv().ok()
        });
    });
}

/// Parses a file and hands over one item after the other.
pub(super) fn parse_items(file: File<'_>, names: &mut Names, diags: &mut Diagnostics, each: &mut dyn FnMut(Item, &mut Diagnostics)) {
    read_items(&mut Piece::whole(file), names, diags, each);
}

/// Hands over one item after the other, so that none has to be kept.
pub(super) fn read_items(piece: &mut Piece<'_>, names: &mut Names, diags: &mut Diagnostics, each: &mut dyn FnMut(Item, &mut Diagnostics)) {
    let Piece { file, body, diags: found, .. } = piece;
    diags.extend(std::mem::take(found));
    for attribute in &body.attributes {
        let item = Item::Attribute(Reader::new(*file, names, diags).attribute(attribute));
        each(item, diags);
    }
    for block in &body.blocks {
        let item = Item::Block(Reader::new(*file, names, diags).block(block));
        each(item, diags);
    }
}

/// Parses one expression that is the whole of `text`, such as the value of `-var`.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_expression(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    expression_at(File::unnamed(source, text), &mut Names::default(), &[])
}

/// Parses one expression that is the whole text. `bound` are names bound around it, by slot.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn expression_at(file: File<'_>, names: &mut Names, bound: &[Arc<str>]) -> Result<Expr, Diagnostics> {
    compiled(file, levee_syntax::parse_expression(file), names, bound)
}

/// Parses a template that is a whole file, as `templatefile` reads them. `variables` are the names it may use: the
/// evaluator expects their values in its first slots, in this order.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_template(sources: &Sources, source: SourceId, variables: &[Arc<str>]) -> Result<Expr, Diagnostics> {
    template_at(File::of(sources, source), &mut Names::default(), variables)
}

/// Parses a template that is the whole text. `bound` are names bound around it, by slot.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn template_at(file: File<'_>, names: &mut Names, bound: &[Arc<str>]) -> Result<Expr, Diagnostics> {
    compiled(file, levee_syntax::parse_template(file), names, bound)
}

fn compiled(
    file: File<'_>,
    (expr, mut diags): (ast::Expr<'_>, Diagnostics),
    names: &mut Names,
    bound: &[Arc<str>],
) -> Result<Expr, Diagnostics> {
    if diags.has_errors() {
        return Err(diags);
    }
    let mut compiler = Compiler { source: file.source, offset: file.offset, names, diags: &mut diags, bound: bound.to_vec() };
    let expr = compiler.expr(&expr);
    if diags.has_errors() { Err(diags) } else { Ok(expr) }
}

struct Reader<'a> {
    compiler: Compiler<'a>,
}

impl<'a> Reader<'a> {
    fn new(file: File<'_>, names: &'a mut Names, diags: &'a mut Diagnostics) -> Self {
        Self { compiler: Compiler { source: file.source, offset: file.offset, names, diags, bound: Vec::new() } }
    }

    fn attribute(&mut self, a: &ast::Attribute) -> Attribute {
        let name = self.compiler.names.get(a.name);
        Attribute { name, name_span: self.compiler.span(a.name_range), expr: self.compiler.expr(&a.expr) }
    }

    fn body(&mut self, body: &ast::Body, heading: Span) -> Body {
        let mut out = Body::empty(heading);
        out.attributes = body.attributes.iter().map(|a| self.attribute(a)).collect();
        out.blocks = body.blocks.iter().map(|b| self.nested(b)).collect();
        out
    }

    /// A block in a block, where one that is called `dynamic` stands for others.
    fn nested(&mut self, b: &ast::Block) -> BlockExpr {
        let dynamic = if b.type_name == "dynamic" { self.dynamic(b) } else { None };
        dynamic.unwrap_or_else(|| self.block(b))
    }

    fn block(&mut self, b: &ast::Block) -> BlockExpr {
        let (labels, type_span, span) = self.heading(b);
        let type_name = self.compiler.names.get(b.type_name);
        BlockExpr { type_name, type_span, labels, body: self.body(&b.body, span), dynamic: None, span }
    }

    /// Labels, the place of the type, and the place of the whole heading.
    fn heading(&mut self, b: &ast::Block) -> (Vec<Label>, Span, Span) {
        // Each block's own: two threads that look at different blocks do not count references to one name.
        let label = |l: &ast::Label| Label { text: Arc::from(&*l.text), span: self.compiler.span(l.range) };
        let labels: Vec<Label> = b.labels.iter().map(label).collect();
        let type_span = self.compiler.span(b.type_range);
        let span = Span { end: labels.last().map_or(type_span.end, |l| l.span.end), ..type_span };
        (labels, type_span, span)
    }

    /// A `dynamic` block, when it is written as one. What is wrong inside counts only where there can be such blocks.
    fn dynamic(&mut self, b: &ast::Block) -> Option<BlockExpr> {
        let (labels, type_span, span) = self.heading(b);
        // With other labels it is told as what it is, where blocks are expected.
        let Ok([made]) = <[Label; 1]>::try_from(labels) else { return None };
        let told = std::mem::take(self.compiler.diags);
        let for_each = match attribute(&b.body, "for_each") {
            Some(for_each) => self.compiler.expr(&for_each.expr),
            None => {
                let detail = "The argument \"for_each\" is required, but no definition was found.";
                self.compiler.error(span, "Missing required argument", detail);
                Expr::literal(Value::unknown(Type::Dynamic), span)
            }
        };
        let iterator = attribute(&b.body, "iterator").and_then(|a| self.iterator_name(&a.expr)).unwrap_or_else(|| made.text.clone());
        let slot = self.compiler.bind(None, &iterator);
        let labels = attribute(&b.body, "labels").map(|a| self.compiler.expr(&a.expr));
        let body = self.content(b, span);
        self.compiler.unbind(slot);
        self.check_dynamic(b);
        let problems = std::mem::replace(self.compiler.diags, told);
        let dynamic = Dynamic { for_each, iterator, slot, labels, problems, span: type_span };
        Some(BlockExpr { type_name: made.text, type_span: made.span, labels: Vec::new(), body, dynamic: Some(Box::new(dynamic)), span })
    }

    fn content(&mut self, b: &ast::Block, span: Span) -> Body {
        let mut contents = b.body.blocks.iter().filter(|b| b.type_name == "content");
        let Some(content) = contents.next() else {
            let detail = "A dynamic block must have a nested block of type \"content\" to describe the body of each generated block.";
            self.compiler.error(span, "Missing dynamic content block", detail);
            return Body::empty(span);
        };
        if let Some(second) = contents.next() {
            let at = self.compiler.span(second.type_range);
            let detail = "Only one nested content block is allowed for each dynamic block.";
            self.compiler.error(at, "Extraneous dynamic content block", detail);
        }
        self.body(&content.body, span)
    }

    fn iterator_name(&mut self, value: &ast::Expr) -> Option<Arc<str>> {
        if let ast::ExprKind::Name(name) = value.kind {
            return Some(self.compiler.names.get(name));
        }
        let span = self.compiler.span(value.range);
        self.compiler.error(span, "Invalid dynamic iterator name", "Dynamic iterator must be a single variable name.");
        None
    }

    fn check_dynamic(&mut self, b: &ast::Block) {
        for a in b.body.attributes.iter().filter(|a| !["for_each", "iterator", "labels"].contains(&a.name)) {
            let span = self.compiler.span(a.name_range);
            let detail = format!("An argument named {:?} is not expected here.", a.name);
            self.compiler.error(span, "Unsupported argument", detail);
        }
        for inner in b.body.blocks.iter().filter(|b| b.type_name != "content") {
            let span = self.compiler.span(inner.type_range);
            let detail = format!("Blocks of type {:?} are not expected here.", inner.type_name);
            self.compiler.error(span, "Unsupported block type", detail);
        }
    }
}

fn attribute<'b, 't>(body: &'b ast::Body<'t>, name: &str) -> Option<&'b ast::Attribute<'t>> {
    body.attributes.iter().find(|a| a.name == name)
}
