//! What every command is given: where output goes, and how its futures are run.

use super::exit::Exit;
use super::interrupt::Interrupt;
use super::output::console::Console;
use super::output::progress::Progress;
use super::output::schemas::SchemaBook;
use crate::config::Config;
use crate::engine::{Failure, Workspace};
use crate::providers;
use levee_model::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often progress is reminded of the time.
const TICK: Duration = Duration::from_secs(1);

/// Where Terraform's state stands unless something else is said.
const STATE_FILE: &str = "terraform.tfstate";

/// One command's surroundings.
pub(crate) struct Session {
    /// Where output goes.
    pub(crate) console: Console,
    /// What is shown while it works.
    pub(crate) progress: Arc<Progress>,
    /// Warnings that were told: apply's result repeats those of its plan.
    told: Mutex<Vec<Diagnostic>>,
}

impl Session {
    /// A session that writes to `console`.
    pub(crate) fn new(console: Console) -> Self {
        Self { console, progress: Progress::new(console), told: Mutex::default() }
    }

    /// The working directory's root module and its state. A state file has its store beside it, so that there is one store
    /// however the file is named.
    pub(crate) fn workspace(given: Option<&Path>) -> Workspace {
        let file = given.unwrap_or(Path::new(STATE_FILE));
        if file.extension().is_some_and(|e| e == "db") {
            return Workspace { dir: PathBuf::from("."), state: file.to_owned(), file: None };
        }
        let name = file.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        let store = if name == STATE_FILE { ".levee/state.db".to_owned() } else { format!(".levee/{name}.db") };
        Workspace { dir: PathBuf::from("."), state: file.with_file_name(store), file: Some(file.to_owned()) }
    }

    /// The types that are built in.
    pub(crate) fn schemas() -> SchemaBook {
        SchemaBook::of(providers::registry())
    }

    /// Runs a command that waits for something. Interrupts are listened to from the start.
    pub(crate) fn run<F: Future<Output = Exit>>(&self, command: impl FnOnce(Interrupt) -> F) -> Exit {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
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
        self.report(failure.diagnostics, failure.config.as_ref());
        Exit::Failure
    }

    /// Tells one mistake that stands in no file.
    pub(crate) fn refuse(&self, diagnostic: Diagnostic) -> Exit {
        self.report(diagnostic.into(), None);
        Exit::Failure
    }
}
