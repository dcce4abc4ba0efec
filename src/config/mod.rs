//! Text to typed modules with spans. Nothing is evaluated here.
//!
//! In reading order: expressions ([`expr`], [`walk`], `written`) and bodies ([`body`]); how text becomes them (`parse`,
//! `compile`, `template`, `reference`), in JSON syntax too (`json`, [`schema`]); what a module declares ([`module`],
//! [`resource`], [`variable`], [`provider`], [`moves`]) and
//! how blocks become that (`decode`, `fields`, [`constant`], [`types`], [`version`]); what is not carried out yet ([`refused`]); reading
//! a directory and the modules it calls ([`load()`], `files`, `overrides`); and values of the root module's variables ([`tfvars`]).

use levee_model::suggest;

pub mod expr;
pub mod walk;
mod written;
pub mod body;

pub mod schema;
mod json;
mod names;
mod parse;
mod compile;
mod template;
mod reference;

pub mod module;
pub mod resource;
pub mod provisioner;
pub mod variable;
pub mod source;
mod provider_source;
pub mod provider;
pub mod moves;

pub mod types;
pub mod version;
pub mod refused;
pub mod constant;
mod fields;
mod quoted;
mod declared;
mod decode;
mod decode_terraform;
mod decode_resource;
mod decode_provider;
mod decode_call;
mod decode_lifecycle;
mod decode_check;
mod decode_moves;
mod overrides;
pub mod directories;
mod files;
mod provider_check;
mod load;
mod format;
mod check_imports;
pub mod tfvars;

pub use body::{Attribute, BlockExpr, Body, Dynamic, Label, Syntax};
pub use check_imports::{NO_CONFIGURATION, check_key, no_configuration};
pub use decode_moves::{key_step, target};
pub use expr::{Expr, ExprKind, Reference, Subject, TraversalStep};
pub use files::{FileSet, Files};
pub use format::format;
pub use levee_model::suggest::suggest;
pub use levee_syntax::is_identifier;
pub use load::{NewFile, Rules, clean as clean_path, is_editor_file, load, local_backend, read};
pub use module::{CheckBlock, Config, Local, LocalBackend, Module, ModuleCall, Output, Passed, Settings, StatePlace};
pub use moves::{Import, Moved, Removed};
pub use parse::{parse_expression, parse_template};
pub use provider::{ProviderBlock, ProviderRef, RequiredProvider};
pub use provider_source::ProviderSource;
pub use provisioner::{OnFailure, Provisioner, When};
pub use resource::{Condition, IgnoreChanges, IgnorePath, Lifecycle, Resource};
pub use source::ModuleSource;
pub use tfvars::{InputSource, InputValue, VarOption, inputs, parse_tfvars};
pub use variable::{Defaults, Variable};
pub use written::Written;

#[cfg(test)]
mod tests;
