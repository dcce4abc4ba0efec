//! `sim_rule`: what hangs on something else.

use crate::record::{Links, Object};
use crate::simulated::{Simulated, sim_resource};
use levee_sdk::{Identity, Shape};

/// A rule on another object, which cannot be deleted before it. What it connects identifies it.
#[derive(Clone, Default, Shape)]
pub(crate) struct SimRule {
    /// The id of the object that it is on.
    #[attr(required, force_new)]
    parent: Option<String>,
    /// Any number; there is one rule for each on an object.
    #[attr(required, force_new)]
    port: Option<i64>,
    /// Any text.
    #[attr(optional)]
    description: Option<String>,
    /// The parent's id and the port.
    #[attr(computed)]
    id: Option<String>,
}

impl SimRule {
    fn key(&self) -> String {
        format!("{}:{}", self.parent.as_deref().unwrap_or_default(), self.port.unwrap_or_default())
    }
}

impl Simulated for SimRule {
    const NAME: &'static str = "sim_rule";
    const PREFIX: &'static str = "";
    const IDENTITY: Identity = Identity::NaturalKey;
    const MOVING: &'static [&'static str] = &[];

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn name(&self) -> &str {
        self.description.as_deref().unwrap_or_default()
    }

    fn links(&self) -> Links {
        Links { holds: self.parent.iter().cloned().collect(), unique: Some(self.key()), ..Links::default() }
    }

    fn seen(self, object: &Object, _: u64) -> Self {
        Self { id: Some(object.id.clone()), ..self }
    }
}

sim_resource!(SimRule);
