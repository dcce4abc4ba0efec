//! Concurrent reads of one kind become one call for many ids.
//!
//! The first key opens a window of a few milliseconds; all keys asked for in it, up to the batch size, share one call. Keys
//! asked for after the call has left start a new one, so a read never sees what was true before it was asked.

use crate::error::{ErrorKind, ProviderError, Result};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the first key waits for others.
pub const WINDOW: Duration = Duration::from_millis(3);

/// What a batch call yields: found keys with their value or their own error; keys that are missing do not exist.
pub type Found<K, V> = BTreeMap<K, Result<V>>;

type Fetch<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Result<Found<K, V>>> + Send + Sync;
type Waiting<K, V> = BTreeMap<K, Vec<oneshot::Sender<Result<Option<V>>>>>;

/// Gathers keys and reads them together. Cheap to clone; clones share their batches.
pub struct Loader<K, V> {
    inner: Arc<Inner<K, V>>,
}

struct Inner<K, V> {
    fetch: Box<Fetch<K, V>>,
    max: usize,
    window: Duration,
    gathering: Mutex<Gathering<K, V>>,
}

struct Gathering<K, V> {
    waiting: Waiting<K, V>,
    /// Counts the batches taken, so that the timer of a window whose batch left early does not cut the next one short.
    batch: u64,
}

impl<K, V> Clone for Loader<K, V> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<K, V> Loader<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A loader over a call for up to `max` keys. Keys that are missing from its answer do not exist.
    pub fn new<F>(max: usize, fetch: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<BTreeMap<K, V>>> + Send + 'static,
    {
        Self::with_results(max, move |keys| {
            let found = fetch(keys);
            async move { Ok(found.await?.into_iter().map(|(key, value)| (key, Ok(value))).collect()) }
        })
    }

    /// Like [`Loader::new`], for a call that can fail for some of its keys.
    pub fn with_results<F>(max: usize, fetch: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Found<K, V>>> + Send + 'static,
    {
        let fetch: Box<Fetch<K, V>> = Box::new(move |keys| Box::pin(fetch(keys)));
        let gathering = Mutex::new(Gathering { waiting: BTreeMap::new(), batch: 0 });
        Self { inner: Arc::new(Inner { fetch, max: max.max(1), window: WINDOW, gathering }) }
    }

    /// Reads one key, together with all that are asked for at the same time. `None` when it does not exist.
    ///
    /// When the API refuses a whole batch as not found or invalid, the batch is halved until the key at fault stands alone.
    pub async fn load(&self, key: K) -> Result<Option<V>> {
        let (sender, receiver) = oneshot::channel();
        self.enqueue(key, sender);
        receiver.await.unwrap_or_else(|_| Err(ProviderError::new(ErrorKind::Bug, "the batch call did not answer")))
    }

    fn enqueue(&self, key: K, sender: oneshot::Sender<Result<Option<V>>>) {
        let inner = &self.inner;
        let mut gathering = inner.lock();
        let opens = gathering.waiting.is_empty();
        gathering.waiting.entry(key).or_default().push(sender);
        if gathering.waiting.len() >= inner.max {
            let full = gathering.take();
            drop(gathering);
            tokio::spawn(inner.clone().answer(full));
        } else if opens {
            let batch = gathering.batch;
            drop(gathering);
            tokio::spawn(inner.clone().close_window(batch));
        }
    }
}

impl<K, V> Gathering<K, V> {
    fn take(&mut self) -> Waiting<K, V> {
        self.batch += 1;
        std::mem::take(&mut self.waiting)
    }
}

impl<K, V> Inner<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn lock(&self) -> MutexGuard<'_, Gathering<K, V>> {
        // Nothing panics under the lock, and a map of senders is never half changed.
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn close_window(self: Arc<Self>, batch: u64) {
        tokio::time::sleep(self.window).await;
        let waiting = {
            let mut gathering = self.lock();
            if gathering.batch != batch {
                return;
            }
            gathering.take()
        };
        self.answer(waiting).await;
    }

    async fn answer(self: Arc<Self>, waiting: Waiting<K, V>) {
        let keys = waiting.keys().cloned().collect();
        let found = self.fetch_split(keys).await;
        for (key, senders) in waiting {
            let answer = found.get(&key).cloned().transpose();
            for sender in senders {
                // Who no longer listens has been cancelled.
                let _ = sender.send(answer.clone());
            }
        }
    }

    /// Fetches keys; a refusal that may be one key's fault is narrowed down to it by halving.
    fn fetch_split(&self, keys: Vec<K>) -> BoxFuture<'_, Found<K, V>> {
        Box::pin(async move {
            let error = match (self.fetch)(keys.clone()).await {
                Ok(found) => return found,
                Err(error) => error,
            };
            let one_may_be_at_fault = matches!(error.kind, ErrorKind::NotFound | ErrorKind::Invalid);
            if one_may_be_at_fault && keys.len() > 1 {
                let (left, right) = keys.split_at(keys.len() / 2);
                let halves = (self.fetch_split(left.to_vec()), self.fetch_split(right.to_vec()));
                let (mut found, more) = futures::future::join(halves.0, halves.1).await;
                found.extend(more);
                return found;
            }
            if error.is_not_found() {
                return Found::new();
            }
            keys.into_iter().map(|key| (key, Err(error.clone()))).collect()
        })
    }
}

#[cfg(test)]
mod tests;
