//! The dependency graph of a configuration's blocks, on petgraph. It holds no provider handle and evaluates nothing.
//!
//! In reading order: what the nodes are ([`block`]), how references become edges ([`build`]), what is wrong with a cycle
//! ([`cycle`]), what an operator may name ([`choice`]) and which blocks that takes in or leaves out ([`target`]), and how the graph is shown ([`export`]).

pub mod block;
pub mod build;
pub mod cycle;
pub mod export;
pub mod choice;
pub mod target;

pub use block::Block;
pub use build::{BlockGraph, BlockId, Known};

#[cfg(test)]
mod tests;
