//! Gates in the order of steps that follow what the state remembers: which resource depended on which, directly or through
//! others. A gate a circle of resources and question, so that edges stay linear in what is remembered.

use crate::plan::objects::Objects;
use levee_model::ResourceAddr;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};

/// The resources of the state, those that remember each other in a circle taken together.
pub(super) struct Circles {
    of: BTreeMap<ResourceAddr, usize>,
    count: usize,
    /// A circle, and one that depends on it.
    edges: BTreeSet<(usize, usize)>,
}

/// Which way what passes through a gate passes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    /// To the gates of what depends on a resource.
    Dependents,
    /// To the gates of what a resource depends on.
    Dependencies,
}

impl Circles {
    pub(super) fn new(objects: &Objects) -> Self {
        let mut graph: DiGraph<ResourceAddr, ()> = DiGraph::new();
        let mut places = BTreeMap::new();
        for prior in objects.all.values() {
            let own = place(&mut graph, &mut places, &prior.row.addr.resource());
            for dependency in &prior.row.dependencies {
                let on = place(&mut graph, &mut places, dependency);
                graph.update_edge(on, own, ());
            }
        }
        let circles = kosaraju_scc(&graph);
        let mut circle_of = vec![0; graph.node_count()];
        for (i, circle) in circles.iter().enumerate() {
            circle.iter().for_each(|node| circle_of[node.index()] = i);
        }
        let ends = graph.edge_indices().filter_map(|e| graph.edge_endpoints(e));
        let edges = ends.map(|(a, b)| (circle_of[a.index()], circle_of[b.index()])).filter(|(a, b)| a != b).collect();
        let of = places.into_iter().map(|(resource, node)| (resource, circle_of[node.index()])).collect();
        Self { of, count: circles.len(), edges }
    }

    /// A gate a circle, joined in one direction.
    pub(super) fn gates<W>(&self, graph: &mut DiGraph<W, ()>, towards: Towards, pass: impl Fn() -> W) -> Gates<'_> {
        let gates: Vec<NodeIndex> = (0..self.count).map(|_| graph.add_node(pass())).collect();
        for (on, by) in &self.edges {
            let (from, to) = if towards == Towards::Dependents { (on, by) } else { (by, on) };
            graph.add_edge(gates[*from], gates[*to], ());
        }
        Gates { circles: self, gates }
    }
}

fn place(graph: &mut DiGraph<ResourceAddr, ()>, places: &mut BTreeMap<ResourceAddr, NodeIndex>, resource: &ResourceAddr) -> NodeIndex {
    match places.get(resource) {
        Some(node) => *node,
        None => {
            let node = graph.add_node(resource.clone());
            places.insert(resource.clone(), node);
            node
        }
    }
}

/// The gates of one question.
pub(super) struct Gates<'a> {
    circles: &'a Circles,
    gates: Vec<NodeIndex>,
}

impl Gates<'_> {
    /// The gate of a resource that the state knows.
    pub(super) fn of(&self, resource: &ResourceAddr) -> Option<NodeIndex> {
        self.circles.of.get(resource).map(|circle| self.gates[*circle])
    }

    /// The gates of what `own` depends on, but not the one that it stands behind itself.
    pub(super) fn behind<'r>(&self, own: &ResourceAddr, on: impl Iterator<Item = &'r ResourceAddr>) -> BTreeSet<NodeIndex> {
        let itself = self.of(own);
        on.filter_map(|resource| self.of(resource)).filter(|gate| Some(*gate) != itself).collect()
    }
}
