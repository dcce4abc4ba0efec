//! Colours of the terminal, or none.

use std::fmt::{self, Display, Formatter};

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
    fn wrap<T: Display>(self, code: &'static str, text: T) -> Painted<T> {
        Painted { code: self.on.then_some(code), text }
    }
    pub(crate) fn bold<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("1", text)
    }
    pub(crate) fn dim<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("2", text)
    }
    pub(crate) fn underline<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("4", text)
    }
    pub(crate) fn red<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("31", text)
    }
    pub(crate) fn green<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("32", text)
    }
    pub(crate) fn yellow<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("33", text)
    }
    pub(crate) fn cyan<T: Display>(self, text: T) -> Painted<T> {
        self.wrap("36", text)
    }
}

/// A text in its colour, to be written somewhere.
pub(crate) struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "\u{1b}[{code}m{}\u{1b}[0m", self.text),
            None => self.text.fmt(f),
        }
    }
}
