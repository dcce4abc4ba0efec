//! Conditions that a configuration states about its objects, and how they turned out.

use crate::address::{AddressError, InstanceAddr, InstanceKey, ModuleInstance, ModulePath, ResourceAddr};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What can state conditions, as the configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checkable {
    /// A resource or data block with pre- or postconditions.
    Resource(ResourceAddr),
    /// An output with preconditions.
    Output(ModulePath, Arc<str>),
    /// A `check` block.
    Check(ModulePath, Arc<str>),
    /// A variable with validations.
    Variable(ModulePath, Arc<str>),
}

/// How conditions turned out. Of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    /// All hold.
    Pass,
    /// It cannot be told yet.
    Unknown,
    /// At least one does not hold.
    Fail,
    /// At least one could not be evaluated.
    Error,
}

/// How the conditions of one object turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectCheck {
    /// All of them together.
    pub status: CheckStatus,
    /// The messages of those that do not hold.
    pub problems: Vec<String>,
}

/// Objects by the module instance that they stand in and their own key.
pub type ObjectChecks = BTreeMap<(ModuleInstance, InstanceKey), ObjectCheck>;

/// How all conditions of a configuration turned out. None: which objects there are is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckResults(pub BTreeMap<Checkable, Option<ObjectChecks>>);

impl CheckResults {
    /// Notes that the instances are known: those that are recorded, and no others.
    pub fn open(&mut self, of: &Checkable) {
        self.0.entry(of.clone()).or_default().get_or_insert_with(BTreeMap::new);
    }

    /// Starts an object anew: nothing of it has been checked.
    pub fn reset(&mut self, of: &Checkable, module: ModuleInstance, key: InstanceKey) {
        let objects = self.0.entry(of.clone()).or_default().get_or_insert_with(BTreeMap::new);
        objects.insert((module, key), ObjectCheck { status: CheckStatus::Pass, problems: Vec::new() });
    }

    /// Nothing is known any more of an object's conditions, if it has any.
    pub fn forget(&mut self, of: &Checkable, module: &ModuleInstance, key: &InstanceKey) {
        let objects = self.0.get_mut(of).and_then(Option::as_mut);
        if let Some(object) = objects.and_then(|o| o.get_mut(&(module.clone(), key.clone()))) {
            *object = ObjectCheck { status: CheckStatus::Unknown, problems: Vec::new() };
        }
    }

    /// Adds how one condition of an object turned out.
    pub fn record(&mut self, of: &Checkable, module: ModuleInstance, key: InstanceKey, status: CheckStatus, problem: Option<String>) {
        let objects = self.0.entry(of.clone()).or_default().get_or_insert_with(BTreeMap::new);
        let object = objects.entry((module, key)).or_insert(ObjectCheck { status: CheckStatus::Pass, problems: Vec::new() });
        object.status = object.status.max(status);
        object.problems.extend(problem);
    }

    /// The status of a block, all its objects together.
    pub fn status(objects: Option<&ObjectChecks>) -> CheckStatus {
        objects.map_or(CheckStatus::Unknown, |o| o.values().map(|c| c.status).max().unwrap_or(CheckStatus::Pass))
    }
}

impl CheckStatus {
    /// Terraform's word.
    pub fn text(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// Reads Terraform's word.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Pass, Self::Unknown, Self::Fail, Self::Error].into_iter().find(|s| s.text() == text)
    }
}

impl Checkable {
    /// Terraform's word for the kind of thing it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Resource(_) => "resource",
            Self::Output(..) => "output_value",
            Self::Check(..) => "check",
            Self::Variable(..) => "var",
        }
    }

    /// The module it stands in.
    pub fn module(&self) -> &ModulePath {
        match self {
            Self::Resource(addr) => &addr.module,
            Self::Output(module, _) | Self::Check(module, _) | Self::Variable(module, _) => module,
        }
    }

    /// The address of one of its objects.
    pub fn object(&self, module: &ModuleInstance, key: &InstanceKey) -> String {
        let (word, name) = match self {
            Self::Resource(addr) => return addr.instance(module, key.clone()).to_string(),
            Self::Output(_, name) => ("output", name),
            Self::Check(_, name) => ("check", name),
            Self::Variable(_, name) => ("var", name),
        };
        if module.is_root() { format!("{word}.{name}") } else { format!("{module}.{word}.{name}") }
    }

    /// Reads the address of one object of a kind: the block, the module instance and the key.
    ///
    /// # Errors
    /// When the text is no such address.
    pub fn parse_object(kind: &str, text: &str) -> Result<(Self, ModuleInstance, InstanceKey), AddressError> {
        let (word, of): (&str, fn(ModulePath, Arc<str>) -> Self) = match kind {
            "output_value" => ("output", Self::Output),
            "check" => ("check", Self::Check),
            "var" => ("var", Self::Variable),
            _ => {
                let addr: InstanceAddr = text.parse()?;
                return Ok((Self::Resource(addr.resource()), addr.module, addr.key));
            }
        };
        let (before, name) = text.rsplit_once('.').unwrap_or_default();
        let module = match before.strip_suffix(word).unwrap_or_default().trim_end_matches('.') {
            "" => ModuleInstance::root(),
            module => module.parse()?,
        };
        Ok((of(module.path(), Arc::from(name)), module, InstanceKey::None))
    }
}

impl fmt::Display for Checkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, name) = match self {
            Self::Resource(addr) => return write!(f, "{addr}"),
            Self::Output(_, name) => ("output", name),
            Self::Check(_, name) => ("check", name),
            Self::Variable(_, name) => ("var", name),
        };
        if !self.module().is_root() {
            write!(f, "{}.", self.module())?;
        }
        write!(f, "{word}.{name}")
    }
}
