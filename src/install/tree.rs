//! Directories: copied, and found by a pattern.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Copies a directory with everything in it; links stay links.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?.file_type();
    if kind.is_symlink() {
        return link(from, to);
    }
    if !kind.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}

/// Removes whatever is at a path, if anything is.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A directory of a package, whose name may hold `*` where an archive's own is not known before.
pub(super) fn subdir(package: &Path, wanted: &str) -> Result<PathBuf, String> {
    let mut dir = package.to_owned();
    for part in wanted.split('/').filter(|p| !p.is_empty()) {
        if !part.contains('*') {
            dir.push(part);
            continue;
        }
        let entries = fs::read_dir(&dir).map_err(|e| e.to_string())?;
        let mut found: Vec<String> =
            entries.flatten().filter_map(|e| e.file_name().into_string().ok()).filter(|n| matches(part, n)).collect();
        match (found.pop(), found.is_empty()) {
            (Some(name), true) => dir.push(name),
            (Some(_), false) => return Err(format!("subdir {wanted:?} matches multiple paths")),
            (None, _) => return Err(format!("subdir {wanted:?} not found")),
        }
    }
    Ok(dir)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).filter(|i| rest.is_char_boundary(*i)).any(|i| matches(after, &rest[i..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_by_pattern() {
        let package = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(package.path().join("module-1.2/modules/a")).expect("made");
        assert_eq!(subdir(package.path(), "*/modules/a"), Ok(package.path().join("module-1.2/modules/a")));
        fs::create_dir(package.path().join("other")).expect("made");
        assert!(subdir(package.path(), "*").is_err() && subdir(package.path(), "x*").is_err());
        assert_eq!(subdir(package.path(), "mod*2"), Ok(package.path().join("module-1.2")));
    }
}
