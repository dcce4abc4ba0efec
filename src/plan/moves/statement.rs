//! One `moved` block, and which comes before which.

use super::pattern::Pattern;
use crate::config::{Config, Moved};
use levee_model::{InstanceKey, ModulePath, Span, Target};
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

/// One move.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// The old address.
    pub(super) from: Pattern,
    /// The new one.
    pub(super) to: Pattern,
    /// How many modules deep it stands.
    pub(super) home: usize,
    /// The block.
    pub(super) span: Span,
}

/// The moves that the configuration states, module by module.
pub(super) fn of(config: &Config) -> Vec<Statement> {
    let written = config.modules.iter().flat_map(|(path, module)| module.moved.iter().map(move |m| (path, m)));
    written.map(|(path, moved)| statement(path, moved)).collect()
}

/// Where neither end has a key, a whole call or resource moves; else one instance does.
fn statement(home: &ModulePath, moved: &Moved) -> Statement {
    let whole = is_open(&moved.from) && is_open(&moved.to);
    let pattern = |target| Pattern::new(home, target, whole);
    Statement { from: pattern(&moved.from), to: pattern(&moved.to), home: home.0.len(), span: moved.span }
}

fn is_open(target: &Target) -> bool {
    match target {
        Target::Module(module) => module.0.last().is_none_or(|step| step.key == InstanceKey::None),
        Target::Resource(addr) => addr.key == InstanceKey::None,
    }
}

impl Statement {
    /// Whether `other` must have been carried out before: it leads to where this one begins, or moves what holds it.
    fn waits_for(&self, other: &Self) -> bool {
        if self.from.continues(&other.to) {
            return true;
        }
        let nested = self.from.is_inside(&other.to)
            || self.to.is_inside(&other.to)
            || other.from.is_inside(&self.from)
            || other.to.is_inside(&self.from);
        // A block inside of a module whose instances only get other keys matches before and after that.
        nested && (self.home >= other.home || !self.from.only_reindexes(&self.to))
    }
}

fn graph(statements: &[Statement]) -> DiGraph<usize, ()> {
    let mut graph = DiGraph::new();
    for i in 0..statements.len() {
        graph.add_node(i);
    }
    for (i, waiting) in statements.iter().enumerate() {
        for (j, other) in statements.iter().enumerate() {
            if i != j && waiting.waits_for(other) {
                graph.add_edge(NodeIndex::new(j), NodeIndex::new(i), ());
            }
        }
    }
    graph
}

/// The order in which they are carried out; those that go round in circles when there is none.
pub(super) fn in_order(statements: &[Statement]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let graph = graph(statements);
    match toposort(&graph, None) {
        Ok(order) => Ok(order.into_iter().map(NodeIndex::index).collect()),
        Err(_) => {
            let circles = kosaraju_scc(&graph).into_iter().filter(|c| c.len() > 1);
            Err(circles.map(|c| c.into_iter().map(NodeIndex::index).collect()).collect())
        }
    }
}
