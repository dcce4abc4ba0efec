//! How things are named. Addresses are leaf values: immutable, ordered, printed and parsed the same way.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

mod parse;
mod steps;
mod target;
pub use parse::{AddressError, AddressStep};
pub use steps::Steps;
pub use target::Target;

/// What tells the instances of one resource or module apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Neither `count` nor `for_each`.
    #[default]
    None,
    /// `count`
    Int(u64),
    /// `for_each`
    Str(Arc<str>),
}

/// One module call's instance on the way down from the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the `module` block.
    pub name: Arc<str>,
    /// Which instance of it.
    pub key: InstanceKey,
}

/// A module block, counted from the root (which is empty): `module.net.module.zone`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Steps<Arc<str>>);

/// An instance of a module: `module.net["a"].module.zone`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Steps<ModuleStep>);

/// Which kind of block a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `data`
    Data,
    /// `resource`
    Managed,
    /// `ephemeral`
    Ephemeral,
}

/// A resource block: `module.net.aws_subnet.private`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceAddr {
    /// The module it stands in.
    pub module: ModulePath,
    /// Which kind of block.
    pub mode: Mode,
    /// Resource type: `aws_subnet`.
    pub type_name: Arc<str>,
    /// Its own name: `private`.
    pub name: Arc<str>,
}

/// One instance of a resource: `module.net.aws_subnet.private["a"]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstanceAddr {
    /// The module instance it stands in.
    pub module: ModuleInstance,
    /// Which kind of block.
    pub mode: Mode,
    /// Resource type.
    pub type_name: Arc<str>,
    /// Its own name.
    pub name: Arc<str>,
    /// Which instance.
    pub key: InstanceKey,
}

/// Tells deposed objects of one instance apart: eight hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeposedKey(pub Arc<str>);

/// A provider configuration: `provider.aws`, `module.net.provider.aws.west`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderAddr {
    /// The module it stands in.
    pub module: ModulePath,
    /// Local name of the provider: `aws`.
    pub name: Arc<str>,
    /// `alias`
    pub alias: Option<Arc<str>>,
}

/// The order of two texts or paths. Many addresses share theirs, which need not be looked at then.
fn shared<T: Ord + ?Sized>(a: &Arc<T>, b: &Arc<T>) -> Ordering {
    if Arc::ptr_eq(a, b) { Ordering::Equal } else { a.cmp(b) }
}

impl Ord for ResourceAddr {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let before = self.module.cmp(&other.module).then(self.mode.cmp(&other.mode));
        before.then_with(|| shared(&self.type_name, &other.type_name)).then_with(|| shared(&self.name, &other.name))
    }
}

impl Ord for InstanceAddr {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let before = self.module.cmp(&other.module).then(self.mode.cmp(&other.mode));
        let names = || shared(&self.type_name, &other.type_name).then_with(|| shared(&self.name, &other.name));
        before.then_with(names).then_with(|| self.key.cmp(&other.key))
    }
}

macro_rules! partial_ord {
    ($($ty:ty),+) => {$(
        impl PartialOrd for $ty {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )+};
}

partial_ord!(ResourceAddr, InstanceAddr);

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }
    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
    /// The module that `name` calls from here.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([Arc::from(name)]).collect())
    }
    /// The module that calls this one, and the name of the call.
    pub fn split_last(&self) -> Option<(Self, Arc<str>)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last.clone()))
    }
}

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }
    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
    /// The instance `key` of the call `name`.
    #[must_use]
    pub fn child(&self, name: &str, key: InstanceKey) -> Self {
        Self(self.0.iter().cloned().chain([ModuleStep { name: Arc::from(name), key }]).collect())
    }
    /// The module block this is an instance of.
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|s| s.name.clone()).collect())
    }
    /// The caller, and the last step.
    pub fn split_last(&self) -> Option<(Self, ModuleStep)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last.clone()))
    }
    /// Whether both are in different instances of one module, which know nothing of each other.
    pub fn is_beside(&self, other: &Self) -> bool {
        let same_calls = self.0.iter().zip(other.0.iter()).take_while(|(a, b)| a.name == b.name);
        same_calls.into_iter().any(|(a, b)| a.key != b.key)
    }
    /// Whether `self` is `other` or lies inside it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl ResourceAddr {
    /// The instance `key` of it in `module`.
    pub fn instance(&self, module: &ModuleInstance, key: InstanceKey) -> InstanceAddr {
        InstanceAddr { module: module.clone(), mode: self.mode, type_name: self.type_name.clone(), name: self.name.clone(), key }
    }
}

impl InstanceAddr {
    /// The block it is an instance of.
    pub fn resource(&self) -> ResourceAddr {
        ResourceAddr { module: self.module.path(), mode: self.mode, type_name: self.type_name.clone(), name: self.name.clone() }
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Int(n) => write!(f, "[{n}]"),
            Self::Str(s) => write!(f, "[{}]", parse::quote(s)),
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            write!(f, "{}module.{}{}", if i > 0 { "." } else { "" }, step.name, step.key)?;
        }
        Ok(())
    }
}

impl Mode {
    fn prefix(self) -> &'static str {
        match self {
            Self::Managed => "",
            Self::Data => "data.",
            Self::Ephemeral => "ephemeral.",
        }
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}.{}", self.mode.prefix(), self.type_name, self.name)
    }
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}.{}{}", self.mode.prefix(), self.type_name, self.name, self.key)
    }
}

impl fmt::Display for DeposedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ProviderAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider.{}", self.name)?;
        self.alias.as_ref().map_or(Ok(()), |alias| write!(f, ".{alias}"))
    }
}
