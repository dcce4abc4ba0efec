//! Which of the states of one configuration is worked on, and where it stands. Workspaces lie where Terraform's local
//! backend has them: the first one's file is `terraform.tfstate`, that of any other `terraform.tfstate.d/NAME/terraform.tfstate`.

use super::keys::Keys;
use super::locking::lock;
use super::{Failure, RunOptions, backend, state_file};
use crate::config::{self, Files, LocalBackend};
use crate::plan::values::Surroundings;
use levee_model::{Diagnostic, InstanceAddr};
use levee_state::{Access, StateError, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The workspace that is there from the start.
pub const DEFAULT: &str = "default";

/// Where Terraform's state stands unless something else is said.
const STATE_FILE: &str = "terraform.tfstate";
/// Where the other workspaces stand unless something else is said.
const WORKSPACES: &str = "terraform.tfstate.d";
/// The workspace that was selected last: ours, and what Terraform left behind.
const SELECTED: [&str; 2] = [".levee/environment", ".terraform/environment"];

/// Where the root module and its state are.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Directory of the root module.
    pub dir: PathBuf,
    /// Its name, for `terraform.workspace`.
    pub name: Arc<str>,
    /// The directory that the program was started in, for `path.cwd`.
    pub started_in: PathBuf,
    /// Where the files of its configuration are read.
    pub files: Files,
    /// The state store.
    pub state: PathBuf,
    /// Terraform's state file, which says the same for others to read; none beside a store of which nobody else knows.
    pub file: Option<PathBuf>,
    /// The key of the state, if it is encrypted.
    pub keys: Keys,
    /// Where the other workspaces are.
    pub(super) others: PathBuf,
    /// What the configuration says of where states are, unless somebody said something else.
    pub(super) backend: Option<LocalBackend>,
}

impl Workspace {
    /// The workspace of the root module in `dir`: the one that is `chosen`, else the one that was selected last. `state` is
    /// where its state is, if somebody said so; else the configuration's backend may say it.
    pub fn locate(dir: &Path, state: Option<&Path>, chosen: Option<&str>) -> Self {
        let name = chosen.map_or_else(|| selected(dir), Arc::from);
        Self::placed(dir, state, name, backend::place_of(dir))
    }

    pub(super) fn placed(dir: &Path, given: Option<&Path>, name: Arc<str>, backend: LocalBackend) -> Self {
        let others = dir.join(backend.workspace_dir.as_deref().unwrap_or(WORKSPACES));
        let file = match given {
            Some(path) => dir.join(path),
            None if &*name == DEFAULT => dir.join(backend.path.as_deref().unwrap_or(STATE_FILE)),
            None => others.join(&*name).join(STATE_FILE),
        };
        let (state, file) = store_beside(config::clean_path(&file));
        let started_in = std::env::current_dir().unwrap_or_default();
        let backend = given.is_none().then_some(backend);
        Self { dir: dir.to_path_buf(), name, started_in, files: Files::default(), state, file, keys: Keys::default(), others, backend }
    }

    /// The state store, opened; and unlocked, if it is encrypted and somebody knows the passphrase.
    pub(super) fn store(&self, access: Access) -> Result<Store, StateError> {
        let store = Store::open(&self.state, access)?;
        self.keys.unlock(&store)?;
        Ok(store)
    }

    /// Where modules from elsewhere are installed, and what says which.
    pub fn modules(&self) -> PathBuf {
        config::clean_path(&self.dir.join(".levee/modules"))
    }

    /// Writes a file beside the root module that later commands look into, making its folder.
    pub(super) fn write_down(&self, name: &str, text: &str) -> std::io::Result<()> {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        std::fs::write(path, text)
    }

    /// What expressions may ask of it.
    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings { workspace: self.name.clone(), cwd: self.started_in.clone() }
    }

    /// The one that a plan was made in.
    pub(super) fn planned(&self, plan: &Surroundings) -> Self {
        let same = self.name == plan.workspace;
        let other = || Self::placed(&self.dir, None, plan.workspace.clone(), backend::place_of(&self.dir));
        let found = if same { self.clone() } else { Self { keys: self.keys.of_another(), ..other() } };
        Self { started_in: plan.cwd.clone(), ..found }
    }

    /// The names of all workspaces, the first one's first.
    pub fn all(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> =
            std::fs::read_dir(&self.others).into_iter().flatten().flatten().filter_map(|e| directory(&e)).collect();
        names.sort();
        names.insert(0, Arc::from(DEFAULT));
        names
    }

    /// Makes this workspace the one that commands work on.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn select(&self) -> Result<(), Failure> {
        let written = self.write_down(SELECTED[0], &self.name);
        let detail = |e| format!("{} cannot be written: {e}.", self.dir.join(SELECTED[0]).display());
        written.map_err(|e| told("Cannot select the workspace", detail(e)))
    }

    /// Makes a workspace that has no state yet, and selects it. It may begin with a copy of a state file.
    ///
    /// # Errors
    /// It cannot be written down, or the file is no state.
    pub fn create(&self, from: Option<&Path>, options: &RunOptions) -> Result<(), Failure> {
        let dir = self.others.join(&*self.name);
        std::fs::create_dir_all(&dir)
            .map_err(|e| told("Cannot create the workspace", format!("The directory {} cannot be made: {e}.", dir.display())))?;
        if let (Some(from), Some(file)) = (from, &self.file) {
            std::fs::copy(from, file).map_err(|e| told("Cannot copy the state", format!("{}: {e}.", from.display())))?;
            drop(lock(self, "workspace new", options)?);
        }
        self.select()
    }

    /// Removes this workspace with its state. Yields whether that held objects, which nobody looks after from then on.
    ///
    /// # Errors
    /// It holds objects (unless `force`), a run is at work on it, or files cannot be removed.
    pub fn delete(&self, force: bool, options: &RunOptions) -> Result<bool, Failure> {
        let failed = |d: Box<Diagnostic>| Failure::new((*d).into(), None);
        let held = state_file::read(self).map_err(failed)?.0.objects;
        if !held.is_empty() && !force {
            return Err(Failure::new(not_empty(&self.name, held.iter().map(|o| &o.addr)).into(), None));
        }
        // Whoever works on it finishes first; what is locked is removed with the lock.
        let locked = if self.state.exists() { Some(lock(self, "workspace delete", options)?) } else { None };
        let dir = self.others.join(&*self.name);
        let removed = std::fs::remove_dir_all(&dir);
        drop(locked);
        removed.map_err(|e| told("Cannot delete the workspace", format!("{} cannot be removed: {e}.", dir.display())))?;
        Ok(!held.is_empty())
    }
}

/// Whether a workspace can have this name: it stands in paths and addresses as it is.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(c);
    !name.is_empty() && name != "." && name != ".." && name.chars().all(allowed)
}

fn selected(dir: &Path) -> Arc<str> {
    let written = SELECTED.iter().find_map(|file| std::fs::read_to_string(dir.join(file)).ok());
    written.map(|t| t.trim().to_owned()).filter(|n| is_name(n)).map_or_else(|| Arc::from(DEFAULT), Arc::from)
}

/// The store of a state file, which stands beside it: there is one however the file is named. A file that ends in `.db` is a
/// store itself.
fn store_beside(file: PathBuf) -> (PathBuf, Option<PathBuf>) {
    if file.extension().is_some_and(|e| e == "db") {
        return (file, None);
    }
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let store = if name == STATE_FILE { ".levee/state.db".to_owned() } else { format!(".levee/{name}.db") };
    (file.with_file_name(store), Some(file))
}

fn directory(entry: &std::fs::DirEntry) -> Option<Arc<str>> {
    let name = entry.file_name().into_string().ok()?;
    (entry.file_type().ok()?.is_dir() && is_name(&name)).then(|| Arc::from(name))
}

fn told(summary: &str, detail: String) -> Failure {
    Failure::new(Diagnostic::error(summary, detail).into(), None)
}

/// How many objects are named before the rest is counted.
const TOLD: usize = 10;

fn not_empty<'a>(name: &str, held: impl ExactSizeIterator<Item = &'a InstanceAddr>) -> Diagnostic {
    let more = held.len().saturating_sub(TOLD);
    let mut list: String = held.take(TOLD).map(|a| format!("\n  - {a}")).collect();
    if more > 0 {
        list.push_str(&format!("\n  - and {more} more"));
    }
    let detail = format!(
        "Workspace {name:?} is currently tracking the following resource instances:{list}\n\nDeleting this workspace would cause levee to lose track of any associated remote objects, which would then require you to delete them manually outside of levee. You should destroy these objects with levee before deleting the workspace."
    );
    Diagnostic::error("Workspace is not empty", detail).hint("-force deletes the workspace anyway and forgets these objects.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_stands_where_terraform_has_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |state: Option<&str>, chosen| {
            let found = Workspace::locate(dir.path(), state.map(Path::new), chosen);
            let inside = |p: &Path| p.strip_prefix(dir.path()).expect("inside").display().to_string();
            (inside(&found.state), found.file.as_deref().map(inside).unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(at(None, None), pair(".levee/state.db", "terraform.tfstate"));
        assert_eq!(at(None, Some("x")), pair("terraform.tfstate.d/x/.levee/state.db", "terraform.tfstate.d/x/terraform.tfstate"));
        assert_eq!(at(Some("a/b.tfstate"), Some("x")), pair("a/.levee/b.tfstate.db", "a/b.tfstate"));
        assert_eq!(at(Some("a.db"), None), pair("a.db", ""));
        std::fs::write(
            dir.path().join("a.tf"),
            "terraform {\n  backend \"local\" {\n    path = \"p/q\"\n    workspace_dir = \"w\"\n  }\n}\n",
        )
        .expect("written");
        assert_eq!(at(None, None), pair("p/.levee/q.db", "p/q"));
        assert_eq!(at(None, Some("x")), pair("w/x/.levee/state.db", "w/x/terraform.tfstate"));
        assert_eq!(at(Some("s"), None), pair(".levee/s.db", "s"));
    }

    #[test]
    fn names_stand_in_paths() {
        assert!(["a", "a-1_.~", "..."].into_iter().all(is_name));
        assert!(!["", ".", "..", "a/b", "a b", "ü"].into_iter().any(is_name));
    }
}
