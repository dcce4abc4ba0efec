//! How long a call takes.

use crate::provider_block::Latency;
use crate::random::Random;
use std::time::Duration;

/// The names of the distributions.
pub(crate) const DISTRIBUTIONS: &[&str] = &["fixed", "uniform", "lognormal"];

/// The longest that any call takes: what a distribution yields beyond it is cut off.
const LONGEST_MS: f64 = 86_400_000.0;

/// How long the `nth` call of this kind about this object takes.
pub(crate) fn of(blocks: &[Latency], seed: u64, key: [&str; 3], nth: u64) -> Duration {
    let [type_name, name, action] = key;
    let wanted = |filter: &Option<String>, is: &str| filter.as_deref().is_none_or(|wanted| wanted == is);
    let fitting = blocks.iter().find(|block| wanted(&block.type_name, type_name) && wanted(&block.action, action));
    let Some(block) = fitting else { return Duration::ZERO };
    let ms = block.ms.unwrap_or_default();
    let mut random = Random::keyed(seed, &["latency", type_name, name, action, &nth.to_string()]);
    let drawn = match block.distribution.as_deref() {
        Some("uniform") => ms + random.share() * (block.up_to_ms.unwrap_or(ms) - ms).max(0.0),
        Some("lognormal") => ms * (block.sigma.unwrap_or(0.5) * random.normal()).exp(),
        _ => ms,
    };
    Duration::from_secs_f64(drawn.clamp(0.0, LONGEST_MS) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn distributions_are_what_they_say_and_the_first_that_fits_counts() {
        let block = |type_name: &str, distribution: &str| Latency {
            type_name: Some(type_name.to_owned()),
            distribution: Some(distribution.to_owned()),
            ms: Some(10.0),
            up_to_ms: Some(30.0),
            ..Latency::default()
        };
        let blocks = [block("f", "fixed"), block("u", "uniform"), block("l", "lognormal"), block("l", "fixed")];
        let drawn = |t: &str| (0..1001).map(|n| of(&blocks, 7, [t, "n", "create"], n).as_secs_f64() * 1000.0).collect::<Vec<_>>();
        assert!(drawn("f").iter().all(|ms| (ms - 10.0).abs() < 1e-6));
        let uniform = drawn("u");
        assert!(uniform.iter().all(|ms| (10.0..30.0).contains(ms)));
        assert!((uniform.iter().sum::<f64>() / uniform.len() as f64 - 20.0).abs() < 1.0);
        let mut lognormal = drawn("l");
        lognormal.sort_by(f64::total_cmp);
        assert!((8.5..11.5).contains(&lognormal[500]), "the median is {}", lognormal[500]);
        assert!(lognormal[950] > 18.0, "it has a long tail");
        assert_eq!(of(&blocks, 7, ["u", "n", "create"], 3), of(&blocks, 7, ["u", "n", "create"], 3));
        assert_eq!(of(&blocks, 7, ["x", "n", "create"], 3), Duration::ZERO);
    }
}
