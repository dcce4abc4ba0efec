//! Reading a block whose arguments the language itself defines: each is taken out, and what is left was not expected.

use super::body::{Attribute, BlockExpr, Body, Syntax};
use super::constant::Constants;
use super::expr::Expr;
use super::suggest::suggest;
use levee_model::{Diagnostic, Diagnostics, Span};
pub(super) use levee_syntax::is_identifier;
use smallvec::SmallVec;
use std::sync::Arc;

/// What is said about an expression where only a name with constant steps may stand.
pub(super) const STATIC_REFERENCE: &str = "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.";

/// Names of arguments and nested blocks; few blocks of the language have more.
type Names = SmallVec<[&'static str; 8]>;

/// A body being read.
pub(super) struct Fields<'d> {
    body: Body,
    known: Names,
    /// Of the arguments that are known, those that are not written.
    absent: Names,
    known_blocks: Names,
    constants: Constants,
    pub(super) diags: &'d mut Diagnostics,
}

impl<'d> Fields<'d> {
    pub(super) fn new(body: Body, constants: Constants, diags: &'d mut Diagnostics) -> Self {
        Self { body, known: Names::new(), absent: Names::new(), known_blocks: Names::new(), constants, diags }
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
        self.constants.text(&expr, self.diags).map(|text| (text, expr.span))
    }

    /// Likewise, and whether it is written at all.
    pub(super) fn text_if(&mut self, name: &'static str) -> (bool, Option<Arc<str>>) {
        let is_written = self.body.attribute(name).is_some();
        (is_written, self.text(name).map(|(text, _)| text))
    }

    /// A bool that must be constant.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let expr = self.expr(name)?;
        self.constants.flag(&expr, self.diags)
    }

    /// A bool that must be constant, or what it is when it is not written. One that is wrong counts as false.
    pub(super) fn flag_or(&mut self, name: &'static str, otherwise: bool) -> bool {
        let is_written = self.body.attribute(name).is_some();
        self.flag(name).unwrap_or(otherwise && !is_written)
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
            if let Some(dynamic) = &b.dynamic {
                let tail = close("dynamic", &self.known_blocks);
                let detail = format!("Blocks of type \"dynamic\" are not expected here.{tail}");
                self.diags.push(Diagnostic::error("Unsupported block type", detail).at(dynamic.span));
                continue;
            }
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

fn close(name: &str, known: &[&'static str]) -> String {
    suggest(name, known.iter().copied()).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"))
}
