//! `sim_network`: what others are put into.

use crate::record::{Links, Object};
use crate::simulated::{Simulated, sim_resource};
use levee_sdk::{Identity, Shape};
use std::collections::BTreeMap;

/// A network. Its creation takes a client token, so that asking twice makes one.
#[derive(Clone, Default, Shape)]
pub(crate) struct SimNetwork {
    /// Its name, by which `fault` blocks and the world's file know it.
    #[attr(required)]
    name: Option<String>,
    /// Its addresses.
    #[attr(required, force_new)]
    cidr: Option<String>,
    /// Any texts.
    #[attr(optional)]
    tags: Option<BTreeMap<String, String>>,
    /// Its id.
    #[attr(computed)]
    id: Option<String>,
    /// Its name in the whole world.
    #[attr(computed)]
    arn: Option<String>,
}

impl Simulated for SimNetwork {
    const NAME: &'static str = "sim_network";
    const PREFIX: &'static str = "net";
    const IDENTITY: Identity = Identity::ClientToken;
    const MOVING: &'static [&'static str] = &[];

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn links(&self) -> Links {
        Links::default()
    }

    fn seen(self, object: &Object, _: u64) -> Self {
        Self { id: Some(object.id.clone()), arn: Some(format!("sim::{}/{}", Self::NAME, object.id)), ..self }
    }
}

sim_resource!(SimNetwork);
