//! Expressions to values. Pure: what a name stands for is asked of a [`Scope`].
//!
//! In reading order: one expression ([`evaluate`]) with its operators, conditionals, loops, templates, traversals and
//! calls; whole blocks against a schema ([`evaluate_body`]); which instances a block has ([`repetition`]); values given
//! for variables ([`input`]); and the built-in [`functions`].

mod expression;
mod operator;
mod comparison;
mod conditional;
mod iteration;
mod template;
mod traversal;
mod call;
mod refine;
mod show;

mod block;
pub mod repetition;
pub mod input;
mod nothing;
pub mod functions;

pub use block::evaluate_body;
pub use expression::{evaluate, evaluate_bound};
pub use input::{check_default, constant, constant_value, default_value, variable_value};
pub use nothing::Nothing;
pub use repetition::{Repetition, evaluate_count, evaluate_for_each};
pub use traversal::constant_steps;

use crate::config::Subject;
use levee_model::{Diagnostic, InstanceKey, Mode, Span, Value};
use std::sync::Arc;

/// What names stand for in one place of the configuration.
pub trait Scope {
    /// The value of anything that is neither a resource nor a module: variables, locals, and `each`, `count`, `path`,
    /// `terraform` and `self` as objects.
    ///
    /// # Errors
    /// When there is no such thing here.
    fn root(&self, subject: &Subject, span: Span) -> Result<Value, Diagnostic>;

    /// A resource: the one instance `key` when an index that is known follows the name, else all of it (an object, a
    /// tuple of instances, or an object of instances by key).
    ///
    /// # Errors
    /// When there is no such resource or instance.
    fn resource(
        &self,
        mode: Mode,
        type_name: &Arc<str>,
        name: &Arc<str>,
        key: Option<&InstanceKey>,
        span: Span,
    ) -> Result<Value, Diagnostic>;

    /// A called module, likewise; `output` when the name of an output follows.
    ///
    /// # Errors
    /// When there is no such module, instance or output.
    fn module(&self, name: &str, key: Option<&InstanceKey>, output: Option<&str>, span: Span) -> Result<Value, Diagnostic>;

    /// What functions know of the world around them.
    fn functions(&self) -> &functions::Context<'_>;

    /// Whether only constants stand here: nothing is named and nothing called, and the strings of a JSON file are no templates.
    fn is_constant(&self) -> bool {
        false
    }

    /// Whether a provider of this local name is the one that is built into the language, which has functions.
    fn is_language(&self, provider: &str) -> bool {
        let _ = provider;
        false
    }

    /// Where something stands, in words; empty where nobody knows the files.
    fn place(&self, _: Span) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests;
