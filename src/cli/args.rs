//! The commands and their flags, with Terraform's names.

mod families;
mod open_runs;
mod undo;

use super::{argv, duration, parallelism};
use crate::engine::InputArgument;
use clap::error::{ContextKind, ErrorKind};
use clap::{ArgAction, ArgMatches, Args as ClapArgs, CommandFactory, FromArgMatches, Parser, Subcommand};
use levee_model::Diagnostic;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use families::{MetadataCommand, ProvidersArgs, ProvidersCommand, SandboxArgs, SandboxCommand, StateCommand, WorkspaceCommand};
pub(crate) use open_runs::{RecoverArgs, ResumeArgs};
pub(crate) use undo::{OnFailure, RollbackArgs};

/// What a command line turned out to be.
pub(crate) enum Parsed {
    /// A command to carry out.
    Command(Box<Args>),
    /// A question about the command line, and its answer.
    Help(String),
    /// A mistake, and whether it is to be told as JSON.
    Misuse(Box<Diagnostic>, bool),
}

/// Builds and changes infrastructure as Terraform configurations describe it. Every run is a transaction: it finishes, or
/// it can be resumed.
#[derive(Debug, Parser)]
#[command(name = "levee", version, disable_help_subcommand = true, args_override_self = true, max_term_width = 100)]
pub(crate) struct Args {
    /// Change into this directory first; goes before the command
    #[arg(long, value_name = "DIR")]
    pub(crate) chdir: Option<PathBuf>,
    /// Write no colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare the working directory: load modules and name the providers in use
    Init(InitArgs),
    /// Check whether the configuration is valid
    Validate(JsonArgs),
    /// Show what apply would change, why, and whether it can be undone
    Plan(PlanArgs),
    /// Create, change or delete objects as the plan says
    Apply(ApplyArgs),
    /// Delete every object that the state knows
    Destroy(ApplyArgs),
    /// Go on with the newest run, if it did not come to its end: as it was agreed to, and without its directory's configuration
    Resume(ResumeArgs),
    /// Find out what became of the steps that a run left open, or say it
    Recover(RecoverArgs),
    /// Undo what a run did
    Rollback(RollbackArgs),
    /// Take over into the state what has changed outside, without asking
    Refresh(RefreshArgs),
    /// Take the state's lock from a run that is gone
    ForceUnlock(ForceUnlockArgs),
    /// Take an object that exists over into the state
    Import(ImportArgs),
    /// Show the state, or a saved plan
    Show(ShowArgs),
    /// Show outputs of the root module
    Output(OutputArgs),
    /// Look into the state
    #[command(subcommand)]
    State(StateCommand),
    /// List, make, choose and remove workspaces: states of one configuration that lie side by side
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Draw where the time of a run went
    Timeline(TimelineArgs),
    /// List the runs, or what they did to one object
    History(HistoryArgs),
    /// Show what differs between the states after two runs
    Diff(DiffArgs),
    /// Mark an object as not whole, so that the next apply replaces it
    Taint(TaintArgs),
    /// Take back what taint said, or what a failed creation left behind
    Untaint(TaintArgs),
    /// Try expressions out
    Console(ConsoleArgs),
    /// Tell facts about levee itself
    #[command(subcommand)]
    Metadata(MetadataCommand),
    /// Print the graph of resources and what they depend on
    Graph(GraphArgs),
    /// Lay out configuration files in the one way that all agree on
    Fmt(FmtArgs),
    /// Show the version
    Version(VersionArgs),
    /// Install the modules that the configuration calls
    Get(GetArgs),
    /// Show the modules that the configuration calls
    Modules(JsonArgs),
    /// Show the providers that the configuration and the state need
    #[command(args_conflicts_with_subcommands = true)]
    Providers(ProvidersArgs),
    /// Run an emulated cloud on this machine to try things out in
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Flags of `fmt`.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct FmtArgs {
    /// Files and directories; the working directory if there is none, the standard input for -
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<PathBuf>,
    /// Whether to name the files that are laid out differently
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) list: bool,
    /// Whether to write them
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) write: bool,
    /// Show what is to change in them
    #[arg(long)]
    pub(crate) diff: bool,
    /// Write nothing, and exit with 3 if there is one
    #[arg(long)]
    pub(crate) check: bool,
    /// Go into directories in directories
    #[arg(long)]
    pub(crate) recursive: bool,
}

/// Flags of `graph`.
#[derive(Debug, ClapArgs)]
pub(crate) struct GraphArgs {
    /// The language of the graph
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: GraphForm,
    /// The configuration that this saved plan was made from, if that is still the same
    #[arg(long, value_name = "PATH")]
    pub(crate) plan: Option<PathBuf>,
    /// Accepted for scripts; a cycle is told as an error
    #[arg(long, hide = true)]
    pub(crate) draw_cycles: bool,
    /// Refused: there is one graph
    #[arg(long = "type", value_name = "TYPE", hide = true)]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Languages of graphs.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum GraphForm {
    /// For Graphviz
    #[default]
    Dot,
    /// For Mermaid
    Mermaid,
    /// For programs
    Json,
}

/// Flags of `timeline`.
#[derive(Debug, ClapArgs)]
pub(crate) struct TimelineArgs {
    /// Number of the run; the newest that did something if left out
    pub(crate) run: Option<u64>,
    /// Draw it as a page into this file
    #[arg(long, value_name = "PATH")]
    pub(crate) html: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Flags of `history`.
#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    /// Address of the object; all runs if left out
    pub(crate) address: Option<String>,
    #[command(flatten)]
    pub(crate) print: JsonArgs,
}

/// Flags of `diff`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The run after which the first state was so: its number, latest, or latest-1 and so on
    pub(crate) from: String,
    /// The run after which the second state was so
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) print: JsonArgs,
}

/// Flags of `taint` and `untaint`.
#[derive(Debug, ClapArgs)]
pub(crate) struct TaintArgs {
    /// Whether it is fine when there is no such object
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Address of the object
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Flags of `init`.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct InitArgs {
    /// Fetch modules again, in the newest versions that are allowed
    #[arg(long)]
    pub(crate) upgrade: bool,
    /// Whether to look where the backend has states
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) backend: bool,
    /// Whether to install modules
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) get: bool,
    /// Accepted for scripts; init asks nothing
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) input: bool,
    /// Accepted for scripts; a state that goes along is always locked
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) lock: bool,
    /// How long to wait for a run to end whose state is to go along
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration::parse)]
    pub(crate) lock_timeout: Duration,
    /// If the backend says another place, go on with what is there
    #[arg(long, conflicts_with = "migrate_state")]
    pub(crate) reconfigure: bool,
    /// If the backend says another place, take states along to it
    #[arg(long)]
    pub(crate) migrate_state: bool,
    /// As -migrate-state, also where the other place has a state, which is kept under another name
    #[arg(long)]
    pub(crate) force_copy: bool,
    /// What may become of the lock file of modules: readonly leaves it as it is
    #[arg(long, value_name = "MODE", value_parser = ["readonly"])]
    pub(crate) lockfile: Option<String>,
    /// Copy a module into this directory first, which must be empty
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from_module: Option<String>,
    /// An argument of the backend, NAME=VALUE, or a file of such (repeatable)
    #[arg(long, value_name = "CONFIG")]
    pub(crate) backend_config: Vec<String>,
    /// Accepted for scripts; providers are built in
    #[arg(long, value_name = "PATH", hide = true)]
    pub(crate) plugin_dir: Vec<String>,
    /// Print a stream of JSON events
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Where the state is.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct PlaceArgs {
    /// The state file, or a store of levee's own if it ends in .db [default: terraform.tfstate]
    #[arg(long, value_name = "PATH")]
    pub(crate) state: Option<PathBuf>,
}

/// `-json` and nothing else.
#[derive(Debug, ClapArgs)]
pub(crate) struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Flags of `console`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConsoleArgs {
    /// Plan first, and show values as they would be
    #[arg(long)]
    pub(crate) plan: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// What a plan is made from and for.
#[derive(Debug, ClapArgs)]
pub(crate) struct PlanningArgs {
    /// Plan to delete everything
    #[arg(long)]
    pub(crate) destroy: bool,
    /// Only take over into the state what has changed outside
    #[arg(long)]
    pub(crate) refresh_only: bool,
    /// Whether to read every object first
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) refresh: bool,
    /// Replace this object even if it need not be; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) replace: Vec<String>,
    /// Plan only this and what it depends on; may be repeated, and * stands for any text
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) target: Vec<String>,
    /// Plan all but this and what depends on it; may be repeated, and * stands for any text
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) exclude: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// Values of input variables.
#[derive(Debug, ClapArgs)]
pub(crate) struct VariableArgs {
    /// Set an input variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Read input variables from a file; may be repeated
    #[arg(long, value_name = "PATH")]
    var_file: Vec<PathBuf>,
    /// `-var` and `-var-file` in the order they were written: later ones win.
    #[arg(skip)]
    pub(crate) inputs: Vec<InputArgument>,
}

/// How a command works.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct RunArgs {
    /// How many calls may run at a time
    #[arg(long, value_name = "N", default_value_t = parallelism::DEFAULT, value_parser = parallelism::parse)]
    pub(crate) parallelism: usize,
    /// Accepted for scripts; a run always holds its lock
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) lock: bool,
    /// How long to wait for another run to end
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration::parse)]
    pub(crate) lock_timeout: Duration,
    /// Whether questions may be asked
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, hide_possible_values = true)]
    pub(crate) input: bool,
    /// Show warnings by their summaries only
    #[arg(long)]
    pub(crate) compact_warnings: bool,
    /// Print a stream of JSON events
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Flags of `plan`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Save the plan, for apply to carry out
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Write configuration for imported objects that have none to this file
    #[arg(long, value_name = "PATH")]
    pub(crate) generate_config_out: Option<PathBuf>,
    /// Exit with 2 if there are changes, 0 if there are none
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

/// Flags of `apply` and `destroy`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ApplyArgs {
    /// A plan saved with plan -out
    pub(crate) plan_file: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Exit with a code that tells how far it came, where it did not come to its end
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// What to do when it fails
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) on_failure: OnFailure,
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Flags of `refresh`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RefreshArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Flags of `force-unlock`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ForceUnlockArgs {
    /// Do not ask
    #[arg(long)]
    pub(crate) force: bool,
    /// Id of the lock, as the run that waits for it tells it
    pub(crate) lock_id: String,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Flags of `import`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// Address of a resource instance in the configuration
    pub(crate) address: String,
    /// The id by which its provider knows the object
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Flags of `show`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// A plan saved with plan -out; the state if left out
    pub(crate) plan_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) print: JsonArgs,
}

/// Flags of `output`.
#[derive(Debug, ClapArgs)]
pub(crate) struct OutputArgs {
    /// Only this output
    pub(crate) name: Option<String>,
    /// Print a string, number or bool as it is
    #[arg(long, conflicts_with = "json", requires = "name")]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) print: JsonArgs,
}

/// Flags of `version`.
#[derive(Debug, ClapArgs)]
pub(crate) struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `get`.
#[derive(Debug, ClapArgs)]
pub(crate) struct GetArgs {
    /// Fetch modules again, in the newest versions that are allowed
    #[arg(long)]
    pub(crate) update: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

impl Command {
    /// Whether output is to be a stream of JSON events. Documents (`show -json`) are the commands' own matter.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Init(args) if args.json) || self.run_args().is_some_and(|r| r.json)
    }
    /// Whether warnings are to be short.
    pub(crate) fn compact_warnings(&self) -> bool {
        self.run_args().is_some_and(|r| r.compact_warnings)
    }
    fn run_args(&self) -> Option<&RunArgs> {
        match self {
            Self::Plan(args) => Some(&args.run),
            Self::Apply(args) | Self::Destroy(args) => Some(&args.run),
            Self::Refresh(args) => Some(&args.run),
            Self::Resume(args) => Some(&args.run),
            Self::Recover(args) => Some(&args.run),
            Self::Rollback(args) => Some(&args.run),
            _ => None,
        }
    }
    fn variables_mut(&mut self) -> Option<&mut VariableArgs> {
        match self {
            Self::Plan(args) => Some(&mut args.planning.variables),
            Self::Apply(args) | Self::Destroy(args) => Some(&mut args.planning.variables),
            Self::Refresh(args) => Some(&mut args.planning.variables),
            Self::Resume(args) => Some(&mut args.variables),
            Self::Recover(args) => Some(&mut args.variables),
            Self::Rollback(args) => Some(&mut args.variables),
            Self::Import(args) => Some(&mut args.variables),
            Self::Console(args) => Some(&mut args.variables),
            _ => None,
        }
    }
}

/// Whether the command of this name is followed by another name.
pub(crate) fn is_family(name: &str) -> bool {
    Args::command().find_subcommand(name).is_some_and(clap::Command::has_subcommands)
}

/// Reads a command line, the program's name first.
pub(crate) fn parse(argv: impl IntoIterator<Item = OsString>) -> Parsed {
    let argv: Vec<OsString> = argv.into_iter().collect();
    let json = argv.iter().any(|a| a == "-json" || a == "--json");
    match try_parse(argv) {
        Ok(args) => Parsed::Command(Box::new(args)),
        Err(error) => {
            let text = argv::respell(&error.render().to_string());
            match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Parsed::Help(text),
                _ => Parsed::Misuse(Box::new(misuse(&error, &text)), json),
            }
        }
    }
}

/// What is wrong with a command line, in Terraform's words where it has some.
fn misuse(error: &clap::Error, rendered: &str) -> Diagnostic {
    let text = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let flag = |name: &str| name.split([' ', '=']).next().unwrap_or_default().replacen("--", "-", 1);
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let failed = |detail: String| Diagnostic::error("Failed to parse command-line flags", detail);
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => failed(format!("flag provided but not defined: {}", flag(&argument))),
        ErrorKind::UnknownArgument => {
            let detail = "To specify a working directory for the plan, use the global -chdir flag.";
            Diagnostic::error("Too many command line arguments", detail)
        }
        ErrorKind::InvalidValue if value.is_empty() => failed(format!("flag needs an argument: {}", flag(&argument))),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = error.source().map_or_else(|| "parse error".to_owned(), ToString::to_string);
            if argument.starts_with("--parallelism") && value.parse::<i64>().is_ok() {
                return Diagnostic::error("Invalid parallelism value", why);
            }
            failed(format!("invalid value {value:?} for flag {}: {why}", flag(&argument)))
        }
        _ => Diagnostic::error("Failed to parse command-line arguments", rendered.trim().trim_start_matches("error: ")),
    }
}

fn try_parse(argv: impl IntoIterator<Item = OsString>) -> Result<Args, clap::Error> {
    let matches = Args::command().try_get_matches_from(argv::normalise(argv))?;
    let mut args = Args::from_arg_matches(&matches)?;
    if let Some((variables, (_, matches))) = args.command.variables_mut().zip(matches.subcommand()) {
        variables.inputs = ordered_inputs(variables, matches);
    }
    Ok(args)
}

/// `-var` and `-var-file` by their places on the command line, which the derived struct does not keep.
fn ordered_inputs(variables: &VariableArgs, matches: &ArgMatches) -> Vec<InputArgument> {
    let mut all = Vec::new();
    for (text, place) in variables.var.iter().zip(matches.indices_of("var").into_iter().flatten()) {
        all.push((place, InputArgument::Var(text.clone())));
    }
    for (path, place) in variables.var_file.iter().zip(matches.indices_of("var_file").into_iter().flatten()) {
        all.push((place, InputArgument::File(path.clone())));
    }
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, input)| input).collect()
}

#[cfg(test)]
mod tests;
