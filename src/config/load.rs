//! Reading a directory of configuration files, and the directories of the modules it calls.

use super::body::BlockExpr;
use super::decode::Decoder;
use super::json;
use super::module::{Config, Module};
use super::names::Names;
use super::overrides::{Overrides, is_override};
use super::parse::{Item, parse_items};
use super::schema::Schemas;
use levee_model::{Diagnostic, Diagnostics, ModulePath, Span};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What may be asked of [`load`].
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Whether a directory without any configuration file is fine.
    pub allow_empty: bool,
    /// Where schemas of resource types are found; files in JSON syntax are read by them.
    pub schemas: Schemas,
}

/// Loads the configuration in `dir` with every module that it calls from a local directory. What could be read is there
/// even when there are mistakes.
pub fn load(dir: &Path, options: &LoadOptions) -> (Config, Diagnostics) {
    let mut loader = Loader {
        config: Config { root_dir: dir.to_path_buf(), ..Config::default() },
        diags: Diagnostics::new(),
        names: Names::default(),
        read: BTreeMap::new(),
        schemas: options.schemas,
    };
    let root = clean(dir);
    loader.module(&ModulePath::root(), &root, &mut Vec::new(), None);
    let found = loader.config.modules.get(&ModulePath::root()).is_some_and(|m| m.files > 0);
    if !found && !options.allow_empty {
        let detail = format!("The directory {} contains no configuration files (*.tf).", shown(dir));
        loader.diags.push(Diagnostic::error("No configuration files", detail));
    }
    (loader.config, loader.diags)
}

/// Files that editors leave behind, which are no configuration.
pub(super) fn is_editor_file(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

/// Whether a file is configuration, in either syntax. Case counts, as in Terraform.
fn is_configuration(name: &str) -> bool {
    name.strip_suffix(".json").unwrap_or(name).strip_suffix(".tf").is_some()
}

struct Loader {
    config: Config,
    diags: Diagnostics,
    names: Names,
    /// Directories read already, under the path they were read for.
    read: BTreeMap<PathBuf, ModulePath>,
    schemas: Schemas,
}

impl Loader {
    /// Loads the module in `dir`, which `callers` called from the outside in.
    fn module(&mut self, path: &ModulePath, dir: &Path, callers: &mut Vec<PathBuf>, call: Option<Span>) {
        if callers.iter().any(|c| c == dir) {
            let detail = format!("The directory {} is called, directly or indirectly, from itself.", shown(dir));
            return self.report(Diagnostic::error("Module calls itself", detail), call);
        }
        let known = self.read.get(dir).and_then(|p| self.config.modules.get(p)).cloned();
        let module = match known {
            Some(known) => Module { path: path.clone(), ..(*known).clone() },
            None => match self.read_dir(path, dir, call) {
                Some(module) => module,
                None => return,
            },
        };
        let calls: Vec<_> = module.calls.values().map(|c| (c.name.clone(), c.source.clone(), c.source_span)).collect();
        self.read.entry(dir.to_path_buf()).or_insert_with(|| path.clone());
        self.config.modules.insert(path.clone(), Arc::new(module));
        callers.push(dir.to_path_buf());
        for (name, source, span) in calls {
            let target = clean(&dir.join(source.replace('\\', "/")));
            self.module(&path.child(&name), &target, callers, Some(span));
        }
        callers.pop();
    }

    fn report(&mut self, diagnostic: Diagnostic, span: Option<Span>) {
        self.diags.push(diagnostic.at_if_none(span));
    }

    fn read_dir(&mut self, path: &ModulePath, dir: &Path, call: Option<Span>) -> Option<Module> {
        let mut names: Vec<String> = match std::fs::read_dir(dir) {
            Ok(entries) => entries.flatten().filter_map(|e| e.file_name().into_string().ok()).collect(),
            Err(error) => {
                let detail = format!("The directory {} cannot be read: {error}.", shown(dir));
                self.report(Diagnostic::error("Unreadable module directory", detail), call);
                return None;
            }
        };
        names.retain(|n| !is_editor_file(n) && (is_configuration(n)));
        names.sort();
        let mut module = Module { path: path.clone(), dir: dir.to_path_buf(), files: names.len(), ..Module::default() };
        if call.is_some() && names.is_empty() {
            let detail = format!("The directory {} contains no configuration files (*.tf).", shown(dir));
            self.report(Diagnostic::error("Unreadable module directory", detail), call);
        }
        let (over, plain): (Vec<&String>, Vec<&String>) = names.iter().partition(|n| is_override(n));
        let mut overrides = Overrides::default();
        for name in over {
            self.file(dir, name, &mut |block, _, _| overrides.add(block));
        }
        for name in plain {
            self.file(dir, name, &mut |block, sources, diags| {
                let block = overrides.apply(block, diags);
                Decoder { module: &mut module, sources, diags }.block(block);
            });
        }
        overrides.finish(&mut self.diags);
        Some(module)
    }

    fn file(&mut self, dir: &Path, name: &str, each: &mut dyn FnMut(BlockExpr, &levee_model::Sources, &mut Diagnostics)) {
        let path = dir.join(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let detail = format!("The file {} cannot be read: {error}.", shown(&path));
                return self.diags.push(Diagnostic::error("Failed to read file", detail));
            }
        };
        let label = path.strip_prefix(clean(&self.config.root_dir)).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let text: Arc<str> = Arc::from(text);
        let source = self.config.sources.add(label, text.clone());
        let sources = &self.config.sources;
        let mut take = |item, diags: &mut Diagnostics| match item {
            Item::Block(block) => each(block, sources, diags),
            Item::Attribute(a) => {
                let detail = format!("An argument named {:?} is not expected here.", &*a.name);
                diags.push(Diagnostic::error("Unsupported argument", detail).at(a.name_span));
            }
        };
        if Path::new(name).extension().is_some_and(|e| e == "json") {
            let items = json::parse_items(source, sources, &mut self.names, self.schemas, &mut self.diags);
            return items.into_iter().for_each(|item| take(item, &mut self.diags));
        }
        parse_items(source, &text, &mut self.names, &mut self.diags, &mut take);
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A path without `.` and without `..` where that can be told from the text alone.
fn clean(path: &Path) -> PathBuf {
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
