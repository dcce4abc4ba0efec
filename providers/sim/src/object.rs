//! `sim_object`: an object of any kind.

use crate::record::{Links, Object};
use crate::simulated::{Simulated, sim_resource};
use levee_sdk::{Identity, Shape};
use std::collections::BTreeMap;

/// An object of any kind, with arguments for everything that can be the matter with one. Found again by its op token.
#[derive(Clone, Default, Shape)]
pub(crate) struct SimObject {
    /// Its name, by which `fault` blocks and the world's file know it. It need not be unique.
    #[attr(required)]
    name: Option<String>,
    /// Any number.
    #[attr(optional, default = 1)]
    size: Option<i64>,
    /// Any texts.
    #[attr(optional)]
    tags: Option<BTreeMap<String, String>>,
    /// Where it is; it cannot be moved.
    #[attr(optional, force_new)]
    zone: Option<String>,
    /// A name that no other `sim_object` has. One that is made before the old one is deleted cannot have the same.
    #[attr(optional, force_new)]
    unique_name: Option<String>,
    /// Ids of objects that must exist.
    #[attr(optional)]
    refs: Option<Vec<String>>,
    /// Ids of objects that must exist, and that cannot be deleted while this one is there.
    #[attr(optional, force_new)]
    attached: Option<Vec<String>>,
    /// Whether it cannot be deleted while another object has it among its `refs`.
    #[attr(optional, default = false)]
    guarded: Option<bool>,
    /// Something that is not to be shown.
    #[attr(optional, sensitive)]
    secret: Option<String>,
    /// Something that is sent and never stored; the world keeps only how long it is.
    #[attr(optional, sensitive, write_only)]
    secret_wo: Option<String>,
    /// Raise it to send `secret_wo` again.
    #[attr(optional)]
    secret_wo_version: Option<i64>,
    /// How many bytes of `secret_wo` were sent last.
    #[attr(computed)]
    secret_wo_length: Option<i64>,
    /// Its id.
    #[attr(computed)]
    id: Option<String>,
    /// Its name in the whole world.
    #[attr(computed)]
    arn: Option<String>,
    /// How often it was made or changed.
    #[attr(computed)]
    generation: Option<i64>,
}

impl Simulated for SimObject {
    const NAME: &'static str = "sim_object";
    const PREFIX: &'static str = "obj";
    const IDENTITY: Identity = Identity::Tag;
    const MOVING: &'static [&'static str] = &["generation", "secret_wo_length"];

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn links(&self) -> Links {
        Links {
            needs: self.refs.clone().unwrap_or_default(),
            holds: self.attached.clone().unwrap_or_default(),
            unique: self.unique_name.clone(),
            guarded: self.guarded.unwrap_or_default(),
        }
    }

    fn kept(self) -> Self {
        let sent = self.secret_wo.as_ref().map_or(0, String::len);
        Self { secret_wo_length: i64::try_from(sent).ok(), secret_wo: None, ..self }
    }

    fn seen(self, object: &Object, _: u64) -> Self {
        let arn = Some(format!("sim::{}/{}", Self::NAME, object.id));
        Self { id: Some(object.id.clone()), arn, generation: i64::try_from(object.generation).ok(), ..self }
    }
}

sim_resource!(SimObject);
