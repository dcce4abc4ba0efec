//! `time_sleep`: waits when it is created or destroyed.

use super::{calendar, duration};
use crate::constraints::{at_least_one_of, fits};
use crate::offline::NoClient;
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::wait::sleep_until;
use levee_sdk::{Ctx, Draft, Identity, OpToken, ProviderError, Resource, Shape};
use tokio::time::Instant;

/// Waits when it is created, destroyed or both.
#[derive(Clone, Default, Shape)]
pub(crate) struct Sleep {
    /// How long to wait when it is created: `30s`.
    #[attr(optional)]
    create_duration: Option<String>,
    /// How long to wait when it is destroyed.
    #[attr(optional)]
    destroy_duration: Option<String>,
    /// The resource is replaced, which waits again, when one of these values changes.
    #[attr(optional, force_new)]
    triggers: Option<Triggers>,
    /// When it was created.
    #[attr(computed)]
    id: Option<String>,
}

/// Sleeps, unless the operator gives up.
async fn sleep(ctx: &Ctx<NoClient>, length: Option<&str>) -> Result<()> {
    let Some(text) = length else { return Ok(()) };
    let length = duration::parse(text).ok_or_else(|| ProviderError::invalid(format!("{text:?} is no duration such as 30s")))?;
    ctx.status(&format!("sleeping {text}"));
    sleep_until(ctx.sink.as_ref(), Instant::now() + length, "end of the sleep").await
}

impl Resource for Sleep {
    type Client = NoClient;
    const TYPE: &'static str = "time_sleep";

    fn identity() -> Identity {
        Identity::StateOnly
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = at_least_one_of(config, &["create_duration", "destroy_duration"]);
        for name in ["create_duration", "destroy_duration"] {
            let wanted = "a number and a unit of ms, s, m or h, such as \"30s\"";
            out.extend(fits(config, name, wanted, |text| duration::parse(text).is_some()));
        }
        out
    }

    fn plan(_: Option<&NoClient>, draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "triggers");
        Ok(())
    }

    async fn read(_: &Ctx<NoClient>, _: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        Ok(prior.cloned())
    }

    async fn create(ctx: &Ctx<NoClient>, planned: Self, _: OpToken) -> Result<Self> {
        sleep(ctx, planned.create_duration.as_deref()).await?;
        Ok(Self { id: Some(calendar::text(calendar::now())?), ..planned })
    }

    async fn update(_: &Ctx<NoClient>, prior: Self, planned: Self, _: OpToken) -> Result<Self> {
        Ok(Self { id: prior.id, ..planned })
    }

    async fn delete(ctx: &Ctx<NoClient>, prior: Self, _: OpToken) -> Result<()> {
        sleep(ctx, prior.destroy_duration.as_deref()).await
    }

    /// From `CREATE_DURATION,DESTROY_DURATION`, either of which may be empty.
    async fn import(_: &Ctx<NoClient>, id: &str) -> Result<Option<Self>> {
        let (create, destroy) =
            id.split_once(',').ok_or_else(|| ProviderError::invalid("the import id is not CREATE_DURATION,DESTROY_DURATION"))?;
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Some(Self {
            create_duration: given(create),
            destroy_duration: given(destroy),
            triggers: None,
            id: Some(calendar::text(calendar::now())?),
        }))
    }

    async fn find(_: &Ctx<NoClient>, _: OpToken, _: &Self) -> Result<Option<Self>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::context::NoSink;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn sleeps_as_long_as_it_says() {
        let ctx = Ctx { client: Arc::new(()), sink: Arc::new(NoSink), timeout: None };
        let planned = Sleep { create_duration: Some("90s".into()), ..Sleep::default() };
        let started = Instant::now();
        let made = Sleep::create(&ctx, planned, OpToken::new()).await.expect("it wakes up");
        assert_eq!(started.elapsed().as_secs(), 90);
        Sleep::delete(&ctx, made, OpToken::new()).await.expect("no destroy_duration");
        assert_eq!(started.elapsed().as_secs(), 90);
    }
}
