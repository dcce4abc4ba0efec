//! What is to happen to an object, and why.

use crate::address::{DeposedKey, InstanceAddr};
use crate::path::Path;
use crate::value::Value;
use std::sync::Arc;

/// In which order a replacement's two steps happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplaceOrder {
    /// The usual order.
    DeleteThenCreate,
    /// `lifecycle { create_before_destroy = true }`
    CreateThenDelete,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// A new object.
    Create,
    /// A data source is read.
    Read,
    /// The object is changed in place.
    Update,
    /// The object is deleted and a new one made.
    Replace(ReplaceOrder),
    /// The object is deleted.
    Delete,
    /// The object stays; only the state forgets it.
    Forget,
}

/// Why an action was chosen, beyond "the configuration differs".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// These attributes cannot be changed in place.
    CannotUpdate(Vec<Path>),
    /// An earlier create or provisioner failed half way.
    Tainted,
    /// `-replace` named it.
    ByRequest,
    /// `replace_triggered_by` named something that changes.
    ByTriggers(Vec<String>),
    /// Its block is gone from the configuration.
    NoResourceConfig,
    /// Its block is gone from the configuration, and a `moved` block says that it is this one by now.
    NoMoveTarget,
    /// Its module is gone from the configuration.
    NoModule,
    /// Its block now has, or no longer has, `count` or `for_each`.
    WrongRepetition,
    /// `count` no longer reaches its index.
    CountIndex,
    /// `for_each` no longer holds its key.
    EachKey,
    /// A data source whose configuration is not known yet.
    ConfigUnknown,
    /// A data source that depends on something that changes.
    DependencyPending,
    /// The data source of a check block, which is read once everything else is done.
    CheckNested,
    /// It was deleted outside of levee.
    GoneOutside,
}

/// Whether a change can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reversibility {
    /// The compensation restores everything.
    Reversible,
    /// It can be undone, but what the object held is lost: why.
    LosesData(String),
    /// It cannot be undone: why.
    Irreversible(String),
}

/// One object's change. Values are objects of the schema's type.
#[derive(Clone, Debug)]
pub struct Change {
    /// The object.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is one.
    pub deposed: Option<DeposedKey>,
    /// What is to happen.
    pub action: Action,
    /// The prior (refreshed) value; none for a create.
    pub before: Option<Value>,
    /// The planned value, unknown where only the provider can tell; none for a delete.
    pub after: Option<Value>,
    /// Which attributes force a replacement.
    pub replace_paths: Vec<Path>,
    /// Why.
    pub reason: Option<Reason>,
    /// Whether it can be undone.
    pub reversibility: Reversibility,
    /// Its address before this plan, where `moved` blocks gave it another; boxed because most changes have none.
    pub previous: Option<Box<InstanceAddr>>,
    /// The id by which it is taken over into the state, where an `import` block says so.
    pub importing: Option<Arc<str>>,
}

impl Action {
    /// Whether it is a replacement, in either order.
    pub fn is_replace(self) -> bool {
        matches!(self, Self::Replace(_))
    }
    /// Whether anything outside the state changes.
    pub fn has_effect(self) -> bool {
        !matches!(self, Self::NoOp | Self::Read | Self::Forget)
    }
}
