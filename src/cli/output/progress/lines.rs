//! Progress in plain lines, for logs: one when a step begins, one when it ends, and a reminder every ten seconds.

use super::watch::Watch;
use super::{Sink, View, words};
use crate::event::Event;
use std::time::Instant;

/// Progress in plain lines.
pub(crate) struct Lines {
    sink: Sink,
}

impl Lines {
    /// Lines go to `sink`, without line breaks.
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

impl View for Lines {
    fn event(&self, event: &Event) {
        if let Some(line) = words::line(event) {
            (self.sink)(&line);
        }
    }
    fn tick(&self, now: Instant, watch: &Watch) {
        watch.due(now, |step, elapsed| {
            (self.sink)(&words::still(&step.subject, step.kind, elapsed, step.status.as_deref()));
        });
        if let Some(line) = watch.outlook_due(now) {
            (self.sink)(&line);
        }
    }
    fn finish(&self) {}
    fn line(&self, text: &str) {
        (self.sink)(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Outlook, StepKind, Subject};
    use levee_sdk::{ErrorKind, ProviderError};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    fn subject(addr: &str, id: Option<&str>) -> Subject {
        Subject { addr: addr.parse().expect("an address"), deposed: None, id: id.map(Into::into) }
    }

    #[test]
    fn a_run_in_lines() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = told.clone();
        let lines = Lines::new(Box::new(move |line| sink.lock().expect("no panic").push(line.to_owned())));
        let (watch, start) = (Watch::default(), Instant::now());
        let event = |event: Event| {
            watch.event(&event, start);
            lines.event(&event);
        };
        let (kind, vpc) = (StepKind::Create, subject("aws_vpc.main", None));
        event(Event::RefreshStarted(subject("aws_eip.a", Some("eip-1"))));
        event(Event::RunStarted { run: "1".into(), steps: 3 });
        event(Event::StepStarted { subject: vpc.clone(), kind });
        let left = Some(Duration::from_secs(100));
        event(Event::Outlook(Outlook { left, guessed: false, waiting_for: vpc.clone(), kind }));
        event(Event::StepStatus { subject: vpc.clone(), kind, text: "waiting for ACTIVE".into() });
        for second in [1, 11, 12, 25, 31] {
            lines.tick(start + Duration::from_secs(second), &watch);
        }
        let elapsed = Duration::from_millis(26_400);
        event(Event::StepFinished { subject: subject("aws_vpc.main", Some("vpc-1")), kind, elapsed });
        lines.tick(start + Duration::from_secs(90), &watch);
        let error = ProviderError::new(ErrorKind::Conflict, "it is in use").during("ec2:DeleteVpc");
        let kind = StepKind::Delete;
        event(Event::StepFailed { subject: vpc, kind, elapsed: Duration::from_secs(61), error });
        let expected = [
            "aws_eip.a: Refreshing state... [id=eip-1]",
            "aws_vpc.main: Creating...",
            "aws_vpc.main: Still creating... [10s elapsed, waiting for ACTIVE]",
            "aws_vpc.main: Still creating... [20s elapsed, waiting for ACTIVE]",
            "aws_vpc.main: Still creating... [30s elapsed, waiting for ACTIVE]",
            "0 of 3 steps done, about 1m9s left, waiting for aws_vpc.main",
            "aws_vpc.main: Creation complete after 26s [id=vpc-1]",
            "1 of 3 steps done, about 10s left, waiting for aws_vpc.main",
            "aws_vpc.main: Destruction failed after 1m1s: ec2:DeleteVpc: it is in use",
        ];
        assert_eq!(*told.lock().expect("no panic"), expected);
    }
}
