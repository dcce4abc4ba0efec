//! What can go wrong with the store, told apart by what the user can do about it.

use crate::lock::LockHolder;
use crate::rows::Base;
use crate::run::RunId;
use crate::seal::Damage;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// A fault of the store. Cloneable, since one failed commit is told to everyone who waited for it. Never holds values.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StateError {
    /// No room left on the device.
    #[error("no space is left on the device that holds {}", path.display())]
    DiskFull {
        /// The state file.
        path: PathBuf,
    },
    /// The file or its directory cannot be written, or not even opened.
    #[error("the file {} cannot be {doing}: {detail}", path.display())]
    Denied {
        /// The file or directory.
        path: PathBuf,
        /// What was tried: "opened", "written".
        doing: &'static str,
        /// The system's words.
        detail: String,
    },
    /// The device or the file system failed.
    #[error("an input or output operation on {} failed: {detail}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// The file is damaged.
    #[error("the state file {} is damaged: {detail}", path.display())]
    Corrupt {
        /// The state file.
        path: PathBuf,
        /// What was seen.
        detail: String,
    },
    /// The file is whole, but older than what was written last: its log was cut or removed, or it was replaced by a copy.
    #[error(
        "the state file {} is older than it was: the last {missing} of its transactions {} not in it. Its log was cut or removed, or an \
         older copy was put in its place", path.display(), if *missing == 1 { "is" } else { "are" }
    )]
    Behind {
        /// The state file.
        path: PathBuf,
        /// How many transactions are missing.
        missing: u64,
        /// The note of what was written last.
        mark: PathBuf,
    },
    /// Something outside levee holds the database.
    #[error("another program keeps the state file {} busy", path.display())]
    Busy {
        /// The state file.
        path: PathBuf,
    },
    /// A newer levee wrote it. It was not touched.
    #[error("the state file {} has format {found}; this levee knows formats up to {ours}", path.display())]
    NewerSchema {
        /// The state file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest we know.
        ours: i64,
    },
    /// An `SQLite` database that is not levee's. It was not touched.
    #[error("the file {} is a database, but not one of levee's", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Someone else is writing.
    #[error("the state is locked{}", holder.as_ref().map(|h| format!(" by {h}")).unwrap_or_default())]
    Locked {
        /// Who, if it can be told.
        holder: Option<Box<LockHolder>>,
    },
    /// Sensitive values are hidden, and nobody has said the passphrase.
    #[error("the state is encrypted, and its passphrase was not given")]
    KeyNeeded,
    /// The passphrase is not the one that the state's key is wrapped in.
    #[error("the passphrase is not that of the state")]
    WrongPassphrase,
    /// The service that keeps the wrapping key did not give the state's key back.
    #[error("the state is encrypted, and its key was not opened with the key {key}: {detail}")]
    KeyRefused {
        /// The wrapping key.
        key: String,
        /// The service's words.
        detail: String,
        /// What is to be done about it.
        hint: String,
    },
    /// A value was hidden with another key, or changed since.
    #[error("a value of the state was encrypted with another key, or changed since")]
    OtherKey,
    /// The store is encrypted already, or is not.
    #[error("the state is {} encrypted", if *encrypted { "already" } else { "not" })]
    Encrypted {
        /// Which of the two.
        encrypted: bool,
    },
    /// Somebody else has taken the lock meanwhile.
    #[error("the lock of this run was taken by somebody else, who took it for dead or was told to")]
    LockLost,
    /// The plan was made from another state than the one that is there.
    #[error("the state has changed since the plan was made (planned on serial {}, now at {})", planned.serial, found.serial)]
    StaleBase {
        /// What the plan was made from.
        planned: Base,
        /// What is there.
        found: Base,
    },
    /// An earlier run is open: it has no end, or steps in doubt.
    #[error("run {run} was not brought to its end")]
    RunOpen {
        /// That run.
        run: RunId,
    },
    /// The run was asked for or resumed, but is not there or not open.
    #[error("there is no open run {run}")]
    NotOpen {
        /// That run.
        run: RunId,
    },
    /// A copy was not put in the state's place.
    #[error("the state was not replaced: {why}")]
    NotRestored {
        /// Why not.
        why: String,
    },
    /// Another file was put in the state's place since it was opened.
    #[error("the state file {} was replaced meanwhile", path.display())]
    Replaced {
        /// The state file.
        path: PathBuf,
    },
    /// A write was asked of a store opened for reading.
    #[error("the state was opened for reading only")]
    ReadOnly,
    /// A write was asked of a run that has ended.
    #[error("the run has already ended")]
    RunEnded,
    /// A rule of this crate was broken: a defect in levee.
    #[error("the state store failed while {doing}: {detail}")]
    Internal {
        /// What was tried.
        doing: &'static str,
        /// What was seen.
        detail: String,
    },
}

impl StateError {
    /// What the user can do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::KeyRefused { hint, .. } => hint,
            Self::DiskFull { .. } => {
                "Free some space and run the command again: what was recorded so far is kept, and the next run picks it up."
            }
            Self::Denied { .. } => "Check the owner and the permissions of the file and of its directory.",
            Self::Io { .. } => {
                "Check the disk and, on a network file system, its connection and whether it supports locks. What was recorded so far is kept."
            }
            Self::Corrupt { .. } => {
                "Keep a copy of the .levee directory as it is, then restore the state file from a backup. Nothing was written to it."
            }
            Self::Behind { .. } => {
                "Restore a backup. If you put this older file in its place on purpose, remove the file of the same name that ends in .mark, and levee goes on from here."
            }
            Self::Busy { .. } => "Close other programs that have the file open, such as an sqlite3 shell in a transaction, and try again.",
            Self::NewerSchema { .. } => "Use the newer levee that wrote it; the file was left as it is.",
            Self::NotOurs { .. } => "Move that file away, or point levee at another directory.",
            Self::Locked { .. } => {
                "Wait for the other run to end, or pass -lock-timeout to wait here. If its machine is gone for good, use force-unlock."
            }
            Self::KeyNeeded => {
                "Give it in LEVEE_STATE_PASSPHRASE, or in a file descriptor that LEVEE_STATE_PASSPHRASE_FD names, or run the command on a terminal."
            }
            Self::WrongPassphrase => "Check the passphrase. Nothing was read or written.",
            Self::OtherKey => "Restore a backup with \"levee state restore\".",
            Self::Encrypted { .. } => "Nothing is to be done.",
            Self::LockLost => {
                "Nothing more was recorded. Run \"levee recover\" when the other run is over: it finds out what became of the steps under way."
            }
            Self::StaleBase { .. } => "Plan again and apply the new plan.",
            Self::RunOpen { .. } => "Run apply again: it first settles what the earlier run left in doubt.",
            Self::NotOpen { .. } => "List the runs to see which of them are open.",
            Self::NotRestored { .. } => {
                "Nothing was changed. With -force it is replaced all the same, and what is there now is kept aside."
            }
            Self::Replaced { .. } => "Run the command again: it then works on the state that is there now.",
            Self::ReadOnly | Self::RunEnded | Self::Internal { .. } => "This is a defect in levee; please report it.",
        }
    }

    /// From an error of `SQLite`. Its own message is left out where it could quote data.
    pub(crate) fn from_sql(path: &Path, doing: &'static str, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let rusqlite::Error::SqliteFailure(code, _) = error else {
            return Self::from_row(path, doing, error);
        };
        match code.code {
            ErrorCode::DiskFull => Self::DiskFull { path },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
                Self::Denied { path, doing: "written", detail: code.to_string() }
            }
            ErrorCode::CannotOpen => Self::Denied { path, doing: "opened", detail: code.to_string() },
            ErrorCode::SystemIoFailure | ErrorCode::NoLargeFileSupport | ErrorCode::FileLockingProtocolFailed => {
                Self::Io { path, detail: code.to_string() }
            }
            // A length that is damaged may be more than any there is.
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TooBig => Self::Corrupt { path, detail: code.to_string() },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
            ErrorCode::Unknown if code.extended_code == rusqlite::ffi::SQLITE_ERROR => {
                Self::Corrupt { path, detail: "its tables are not those of its layout".to_owned() }
            }
            _ => Self::Internal { doing, detail: code.to_string() },
        }
    }

    /// A row that does not hold what its column should: damage, unless our own SQL is wrong.
    fn from_row(path: PathBuf, doing: &'static str, error: &rusqlite::Error) -> Self {
        if let rusqlite::Error::FromSqlConversionFailure(_, _, inner) = error
            && let Some(damage) = inner.downcast_ref::<Damage>()
        {
            return Self::Corrupt { path, detail: damage.to_string() };
        }
        match error {
            rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::IntegralValueOutOfRange(column, _)
            | rusqlite::Error::InvalidColumnType(column, ..)
            | rusqlite::Error::Utf8Error(column, _) => {
                Self::Corrupt { path, detail: format!("column {column} of a row read while {doing} is not what it should be") }
            }
            // Our statements fit our layout.
            rusqlite::Error::SqlInputError { .. } => Self::Corrupt { path, detail: "its tables are not those of its layout".to_owned() },
            rusqlite::Error::QueryReturnedNoRows => Self::Corrupt { path, detail: format!("a row expected while {doing} is missing") },
            _ => Self::Internal { doing, detail: "a statement was refused".to_owned() },
        }
    }

    /// From an error of the file system.
    pub(crate) fn from_io(path: &Path, doing: &'static str, error: &io::Error) -> Self {
        let (path, detail) = (path.to_path_buf(), error.to_string());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::NotFound => Self::Denied { path, doing, detail },
            _ => Self::Io { path, detail },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test can count on a file system without locks or a device that fails: what they answer stands here.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_system_says_becomes_something_to_do() {
        let (no_locks, not_supported, no_space, quota, read_only, device) = (37, 95, 28, 122, 30, 5);
        let told = |code| StateError::from_io(Path::new("x.lock"), "locked", &io::Error::from_raw_os_error(code));
        for code in [no_locks, not_supported, device] {
            let error = told(code);
            assert!(matches!(error, StateError::Io { .. }) && error.hint().contains("network file system"), "{code}: {error}");
        }
        assert!([no_space, quota].iter().all(|code| matches!(told(*code), StateError::DiskFull { .. })));
        assert!(matches!(told(read_only), StateError::Denied { .. }));
        let sql =
            |code| StateError::from_sql(Path::new("x"), "reading", &rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        assert!(matches!(sql(rusqlite::ffi::SQLITE_PROTOCOL), StateError::Io { .. }));
        assert!(matches!(sql(rusqlite::ffi::SQLITE_IOERR_LOCK), StateError::Io { .. }));
        assert!(matches!(sql(rusqlite::ffi::SQLITE_FULL), StateError::DiskFull { .. }));
    }
}
