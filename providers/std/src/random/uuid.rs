//! `random_uuid`: a random UUID.

use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};
use uuid::Uuid;

/// A random UUID of version 4.
#[derive(Clone, Default, Shape)]
pub(crate) struct RandomUuid {
    /// A new one is made when one of these values changes.
    #[attr(optional, force_new)]
    keepers: Option<Triggers>,
    /// The UUID.
    #[attr(computed)]
    result: Option<String>,
    /// The UUID again.
    #[attr(computed)]
    id: Option<String>,
}

impl RandomUuid {
    fn of(uuid: Uuid, keepers: Option<Triggers>) -> Self {
        Self { keepers, result: Some(uuid.to_string()), id: Some(uuid.to_string()) }
    }
}

impl StateOnly for RandomUuid {
    const NAME: &'static str = "random_uuid";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "keepers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        Ok(Self::of(Uuid::new_v4(), planned.keepers))
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { keepers: planned.keepers, ..prior })
    }

    async fn import(id: &str) -> Result<Self> {
        let uuid = Uuid::parse_str(id).map_err(|_| ProviderError::invalid("the import id is no UUID"))?;
        Ok(Self::of(uuid, None))
    }
}

state_resource!(RandomUuid);
