//! What can go wrong with a sandbox, each with a hint for the user.

use std::io;
use std::path::PathBuf;

/// A fault of starting, stopping or asking a sandbox. `Display` says what happened, [`SandboxError::hint`] what to do.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No Python interpreter of a fitting version was found.
    #[error("no Python {needed} or newer was found (tried: {tried})")]
    NoPython {
        /// The lowest version that works, such as `3.10`.
        needed: &'static str,
        /// The names that were tried, with what was found.
        tried: String,
    },
    /// The virtual environment could not be made.
    #[error("cannot create a Python virtual environment in {}:\n{output}", .folder.display())]
    Venv {
        /// Where it should have been.
        folder: PathBuf,
        /// The last lines that Python wrote.
        output: String,
    },
    /// pip could not install the packages.
    #[error("pip could not install the sandbox's Python packages:\n{output}")]
    Pip {
        /// The last lines that pip wrote.
        output: String,
    },
    /// There is no Go to build the Kubernetes programs with.
    #[error("no Go 1.26 or newer was found ({found}){output}")]
    NoGo {
        /// What was found instead.
        found: String,
        /// What pip said when it was to install one; empty if it was not asked.
        output: String,
    },
    /// The Kubernetes programs could not be built.
    #[error("the sandbox's Kubernetes programs could not be built:\n{output}")]
    Build {
        /// The last lines that Go wrote.
        output: String,
    },
    /// The port asked for is in use.
    #[error("port {port} on 127.0.0.1 is in use")]
    PortTaken {
        /// The port asked for.
        port: u16,
    },
    /// The layer ended before it answered.
    #[error("the sandbox ended while starting ({status}):\n{log}")]
    Died {
        /// How the process ended.
        status: String,
        /// The last lines of its log.
        log: String,
    },
    /// The layer did not answer in time; it has been ended.
    #[error("the sandbox did not answer within {seconds} s:\n{log}")]
    StartTimeout {
        /// How long was waited.
        seconds: u64,
        /// The last lines of its log.
        log: String,
    },
    /// The process did not end, not even when killed.
    #[error("the sandbox process {pid} does not end")]
    StopTimeout {
        /// The process.
        pid: i32,
    },
    /// No sandbox of this name is running.
    #[error("no sandbox named {name:?} is running")]
    NotRunning {
        /// The name asked for.
        name: String,
    },
    /// The name cannot be a sandbox's name.
    #[error("{name:?} is not a name for a sandbox")]
    BadName {
        /// The name given.
        name: String,
    },
    /// No home or cache directory is known.
    #[error("no directory is known for the sandbox: {variable} is not set")]
    NoHome {
        /// The environment variable that would tell.
        variable: &'static str,
    },
    /// The running layer gave no usable answer.
    #[error("the sandbox at 127.0.0.1:{port} gave no usable answer: {reason}")]
    Answer {
        /// Its port.
        port: u16,
        /// What was wrong.
        reason: String,
    },
    /// A file or process operation failed.
    #[error("{doing}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The operating system's error.
        source: io::Error,
    },
}

impl SandboxError {
    /// One sentence on what the user can do about it, if there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoPython { .. } => Some("Install Python 3.10 or newer, or point LEVEE_PYTHON at one."),
            Self::Venv { .. } => Some("On Debian and Ubuntu the package python3-venv is needed."),
            Self::Pip { .. } => Some("The first start needs a Python package index; pip's own settings (proxy, index) are honoured."),
            Self::NoGo { .. } => Some("Install Go 1.26 or newer, or point LEVEE_GO at one; or start with -without-kubernetes."),
            Self::Build { output } if output.contains("no space left") => {
                Some("The build needs 5 GB in levee's cache for some minutes; LEVEE_CACHE_DIR can name a larger place.")
            }
            Self::Build { .. } => Some("It needs a Go module proxy (GOPROXY is honoured), 3 GB of memory and 5 GB of disk."),
            Self::PortTaken { .. } => Some("Leave --port out to let the operating system choose a free one."),
            Self::Died { .. } | Self::StartTimeout { .. } => {
                Some("If the log points at the Python packages, remove the `sandbox` folder of levee's cache and start again.")
            }
            Self::NotRunning { .. } => Some("Start it with `levee sandbox start`."),
            Self::BadName { .. } => Some("Use letters, digits, `-` and `_`, at most 64 of them."),
            Self::NoHome { .. } => Some("Set LEVEE_CACHE_DIR and LEVEE_SANDBOX_DIR."),
            Self::StopTimeout { .. } | Self::Answer { .. } | Self::Io { .. } => None,
        }
    }

    /// Wraps an I/O error together with what was being done.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}
