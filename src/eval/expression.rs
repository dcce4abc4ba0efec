//! One expression to a value: constants, collections, and the way into everything else.

use super::Scope;
use super::nothing::Nothing;
use super::show::show;
use crate::config::expr::{Expr, ExprKind, ObjectKey};
use levee_model::convert::convert;
use levee_model::text::nfc;
use levee_model::{Diagnostic, Diagnostics, Marks, Span, Type, Value, stack};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Evaluates an expression. A mistake goes to `diags`, and the result is then unknown.
pub fn evaluate(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    evaluate_bound(expr, scope, Vec::new(), diags)
}

/// Evaluates an expression that stands inside others which bind names: `bound` holds their values by slot.
pub fn evaluate_bound(expr: &Expr, scope: &dyn Scope, bound: Vec<Value>, diags: &mut Diagnostics) -> Value {
    let mut evaluator = Evaluator::new(scope, bound);
    let value = evaluator.eval(expr);
    diags.extend(evaluator.diags);
    value
}

const JSON_KEY: &str = "Invalid object key expression";

fn is_json(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::JsonString(_))
}

/// The state of one evaluation.
pub(super) struct Evaluator<'s> {
    pub(super) scope: &'s dyn Scope,
    /// Values of bound names, by slot.
    pub(super) bound: Vec<Value>,
    pub(super) diags: Diagnostics,
    /// How many errors there were so far.
    pub(super) errors: usize,
    /// Set while errors only count: their explanation is not needed.
    pub(super) quiet: bool,
    /// Set inside a dynamic block of which it is not known whether there will be any.
    pub(super) doubtful: bool,
}

/// Nothing is known of the value, not even its type.
pub(super) fn dynamic() -> Value {
    Value::unknown(Type::Dynamic)
}

impl<'s> Evaluator<'s> {
    pub(super) fn new(scope: &'s dyn Scope, bound: Vec<Value>) -> Self {
        Self { scope, bound, diags: Diagnostics::new(), errors: 0, quiet: false, doubtful: false }
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Value {
        stack::deep(|| self.eval_kind(expr))
    }

    fn eval_kind(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Literal(value) => value.clone(),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Ref(reference) => self.reference(reference),
            ExprKind::Unresolved(name) => {
                let constants = self.scope.is_constant();
                self.report(if constants { Nothing::not_allowed(&name.root, expr.span) } else { name.problem.clone() });
                dynamic()
            }
            ExprKind::Traverse(source, steps) => {
                let value = self.eval(source);
                self.steps(value, steps)
            }
            ExprKind::Splat(splat) => self.splat(splat),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, expr),
            ExprKind::Binary(chain) => self.binary(chain),
            ExprKind::Conditional(parts) => self.conditional(&parts.0, &parts.1, &parts.2),
            ExprKind::For(node) => self.for_expr(node),
            ExprKind::Tuple(items) => Value::tuple(items.iter().map(|e| self.eval(e)).collect::<Vec<_>>()),
            ExprKind::Object(items) => self.object(items),
            ExprKind::Call(call) => self.call(call, expr),
            ExprKind::Paren(inner) | ExprKind::Wrap(inner) => self.eval(inner),
            ExprKind::Faulty(faulty) => {
                self.report(faulty.problem.clone());
                dynamic()
            }
            ExprKind::JsonString(s) if self.scope.is_constant() => Value::string(nfc(&s.text)),
            ExprKind::JsonString(s) => self.eval(&s.template),
        }
    }

    fn object(&mut self, items: &[(ObjectKey, Expr)]) -> Value {
        let mut members = BTreeMap::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for (key, value) in items {
            let name = match key {
                ObjectKey::Name(name, _) => Some(name.clone()),
                ObjectKey::Expr(e) => self.object_key(e, &mut marks),
            };
            let value = self.eval(value);
            match name {
                Some(name) => self.member(&mut members, key, name, value),
                None => known = false,
            }
        }
        if known { Value::object(members.into()).mark(marks) } else { dynamic().mark(marks) }
    }

    /// Adds a member. The last of a name counts, but JSON does not allow a name twice.
    fn member(&mut self, members: &mut BTreeMap<Arc<str>, Value>, key: &ObjectKey, name: Arc<str>, value: Value) {
        if let ObjectKey::Expr(e) = key
            && is_json(e)
            && members.contains_key(&name)
        {
            let detail = format!("An attribute named {name:?} was already defined in this object.");
            return self.fail(e, e.span, "Duplicate object attribute", detail);
        }
        members.insert(name, value);
    }

    /// The text of a key; none when it is unknown or wrong.
    fn object_key(&mut self, e: &Expr, marks: &mut Marks) -> Option<Arc<str>> {
        let before = self.errors;
        let (key, own) = self.eval(e).unmark();
        if self.errors > before {
            return None;
        }
        *marks = marks.union(own);
        if key.is_null() {
            let (summary, detail) = if is_json(e) {
                (JSON_KEY, "Cannot use null value as an object key.")
            } else {
                ("Null value as key", "Can't use a null value as a key.")
            };
            self.fail(e, e.span, summary, detail);
            return None;
        }
        match convert(&key, &Type::String) {
            Ok(key) => key.as_str().map(Arc::from),
            Err(error) => {
                let (summary, words) = if is_json(e) {
                    (JSON_KEY, "Cannot use this expression as an object key")
                } else {
                    ("Incorrect key type", "Can't use this value as a key")
                };
                self.fail(e, e.span, summary, format!("{words}: {}.", error.message));
                None
            }
        }
    }

    /// Reports a mistake in `expr`, with what its references stand for.
    pub(super) fn fail(&mut self, expr: &Expr, span: Span, summary: &str, detail: impl Into<String>) {
        self.fail_in(&[expr], span, summary, detail);
    }

    /// Reports a mistake in what these expressions make together.
    pub(super) fn fail_in(&mut self, exprs: &[&Expr], span: Span, summary: &str, detail: impl Into<String>) {
        let mut diagnostic = Diagnostic::error(summary, detail).at(span);
        if !self.quiet {
            diagnostic.values = self.values_in(exprs);
        }
        self.report(diagnostic);
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        self.diags.push(diagnostic);
    }

    /// What the references in an expression stand for, as far as that may be shown.
    fn values_in(&mut self, exprs: &[&Expr]) -> Vec<(String, String)> {
        const MOST: usize = 8;
        let mut out: Vec<(String, String)> = Vec::new();
        for reference in exprs.iter().flat_map(|e| e.references()).take(MOST) {
            let (value, diags) = self.isolated(|e| e.reference(reference));
            let name = reference.to_string();
            if diags.has_errors() || out.iter().any(|(known, _)| *known == name) {
                continue;
            }
            out.push((name, show(&value)));
        }
        out
    }

    /// Does something whose mistakes are looked at apart.
    pub(super) fn isolated<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, Diagnostics) {
        let outer = std::mem::take(&mut self.diags);
        let errors = self.errors;
        let quiet = std::mem::replace(&mut self.quiet, true);
        let result = f(self);
        self.errors = errors;
        self.quiet = quiet;
        (result, std::mem::replace(&mut self.diags, outer))
    }

    /// Like [`Self::isolated`], for mistakes that may be reported after all.
    pub(super) fn apart<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, Diagnostics) {
        let outer = std::mem::take(&mut self.diags);
        let errors = self.errors;
        let result = f(self);
        self.errors = errors;
        (result, std::mem::replace(&mut self.diags, outer))
    }

    /// Reports what was found apart.
    pub(super) fn adopt(&mut self, diags: Diagnostics) {
        diags.into_iter().for_each(|d| self.report(d));
    }

    /// Evaluates with more names bound.
    pub(super) fn with_bound<T>(&mut self, slot: u32, values: impl IntoIterator<Item = Value>, f: impl FnOnce(&mut Self) -> T) -> T {
        self.bound.truncate(slot as usize);
        self.bound.extend(values);
        let result = f(self);
        self.bound.truncate(slot as usize);
        result
    }
}
