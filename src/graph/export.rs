//! The graph as text in the DOT language, for `levee graph`.

use super::block::Block;
use super::build::BlockGraph;
use petgraph::Direction;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Resources, data sources and what they depend on; everything between them is passed through.
pub fn dot(graph: &BlockGraph) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
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
                    edges.entry(addr.to_string()).or_default().insert(needed.to_string());
                }
                _ => stack.extend(graph.graph.neighbors_directed(next, Direction::Incoming)),
            }
        }
    }
    for (from, direct) in &edges {
        for to in direct.iter().filter(|to| !direct.iter().any(|other| other != *to && leads_to(&edges, other, to))) {
            let _ = writeln!(out, "  {from:?} -> {to:?};");
        }
    }
    out.push_str("}\n");
    out
}

/// Whether one resource depends on another through others: then a direct edge adds nothing.
fn leads_to(edges: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut stack, mut seen) = (vec![from], BTreeSet::new());
    while let Some(at) = stack.pop() {
        if seen.insert(at) {
            stack.extend(edges.get(at).into_iter().flatten().map(String::as_str));
        }
    }
    from != to && seen.contains(to)
}
