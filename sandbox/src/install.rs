//! Python for the sandbox: an interpreter, a virtual environment with pinned packages, and the layer's own files.
//!
//! All of it lies in the cache, keyed by what it was made from, so that a new version never meets an old environment.
//! A file lock makes concurrent starts wait for one installation; a marker written last tells a whole one from a torn
//! one. (A virtual environment cannot be moved, so it is made in its final place.)

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, io};

use uuid::Uuid;

use crate::error::SandboxError;
use crate::places::Places;

/// The pinned Python packages.
const REQUIREMENTS: &str = include_str!("../layer/requirements.txt");
/// (path, text) of every Python file of the layer.
const LAYER: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/layer_files.rs"));
/// The lowest Python that the pinned packages run on.
const NEEDED: (u32, u32) = (3, 10);
const COMPLETE: &str = ".complete";
/// How many lines of a failed command are shown.
const SHOWN_LINES: usize = 15;

/// What is needed to run the layer.
#[derive(Debug, Clone)]
pub struct Installed {
    /// The interpreter of the virtual environment.
    pub python: PathBuf,
    /// The folder that holds the package `levee_layer`; it goes into `PYTHONPATH`.
    pub layer: PathBuf,
}

/// Installs what is missing and returns where it is. The first time needs a Python package index and takes seconds.
pub fn install(places: &Places) -> Result<Installed, SandboxError> {
    let venv = environment(places, REQUIREMENTS)?;
    let cache = places.cache();
    let layer = cache.join(format!("layer-{}", layer_key()));
    if !is_complete(&layer) {
        let _lock = lock(&cache.join("install.lock"))?;
        if !is_complete(&layer) {
            write_layer(&layer)?;
        }
    }
    Ok(Installed { python: venv.join("bin/python"), layer })
}

/// A virtual environment with these packages, in pip's form, pinned; made once for each list and interpreter.
pub(crate) fn environment(places: &Places, requirements: &str) -> Result<PathBuf, SandboxError> {
    let cache = places.cache();
    fs::create_dir_all(cache).map_err(SandboxError::io(format!("creating {}", cache.display())))?;
    let interpreter = find_python()?;
    let venv = cache.join(format!("venv-{}", key(&[requirements, &interpreter.identity])));
    if !is_complete(&venv) {
        let _lock = lock(&cache.join("install.lock"))?;
        if !is_complete(&venv) {
            make_venv(&interpreter.program, &venv, requirements)?;
        }
    }
    Ok(venv)
}

/// Takes an exclusive lock that ends with the returned file.
pub(crate) fn lock(path: &Path) -> Result<File, SandboxError> {
    let doing = || format!("locking {}", path.display());
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(SandboxError::io(doing()))?;
    file.lock().map_err(SandboxError::io(doing()))?;
    Ok(file)
}

struct Interpreter {
    program: String,
    /// Version and prefix: two interpreters with the same identity can share an environment.
    identity: String,
}

fn find_python() -> Result<Interpreter, SandboxError> {
    let asked = env::var("LEVEE_PYTHON").ok().filter(|name| !name.is_empty());
    let names = asked.map_or_else(|| vec!["python3".to_owned(), "python".to_owned()], |name| vec![name]);
    let mut tried = Vec::new();
    for program in names {
        match identity_of(&program) {
            Some((version, identity)) if version >= NEEDED => {
                return Ok(Interpreter { program, identity });
            }
            Some(((major, minor), _)) => tried.push(format!("{program} is {major}.{minor}")),
            None => tried.push(format!("{program} is missing")),
        }
    }
    Err(SandboxError::NoPython { needed: "3.10", tried: tried.join(", ") })
}

/// Those of `pairs` whose variable the user has not set.
pub(crate) fn unset<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    pairs.iter().copied().filter(|(variable, _)| env::var_os(variable).is_none_or(|value| value.is_empty())).collect()
}

fn identity_of(program: &str) -> Option<((u32, u32), String)> {
    let script = "import sys; print(*sys.version_info[:2]); print(sys.version, sys.base_prefix)";
    let output = Command::new(program).args(["-c", script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (first, identity) = text.split_once('\n')?;
    let (major, minor) = first.split_once(' ')?;
    Some(((major.parse().ok()?, minor.trim().parse().ok()?), identity.to_owned()))
}

fn make_venv(program: &str, venv: &Path, requirements: &str) -> Result<(), SandboxError> {
    remove(venv)?;
    let made = run(Command::new(program).arg("-m").arg("venv").arg(venv), "running python -m venv")?;
    if !made.status.success() {
        return Err(SandboxError::Venv { folder: venv.to_owned(), output: tail_of(&made) });
    }
    let list = venv.join("requirements.txt");
    write(&list, requirements)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"]).arg(&list);
    let output = run(&mut pip, "running pip")?;
    if !output.status.success() {
        return Err(SandboxError::Pip { output: tail_of(&output) });
    }
    write(&venv.join(COMPLETE), "")
}

fn write_layer(folder: &Path) -> Result<(), SandboxError> {
    remove(folder)?;
    for (name, text) in LAYER {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(SandboxError::io(format!("creating {}", parent.display())))?;
        }
        write(&path, text)?;
    }
    write(&folder.join(COMPLETE), "")
}

pub(crate) fn run(command: &mut Command, doing: &str) -> Result<Output, SandboxError> {
    command.output().map_err(SandboxError::io(doing))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), SandboxError> {
    fs::write(path, text).map_err(SandboxError::io(format!("writing {}", path.display())))
}

/// Removes a folder that may not be there.
pub(crate) fn remove(folder: &Path) -> Result<(), SandboxError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SandboxError::Io { doing: format!("removing {}", folder.display()), source: error })
        }
        _ => Ok(()),
    }
}

fn is_complete(folder: &Path) -> bool {
    folder.join(COMPLETE).exists()
}

/// A short name for a content: the same parts give the same name, on every machine.
pub(crate) fn key(parts: &[&str]) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, parts.join("\0").as_bytes()).simple().to_string()
}

fn layer_key() -> String {
    let parts: Vec<&str> = LAYER.iter().flat_map(|(name, text)| [*name, *text]).collect();
    key(&parts)
}

/// The last lines that a command wrote.
pub(crate) fn tail_of(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    tail(&text)
}

/// The last lines of a text.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_is_carried_whole() {
        let names: Vec<&str> = LAYER.iter().map(|(name, _)| *name).collect();
        assert!(names.contains(&"levee_layer/__main__.py"));
        assert!(names.contains(&"levee_layer/eks/clusters.py"));
        let silent: Vec<&str> = LAYER.iter().filter(|(_, text)| !text.starts_with("\"\"\"")).map(|(name, _)| *name).collect();
        assert!(silent.is_empty(), "these do not say their job: {silent:?}");
    }

    #[test]
    fn keys_tell_contents_apart() {
        assert_eq!(key(&["a", "b"]), key(&["a", "b"]));
        assert_ne!(key(&["a", "b"]), key(&["ab"]));
    }

    #[test]
    fn the_tail_is_the_end() {
        let long: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let shown = tail(&long.join("\n"));
        assert!(shown.starts_with("25\n") && shown.ends_with("39"), "{shown}");
    }

    #[test]
    fn a_torn_layer_is_written_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let layer = folder.path().join("layer");
        fs::create_dir_all(layer.join("left-over")).expect("a folder");
        write_layer(&layer).expect("the layer is written");
        assert!(is_complete(&layer));
        assert!(!layer.join("left-over").exists());
        assert!(layer.join("levee_layer/ec2/nat.py").exists());
    }
}
