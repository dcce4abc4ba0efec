//! What is said about blocks that need each other.

use super::block::Block;
use super::build::{BlockGraph, BlockId, reference_needs};
use crate::config::{Config, Expr};
use levee_model::{Diagnostic, Diagnostics, ModulePath};
use petgraph::algo::{kosaraju_scc, toposort};
use std::collections::BTreeSet;

/// One error a cycle, naming every member; beside each stands its file and line.
pub fn check(graph: &BlockGraph, config: &Config) -> Diagnostics {
    if toposort(&graph.graph, None).is_ok() {
        return Diagnostics::new();
    }
    let mut cycles: Vec<Vec<_>> = kosaraju_scc(&graph.graph).into_iter().filter(|members| members.len() > 1).collect();
    for members in &mut cycles {
        members.sort();
    }
    cycles.sort();
    cycles.iter().map(|members| describe(graph, config, members)).collect()
}

fn describe(graph: &BlockGraph, config: &Config, members: &[BlockId]) -> Diagnostic {
    let inside: BTreeSet<&Block> = members.iter().map(|id| &graph.graph[*id]).collect();
    let mut names = Vec::new();
    let mut places = Vec::new();
    for block in &inside {
        let own = names_of(config, block, &inside);
        if let Some(at) = block.span(config).and_then(|span| config.sources.locate(span)) {
            places.push((own.join(", "), format!("{} line {}", at.file, at.line)));
        }
        names.extend(own);
    }
    let mut d = Diagnostic::error(format!("Cycle: {}", names.join(", ")), "");
    d.values = places;
    d
}

/// What the steps of a block that take part in a cycle are called. A variable has two: its value, and its validation.
fn names_of(config: &Config, block: &Block, inside: &BTreeSet<&Block>) -> Vec<String> {
    match block {
        Block::Local(..) | Block::Output(..) | Block::Call(_) | Block::Check(..) => vec![format!("{block} (expand)")],
        Block::Variable(path, name) => {
            let module = config.modules.get(path);
            let validations = module.and_then(|m| m.variables.get(name)).map_or(&[][..], |v| &v.validations);
            let conditions = validations.iter().flat_map(|c| [&c.condition, &c.error_message]);
            let argument = path.split_last().and_then(|(parent, call)| {
                let call = config.modules.get(&parent)?.calls.get(&call)?;
                Some((parent, &call.arguments.attribute(name)?.expr))
            });
            let given = argument.is_some_and(|(parent, expr)| needs_one_of(&parent, [expr], inside));
            let checked = if given { !validations.is_empty() } else { needs_one_of(path, conditions, inside) };
            let mut out = Vec::new();
            if given {
                out.push(format!("{block} (expand)"));
            }
            if checked {
                out.push(format!("{block} (validation)"));
            }
            if out.is_empty() { vec![block.to_string()] } else { out }
        }
        _ => vec![block.to_string()],
    }
}

fn needs_one_of<'a>(home: &ModulePath, exprs: impl IntoIterator<Item = &'a Expr>, inside: &BTreeSet<&Block>) -> bool {
    let mut found = false;
    for reference in exprs.into_iter().flat_map(Expr::references) {
        reference_needs(home, reference, &mut |block| found |= inside.contains(&block));
    }
    found
}
