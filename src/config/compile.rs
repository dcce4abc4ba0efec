//! Trees of the syntax to our expressions: names are bound, and what stands for a value is one.

use super::expr::{Binary, Call, Expr, ExprKind, Faulty, For, ObjectKey, Splat, TraversalStep};
use super::names::Names;
use levee_model::text::nfc;
use levee_model::{Diagnostic, Diagnostics, SourceId, Span, Type, Value, stack};
use levee_syntax::ast;
use std::sync::Arc;

/// Compiles the expressions of one text.
pub(super) struct Compiler<'a> {
    /// The file.
    pub(super) source: SourceId,
    /// Where the text begins in it.
    pub(super) offset: u32,
    /// Shared names.
    pub(super) names: &'a mut Names,
    /// Mistakes found.
    pub(super) diags: &'a mut Diagnostics,
    /// Names bound around the expression, by slot. Empty names cannot be referred to.
    pub(super) bound: Vec<Arc<str>>,
}

impl Compiler<'_> {
    /// A range of the text as a place in the file.
    pub(super) fn span(&self, range: ast::Range) -> Span {
        range.span(self.source, self.offset)
    }

    pub(super) fn error(&mut self, span: Span, summary: &str, detail: impl Into<String>) {
        self.diags.push(Diagnostic::error(summary, detail).at(span));
    }

    /// Compiles one expression.
    pub(super) fn expr(&mut self, e: &ast::Expr) -> Expr {
        stack::deep(|| self.shallow(e))
    }

    fn shallow(&mut self, e: &ast::Expr) -> Expr {
        let span = self.span(e.range);
        let kind = match &e.kind {
            ast::ExprKind::Invalid => ExprKind::Literal(Value::unknown(Type::Dynamic)),
            ast::ExprKind::Null => ExprKind::Literal(Value::null(Type::Dynamic)),
            ast::ExprKind::Bool(b) => ExprKind::Literal(Value::bool(*b)),
            ast::ExprKind::Number(n) => ExprKind::Literal(Value::number(n.clone())),
            ast::ExprKind::String(text) => ExprKind::Literal(Value::string(nfc(text))),
            ast::ExprKind::Template(parts) => self.template(parts),
            ast::ExprKind::Wrap(inner) => ExprKind::Wrap(Box::new(self.expr(inner))),
            ast::ExprKind::Paren(inner) => ExprKind::Paren(Box::new(self.expr(inner))),
            ast::ExprKind::Name(name) => return self.reference(name, span, Vec::new()),
            ast::ExprKind::Item => return self.item(span, Vec::new()),
            ast::ExprKind::Traverse(source, steps) => return self.traversal(source, steps, span),
            ast::ExprKind::Splat(splat) => self.splat(splat),
            ast::ExprKind::Unary(op, operand) => ExprKind::Unary(*op, Box::new(self.expr(operand))),
            ast::ExprKind::Binary(chain) => {
                let first = self.expr(&chain.first);
                let rest = chain.rest.iter().map(|(op, operand)| (*op, self.expr(operand))).collect();
                ExprKind::Binary(Box::new(Binary { first, rest }))
            }
            ast::ExprKind::Conditional(c) => {
                ExprKind::Conditional(Box::new((self.expr(&c.condition), self.expr(&c.yes), self.expr(&c.no))))
            }
            ast::ExprKind::For(node) => self.for_expr(node),
            ast::ExprKind::Tuple(items) => ExprKind::Tuple(items.iter().map(|e| self.expr(e)).collect()),
            ast::ExprKind::Object(items) => {
                ExprKind::Object(items.iter().map(|i| (self.object_key(&i.key), self.expr(&i.value))).collect())
            }
            ast::ExprKind::Call(call) => ExprKind::Call(Box::new(Call {
                name: self.names.get(&call.name),
                name_span: self.span(call.name_range),
                start_span: self.span(call.name_range.to(call.open)),
                close_span: self.span(call.close),
                arguments: call.arguments.iter().map(|e| self.expr(e)).collect(),
                expand_final: call.expand_final,
            })),
        };
        Expr { kind, span }
    }

    fn object_key(&mut self, key: &ast::Expr) -> ObjectKey {
        let span = self.span(key.range);
        if let Some(word) = key.keyword() {
            return ObjectKey::Name(self.names.get(word), span);
        }
        let expr = self.expr(key);
        if !is_path(key) {
            return ObjectKey::Expr(expr);
        }
        let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.";
        let problem = Diagnostic::error("Ambiguous attribute key", detail).at(span);
        ObjectKey::Expr(Expr { kind: ExprKind::Faulty(Box::new(Faulty { inner: expr, problem })), span })
    }

    fn for_expr(&mut self, node: &ast::For) -> ExprKind {
        let collection = self.expr(&node.collection);
        let slot = self.bind(node.key_name, node.value_name);
        let node = For {
            collection,
            slot,
            has_key: node.key_name.is_some(),
            key: node.key.as_ref().map(|e| self.expr(e)),
            value: self.expr(&node.value),
            condition: node.condition.as_ref().map(|e| self.expr(e)),
            grouping: node.grouping,
        };
        self.unbind(slot);
        ExprKind::For(Box::new(node))
    }

    /// Binds a key (if it is named) and a value; answers the first slot.
    pub(super) fn bind(&mut self, key: Option<&str>, value: &str) -> u32 {
        let slot = self.next_slot();
        for name in key.into_iter().chain([value]) {
            let name = self.names.get(name);
            self.bound.push(name);
        }
        slot
    }

    pub(super) fn next_slot(&self) -> u32 {
        u32::try_from(self.bound.len()).unwrap_or(u32::MAX)
    }

    /// Forgets everything bound from `slot` on.
    pub(super) fn unbind(&mut self, slot: u32) {
        self.bound.truncate(slot as usize);
    }

    /// The element of the splat around, which is the last of the nameless.
    fn item(&mut self, span: Span, steps: Vec<TraversalStep>) -> Expr {
        let slot = self.bound.iter().rposition(|name| name.is_empty()).unwrap_or(usize::MAX);
        let anonymous = self.names.get("");
        Self::bound_reference(anonymous, u32::try_from(slot).unwrap_or(u32::MAX), span, steps)
    }

    fn traversal(&mut self, source: &ast::Expr, steps: &[ast::Step], span: Span) -> Expr {
        let steps = steps.iter().map(|s| self.step(s)).collect::<Vec<_>>();
        let root = self.span(source.range);
        match &source.kind {
            ast::ExprKind::Name(name) => self.reference(name, root, steps),
            ast::ExprKind::Item => self.item(root, steps),
            _ => Expr { kind: ExprKind::Traverse(Box::new(self.expr(source)), steps.into()), span },
        }
    }

    fn step(&mut self, step: &ast::Step) -> TraversalStep {
        match step {
            ast::Step::Attr { name, range } => TraversalStep::Attr { name: self.names.get(name), span: self.span(*range) },
            ast::Step::Index { key, range } => TraversalStep::Index { key: self.expr(key), span: self.span(*range) },
        }
    }

    fn splat(&mut self, splat: &ast::Splat) -> ExprKind {
        let source = self.expr(&splat.source);
        let slot = self.bind(None, "");
        let each = self.expr(&splat.each);
        self.unbind(slot);
        ExprKind::Splat(Box::new(Splat { source, each, slot, marker: self.span(splat.marker) }))
    }
}

/// Whether it is a name with attributes and constant indexes: what could be meant as a name with periods in it.
fn is_path(e: &ast::Expr) -> bool {
    let ast::ExprKind::Traverse(source, steps) = &e.kind else { return false };
    let constant = |step: &ast::Step| match step {
        ast::Step::Attr { .. } => true,
        ast::Step::Index { key, .. } => {
            matches!(key.kind, ast::ExprKind::Null | ast::ExprKind::Bool(_) | ast::ExprKind::Number(_) | ast::ExprKind::String(_))
        }
    };
    matches!(source.kind, ast::ExprKind::Name(_)) && steps.iter().all(constant)
}
