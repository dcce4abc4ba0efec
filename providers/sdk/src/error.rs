//! What a provider answers when it goes wrong, classified so that the engine knows what it may conclude.

use levee_model::Path;
use std::fmt;

/// What a failure means for the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The object does not exist (said by the API in so many words).
    NotFound,
    /// An object of that name exists already.
    AlreadyExists,
    /// Something else still uses or blocks it.
    Conflict,
    /// Asked too often.
    Throttled,
    /// A failure on the way or on the other side; nothing was done.
    Transient,
    /// The call may or may not have gone through.
    InDoubt,
    /// Not allowed.
    AccessDenied,
    /// No or bad credentials, no endpoint, bad provider configuration.
    Configuration,
    /// The API refused the arguments.
    Invalid,
    /// A wait ended before the object was ready.
    TimedOut,
    /// The object went into a failed state.
    Failed,
    /// The run was interrupted.
    Cancelled,
    /// A fault of ours.
    Bug,
}

/// A failed call. Never holds a sensitive value.
#[derive(Clone, Debug)]
pub struct ProviderError {
    /// What it means.
    pub kind: ErrorKind,
    /// The API call: `ec2:CreateVpc`.
    pub operation: Option<String>,
    /// The provider's own words.
    pub message: String,
    /// The API's error code.
    pub code: Option<String>,
    /// The API's id of the request.
    pub request_id: Option<String>,
    /// The argument at fault.
    pub path: Option<Path>,
    /// What the operator can do.
    pub hint: Option<String>,
    /// What the mistake is called, where it has a name of its own.
    pub summary: Option<&'static str>,
}

impl ProviderError {
    /// An error of a kind, in words.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, operation: None, message: message.into(), code: None, request_id: None, path: None, hint: None, summary: None }
    }
    /// The API refused the arguments, or we do before asking it.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }
    /// From this API call.
    #[must_use]
    pub fn during(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }
    /// With something to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// Called this where it is told.
    #[must_use]
    pub fn called(mut self, summary: &'static str) -> Self {
        self.summary = Some(summary);
        self
    }
    /// About this argument.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }
    /// Whether the API said that the object does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ProviderError {}

/// What an operation of a provider yields.
pub type Result<T> = std::result::Result<T, ProviderError>;
