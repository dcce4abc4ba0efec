//! Points in time as attributes hold them: RFC 3339, in UTC, to the second.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// As in `2026-11-21T07:36:00Z`; empty for times beyond the year 9999.
pub fn rfc3339(at: &DateTime) -> String {
    DateTime::from_secs(at.secs()).fmt(Format::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_second_are_left_out() {
        assert_eq!(rfc3339(&DateTime::from_millis(1_700_000_000_999)), "2023-11-14T22:13:20Z");
    }
}
