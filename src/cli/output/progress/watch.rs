//! What is under way and what is left: kept for every view, and told when the run is interrupted.

use super::{OUTLOOK, REMINDER, words};
use crate::cli::duration;
use crate::event::{Event, Outlook, StepKind, Subject};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many steps are told by name when a run is interrupted.
const TOLD: usize = 10;

/// A step that is under way.
pub(super) struct Running {
    pub(super) subject: Subject,
    pub(super) kind: StepKind,
    pub(super) started: Instant,
    pub(super) status: Option<String>,
    reminders: u32,
}

/// The steps under way, and when each is due for a reminder.
#[derive(Default)]
pub(crate) struct Watch {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    steps: BTreeMap<String, Running>,
    /// Steps of the run.
    total: usize,
    done: usize,
    /// How the run stood, and when it was told.
    outlook: Option<(Outlook, Instant)>,
    /// When the run began, and how often its outlook was told since.
    began: Option<(Instant, u32)>,
}

/// What tells the steps under way apart: a replacement's two steps are of different kinds.
pub(super) fn key(subject: &Subject, kind: StepKind) -> String {
    format!("{} {kind:?}", words::object(subject))
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the list.
    pub(super) fn event(&self, event: &Event, now: Instant) {
        let mut state = self.state();
        match event {
            Event::RunStarted { steps, .. } => {
                *state = State { total: *steps, began: Some((now, 0)), ..State::default() };
            }
            Event::Outlook(outlook) => state.outlook = Some((outlook.clone(), now)),
            Event::StepStarted { subject, kind } => {
                let step = Running { subject: subject.clone(), kind: *kind, started: now, status: None, reminders: 0 };
                state.steps.insert(key(subject, *kind), step);
            }
            Event::StepStatus { subject, kind, text } => {
                if let Some(step) = state.steps.get_mut(&key(subject, *kind)) {
                    step.status = Some(text.clone());
                }
            }
            Event::StepFinished { subject, kind, .. } | Event::StepFailed { subject, kind, .. } => {
                state.steps.remove(&key(subject, *kind));
                state.done += 1;
            }
            Event::RunFinished(_) => *state = State::default(),
            _ => {}
        }
    }

    /// Calls back for every step that ran another ten seconds.
    pub(super) fn due(&self, now: Instant, mut remind: impl FnMut(&Running, Duration)) {
        for step in self.state().steps.values_mut() {
            let elapsed = now.saturating_duration_since(step.started);
            if elapsed >= REMINDER * (step.reminders + 1) {
                step.reminders = u32::try_from(elapsed.as_secs() / REMINDER.as_secs()).unwrap_or(u32::MAX - 1);
                remind(step, REMINDER * step.reminders);
            }
        }
    }

    /// How the run stands, if that is due to be told: twice a minute.
    pub(super) fn outlook_due(&self, now: Instant) -> Option<String> {
        let mut state = self.state();
        let (began, told) = state.began?;
        if now.saturating_duration_since(began) < OUTLOOK * (told + 1) {
            return None;
        }
        let told = now.saturating_duration_since(began).as_secs() / OUTLOOK.as_secs();
        state.began = Some((began, u32::try_from(told).unwrap_or(u32::MAX - 1)));
        let (outlook, since) = state.outlook.as_ref()?;
        let outlook = words::outlook(outlook, now.saturating_duration_since(*since));
        Some(format!("{} of {} steps done, {outlook}", state.done, state.total))
    }

    /// How the run stands now.
    pub(super) fn outlook(&self, now: Instant) -> Option<String> {
        let state = self.state();
        let (outlook, since) = state.outlook.as_ref()?;
        Some(words::outlook(outlook, now.saturating_duration_since(*since)))
    }

    /// Steps under way, a line each, and how many have not been started.
    pub(super) fn left(&self, now: Instant) -> (Vec<String>, usize) {
        let state = self.state();
        let told = state.steps.values().take(TOLD).map(|step| {
            let elapsed = duration::seconds(now.saturating_duration_since(step.started));
            format!("{}: {} for {elapsed}", words::object(&step.subject), words::doing(step.kind).to_lowercase())
        });
        let more = state.steps.len().saturating_sub(TOLD);
        let rest = (more > 0).then(|| format!("and {more} more"));
        (told.chain(rest).collect(), state.total.saturating_sub(state.done + state.steps.len()))
    }
}
