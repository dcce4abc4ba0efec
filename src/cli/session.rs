//! What every command is given: where output goes, and how its futures are run.

use super::exit::Exit;
use super::interrupt::Interrupt;
use super::output::console::Console;
use super::output::progress::Progress;
use super::output::schemas::SchemaBook;
use super::{environment, passphrase};
use crate::config::Config;
use crate::engine::{Failure, Keys, Workspace};
use crate::providers;
use levee_model::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often progress is reminded of the time.
const TICK: Duration = Duration::from_secs(1);

/// One command's surroundings.
pub(crate) struct Session {
    /// Where output goes.
    pub(crate) console: Console,
    /// What is shown while it works.
    pub(crate) progress: Arc<Progress>,
    /// Warnings that were told: apply's result repeats those of its plan.
    told: Mutex<Vec<Diagnostic>>,
    /// Where the program was started, before it changed its directory.
    started_in: PathBuf,
}

impl Session {
    /// A session that writes to `console`, of a program that was started in a directory.
    pub(crate) fn new(console: Console, started_in: PathBuf) -> Self {
        Self { console, progress: Progress::new(console), told: Mutex::default(), started_in }
    }

    /// The working directory's root module and its state, which is at `state` if the command line says so.
    pub(crate) fn workspace(&self, state: Option<&Path>) -> Workspace {
        let chosen = environment::workspace();
        let mut found = Workspace::locate(Path::new("."), state, chosen.as_deref());
        found.started_in.clone_from(&self.started_in);
        found.keys = Keys::asking(Arc::new(passphrase::current));
        found
    }

    /// The types that are built in.
    pub(crate) fn schemas() -> SchemaBook {
        SchemaBook::of(providers::registry())
    }

    /// Runs a command that waits for something. Interrupts are listened to from the start.
    pub(crate) fn run<F: Future<Output = Exit>>(&self, command: impl FnOnce(Interrupt) -> F) -> Exit {
        // A thread that has checked or read something ends: the memory that it had is the next one's, and not kept beside.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = match runtime.enable_all().thread_keep_alive(Duration::ZERO).build() {
            Ok(runtime) => runtime,
            Err(error) => {
                self.console.diagnostic(Diagnostic::error("Cannot start worker threads", error.to_string()));
                return Exit::Failure;
            }
        };
        let (progress, console) = (self.progress.clone(), self.console);
        let exit = runtime.block_on(async {
            let interrupt = Interrupt::listen(progress.clone(), console);
            tokio::spawn(async move {
                let mut clock = tokio::time::interval(TICK);
                loop {
                    clock.tick().await;
                    progress.tick();
                }
            });
            command(interrupt).await
        });
        self.progress.finish();
        // A read of the standard input cannot be taken back; nothing else is waited for either.
        runtime.shutdown_background();
        exit
    }

    /// Tells messages about a configuration, those that came as events among them.
    pub(crate) fn report(&self, diagnostics: Diagnostics, config: Option<&Arc<Config>>) {
        self.progress.finish();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |d: &Diagnostic| d.is_error() || !told.contains(d);
        let new: Diagnostics = self.progress.with_events(diagnostics).into_iter().filter(is_new).collect();
        self.console.diagnostics(&new, config.map(|c| &c.sources));
        told.extend(new);
    }

    /// Tells why a verb failed.
    pub(crate) fn fail(&self, failure: Failure) -> Exit {
        let exit = Exit::of(&failure.diagnostics);
        self.report(failure.diagnostics, failure.config.as_ref());
        exit
    }

    /// Tells one mistake that stands in no file.
    pub(crate) fn refuse(&self, diagnostic: Diagnostic) -> Exit {
        let diagnostics = diagnostic.into();
        let exit = Exit::of(&diagnostics);
        self.report(diagnostics, None);
        exit
    }
}
