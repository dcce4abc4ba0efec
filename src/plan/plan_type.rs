//! The plan itself.

use super::expectation::Expectation;
use crate::graph::choice::Choice;
use crate::graph::target::LeftOut;
use levee_model::check::CheckResults;
use levee_model::{Action, Change, InstanceAddr, ProviderAddr, ResourceAddr, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

/// What kind of plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Make the world as the configuration says.
    #[default]
    Normal,
    /// Delete everything.
    Destroy,
    /// Only take over into the state what has changed outside.
    RefreshOnly,
}

/// What the user asked of a plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// What kind of plan.
    pub mode: Mode,
    /// Whether to read every object first.
    pub refresh: bool,
    /// Only these addresses and what they depend on: `module.a`, `aws_vpc.main`, `aws_subnet.a["x"]`. Empty: all.
    pub targets: Vec<Choice>,
    /// Not these addresses and what depends on them.
    pub exclude: Vec<Choice>,
    /// Replace these objects.
    pub replace: Vec<InstanceAddr>,
    /// How many calls may run at a time.
    pub parallelism: usize,
    /// Where configuration goes that is written for imports into resources that have none.
    pub generate: Option<PathBuf>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            mode: Mode::Normal,
            refresh: true,
            targets: Vec::new(),
            exclude: Vec::new(),
            replace: Vec::new(),
            parallelism: 64,
            generate: None,
        }
    }
}

/// One output of the root module.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Create, update, delete or no-op.
    pub action: Action,
    /// As the state has it.
    pub before: Option<Value>,
    /// As it will be; may be unknown, and null. None when the configuration has no such output.
    pub after: Option<Value>,
    /// Never shown: it is secret, or was.
    pub sensitive: bool,
}

/// What is to happen, whole and in order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What kind of plan.
    pub mode: Mode,
    /// Every object's change, no-ops among them, in address order.
    pub changes: Vec<Arc<Change>>,
    /// What moved behind our back: prior as stored, and as found. In address order.
    pub drift: Vec<Change>,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// Conditions, as far as they could be checked.
    pub checks: CheckResults,
    /// Values of the root module's variables.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// Lineage and serial of the state it was made from.
    pub base: (Uuid, u64),
    /// Configuration that was written for imports which had none.
    pub generated: BTreeMap<InstanceAddr, Arc<str>>,
    /// Whether `-target` or `-exclude` may have left something out.
    pub targeted: bool,
    /// Resources and data sources of the configuration that they left out whole, and why.
    pub left_out: Vec<(ResourceAddr, LeftOut)>,
    /// How long it is expected to take; none when nothing is to be done.
    pub expected: Option<Expectation>,
    /// What is planned in full, or read, only during the apply, and the provider whose configuration it waits for.
    pub pending: BTreeMap<InstanceAddr, ProviderAddr>,
    /// What types tell of their changes besides the values, line by line. A line that begins with a sign of an action (`+`, `-`, `~`)
    /// says what happens to what it names.
    pub previews: BTreeMap<InstanceAddr, Vec<String>>,
}

impl Plan {
    /// Whether anything would happen: to an object, or to an output.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|c| c.action != Action::NoOp || c.importing.is_some() || c.previous.is_some())
            || self.outputs.values().any(|o| o.action != Action::NoOp)
    }

    /// Whether an object was found other than as stored. An address that changed is no such thing.
    pub fn has_drift(&self) -> bool {
        self.drift.iter().any(|c| c.action != Action::NoOp)
    }

    /// Objects that are taken over into the state.
    pub fn imported(&self) -> usize {
        self.changes.iter().filter(|c| c.importing.is_some()).count()
    }

    /// Whether carrying it out would do anything, if only to the state.
    pub fn is_applyable(&self) -> bool {
        self.has_changes() || (self.mode == Mode::RefreshOnly && self.has_drift())
    }

    /// Objects to add, to change, to destroy. A replacement counts as one added and one destroyed.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.changes.iter().fold((0, 0, 0), |(add, change, destroy), c| match c.action {
            Action::Create => (add + 1, change, destroy),
            Action::Update => (add, change + 1, destroy),
            Action::Delete => (add, change, destroy + 1),
            Action::Replace(_) => (add + 1, change, destroy + 1),
            Action::NoOp | Action::Read | Action::Forget => (add, change, destroy),
        })
    }
}
