//! Laying out files: which there are, and what becomes of each.

use crate::config;
use levee_model::{Diagnostic, Diagnostics, Sources};
use std::path::{Component, Path, PathBuf};

/// What is laid out.
#[derive(Clone, Debug)]
pub enum FormatInput {
    /// A text of the standard input.
    Text(Vec<u8>),
    /// Files and directories.
    Paths(Vec<PathBuf>),
}

/// How that is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct FormatOptions {
    /// Whether directories in directories are gone into.
    pub recursive: bool,
    /// Whether files are written.
    pub write: bool,
}

/// One file that could be laid out.
#[derive(Clone, Debug)]
pub struct FormattedFile {
    /// Its path, seen from the working directory.
    pub name: String,
    /// As it was.
    pub before: String,
    /// As it is to be.
    pub after: String,
}

/// Ends of names of files that are in the native syntax.
const ENDINGS: [&str; 4] = [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

/// Lays out files, and hands each to `each`. What cannot be parsed is reported, and stays as it is.
pub fn format(input: FormatInput, options: FormatOptions, each: &mut dyn FnMut(FormattedFile)) -> (Diagnostics, Sources) {
    let mut formatter = Formatter { options, each, sources: Sources::default(), diags: Diagnostics::new() };
    match input {
        FormatInput::Text(bytes) => {
            formatter.text("<stdin>", bytes);
        }
        FormatInput::Paths(paths) => formatter.paths(&paths),
    }
    (formatter.diags, formatter.sources)
}

struct Formatter<'e> {
    options: FormatOptions,
    each: &'e mut dyn FnMut(FormattedFile),
    sources: Sources,
    diags: Diagnostics,
}

impl Formatter<'_> {
    fn fail(&mut self, summary: String) {
        self.diags.push(Diagnostic::error(summary, ""));
    }

    fn paths(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let path = from_here(path);
            if path.is_dir() {
                self.directory(&path);
            } else if !path.exists() {
                return self.fail(format!("No file or directory at {}", path.display()));
            } else if is_native(&path.to_string_lossy()) {
                self.file(&path);
            } else {
                self.fail("Only .tf, .tfvars, and .tftest.hcl files can be processed with levee fmt".into());
            }
        }
    }

    fn directory(&mut self, dir: &Path) {
        let Ok(entries) = std::fs::read_dir(dir) else { return self.fail(format!("Cannot read directory {}", dir.display())) };
        let mut names: Vec<String> = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
        names.retain(|n| !config::is_editor_file(n));
        names.sort();
        for name in names {
            let path = config::clean_path(&dir.join(&name));
            // A link to a directory is none, so that nothing is gone into twice.
            if path.symlink_metadata().is_ok_and(|m| m.is_dir()) {
                if self.options.recursive {
                    self.directory(&path);
                }
            } else if is_native(&name) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let name = path.to_string_lossy().replace('\\', "/");
        let Ok(bytes) = std::fs::read(path) else { return self.fail(format!("Failed to read file {name}")) };
        let Some(changed) = self.text(&name, bytes) else { return };
        if self.options.write && std::fs::write(path, changed).is_err() {
            self.fail(format!("Failed to write {name}"));
        }
    }

    /// The text as it is to be, when it is not so already.
    fn text(&mut self, name: &str, bytes: Vec<u8>) -> Option<String> {
        let source = self.sources.add_bytes(name, bytes);
        let after = match config::format(&self.sources, source) {
            Ok(after) => after,
            Err(diags) => {
                self.diags.extend(diags);
                return None;
            }
        };
        let before = self.sources.get(source).map_or_else(String::new, |s| s.text.to_string());
        let changed = (after != before).then(|| after.clone());
        (self.each)(FormattedFile { name: name.to_owned(), before, after });
        changed
    }
}

fn is_native(name: &str) -> bool {
    ENDINGS.iter().any(|e| name.ends_with(e))
}

/// A path as it is seen from the working directory.
fn from_here(path: &Path) -> PathBuf {
    let path = config::clean_path(path);
    let Some(here) = std::env::current_dir().ok().filter(|_| path.is_absolute()) else { return path };
    let shared = path.components().zip(here.components()).take_while(|(a, b)| a == b).count();
    let up = here.components().skip(shared).map(|_| Component::ParentDir);
    let out: PathBuf = up.chain(path.components().skip(shared)).collect();
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}
