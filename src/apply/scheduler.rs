//! Carries the steps out in time. Which one goes next, and what a failure stops, is decided by [`Agenda`], which knows no
//! time; here steps are begun, awaited and taken in, never more at a time than asked for, and it is told how it stands.

use super::clock::Clock;
use super::outlook::Rest;
use super::places::{Places, StepPlace};
use super::step::{Answer, Shared, Waited};
use crate::event::{Event, Listener, Outlook, StepKind, Subject, Summary};
use crate::plan::compile::Compiled;
use crate::plan::ephemeral::{Opened, close};
use crate::plan::refresh::Reread;
use crate::plan::schedule::{Agenda, Lane, Order, StepId, choose};
use crate::plan::steps::Work;
use crate::plan::values::NodeId;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use levee_model::{Diagnostics, InstanceAddr, ProviderAddr, Value};
use levee_sdk::meter::Place;
use levee_sdk::{Configured, ProviderError};
use levee_state::{Run, StateError, Timing};
use std::collections::BTreeMap;
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
    /// What was not started, in the order in which that was found out.
    pub undone: Vec<Undone>,
    /// By step: whether it, and all that it waited for, is done.
    done: Vec<bool>,
}

/// A step that was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The object.
    pub subject: Subject,
    /// What the step was to do.
    pub kind: StepKind,
    /// The object whose step failed, on which it depends; none if the run was told to stop.
    pub waited_for: Option<InstanceAddr>,
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
    Data(Result<Value, ProviderError>, Value, Timing),
    Opened(Result<Opened, ProviderError>, Value),
    Provider(ProviderAddr, Value, Result<Arc<dyn Configured>, ProviderError>),
    /// What is there of an object that could not be planned in full before.
    Reread(Reread),
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

/// What the scheduler waited for.
enum Next {
    /// A step brings something back.
    Ended(StepId, Done),
    /// More may be begun.
    Room,
    /// There is nothing to wait for.
    Nothing,
}

pub(super) struct Scheduler<'a> {
    pub(super) compiled: &'a mut Compiled,
    pub(super) shared: Shared,
    order: Arc<Order>,
    agenda: Agenda,
    /// By step: those whose provider asks the same service, as far as their types tell.
    lanes: Vec<Lane>,
    running: FuturesUnordered<Running>,
    rest: Rest,
    parallelism: usize,
    places: Places,
    /// Of the steps that are under way and take time.
    taken: BTreeMap<StepId, Arc<StepPlace>>,
    /// By step: when it ended, in microseconds of the run.
    ended: Vec<u64>,
    /// By step: its number in the journal, or that of the step before it which has one.
    recorded: Vec<Option<u64>>,
    pub(super) outcome: Outcome,
    /// Ephemeral objects that are open.
    pub(super) opened: Vec<Opened>,
    next_seq: u64,
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
    let order = compiled.steps.order.clone();
    let choice = choose(&order, parallelism);
    let count = order.waits.len();
    let lanes = lanes(compiled);
    let next_seq = run.first_seq();
    let mut scheduler = Scheduler {
        compiled,
        shared: Shared { run, listener, interrupt: interrupt.clone(), clock: Clock::start() },
        agenda: Agenda::in_lanes(order.clone(), choice.priority, lanes.clone()),
        lanes,
        places: Places::new(parallelism),
        taken: BTreeMap::new(),
        running: FuturesUnordered::new(),
        rest: Rest { work: order.work(), ..Rest::default() },
        order,
        parallelism: parallelism.max(1),
        ended: vec![0; count],
        recorded: vec![None; count],
        outcome: Outcome::default(),
        opened: Vec::new(),
        next_seq,
    };
    scheduler.work(&mut interrupt).await;
    let opened = std::mem::take(&mut scheduler.opened);
    scheduler.outcome.diagnostics.extend(close(opened).await);
    Outcome { done: scheduler.agenda.into_done(), ..scheduler.outcome }
}

impl Scheduler<'_> {
    async fn work(&mut self, interrupt: &mut watch::Receiver<bool>) {
        loop {
            while !self.stopped(interrupt) {
                let Some(step) = self.agenda.next_in(self.places.has_room(), &self.places.closed()) else { break };
                self.rest.running.insert(step, self.shared.clock.micros());
                if self.order.expected[step as usize] > 0 {
                    self.taken.insert(step, self.places.take(self.lanes[step as usize]));
                }
                let begun = self.begin(step);
                self.go_on(step, begun);
            }
            let (step, done) = match self.next_end().await {
                Next::Ended(step, done) => (step, done),
                Next::Room => continue,
                Next::Nothing => break,
            };
            match done {
                Done::Object(Answer::Provisioning(p)) => {
                    let going_on = self.provision(step, p);
                    self.running.push(going_on);
                }
                Done::Reread(found) => {
                    let begun = self.accept_reread(step, found);
                    self.go_on(step, begun);
                }
                done => {
                    let ok = self.accept(step, done);
                    self.complete(step, !ok);
                }
            }
        }
        // Asked to stop when nothing was left to be started: that is the end as planned.
        if self.agenda.unstarted().next().is_some() {
            self.outcome.interrupted = *interrupt.borrow();
            let left: Vec<StepId> = self.agenda.unstarted().filter(|step| self.is_effect(*step)).collect();
            self.outcome.summary.skipped += left.len();
            self.outcome.undone.extend(left.into_iter().filter_map(|step| undone(self.compiled, step, None)));
        }
    }

    fn go_on(&mut self, step: StepId, begun: Begun) {
        match begun {
            Begun::Done => self.complete(step, false),
            Begun::Failed => {
                self.outcome.summary.failed += usize::from(self.is_effect(step));
                self.complete(step, true);
            }
            Begun::Running(running) => self.running.push(running),
        }
    }

    /// What ends next. Before it is waited for, it is told how things stand.
    async fn next_end(&mut self) -> Next {
        if let Some(at_once) = self.running.next().now_or_never() {
            return at_once.map_or(Next::Nothing, |(step, done)| Next::Ended(step, done));
        }
        let stopping = *self.shared.interrupt.borrow() || self.outcome.state_error.is_some();
        self.tell_outlook(stopping);
        tokio::select! {
            biased;
            ended = self.running.next() => ended.map_or(Next::Nothing, |(step, done)| Next::Ended(step, done)),
            () = self.places.changed() => Next::Room,
        }
    }

    /// The place of a step, which it gives up while it waits for its turn at a service.
    pub(super) fn place(&self, step: StepId) -> Option<Arc<dyn Place>> {
        self.taken.get(&step).map(|place| place.clone() as Arc<dyn Place>)
    }

    fn tell_outlook(&self, stopping: bool) {
        let (now, ready) = (self.shared.clock.micros(), (!stopping).then(|| self.agenda.longest_ready()));
        let Some(seen) = self.rest.seen(&self.order, now, ready, self.parallelism) else { return };
        let work = self.compiled.steps.work[seen.critical as usize];
        let Some((i, kind)) = work.item().zip(kind_of(work)) else { return };
        let change = &self.compiled.items[i].change;
        let waiting_for = Subject { addr: change.addr.clone(), deposed: change.deposed.clone(), id: None };
        let guessed = self.compiled.steps.guessed.contains(&seen.critical);
        let left = seen.left.map(Duration::from_micros);
        self.shared.listener.event(&Event::Outlook(Outlook { left, guessed, waiting_for, kind }));
    }

    fn stopped(&self, interrupt: &watch::Receiver<bool>) -> bool {
        *interrupt.borrow() || self.outcome.state_error.is_some()
    }

    /// Whether a step does something to an object. Reading does not count: nobody misses it afterwards.
    fn is_effect(&self, step: StepId) -> bool {
        is_effect(self.compiled.steps.work[step as usize])
    }

    /// The next number in the journal, for this step.
    pub(super) fn number(&mut self, step: StepId) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.recorded[step as usize] = Some(seq);
        seq
    }

    /// Since when a step could have begun, and after which.
    pub(super) fn waited(&self, step: StepId) -> Waited {
        let before = self.agenda.released_by(step).map(|by| by as usize);
        let ready = before.map_or(0, |by| self.ended[by]);
        Waited { ready: self.shared.clock.after(ready), after: before.and_then(|by| self.recorded[by]) }
    }

    /// Lets go what waited for a step. What waited for a failed one counts as failed, and is not started.
    fn complete(&mut self, step: StepId, failed: bool) {
        let i = step as usize;
        self.rest.running.remove(&step);
        self.taken.remove(&step);
        self.rest.work -= self.order.expected[i];
        self.ended[i] = self.shared.clock.micros();
        if self.recorded[i].is_none() {
            self.recorded[i] = self.agenda.released_by(step).and_then(|by| self.recorded[by as usize]);
        }
        let (work, expected, rest) = (&self.compiled.steps.work, &self.order.expected, &mut self.rest.work);
        let (skipped, mut left) = (&mut self.outcome.summary.skipped, Vec::new());
        self.agenda.finish(step, failed, |step| {
            *skipped += usize::from(is_effect(work[step as usize]));
            *rest -= expected[step as usize];
            left.push(step);
        });
        let cause = self.compiled.steps.work[i].item().map(|item| self.compiled.items[item].change.addr.clone());
        let effects = left.iter().filter(|step| self.is_effect(**step));
        let told: Vec<Undone> = effects.filter_map(|step| undone(self.compiled, *step, cause.clone())).collect();
        self.outcome.undone.extend(told);
        left.into_iter().for_each(|step| self.leave_unchecked(step));
    }
}

/// A lane for each type of a provider configuration: types of one service find out themselves that they share its queue.
fn lanes(compiled: &Compiled) -> Vec<Lane> {
    let mut known = BTreeMap::new();
    let lane = |work: &Work| {
        let Some(i) = work.item() else { return 0 };
        let item = &compiled.items[i];
        let next = Lane::try_from(known.len()).map_or(0, |count| count + 1);
        *known.entry((&item.provider, &item.change.addr.type_name)).or_insert(next)
    };
    compiled.steps.work.iter().map(lane).collect()
}

fn undone(compiled: &Compiled, step: StepId, waited_for: Option<InstanceAddr>) -> Option<Undone> {
    let work = compiled.steps.work[step as usize];
    let change = &compiled.items[work.item()?].change;
    let subject = Subject { addr: change.addr.clone(), deposed: change.deposed.clone(), id: None };
    Some(Undone { subject, kind: kind_of(work)?, waited_for })
}

fn is_effect(work: Work) -> bool {
    matches!(work, Work::Create(_) | Work::Update(_) | Work::Delete(_))
}

fn kind_of(work: Work) -> Option<StepKind> {
    match work {
        Work::Create(_) => Some(StepKind::Create),
        Work::Update(_) => Some(StepKind::Update),
        Work::Delete(_) => Some(StepKind::Delete),
        Work::Read(_) => Some(StepKind::Read),
        Work::Pass | Work::Evaluate | Work::Open | Work::Check(_) => None,
    }
}
