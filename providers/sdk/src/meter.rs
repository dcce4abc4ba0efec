//! How much of an operation's time went into waiting for leave and into trying again: a provider's limiters and retries tell
//! it here, and whoever started the operation reads it afterwards. Nothing is passed along: the meter goes with the task.
//!
//! What an operation leaves to another task (a batch that is read for many) is not seen.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

tokio::task_local! {
    static METER: Cell<Lost>;
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

/// Carries an operation out, and tells what it lost.
pub async fn measured<T>(operation: impl Future<Output = T>) -> (T, Lost) {
    let scope = METER.scope(Cell::default(), async {
        let answer = operation.await;
        (answer, METER.with(Cell::get))
    });
    scope.await
}

/// Notes a wait for a limiter. Outside of an operation nobody wants to know.
pub fn limited(wait: Duration) {
    note(|lost| Lost { limited: lost.limited + wait, ..lost });
}

/// Notes a pause before a call is tried again.
pub fn paused(pause: Duration) {
    note(|lost| Lost { paused: lost.paused + pause, repeats: lost.repeats + 1, ..lost });
}

fn note(change: impl FnOnce(Lost) -> Lost) {
    // The error says that no operation is measured.
    let _ = METER.try_with(|meter| meter.set(change(meter.get())));
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
            measured(async move {
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
