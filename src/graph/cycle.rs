//! What is said about blocks that need each other.

use super::build::BlockGraph;
use crate::config::Config;
use levee_model::{Diagnostic, Diagnostics};
use petgraph::algo::tarjan_scc;
use std::fmt::Write as _;

/// One error a cycle, naming every member with its file and line.
pub fn check(graph: &BlockGraph, config: &Config) -> Diagnostics {
    let mut cycles: Vec<Vec<_>> = tarjan_scc(&graph.graph)
        .into_iter()
        .filter(|members| members.len() > 1 || graph.graph.contains_edge(members[0], members[0]))
        .collect();
    for members in &mut cycles {
        members.sort();
    }
    cycles.sort();
    cycles.iter().map(|members| describe(graph, config, members)).collect()
}

fn describe(graph: &BlockGraph, config: &Config, members: &[super::BlockId]) -> Diagnostic {
    let names: Vec<String> = members.iter().map(|id| graph.graph[*id].to_string()).collect();
    let mut lines = format!("Cycle: {}", names.join(", "));
    let mut first = None;
    for id in members {
        let block = &graph.graph[*id];
        if let Some(span) = block.span(config) {
            first = first.or(Some(span));
            if let Some(at) = config.sources.locate(span) {
                let _ = write!(lines, "\n  {block} at {} line {}", at.file, at.line);
            }
        }
    }
    Diagnostic::error("Blocks depend on each other in a circle", lines)
        .at_if_none(first)
        .hint("Take out one of the references, or move what both need into a block of its own.")
}
