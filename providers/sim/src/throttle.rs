//! How many calls are let through: a bucket of tokens.

use crate::provider_block;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// A bucket that fills as time goes by.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: f64,
    size: f64,
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full one.
    #[expect(clippy::cast_precision_loss, reason = "nobody wants a burst of more than 2^52 calls")]
    pub(crate) fn new(throttle: &provider_block::Throttle) -> Self {
        let size = throttle.burst.unwrap_or(1).max(1) as f64;
        Self { rate: throttle.rate.unwrap_or(1.0).max(0.001), size, level: Mutex::new((size, Instant::now())) }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&self) -> bool {
        // Nothing panics under the lock.
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let filled = (level.0 + now.duration_since(level.1).as_secs_f64() * self.rate).min(self.size);
        let taken = filled >= 1.0;
        *level = (if taken { filled - 1.0 } else { filled }, now);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_the_rate() {
        let bucket = Bucket::new(&provider_block::Throttle { rate: Some(10.0), burst: Some(3) });
        let taken = || (0..10).filter(|_| bucket.take()).count();
        assert_eq!(taken(), 3);
        tokio::time::advance(Duration::from_millis(205)).await;
        assert_eq!(taken(), 2);
    }
}
