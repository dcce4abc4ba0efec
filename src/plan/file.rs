//! A saved plan: all that the plan was made from, so that it can be compiled again, and a digest of what came out, so that
//! it is known to be the same. A plan whose configuration or state has changed since is refused.

use super::compile::Compiled;
use super::objects::{Objects, decode_values, encode_object, encode_value, schema_of};
use super::plan_type::{Mode, PlanOptions};
use super::values::Surroundings;
use crate::config::{Config, InputSource};
use crate::eval::input::RootInput;
use crate::providers::Registry;
use levee_model::{Change, DeposedKey, InstanceAddr, ModulePath, Value, json};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Raised when the layout changes; other versions are refused.
const VERSION: u32 = 1;
const FORMAT: &str = "levee-plan";

/// What a plan file holds.
#[derive(Serialize, Deserialize)]
pub struct PlanFile {
    format: String,
    version: u32,
    /// Lineage and serial of the state.
    pub lineage: Uuid,
    /// See `lineage`.
    pub serial: u64,
    /// Where it was made: expressions may ask for that.
    pub surroundings: Surroundings,
    config: String,
    mode: String,
    targets: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    replace: Vec<String>,
    timestamp: Option<String>,
    inputs: BTreeMap<String, SavedValue>,
    /// Variables that are ephemeral and were given: their values are not kept.
    #[serde(default)]
    ephemeral: Vec<String>,
    refreshed: Vec<SavedObject>,
    data: BTreeMap<String, SavedValue>,
    #[serde(default)]
    imports: BTreeMap<String, SavedValue>,
    #[serde(default)]
    generated: BTreeMap<String, String>,
    outcome: String,
}

/// A value with its type, and where it is sensitive.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedValue {
    #[serde(rename = "type")]
    ty: serde_json::Value,
    value: String,
    sensitive: String,
}

#[derive(Serialize, Deserialize)]
struct SavedObject {
    addr: String,
    deposed: Option<String>,
    /// The object as it was found; none when it was gone.
    found: Option<(String, String)>,
}

/// Why a plan file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no plan file.
    #[error("it is not a plan that this levee can read: {0}")]
    Format(String),
    /// The configuration has changed.
    #[error("the configuration has changed since the plan was made")]
    ConfigChanged,
    /// The state has changed.
    #[error("the state has changed since the plan was made (planned on serial {planned}, now at {found})")]
    StateChanged {
        /// Serial when it was made.
        planned: u64,
        /// Serial now.
        found: u64,
    },
    /// Another workspace is selected.
    #[error("it was made for the workspace {planned:?}, and {found:?} is selected")]
    OtherWorkspace {
        /// The one that it was made for.
        planned: Arc<str>,
        /// The one that is selected.
        found: Arc<str>,
    },
    /// It is encrypted, as the state is, and cannot be read.
    #[error("{0}")]
    Hidden(String),
    /// Compiling it again gave something else.
    #[error("compiling it again gives other changes than were saved")]
    OutcomeChanged,
}

pub(super) fn saved(value: &Value) -> SavedValue {
    let ty = value.ty();
    let (text, sensitive) = encode_value(value, &ty);
    SavedValue { ty: json::type_to_json(&ty), value: text, sensitive }
}

pub(super) fn restored(saved: &SavedValue) -> Result<Value, PlanFileError> {
    let ty = json::type_from_json(&saved.ty).map_err(|e| PlanFileError::Format(e.to_string()))?;
    decode_values(&saved.value, &saved.sensitive, &ty).map_err(PlanFileError::Format)
}

/// A digest of all files of a configuration; those that only give values to variables are no part of it.
pub fn config_digest(config: &Config) -> String {
    let is_configuration = |name: &str| Path::new(name).extension().is_some_and(|e| e == "tf") || name.ends_with(".tf.json");
    let mut files: Vec<_> = config.sources.iter().filter(|f| is_configuration(&f.name)).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    for file in files {
        hash.update((file.name.len() as u64).to_le_bytes());
        hash.update(file.name.as_bytes());
        hash.update((file.text.len() as u64).to_le_bytes());
        hash.update(file.text.as_bytes());
    }
    hex(&hash.finalize())
}

/// Bytes as digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// A digest of what a plan does.
fn outcome_digest(changes: &[Arc<Change>]) -> String {
    let mut hash = Sha256::new();
    for change in changes {
        let tree = |v: &Option<Value>| v.as_ref().map(|v| (json::to_json(&v.clone().unmark_deep().0), json::unknown_tree(v)));
        let line = serde_json::json!([
            change.addr.to_string(),
            change.deposed.as_ref().map(ToString::to_string),
            format!("{:?}", change.action),
            tree(&change.before).map(|t| [t.0, t.1]),
            tree(&change.after).map(|t| [t.0, t.1]),
            change.previous.as_ref().map(ToString::to_string),
            change.importing,
        ]);
        hash.update(line.to_string().as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

impl PlanFile {
    /// What is to be saved of a plan.
    pub fn new(compiled: &Compiled, config: &Config, options: &PlanOptions, timestamp: Option<String>) -> Self {
        let block_of =
            |row: &levee_state::ObjectRow| schema_of(row, crate::providers::registry()).map(|s| s.block.clone()).unwrap_or_default();
        let moved = compiled.objects.all.iter().filter(|(_, p)| p.moved());
        let refreshed = moved.map(|((addr, deposed), p)| SavedObject {
            addr: addr.to_string(),
            deposed: deposed.as_ref().map(ToString::to_string),
            found: p.current.as_ref().map(|v| encode_object(v, &block_of(&p.row))),
        });
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            lineage: compiled.plan.base.0,
            serial: compiled.plan.base.1,
            surroundings: compiled.world.surroundings.clone(),
            config: config_digest(config),
            mode: mode_text(options.mode).to_owned(),
            targets: options.targets.iter().map(ToString::to_string).collect(),
            exclude: options.exclude.iter().map(ToString::to_string).collect(),
            replace: options.replace.iter().map(ToString::to_string).collect(),
            timestamp,
            inputs: kept(compiled, config).map(|(n, i)| (n.to_string(), saved(&i.value))).collect(),
            ephemeral: compiled.inputs.keys().filter(|n| kept(compiled, config).all(|(k, _)| k != *n)).map(ToString::to_string).collect(),
            refreshed: refreshed.collect(),
            data: compiled.data.iter().map(|(a, v)| (a.to_string(), saved(v))).collect(),
            imports: compiled.imports.iter().map(|(a, v)| (a.to_string(), saved(v))).collect(),
            generated: compiled.plan.generated.iter().map(|(a, block)| (a.to_string(), block.to_string())).collect(),
            outcome: outcome_digest(&compiled.plan.changes),
        }
    }

    /// Writes it, readable for its owner alone, whole or not at all.
    /// `hide` may make another text of it.
    pub fn write(&self, path: &Path, hide: impl FnOnce(String) -> String) -> Result<(), PlanFileError> {
        let text = hide(serde_json::to_string(self).map_err(|e| PlanFileError::Format(e.to_string()))?);
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let partial = path.with_file_name(name);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&partial).and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()));
        if let Err(e) = written.and_then(|()| std::fs::rename(&partial, path)) {
            // The error that counts is the first one; a leftover that cannot be removed is no second one.
            let _ = std::fs::remove_file(&partial);
            return Err(e.into());
        }
        Ok(())
    }

    /// Reads it. `show` takes back what `hide` did.
    pub fn read(path: &Path, show: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, PlanFileError>) -> Result<Self, PlanFileError> {
        let bytes = show(std::fs::read(path)?)?;
        let file: Self = serde_json::from_slice(&bytes).map_err(|_| PlanFileError::Format("its content is something else".to_owned()))?;
        if file.format != FORMAT || file.version != VERSION {
            return Err(PlanFileError::Format(format!("its version is {}, this levee reads version {VERSION}", file.version)));
        }
        Ok(file)
    }

    /// What the plan was made with, if configuration and state are as they were.
    pub fn check(&self, config: &Config, objects: &Objects) -> Result<(), PlanFileError> {
        if config_digest(config) != self.config {
            return Err(PlanFileError::ConfigChanged);
        }
        let (lineage, serial) = objects.base;
        if (lineage, serial) != (self.lineage, self.serial) {
            return Err(PlanFileError::StateChanged { planned: self.serial, found: serial });
        }
        Ok(())
    }

    /// What the user had asked for. Nothing is refreshed again.
    pub fn options(&self) -> PlanOptions {
        PlanOptions {
            mode: mode_of(&self.mode),
            refresh: false,
            targets: self.targets.iter().filter_map(|t| t.parse().ok()).collect(),
            exclude: self.exclude.iter().filter_map(|t| t.parse().ok()).collect(),
            replace: self.replace.iter().filter_map(|a| a.parse().ok()).collect(),
            ..PlanOptions::default()
        }
    }

    /// When the plan was made.
    pub fn timestamp(&self) -> Option<String> {
        self.timestamp.clone()
    }

    /// What was given for the root module's variables.
    pub fn inputs(&self) -> Result<BTreeMap<Arc<str>, RootInput>, PlanFileError> {
        let input = |v: &SavedValue| Ok::<_, PlanFileError>(RootInput { value: restored(v)?, source: InputSource::Plan, span: None });
        self.inputs.iter().map(|(n, v)| Ok((Arc::from(n.as_str()), input(v)?))).collect()
    }

    /// Variables that must be given again.
    pub fn ephemeral(&self) -> impl Iterator<Item = &str> {
        self.ephemeral.iter().map(String::as_str)
    }

    /// What data sources yielded.
    pub fn data(&self) -> Result<BTreeMap<InstanceAddr, Value>, PlanFileError> {
        let addr = |a: &str| a.parse().map_err(|e: levee_model::address::AddressError| PlanFileError::Format(e.to_string()));
        self.data.iter().map(|(a, v)| Ok((addr(a)?, restored(v)?))).collect()
    }

    /// What imports found.
    pub fn imports(&self) -> Result<BTreeMap<InstanceAddr, Value>, PlanFileError> {
        let addr = |a: &str| a.parse().map_err(|e: levee_model::address::AddressError| PlanFileError::Format(e.to_string()));
        self.imports.iter().map(|(a, v)| Ok((addr(a)?, restored(v)?))).collect()
    }

    /// Configuration that was written for imports which had none.
    pub fn generated(&self) -> Result<BTreeMap<InstanceAddr, Arc<str>>, PlanFileError> {
        let addr = |a: &str| a.parse().map_err(|e: levee_model::address::AddressError| PlanFileError::Format(e.to_string()));
        self.generated.iter().map(|(a, block)| Ok((addr(a)?, Arc::from(block.as_str())))).collect()
    }

    /// Sets what refreshing had found.
    pub fn restore(&self, objects: &mut Objects, registry: &Registry) -> Result<(), PlanFileError> {
        let foreign = |e: levee_model::address::AddressError| PlanFileError::Format(e.to_string());
        for object in &self.refreshed {
            let deposed = object.deposed.as_deref().map(|key| DeposedKey(Arc::from(key)));
            let Some(prior) = objects.all.get_mut(&(object.addr.parse().map_err(foreign)?, deposed)) else { continue };
            prior.current = match &object.found {
                None => None,
                Some((values, sensitive)) => {
                    let schema = schema_of(&prior.row, registry).ok_or_else(|| PlanFileError::Format("a type is unknown".to_owned()))?;
                    Some(decode_values(values, sensitive, &schema.ty()).map_err(PlanFileError::Format)?)
                }
            };
        }
        Ok(())
    }

    /// Whether compiling it again gave the same.
    pub fn check_outcome(&self, compiled: &Compiled) -> Result<(), PlanFileError> {
        if outcome_digest(&compiled.plan.changes) == self.outcome { Ok(()) } else { Err(PlanFileError::OutcomeChanged) }
    }
}

/// What was given for variables that are not ephemeral.
fn kept<'a>(compiled: &'a Compiled, config: &'a Config) -> impl Iterator<Item = (&'a Arc<str>, &'a RootInput)> {
    let ephemeral = |name: &str| config.modules.get(&ModulePath::root()).and_then(|m| m.variables.get(name)).is_some_and(|v| v.ephemeral);
    compiled.inputs.iter().filter(move |(name, _)| !ephemeral(name))
}

pub(super) fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::Destroy => "destroy",
        Mode::RefreshOnly => "refresh-only",
    }
}

pub(super) fn mode_of(text: &str) -> Mode {
    match text {
        "destroy" => Mode::Destroy,
        "refresh-only" => Mode::RefreshOnly,
        _ => Mode::Normal,
    }
}

#[cfg(test)]
mod tests;
