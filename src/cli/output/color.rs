//! Colours of the terminal, or none.

use std::fmt::Display;

/// How text is painted: with escape sequences, or left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// With escape sequences if `on`.
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }
    /// Whether escape sequences are written.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }
    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.wrap("1", text)
    }
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.wrap("2", text)
    }
    pub(crate) fn underline(self, text: impl Display) -> String {
        self.wrap("4", text)
    }
    pub(crate) fn red(self, text: impl Display) -> String {
        self.wrap("31", text)
    }
    pub(crate) fn green(self, text: impl Display) -> String {
        self.wrap("32", text)
    }
    pub(crate) fn yellow(self, text: impl Display) -> String {
        self.wrap("33", text)
    }
    pub(crate) fn cyan(self, text: impl Display) -> String {
        self.wrap("36", text)
    }
}
