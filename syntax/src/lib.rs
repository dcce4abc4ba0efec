//! The language's syntaxes: text to tokens, tokens to a tree. What names mean is no concern of this crate.
//!
//! In reading order: what a text is made of ([`token`]), how it is cut ([`scan()`]) and what of it has no meaning anywhere
//! ([`strange_tokens`]); the tree ([`ast`]), the place in the row of tokens (`cursor`), and how the one becomes the other
//! ([`parse_body`], for large files [`parse_pieces`]) and back ([`print_body`]). How a text is laid out ([`format()`]) and the JSON syntax ([`json`]) stand apart.

pub mod token;
mod scan;
mod strange;
pub mod ast;
mod cursor;
mod parser;
mod pieces;
mod print;
mod format;
pub mod json;

pub use format::format;
pub use parser::{File, parse_body, parse_expression, parse_template};
pub use pieces::{Piece, parse_pieces};
pub use print::{print_body, print_expr};
pub use scan::{is_identifier, scan, scan_template};
pub use strange::strange_tokens;
pub use token::{Token, TokenKind};
