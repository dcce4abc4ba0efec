//! Reading a block whose arguments the language itself defines: each is taken out, and what is left was not expected.

use super::body::{Attribute, BlockExpr, Body, Syntax};
use super::expr::{Expr, ExprKind, Part, Reference};
use super::suggest::suggest;
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Span, Type, Value};
pub(super) use levee_syntax::is_identifier;
use std::sync::Arc;

/// What is said about an expression where only a name with constant steps may stand.
pub(super) const STATIC_REFERENCE: &str = "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.";

/// A body being read.
pub(super) struct Fields<'d> {
    body: Body,
    known: Vec<&'static str>,
    /// Of the arguments that are known, those that are not written.
    absent: Vec<&'static str>,
    known_blocks: Vec<&'static str>,
    pub(super) diags: &'d mut Diagnostics,
}

impl<'d> Fields<'d> {
    pub(super) fn new(body: Body, diags: &'d mut Diagnostics) -> Self {
        Self { body, known: Vec::new(), absent: Vec::new(), known_blocks: Vec::new(), diags }
    }

    /// The argument's expression, if it is written.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Attribute> {
        self.known.push(name);
        let Some(at) = self.body.attributes.iter().position(|a| &*a.name == name) else {
            self.absent.push(name);
            return None;
        };
        Some(self.body.attributes.remove(at))
    }

    pub(super) fn expr(&mut self, name: &'static str) -> Option<Expr> {
        self.take(name).map(|a| a.expr)
    }

    /// An argument that must be written.
    pub(super) fn required(&mut self, name: &'static str) -> Option<Expr> {
        let found = self.expr(name);
        if found.is_none() {
            let detail = format!("The argument {name:?} is required, but no definition was found.");
            self.error(self.body.span, "Missing required argument", detail);
        }
        found
    }

    /// Nested blocks of a type.
    pub(super) fn blocks(&mut self, type_name: &'static str) -> Vec<BlockExpr> {
        self.known_blocks.push(type_name);
        if !self.body.blocks.iter().any(|b| &*b.type_name == type_name && b.dynamic.is_none()) {
            return Vec::new();
        }
        let (taken, rest) =
            std::mem::take(&mut self.body.blocks).into_iter().partition(|b| &*b.type_name == type_name && b.dynamic.is_none());
        self.body.blocks = rest;
        taken
    }

    /// Text that must be constant.
    pub(super) fn text(&mut self, name: &'static str) -> Option<(Arc<str>, Span)> {
        let expr = self.expr(name)?;
        constant_text(&expr, self.diags).map(|text| (text, expr.span))
    }

    /// A bool that must be constant.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let expr = self.expr(name)?;
        constant_flag(&expr, self.diags)
    }

    /// `depends_on`: references to whole things.
    pub(super) fn depends_on(&mut self) -> Vec<Reference> {
        let Some(expr) = self.expr("depends_on") else { return Vec::new() };
        let ExprKind::Tuple(items) = expr.kind else {
            self.error(expr.span, "Invalid expression", "A static list expression is required.");
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match item.kind {
                ExprKind::Ref(r) => out.push(*r),
                ExprKind::Unresolved(u) => self.diags.push(u.problem),
                _ => self.error(item.span, "Invalid expression", STATIC_REFERENCE),
            }
        }
        out
    }

    pub(super) fn error(&mut self, span: Span, summary: impl Into<String>, detail: impl Into<String>) {
        self.diags.push(Diagnostic::error(summary, detail).at(span));
    }

    /// What was not taken, for a provider's schema to judge.
    pub(super) fn rest(mut self) -> Body {
        self.body.attributes.shrink_to_fit();
        self.body
    }

    /// Reports everything that was not taken.
    pub(super) fn finish(self) {
        for a in &self.body.attributes {
            let tail = match self.body.syntax {
                Syntax::Json => close(&a.name, &[&*self.absent, &*self.known_blocks].concat()),
                Syntax::Native if self.known_blocks.contains(&&*a.name) => {
                    format!(" Did you mean to define a block of type {:?}?", &*a.name)
                }
                Syntax::Native => close(&a.name, &self.absent),
            };
            self.diags.push(self.body.unexpected_argument(a, &tail));
        }
        for b in &self.body.blocks {
            let tail = if self.known.contains(&&*b.type_name) {
                format!(" Did you mean to define argument {:?}? If so, use the equals sign to assign it a value.", &*b.type_name)
            } else {
                close(&b.type_name, &self.known_blocks)
            };
            let detail = format!("Blocks of type {:?} are not expected here.{tail}", &*b.type_name);
            self.diags.push(Diagnostic::error("Unsupported block type", detail).at(b.type_span));
        }
    }
}

/// The text that an expression is without anything being evaluated; told if it is none.
pub(super) fn constant_text(expr: &Expr, diags: &mut Diagnostics) -> Option<Arc<str>> {
    let wrong = |why: &str| Diagnostic::error("Unsuitable value type", format!("Unsuitable value: {why}")).at(expr.span);
    if tell_names(expr, diags) {
        diags.push(wrong("value must be known"));
        return None;
    }
    match folded(expr) {
        Some(Folded::Text(text)) => return Some(text),
        Some(Folded::Null) => diags.push(wrong("null value is not allowed")),
        None => diags.push(wrong("string required")),
    }
    None
}

/// The bool that an expression is, likewise.
fn constant_flag(expr: &Expr, diags: &mut Diagnostics) -> Option<bool> {
    let value = match &expr.kind {
        _ if tell_names(expr, diags) => Err("value must be known".to_owned()),
        _ if expr.as_literal().is_some_and(Value::is_null) => Err("null value is not allowed".to_owned()),
        _ => match (expr.as_literal(), folded(expr)) {
            (Some(value), _) => convert(value, &Type::Bool).map_err(|e| e.message),
            (None, Some(Folded::Text(text))) => convert(&Value::string(text), &Type::Bool).map_err(|e| e.message),
            (None, _) => Err("bool required".to_owned()),
        },
    };
    match value {
        Ok(value) => value.as_bool(),
        Err(why) => {
            diags.push(Diagnostic::error("Unsuitable value type", format!("Unsuitable value: {why}")).at(expr.span));
            None
        }
    }
}

/// A version constraint's text, likewise. A null one constrains nothing.
pub(super) fn version_text(expr: &Expr, name: &str, diags: &mut Diagnostics) -> Option<Arc<str>> {
    if tell_names(expr, diags) {
        return None;
    }
    match folded(expr) {
        Some(Folded::Text(text)) => return Some(text),
        Some(Folded::Null) => {}
        None => {
            let detail = format!("A string value is required for {name}.");
            diags.push(Diagnostic::error("Invalid version constraint", detail).at(expr.span));
        }
    }
    None
}

/// Tells of every name and call in an expression that may have none. Whether there was one.
fn tell_names(expr: &Expr, diags: &mut Diagnostics) -> bool {
    let before = diags.len();
    expr.visit(&mut |e| match &e.kind {
        ExprKind::Ref(_) | ExprKind::Unresolved(_) => {
            diags.push(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(e.span));
        }
        ExprKind::Call(_) => diags.push(Diagnostic::error("Function calls not allowed", "Functions may not be called here.").at(e.span)),
        _ => {}
    });
    diags.len() > before
}

enum Folded {
    Text(Arc<str>),
    Null,
}

/// Literals, and templates of nothing but literals.
fn folded(expr: &Expr) -> Option<Folded> {
    match &expr.kind {
        ExprKind::Literal(value) if value.is_null() => Some(Folded::Null),
        ExprKind::Literal(value) => {
            let text = convert(value, &Type::String).ok()?;
            text.as_str().map(|t| Folded::Text(Arc::from(t)))
        }
        ExprKind::Paren(inner) => folded(inner),
        ExprKind::Template(parts) => {
            let mut out = String::new();
            for part in parts {
                match part {
                    Part::Literal(text) => out.push_str(text),
                    Part::Interpolation(e) => match folded(e)? {
                        Folded::Text(text) => out.push_str(&text),
                        Folded::Null => return None,
                    },
                    Part::If(_) | Part::For(_) => return None,
                }
            }
            Some(Folded::Text(Arc::from(out)))
        }
        _ => None,
    }
}

fn close(name: &str, known: &[&'static str]) -> String {
    suggest(name, known.iter().copied()).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"))
}
