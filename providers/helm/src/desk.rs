//! Where one call of helm finds what it needs: a folder that nobody else may read, with a kubeconfig, values and logins.
//!
//! The folder has a lock, which helm holds too (as its standard input, which it does not read). So if levee is killed while helm
//! goes on, the next levee knows that it does; and folders whose lock is free are left over and can go.

use crate::environment;
use levee_cluster::Kubeconfig;
use levee_sdk::OpToken;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const PREFIX: &str = "levee-helm-";
const LOCK: &str = "lock";
/// A folder that is younger may be one that is just being made.
const YOUNG: Duration = Duration::from_mins(1);

/// A folder for one call.
pub(crate) struct Desk {
    folder: TempDir,
    lock: File,
}

fn fault(error: &io::Error) -> ProviderError {
    ProviderError::new(ErrorKind::Configuration, format!("a temporary folder for helm cannot be used: {error}"))
}

impl Desk {
    /// A new one. `op` is the step that it is for.
    pub(crate) fn new(op: Option<OpToken>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(environment::temporary()).map_err(|e| fault(&e))?;
        let mut lock = private(&folder.path().join(LOCK)).map_err(|e| fault(&e))?;
        lock.lock().map_err(|e| fault(&e))?;
        lock.write_all(op.map(|op| op.to_string()).unwrap_or_default().as_bytes()).map_err(|e| fault(&e))?;
        Ok(Self { folder, lock })
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that nobody else may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        private(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| fault(&e))?;
        Ok(path)
    }

    /// Writes a document.
    pub(crate) fn write_json(&self, name: &str, document: &Json) -> Result<PathBuf> {
        self.write(name, &document.to_string())
    }

    /// Where the token lies.
    pub(crate) fn token_file(&self) -> PathBuf {
        self.path("token")
    }

    /// Writes how the cluster is reached.
    pub(crate) fn reach(&self, kubeconfig: &Kubeconfig) -> Result<PathBuf> {
        self.renew(kubeconfig)?;
        self.write_json("kubeconfig", &kubeconfig.document)
    }

    /// Writes the token as it is now.
    pub(crate) fn renew(&self, kubeconfig: &Kubeconfig) -> Result<()> {
        if let Some(token) = &kubeconfig.token {
            self.write("token.new", token)?;
            fs::rename(self.path("token.new"), self.token_file()).map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    /// What helm gets as its standard input.
    pub(crate) fn stdin(&self) -> Result<File> {
        self.lock.try_clone().map_err(|e| fault(&e))
    }
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Folders of ours, with their locks.
fn others() -> Vec<(PathBuf, File)> {
    let entries = fs::read_dir(environment::temporary()).into_iter().flatten().filter_map(io::Result::ok);
    let ours = entries.filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)).map(|e| e.path());
    // Those of others cannot be opened.
    ours.filter_map(|path| Some((path.clone(), File::open(path.join(LOCK)).ok()?))).collect()
}

/// Whether the helm of a step is still at work, though its levee is not.
pub(crate) fn is_at_work(op: OpToken) -> bool {
    let wanted = op.to_string();
    others().into_iter().any(|(path, lock)| {
        let is_its = fs::read_to_string(path.join(LOCK)).is_ok_and(|text| text == wanted);
        is_its && lock.try_lock().is_err()
    })
}

/// Removes folders that killed runs have left.
pub(crate) fn sweep() {
    for (path, lock) in others() {
        let is_old = lock.metadata().and_then(|m| m.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > YOUNG));
        if is_old && lock.try_lock().is_ok() {
            // What cannot be removed is tried again by the next run.
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn who_holds_the_lock_is_at_work() {
        let op = OpToken::new();
        let desk = Desk::new(Some(op)).unwrap();
        let held = desk.stdin().unwrap();
        assert!(is_at_work(op) && !is_at_work(OpToken::new()));
        assert_eq!(fs::metadata(desk.write("x", "hush").unwrap()).unwrap().mode() & 0o777, 0o600);
        let Desk { folder, lock } = desk;
        drop(lock);
        assert!(is_at_work(op), "a copy of it is held still");
        drop(held);
        assert!(!is_at_work(op));
        drop(folder);
    }
}
