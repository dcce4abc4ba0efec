//! What the state holds, for people and for machines.

use super::{Failure, Workspace, registry, state_file};
use crate::plan::checks;
use crate::plan::objects::{ObjectKey, Objects, Prior};
use levee_model::check::CheckResults;
use levee_model::{DeposedKey, InstanceAddr, Value};
use levee_state::{AllDependencies, Snapshot};
use std::collections::BTreeMap;
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
    let (snapshot, _) = state_file::read(workspace).map_err(|d| Failure::new((*d).into(), None))?;
    described(snapshot)
}

/// A snapshot, decoded.
pub(super) fn described(snapshot: Snapshot) -> Result<StateView, Failure> {
    let checks = snapshot.checks.as_deref().map(checks::decode).unwrap_or_default();
    let (objects, diagnostics) = Objects::decode(snapshot, registry());
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, None));
    }
    let (lineage, serial) = objects.base;
    let dependencies = AllDependencies::of(objects.all.values().map(|p| &*p.row));
    let described = objects.all.into_iter().map(|(key, prior)| view(key, prior, &dependencies)).collect();
    Ok(StateView { objects: described, outputs: objects.outputs, checks, lineage, serial })
}

fn view(key: ObjectKey, prior: Prior, dependencies: &AllDependencies) -> StateObject {
    StateObject {
        addr: key.0,
        deposed: key.1,
        provider: prior.row.provider_source.to_string(),
        schema_version: prior.row.schema_version,
        tainted: prior.is_tainted(),
        dependencies: dependencies.of_row(&prior.row),
        value: prior.stored,
    }
}

/// The outputs as they are stored, with marks.
pub async fn outputs(workspace: &Workspace) -> Result<BTreeMap<Arc<str>, Value>, Failure> {
    state(workspace).map(|s| s.outputs)
}
