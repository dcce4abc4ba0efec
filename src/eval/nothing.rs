//! A scope in which there is nothing.

use super::Scope;
use super::functions::Context;
use crate::config::Files;
use crate::config::Subject;
use levee_model::{Diagnostic, InstanceKey, Mode, Span, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// A scope in which there is nothing: for constants, and for expressions whose surroundings are wrong.
pub struct Nothing {
    functions: Context<'static>,
    constants: bool,
}

impl Nothing {
    /// Names are not allowed.
    pub fn constants() -> Self {
        let functions = Context {
            base_dir: PathBuf::new(),
            files: Files::default(),
            home: None,
            plan_timestamp: None,
            planning: false,
            render: None,
            read_tfvars: None,
        };
        Self { functions, constants: true }
    }

    /// Names are allowed, and unknown.
    pub fn unknown_names() -> Self {
        Self { constants: false, ..Self::constants() }
    }

    /// What is said of a name, or of something that is written like one, where only constants stand.
    pub(super) fn not_allowed(root: &str, span: Span) -> Diagnostic {
        let root = Span { end: span.end.min(span.start + u32::try_from(root.len()).unwrap_or(u32::MAX)), ..span };
        Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(root)
    }

    fn problem(&self, root: &str, span: Span) -> Diagnostic {
        if self.constants {
            return Self::not_allowed(root, span);
        }
        Diagnostic::error("Unknown variable", format!("There is no variable named {root:?}.")).at(span)
    }
}

impl Scope for Nothing {
    fn root(&self, subject: &Subject, span: Span) -> Result<Value, Diagnostic> {
        let name = subject.to_string();
        Err(self.problem(name.split('.').next().unwrap_or(&name), span))
    }
    fn resource(&self, mode: Mode, type_name: &Arc<str>, _: &Arc<str>, _: Option<&InstanceKey>, span: Span) -> Result<Value, Diagnostic> {
        let root = match mode {
            Mode::Managed => type_name,
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        Err(self.problem(root, span))
    }
    fn module(&self, _: &str, _: Option<&InstanceKey>, _: Option<&str>, span: Span) -> Result<Value, Diagnostic> {
        Err(self.problem("module", span))
    }
    fn functions(&self) -> &Context<'_> {
        &self.functions
    }
    fn is_constant(&self) -> bool {
        self.constants
    }
}
