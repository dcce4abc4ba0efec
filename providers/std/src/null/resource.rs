//! `null_resource`: does nothing, and is replaced when its triggers change.

use crate::entropy::Source;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};

/// Does nothing; a place for provisioners and triggers.
#[derive(Clone, Default, Shape)]
pub(crate) struct NullResource {
    /// The resource is replaced when one of these values changes.
    #[attr(optional, force_new)]
    triggers: Option<Triggers>,
    /// A random number.
    #[attr(computed)]
    id: Option<String>,
}

impl StateOnly for NullResource {
    const NAME: &'static str = "null_resource";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "triggers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let id = Source::Os.next()? >> 1;
        Ok(Self { id: Some(id.to_string()), ..planned })
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { id: prior.id, ..planned })
    }
}

state_resource!(NullResource);
