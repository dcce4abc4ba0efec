//! What the state holds, for people and for machines.

use super::load::state_failure;
use super::{Failure, Workspace, registry};
use crate::plan::checks;
use crate::plan::objects::{ObjectKey, Objects, Prior};
use levee_model::check::CheckResults;
use levee_model::{DeposedKey, InstanceAddr, ResourceAddr, Value};
use levee_state::{Access, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// One object of the state.
#[derive(Clone, Debug)]
pub struct StateObject {
    /// Its address.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is one.
    pub deposed: Option<DeposedKey>,
    /// Source address of its provider: `hashicorp/aws`.
    pub provider: String,
    /// Version of the schema that its value follows.
    pub schema_version: u64,
    /// Whether its creation failed half way.
    pub tainted: bool,
    /// Its value, with marks.
    pub value: Value,
    /// What it depends on, directly and through others.
    pub dependencies: Vec<String>,
}

/// The whole state.
#[derive(Clone, Debug)]
pub struct StateView {
    /// Objects in address order.
    pub objects: Vec<StateObject>,
    /// Outputs of the root module, with marks.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// How the conditions of the configuration turned out in the last run.
    pub checks: CheckResults,
    /// The state's identity.
    pub lineage: Uuid,
    /// How often it has changed.
    pub serial: u64,
}

/// The state as it is stored.
pub fn state(workspace: &Workspace) -> Result<StateView, Failure> {
    let snapshot = Store::open(&workspace.state, Access::ReadOnly).and_then(|s| s.snapshot()).map_err(|e| state_failure(&e, None))?;
    let checks = snapshot.checks.as_deref().map(checks::decode).unwrap_or_default();
    let (objects, diagnostics) = Objects::decode(snapshot, registry());
    if diagnostics.has_errors() {
        return Err(Failure { diagnostics, config: None });
    }
    let (lineage, serial) = objects.base;
    let mut dependencies = AllDependencies::of(&objects);
    let described = objects.all.into_iter().map(|(key, prior)| view(key, prior, &mut dependencies)).collect();
    Ok(StateView { objects: described, outputs: objects.outputs, checks, lineage, serial })
}

/// What resources depend on, directly and through others. Rows hold the direct ones alone.
struct AllDependencies {
    direct: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>>,
    all: BTreeMap<ResourceAddr, Arc<BTreeSet<ResourceAddr>>>,
}

impl AllDependencies {
    fn of(objects: &Objects) -> Self {
        let mut direct: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
        for prior in objects.all.values() {
            direct.entry(prior.row.addr.resource()).or_default().extend(prior.row.dependencies.iter().cloned());
        }
        Self { direct, all: BTreeMap::new() }
    }

    /// Everything behind a resource, itself apart.
    fn behind(&mut self, resource: &ResourceAddr) -> Arc<BTreeSet<ResourceAddr>> {
        let mut stack = vec![(resource.clone(), false)];
        let mut opened = BTreeSet::new();
        while let Some((at, told)) = stack.pop() {
            if self.all.contains_key(&at) {
                continue;
            }
            let next = self.direct.get(&at).cloned().unwrap_or_default();
            if told {
                let deeper: Vec<_> = next.iter().filter_map(|n| self.all.get(n).cloned()).collect();
                let mut all = next;
                deeper.iter().for_each(|d| all.extend(d.iter().cloned()));
                all.remove(&at);
                self.all.insert(at, Arc::new(all));
            } else {
                opened.insert(at.clone());
                let new: Vec<_> = next.into_iter().filter(|n| !opened.contains(n) && !self.all.contains_key(n)).collect();
                stack.push((at, true));
                stack.extend(new.into_iter().map(|n| (n, false)));
            }
        }
        self.all.get(resource).cloned().unwrap_or_default()
    }
}

fn view(key: ObjectKey, prior: Prior, dependencies: &mut AllDependencies) -> StateObject {
    let own = key.0.resource();
    let mut behind = BTreeSet::new();
    for dependency in &prior.row.dependencies {
        behind.extend(dependencies.behind(dependency).iter().cloned());
        behind.insert(dependency.clone());
    }
    behind.remove(&own);
    StateObject {
        addr: key.0,
        deposed: key.1,
        provider: prior.row.provider_source.to_string(),
        schema_version: prior.row.schema_version,
        tainted: prior.is_tainted(),
        dependencies: behind.iter().map(ToString::to_string).collect(),
        value: prior.stored,
    }
}

/// The outputs as they are stored, with marks.
pub async fn outputs(workspace: &Workspace) -> Result<BTreeMap<Arc<str>, Value>, Failure> {
    state(workspace).map(|s| s.outputs)
}
