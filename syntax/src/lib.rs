//! The language's syntaxes: text to tokens, tokens to a tree. What names mean is no concern of this crate.
//!
//! In reading order: what a text is made of ([`token`]), and how it is cut ([`scan()`]). The JSON syntax stands apart
//! ([`json`]).

pub mod token;
mod scan;
mod strange;
pub mod json;

pub use scan::{is_identifier, scan, scan_template};
pub use strange::strange_tokens;
pub use token::{Token, TokenKind};
