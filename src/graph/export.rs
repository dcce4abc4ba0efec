//! The graph of resources as text, for `levee graph`: in the DOT language as Terraform writes it, for Mermaid, and as JSON.

use super::block::Block;
use super::build::BlockGraph;
use levee_model::{Mode, ModulePath, ResourceAddr};
use petgraph::Direction;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A language that graphs are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For Graphviz: <https://graphviz.org/doc/info/lang.html>
    #[default]
    Dot,
    /// A flowchart of Mermaid: <https://mermaid.js.org/syntax/flowchart.html>
    Mermaid,
    /// `{"nodes": [{"address", "module", "mode", "type", "name"}], "edges": [{"from", "to"}]}`; `from` depends on `to`.
    Json,
}

/// Resources and data sources by module, and what each depends on first of all.
struct Resources {
    modules: BTreeMap<ModulePath, BTreeSet<ResourceAddr>>,
    edges: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>>,
}

/// The resources and data sources of a configuration, with what they depend on. What lies between two of them is passed
/// through, and an edge that others imply is left out.
pub fn text(graph: &BlockGraph, format: Format) -> String {
    let resources = Resources::of(graph);
    match format {
        Format::Dot => resources.dot(),
        Format::Mermaid => resources.mermaid(),
        Format::Json => resources.json(),
    }
}

impl Resources {
    fn of(graph: &BlockGraph) -> Self {
        let mut modules: BTreeMap<ModulePath, BTreeSet<ResourceAddr>> = BTreeMap::new();
        let mut direct: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
        for id in graph.graph.node_indices() {
            let Block::Resource(addr) = &graph.graph[id] else { continue };
            modules.entry(addr.module.clone()).or_default().insert(addr.clone());
            let mut seen = BTreeSet::new();
            let mut stack: Vec<_> = graph.graph.neighbors_directed(id, Direction::Incoming).collect();
            while let Some(next) = stack.pop() {
                if !seen.insert(next) {
                    continue;
                }
                match &graph.graph[next] {
                    Block::Resource(needed) => _ = direct.entry(addr.clone()).or_default().insert(needed.clone()),
                    _ => stack.extend(graph.graph.neighbors_directed(next, Direction::Incoming)),
                }
            }
        }
        let implied = |all: &BTreeSet<ResourceAddr>, to: &ResourceAddr| all.iter().any(|other| other != to && leads_to(&direct, other, to));
        let first = |all: &BTreeSet<ResourceAddr>| all.iter().filter(|to| !implied(all, to)).cloned().collect();
        let edges = direct.iter().map(|(from, all)| (from.clone(), first(all))).collect();
        Self { modules, edges }
    }

    fn all(&self) -> impl Iterator<Item = &ResourceAddr> {
        self.modules.values().flatten()
    }

    /// Edges in the order of their beginnings.
    fn pairs(&self) -> impl Iterator<Item = (&ResourceAddr, &ResourceAddr)> {
        let of = |from: &ResourceAddr| self.edges.get(from);
        self.all().flat_map(move |from| of(from).into_iter().flatten().map(move |to| (from, to)))
    }

    fn dot(&self) -> String {
        let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
        if self.modules.is_empty() {
            out.push_str("  /* This configuration does not contain any resources. */\n");
        }
        for (module, resources) in &self.modules {
            let indent = if module.is_root() { "  " } else { "    " };
            if !module.is_root() {
                let _ = write!(out, "  subgraph \"cluster_{module}\" {{\n    label = \"{module}\"\n    fontname = \"sans-serif\"\n");
            }
            for addr in resources {
                let _ = writeln!(out, "{indent}\"{addr}\" [label=\"{}\"];", local_name(addr));
            }
            out.push_str(if module.is_root() { "" } else { "  }\n" });
        }
        for (from, to) in self.pairs() {
            let _ = writeln!(out, "  \"{from}\" -> \"{to}\";");
        }
        out + "}\n"
    }

    fn mermaid(&self) -> String {
        let ids: BTreeMap<&ResourceAddr, usize> = self.all().zip(0..).collect();
        let mut out = String::from("flowchart RL\n");
        for (number, (module, resources)) in self.modules.iter().enumerate() {
            let indent = if module.is_root() { "  " } else { "    " };
            if !module.is_root() {
                let _ = writeln!(out, "  subgraph m{number}[\"{module}\"]");
            }
            for addr in resources {
                let _ = writeln!(out, "{indent}n{}[\"{}\"]", ids[addr], local_name(addr));
            }
            out.push_str(if module.is_root() { "" } else { "  end\n" });
        }
        for (from, to) in self.pairs() {
            let _ = writeln!(out, "  n{} --> n{}", ids[from], ids[to]);
        }
        out
    }

    fn json(&self) -> String {
        let node = |a: &ResourceAddr| {
            let mode = match a.mode {
                Mode::Data => "data",
                Mode::Managed => "managed",
                Mode::Ephemeral => "ephemeral",
            };
            json!({ "address": a.to_string(), "module": a.module.to_string(), "mode": mode, "type": a.type_name, "name": a.name })
        };
        let nodes: Vec<_> = self.all().map(node).collect();
        let edges: Vec<_> = self.pairs().map(|(from, to)| json!({ "from": from.to_string(), "to": to.to_string() })).collect();
        format!("{}\n", json!({ "nodes": nodes, "edges": edges }))
    }
}

/// The address inside its module.
fn local_name(addr: &ResourceAddr) -> ResourceAddr {
    ResourceAddr { module: ModulePath::root(), ..addr.clone() }
}

/// Whether one resource depends on another through others.
fn leads_to(edges: &BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>>, from: &ResourceAddr, to: &ResourceAddr) -> bool {
    let (mut stack, mut seen) = (vec![from], BTreeSet::new());
    while let Some(at) = stack.pop() {
        if seen.insert(at) {
            stack.extend(edges.get(at).into_iter().flatten());
        }
    }
    from != to && seen.contains(to)
}
