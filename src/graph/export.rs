//! The graph as text in the DOT language, for `levee graph`.

use super::block::Block;
use super::build::BlockGraph;
use petgraph::Direction;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Resources, data sources and what they depend on; everything between them is passed through.
pub fn dot(graph: &BlockGraph) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut edges = BTreeSet::new();
    for id in graph.graph.node_indices() {
        let Block::Resource(addr) = &graph.graph[id] else { continue };
        let _ = writeln!(out, "  {:?} [label={:?}];", addr.to_string(), addr.to_string());
        let mut seen = BTreeSet::new();
        let mut stack: Vec<_> = graph.graph.neighbors_directed(id, Direction::Incoming).collect();
        while let Some(next) = stack.pop() {
            if !seen.insert(next) {
                continue;
            }
            match &graph.graph[next] {
                Block::Resource(needed) => {
                    edges.insert((addr.to_string(), needed.to_string()));
                }
                _ => stack.extend(graph.graph.neighbors_directed(next, Direction::Incoming)),
            }
        }
    }
    for (from, to) in edges {
        let _ = writeln!(out, "  {from:?} -> {to:?};");
    }
    out.push_str("}\n");
    out
}
