//! Random numbers that can be drawn again.

use std::time::{SystemTime, UNIX_EPOCH};

/// A generator (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    /// From a number.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// From `LEVEE_SEED`, or from the clock.
    pub(crate) fn new() -> (Self, u64) {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| u64::from(d.subsec_nanos()));
        let seed = std::env::var("LEVEE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(now);
        (Self::of(seed), seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}
