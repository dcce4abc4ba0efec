//! `sim_cluster`: what takes its time.

use crate::record::{Links, Object};
use crate::simulated::{Simulated, sim_resource};
use levee_sdk::{Identity, Shape};

/// Something large: it is there at once and ready much later, as long as a `latency` block for the action `build` says.
/// Found again by its name, which is unique.
#[derive(Clone, Default, Shape)]
pub(crate) struct SimCluster {
    /// Its name, which no other cluster has.
    #[attr(required, force_new)]
    name: Option<String>,
    /// Its version, which can be raised in place.
    #[attr(optional, default = "1")]
    version: Option<String>,
    /// Ids of the networks that it is in, which cannot be deleted while it is there.
    #[attr(optional, force_new)]
    network_ids: Option<Vec<String>>,
    /// Its id.
    #[attr(computed)]
    id: Option<String>,
    /// Where it is reached.
    #[attr(computed)]
    endpoint: Option<String>,
    /// `CREATING`, `ACTIVE` or `FAILED`.
    #[attr(computed)]
    status: Option<String>,
}

impl Simulated for SimCluster {
    const NAME: &'static str = "sim_cluster";
    const PREFIX: &'static str = "clu";
    const IDENTITY: Identity = Identity::Name;
    const MOVING: &'static [&'static str] = &[];

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn links(&self) -> Links {
        Links { holds: self.network_ids.clone().unwrap_or_default(), unique: self.name.clone(), ..Links::default() }
    }

    fn seen(self, object: &Object, now: u64) -> Self {
        let status = match (object.ready_at.is_none_or(|at| now >= at), object.broken) {
            (false, _) => "CREATING",
            (true, false) => "ACTIVE",
            (true, true) => "FAILED",
        };
        let endpoint = Some(format!("https://{}.sim.invalid", object.id));
        Self { id: Some(object.id.clone()), endpoint, status: Some(status.to_owned()), ..self }
    }
}

sim_resource!(SimCluster);
