//! What the engine tells while it works. It never prints; whoever listens decides what is shown.

use levee_model::{Change, DeposedKey, Diagnostic, InstanceAddr};
use levee_sdk::ProviderError;
use std::sync::Arc;
use std::time::Duration;

/// What one step does to one object. A replacement is two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// Makes a new object.
    Create,
    /// Changes an object in place.
    Update,
    /// Deletes an object.
    Delete,
    /// Reads a data source that could not be read while planning.
    Read,
    /// The state forgets an object that stays.
    Forget,
}

/// One object in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its address.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is one.
    pub deposed: Option<DeposedKey>,
    /// Its id, where it is known.
    pub id: Option<String>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something to tell the user, outside of a result: a lock taken over, a wait for a lock.
    Note(String),
    /// A mistake or a warning found on the way.
    Diagnostic(Diagnostic),
    /// An object is being read to see whether it moved.
    RefreshStarted(Subject),
    /// It has been read.
    RefreshFinished(Subject),
    /// An object that is nothing but what the state says of it was looked at: there is nothing else to be read.
    StateRead(Subject),
    /// A data source is being read while planning.
    ReadStarted(Subject),
    /// It has been read.
    ReadFinished(Subject, Duration),
    /// A run begins.
    RunStarted {
        /// Id of the run.
        run: String,
        /// How many steps it has.
        steps: usize,
    },
    /// An earlier run was left open; this is what became of one of its entries.
    Recovered {
        /// The object.
        subject: Subject,
        /// What was done about it: `adopted`, `never made`, `gone`, ...
        what: String,
    },
    /// What could not be planned in full while planning is, now that its provider is configured; it is carried out next.
    PlannedInFull {
        /// What is to happen.
        change: Box<Change>,
        /// The provider configuration.
        provider: String,
    },
    /// A step begins.
    StepStarted {
        /// The object.
        subject: Subject,
        /// What the step does.
        kind: StepKind,
    },
    /// A step waits for something.
    StepStatus {
        /// The object.
        subject: Subject,
        /// What the step does.
        kind: StepKind,
        /// What it waits for, in a few words.
        text: String,
    },
    /// A provisioner of an object is run, says something, or is done.
    Provision {
        /// The object.
        subject: Subject,
        /// Type of the provisioner: `local-exec`.
        provisioner: Arc<str>,
        /// What happens.
        moment: ProvisionMoment,
    },
    /// A step is done.
    StepFinished {
        /// The object.
        subject: Subject,
        /// What the step did.
        kind: StepKind,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step failed. The run goes on with what does not depend on it.
    StepFailed {
        /// The object.
        subject: Subject,
        /// What the step was to do.
        kind: StepKind,
        /// How long it took.
        elapsed: Duration,
        /// Why.
        error: ProviderError,
    },
    /// How a run stands, told whenever it comes to wait.
    Outlook(Outlook),
    /// A run is over.
    RunFinished(Summary),
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How long it is expected to take from now on; none when that cannot be told.
    pub left: Option<Duration>,
    /// Whether that is a guess.
    pub guessed: bool,
    /// The object whose step has the longest chain behind it: the run ends the later the longer it takes.
    pub waiting_for: Subject,
    /// What that step does.
    pub kind: StepKind,
}

/// A moment of a provisioner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisionMoment {
    /// It begins.
    Started,
    /// It says something; one line.
    Output(String),
    /// It is done.
    Finished,
    /// It failed.
    Failed,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects imported.
    pub imported: usize,
    /// Objects made (a replacement counts here and under `destroyed`).
    pub added: usize,
    /// Objects changed in place.
    pub changed: usize,
    /// Objects deleted.
    pub destroyed: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that were not started because something they depend on failed, or the run was interrupted.
    pub skipped: usize,
}

/// Whoever listens.
pub trait Observer: Send + Sync {
    /// Called as it happens, from any thread; must not block.
    fn event(&self, event: &Event);

    /// Whether [`Event::StateRead`] is told: there is one for every object, and nearly everybody has no use for it.
    fn hears_of_state_reads(&self) -> bool {
        false
    }
}

/// Nobody listens.
#[derive(Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: &Event) {}
}

/// An observer to hand around.
pub type Listener = Arc<dyn Observer>;
