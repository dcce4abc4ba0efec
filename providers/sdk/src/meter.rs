//! How much of an operation's time went into waiting for leave and into trying again: a provider's limiters and retries tell
//! it here, and whoever started the operation reads it afterwards. Nothing is passed along: the meter goes with the task.
//!
//! Whoever bounds how many operations go on at a time is told of such a wait while it lasts, too: what only waits for its turn
//! at a service needs no place among those that do something.
//!
//! What an operation leaves to another task (a batch that is read for many) is not seen.

use futures::future::BoxFuture;
use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

tokio::task_local! {
    static METER: Meter;
}

struct Meter {
    lost: Cell<Lost>,
    place: Option<Arc<dyn Place>>,
}

/// Time that was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Waiting for a limiter's leave to make a call.
    pub limited: Duration,
    /// Pauses before calls were tried again.
    pub paused: Duration,
    /// How many calls were tried again.
    pub repeats: u32,
}

/// Which limiter is waited at; clones of a limiter are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Queue(pub usize);

/// An operation's place among those that go on at a time.
pub trait Place: Send + Sync {
    /// The operation waits in a queue, and needs its place no more.
    fn leave(&self, queue: Queue);
    /// Its turn has come: ready when it has a place again.
    fn take(&self) -> BoxFuture<'_, ()>;
}

/// Carries an operation out, and tells what it lost. Others may have its place, if it has one, while it waits for its turn.
pub async fn measured<T>(place: Option<Arc<dyn Place>>, operation: impl Future<Output = T>) -> (T, Lost) {
    let scope = METER.scope(Meter { lost: Cell::default(), place }, async {
        let answer = operation.await;
        (answer, METER.with(|meter| meter.lost.get()))
    });
    scope.await
}

/// Waits for a limiter's leave, and notes how long. Outside of an operation nobody wants to know.
pub async fn limited<T>(queue: Queue, leave: impl Future<Output = T>) -> T {
    let asked = Instant::now();
    let answer = aside(queue, leave).await;
    note(|lost| Lost { limited: lost.limited + asked.elapsed(), ..lost });
    answer
}

/// Pauses before a call is tried again that the service did not want.
pub async fn pause(queue: Queue, length: Duration) {
    aside(queue, tokio::time::sleep(length)).await;
    paused(length);
}

/// Notes a pause before a call is tried again.
pub fn paused(pause: Duration) {
    note(|lost| Lost { paused: lost.paused + pause, repeats: lost.repeats + 1, ..lost });
}

/// Waits without a place, if there is something to be waited for at all.
async fn aside<T>(queue: Queue, wait: impl Future<Output = T>) -> T {
    let mut wait = std::pin::pin!(wait);
    if let std::task::Poll::Ready(at_once) = futures::poll!(wait.as_mut()) {
        return at_once;
    }
    let place = METER.try_with(|meter| meter.place.clone()).ok().flatten();
    let Some(place) = place else { return wait.await };
    place.leave(queue);
    let answer = wait.await;
    place.take().await;
    answer
}

fn note(change: impl FnOnce(Lost) -> Lost) {
    // The error says that no operation is measured.
    let _ = METER.try_with(|meter| meter.lost.set(change(meter.lost.get())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limiter::{Limiter, Limits};
    use futures::future::join;

    #[tokio::test(start_paused = true)]
    async fn operations_side_by_side_are_told_apart() {
        let limiter = Limiter::new(Limits { concurrency: 1, rate: 1000.0, floor: 1.0, burst: 10, recovery: 5.0 });
        let operation = |seconds| {
            let limiter = limiter.clone();
            measured(None, async move {
                let permit = limiter.acquire().await;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                drop(permit);
                if seconds == 3 {
                    paused(Duration::from_millis(20));
                }
                seconds
            })
        };
        let (first, second) = join(operation(3), operation(1)).await;
        let repeated = Lost { limited: Duration::ZERO, paused: Duration::from_millis(20), repeats: 1 };
        assert_eq!(first, (3, repeated));
        assert_eq!((second.0, second.1.limited.as_secs(), second.1.repeats), (1, 3, 0));
        paused(Duration::from_secs(1));
    }
}
