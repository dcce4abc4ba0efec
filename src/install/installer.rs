//! Installs what calls ask for: each module once, unless its source, its version or its lock has changed, or an upgrade is
//! wanted.

use super::fetch::{self, FetchError, redacted};
use super::http::Client;
use super::installed::unreadable_manifest;
use super::lock::{self, Lock};
use super::manifest::{Manifest, Record};
use super::registry::{Registries, RegistryError, newest};
use super::tree;
use crate::config::directories::{Directories, Wanted};
use crate::config::refused::{Construct, refuse};
use crate::config::source::{RegistryModule, RemotePackage};
use crate::config::version::{Constraints, Version};
use crate::config::{Files, ModuleSource, clean_path};
use levee_model::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How an installation is done.
#[derive(Clone, Debug, Default)]
pub struct InstallOptions {
    /// Fetch everything again, in the newest version that is allowed.
    pub upgrade: bool,
    /// Whether the lock file must stay as it is.
    pub locked: bool,
    /// Tokens for registries, by host.
    pub tokens: BTreeMap<String, String>,
}

/// What an installation tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Modules are about to be looked at.
    Started,
    /// A package is being fetched: the module's key, where from, and the version.
    Downloading(String, String, Option<String>),
    /// A module is there: its key and its directory.
    Installed(String, PathBuf),
}

/// One installation. Others in the same directory wait until it ends.
pub struct Installer<'l> {
    modules: PathBuf,
    root: PathBuf,
    options: InstallOptions,
    manifest: Manifest,
    before: Lock,
    lock: Lock,
    client: Option<Client>,
    registries: Registries,
    /// Packages fetched by now, and where they are.
    fetched: BTreeMap<lock::Key, PathBuf>,
    told: bool,
    /// Held from the first thing that is fetched.
    guard: Option<File>,
    /// Who is told.
    listener: &'l mut dyn FnMut(Progress),
}

type Found<T> = Result<T, Box<Diagnostic>>;

impl<'l> Installer<'l> {
    /// Prepares to install into a modules' directory; `root` has the lock file.
    ///
    /// # Errors
    /// When what is there already cannot be read.
    pub fn new(root: &Path, modules: &Path, options: InstallOptions, listener: &'l mut dyn FnMut(Progress)) -> Result<Self, Diagnostic> {
        let manifest = Manifest::read(&Files::default(), modules).map_err(|e| unreadable_manifest(modules, &e))?;
        let lock = Lock::read(root).map_err(|e| {
            Diagnostic::error("Failed to read the lock file of modules", format!("{}: {e}.", root.join(lock::FILE).display()))
                .hint("Take it from version control, or remove it to lock everything anew.")
        })?;
        Ok(Self {
            modules: modules.to_owned(),
            root: root.to_owned(),
            options,
            manifest,
            before: lock.clone(),
            lock,
            client: None,
            registries: Registries::new(),
            fetched: BTreeMap::new(),
            told: false,
            guard: None,
            listener,
        })
    }

    /// Ends the installation; `whole` when every call was followed, so that what is locked for others can go.
    ///
    /// # Errors
    /// When the manifest or the lock file cannot be written.
    pub fn finish(mut self, whole: bool) -> Result<(), Diagnostic> {
        if whole {
            self.lock.prune();
        }
        if !self.lock.is_as(&self.before) {
            if self.options.locked {
                let detail =
                    format!("{} does not lock what this configuration asks for, and -lockfile=readonly forbids to change it.", lock::FILE);
                return Err(
                    Diagnostic::error("The lock file of modules would change", detail).hint("Run \"levee init\" without that flag.")
                );
            }
            let failed = |e| Diagnostic::error("Failed to write the lock file of modules", format!("{}: {e}.", lock::FILE));
            self.lock.write(&self.root).map_err(failed)?;
        }
        if self.manifest.records.is_empty() { Ok(()) } else { self.save() }
    }

    fn save(&self) -> Result<(), Diagnostic> {
        let failed = |e| Diagnostic::error("Failed to update module manifest", format!("Unable to write the module manifest file: {e}"));
        self.manifest.write(&self.modules).map_err(failed)
    }

    /// The record of a module that is installed as it is wanted.
    fn current(&self, wanted: &Wanted<'_>) -> Option<&Record> {
        let record = self.manifest.records.get(&wanted.key()).filter(|r| !self.options.upgrade && r.dir.is_dir())?;
        if record.source != wanted.address.to_string() {
            return None;
        }
        let allowed = constraints(wanted);
        if let Some(version) = &record.version {
            let locked = self.lock.version(&record.source_package(), allowed.as_ref());
            let fits = Version::parse(version).is_some_and(|v| allowed.is_none_or(|c| c.allow(&v)));
            if !fits || locked.is_some_and(|l| l != *version) {
                return None;
            }
        }
        let locked = self.lock.resolved(&record.lock_key());
        let same = record.resolved.is_none() || locked.is_none() || locked == record.resolved.as_deref();
        same.then_some(record)
    }

    fn local(wanted: &Wanted<'_>, path: &str) -> Result<Record, Diagnostics> {
        let dir = clean_path(&wanted.caller.join(path));
        if dir.is_dir() {
            return Ok(Record { source: wanted.address.to_string(), version: None, dir, resolved: None });
        }
        let mut found = Diagnostics::new();
        let detail = format!("Unable to evaluate directory symlink: lstat {}: no such file or directory", dir.display());
        found.push(Diagnostic::error("Unreadable module directory", detail));
        let detail = format!("The directory  could not be read for module {:?} at {}.", &*wanted.call.name, wanted.place());
        found.push(Diagnostic::error("Unreadable module directory", detail));
        Err(found)
    }

    fn registry(&mut self, wanted: &Wanted<'_>, module: &RegistryModule) -> Found<Record> {
        self.begin()?;
        let version = self.version(wanted, module)?;
        (self.listener)(Progress::Downloading(wanted.key(), module.package(), Some(version.clone())));
        let key = (module.package(), Some(version.clone()));
        let locked = if self.options.upgrade { None } else { self.lock.package(&key).map(str::to_owned) };
        let location = match locked {
            Some(package) => package,
            None => self.location(module, &version)?,
        };
        let found = match ModuleSource::parse(&location) {
            Ok(ModuleSource::Remote(found)) => found,
            _ => {
                let detail = format!(
                    "Module registry {} returned invalid source location {location:?} for {} {version}: must be a direct remote package address.",
                    module.host,
                    module.for_display()
                );
                return Err(Box::new(Diagnostic::error("Invalid package location from module registry", detail)));
            }
        };
        let (dir, resolved) = self.package(wanted, &found.package, key, Some(location))?;
        let subdir = [found.subdir.as_str(), module.subdir.as_str()].join("/");
        let dir = inside(&dir, &subdir, wanted)?;
        Ok(Record { source: wanted.address.to_string(), version: Some(version), dir, resolved })
    }

    /// The version to install: one that is locked, or the newest that is allowed.
    fn version(&mut self, wanted: &Wanted<'_>, module: &RegistryModule) -> Found<String> {
        let allowed = constraints(wanted);
        if !self.options.upgrade
            && let Some(version) = self.lock.version(&module.package(), allowed.as_ref())
        {
            return Ok(version);
        }
        let (name, place, host) = (&*wanted.call.name, wanted.place(), &module.host);
        let client = self.client.get_or_insert_with(|| Client::new(self.options.tokens.clone()));
        let told = |summary: &str, detail: String| Box::new(Diagnostic::error(summary, detail).at(wanted.call.span));
        let versions = self.registries.versions(client, module).map_err(|error| match error {
            RegistryError::NotFound => {
                told("Module not found", format!("Module {name:?} (from {place}) cannot be found in the module registry at {host}."))
            }
            other => {
                let detail = format!("Failed to retrieve available versions for module {name:?} ({place}) from {host}: {other}.");
                told("Error accessing remote module registry", detail)
            }
        })?;
        match newest(versions, allowed.as_ref()) {
            (Some(version), _) => Ok(version.to_string()),
            (None, Some(latest)) => {
                let detail = format!(
                    "There is no available version of module \"{module}\" ({place}) which matches the given version constraint. The newest available version is {latest}."
                );
                Err(told("Unresolvable module version constraint", detail))
            }
            (None, None) => {
                Err(told("Module has no versions", format!("Module \"{module}\" ({place}) has no versions available on {host}.")))
            }
        }
    }

    fn location(&mut self, module: &RegistryModule, version: &str) -> Found<String> {
        let client = self.client.get_or_insert_with(|| Client::new(self.options.tokens.clone()));
        self.registries.location(client, module, version).map_err(|error| {
            let detail = format!("Failed to retrieve a download URL for {} {version} from {}: {error}", module.for_display(), module.host);
            Box::new(Diagnostic::error("Error accessing remote module registry", detail))
        })
    }

    fn remote(&mut self, wanted: &Wanted<'_>, remote: &RemotePackage) -> Found<Record> {
        if fetch::is_refused(&remote.package) {
            return Err(Box::new(refuse(Construct::ModuleSource, wanted.call.source_span)));
        }
        self.begin()?;
        (self.listener)(Progress::Downloading(wanted.key(), redacted(&remote.package), None));
        let key = (redacted(&remote.package), None);
        let (dir, resolved) = self.package(wanted, &remote.package, key, None)?;
        Ok(Record { source: wanted.address.to_string(), version: None, dir: inside(&dir, &remote.subdir, wanted)?, resolved })
    }

    /// Takes the lock of the directory, and clears away what an installation that was killed has left.
    fn begin(&mut self) -> Found<()> {
        if self.guard.is_some() {
            return Ok(());
        }
        let failed =
            |e: std::io::Error| Box::new(Diagnostic::error("Modules cannot be installed", format!("{}: {e}.", self.modules.display())));
        fs::create_dir_all(&self.modules).map_err(failed)?;
        let guard = File::create(self.modules.join(".lock")).map_err(failed)?;
        guard.lock().map_err(failed)?;
        for entry in fs::read_dir(&self.modules).map_err(failed)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(".new-") {
                tree::remove(&entry.path()).map_err(failed)?;
            }
        }
        self.guard = Some(guard);
        Ok(())
    }

    /// Fetches a package into the directory of a module: beside it first, so that it is there whole or not at all.
    fn package(
        &mut self,
        wanted: &Wanted<'_>,
        package: &str,
        key: lock::Key,
        location: Option<String>,
    ) -> Found<(PathBuf, Option<String>)> {
        let failed = |error: FetchError| {
            let detail = format!(
                "Could not download module {:?} ({}) source code from {:?}: {error}.",
                &*wanted.call.name,
                wanted.place(),
                redacted(package)
            );
            Box::new(Diagnostic::error("Failed to download module", detail).at(wanted.call.span))
        };
        let (new, dir) = (self.modules.join(format!(".new-{}", wanted.key())), self.modules.join(wanted.key()));
        let locked = if self.options.upgrade && !self.fetched.contains_key(&key) { None } else { self.lock.resolved(&key) };
        let resolved = match self.fetched.get(&key) {
            Some(same) => tree::copy(same, &new).map(|()| locked.map(str::to_owned)).map_err(FetchError::from),
            None => {
                let client = self.client.get_or_insert_with(|| Client::new(self.options.tokens.clone()));
                fetch::fetch(client, package, &new, locked)
            }
        };
        let resolved = resolved.map_err(failed)?;
        tree::remove(&dir).and_then(|()| fs::rename(&new, &dir)).map_err(|e| failed(e.into()))?;
        self.fetched.entry(key.clone()).or_insert_with(|| dir.clone());
        if let Some(resolved) = &resolved {
            self.lock.put(key, resolved.clone(), location.map(|l| redacted(&l)));
        }
        Ok((dir, resolved))
    }
}

/// What a call asks of the version.
fn constraints(wanted: &Wanted<'_>) -> Option<Constraints> {
    wanted.call.version.as_ref().and_then(|(text, _)| Constraints::parse(text).ok())
}

/// A directory in a package, if it is there.
fn inside(package: &Path, subdir: &str, wanted: &Wanted<'_>) -> Found<PathBuf> {
    let told = |summary: &str, detail: String| Err(Box::new(Diagnostic::error(summary, detail).at(wanted.call.source_span)));
    match tree::subdir(package, subdir) {
        Ok(dir) if dir.is_dir() => Ok(dir),
        Ok(dir) => {
            let name = subdir.trim_matches('/');
            let detail = format!(
                "The directory {} does not exist. The target submodule {name} does not exist within the target module.",
                dir.display()
            );
            told("Unreadable module subdirectory", detail)
        }
        Err(why) => told("Failed to expand subdir globs", why),
    }
}

impl Directories for Installer<'_> {
    fn directory(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostics> {
        if !std::mem::replace(&mut self.told, true) {
            (self.listener)(Progress::Started);
        }
        if let Some(record) = self.current(wanted) {
            let (dir, key) = (record.dir.clone(), record.lock_key());
            self.lock.used(key);
            return Ok(dir);
        }
        let key = wanted.key();
        self.manifest.forget(&key);
        let record = match wanted.address {
            ModuleSource::Local(path) => Self::local(wanted, path)?,
            ModuleSource::Registry(module) => self.registry(wanted, module).map_err(|d| Diagnostics::from(*d))?,
            ModuleSource::Remote(remote) => self.remote(wanted, remote).map_err(|d| Diagnostics::from(*d))?,
        };
        let dir = record.dir.clone();
        (self.listener)(Progress::Installed(key.clone(), dir.clone()));
        let fetched = record.resolved.is_some();
        self.manifest.records.insert(key, record);
        // What took long is kept, whatever happens next.
        if fetched {
            self.save()?;
        }
        Ok(dir)
    }

    fn unreadable(&self, wanted: &Wanted<'_>, dir: &Path) -> Diagnostics {
        let detail =
            format!("The directory {} could not be read for module {:?} at {}.", dir.display(), &*wanted.call.name, wanted.place());
        Diagnostic::error("Unreadable module directory", detail).into()
    }
}
