//! `resource` and `data` blocks, and what their `lifecycle` says.

use super::body::Body;
use super::expr::{Expr, Reference, Subject, TraversalStep};
use super::provider::ProviderRef;
use super::provisioner::Provisioner;
use levee_model::{Mode, Span};
use std::sync::Arc;

/// A `resource` or `data` block.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Which of the two.
    pub mode: Mode,
    /// First label.
    pub type_name: Arc<str>,
    /// Second label.
    pub name: Arc<str>,
    /// `count`; boxed, as what follows, because most blocks have none.
    pub count: Option<Box<Expr>>,
    /// `for_each`
    pub for_each: Option<Box<Expr>>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `provider`, if it is written.
    pub provider: Option<Box<ProviderRef>>,
    /// `lifecycle`
    pub lifecycle: Option<Box<Lifecycle>>,
    /// `provisioner` blocks, in the order they are written.
    pub provisioners: Vec<Provisioner>,
    /// The check block that it stands in, which alone may refer to it.
    pub container: Option<Arc<str>>,
    /// Everything that the resource type's schema speaks of.
    pub body: Body,
    /// The block's heading.
    pub span: Span,
}

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// `create_before_destroy`; none when it is not written.
    pub create_before_destroy: Option<bool>,
    /// `prevent_destroy`
    pub prevent_destroy: bool,
    /// `ignore_changes`
    pub ignore_changes: IgnoreChanges,
    /// `replace_triggered_by`
    pub replace_triggered_by: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// `postcondition` blocks.
    pub postconditions: Vec<Condition>,
}

/// Which differences are none.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    /// All are.
    #[default]
    None,
    /// `all`
    All,
    /// Those under these paths.
    Paths(Vec<IgnorePath>),
}

/// One item of `ignore_changes`: `tags["Name"]`.
#[derive(Clone, Debug)]
pub struct IgnorePath {
    /// The attribute.
    pub root: Arc<str>,
    /// Deeper: names and constant indexes only.
    pub steps: Vec<TraversalStep>,
    /// Where it stands.
    pub span: Span,
}

/// A `precondition`, `postcondition` or `validation` block.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// What is said if it is not.
    pub error_message: Expr,
    /// The block's heading.
    pub span: Span,
}

impl Resource {
    /// `create_before_destroy`, where it is written.
    pub fn create_before_destroy(&self) -> Option<bool> {
        self.lifecycle.as_ref().and_then(|l| l.create_before_destroy)
    }

    /// Whether there are conditions before or after it.
    pub fn has_conditions(&self) -> bool {
        self.lifecycle.as_ref().is_some_and(|l| !l.preconditions.is_empty() || !l.postconditions.is_empty())
    }

    /// The local name of its provider: the one that is written, or the first word of its type.
    pub fn provider_name(&self) -> &str {
        self.provider.as_ref().map_or_else(|| self.type_name.split('_').next().unwrap_or(&self.type_name), |p| &p.name)
    }

    /// Whether `prevent_destroy` is set.
    pub fn prevent_destroy(&self) -> bool {
        self.lifecycle.as_ref().is_some_and(|l| l.prevent_destroy)
    }

    /// Every reference that the block makes, with those of its meta-arguments; `depends_on` apart.
    pub fn references(&self) -> Vec<&Reference> {
        let mut out = Vec::new();
        for expr in self.count.iter().chain(&self.for_each) {
            out.extend(expr.references());
        }
        out.extend(self.body.references());
        out.extend(self.lifecycle.iter().flat_map(|l| l.references()));
        // A provisioner may name its own object, which is there by then: that is no dependency.
        let own = |s: &Subject| matches!(s, Subject::Resource { mode, type_name, name } if (*mode, type_name, name) == (self.mode, &self.type_name, &self.name));
        out.extend(self.provisioners.iter().flat_map(Provisioner::references).filter(|r| !own(&r.subject)));
        out
    }
}

impl Lifecycle {
    /// Every reference in `replace_triggered_by` and the conditions.
    pub fn references(&self) -> Vec<&Reference> {
        let conditions = self.preconditions.iter().chain(&self.postconditions);
        let exprs = self.replace_triggered_by.iter().chain(conditions.flat_map(|c| [&c.condition, &c.error_message]));
        exprs.flat_map(Expr::references).collect()
    }
}
