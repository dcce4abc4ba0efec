//! `variable` blocks.

use super::expr::Expr;
use super::resource::Condition;
use levee_model::{Span, Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A `variable` block.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an argument of its own in the language")]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// `type`; `Type::Dynamic` when it is not written.
    pub ty: Type,
    /// Whether `type` is written: it decides how text from the command line is read.
    pub has_type: bool,
    /// Defaults of optional members.
    pub defaults: Defaults,
    /// `default`: a constant, which `eval::input` converts to the type.
    pub default: Option<Expr>,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `nullable`: true unless it is written otherwise.
    pub nullable: bool,
    /// `description`
    pub description: Option<Arc<str>>,
    /// What override files changed of it.
    pub overridden: Option<Overridden>,
    /// The block's heading.
    pub span: Span,
}

/// What override files changed of a variable.
#[derive(Clone, Copy, Debug)]
pub struct Overridden {
    /// Whether its type.
    pub ty: bool,
    /// Whether its default.
    pub default: bool,
    /// The overriding block's heading.
    pub span: Span,
}

/// Defaults of optional members, in the shape of the type they belong to. They are constants.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// Defaults of the members of this object.
    pub members: BTreeMap<Arc<str>, Expr>,
    /// Defaults inside the members of this object, or inside the elements of this tuple by their index.
    pub children: BTreeMap<Arc<str>, Defaults>,
    /// Defaults inside the elements of this list, set or map.
    pub element: Option<Box<Defaults>>,
}

impl Defaults {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.is_empty() && self.element.is_none()
    }
}

/// A type constraint as `type = ...` writes it.
#[derive(Clone, Debug)]
pub struct TypeConstraint {
    /// The type; optional members are marked in it.
    pub ty: Type,
    /// Defaults of optional members.
    pub defaults: Defaults,
}
