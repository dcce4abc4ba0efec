//! One file a verb: what it asks the engine, and what it shows of the answer.

mod init;
mod validate;
mod plan;
mod apply;
mod resume;
mod recover;
mod rollback;
mod import;
mod force_unlock;
mod show;
mod output;
mod state;
mod state_care;
mod encryption;
mod workspace;
mod taint;
mod timeline;
mod history;
mod graph;
mod console;
mod metadata;
mod fmt;
mod version;
mod providers;
mod modules;
mod get;
mod sandbox;
mod completions;

use super::args::Command;
use super::exit::Exit;
use super::session::Session;

/// Carries out a command.
pub(crate) fn run(command: Command, session: &Session) -> Exit {
    match command {
        Command::Init(args) => init::run(&args, session),
        Command::Validate(args) => validate::run(&args, session),
        Command::Plan(args) => plan::run(&args, session),
        Command::Apply(args) => apply::run(&args, apply::Verb::Apply, session),
        Command::Destroy(args) => apply::run(&args, apply::Verb::Destroy, session),
        Command::Resume(args) => resume::run(&args, session),
        Command::Recover(args) => recover::run(&args, session),
        Command::Rollback(args) => rollback::run(&args, session),
        Command::Refresh(args) => apply::refresh(args, session),
        Command::ForceUnlock(args) => force_unlock::run(&args, session),
        Command::Import(args) => import::run(&args, session),
        Command::Show(args) => show::run(&args, session),
        Command::Output(args) => output::run(&args, session),
        Command::State(command) => state::run(&command, session),
        Command::Workspace(command) => workspace::run(&command, session),
        Command::Taint(args) => taint::run(&args, true, session),
        Command::Untaint(args) => taint::run(&args, false, session),
        Command::Timeline(args) => timeline::run(&args, session),
        Command::History(args) => history::run(&args, session),
        Command::Diff(args) => history::diff(&args, session),
        Command::Graph(args) => graph::run(&args, session),
        Command::Console(args) => console::run(&args, session),
        Command::Metadata(command) => metadata::run(&command, session),
        Command::Fmt(args) => fmt::run(&args, session),
        Command::Version(args) => version::run(&args, session),
        Command::Providers(args) => providers::run(&args, session),
        Command::Get(args) => get::run(&args, session),
        Command::Modules(args) => modules::run(&args, session),
        Command::Sandbox(command) => sandbox::run(&command, session),
        Command::Completions { shell } => completions::run(shell, session),
    }
}
