//! Files on disk: read, written whole or not at all, deleted.

use levee_sdk::context::OpToken;
use levee_sdk::error::Result;
use levee_sdk::{ErrorKind, ProviderError};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whether a text is a permission in octal digits: `0644`.
pub(super) fn is_permission(text: &str) -> bool {
    (3..=4).contains(&text.len()) && mode(text).is_some()
}

fn mode(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777 && text.bytes().all(|b| b.is_ascii_digit()))
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> ProviderError {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => ErrorKind::AccessDenied,
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Failed,
    };
    ProviderError::new(kind, format!("cannot {doing} {}: {error}", path.display()))
}

/// Runs file operations beside the executor.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let bug = |e: tokio::task::JoinError| ProviderError::new(ErrorKind::Bug, e.to_string());
    tokio::task::spawn_blocking(work).await.map_err(bug)?
}

/// What the file holds; `None` when there is none.
pub(super) async fn read(path: &str) -> Result<Option<Vec<u8>>> {
    let path = PathBuf::from(path);
    beside(move || match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &path, &error)),
    })
    .await
}

/// Writes a file, and the folders on the way to it. Permissions are octal, and subject to the process's umask.
pub(super) async fn write(path: &str, bytes: Vec<u8>, file: Option<&str>, folder: Option<&str>, op: OpToken) -> Result<()> {
    let path = PathBuf::from(path);
    let [file, folder] = [file, folder].map(|text| text.and_then(mode).unwrap_or(0o777));
    beside(move || write_now(&path, &bytes, file, folder, op)).await
}

/// Removes what an interrupted [`write`] may have left beside the file.
pub(super) async fn clear(path: &str, op: OpToken) -> Result<()> {
    let half = half_written(Path::new(path), op);
    delete(&half.to_string_lossy()).await
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a file is until it is whole. The operation gives the name, so that whoever asks what became of it finds it.
fn half_written(path: &Path, op: OpToken) -> PathBuf {
    parent_of(path).join(format!(".levee-{}", op.0.simple()))
}

fn write_now(path: &Path, bytes: &[u8], file: u32, folder: u32, op: OpToken) -> Result<()> {
    let parent = parent_of(path);
    folders(parent, folder).map_err(|error| failed("make the folder", parent, &error))?;
    let is_special = fs::symlink_metadata(path).is_ok_and(|found| !found.is_file());
    let written = if is_special { fs::write(path, bytes) } else { replace(path, &half_written(path, op), bytes, file) };
    written.map_err(|error| failed("write", path, &error))
}

/// Writes beside the file and moves it there, so that nobody ever sees half of it.
fn replace(path: &Path, half: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let result =
        create(half, mode).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).and_then(|()| fs::rename(half, path));
    if result.is_err() {
        // The first error is the one to tell; a file left over is harmless.
        let _ = fs::remove_file(half);
    }
    result
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: u32) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn folders(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(mode).create(path)
}

#[cfg(not(unix))]
fn folders(path: &Path, _: u32) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Deletes a file; one that is gone already is no error.
pub(super) async fn delete(path: &str) -> Result<()> {
    let path = PathBuf::from(path);
    beside(move || match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("delete", &path, &error)),
        _ => Ok(()),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_octal() {
        assert!(["644", "0644", "0777"].iter().all(|text| is_permission(text)));
        assert!(!["", "8", "0888", "+644", "00644", "rw-"].iter().any(|text| is_permission(text)));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn writes_with_permissions_and_folders() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().expect("a folder");
        let path = temp.path().join("a/b/c.txt");
        let name = path.to_str().expect("plain names");
        write(name, b"one".to_vec(), Some("0600"), Some("0700"), OpToken::new()).await.expect("written");
        write(name, b"two".to_vec(), Some("0640"), Some("0700"), OpToken::new()).await.expect("written over");
        assert_eq!(read(name).await.ok(), Some(Some(b"two".to_vec())));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&temp.path().join("a"))), (0o640, 0o700));
        assert_eq!(fs::read_dir(temp.path().join("a/b")).expect("there").count(), 1, "nothing is left beside it");
        let op = OpToken::new();
        fs::write(half_written(&path, op), "tw").expect("written");
        clear(name, op).await.expect("cleared");
        assert_eq!(fs::read_dir(temp.path().join("a/b")).expect("there").count(), 1, "nothing is left of what was interrupted");
        delete(name).await.expect("deleted");
        delete(name).await.expect("gone already");
        assert_eq!(read(name).await.ok(), Some(None));
    }
}
