//! `time_offset`: a point in time a while from another.

use super::calendar::{self, Parts, Shift};
use crate::constraints::{at_least_one_of, fits};
use crate::state_only::{StateOnly, state_resource};
use crate::triggers::{self, Triggers};
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Draft, ProviderError, Shape};

/// A point in time a while from when it was created, or from a given one.
#[derive(Clone, Default, Shape)]
pub(crate) struct TimeOffset {
    /// Where to count from; when it was created if it is not set.
    #[attr(optional, computed)]
    base_rfc3339: Option<String>,
    /// How many years later, or earlier if it is negative.
    #[attr(optional)]
    offset_years: Option<i64>,
    /// How many months later, or earlier if it is negative.
    #[attr(optional)]
    offset_months: Option<i64>,
    /// How many days later, or earlier if it is negative.
    #[attr(optional)]
    offset_days: Option<i64>,
    /// How many hours later, or earlier if it is negative.
    #[attr(optional)]
    offset_hours: Option<i64>,
    /// How many minutes later, or earlier if it is negative.
    #[attr(optional)]
    offset_minutes: Option<i64>,
    /// How many seconds later, or earlier if it is negative.
    #[attr(optional)]
    offset_seconds: Option<i64>,
    /// The resource is replaced when one of these values changes.
    #[attr(optional, force_new)]
    triggers: Option<Triggers>,
    /// The point in time.
    #[attr(computed)]
    rfc3339: Option<String>,
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

const OFFSETS: [&str; 6] = ["offset_years", "offset_months", "offset_days", "offset_hours", "offset_minutes", "offset_seconds"];

/// What follows from the base and the offsets.
const RESULTS: [&str; 9] = ["rfc3339", "year", "month", "day", "hour", "minute", "second", "unix", "id"];

impl TimeOffset {
    fn shift(&self) -> Shift {
        Shift {
            years: self.offset_years,
            months: self.offset_months,
            days: self.offset_days,
            hours: self.offset_hours,
            minutes: self.offset_minutes,
            seconds: self.offset_seconds,
        }
    }

    /// Works out the point in time from the base and the offsets.
    fn worked_out(self) -> Result<Self> {
        let base = self.base_rfc3339.clone().map_or_else(|| calendar::text(calendar::now()), Ok)?;
        let at = self.shift().from(calendar::parse(&base)?)?;
        let Parts { year, month, day, hour, minute, second, unix } = Parts::of(at);
        let (id, rfc3339) = (Some(base.clone()), Some(calendar::text(at)?));
        Ok(Self { base_rfc3339: Some(base), rfc3339, year, month, day, hour, minute, second, unix, id, ..self })
    }
}

impl StateOnly for TimeOffset {
    const NAME: &'static str = "time_offset";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = at_least_one_of(config, &OFFSETS);
        out.extend(fits(config, "base_rfc3339", "an RFC 3339 timestamp", calendar::is_rfc3339));
        out
    }

    /// The results are known as soon as the base and the offsets are.
    fn plan(draft: &mut Draft) -> Result<()> {
        triggers::plan(draft, "triggers");
        let mut inputs = OFFSETS.iter().chain([&"base_rfc3339"]);
        if !draft.is_create() && !inputs.clone().any(|name| draft.changes(name)) {
            return Ok(());
        }
        let is_known = inputs.all(|name| draft.planned(name).is_known());
        let base_is_given = !draft.planned("base_rfc3339").is_null();
        let object = Self::from_value(&draft.planned).map_err(|e| ProviderError::invalid(e.to_string()))?;
        let results = (is_known && base_is_given).then(|| object.worked_out()).transpose()?.map(|o| o.to_value());
        for name in RESULTS {
            match results.as_ref().and_then(|object| object.get(name)) {
                Some(value) => draft.set(name, value),
                None => draft.set_unknown(name),
            }
        }
        Ok(())
    }

    async fn create(planned: Self) -> Result<Self> {
        planned.worked_out()
    }

    fn update(prior: Self, planned: Self) -> Result<Self> {
        let base_rfc3339 = planned.base_rfc3339.clone().or(prior.base_rfc3339);
        Self { base_rfc3339, ..planned }.worked_out()
    }

    /// From `BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS`.
    async fn import(id: &str) -> Result<Self> {
        let bad = || ProviderError::invalid("the import id is not BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS");
        let mut parts = id.split(',');
        let base_rfc3339 = parts.next().map(str::to_owned);
        let numbers = parts.map(|part| part.parse::<i64>().map_err(|_| bad())).collect::<Result<Vec<_>>>()?;
        let [years, months, days, hours, minutes, seconds] = numbers[..] else { return Err(bad()) };
        let set = |n: i64| (n != 0).then_some(n);
        let object = Self {
            base_rfc3339,
            offset_years: set(years),
            offset_months: set(months),
            offset_days: set(days),
            offset_hours: set(hours),
            offset_minutes: set(minutes),
            offset_seconds: set(seconds),
            ..Self::default()
        };
        object.worked_out()
    }
}

state_resource!(TimeOffset);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_of_the_offset_is_planned_with_its_result() {
        let prior = <TimeOffset as StateOnly>::import("2020-02-12T06:36:13Z,0,0,7,0,0,0").await.expect("well formed");
        assert_eq!(prior.rfc3339.as_deref(), Some("2020-02-19T06:36:13Z"));
        let planned = TimeOffset { offset_days: Some(8), ..prior.clone() }.to_value();
        let prior = Some(prior.to_value());
        let mut draft = Draft { prior, config: planned.clone(), planned, replace: Vec::new() };
        <TimeOffset as StateOnly>::plan(&mut draft).expect("in range");
        assert_eq!(draft.planned("rfc3339"), Value::string("2020-02-20T06:36:13Z"));
        assert_eq!(draft.planned("day"), Value::number(20_i64));
    }

    #[test]
    fn without_a_base_nothing_is_known_before() {
        let planned = TimeOffset { offset_days: Some(8), ..TimeOffset::default() }.to_value();
        let mut draft = Draft { prior: None, config: planned.clone(), planned, replace: Vec::new() };
        <TimeOffset as StateOnly>::plan(&mut draft).expect("in range");
        assert!(!draft.planned("rfc3339").is_known() && !draft.planned("id").is_known());
    }
}
