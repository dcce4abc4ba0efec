//! What a run keeps to be taken up again: the files of its configuration, and what was agreed to. Neither holds the values of
//! sensitive variables: those are asked for again.

use super::{Planned, Workspace, noted};
use crate::config::{Config, FileSet, Files, clean_path};
use crate::install::{lock, manifest};
use crate::plan::approval::Approval;
use crate::plan::file::hex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use levee_state::{Bundle, Kept};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How a bundle is packed: a JSON document, deflated.
const FORMAT: u32 = 1;

/// What is not part of the configuration's text and needed to read it: which modules lie where, and which providers are not ours.
fn beside(workspace: &Workspace) -> Vec<PathBuf> {
    let locks = [lock::FILE, ".terraform.lock.hcl", noted::RECORD];
    let locks = locks.iter().map(|name| clean_path(&workspace.dir.join(name)));
    locks.chain([workspace.modules().join(manifest::FILE)]).collect()
}

/// The files of a configuration as a document.
#[derive(Serialize, Deserialize)]
struct Document {
    /// Those that are text.
    texts: BTreeMap<String, String>,
    /// Others, in Base64.
    bytes: BTreeMap<String, String>,
    answers: BTreeMap<String, Vec<String>>,
}

/// Why what a run kept is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum BundleError {
    /// It is packed in a way that a newer levee knows.
    #[error("it is packed in format {0}, and this levee reads format {FORMAT}")]
    Format(u32),
    /// It cannot be unpacked.
    #[error("it cannot be unpacked: {0}")]
    Damaged(String),
}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<serde_json::Error> for BundleError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What a run that carries `planned` out keeps.
pub(super) fn kept(planned: &Planned, workspace: &Workspace) -> Result<Kept, BundleError> {
    let files = files_of(&planned.config, workspace, &planned.compiled.world.functions.files);
    let text = serde_json::to_vec(&document(files))?;
    let digest = hex(&Sha256::digest(&text));
    let approval = Approval::new(&planned.compiled, &planned.config, &planned.options, planned.timestamp.clone());
    let approval = packed(&serde_json::to_vec(&approval)?)?;
    Ok(Kept { bundle: Bundle { digest, format: FORMAT, content: packed(&text)? }, approval })
}

/// What was agreed to.
pub(super) fn approval(kept: &Kept) -> Result<Approval, BundleError> {
    Ok(serde_json::from_slice(&unpacked(&kept.approval)?)?)
}

/// The configuration's files.
pub(super) fn files(kept: &Kept) -> Result<Files, BundleError> {
    if kept.bundle.format != FORMAT {
        return Err(BundleError::Format(kept.bundle.format));
    }
    let text = unpacked(&kept.bundle.content)?;
    if hex(&Sha256::digest(&text)) != kept.bundle.digest {
        return Err(BundleError::Damaged("it is not what its digest says".to_owned()));
    }
    let document: Document = serde_json::from_slice(&text)?;
    let mut set = FileSet { answers: document.answers, ..FileSet::default() };
    set.files.extend(document.texts.into_iter().map(|(path, text)| (PathBuf::from(path), Arc::from(text.into_bytes()))));
    for (path, encoded) in document.bytes {
        let bytes = STANDARD.decode(&encoded).map_err(|e| BundleError::Damaged(e.to_string()))?;
        set.files.insert(PathBuf::from(path), Arc::from(bytes));
    }
    Ok(Files::kept(set))
}

/// The configuration's own files, those beside it, and what functions have read of its directories. What they read elsewhere may
/// be anybody's secret, so it stays where it is.
fn files_of(config: &Config, workspace: &Workspace, files: &Files) -> FileSet {
    let mut set = files.seen();
    set.files.retain(|path, _| is_inside(path, config));
    let is_configuration = |name: &str| name.ends_with(".tf") || name.ends_with(".tf.json");
    for source in config.sources.iter().filter(|s| is_configuration(&s.name)) {
        set.files.insert(clean_path(&config.root_dir.join(&*source.name)), Arc::from(source.text.as_bytes()));
    }
    for path in beside(workspace) {
        if let Ok(content) = files.read(&path) {
            set.files.insert(path, Arc::from(content));
        }
    }
    set
}

fn is_inside(path: &Path, config: &Config) -> bool {
    let below_here = path.is_relative() && !path.components().any(|part| part == Component::ParentDir);
    let mut dirs = config.modules.values().map(|m| &m.dir);
    below_here || path.starts_with(&config.root_dir) || dirs.any(|dir| path.starts_with(dir))
}

fn document(set: FileSet) -> Document {
    let mut out = Document { texts: BTreeMap::new(), bytes: BTreeMap::new(), answers: set.answers };
    for (path, content) in set.files {
        let name = path.to_string_lossy().replace('\\', "/");
        match std::str::from_utf8(&content) {
            Ok(text) => drop(out.texts.insert(name, text.to_owned())),
            Err(_) => drop(out.bytes.insert(name, STANDARD.encode(&content))),
        }
    }
    out
}

fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    DeflateDecoder::new(bytes).read_to_end(&mut out)?;
    Ok(out)
}
