//! Reading a directory of configuration files, and the directories of the modules it calls.

use super::body::BlockExpr;
use super::check_imports::check_imports;
use super::constant::Constants;
use super::declared::Declared;
use super::decode::Decoder;
use super::directories::{Directories, LocalOnly, Wanted};
use super::files::Files;
use super::json;
use super::module::{Config, LocalBackend, Module, ModuleCall};
use super::names::Names;
use super::overrides::{Overrides, is_override};
use super::parse::{Item, parse_ahead, read_items};
use super::provider_check::check_providers;
use super::schema::Schemas;
use super::source::ModuleSource;
use super::version::{Constraints, LANGUAGE, satisfies};
use levee_model::{Diagnostic, Diagnostics, ModulePath, SourceId, Sources};
use levee_syntax::File;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Reads the configuration in `dir` with every module that it calls; `directories` knows where those lie. What could be
/// read is there even when there are mistakes. Whether names mean anything is not asked.
/// `new_file` is taken for one of the root module's, though it may not be written yet.
pub fn read(
    dir: &Path,
    files: &Files,
    rules: Rules,
    directories: &mut dyn Directories,
    new_file: Option<&NewFile>,
) -> (Config, Diagnostics) {
    let mut loader = Loader { files: files.clone(), ..Loader::new(dir, rules, directories, new_file) };
    match loader.read_dir(&ModulePath::root(), &clean(dir), None) {
        // Calls are followed from a root module that is understood, else half of what is found wrong is not there.
        Ok(root) if !loader.diags.has_errors() => {
            loader.module(root, &mut Vec::new());
        }
        Ok(root) => drop(loader.config.modules.insert(ModulePath::root(), Arc::new(root))),
        Err(error) => {
            let detail = format!("The directory {} cannot be read: {error}.", dir.display());
            loader.diags.push(Diagnostic::error("Unreadable module directory", detail));
        }
    }
    check_providers(&loader.config, &mut loader.diags);
    // Where something could not be read, what imports name may be in it.
    if !loader.diags.has_errors() {
        check_imports(&loader.config, &mut loader.diags);
    }
    // What else is wrong may be right in the version that is asked for: whoever only prepares hears of nothing else.
    if rules.versions_first && loader.unmet.has_errors() {
        return (loader.config, loader.unmet);
    }
    if !loader.diags.has_errors() {
        loader.diags.extend(loader.unmet);
    }
    (loader.config, loader.diags)
}

/// [`read`]s a configuration whose modules are all local directories.
pub fn load(dir: &Path, rules: Rules) -> (Config, Diagnostics) {
    read(dir, &Files::default(), rules, &mut LocalOnly, None)
}

/// What is known where a configuration is read, and not told by its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Which nested blocks there are.
    pub schemas: Schemas,
    /// How constants are evaluated.
    pub constants: Constants,
    /// Whether a version of the language that is asked for in vain is told instead of all else.
    pub versions_first: bool,
}

/// What the root module in `dir` says of its backend, as far as it can be read: mistakes are for [`read`] to tell. Only files
/// that have such a block are looked into.
pub fn local_backend(dir: &Path, constants: Constants) -> LocalBackend {
    let mut nowhere = LocalOnly;
    let mut loader = Loader::new(dir, Rules { constants, ..Rules::default() }, &mut nowhere, None);
    loader.wanted = |text| {
        let word = "backend";
        memchr::memmem::find_iter(text, word).any(|at| follows(text, at + word.len()))
    };
    let root = loader.read_dir(&ModulePath::root(), &clean(dir), None).ok();
    let Some(place) = root.and_then(|m| m.settings.backend).filter(|b| &*b.kind == "local") else { return LocalBackend::default() };
    let text = |name: &str| {
        let value = constants.try_value(&place.body.attribute(name)?.expr)?;
        value.as_str().filter(|text| !text.is_empty()).map(Arc::from)
    };
    LocalBackend { path: text("path"), workspace_dir: text("workspace_dir") }
}

/// Whether `"local"` follows, after spaces, quotes, and what JSON has between the two.
fn follows(text: &[u8], at: usize) -> bool {
    let rest = text[at.min(text.len())..].trim_ascii_start();
    let start = rest.iter().position(|c| c.is_ascii_alphabetic()).unwrap_or(rest.len());
    rest[start..].starts_with(b"local")
}

/// Files that editors leave behind, which are no configuration.
pub fn is_editor_file(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

/// Whether a file is configuration, in either syntax. Case counts, as in Terraform.
fn is_configuration(name: &str) -> bool {
    name.strip_suffix(".json").unwrap_or(name).strip_suffix(".tf").is_some()
}

/// A file of configuration that is about to be written.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its name, relative to the root module.
    pub name: String,
    /// Its text.
    pub text: String,
}

struct Loader<'d> {
    config: Config,
    files: Files,
    diags: Diagnostics,
    /// Versions of the language that modules ask for and that this one is not.
    unmet: Diagnostics,
    names: Names,
    /// Directories read already, under the path they were read for.
    read: BTreeMap<PathBuf, ModulePath>,
    rules: Rules,
    directories: &'d mut dyn Directories,
    new_file: Option<&'d NewFile>,
    /// Which files are looked into, by their text.
    wanted: fn(&[u8]) -> bool,
}

impl<'d> Loader<'d> {
    fn new(dir: &Path, rules: Rules, directories: &'d mut dyn Directories, new_file: Option<&'d NewFile>) -> Self {
        Self {
            config: Config { root_dir: dir.to_path_buf(), ..Config::default() },
            files: Files::default(),
            diags: Diagnostics::new(),
            unmet: Diagnostics::new(),
            names: Names::default(),
            read: BTreeMap::new(),
            rules,
            directories,
            new_file,
            wanted: |_| true,
        }
    }
}

impl Loader<'_> {
    /// Adds a module and those that it calls; `callers` are the directories from the outside in.
    fn module(&mut self, module: Module, callers: &mut Vec<PathBuf>) {
        let module = Arc::new(module);
        self.read.entry(module.dir.clone()).or_insert_with(|| module.path.clone());
        self.config.modules.insert(module.path.clone(), module.clone());
        callers.push(module.dir.clone());
        for call in module.calls.values() {
            if let Some(called) = self.called(&module, call, callers) {
                self.module(called, callers);
            }
        }
        callers.pop();
    }

    /// The module that a call names.
    fn called(&mut self, caller: &Module, call: &ModuleCall, callers: &[PathBuf]) -> Option<Module> {
        let path = caller.path.child(&call.name);
        let address = call.address.as_ref()?;
        let wanted = Wanted { path: &path, call, address, caller: &caller.dir, sources: &self.config.sources };
        let dir = match self.directories.directory(&wanted) {
            Ok(dir) => clean(&dir),
            Err(found) => {
                self.diags.extend(found);
                return None;
            }
        };
        if callers.contains(&dir) {
            let detail = format!("The directory {} is called, directly or indirectly, from itself.", shown(&dir));
            self.diags.push(Diagnostic::error("Module calls itself", detail).at(call.span));
            return None;
        }
        if let Some(known) = self.read.get(&dir).and_then(|p| self.config.modules.get(p)) {
            return Some(Module { path, ..(**known).clone() });
        }
        let found = self.read_dir(&path, &dir, Some(address));
        if found.is_err() {
            let wanted = Wanted { path: &path, call, address, caller: &caller.dir, sources: &self.config.sources };
            self.diags.extend(self.directories.unreadable(&wanted, &dir));
        }
        found.ok()
    }

    /// The module in a directory.
    fn read_dir(&mut self, path: &ModulePath, dir: &Path, source: Option<&ModuleSource>) -> std::io::Result<Module> {
        let mut names: Vec<String> = self.files.list(dir)?;
        names.retain(|n| !is_editor_file(n) && (is_configuration(n)));
        names.sort();
        let mut module = Module { path: path.clone(), dir: dir.to_path_buf(), files: names.len(), ..Module::default() };
        let before = std::mem::take(&mut self.diags);
        let (over, plain): (Vec<&String>, Vec<&String>) = names.iter().partition(|n| is_override(n));
        let constants = self.rules.constants;
        let (mut overrides, mut resources) = (Overrides::default(), Declared::default());
        let over: Vec<SourceId> = over.into_iter().filter_map(|name| self.file(dir, name)).collect();
        self.blocks(&over, &mut |block, _, diags| overrides.add(block, diags));
        let plain: Vec<SourceId> = plain.into_iter().filter_map(|name| self.file(dir, name)).collect();
        self.blocks(&plain, &mut |block, sources, diags| {
            let (block, overridden) = overrides.apply(block, diags);
            Decoder { module: &mut module, resources: &mut resources, sources, diags, constants, overridden }.block(block);
        });
        if let Some(new) = self.new_file.filter(|_| path.is_root()) {
            let new = self.config.sources.add(new.name.clone(), new.text.clone());
            self.blocks(&[new], &mut |block, sources, diags| {
                Decoder { module: &mut module, resources: &mut resources, sources, diags, constants, overridden: None }.block(block);
            });
        }
        for block in overrides.finish(&mut self.diags) {
            let (sources, diags) = (&self.config.sources, &mut self.diags);
            Decoder { module: &mut module, resources: &mut resources, sources, diags, constants, overridden: None }.block(block);
        }
        module.resources = resources.finish();
        let found = std::mem::replace(&mut self.diags, before);
        self.diags.extend(found);
        self.unmet.extend(version_mistakes(&module, source));
        Ok(module)
    }

    /// Reads a file, if it is one that is looked into.
    fn file(&mut self, dir: &Path, name: &str) -> Option<SourceId> {
        let path = dir.join(name);
        let bytes = match self.files.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let detail = format!("The file {} cannot be read: {error}.", shown(&path));
                self.diags.push(Diagnostic::error("Failed to read file", detail));
                return None;
            }
        };
        if !(self.wanted)(&bytes) {
            return None;
        }
        let label = path.strip_prefix(clean(&self.config.root_dir)).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        Some(self.config.sources.add_bytes(label, bytes))
    }

    /// Hands over the blocks of files, in order.
    fn blocks(&mut self, files: &[SourceId], each: &mut dyn FnMut(BlockExpr, &Sources, &mut Diagnostics)) {
        let Self { config, diags, names, rules, .. } = self;
        let sources = &config.sources;
        let mut take = |item, diags: &mut Diagnostics| match item {
            Item::Block(block) => each(block, sources, diags),
            Item::Attribute(a) => {
                let detail = format!("An argument named {:?} is not expected here.", &*a.name);
                diags.push(Diagnostic::error("Unsupported argument", detail).at(a.name_span));
            }
        };
        let is_json = |file: &File<'_>| Path::new(file.name).extension().is_some_and(|e| e == "json");
        let files: Vec<File<'_>> = files.iter().map(|id| File::of(sources, *id)).collect();
        let native: Vec<File<'_>> = files.iter().filter(|file| !is_json(file)).copied().collect();
        parse_ahead(&native, |next| {
            let mut read = None;
            for file in files {
                if is_json(&file) {
                    let items = json::parse_items(file.source, sources, names, rules.schemas, diags);
                    items.into_iter().for_each(|item| take(item, diags));
                    continue;
                }
                while let Some(mut piece) = next(read.take()) {
                    read_items(&mut piece, names, diags, &mut take);
                    if read.insert(piece).is_last {
                        break;
                    }
                }
            }
        });
    }
}

/// Constraints on the language's version that this one does not satisfy.
fn version_mistakes(module: &Module, source: Option<&ModuleSource>) -> Diagnostics {
    let what = match source {
        None => format!("This configuration does not support Terraform version {LANGUAGE}"),
        Some(source) => format!("Module {} (from {source}) does not support Terraform version {LANGUAGE}", module.path),
    };
    let mut out = Diagnostics::new();
    for (text, span) in &module.settings.required_versions {
        let early = text.split(',').filter(|c| Constraints::parse(c).is_ok_and(|c| c.names_prerelease())).collect::<Vec<_>>();
        for constraint in &early {
            let detail = format!(
                "Prerelease version constraints are not supported: {constraint}. Remove the prerelease information from the constraint. Prerelease versions of terraform will match constraints using their version core only."
            );
            out.push(Diagnostic::error("Invalid required_version constraint", detail).at(*span));
        }
        if !early.is_empty() || satisfies(text, LANGUAGE) != Ok(false) {
            continue;
        }
        let detail = format!(
            "{what}. To proceed, either choose another supported Terraform version or update this version constraint. Version constraints are normally set for good reason, so updating the constraint may lead to other errors or unexpected behavior."
        );
        out.push(Diagnostic::error("Unsupported Terraform Core version", detail).at(*span));
    }
    out
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A path without `.` and without `..` where that can be told from the text alone.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}
