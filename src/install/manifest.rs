//! What is installed where: `.levee/modules/modules.json`, in the shape that Terraform gives its own.

use super::fetch::redacted;
use crate::config::Files;
use crate::config::source::split_subdir;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The manifest's file in the modules' directory.
pub const FILE: &str = "modules.json";

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The source address in full.
    pub source: String,
    /// The version, of a registry's module.
    pub version: Option<String>,
    /// Its directory, relative to the working directory.
    pub dir: PathBuf,
    /// What its package turned out to be: `commit:...` or `sha256:...`; none for directories of this machine.
    pub resolved: Option<String>,
}

impl Record {
    /// The source without its directory in the package, as the lock file has it.
    pub(super) fn source_package(&self) -> String {
        redacted(&split_subdir(&self.source).0)
    }

    /// What the lock file knows the package by.
    pub(super) fn lock_key(&self) -> (String, Option<String>) {
        (self.source_package(), self.version.clone())
    }
}

/// Every installed module, by its key: the names of the calls that lead to it, with dots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The modules.
    pub records: BTreeMap<String, Record>,
}

impl Manifest {
    /// Reads the manifest in the modules' directory; an empty one when there is none yet.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is damaged.
    pub fn read(files: &Files, modules: &Path) -> io::Result<Self> {
        let text = match files.read(&modules.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("{FILE} is damaged"));
        let document: Json = serde_json::from_slice(&text).map_err(|_| damaged())?;
        let mut records = BTreeMap::new();
        for module in document["Modules"].as_array().ok_or_else(damaged)? {
            let text = |name: &str| module[name].as_str().map(str::to_owned);
            let (Some(key), Some(source), Some(dir)) = (text("Key"), text("Source"), text("Dir")) else { return Err(damaged()) };
            if !key.is_empty() {
                records.insert(key, Record { source, version: text("Version"), dir: PathBuf::from(dir), resolved: text("Resolved") });
            }
        }
        Ok(Self { records })
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn write(&self, modules: &Path) -> io::Result<()> {
        let root = json!({ "Key": "", "Source": "", "Dir": "." });
        let module = |(key, r): (&String, &Record)| {
            let mut out = json!({ "Key": key, "Source": r.source, "Dir": r.dir.to_string_lossy().replace('\\', "/") });
            for (name, text) in [("Version", &r.version), ("Resolved", &r.resolved)] {
                if let Some(text) = text {
                    out[name] = text.clone().into();
                }
            }
            out
        };
        let all: Vec<Json> = std::iter::once(root).chain(self.records.iter().map(module)).collect();
        replace(&modules.join(FILE), json!({ "Modules": all }).to_string().as_bytes())
    }

    /// Takes a module out, and all that it calls.
    pub fn forget(&mut self, key: &str) {
        let below = format!("{key}.");
        self.records.retain(|k, _| k != key && !k.starts_with(&below));
    }
}

/// Puts new content into a file at once: whoever reads it finds the old or the new, never half of either.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = dir.join(format!(".{name}.{}", std::process::id()));
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(Manifest::read(&Files::default(), dir.path()).expect("none is an empty one"), Manifest::default());
        let record =
            |version: Option<&str>| Record { source: "./a".into(), version: version.map(str::to_owned), dir: "a".into(), resolved: None };
        let records = [("a", None), ("a.b", Some("1.0.0")), ("ab", None)];
        let mut manifest = Manifest { records: records.into_iter().map(|(k, v)| (k.to_owned(), record(v))).collect() };
        manifest.write(dir.path()).expect("written");
        assert_eq!(Manifest::read(&Files::default(), dir.path()).expect("read"), manifest);
        manifest.forget("a");
        assert_eq!(manifest.records.keys().collect::<Vec<_>>(), ["ab"]);
        std::fs::write(dir.path().join(FILE), "{").expect("written");
        assert!(Manifest::read(&Files::default(), dir.path()).is_err());
    }
}
