//! Flags of the verbs about runs that did not come to their end.

use super::{RunArgs, VariableArgs};
use clap::Args as ClapArgs;

/// Flags of `resume`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ResumeArgs {
    /// Number of the run, which must be the newest
    pub(crate) run_id: Option<u64>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Flags of `recover`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RecoverArgs {
    /// The object of this address is the one with this id; may be repeated
    #[arg(long, value_name = "ADDRESS=ID")]
    pub(crate) adopt: Vec<String>,
    /// There is no object of this address; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mark_absent: Vec<String>,
    /// Leave state and cloud as they are, whatever is there; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) leave: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}
