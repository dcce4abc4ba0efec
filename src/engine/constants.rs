//! What of a configuration is constant, for documents that describe it.

use crate::config::{Expr, Variable};
use crate::eval;
use levee_model::Value;

/// The value of an expression that needs nothing but its own text.
pub fn constant(expr: &Expr) -> Option<Value> {
    eval::constant_value(expr)
}

/// The default of a variable, of its type. A wrong one is refused elsewhere.
pub fn default_of(variable: &Variable) -> Option<Value> {
    eval::default_value(variable).ok().flatten()
}
