//! Durations as Go's programs read and write them: `10s`, `1m30s`, `1.5h`.

use std::time::Duration;

/// Reads a duration; `Err` says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration: write a number and a unit, such as 30s or 1m30s");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let units = [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
        let (unit, factor) = units.iter().find(|(unit, _)| unit_end(rest) == *unit).ok_or_else(wrong)?;
        seconds += number * factor;
        rest = &rest[unit.len()..];
    }
    if text.is_empty() { Err(wrong()) } else { Duration::try_from_secs_f64(seconds).map_err(|_| wrong()) }
}

fn unit_end(rest: &str) -> &str {
    &rest[..rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len())]
}

/// Whole seconds: `0s`, `1m30s`, `1h0m5s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let all = (duration + Duration::from_millis(500)).as_secs();
    match (all / 3600, all % 3600 / 60, all % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_reads_and_writes_them() {
        for (text, millis) in [("10s", 10_000), ("1m30s", 90_000), ("0", 0), ("1.5h", 5_400_000), ("250ms", 250), ("1h0m0.5s", 3_600_500)] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "10x", "-1s", "1m30", "1..5s"] {
            assert!(parse(text).is_err(), "{text}");
        }
        for (millis, text) in [(400, "0s"), (59_600, "1m0s"), (90_000, "1m30s"), (3_605_000, "1h0m5s")] {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }
}
