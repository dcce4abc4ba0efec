//! The JSON syntax: text to a tree whose every part knows its place.
//!
//! In reading order: what a text is made of (`scan`), what it becomes ([`Node`]), and how ([`read()`]).

mod scan;
mod tree;
mod read;

pub use read::read;
pub use tree::{Node, NodeKind, Property};

#[cfg(test)]
mod tests;
