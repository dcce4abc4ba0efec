//! `time_static`: a point in time that stays.

use super::calendar::{self, Parts};
use crate::constraints::fits;
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, Shape};

/// A point in time: when it was created, or a given one.
#[derive(Clone, Default, Shape)]
pub(crate) struct Static {
    /// The point in time; when it was created if it is not set.
    #[attr(optional, computed, force_new)]
    rfc3339: Option<String>,
    /// The resource is replaced when one of these values changes.
    #[attr(optional, force_new)]
    triggers: Option<Triggers>,
    /// Its year.
    #[attr(computed)]
    year: Option<i64>,
    /// Its month, from 1 on.
    #[attr(computed)]
    month: Option<i64>,
    /// Its day of the month.
    #[attr(computed)]
    day: Option<i64>,
    /// Its hour.
    #[attr(computed)]
    hour: Option<i64>,
    /// Its minute.
    #[attr(computed)]
    minute: Option<i64>,
    /// Its second.
    #[attr(computed)]
    second: Option<i64>,
    /// Seconds since 1970.
    #[attr(computed)]
    unix: Option<i64>,
    /// The point in time again.
    #[attr(computed)]
    id: Option<String>,
}

impl Static {
    fn at(rfc3339: String, triggers: Option<Triggers>) -> Result<Self> {
        let at = calendar::parse(&rfc3339)?;
        let Parts { year, month, day, hour, minute, second, unix } = Parts::of(at);
        let id = Some(rfc3339.clone());
        Ok(Self { rfc3339: Some(rfc3339), triggers, year, month, day, hour, minute, second, unix, id })
    }
}

impl StateOnly for Static {
    const NAME: &'static str = "time_static";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        fits(config, "rfc3339", "an RFC 3339 timestamp", calendar::is_rfc3339)
    }

    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "triggers");
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        let text = planned.rfc3339.map_or_else(|| calendar::text(calendar::now()), Ok)?;
        Self::at(text, planned.triggers)
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        Ok(Self { triggers: planned.triggers, ..prior })
    }

    async fn import(id: &str) -> Result<Self> {
        Self::at(id.to_owned(), None)
    }
}

state_resource!(Static);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_given_time_is_taken_apart() {
        let planned = Static { rfc3339: Some("2020-02-12T06:36:13Z".into()), ..Static::default() };
        let made = <Static as StateOnly>::create(planned).await.expect("a timestamp");
        assert_eq!((made.year, made.month, made.day, made.unix), (Some(2020), Some(2), Some(12), Some(1_581_489_373)));
        assert_eq!(made.id, made.rfc3339);
    }

    #[tokio::test]
    async fn now_is_the_default() {
        let made = <Static as StateOnly>::create(Static::default()).await.expect("the clock runs");
        assert!(made.unix.is_some_and(|unix| unix > 1_700_000_000));
    }
}
