//! How many steps go on at a time. Each has a place, and gives it up while it only waits for its turn at a service; then
//! others go on that have nothing to do with that service, and of its own no more than keep it busy.

use crate::plan::schedule::Lane;
use futures::future::BoxFuture;
use levee_sdk::meter::{Place, Queue};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How many steps wait in a queue before no more are sent there: enough that it does not run dry while the next one begins.
const ENOUGH: usize = 8;

/// All places.
pub(super) struct Places {
    room: Arc<Semaphore>,
    queues: Arc<Queues>,
}

#[derive(Default)]
struct Queues {
    by: Mutex<BTreeMap<Queue, Waiting>>,
    changed: Notify,
}

#[derive(Default)]
struct Waiting {
    count: usize,
    /// The lanes of which a step has ever waited here.
    lanes: BTreeSet<Lane>,
}

/// The place of one step. Dropped, it is free.
pub(super) struct StepPlace {
    lane: Lane,
    room: Arc<Semaphore>,
    queues: Arc<Queues>,
    state: Mutex<State>,
}

enum State {
    Held(#[expect(dead_code, reason = "it is a place for as long as it lives")] Option<OwnedSemaphorePermit>),
    Waiting(Queue),
}

impl Places {
    pub(super) fn new(parallelism: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(parallelism.clamp(1, Semaphore::MAX_PERMITS))), queues: Arc::default() }
    }

    /// Whether another step may begin.
    pub(super) fn has_room(&self) -> bool {
        self.room.available_permits() > 0
    }

    /// The lanes whose queues are long enough.
    pub(super) fn closed(&self) -> BTreeSet<Lane> {
        self.queues.lock().values().filter(|w| w.count >= ENOUGH).flat_map(|w| w.lanes.iter().copied()).collect()
    }

    /// A place for a step that takes time.
    pub(super) fn take(&self, lane: Lane) -> Arc<StepPlace> {
        // Whoever asks has seen that there is room, and nobody else takes it meanwhile.
        let permit = self.room.clone().try_acquire_owned().ok();
        Arc::new(StepPlace { lane, room: self.room.clone(), queues: self.queues.clone(), state: Mutex::new(State::Held(permit)) })
    }

    /// Ready when more may be begun than before.
    pub(super) async fn changed(&self) {
        self.queues.changed.notified().await;
    }
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Queue, Waiting>> {
        // Nothing panics under the lock.
        self.by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StepPlace {
    /// Sets the state. One fewer waits in the queue that the step was in.
    fn set(&self, state: State) {
        let before = std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state);
        if let State::Waiting(queue) = &before
            && let Some(waiting) = self.queues.lock().get_mut(queue)
        {
            waiting.count -= 1;
        }
    }
}

impl Place for StepPlace {
    fn leave(&self, queue: Queue) {
        {
            let mut queues = self.queues.lock();
            let waiting = queues.entry(queue).or_default();
            waiting.count += 1;
            waiting.lanes.insert(self.lane);
        }
        self.set(State::Waiting(queue));
        self.queues.changed.notify_one();
    }

    fn take(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            // The semaphore is never closed. Who waits for a place here goes before what has not begun.
            let permit = self.room.clone().acquire_owned().await.ok();
            self.set(State::Held(permit));
            self.queues.changed.notify_one();
        })
    }
}

impl Drop for StepPlace {
    fn drop(&mut self) {
        // Whoever ends a step looks for the next one anyway.
        self.set(State::Held(None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn who_waits_for_a_service_gives_its_place_up_and_goes_before_what_has_not_begun() {
        let places = Places::new(1);
        let first = places.take(1);
        assert!(!places.has_room());
        first.leave(Queue(7));
        assert!(places.has_room());
        let second = places.take(2);
        let mut back = first.take();
        assert!(back.as_mut().now_or_never().is_none());
        drop(second);
        assert!(!places.has_room(), "it is for the one that has begun");
        assert!(back.now_or_never().is_some());
        drop(first);
        assert!(places.has_room());
    }

    #[test]
    fn a_service_is_sent_no_more_than_keeps_it_busy() {
        let places = Places::new(1);
        let mut waiting: Vec<_> = (0..ENOUGH)
            .map(|_| {
                let place = places.take(1);
                place.leave(Queue(7));
                place
            })
            .collect();
        assert_eq!(places.closed(), BTreeSet::from([1]));
        waiting.pop();
        assert_eq!(places.closed(), BTreeSet::new());
        assert!(places.has_room());
    }
}
