//! The lock file: what each source of a module from elsewhere turned out to be, exactly. It stands beside the configuration
//! and belongs into version control: whoever installs later gets the same, or is told.

use super::manifest::replace;
use crate::config::version::{Constraints, Version};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// The lock file's name, in the directory of the root module.
pub const FILE: &str = ".levee.lock.json";

/// A source, and of a registry's module the version.
pub(super) type Key = (String, Option<String>);

/// What is locked, and what of it is still in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    entries: BTreeMap<Key, Entry>,
    used: BTreeSet<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// `commit:...` or `sha256:...`
    resolved: String,
    /// Of a registry's module: where it lay.
    package: Option<String>,
}

impl Lock {
    /// Reads the lock file in a directory; an empty one when there is none.
    pub(super) fn read(dir: &Path) -> io::Result<Self> {
        let text = match std::fs::read_to_string(dir.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let damaged = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let document: Json = serde_json::from_str(&text).map_err(|e| damaged(&e.to_string()))?;
        if document["format"] != json!(1) {
            return Err(damaged("it is of a format that this version of levee does not know"));
        }
        let mut entries = BTreeMap::new();
        for module in document["modules"].as_array().into_iter().flatten() {
            let text = |name: &str| module[name].as_str().map(str::to_owned);
            let (Some(source), Some(resolved)) = (text("source"), text("resolved")) else {
                return Err(damaged("each module needs a source, and what it is locked to"));
            };
            entries.insert((source, text("version")), Entry { resolved, package: text("package") });
        }
        Ok(Self { entries, used: BTreeSet::new() })
    }

    /// What a source was before.
    pub(super) fn resolved(&self, key: &Key) -> Option<&str> {
        self.entries.get(key).map(|e| &*e.resolved)
    }

    /// Where a registry's module lay before.
    pub(super) fn package(&self, key: &Key) -> Option<&str> {
        self.entries.get(key).and_then(|e| e.package.as_deref())
    }

    /// The newest locked version of a source that is allowed.
    pub(super) fn version(&self, source: &str, allowed: Option<&Constraints>) -> Option<String> {
        let versions = self.entries.keys().filter(|(s, _)| s == source).filter_map(|(_, v)| v.as_ref());
        let parsed = versions.filter_map(|v| Some((Version::parse(v)?, v)));
        parsed.filter(|(v, _)| allowed.is_none_or(|c| c.allow(v))).max_by(|(a, _), (b, _)| a.compare(b)).map(|(_, v)| v.clone())
    }

    /// Notes what a source turned out to be.
    pub(super) fn put(&mut self, key: Key, resolved: String, package: Option<String>) {
        self.used.insert(key.clone());
        self.entries.insert(key, Entry { resolved, package });
    }

    /// Notes that a source is still asked for.
    pub(super) fn used(&mut self, key: Key) {
        self.used.insert(key);
    }

    /// Leaves out what nobody asks for any more.
    pub(super) fn prune(&mut self) {
        let used = std::mem::take(&mut self.used);
        self.entries.retain(|key, _| used.contains(key));
    }

    /// Whether both lock the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.entries == other.entries
    }

    /// Writes it, whole or not at all. What locks nothing is no file.
    pub(super) fn write(&self, dir: &Path) -> io::Result<()> {
        let path = dir.join(FILE);
        if self.entries.is_empty() {
            return if path.exists() { std::fs::remove_file(path) } else { Ok(()) };
        }
        let module = |((source, version), entry): (&Key, &Entry)| {
            let mut out = serde_json::Map::new();
            out.insert("source".into(), source.clone().into());
            let rest = [("version", version.as_ref()), ("package", entry.package.as_ref()), ("resolved", Some(&entry.resolved))];
            out.extend(rest.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.clone().into()))));
            Json::Object(out)
        };
        let about = "What each module from elsewhere is locked to. \"levee init\" maintains this file; keep it in version control.";
        let modules: Vec<Json> = self.entries.iter().map(module).collect();
        let document = json!({ "about": about, "format": 1, "modules": modules });
        replace(&path, format!("{document:#}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_not_used_goes() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut lock = Lock::read(dir.path()).expect("none is an empty one");
        let key = |source: &str, version: Option<&str>| (source.to_owned(), version.map(str::to_owned));
        for version in ["1.2.0", "1.10.0", "2.0.0"] {
            lock.put(key("r/a/b/c", Some(version)), format!("commit:{version}"), Some("git::x".into()));
        }
        lock.put(key("git::y", None), "commit:1".into(), None);
        lock.write(dir.path()).expect("written");
        let mut read = Lock::read(dir.path()).expect("read");
        assert!(read.is_as(&lock));
        let allowed = Constraints::parse("~> 1.0").expect("constraints");
        assert_eq!(read.version("r/a/b/c", Some(&allowed)).as_deref(), Some("1.10.0"));
        assert_eq!(read.package(&key("r/a/b/c", Some("2.0.0"))), Some("git::x"));
        read.used(key("git::y", None));
        read.prune();
        assert_eq!((read.resolved(&key("git::y", None)), read.version("r/a/b/c", None)), (Some("commit:1"), None));
        read.used(key("other", None));
        read.prune();
        read.write(dir.path()).expect("removed");
        assert!(!dir.path().join(FILE).exists());
    }
}
