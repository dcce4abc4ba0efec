//! The thread that writes one run. Writes are queued; the thread takes all there are, makes one transaction of them, one
//! fsync, and answers everyone who waits (group commit). The queue is bounded in number and in bytes, so memory stays
//! flat; who finds it full waits for the thread, which needs nobody to go on.

use crate::error::StateError;
use crate::journal::{Checkpoint, Intent};
use crate::record::Recorder;
use crate::rows::{Base, OutputRow, StateEdit};
use crate::run::RunEnd;
use crate::timing::{ReadRecord, Timing};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Where the queue is full: that many writes, or that many bytes.
const MAX_WRITES: usize = 2048;
const MAX_BYTES: usize = 2 << 20;
/// How long deferred writes may lie before the thread starts on its own account.
const LINGER: Duration = Duration::from_millis(20);

/// How much was written in how many transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterStats {
    /// Intents, checkpoints, outcomes and the like.
    pub writes: u64,
    /// Transactions, each with one fsync.
    pub transactions: u64,
}

/// What the end of a step carries, whether good or bad.
pub(crate) struct Ended {
    pub(crate) seq: u64,
    pub(crate) type_name: Arc<str>,
    pub(crate) action: Arc<str>,
    pub(crate) edits: Vec<StateEdit>,
    pub(crate) timing: Option<Timing>,
}

/// One write; it takes place whole or not at all.
pub(crate) enum Write {
    Intent(Box<Intent>),
    Checkpoint {
        seq: u64,
        checkpoint: Checkpoint,
    },
    Success {
        ended: Ended,
        duration: Duration,
    },
    Failure {
        ended: Ended,
        message: String,
        in_doubt: bool,
    },
    Read(Box<ReadRecord>),
    Edits(Vec<StateEdit>),
    Outputs(BTreeMap<String, OutputRow>),
    /// Some of them; none: it is removed.
    OutputChanges(BTreeMap<String, Option<OutputRow>>),
    Checks(String),
    /// What was written before came from a state file of that digest.
    TakenOver {
        base: Base,
        digest: String,
    },
    Finish(RunEnd),
}

type Answer = oneshot::Sender<Result<(), StateError>>;

#[derive(Default)]
struct State {
    writes: Vec<Write>,
    answers: Vec<Answer>,
    bytes: usize,
    /// Someone waits for what is queued.
    urgent: bool,
    /// Nothing more is taken: the run's end is queued, or its handles are gone.
    closed: bool,
    failed: Option<StateError>,
    stats: WriterStats,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    /// Told when there is something to write.
    work: Condvar,
    /// Told when there is room again.
    room: Condvar,
}

/// The queue's front end; dropping it writes what is queued and ends the thread.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(recorder: Recorder) -> Result<Self, StateError> {
        let queue = Arc::new(Queue::default());
        let theirs = queue.clone();
        let thread = std::thread::Builder::new()
            .name("state-writer".to_owned())
            .spawn(move || work(&theirs, recorder))
            .map_err(|e| StateError::Internal { doing: "starting the writer", detail: e.to_string() })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Queues a write and waits until it is on disk.
    pub(crate) async fn durable(&self, write: Write) -> Result<(), StateError> {
        let (answer, answered) = oneshot::channel();
        self.push(write, Some(answer));
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Queues a write; it becomes durable with or before the next durable one.
    pub(crate) fn deferred(&self, write: Write) {
        self.push(write, None);
    }

    pub(crate) fn check(&self) -> Result<(), StateError> {
        self.queue.lock().failed.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn stats(&self) -> WriterStats {
        self.queue.lock().stats
    }

    fn push(&self, write: Write, answer: Option<Answer>) {
        let weight = weight(&write);
        let mut state = self.queue.lock();
        while state.is_full() && !state.closed && state.failed.is_none() {
            state = self.queue.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(error) = state.refusal() {
            if let Some(answer) = answer {
                let _ = answer.send(Err(error)); // nobody may be waiting any more
            }
            return;
        }
        state.closed = matches!(write, Write::Finish(_));
        state.urgent |= answer.is_some();
        state.bytes += weight;
        state.writes.push(write);
        state.answers.extend(answer);
        // A deferred write wakes the thread only for the first of a batch and when the queue fills up.
        if state.urgent || state.writes.len() == 1 || state.is_half_full() {
            self.queue.work.notify_one();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.work.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic over there was already told to those who wait
        }
    }
}

impl State {
    fn is_full(&self) -> bool {
        self.writes.len() >= MAX_WRITES || self.bytes >= MAX_BYTES
    }
    fn is_half_full(&self) -> bool {
        self.writes.len() >= MAX_WRITES / 2 || self.bytes >= MAX_BYTES / 2
    }
    fn refusal(&self) -> Option<StateError> {
        self.failed.clone().or_else(|| self.closed.then_some(StateError::RunEnded))
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything queued, once it is worth a transaction; none when all is written and no more will come.
    fn take(&self) -> Option<(Vec<Write>, Vec<Answer>)> {
        let mut state = self.lock();
        while state.writes.is_empty() {
            if state.closed {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let patient = |s: &mut State| !s.urgent && !s.closed && !s.is_half_full();
        state = self.work.wait_timeout_while(state, LINGER, patient).unwrap_or_else(PoisonError::into_inner).0;
        state.urgent = false;
        state.bytes = 0;
        let taken = (std::mem::take(&mut state.writes), std::mem::take(&mut state.answers));
        self.room.notify_all();
        Some(taken)
    }

    fn fail(&self, error: &StateError) {
        let mut state = self.lock();
        state.failed.get_or_insert_with(|| error.clone());
        state.writes.clear();
        for answer in state.answers.drain(..) {
            let _ = answer.send(Err(error.clone())); // nobody may be waiting any more
        }
        self.room.notify_all();
    }
}

/// Tells everyone, should the thread come to an end that nobody foresaw.
struct Watch<'q>(&'q Queue);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(&stopped());
        }
    }
}

fn work(queue: &Queue, mut recorder: Recorder) {
    let _watch = Watch(queue);
    while let Some((writes, answers)) = queue.take() {
        let count = writes.len() as u64;
        let result = recorder.commit(writes);
        if let Err(error) = &result {
            queue.fail(error);
        } else {
            let mut state = queue.lock();
            state.stats.writes += count;
            state.stats.transactions += 1;
        }
        for answer in answers {
            let _ = answer.send(result.clone()); // nobody may be waiting any more
        }
        if result.is_err() {
            return;
        }
    }
}

fn stopped() -> StateError {
    StateError::Internal { doing: "writing", detail: "the writer stopped".to_owned() }
}

/// Roughly how much memory a write keeps while it waits, in bytes.
fn weight(write: &Write) -> usize {
    let output = |o: &OutputRow| 128 + o.value.len() + o.type_json.len();
    match write {
        Write::Intent(intent) => intent.weight(),
        Write::Checkpoint { checkpoint, .. } => 128 + checkpoint.partial.as_ref().map_or(0, String::len),
        Write::Success { ended, .. } | Write::Failure { ended, .. } => 256 + ended.edits.iter().map(StateEdit::weight).sum::<usize>(),
        Write::Edits(edits) => edits.iter().map(StateEdit::weight).sum(),
        Write::Outputs(outputs) => outputs.values().map(output).sum(),
        Write::OutputChanges(changes) => changes.values().map(|o| o.as_ref().map_or(128, output)).sum(),
        Write::Checks(results) => 64 + results.len(),
        Write::Read(_) => 256,
        Write::TakenOver { .. } | Write::Finish(_) => 64,
    }
}
