//! Flags of what undoes runs.

use super::{RunArgs, VariableArgs};
use clap::Args as ClapArgs;

/// What is done when an apply fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnFailure {
    /// Leave everything as it is
    #[default]
    Stop,
    /// Roll the run back
    Rollback,
    /// Ask which of the two; only on a terminal
    Ask,
}

/// Flags of `rollback`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RollbackArgs {
    /// Number of the run; the newest whose effects are still there if left out
    pub(crate) run_id: Option<u64>,
    /// Leave this as it is; may be repeated, and * stands for any text
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) skip: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}
