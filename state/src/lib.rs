//! The state store: what levee knows about the world, and the journal of how it came to know it.
//!
//! One `SQLite` file beside the root module, in WAL mode with full synchronisation. The guarantees:
//!
//! - An intent that was awaited is on disk before the caller goes on; a process killed at any later point leaves it there.
//! - An outcome and the state rows it brings stand in one transaction: there is never one without the other.
//! - Writes of one run become durable in the order in which they were made, so a deferred write is durable as soon as any
//!   later write of its run is.
//! - After a failed write nothing more is written by that run, and every later call says why. Nothing is claimed durable
//!   that is not.
//! - The cost of a change does not grow with the size of the state.
//! - What is read is what was written: a row that was damaged, or is missing, is an error, and so is a log that was cut.
//!
//! While a store is open, its file must not be opened by other means in the same process: closing it would end `SQLite`'s
//! own locks, which POSIX ties to the process. Copies are made through this crate.
//!
//! This is the only crate that speaks SQL, and it knows no provider: values are JSON text that it never looks into.
//! State rows do hold sensitive values; `Debug` and errors never show any.

mod store; // start here: open a state, read it, lock it, begin a run
pub use store::{Access, Store};

mod rows; // what is stored of an object, an output, and the ways to change them
pub use rows::{Base, Image, ObjectRow, ObjectStatus, OutputRow, StateEdit};
mod snapshot; // everything at one serial
pub use snapshot::{Snapshot, Version};

mod dependencies; // what depends on what, through others
pub use dependencies::AllDependencies;
mod tfstate; // Terraform's state file, version 4
pub use tfstate::{FileError, FileFormat};
mod state_file; // writing that file beside the store, and taking it over
pub use state_file::{FileDigest, FileState, file_text};

mod cipher; // how sensitive values are hidden
pub use cipher::{DataKey, is_hidden};
mod hiding; // which values those are
mod keys; // the key they are hidden with
pub use keys::{NewKey, ServiceWrapping, Wrapping};
mod scope; // what a run may touch
pub use scope::Scope;
mod lock; // who may write
pub use lock::{LockGuard, LockHolder, LockInfo};
mod heartbeat; // how others see that it lives
mod process; // which process, on which machine, and whether it still lives

mod run; // one recorded carrying out
pub use run::{DurationRow, Run, RunEnd, RunId, RunKind, RunRecord, RunSpec};
mod kept; // what it is taken up again from
pub use kept::{Bundle, Kept};
mod journal; // what is recorded of a step
pub use journal::{Checkpoint, EntryOutcome, FailureRecord, FinishedEntry, Intent, JournalEntry, NEVER_MADE, OpenRun, Outcome};
mod timing; // where its time went
pub use timing::{ReadRecord, TimedStep, Timing};
mod entry; // a step under way
pub use entry::OpenEntry;

mod fail_point; // where tests end the process
pub use fail_point::fail_point;
mod writer; // the thread that group-commits a run's writes
pub use writer::WriterStats;
mod record; // those writes as SQL
mod meta; // what stands for the whole store: lineage, serial, and how much there is
mod seal; // a checksum for every row
mod mark; // a note beside the file of how far it was written

mod check; // whether all of it is whole and fits together
pub use check::{CheckReport, check};
mod backup; // copies of it, and putting one in its place
pub use backup::{Backup, Restored, backup_directory, backups, restore};

mod file; // the file on disk: creation, permissions, connections
mod migrate; // its layout, version by version

mod error;
pub use error::StateError;
