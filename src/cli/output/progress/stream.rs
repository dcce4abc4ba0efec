//! Progress as a stream of JSON events.

use super::watch::Watch;
use super::{Sink, View, words};
use crate::cli::output::json::ui::{self, Moment};
use crate::event::{Event, StepKind};
use std::time::Instant;

/// Progress as events, one a line.
pub(crate) struct Stream {
    sink: Sink,
}

impl Stream {
    /// Events go to `sink`, without line breaks.
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

impl View for Stream {
    fn hears_of_state_reads(&self) -> bool {
        true
    }

    fn event(&self, event: &Event) {
        let line = words::streamed(&words::line(event).unwrap_or_default(), event);
        let json = match event {
            Event::StateRead(subject) => {
                self.event(&Event::RefreshStarted(subject.clone()));
                return self.event(&Event::RefreshFinished(subject.clone()));
            }
            Event::RefreshStarted(subject) => ui::refresh(subject, false, line),
            Event::RefreshFinished(subject) => {
                ui::refresh(subject, true, format!("{}: Refresh complete{}", words::object(subject), words::id(subject)))
            }
            Event::ReadStarted(subject) => ui::step(subject, StepKind::Read, Moment::Start, line),
            Event::ReadFinished(subject, elapsed) => ui::step(subject, StepKind::Read, Moment::Complete(*elapsed), line),
            Event::StepStarted { subject, kind } => ui::step(subject, *kind, Moment::Start, line),
            Event::StepFinished { subject, kind, elapsed } => ui::step(subject, *kind, Moment::Complete(*elapsed), line),
            Event::StepFailed { subject, kind, elapsed, .. } => ui::step(subject, *kind, Moment::Errored(*elapsed), line),
            Event::Provision { subject, provisioner, moment } => ui::provision(subject, provisioner, moment),
            Event::PlannedInFull { change, .. } => ui::planned_change(change),
            Event::Note(_) | Event::Recovered { .. } => ui::log(&line),
            Event::Diagnostic(_) | Event::RunStarted { .. } | Event::StepStatus { .. } | Event::Outlook(_) | Event::RunFinished(_) => {
                return;
            }
        };
        (self.sink)(&json.to_string());
    }
    fn tick(&self, now: Instant, watch: &Watch) {
        watch.due(now, |step, elapsed| {
            let line = words::still(&step.subject, step.kind, elapsed, step.status.as_deref());
            let line = if step.kind == StepKind::Read { line.replacen("Still reading", "Still refreshing", 1) } else { line };
            (self.sink)(&ui::step(&step.subject, step.kind, Moment::Progress(elapsed), line).to_string());
        });
    }
    fn finish(&self) {}
    fn line(&self, text: &str) {
        (self.sink)(&ui::log(text).to_string());
    }
}
