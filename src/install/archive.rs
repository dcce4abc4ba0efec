//! Archives to directories. What an archive says is not trusted: nothing leaves the directory, and there is an end to it.

use super::fetch::FetchError;
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The largest package, unpacked, in bytes.
const LARGEST: u64 = 2 << 30;
/// The most files in a package.
const MOST_FILES: usize = 200_000;

/// How a package is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGz,
}

/// Endings, and what they mean; none for what is packed in a way that is not read.
const ENDINGS: [(&str, Option<Kind>); 11] = [
    ("tar.gz", Some(Kind::TarGz)),
    ("tgz", Some(Kind::TarGz)),
    ("tar", Some(Kind::Tar)),
    ("zip", Some(Kind::Zip)),
    ("tar.bz2", None),
    ("tbz2", None),
    ("tar.xz", None),
    ("txz", None),
    ("tar.zst", None),
    ("tzst", None),
    ("gz", None),
];

impl Kind {
    /// What an address ends with, or its `archive` says; none when it is no archive.
    pub(super) fn of(url: &str, said: Option<&str>) -> Result<Option<Self>, FetchError> {
        let found = match said {
            Some("false" | "0") => return Ok(None),
            Some(ending) => ENDINGS.iter().find(|(e, _)| *e == ending).or(Some(&("", None))),
            None => ENDINGS.iter().find(|(e, _)| url.strip_suffix(e).is_some_and(|rest| rest.ends_with('.'))),
        };
        match found {
            None => Ok(None),
            Some((_, Some(kind))) => Ok(Some(*kind)),
            Some((ending, None)) => {
                let what = said.unwrap_or(ending);
                Err(FetchError::Archive(format!("levee reads zip, tar and tar.gz, and this is {what:?}")))
            }
        }
    }
}

/// Unpacks an archive into a directory that is not there yet.
pub(super) fn unpack(kind: Kind, file: &Path, into: &Path) -> Result<(), FetchError> {
    fs::create_dir_all(into)?;
    let file = File::open(file)?;
    match kind {
        Kind::Zip => unzip(file, into),
        Kind::Tar => untar(file, into),
        Kind::TarGz => untar(GzDecoder::new(file), into),
    }
}

fn wrong(what: impl ToString) -> FetchError {
    FetchError::Archive(what.to_string())
}

/// What is left of the bounds.
struct Bounds {
    bytes: u64,
    files: usize,
}

impl Bounds {
    fn new() -> Self {
        Self { bytes: LARGEST, files: MOST_FILES }
    }

    fn take(&mut self, bytes: u64) -> Result<(), FetchError> {
        match (self.bytes.checked_sub(bytes), self.files.checked_sub(1)) {
            (Some(bytes), Some(files)) => {
                *self = Self { bytes, files };
                Ok(())
            }
            _ => Err(wrong("it is larger than any module")),
        }
    }
}

fn untar(from: impl Read, into: &Path) -> Result<(), FetchError> {
    let mut archive = tar::Archive::new(from);
    let mut bounds = Bounds::new();
    for entry in archive.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        bounds.take(entry.size())?;
        // Global headers are about the archive, not of it.
        if entry.header().entry_type() == tar::EntryType::XGlobalHeader {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.unpack_in(into).map_err(wrong)? {
            return Err(wrong(format!("{name:?} leads out of the package")));
        }
    }
    Ok(())
}

fn unzip(from: File, into: &Path) -> Result<(), FetchError> {
    let mut archive = zip::ZipArchive::new(from).map_err(wrong)?;
    let mut bounds = Bounds::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(wrong)?;
        let Some(name) = entry.enclosed_name() else {
            return Err(wrong(format!("{:?} leads out of the package", String::from_utf8_lossy(entry.name_raw()))));
        };
        let path = into.join(name);
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        if entry.is_symlink() {
            return Err(wrong(format!("{} is a symbolic link", path.display())));
        }
        bounds.take(entry.size())?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        // What is said about the size may be wrong: no more than that is written.
        let (claimed, mut file) = (entry.size(), File::create(&path)?);
        io::copy(&mut entry.take(claimed), &mut file)?;
    }
    Ok(())
}
