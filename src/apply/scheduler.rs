//! Who starts when: a step starts as soon as what it waits for is done, the longest remaining chain first, never more
//! at a time than asked for. When something fails, what depends on it is not started and everything else goes on.

use super::step::{Answer, Shared};
use crate::event::{Listener, Summary};
use crate::plan::compile::Compiled;
use crate::plan::ephemeral::{Opened, close};
use crate::plan::steps::Work;
use crate::plan::values::NodeId;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use levee_model::{Diagnostics, ProviderAddr, Value};
use levee_sdk::{Configured, ProviderError};
use levee_state::{Run, StateError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What became of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was done.
    pub summary: Summary,
    /// What failed.
    pub diagnostics: Diagnostics,
    /// Whether it was told to stop before it was through.
    pub interrupted: bool,
    /// Set when the state could not be written: nothing more was started.
    pub state_error: Option<StateError>,
    /// By step: whether it, and all that it waited for, is done.
    done: Vec<bool>,
}

impl Outcome {
    /// Whether a value stands for what is: all that it was to come from has been carried out.
    pub fn is_settled(&self, node: NodeId) -> bool {
        self.done.get(node.0 as usize) == Some(&true)
    }
}

/// What a step that was waited for brings back.
pub(super) enum Done {
    Object(Answer),
    Data(Result<Value, ProviderError>, Value, Duration),
    Opened(Result<Opened, ProviderError>, Value),
    Provider(ProviderAddr, Value, Result<Arc<dyn Configured>, ProviderError>),
}

pub(super) type Running = BoxFuture<'static, (u32, Done)>;

/// What beginning a step leads to.
pub(super) enum Begun {
    /// It is done already.
    Done,
    /// It failed before anything was called.
    Failed,
    /// It is waited for.
    Running(Running),
}

pub(super) struct Scheduler<'a> {
    pub(super) compiled: &'a mut Compiled,
    pub(super) shared: Shared,
    waits: Vec<u32>,
    failed: Vec<bool>,
    ready: BinaryHeap<(u32, Reverse<u32>)>,
    running: FuturesUnordered<Running>,
    pub(super) outcome: Outcome,
    /// Ephemeral objects that are open.
    pub(super) opened: Vec<Opened>,
    pub(super) next_seq: u64,
}

/// Carries the steps out, as far as they go.
pub async fn carry_out(
    compiled: &mut Compiled,
    run: Run,
    listener: Listener,
    parallelism: usize,
    mut interrupt: watch::Receiver<bool>,
) -> Outcome {
    compiled.world.applying = true;
    let waits = compiled.steps.waits.clone();
    let failed = vec![false; waits.len()];
    let weight = |i: u32| compiled.steps.weight[i as usize];
    let first = (0u32..).zip(&waits).filter(|(_, w)| **w == 0).map(|(i, _)| (weight(i), Reverse(i))).collect();
    let shared = Shared { run, listener, interrupt: interrupt.clone() };
    let outcome = Outcome { done: vec![false; waits.len()], ..Outcome::default() };
    let mut scheduler = Scheduler {
        compiled,
        shared,
        waits,
        failed,
        ready: first,
        running: FuturesUnordered::new(),
        outcome,
        opened: Vec::new(),
        next_seq: 0,
    };
    scheduler.work(parallelism.max(1), &mut interrupt).await;
    let opened = std::mem::take(&mut scheduler.opened);
    scheduler.outcome.diagnostics.extend(close(opened).await);
    scheduler.outcome
}

impl Scheduler<'_> {
    async fn work(&mut self, parallelism: usize, interrupt: &mut watch::Receiver<bool>) {
        loop {
            while self.running.len() < parallelism && !self.stopped(interrupt) {
                let Some((_, Reverse(step))) = self.ready.pop() else { break };
                match self.begin(step) {
                    Begun::Done => self.complete(step, false),
                    Begun::Failed => {
                        self.outcome.summary.failed += usize::from(self.is_effect(step as usize));
                        self.complete(step, true);
                    }
                    Begun::Running(running) => self.running.push(running),
                }
            }
            let Some((step, done)) = self.running.next().await else { break };
            let done = match done {
                Done::Object(Answer::Provisioning(p)) => {
                    let going_on = self.provision(step, p);
                    self.running.push(going_on);
                    continue;
                }
                done => done,
            };
            let ok = self.accept(step, done);
            self.complete(step, !ok);
        }
        // Asked to stop when nothing was left to be started: that is the end as planned.
        let left = !self.ready.is_empty() || self.waits.iter().any(|w| *w > 0);
        if left {
            self.outcome.interrupted = *interrupt.borrow();
            self.outcome.summary.skipped += self.unstarted();
        }
    }

    fn stopped(&self, interrupt: &watch::Receiver<bool>) -> bool {
        *interrupt.borrow() || self.outcome.state_error.is_some()
    }

    /// Whether a step does something to an object. Reading does not count: nobody misses it afterwards.
    fn is_effect(&self, step: usize) -> bool {
        matches!(self.compiled.steps.work[step], Work::Create(_) | Work::Update(_) | Work::Delete(_))
    }

    /// Steps with an effect that still wait. The two steps of a replacement count each.
    fn unstarted(&self) -> usize {
        let ready = self.ready.iter().filter(|(_, Reverse(i))| self.is_effect(*i as usize)).count();
        ready + (0..self.waits.len()).filter(|i| self.waits[*i] > 0 && self.is_effect(*i)).count()
    }

    /// Lets go what waited for a step. What waited for a failed one counts as failed, and is not started.
    fn complete(&mut self, step: u32, failed: bool) {
        let mut stack = vec![(step, failed || self.failed[step as usize])];
        while let Some((step, failed)) = stack.pop() {
            self.outcome.done[step as usize] = !failed;
            let dependents = std::mem::take(&mut self.compiled.steps.dependents[step as usize]);
            for next in dependents {
                let i = next as usize;
                self.failed[i] |= failed;
                self.waits[i] -= 1;
                if self.waits[i] > 0 {
                    continue;
                }
                if self.failed[i] {
                    self.outcome.summary.skipped += usize::from(self.is_effect(i));
                    stack.push((next, true));
                } else if self.compiled.steps.work[i] == Work::Pass {
                    stack.push((next, false));
                } else {
                    self.ready.push((self.compiled.steps.weight[i], Reverse(next)));
                }
            }
        }
    }
}
