//! Progress in plain lines, for logs: one when a step begins, one when it ends, and a reminder every ten seconds.

use super::{REMINDER, Sink, View, words};
use crate::event::{Event, StepKind, Subject};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
pub(super) struct Watch {
    steps: Mutex<BTreeMap<String, Running>>,
}

impl Watch {
    fn steps(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the list.
    pub(super) fn event(&self, event: &Event, now: Instant) {
        match event {
            Event::StepStarted { subject, kind } => {
                let step = Running { subject: subject.clone(), kind: *kind, started: now, status: None, reminders: 0 };
                self.steps().insert(key(subject, *kind), step);
            }
            Event::StepStatus { subject, kind, text } => {
                if let Some(step) = self.steps().get_mut(&key(subject, *kind)) {
                    step.status = Some(text.clone());
                }
            }
            Event::StepFinished { subject, kind, .. } | Event::StepFailed { subject, kind, .. } => {
                self.steps().remove(&key(subject, *kind));
            }
            _ => {}
        }
    }

    /// Calls back for every step that ran another ten seconds.
    pub(super) fn due(&self, now: Instant, mut remind: impl FnMut(&Running, Duration)) {
        for step in self.steps().values_mut() {
            let elapsed = now.saturating_duration_since(step.started);
            if elapsed >= REMINDER * (step.reminders + 1) {
                step.reminders = u32::try_from(elapsed.as_secs() / REMINDER.as_secs()).unwrap_or(u32::MAX - 1);
                remind(step, REMINDER * step.reminders);
            }
        }
    }
}

/// What tells the steps under way apart: a replacement's two steps are of different kinds.
pub(super) fn key(subject: &Subject, kind: StepKind) -> String {
    format!("{} {kind:?}", words::object(subject))
}

/// Progress in plain lines.
pub(crate) struct Lines {
    watch: Watch,
    sink: Sink,
}

impl Lines {
    /// Lines go to `sink`, without line breaks.
    pub(crate) fn new(sink: Sink) -> Self {
        Self { watch: Watch::default(), sink }
    }
}

impl View for Lines {
    fn event(&self, event: &Event) {
        self.watch.event(event, Instant::now());
        if let Some(line) = words::line(event) {
            (self.sink)(&line);
        }
    }
    fn tick(&self, now: Instant) {
        self.watch.due(now, |step, elapsed| {
            (self.sink)(&words::still(&step.subject, step.kind, elapsed, step.status.as_deref()));
        });
    }
    fn finish(&self) {}
    fn line(&self, text: &str) {
        (self.sink)(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::{ErrorKind, ProviderError};
    use std::sync::Arc;

    fn subject(addr: &str, id: Option<&str>) -> Subject {
        Subject { addr: addr.parse().expect("an address"), deposed: None, id: id.map(Into::into) }
    }

    #[test]
    fn a_run_in_lines() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = told.clone();
        let lines = Lines::new(Box::new(move |line| sink.lock().expect("no panic").push(line.to_owned())));
        let (kind, vpc) = (StepKind::Create, subject("aws_vpc.main", None));
        lines.event(&Event::RefreshStarted(subject("aws_eip.a", Some("eip-1"))));
        lines.event(&Event::StepStarted { subject: vpc.clone(), kind });
        lines.event(&Event::StepStatus { subject: vpc.clone(), kind, text: "waiting for ACTIVE".into() });
        let start = Instant::now();
        for second in [1, 11, 12, 25] {
            lines.tick(start + Duration::from_secs(second));
        }
        let elapsed = Duration::from_millis(26_400);
        lines.event(&Event::StepFinished { subject: subject("aws_vpc.main", Some("vpc-1")), kind, elapsed });
        lines.tick(start + Duration::from_secs(90));
        let error = ProviderError::new(ErrorKind::Conflict, "it is in use").during("ec2:DeleteVpc");
        let kind = StepKind::Delete;
        lines.event(&Event::StepFailed { subject: vpc, kind, elapsed: Duration::from_secs(61), error });
        let expected = [
            "aws_eip.a: Refreshing state... [id=eip-1]",
            "aws_vpc.main: Creating...",
            "aws_vpc.main: Still creating... [10s elapsed, waiting for ACTIVE]",
            "aws_vpc.main: Still creating... [20s elapsed, waiting for ACTIVE]",
            "aws_vpc.main: Creation complete after 26s [id=vpc-1]",
            "aws_vpc.main: Destruction failed after 1m1s: ec2:DeleteVpc: it is in use",
        ];
        assert_eq!(*told.lock().expect("no panic"), expected);
    }
}
