//! Durations as Go writes them: `10s`, `1m30s`, `1.5h`. Terraform's timeouts, sleeps and flags are written so.

use std::time::Duration;

const NANOS: i128 = 1_000_000_000;

/// A duration that is not negative; `Err` says what is wrong, in Go's words.
pub fn parse(text: &str) -> Result<Duration, String> {
    let nanos = parse_nanoseconds(text)?;
    u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| format!("time: invalid duration {text:?}"))
}

/// Nanoseconds of a duration like `-1h30m` or `1.5s`.
pub fn parse_nanoseconds(source: &str) -> Result<i128, String> {
    let invalid = || format!("time: invalid duration {}", format_args!("{source:?}"));
    let mut rest = source.strip_prefix(['-', '+']).unwrap_or(source);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0i128;
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (digits, after) = rest.split_at(number);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(invalid());
        }
        let unit_len = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_len);
        let size: i128 = match unit {
            "" => return Err(format!("time: missing unit in duration {}", format_args!("{source:?}"))),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => NANOS,
            "m" => 60 * NANOS,
            "h" => 3600 * NANOS,
            _ => return Err(format!("time: unknown unit {} in duration {}", format_args!("{unit:?}"), format_args!("{source:?}"))),
        };
        let parse = |digits: &str| if digits.is_empty() { Ok(0) } else { digits.parse::<i128>().map_err(|_| invalid()) };
        let fraction = &fraction[..fraction.len().min(18)];
        let scale = 10i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        total += parse(whole)?.checked_mul(size).ok_or_else(invalid)? + parse(fraction)? * size / scale;
        if total > i128::from(i64::MAX) {
            return Err(invalid());
        }
        rest = next;
    }
    Ok(if source.starts_with('-') { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_reads_them() {
        for (text, millis) in [("10s", 10_000), ("1m30s", 90_000), ("0", 0), ("1.5h", 5_400_000), ("250ms", 250), ("1h0m0.5s", 3_600_500)] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "10x", "-1s", "1m30", "1..5s"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse_nanoseconds("-1m"), Ok(-60 * NANOS));
    }
}
