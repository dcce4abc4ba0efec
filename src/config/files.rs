//! Where the files of a configuration are read: on the disk, or among those that a run kept when it began.

use super::load::clean;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes functions may read that are remembered, in all. What comes on top is read from the disk again.
const REMEMBERED: usize = 16 << 20;

/// Files by their paths, as the configuration names them, and what functions were told of directories.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    /// Their content.
    pub files: BTreeMap<PathBuf, Arc<[u8]>>,
    /// What `fileset` and `fileexists` were answered, by the question.
    pub answers: BTreeMap<String, Vec<String>>,
}

/// Where files are read. Clones share what they remember.
#[derive(Clone, Debug, Default)]
pub struct Files {
    kept: Option<Arc<FileSet>>,
    seen: Arc<Mutex<Seen>>,
}

/// What functions have read and were told.
#[derive(Debug, Default)]
struct Seen {
    set: FileSet,
    /// How many bytes the files have.
    bytes: usize,
}

impl Files {
    /// Those that a run kept. What functions read besides comes from the disk.
    pub fn kept(set: FileSet) -> Self {
        Self { kept: Some(Arc::new(set)), seen: Arc::default() }
    }

    /// The names of what is in a directory, in no particular order.
    ///
    /// # Errors
    /// There is no such directory, or it cannot be read.
    pub fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let Some(kept) = &self.kept else {
            return Ok(std::fs::read_dir(dir)?.flatten().filter_map(|e| e.file_name().into_string().ok()).collect());
        };
        let dir = clean(dir);
        let inside = kept.files.keys().filter(|path| path.parent().is_some_and(|parent| clean(parent) == dir));
        let names: Vec<String> = inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect();
        if names.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    /// A file of the configuration itself.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.kept {
            Some(kept) => kept.files.get(&clean(path)).map(|content| content.to_vec()).ok_or_else(|| ErrorKind::NotFound.into()),
            None => std::fs::read(path),
        }
    }

    /// A file that a function reads: `name` is how the configuration calls it, `full` where it is.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn content(&self, name: &Path, full: &Path) -> io::Result<Vec<u8>> {
        if let Some(content) = self.kept.as_ref().and_then(|kept| kept.files.get(name)) {
            return Ok(content.to_vec());
        }
        let content = std::fs::read(full)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.bytes + content.len() <= REMEMBERED && !seen.set.files.contains_key(name) {
            seen.bytes += content.len();
            seen.set.files.insert(name.to_path_buf(), Arc::from(content.as_slice()));
        }
        Ok(content)
    }

    /// What a function is told of a directory: what the run was told, or what is found now.
    ///
    /// # Errors
    /// Those of finding it.
    pub fn answer<E>(&self, question: String, find: impl FnOnce() -> Result<Vec<String>, E>) -> Result<Vec<String>, E> {
        if let Some(answer) = self.kept.as_ref().and_then(|kept| kept.answers.get(&question)) {
            return Ok(answer.clone());
        }
        let found = find()?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).set.answers.insert(question, found.clone());
        Ok(found)
    }

    /// What functions have read and were told so far.
    pub fn seen(&self) -> FileSet {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).set.clone()
    }
}

impl fmt::Debug for FileSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_kept_stands_for_the_disk() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join("a.tf"), "new").expect("file");
        std::fs::write(dir.path().join("b.tf"), "other").expect("file");
        let disk = Files::default();
        let mut names = disk.list(dir.path()).expect("a directory");
        names.sort();
        assert_eq!(names, ["a.tf", "b.tf"]);
        let text: Arc<[u8]> = Arc::from(&b"old"[..]);
        let set = FileSet { files: [(dir.path().join("a.tf"), text.clone()), ("m/c.tf".into(), text)].into(), ..FileSet::default() };
        let kept = Files::kept(set);
        assert_eq!(kept.list(&dir.path().join("./x/..")).expect("a directory"), ["a.tf"]);
        assert_eq!(kept.list(Path::new("./m")).expect("a directory"), ["c.tf"]);
        assert_eq!(kept.read(&dir.path().join("a.tf")).expect("a file"), b"old");
        assert!(kept.read(&dir.path().join("b.tf")).is_err(), "it is no part of what the run was begun with");
        assert_eq!(kept.content(Path::new("b"), &dir.path().join("b.tf")).expect("a file"), b"other");
        assert!(kept.list(Path::new("elsewhere")).is_err());
    }

    #[test]
    fn what_functions_are_told_is_remembered() {
        let files = Files::default();
        let told = |files: &Files, now: &str| files.answer("q".into(), || Ok::<_, ()>(vec![now.to_owned()])).expect("an answer");
        assert_eq!(told(&files, "a"), ["a"]);
        assert_eq!(told(&Files::kept(files.seen()), "b"), ["a"]);
    }
}
