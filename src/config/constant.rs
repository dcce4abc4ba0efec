//! What must be constant: expressions that have a value before anything else has one.
//!
//! Nothing is evaluated here: whoever reads a configuration brings along how that is done.

use super::expr::Expr;
use super::variable::Variable;
use levee_model::convert::convert;
use levee_model::{Diagnostic, Diagnostics, Type, Value};
use std::sync::Arc;

/// How constants are evaluated. Without it, only literals have a value.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// The value of an expression that names nothing and calls nothing; unknown where it is wrong, which is told.
    pub value: fn(&Expr, &mut Diagnostics) -> Value,
    /// Tells what is wrong with the defaults of a variable.
    pub check: fn(&Variable, &mut Diagnostics),
}

impl Default for Constants {
    fn default() -> Self {
        Self { value: |expr, _| expr.as_literal().cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic)), check: |_, _| {} }
    }
}

impl Constants {
    /// The value of what is a constant; what is wrong with anything else is not told.
    pub fn try_value(self, expr: &Expr) -> Option<Value> {
        let mut found = Diagnostics::new();
        let value = (self.value)(expr, &mut found);
        (!found.has_errors()).then_some(value)
    }

    /// A text that must be there.
    pub(super) fn text(self, expr: &Expr, diags: &mut Diagnostics) -> Option<Arc<str>> {
        self.of(&Type::String, expr, diags).and_then(|v| v.as_str().map(Arc::from))
    }

    /// Yes or no, which must be there.
    pub(super) fn flag(self, expr: &Expr, diags: &mut Diagnostics) -> Option<bool> {
        self.of(&Type::Bool, expr, diags).and_then(|v| v.as_bool())
    }

    fn of(self, ty: &Type, expr: &Expr, diags: &mut Diagnostics) -> Option<Value> {
        let value = (self.value)(expr, diags);
        let why = match convert(&value, ty) {
            Err(error) => error.message,
            Ok(value) if value.is_null() => "null value is not allowed".to_owned(),
            Ok(value) if !value.is_known() => "value must be known".to_owned(),
            Ok(value) => return Some(value),
        };
        diags.push(Diagnostic::error("Unsuitable value type", format!("Unsuitable value: {why}")).at(expr.start_span()));
        None
    }

    /// A text whose mistakes are told as those of a version constraint called `name`. A null one constrains nothing.
    pub(super) fn version(self, name: &str, expr: &Expr, diags: &mut Diagnostics) -> Option<Arc<str>> {
        let before = diags.len();
        let value = (self.value)(expr, diags);
        if diags.len() > before {
            return None;
        }
        let text = convert(&value, &Type::String).ok();
        if text.is_none() {
            let detail = format!("A string value is required for {name}.");
            diags.push(Diagnostic::error("Invalid version constraint", detail).at(expr.span));
        }
        text.and_then(|v| v.as_str().map(Arc::from))
    }
}
