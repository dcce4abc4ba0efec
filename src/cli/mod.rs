//! The command line: arguments become calls of [`crate::engine`], events and results become text.
//!
//! In reading order: [`argv`] accepts Terraform's spelling, [`args`] says what there is, [`commands`] has one file a verb;
//! they share [`session`] (where output goes), [`environment`], [`planning`], [`question`], [`approval`] and [`interrupt`]. Only
//! [`output`] prints.
#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "pages are a few screens long: a plain format! reads better than a write! whose error must be dropped"
)]

mod argv;
mod args;
mod duration;
mod parallelism;
mod environment;
mod extra_arguments;
mod exit;
mod session;
mod interrupt;
mod line_editor;
mod question;
mod passphrase;
mod approval;
mod open_run;
mod planning;
mod commands;
mod output;

use crate::engine::workspace;
use args::{Args, Parsed};
use exit::Exit;
use levee_model::Diagnostic;
use output::console::{Choices, Console};
use output::log;
use session::Session;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// Carries out one command line (the program's name first) and says how it went.
pub fn main(argv: impl IntoIterator<Item = OsString>) -> ExitCode {
    let argv = match extra_arguments::with_extra(argv.into_iter().collect(), environment::extra_arguments) {
        Ok(argv) => argv,
        Err(why) => return refused(&why),
    };
    let exit = match args::parse(argv) {
        Parsed::Command(args) => run(*args),
        Parsed::Help(text) => {
            Console::new(Choices::default()).out(&text);
            Exit::Success
        }
        Parsed::Misuse(mistake, json) => {
            Console::new(Choices { json, ..Choices::default() }).diagnostic(*mistake);
            Exit::Failure
        }
    };
    exit.into()
}

fn refused(why: &str) -> ExitCode {
    Console::new(Choices::default()).err(&format!("{why}\n"));
    Exit::Failure.into()
}

/// A log that cannot be had is no reason not to work.
fn begin_log(word: &str, path: Option<&Path>, console: Console) {
    let level = log::level(word).unwrap_or_else(|| {
        let detail = format!("{word:?} is none of TRACE, DEBUG, INFO, WARN, ERROR and OFF. Everything is logged.");
        console.diagnostic(Diagnostic::warning("Invalid log level", detail));
        log::level("TRACE").unwrap_or(LevelFilter::OFF)
    });
    if let Err(error) = log::begin(level, path) {
        let shown = path.unwrap_or(Path::new("standard error")).display();
        console.diagnostic(Diagnostic::warning("Nothing is logged", format!("{shown} cannot be written: {error}")));
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "levee begins");
}

fn run(args: Args) -> Exit {
    let no_color = args.no_color || environment::no_color();
    let choices = Choices { no_color, json: args.command.is_json(), compact_warnings: args.command.compact_warnings() };
    let console = Console::new(choices);
    if let Some((word, path)) = environment::log() {
        begin_log(&word, path.as_deref(), console);
    }
    let started_in = std::env::current_dir().unwrap_or_default();
    if let Some(dir) = &args.chdir
        && let Err(error) = std::env::set_current_dir(dir)
    {
        console.err(&format!("Error handling -chdir option: {}: {error}\n", dir.display()));
        return Exit::Failure;
    }
    if let Some(name) = environment::workspace().filter(|name| !workspace::is_name(name)) {
        let detail = format!("TF_WORKSPACE is {name:?}. The name must contain only URL safe characters, and no path separators.");
        console.diagnostic(Diagnostic::error("Invalid workspace name set using TF_WORKSPACE", detail));
        return Exit::Failure;
    }
    commands::run(args.command, &Session::new(console, started_in))
}
