//! Points in time: the clock, RFC 3339 texts, and steps in calendar units.

use levee_sdk::ProviderError;
use levee_sdk::error::Result;
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// Now, in whole seconds of UTC. The only place of this crate that reads the clock.
pub(super) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().replace_nanosecond(0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Whether a text is a point in time.
pub(super) fn is_rfc3339(text: &str) -> bool {
    parse(text).is_ok()
}

/// Reads an RFC 3339 text, into UTC.
pub(super) fn parse(text: &str) -> Result<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(|at| at.to_offset(UtcOffset::UTC))
        .map_err(|_| ProviderError::invalid(format!("{text:?} is no RFC 3339 timestamp such as 2024-02-13T10:00:00Z")))
}

/// The RFC 3339 text, in UTC.
pub(super) fn text(at: OffsetDateTime) -> Result<String> {
    at.format(&Rfc3339).map_err(|_| out_of_range())
}

fn out_of_range() -> ProviderError {
    ProviderError::invalid("the point in time is beyond the years 0 to 9999")
}

/// The parts of a point in time, as attributes have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) year: Option<i64>,
    pub(super) month: Option<i64>,
    pub(super) day: Option<i64>,
    pub(super) hour: Option<i64>,
    pub(super) minute: Option<i64>,
    pub(super) second: Option<i64>,
    pub(super) unix: Option<i64>,
}

impl Parts {
    /// Takes it apart, in UTC.
    pub(super) fn of(at: OffsetDateTime) -> Self {
        Self {
            year: Some(at.year().into()),
            month: Some(u8::from(at.month()).into()),
            day: Some(at.day().into()),
            hour: Some(at.hour().into()),
            minute: Some(at.minute().into()),
            second: Some(at.second().into()),
            unix: Some(at.unix_timestamp()),
        }
    }
}

/// A step in calendar units; what is not set is zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shift {
    pub(super) years: Option<i64>,
    pub(super) months: Option<i64>,
    pub(super) days: Option<i64>,
    pub(super) hours: Option<i64>,
    pub(super) minutes: Option<i64>,
    pub(super) seconds: Option<i64>,
}

impl Shift {
    /// The point in time that lies a step from another. A day that the month does not have runs over into the next month,
    /// as in Terraform: a month after 31 January is 2 or 3 March.
    pub(super) fn from(self, at: OffsetDateTime) -> Result<OffsetDateTime> {
        self.checked(at).ok_or_else(out_of_range)
    }

    fn checked(self, at: OffsetDateTime) -> Option<OffsetDateTime> {
        let months_from_zero = i64::from(at.year())
            .checked_add(self.years.unwrap_or(0))?
            .checked_mul(12)?
            .checked_add(i64::from(u8::from(at.month())) - 1)?
            .checked_add(self.months.unwrap_or(0))?;
        let year = i32::try_from(months_from_zero.div_euclid(12)).ok()?;
        let month = u8::try_from(months_from_zero.rem_euclid(12) + 1).ok()?;
        let first = Date::from_calendar_date(year, Month::try_from(month).ok()?, 1).ok()?;
        let days = i64::from(at.day() - 1).checked_add(self.days.unwrap_or(0))?;
        let date = first.checked_add(span(days, 86_400)?)?;
        at.replace_date(date)
            .checked_add(span(self.hours.unwrap_or(0), 3600)?)?
            .checked_add(span(self.minutes.unwrap_or(0), 60)?)?
            .checked_add(span(self.seconds.unwrap_or(0), 1)?)
    }
}

fn span(count: i64, seconds: i64) -> Option<Duration> {
    count.checked_mul(seconds).map(Duration::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(from: &str, shift: Shift) -> String {
        let at = shift.from(parse(from).expect("a timestamp")).expect("in range");
        text(at).expect("in range")
    }

    #[test]
    fn steps_follow_the_calendar() {
        let months = |n| Shift { months: Some(n), ..Shift::default() };
        assert_eq!(shifted("2023-01-31T10:00:00Z", months(1)), "2023-03-03T10:00:00Z");
        assert_eq!(shifted("2024-01-31T10:00:00Z", months(1)), "2024-03-02T10:00:00Z");
        assert_eq!(shifted("2024-03-15T10:00:00Z", months(-3)), "2023-12-15T10:00:00Z");
        let years = Shift { years: Some(1), ..Shift::default() };
        assert_eq!(shifted("2024-02-29T00:00:00Z", years), "2025-03-01T00:00:00Z");
        let mixed = Shift { days: Some(-1), hours: Some(25), minutes: Some(-60), seconds: Some(5), ..Shift::default() };
        assert_eq!(shifted("2024-02-29T00:00:00Z", mixed), "2024-02-29T00:00:05Z");
    }

    #[test]
    fn far_away_is_refused() {
        for n in [i64::MAX, i64::MIN, 200_000] {
            let shift = Shift { years: Some(n), months: Some(n), days: Some(n), hours: Some(n), ..Shift::default() };
            assert!(shift.from(OffsetDateTime::UNIX_EPOCH).is_err(), "{n}");
        }
    }

    #[test]
    fn other_zones_become_utc() {
        let at = parse("2020-02-12T06:36:13+02:00").expect("a timestamp");
        assert_eq!(text(at).expect("in range"), "2020-02-12T04:36:13Z");
        assert_eq!(Parts::of(at).hour, Some(4));
        assert!(!is_rfc3339("2020-02-12"));
    }
}
