//! How fast a service may be asked, learned from its answers.
//!
//! A limiter bounds the calls in flight and the calls per second. When the service throttles, the rate is halved; each
//! success adds a little again. Calls that were in flight together and are throttled together halve it once, and so do those
//! that start right after: what the service has too much of has to drain first.

use crate::error::{ErrorKind, Result};
use crate::meter::{self, Queue};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long a new rate is given to show whether it is low enough. Without it, one time too fast halves the rate until hardly
/// anything is left of it: against a service that bears 20 calls a second, 400 calls took 45 s, and take about half of that with it.
const SETTLE: Duration = Duration::from_millis(250);

/// The bounds within which a limiter adapts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Most calls in flight.
    pub concurrency: usize,
    /// Most calls per second, and where it starts.
    pub rate: f64,
    /// Least calls per second, however often it is throttled.
    pub floor: f64,
    /// Calls that may be made at once after a quiet time.
    pub burst: u32,
    /// By how many calls per second the rate grows in a second of successes.
    pub recovery: f64,
}

impl Limits {
    /// Bounds for a service of which so many calls may be in flight and be made a second.
    pub fn new(concurrency: usize, rate: f64) -> Self {
        Self { concurrency, rate, floor: 1.0_f64.min(rate), burst: 10, recovery: rate / 20.0 }
    }
}

/// Paces the calls to one service. Cheap to clone; clones share their pace.
#[derive(Clone, Debug)]
pub struct Limiter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    limits: Limits,
    permits: Arc<Semaphore>,
    pace: Mutex<PaceState>,
}

#[derive(Debug)]
struct PaceState {
    rate: f64,
    /// When the next call is due if calls come without pause.
    next: Instant,
    /// When the rate was last halved: calls that started before that say nothing about the new rate.
    halved: Option<Instant>,
}

/// Leave to make one call; hold it as long as the call is in flight.
#[derive(Debug)]
pub struct Permit {
    _permit: Option<OwnedSemaphorePermit>,
    started: Instant,
}

impl Limiter {
    /// A limiter at its greatest rate.
    pub fn new(limits: Limits) -> Self {
        let now = Instant::now();
        let pace = PaceState { rate: limits.rate, next: now, halved: None };
        let permits = Arc::new(Semaphore::new(limits.concurrency.max(1)));
        Self { inner: Arc::new(Inner { limits, permits, pace: Mutex::new(pace) }) }
    }

    /// Waits for leave to make a call.
    pub async fn acquire(&self) -> Permit {
        let permit = meter::limited(self.queue(), async {
            // The semaphore is never closed; if it were, calling without a permit beats not calling.
            let permit = self.inner.permits.clone().acquire_owned().await.ok();
            let due = self.reserve();
            if due > Instant::now() {
                tokio::time::sleep_until(due).await;
            }
            permit
        });
        Permit { _permit: permit.await, started: Instant::now() }
    }

    /// What those wait in that wait for leave.
    pub fn queue(&self) -> Queue {
        Queue(Arc::as_ptr(&self.inner).addr())
    }

    /// Pauses before a call is made again that was not let through.
    pub async fn pause(&self, length: Duration) {
        meter::pause(self.queue(), length).await;
    }

    /// Takes the next free slot.
    fn reserve(&self) -> Instant {
        let limits = &self.inner.limits;
        let mut pace = self.lock();
        let now = Instant::now();
        let between = Duration::from_secs_f64(1.0 / pace.rate);
        let saved = between * limits.burst.saturating_sub(1);
        let earliest = now.checked_sub(saved).unwrap_or(now);
        let due = pace.next.max(earliest);
        pace.next = due + between;
        due.max(now)
    }

    /// Notes that the call with this permit was throttled.
    pub fn throttled(&self, permit: &Permit) {
        let mut pace = self.lock();
        if pace.halved.is_none_or(|at| permit.started >= at + SETTLE) {
            pace.rate = (pace.rate / 2.0).max(self.inner.limits.floor);
            let now = Instant::now();
            pace.halved = Some(now);
            // What was saved up for a burst is gone.
            pace.next = pace.next.max(now);
        }
    }

    /// Notes that the call with this permit went through.
    pub fn succeeded(&self, _permit: &Permit) {
        let limits = &self.inner.limits;
        let mut pace = self.lock();
        pace.rate = (pace.rate + limits.recovery / pace.rate).min(limits.rate);
    }

    /// The present rate, in calls per second.
    pub fn rate(&self) -> f64 {
        self.lock().rate
    }

    /// Makes a call with leave, and learns from its answer. It is not repeated.
    pub async fn run<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let permit = self.acquire().await;
        let answer = call.await;
        match &answer {
            Err(error) if error.kind == ErrorKind::Throttled => self.throttled(&permit),
            Err(_) => {}
            Ok(_) => self.succeeded(&permit),
        }
        answer
    }

    fn lock(&self) -> MutexGuard<'_, PaceState> {
        // Nothing panics under the lock, and any numbers in it are usable.
        self.inner.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
