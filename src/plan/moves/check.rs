//! Whether the moves that the configuration states make sense, now that it is known which instances there are.

use super::pattern::Pattern;
use super::statement::{self, Statement, in_order};
use crate::config::Config;
use crate::graph::block::resource_of;
use crate::plan::values::World;
use levee_model::{Diagnostic, Diagnostics, ModuleInstance, ModulePath, ModuleStep, Span, Target};
use std::collections::BTreeMap;

/// Checks every move in every instance of the module in which it stands.
pub fn check(world: &World) -> Diagnostics {
    let statements = statement::of(&world.config);
    let mut found = Diagnostics::new();
    let (mut origins, mut destinations) = (BTreeMap::new(), BTreeMap::new());
    for statement in &statements {
        for home in homes(world, statement) {
            let (from, to) = (absolute(&statement.from, &home), absolute(&statement.to, &home));
            let kind = Kind::of(&statement.from);
            if from == to {
                let detail = format!(
                    "This statement declares a move from {from} to the same address, which is the same as not declaring this move at all."
                );
                found.push(Diagnostic::error("Redundant move statement", detail).at(statement.span));
                continue;
            }
            if exists(world, &from, kind) {
                found.push(still_there(world, &from, &to, kind).at(statement.span));
            }
            let (_, noun, short) = kind.words();
            let (other, at) = origins.entry(from.clone()).or_insert_with(|| (to.clone(), statement.span));
            if *other != to {
                let detail = format!(
                    "A statement at {} declared that {from} moved to {other}, but this statement instead declares that it moved to {to}.\n\nEach {noun} can move to only one destination {short}.",
                    place(&world.config, *at)
                );
                found.push(Diagnostic::error("Ambiguous move statements", detail).at(statement.span));
            }
            let (other, at) = destinations.entry(to.clone()).or_insert_with(|| (from.clone(), statement.span));
            if *other != from {
                let detail = format!(
                    "A statement at {} declared that {other} moved to {to}, but this statement instead declares that {from} moved there.\n\nEach {noun} can have moved from only one source {short}.",
                    place(&world.config, *at)
                );
                found.push(Diagnostic::error("Ambiguous move statements", detail).at(statement.span));
            }
        }
    }
    if !found.has_errors()
        && let Err(circles) = in_order(&statements)
    {
        found.extend(circles.iter().map(|circle| circular(&world.config, &statements, circle)));
    }
    found
}

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Call,
    ModuleInstance,
    Resource,
    Instance,
}

impl Kind {
    fn of(pattern: &Pattern) -> Self {
        match &pattern.resource {
            None if pattern.modules.last().is_some_and(|(_, key)| key.is_none()) => Self::Call,
            None => Self::ModuleInstance,
            Some(r) if r.key.is_none() => Self::Resource,
            Some(_) => Self::Instance,
        }
    }

    /// What it is called, in full and short.
    fn words(self) -> (Self, &'static str, &'static str) {
        match self {
            Self::Call => (self, "module call", "call"),
            Self::ModuleInstance => (self, "module instance", "instance"),
            Self::Resource => (self, "resource", "resource"),
            Self::Instance => (self, "resource instance", "instance"),
        }
    }
}

/// The instances of the module in which a statement stands.
fn homes(world: &World, statement: &Statement) -> Vec<ModuleInstance> {
    let path: ModulePath = ModulePath(statement.from.modules[..statement.home].iter().map(|(name, _)| name.clone()).collect());
    world.instances_of(&path).into_iter().map(|id| world.module(id).clone()).collect()
}

/// The address that a pattern means in one instance of its module. An open key at the end stays out.
fn absolute(pattern: &Pattern, home: &ModuleInstance) -> Target {
    let inner =
        pattern.modules[home.0.len()..].iter().map(|(name, key)| ModuleStep { name: name.clone(), key: key.clone().unwrap_or_default() });
    let module = ModuleInstance(home.0.iter().cloned().chain(inner).collect());
    match &pattern.resource {
        None => Target::Module(module),
        Some(r) => Target::Resource(levee_model::InstanceAddr {
            module,
            mode: r.mode,
            type_name: r.type_name.clone(),
            name: r.name.clone(),
            key: r.key.clone().unwrap_or_default(),
        }),
    }
}

fn exists(world: &World, target: &Target, kind: Kind) -> bool {
    match (target, kind) {
        (Target::Module(module), Kind::Call) => {
            let Some((parent, step)) = module.split_last() else { return false };
            let called = world.config.modules.get(&parent.path()).is_some_and(|m| m.calls.contains_key(&step.name));
            called && world.module_id(&parent).is_some()
        }
        (Target::Module(module), _) => world.module_id(module).is_some(),
        (Target::Resource(addr), Kind::Resource) => world.module_id(&addr.module).is_some() && config_of(&world.config, target).is_some(),
        (Target::Resource(addr), _) => world.instance_node(addr).is_some(),
    }
}

/// The declaration behind an address: what decides on its instances, or its heading.
fn config_of(config: &Config, target: &Target) -> Option<Span> {
    match target {
        Target::Module(module) => {
            let (parent, step) = module.split_last()?;
            config.modules.get(&parent.path())?.calls.get(&step.name).map(|c| c.span)
        }
        Target::Resource(addr) => resource_of(config.modules.get(&addr.module.path())?, &addr.resource()).map(|r| r.span),
    }
}

fn repetition_of(config: &Config, target: &Target) -> Option<Span> {
    let (for_each, count) = match target {
        Target::Module(module) => {
            let (parent, step) = module.split_last()?;
            let call = config.modules.get(&parent.path())?.calls.get(&step.name)?;
            (call.for_each.as_ref(), call.count.as_ref())
        }
        Target::Resource(addr) => {
            let resource = resource_of(config.modules.get(&addr.module.path())?, &addr.resource())?;
            (resource.for_each.as_deref(), resource.count.as_deref())
        }
    };
    for_each.or(count).map(|e| e.span)
}

fn still_there(world: &World, from: &Target, to: &Target, kind: Kind) -> Diagnostic {
    let (_, noun, short) = kind.words();
    let one = matches!(kind, Kind::ModuleInstance | Kind::Instance);
    let span = repetition_of(&world.config, from).filter(|_| one).or_else(|| config_of(&world.config, from));
    let at = span.map_or_else(String::new, |s| format!(" at {}", place(&world.config, s)));
    let detail = format!(
        "This statement declares a move from {from}, but that {noun} is still declared{at}.\n\nChange your configuration so that this {short} will be declared as {to} instead."
    );
    Diagnostic::error("Moved object still exists", detail)
}

/// Where a span begins: `main.tf:4,1`.
fn place(config: &Config, span: Span) -> String {
    config.sources.locate(span).map_or_else(String::new, |l| format!("{}:{},{}", l.file, l.line, l.column))
}

fn circular(config: &Config, statements: &[Statement], circle: &[usize]) -> Diagnostic {
    let mut lines: Vec<String> =
        circle.iter().map(|i| &statements[*i]).map(|s| format!("\n  - {}: {} \u{2192} {}", place(config, s.span), s.from, s.to)).collect();
    lines.sort();
    let detail = format!(
        "The following chained move statements form a cycle, and so there is no final location to move objects to:{}\n\nA chain of move statements must end with an address that doesn't appear in any other statements, and which typically also refers to an object still declared in the configuration.",
        lines.concat()
    );
    Diagnostic::error("Cyclic dependency in move statements", detail)
}
