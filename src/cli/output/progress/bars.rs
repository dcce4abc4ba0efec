//! Progress on a terminal: a line for each running step, and a bar for the whole run.

use super::watch::{Watch, key};
use super::{View, words};
use crate::cli::output::color::Paint;
use crate::event::{Event, StepKind, Subject};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often spinners turn and clocks advance.
const FRAME: Duration = Duration::from_millis(120);
/// Lines kept free below the steps: the total, and the prompt that comes after it.
const RESERVED_ROWS: usize = 4;
/// Columns that the total needs beside its text.
const BESIDE: usize = 48;

/// Progress on a terminal.
pub(crate) struct Bars {
    paint: Paint,
    screen: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Reading objects and data sources, before a run.
    reading: Option<ProgressBar>,
    read: usize,
    in_flight: usize,
    /// The run.
    total: Option<ProgressBar>,
    steps: BTreeMap<String, Step>,
    /// Steps that run but find no room on the screen, in the order they began.
    waiting: VecDeque<String>,
    failed: usize,
    /// How the run stands, in words.
    outlook: Option<String>,
}

struct Step {
    subject: Subject,
    kind: StepKind,
    started: Instant,
    status: Option<String>,
    bar: Option<ProgressBar>,
}

impl Bars {
    /// Draws on the standard output.
    pub(crate) fn new(paint: Paint) -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(10));
        Self { paint, screen, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room() -> usize {
        usize::from(console::Term::stdout().size().0).saturating_sub(RESERVED_ROWS).max(1)
    }

    /// Reading is one line however many objects there are: lines for each would scroll the plan away.
    fn reading(&self, started: bool) {
        let mut state = self.state();
        if started {
            state.in_flight += 1;
        } else {
            state.in_flight = state.in_flight.saturating_sub(1);
            state.read += 1;
        }
        if state.reading.is_none() {
            let bar = self.screen.add(ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {msg} [{elapsed}]"));
            bar.enable_steady_tick(FRAME);
            state.reading = Some(bar);
        }
        let text = format!("Reading objects: {} done, {} under way", state.read, state.in_flight);
        if let Some(bar) = &state.reading {
            bar.set_message(text);
        }
    }

    fn run_started(&self, steps: usize) {
        let mut state = self.state();
        if let Some(bar) = state.reading.take() {
            bar.finish_and_clear();
        }
        let total = self.screen.add(ProgressBar::new(steps as u64));
        total.set_style(style("[{bar:20}] {pos}/{len} [{elapsed}] {msg}").progress_chars("=> "));
        total.enable_steady_tick(FRAME);
        state.total = Some(total);
    }

    fn step_started(&self, subject: &Subject, kind: StepKind) {
        let mut state = self.state();
        let key = key(subject, kind);
        let step = Step { subject: subject.clone(), kind, started: Instant::now(), status: None, bar: None };
        state.steps.insert(key.clone(), step);
        state.waiting.push_back(key);
        self.fill(&mut state);
    }

    /// Gives lines to waiting steps while there is room.
    fn fill(&self, state: &mut State) {
        let mut shown = state.steps.values().filter(|s| s.bar.is_some()).count();
        let room = Self::room();
        while shown < room
            && let Some(key) = state.waiting.pop_front()
        {
            let Some(step) = state.steps.get_mut(&key) else { continue };
            let bar = match &state.total {
                Some(total) => self.screen.insert_before(total, ProgressBar::new_spinner()),
                None => self.screen.add(ProgressBar::new_spinner()),
            };
            bar.set_style(style("  {spinner} {msg} [{elapsed}]"));
            bar.set_elapsed(step.started.elapsed());
            bar.set_message(self.text(step));
            bar.enable_steady_tick(FRAME);
            step.bar = Some(bar);
            shown += 1;
        }
        if let Some(total) = &state.total {
            let hidden = state.steps.len() - shown;
            let more = if hidden > 0 { format!(", {hidden} not shown") } else { String::new() };
            let failed = if state.failed > 0 { self.paint.red(format!(", {} failed", state.failed)).to_string() } else { String::new() };
            let outlook = state.outlook.as_ref().map(|o| format!("; {o}")).unwrap_or_default();
            let text = format!("steps done, {} running{more}{failed}{outlook}", state.steps.len());
            // A line that is full to its end would be broken in two by the ^C that a terminal adds.
            let room = usize::from(console::Term::stdout().size().1).saturating_sub(BESIDE);
            total.set_message(console::truncate_str(&text, room, "…").into_owned());
        }
    }

    fn outlook(&self, text: Option<String>) {
        let mut state = self.state();
        state.outlook = text;
        self.fill(&mut state);
    }

    fn text(&self, step: &Step) -> String {
        let status = step.status.as_ref().map(|s| format!(" {}", self.paint.dim(format!("({s})")))).unwrap_or_default();
        let doing = words::doing(step.kind);
        let doing = match step.kind {
            StepKind::Create => self.paint.green(doing),
            StepKind::Update => self.paint.yellow(doing),
            StepKind::Delete => self.paint.red(doing),
            StepKind::Read | StepKind::Forget => self.paint.cyan(doing),
        };
        format!("{}: {doing}{status}", self.paint.bold(words::object(&step.subject)))
    }

    fn step_status(&self, subject: &Subject, kind: StepKind, text: &str) {
        if let Some(step) = self.state().steps.get_mut(&key(subject, kind)) {
            step.status = Some(text.to_owned());
            if let Some(bar) = &step.bar {
                bar.set_message(self.text(step));
            }
        }
    }

    fn step_ended(&self, subject: &Subject, kind: StepKind, line: &str, failed: bool) {
        let mut state = self.state();
        if let Some(step) = state.steps.remove(&key(subject, kind))
            && let Some(bar) = step.bar
        {
            bar.finish_and_clear();
        }
        state.failed += usize::from(failed);
        if let Some(total) = &state.total {
            total.inc(1);
        }
        self.fill(&mut state);
        drop(state);
        let line = if failed { self.paint.red(line).to_string() } else { line.to_owned() };
        let _ = self.screen.println(line);
    }
}

/// A template that is written here and nowhere else, so a mistake in it shows in the tests.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl View for Bars {
    fn event(&self, event: &Event) {
        let line = words::line(event).unwrap_or_default();
        match event {
            Event::RefreshStarted(_) | Event::ReadStarted(_) => self.reading(true),
            Event::RefreshFinished(_) | Event::ReadFinished(..) => self.reading(false),
            Event::RunStarted { steps, .. } => self.run_started(*steps),
            Event::StepStarted { subject, kind } => self.step_started(subject, *kind),
            Event::StepStatus { subject, kind, text } => self.step_status(subject, *kind, text),
            Event::StepFinished { subject, kind, .. } => self.step_ended(subject, *kind, &line, false),
            Event::StepFailed { subject, kind, .. } => self.step_ended(subject, *kind, &line, true),
            Event::Provision { .. } if line.is_empty() => {}
            Event::Note(_) | Event::Recovered { .. } | Event::Provision { .. } | Event::PlannedInFull { .. } => self.line(&line),
            Event::RunFinished(_) => self.finish(),
            Event::Outlook(outlook) => self.outlook(Some(words::outlook(outlook, Duration::ZERO))),
            Event::Diagnostic(_) | Event::StateRead(_) => {}
        }
    }
    // Bars tick on their own, but for how long it still takes.
    fn tick(&self, now: Instant, watch: &Watch) {
        self.outlook(watch.outlook(now));
    }
    fn finish(&self) {
        let mut state = self.state();
        let steps = std::mem::take(&mut state.steps);
        let bars = steps.into_values().filter_map(|s| s.bar).chain(state.reading.take()).chain(state.total.take());
        bars.for_each(|bar| bar.finish_and_clear());
        state.waiting.clear();
        state.outlook = None;
        (state.read, state.in_flight) = (0, 0);
    }
    fn line(&self, text: &str) {
        let _ = self.screen.println(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_running_step_has_a_line_and_the_total_counts() {
        let bars = Bars {
            paint: Paint::new(false),
            screen: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            state: Mutex::default(),
        };
        let subject = |n: usize| Subject { addr: format!("aws_eip.a[{n}]").parse().expect("an address"), deposed: None, id: None };
        bars.event(&Event::RefreshStarted(subject(0)));
        bars.event(&Event::RunStarted { run: "r".into(), steps: 200 });
        for n in 0..200 {
            bars.event(&Event::StepStarted { subject: subject(n), kind: StepKind::Create });
        }
        let shown = |s: &State| s.steps.values().filter(|s| s.bar.is_some()).count();
        let room = Bars::room().min(200);
        let state = bars.state();
        assert_eq!((shown(&state), state.waiting.len()), (room, 200 - room));
        drop(state);
        let elapsed = Duration::from_secs(1);
        bars.event(&Event::StepFinished { subject: subject(0), kind: StepKind::Create, elapsed });
        let state = bars.state();
        assert_eq!(state.steps.len(), 199);
        assert_eq!(state.total.as_ref().map(ProgressBar::position), Some(1));
        assert_eq!(shown(&state), room.min(199));
    }
}
