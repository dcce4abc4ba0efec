//! Objects whose address has changed: by `moved` blocks, and because their resource got or lost its `count` (`a` is `a[0]`
//! then, and `a[0]` is `a`). They get the address that the configuration means now before anything is planned, so that
//! nothing happens to them.

mod pattern;
mod statement;
mod check;

pub use check::check;

use super::objects::{ObjectKey, Objects, Prior, encode_object};
use super::propose::with_schema_marks;
use crate::config::Config;
use crate::graph::block::{provider_of, resource_of};
use crate::graph::choice::Choice;
use crate::providers::Registry;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, InstanceKey, Marks, Mode, Path, ResourceAddr, Span, Target, Value};
use levee_state::{ObjectRow, StateEdit};
use pattern::Pattern;
use statement::{Statement, in_order};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What moved.
#[derive(Debug, Default)]
pub struct Moves {
    /// By which the state follows, in order.
    pub edits: Vec<StateEdit>,
    /// Where each object that moved was before, by its address now.
    pub previous: BTreeMap<InstanceAddr, InstanceAddr>,
    /// What could not move because something is there already: what, and where to.
    pub blocked: Vec<(String, String)>,
    /// Moves that no provider can carry out.
    pub diagnostics: Diagnostics,
}

/// Gives objects the addresses that the configuration means now.
pub fn follow(objects: &mut Objects, config: &Config, registry: &Registry) -> Moves {
    let statements = statement::of(config);
    let implied = implied(objects, config, &statements);
    if statements.is_empty() && implied.is_empty() {
        return Moves::default();
    }
    let all = std::mem::take(&mut objects.all).into_iter().collect();
    let mut mover = Mover { all, config, registry, moves: Moves::default() };
    // Those that go round in a circle are told about when everything has been planned.
    for i in in_order(&statements).unwrap_or_default() {
        let statement = &statements[i];
        let whole = statement.from.resource.as_ref().is_some_and(|r| r.key.is_none());
        for (unit, members) in mover.units(statement) {
            if let Some(destination) = Pattern::destination(&statement.from, &statement.to, &unit) {
                mover.move_unit(&unit, members, &destination, whole, Some(statement.span));
            }
        }
    }
    for (from, to) in implied {
        mover.move_unit(&Target::Resource(from.clone()), vec![from], &Target::Resource(to), false, None);
    }
    mover.rename_dependencies();
    objects.all = mover.all.into_iter().collect();
    mover.moves
}

/// Resources that got or lost their `count`, unless a `moved` block speaks of them.
fn implied(objects: &Objects, config: &Config, explicit: &[Statement]) -> Vec<(InstanceAddr, InstanceAddr)> {
    let mentioned = |addr: &InstanceAddr| explicit.iter().any(|s| s.from.names_resource(addr) || s.to.names_resource(addr));
    let counts = config.modules.values().any(|module| module.resources.values().any(|resource| resource.count.is_some()));
    let may_move = |addr: &&InstanceAddr| match addr.key {
        InstanceKey::None => counts,
        InstanceKey::Int(0) => true,
        _ => false,
    };
    let current = objects.all.keys().map(|(addr, _)| addr).filter(|addr| addr.mode == Mode::Managed).filter(may_move);
    let mut found: Vec<_> = current
        .filter_map(|from| {
            let resource = resource_of(config.modules.get(&from.module.path())?, &from.resource())?;
            let key = match from.key {
                InstanceKey::None if resource.count.is_some() => InstanceKey::Int(0),
                InstanceKey::Int(0) if resource.count.is_none() && resource.for_each.is_none() => InstanceKey::None,
                _ => return None,
            };
            Some((from.clone(), InstanceAddr { key, ..from.clone() })).filter(|_| !mentioned(from))
        })
        .collect();
    found.dedup();
    found
}

/// The objects of one thing that moves as a whole: a module instance, a resource in one, or an instance.
type Units = BTreeMap<Target, Vec<InstanceAddr>>;

struct Mover<'a> {
    /// The objects, as they are put in place of each other.
    all: BTreeMap<ObjectKey, Prior>,
    config: &'a Config,
    registry: &'a Registry,
    moves: Moves,
}

impl Mover<'_> {
    /// What a statement takes hold of in the state.
    fn units(&self, statement: &Statement) -> Units {
        let mut out = Units::new();
        let mut last = None;
        for (addr, _) in self.all.keys() {
            if last == Some(addr) {
                continue;
            }
            last = Some(addr);
            let unit = match &statement.from.resource {
                None if statement.from.covers_module(&addr.module) => Target::Module(addr.module.clone()),
                Some(resource) if statement.from.covers_instance(addr) => match resource.key {
                    None => Target::Resource(InstanceAddr { key: InstanceKey::None, ..addr.clone() }),
                    Some(_) => Target::Resource(addr.clone()),
                },
                _ => continue,
            };
            out.entry(unit).or_default().push(addr.clone());
        }
        out
    }

    fn move_unit(&mut self, unit: &Target, members: Vec<InstanceAddr>, destination: &Target, whole: bool, span: Option<Span>) {
        if unit == destination {
            return;
        }
        if self.is_taken(destination, whole) {
            self.moves.blocked.push((unit.to_string(), destination.to_string()));
            return;
        }
        for from in members {
            let to = placed(&from, destination, whole);
            let mut edits = vec![StateEdit::Move { from: from.clone(), to: to.clone() }];
            if from.type_name == to.type_name {
                self.readdress(&from, &to);
            } else {
                match self.retype(&from, &to) {
                    Ok(puts) => edits.extend(puts),
                    Err(d) => {
                        self.moves.diagnostics.push(d.at_if_none(span));
                        continue;
                    }
                }
            }
            let first = self.moves.previous.remove(&from).unwrap_or(from);
            self.moves.previous.insert(to, first);
            self.moves.edits.extend(edits);
        }
    }

    /// Whether anything stands where a unit is to go.
    fn is_taken(&self, destination: &Target, whole: bool) -> bool {
        let all = &self.all;
        match destination {
            Target::Module(module) => all.keys().any(|(addr, _)| addr.module == *module),
            Target::Resource(to) => {
                let mut next = all.range((to.clone(), None)..).map(|((addr, _), _)| addr);
                next.next().is_some_and(|addr| if whole { same_resource(addr, to) } else { addr == to })
            }
        }
    }

    fn keys_of(&self, addr: &InstanceAddr) -> Vec<ObjectKey> {
        let mine = self.all.range((addr.clone(), None)..).take_while(|((a, _), _)| a == addr);
        mine.map(|(key, _)| key.clone()).collect()
    }

    fn readdress(&mut self, from: &InstanceAddr, to: &InstanceAddr) {
        for key in self.keys_of(from) {
            if let Some(mut prior) = self.all.remove(&key) {
                prior.row = Arc::new(ObjectRow { addr: to.clone(), ..prior.row.as_ref().clone() });
                self.all.insert((to.clone(), key.1), prior);
            }
        }
    }

    /// What depended on something depends on it wherever it is now: an object that the configuration does not have any more
    /// is still deleted before it.
    fn rename_dependencies(&mut self) {
        let mut renamed: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
        for (to, from) in self.moves.previous.iter().filter(|(to, from)| to.resource() != from.resource()) {
            renamed.entry(from.resource()).or_default().insert(to.resource());
        }
        if renamed.is_empty() {
            return;
        }
        let present: BTreeSet<ResourceAddr> = self.all.keys().map(|(addr, _)| addr.resource()).collect();
        let now = |dependency: &ResourceAddr| -> Vec<ResourceAddr> {
            let own = Some(dependency).filter(|d| present.contains(*d) || !renamed.contains_key(*d));
            own.into_iter().chain(renamed.get(dependency).into_iter().flatten()).cloned().collect()
        };
        for prior in self.all.values_mut() {
            if !prior.row.dependencies.iter().any(|d| renamed.contains_key(d)) {
                continue;
            }
            let all: BTreeSet<ResourceAddr> = prior.row.dependencies.iter().flat_map(now).collect();
            prior.row = Arc::new(ObjectRow { dependencies: all.into_iter().collect(), ..prior.row.as_ref().clone() });
            self.moves.edits.push(StateEdit::Put(Box::new(prior.row.as_ref().clone())));
        }
    }

    /// Objects that become some of another type: only what that type knows how to take over. Yields their new rows.
    fn retype(&mut self, from: &InstanceAddr, to: &InstanceAddr) -> Result<Vec<StateEdit>, Diagnostic> {
        let block = self.config.modules.get(&to.module.path()).and_then(|m| resource_of(m, &to.resource()));
        let provider = block.map(|b| provider_of(self.config, &to.module.path(), b));
        let source = provider.as_ref().map(|p| self.config.source_of(&p.module, &p.name));
        let resource = source.as_ref().and_then(|s| self.registry.resource(s, &to.type_name));
        let (Some(provider), Some(source), Some(resource)) = (provider, source, resource) else { return Err(unsupported(from, to)) };
        let schema = resource.schema();
        let mut made = Vec::new();
        for key in self.keys_of(from) {
            let Some(prior) = self.all.get(&key) else { continue };
            // What was secret of the one may be anywhere in the other.
            let secret = |v: &Value| if !prior.stored.marked_paths(Marks::SENSITIVE).is_empty() { everywhere(v) } else { Vec::new() };
            let value = resource.moved_from(&from.type_name, &prior.stored.clone().unmark_deep().0);
            let value = value.ok_or_else(|| unsupported(from, to))?;
            let paths = secret(&value);
            let value = with_schema_marks(&schema.block, value.mark_at(&paths, Marks::SENSITIVE));
            let (values, sensitive_paths) = encode_object(&value, &schema.block);
            let row = ObjectRow {
                addr: to.clone(),
                provider: Arc::from(provider.to_string()),
                provider_source: Arc::from(source.as_str()),
                schema_version: schema.version,
                id: resource.id(&value.clone().unmark_deep().0),
                values,
                sensitive_paths,
                ..prior.row.as_ref().clone()
            };
            made.push((key, row, value));
        }
        let edits = made.iter().map(|(_, row, _)| StateEdit::Put(Box::new(row.clone()))).collect();
        for (key, row, value) in made {
            self.all.remove(&key);
            self.all.insert((to.clone(), key.1), Prior { row: Arc::new(row), stored: value.clone(), current: Some(value) });
        }
        Ok(edits)
    }
}

/// Every attribute of an object.
fn everywhere(value: &Value) -> Vec<Path> {
    value.members().into_iter().flatten().map(|(name, _)| Path::attribute(name.clone())).collect()
}

fn same_resource(a: &InstanceAddr, b: &InstanceAddr) -> bool {
    (&a.module, a.mode, &a.type_name, &a.name) == (&b.module, b.mode, &b.type_name, &b.name)
}

/// The new address of one member of a unit that goes to `destination`.
fn placed(from: &InstanceAddr, destination: &Target, whole: bool) -> InstanceAddr {
    match destination {
        Target::Module(module) => InstanceAddr { module: module.clone(), ..from.clone() },
        Target::Resource(to) if whole => InstanceAddr { key: from.key.clone(), ..to.clone() },
        Target::Resource(to) => to.clone(),
    }
}

fn unsupported(from: &InstanceAddr, to: &InstanceAddr) -> Diagnostic {
    let detail = format!("An object of type {:?} cannot become one of type {:?}.", &*from.type_name, &*to.type_name);
    Diagnostic::error("Unsupported `moved` across resource types", detail).about(from)
}

/// What is said about objects that could not move.
pub fn blocked_warning(blocked: &[(String, String)]) -> Option<Diagnostic> {
    if blocked.is_empty() {
        return None;
    }
    let list: String = blocked.iter().map(|(what, to)| format!("\n  - {what} could not move to {to}")).collect();
    let detail = format!(
        "Levee tried to adjust resource instance addresses in the prior state based on change information recorded in the configuration, but some adjustments did not succeed due to existing objects already at the intended addresses:{list}\n\nLevee has planned to destroy these objects. If Levee's proposed changes aren't appropriate, you must first resolve the conflicts using the \"levee state\" subcommands and then create a new plan."
    );
    Some(Diagnostic::warning("Unresolved resource instance address changes", detail))
}

/// What is said where targets take in only one end of a move.
pub fn excluded(moves: &BTreeMap<InstanceAddr, InstanceAddr>, targets: &[Choice]) -> Option<Diagnostic> {
    let covered = |addr: &InstanceAddr| targets.is_empty() || targets.iter().any(|t| t.covers(addr));
    let missing: BTreeSet<InstanceAddr> = moves
        .iter()
        .flat_map(|(to, from)| [from, to])
        .filter(|addr| !covered(addr))
        .map(|addr| InstanceAddr { key: InstanceKey::None, ..addr.clone() })
        .collect();
    if missing.is_empty() {
        return None;
    }
    let list: String = missing.iter().map(|addr| format!("\n  -target={:?}", addr.to_string())).collect();
    let detail = format!(
        "Resource instances in your current state have moved to new addresses in the latest configuration. Levee must include those resource instances while planning in order to ensure a correct result, but your -target=... options do not fully cover all of those resource instances.\n\nTo create a valid plan, either remove your -target=... options altogether or add the following additional target options:{list}\n\nNote that adding these options may include further additional resource instances in your plan, in order to respect object dependencies."
    );
    Some(Diagnostic::error("Moved resource instances excluded by targeting", detail))
}

#[cfg(test)]
mod tests;
