//! `moved`, `removed` and `import` blocks: what the configuration says about objects that the state has, or is to have,
//! under another address.

use super::expr::Expr;
use super::provider::ProviderRef;
use super::provisioner::Provisioner;
use levee_model::{ResourceAddr, Span, Target};

/// A `moved` block.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The old address, seen from the module in which the block stands.
    pub from: Target,
    /// The new one; of the same kind.
    pub to: Target,
    /// The block's heading.
    pub span: Span,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// A module or a resource, without keys, seen from the module in which the block stands.
    pub from: Target,
    /// Whether its objects are deleted; else the state forgets them.
    pub destroy: bool,
    /// What runs before they are deleted.
    pub provisioners: Vec<Provisioner>,
    /// The block's heading.
    pub span: Span,
}

/// An `import` block. It stands in the root module.
#[derive(Clone, Debug)]
pub struct Import {
    /// The address, in which keys may depend on `for_each`.
    pub to: Expr,
    /// The resource that it names, whatever the keys.
    pub resource: ResourceAddr,
    /// How the object is found.
    pub id: Expr,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `provider`, and the place of the argument.
    pub provider: Option<(ProviderRef, Span)>,
    /// The block's heading.
    pub span: Span,
}
