//! The log for whoever looks for a fault: what was asked of whom, and what became of it; never with what contents.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What writes into it: ours alone. Libraries below would tell what they send.
const OURS: &str = "levee";

/// How much is logged, from a word of Terraform's; none if it is no such word.
pub(crate) fn level(word: &str) -> Option<LevelFilter> {
    let level = match word.to_ascii_uppercase().as_str() {
        "TRACE" => Level::TRACE,
        "DEBUG" => Level::DEBUG,
        "INFO" => Level::INFO,
        "WARN" => Level::WARN,
        "ERROR" => Level::ERROR,
        "OFF" => return Some(LevelFilter::OFF),
        _ => return None,
    };
    Some(level.into())
}

/// Begins the log, at the end of a file that its owner alone may read, or on standard error.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn begin(level: LevelFilter, path: Option<&Path>) -> io::Result<()> {
    let writer = match path {
        Some(path) => BoxMakeWriter::new(Mutex::new(private(path)?)),
        None => BoxMakeWriter::new(io::stderr),
    };
    let lines = layer().with_ansi(false).with_writer(writer).with_filter(Targets::new().with_target(OURS, level));
    // One that there is already was begun by this process, and goes on.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

fn private(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
