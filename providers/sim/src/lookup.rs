//! `sim_lookup`: what is said of an object.

use crate::client::{About, Sim};
use crate::record::Action;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, DataSource, Shape};

/// What the cloud says of one of its objects.
#[derive(Clone, Default, Shape)]
pub(crate) struct SimLookup {
    /// Its id.
    #[attr(required)]
    id: Option<String>,
    /// Its type.
    #[attr(computed, rename = "type")]
    type_name: Option<String>,
    /// Its name.
    #[attr(computed)]
    name: Option<String>,
    /// How often it was made or changed.
    #[attr(computed)]
    generation: Option<i64>,
    /// Its arguments, as JSON.
    #[attr(computed)]
    arguments: Option<String>,
}

impl DataSource for SimLookup {
    type Client = Sim;
    const TYPE: &'static str = "sim_lookup";

    async fn read(ctx: &Ctx<Sim>, config: Self) -> Result<Self> {
        let sim = &ctx.client;
        let id = config.id.clone().unwrap_or_default();
        let about = About { action: Action::Read, type_name: Self::TYPE, name: &id, id: Some(&id) };
        let found = sim.read(about, |world, now| world.look(&id, now, sim.lag)).await?;
        let object = found.ok_or_else(|| ProviderError::new(ErrorKind::NotFound, format!("{id} does not exist")))?;
        let generation = i64::try_from(object.generation).ok();
        Ok(Self {
            type_name: Some(object.type_name),
            name: Some(object.name),
            generation,
            arguments: Some(object.values.to_string()),
            ..config
        })
    }
}
