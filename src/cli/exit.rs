//! How a command ended, and the exit code for it.

use levee_model::{Diagnostics, Fault};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked: 0.
    Success,
    /// It did not: 1.
    Failure,
    /// With `-detailed-exitcode`: it did, and there are changes: 2.
    Changes,
    /// `fmt` could not read or parse a file: 2.
    Unreadable,
    /// `fmt -check` found files to format: 3.
    Unformatted,
    /// A run did part of what was planned, and something failed: 4.
    Partial,
    /// A run was told to stop before it was through: 5.
    Interrupted,
    /// A run left steps whose end is not known: 6.
    InDoubt,
    /// The state is damaged: 7.
    Damaged,
    /// The state cannot be read or written: 8.
    OutOfReach,
}

impl Exit {
    /// Of a command that told these.
    pub(crate) fn of(diagnostics: &Diagnostics) -> Self {
        match diagnostics.iter().filter(|d| d.is_error()).find_map(|d| d.fault) {
            Some(Fault::StateDamaged) => Self::Damaged,
            Some(Fault::StateOutOfReach) => Self::OutOfReach,
            None => Self::Failure,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
            Exit::Changes | Exit::Unreadable => Self::from(2),
            Exit::Unformatted => Self::from(3),
            Exit::Partial => Self::from(4),
            Exit::Interrupted => Self::from(5),
            Exit::InDoubt => Self::from(6),
            Exit::Damaged => Self::from(7),
            Exit::OutOfReach => Self::from(8),
        }
    }
}
