//! What is said to a user about a mistake. Mistakes accumulate; nothing here is ever a panic.

use crate::span::Span;

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the command goes on.
    Warning,
    /// The command cannot do what was asked.
    Error,
}

/// What Terraform's JSON form says of a message's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MachinePlace {
    /// The place itself.
    #[default]
    Place,
    /// A range without a file and without a line.
    Empty,
    /// Nothing.
    None,
}

/// A fault that no change of the configuration mends, for who goes by exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The state is damaged.
    StateDamaged,
    /// The state cannot be read or written: permissions, no space, a device that fails.
    StateOutOfReach,
}

/// One message: what is wrong, where, and what to do about it. Never holds a sensitive value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// A few words, no final stop.
    pub summary: String,
    /// Whole sentences; may be empty.
    pub detail: String,
    /// The text that is at fault.
    pub span: Option<Span>,
    /// What the JSON form says of that, which has to be what Terraform's says.
    pub machine_place: MachinePlace,
    /// The block around it, for the excerpt's heading.
    pub context: Option<String>,
    /// What the reader can do.
    pub hint: Option<String>,
    /// The argument at fault, for whoever knows where it stands.
    pub argument: Option<String>,
    /// The object the message is about, as an address.
    pub address: Option<String>,
    /// What the references in the faulty expression stood for: (`var.zone`, `"us-west-2a"`).
    pub values: Vec<(String, String)>,
    /// What is at fault, if it is nothing that the user wrote.
    pub fault: Option<Fault>,
}

impl Diagnostic {
    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary, detail)
    }

    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary, detail)
    }

    fn new(severity: Severity, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity,
            summary: summary.into(),
            detail: detail.into(),
            span: None,
            machine_place: MachinePlace::Place,
            context: None,
            hint: None,
            argument: None,
            address: None,
            values: Vec::new(),
            fault: None,
        }
    }

    /// Of a fault that exit codes tell.
    #[must_use]
    pub fn fault(mut self, fault: impl Into<Option<Fault>>) -> Self {
        self.fault = fault.into();
        self
    }

    /// With the text at fault.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With the text at fault, unless one is set already.
    #[must_use]
    pub fn at_if_none(mut self, span: Option<Span>) -> Self {
        self.span = self.span.or(span);
        self
    }

    /// With what the JSON form says of its place, where people are told another.
    #[must_use]
    pub fn placed(mut self, place: MachinePlace) -> Self {
        self.machine_place = place;
        self
    }

    /// With something to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// About this argument of the block that was checked.
    #[must_use]
    pub fn of_argument(mut self, name: impl Into<String>) -> Self {
        self.argument = Some(name.into());
        self
    }

    /// About this object.
    #[must_use]
    pub fn about(mut self, address: impl ToString) -> Self {
        self.address = Some(address.to_string());
        self
    }

    /// Whether it stops the command.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Messages in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Takes the value out of a `Result`, keeping the message of a failure.
    pub fn keep<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|d| self.push(d)).ok()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
