//! Tokens that one provider makes for another: who can, and what it is told.

use crate::error::Result;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

/// A program that would print a token, as a provider block or a kubeconfig file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCommand {
    /// The program: `aws`, or a path to it.
    pub program: String,
    /// Its arguments: `eks get-token --cluster-name sea`.
    pub args: Vec<String>,
    /// What its environment has besides ours.
    pub env: BTreeMap<String, String>,
}

/// A token, and how long it may be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub secret: String,
    /// From when on it is refused; none: never.
    pub expires: Option<SystemTime>,
}

impl Token {
    /// Whether it is still good for so long.
    pub fn lasts(&self, long: Duration) -> bool {
        self.expires.is_none_or(|end| end > SystemTime::now() + long)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("secret", &"(sensitive)").field("expires", &self.expires).finish()
    }
}

/// Makes tokens itself that a program would make otherwise, so that the program need not be there.
pub trait TokenSource: Send + Sync {
    /// Whether it knows this program and these arguments.
    fn knows(&self, command: &TokenCommand) -> bool;
    /// The token that the program would print.
    fn token<'a>(&'a self, command: &'a TokenCommand) -> BoxFuture<'a, Result<Token>>;
}
