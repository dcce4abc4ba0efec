//! `time_rotating`: a point in time that is renewed after a while.

use super::calendar::{self, Parts, Shift};
use crate::constraints::{at_least, at_least_one_of, fits};
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};

/// A point in time that is made anew once its rotation is due.
#[derive(Clone, Default, Shape)]
pub(crate) struct Rotating {
    /// Where to count from; when it was created if it is not set.
    #[attr(optional, computed, force_new)]
    rfc3339: Option<String>,
    /// How many years later the rotation is.
    #[attr(optional)]
    rotation_years: Option<i64>,
    /// How many months later the rotation is.
    #[attr(optional)]
    rotation_months: Option<i64>,
    /// How many days later the rotation is.
    #[attr(optional)]
    rotation_days: Option<i64>,
    /// How many hours later the rotation is.
    #[attr(optional)]
    rotation_hours: Option<i64>,
    /// How many minutes later the rotation is.
    #[attr(optional)]
    rotation_minutes: Option<i64>,
    /// When the rotation is due; worked out if it is not set.
    #[attr(optional, computed)]
    rotation_rfc3339: Option<String>,
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
    /// Where it is counted from.
    #[attr(computed)]
    id: Option<String>,
}

const ROTATIONS: [&str; 6] =
    ["rotation_years", "rotation_months", "rotation_days", "rotation_hours", "rotation_minutes", "rotation_rfc3339"];

impl Rotating {
    fn shift(&self) -> Shift {
        Shift {
            years: self.rotation_years,
            months: self.rotation_months,
            days: self.rotation_days,
            hours: self.rotation_hours,
            minutes: self.rotation_minutes,
            ..Shift::default()
        }
    }

    fn has_shift(&self) -> bool {
        let Shift { years, months, days, hours, minutes, .. } = self.shift();
        [years, months, days, hours, minutes].iter().any(Option::is_some)
    }

    /// Works out the rotation and the parts. A rotation that is set counts if there are no lengths.
    fn worked_out(self) -> Result<Self> {
        let base = self.rfc3339.clone().map_or_else(|| calendar::text(calendar::now()), Ok)?;
        let at = calendar::parse(&base)?;
        let rotation = match &self.rotation_rfc3339 {
            Some(given) if !self.has_shift() => given.clone(),
            _ => calendar::text(self.shift().from(at)?)?,
        };
        let Parts { year, month, day, hour, minute, second, unix } = Parts::of(at);
        let id = Some(base.clone());
        let (rfc3339, rotation_rfc3339) = (Some(base), Some(rotation));
        Ok(Self { rfc3339, rotation_rfc3339, year, month, day, hour, minute, second, unix, id, ..self })
    }
}

impl StateOnly for Rotating {
    const NAME: &'static str = "time_rotating";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Until the rotation is due.
    fn is_current(&self) -> bool {
        let due = self.rotation_rfc3339.as_deref().and_then(|text| calendar::parse(text).ok());
        due.is_none_or(|due| calendar::now() < due)
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = at_least_one_of(config, &ROTATIONS);
        for name in &ROTATIONS[..5] {
            out.extend(at_least(config, name, 1));
        }
        for name in ["rfc3339", "rotation_rfc3339"] {
            out.extend(fits(config, name, "an RFC 3339 timestamp", calendar::is_rfc3339));
        }
        out
    }

    /// A changed length moves the rotation in place; a rotation given as a timestamp makes the resource anew.
    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "triggers");
        if draft.is_create() {
            return Ok(());
        }
        if !draft.config("rotation_rfc3339").is_null() {
            if draft.changes("rotation_rfc3339") {
                draft.force_replace("rotation_rfc3339");
            }
        } else if ROTATIONS[..5].iter().any(|name| draft.changes(name)) {
            draft.set_unknown("rotation_rfc3339");
        }
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        planned.worked_out()
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        let rfc3339 = planned.rfc3339.clone().or(prior.rfc3339);
        Self { rfc3339, ..planned }.worked_out()
    }

    /// From `BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES` or `BASE,ROTATION`.
    async fn import(id: &str) -> Result<Self> {
        let bad = || ProviderError::invalid("the import id is not BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES or BASE,ROTATION");
        let parts: Vec<&str> = id.split(',').collect();
        if let [base, rotation] = parts[..] {
            calendar::parse(rotation)?;
            let (rfc3339, rotation_rfc3339) = (Some(base.to_owned()), Some(rotation.to_owned()));
            return Self { rfc3339, rotation_rfc3339, ..Self::default() }.worked_out();
        }
        let [base, lengths @ ..] = &parts[..] else { return Err(bad()) };
        let lengths = lengths.iter().map(|part| part.parse::<i64>().map_err(|_| bad())).collect::<Result<Vec<_>>>()?;
        let [years, months, days, hours, minutes] = lengths[..] else { return Err(bad()) };
        let set = |n: i64| (n != 0).then_some(n);
        let object = Self {
            rfc3339: Some((*base).to_owned()),
            rotation_years: set(years),
            rotation_months: set(months),
            rotation_days: set(days),
            rotation_hours: set(hours),
            rotation_minutes: set(minutes),
            ..Self::default()
        };
        object.worked_out()
    }
}

state_resource!(Rotating);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_current_until_its_rotation() {
        let old = <Rotating as StateOnly>::import("2020-02-12T06:36:13Z,0,0,30,0,0").await.expect("well formed");
        assert_eq!(old.rotation_rfc3339.as_deref(), Some("2020-03-13T06:36:13Z"));
        assert!(!old.is_current());
        let planned = Rotating { rotation_days: Some(1), ..Rotating::default() };
        let new = <Rotating as StateOnly>::create(planned).await.expect("the clock runs");
        assert!(new.is_current());
    }

    #[tokio::test]
    async fn a_new_length_moves_the_rotation() {
        let prior = <Rotating as StateOnly>::import("2020-02-12T06:36:13Z,0,0,30,0,0").await.expect("well formed");
        let planned = Rotating { rotation_days: Some(31), rotation_rfc3339: None, ..prior.clone() };
        let new = <Rotating as StateOnly>::update(prior, planned).expect("in range");
        assert_eq!(new.rotation_rfc3339.as_deref(), Some("2020-03-14T06:36:13Z"));
    }
}
