//! Durations as Go's programs read and write them: `10s`, `1m30s`, `1.5h`.

use std::time::Duration;

/// Reads a duration; `Err` says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    levee_model::duration::parse(text).map_err(|_| format!("{text:?} is no duration: write a number and a unit, such as 30s or 1m30s"))
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
    fn as_go_writes_them() {
        for (millis, text) in [(400, "0s"), (59_600, "1m0s"), (90_000, "1m30s"), (3_605_000, "1h0m5s")] {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }
}
