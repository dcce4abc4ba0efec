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
        tokio::time::sleep(SETTLE).await;
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

/// A service that bears so many calls a second: a bucket of as many tokens, filled at that rate, as EC2 describes its own.
struct Service {
    bears: AtomicUsize,
    /// Tokens, and when they were counted.
    bucket: std::sync::Mutex<(f64, Instant)>,
    refused: AtomicUsize,
}

impl Service {
    fn new(bears: usize) -> Self {
        Self { bears: AtomicUsize::new(bears), bucket: std::sync::Mutex::new((0.0, Instant::now())), refused: AtomicUsize::new(0) }
    }

    fn has_room(&self) -> bool {
        let bears = f64::from(u32::try_from(self.bears.load(Ordering::Relaxed)).expect("small"));
        let mut bucket = self.bucket.lock().expect("no panic");
        *bucket = ((bucket.0 + bucket.1.elapsed().as_secs_f64() * bears).min(bears), Instant::now());
        let room = bucket.0 >= 1.0;
        bucket.0 -= f64::from(u8::from(room));
        room
    }

    async fn call(&self) -> Result<()> {
        let room = self.has_room();
        tokio::time::sleep(Duration::from_millis(20)).await;
        if !room {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return throttled().await;
        }
        Ok(())
    }

    /// Makes so many calls, each again until it goes through. Seconds, and how many were refused.
    async fn serve(&self, limiter: &Limiter, calls: usize) -> (f64, usize) {
        let (began, before) = (Instant::now(), self.refused.load(Ordering::Relaxed));
        let one = || async { while limiter.run(self.call()).await.is_err() {} };
        join_all((0..calls).map(|_| one())).await;
        (began.elapsed().as_secs_f64(), self.refused.load(Ordering::Relaxed) - before)
    }
}

#[tokio::test(start_paused = true)]
async fn the_pace_follows_what_a_service_bears_down_and_up_again() {
    let limiter = Limiter::new(Limits { concurrency: 64, rate: 200.0, floor: 1.0, burst: 10, recovery: 10.0 });
    let service = Service::new(20);
    service.serve(&limiter, 200).await;
    // Slowed down: nearly as fast as the service bears, and few calls are refused.
    let (seconds, refused) = service.serve(&limiter, 400).await;
    assert!(seconds < 28.0 && refused < 150, "400 calls took {seconds} s, {refused} were refused");
    assert!(limiter.rate() < 50.0, "{}", limiter.rate());
    // Recovered: it bears more, and is asked for more.
    service.bears.store(1000, Ordering::Relaxed);
    let (_, refused) = service.serve(&limiter, 2500).await;
    assert!(refused == 0 && limiter.rate() > 150.0, "{} a second, {refused} were refused", limiter.rate());
}
