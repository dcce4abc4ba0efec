//! Durations as arguments write them: `30s`, `1.5h`.

use std::time::Duration;

/// A number and one of ms, s, m, h; `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let is_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        let millis = |text| parse(text).map(|d| d.as_millis());
        assert_eq!(["250ms", "30s", "2m", "1.5h"].map(millis), [Some(250), Some(30_000), Some(120_000), Some(5_400_000)]);
        for bad in ["", "30", "s", "-1s", "1.s", ".5s", "1m30s", "1d", "1 s", "1e3s"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
