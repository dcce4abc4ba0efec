//! What is shown while a command works: bars on a terminal, lines elsewhere, events with `-json`.
//!
//! In reading order: [`words`] puts events into words, [`watch`] keeps what is under way, [`lines`] and [`bars`] and [`stream`] show them.

pub(crate) mod words;
mod watch;
pub(crate) mod lines;
pub(crate) mod bars;
pub(crate) mod stream;

use super::console::Console;
use crate::event::{Event, Observer};
use levee_model::{Diagnostic, Diagnostics};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use watch::Watch;

/// How often a step that is still running is told about where nothing moves on its own.
const REMINDER: Duration = Duration::from_secs(10);
/// How often it is told there how the run stands.
const OUTLOOK: Duration = Duration::from_secs(30);

/// Where finished lines go.
pub(crate) type Sink = Box<dyn Fn(&str) + Send + Sync>;

/// One way of showing progress.
pub(crate) trait View: Send + Sync {
    /// Shows one event.
    fn event(&self, event: &Event);
    /// Whether it has a use for [`Event::StateRead`].
    fn hears_of_state_reads(&self) -> bool {
        false
    }
    /// Called about once a second while the command works.
    fn tick(&self, now: Instant, watch: &Watch);
    /// Takes everything away that is not to stay.
    fn finish(&self);
    /// Shows a line that stays.
    fn line(&self, text: &str);
}

/// The progress of one command: shows events, and keeps the messages among them for the end.
pub(crate) struct Progress {
    view: Box<dyn View>,
    watch: Watch,
    diagnostics: Mutex<Vec<Diagnostic>>,
}

impl Progress {
    /// What suits the console.
    pub(crate) fn new(console: Console) -> Arc<Self> {
        let view: Box<dyn View> = if console.is_json() {
            Box::new(stream::Stream::new(Box::new(move |line| console.out(&format!("{line}\n")))))
        } else if console.is_terminal() {
            Box::new(bars::Bars::new(console.paint()))
        } else {
            Box::new(lines::Lines::new(Box::new(move |line| console.out(&format!("{line}\n")))))
        };
        Arc::new(Self { view, watch: Watch::default(), diagnostics: Mutex::default() })
    }

    /// Shows a line that stays, whatever else is drawn.
    pub(crate) fn line(&self, text: &str) {
        self.view.line(text);
    }

    /// Reminds of what is still running.
    pub(crate) fn tick(&self) {
        self.view.tick(Instant::now(), &self.watch);
    }

    /// The steps under way, a line each, and how many have not been started.
    pub(crate) fn left(&self) -> (Vec<String>, usize) {
        self.watch.left(Instant::now())
    }

    /// Takes bars away: what follows is text.
    pub(crate) fn finish(&self) {
        self.view.finish();
    }

    /// The result's messages, and before them those that were only told as events.
    pub(crate) fn with_events(&self, result: Diagnostics) -> Diagnostics {
        let told = std::mem::take(&mut *self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner));
        let only_told: Vec<Diagnostic> = told.into_iter().filter(|d| !result.iter().any(|r| r == d)).collect();
        only_told.into_iter().chain(result).collect()
    }
}

impl Observer for Progress {
    fn hears_of_state_reads(&self) -> bool {
        self.view.hears_of_state_reads()
    }

    fn event(&self, event: &Event) {
        match event {
            Event::Diagnostic(diagnostic) => {
                self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner).push(diagnostic.clone());
            }
            event => {
                self.watch.event(event, Instant::now());
                self.view.event(event);
            }
        }
    }
}
