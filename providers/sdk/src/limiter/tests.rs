//! Pacing in paused time.

use super::*;
use crate::error::ProviderError;
use futures::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};

fn limiter(concurrency: usize, rate: f64, burst: u32) -> Limiter {
    Limiter::new(Limits { concurrency, rate, floor: 1.0, burst, recovery: 5.0 })
}

#[expect(clippy::unused_async, reason = "stands for a call")]
async fn throttled() -> Result<()> {
    Err(ProviderError::new(ErrorKind::Throttled, "slow down"))
}

#[expect(clippy::unused_async, reason = "stands for a call")]
async fn fine() -> Result<()> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_burst_are_spread_over_time() {
    let limiter = limiter(100, 10.0, 5);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let started = Instant::now();
    join_all((0..25).map(|_| limiter.run(fine()))).await;
    let took = started.elapsed().as_secs_f64();
    assert!((1.9..2.2).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_in_flight_than_allowed() {
    let limiter = limiter(3, 1000.0, 100);
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let call = || async {
        most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
        now.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    };
    join_all((0..20).map(|_| limiter.run(call()))).await;
    assert_eq!(most.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
#[expect(clippy::float_cmp, reason = "halves are exact")]
async fn throttling_halves_the_rate_down_to_the_floor() {
    let limiter = limiter(10, 8.0, 1);
    for wanted in [4.0, 2.0, 1.0, 1.0] {
        limiter.run(throttled()).await.expect_err("throttled");
        assert_eq!(limiter.rate(), wanted);
    }
}

#[tokio::test(start_paused = true)]
#[expect(clippy::float_cmp, reason = "halves are exact")]
async fn calls_throttled_together_halve_it_once() {
    let limiter = limiter(10, 80.0, 10);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let permits = join_all((0..10).map(|_| limiter.acquire())).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    for permit in &permits {
        limiter.throttled(permit);
    }
    assert_eq!(limiter.rate(), 40.0);
}

#[tokio::test(start_paused = true)]
async fn successes_bring_the_rate_back_but_not_above_its_start() {
    let limiter = limiter(10, 20.0, 1);
    limiter.run(throttled()).await.expect_err("throttled");
    limiter.run(fine()).await.expect("fine");
    let after_one = limiter.rate();
    assert!(after_one > 10.0 && after_one < 20.0, "{after_one}");
    for _ in 0..100 {
        limiter.run(fine()).await.expect("fine");
    }
    assert!((limiter.rate() - 20.0).abs() < 1e-9);
}
