//! levee's vocabulary. It depends on nothing of ours, and everything of ours depends on it.
//!
//! In reading order: where text stands ([`span`]), what is said about it ([`diagnostic`], [`suggest`]), how things are named
//! ([`address`], [`path`]), what they hold ([`types`], [`text`], [`graphemes`], [`number`], [`value`], [`convert`], [`json`]), and what is to
//! happen to them ([`change`]) and holds of them ([`check`]).

pub mod span;
pub mod diagnostic;
pub mod suggest;
pub mod address;
pub mod path;
pub mod types;
pub mod text;
pub mod graphemes;
pub mod number;
pub mod value;
pub mod members;
pub mod convert;
pub mod json;
pub mod change;
pub mod check;
pub mod duration;
pub mod stack;

pub use address::{
    AddressError, AddressStep, DeposedKey, InstanceAddr, InstanceKey, Mode, ModuleInstance, ModulePath, ModuleStep, ProviderAddr,
    ResourceAddr, Target,
};
pub use change::{Action, Change, Reason, ReplaceOrder, Reversibility};
pub use diagnostic::{Diagnostic, Diagnostics, Fault, MachinePlace, Severity};
pub use members::Members;
pub use number::Number;
pub use path::{Path, Step};
pub use span::{SourceId, Sources, Span};
pub use types::{ObjectType, Type};
pub use value::{Kind, Marks, Refinement, Value};
