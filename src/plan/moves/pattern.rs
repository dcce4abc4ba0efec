//! One end of a move: an address in which some keys stand for any key.

use levee_model::{InstanceAddr, InstanceKey, Mode, ModuleInstance, ModulePath, ModuleStep, ResourceAddr, Target};
use std::fmt;
use std::sync::Arc;

/// A key, or any (`None`).
type AnyKey = Option<InstanceKey>;

/// One end of a move. The two ends of one have their open keys in the same places: those of the modules in which the
/// `moved` block stands, and the last one where a whole call or a whole resource moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The modules from the root.
    pub(super) modules: Vec<(Arc<str>, AnyKey)>,
    /// The resource, unless a module moves.
    pub(super) resource: Option<ResourcePattern>,
}

/// The resource at the end of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResourcePattern {
    pub(super) mode: Mode,
    pub(super) type_name: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) key: AnyKey,
}

fn key_matches(pattern: &AnyKey, key: &InstanceKey) -> bool {
    pattern.as_ref().is_none_or(|p| p == key)
}

fn can_meet(a: &AnyKey, b: &AnyKey) -> bool {
    a.is_none() || b.is_none() || a == b
}

impl Pattern {
    /// An address as a block in `home` writes it. `whole`: a missing last key stands for all.
    pub(super) fn new(home: &ModulePath, target: &Target, whole: bool) -> Self {
        let mut modules: Vec<_> = home.0.iter().map(|name| (name.clone(), None)).collect();
        let steps = |m: &ModuleInstance| m.0.iter().map(|s| (s.name.clone(), Some(s.key.clone()))).collect::<Vec<_>>();
        match target {
            Target::Module(module) => {
                modules.extend(steps(module));
                if let Some(last) = modules.last_mut().filter(|_| whole) {
                    last.1 = None;
                }
                Self { modules, resource: None }
            }
            Target::Resource(addr) => {
                modules.extend(steps(&addr.module));
                let resource = ResourcePattern {
                    mode: addr.mode,
                    type_name: addr.type_name.clone(),
                    name: addr.name.clone(),
                    key: Some(addr.key.clone()).filter(|_| !whole),
                };
                Self { modules, resource: Some(resource) }
            }
        }
    }

    /// Whether a module instance is the one that moves, or lies in it.
    pub(super) fn covers_module(&self, module: &ModuleInstance) -> bool {
        self.modules.len() <= module.0.len()
            && self.modules.iter().zip(module.0.iter()).all(|((n, k), s)| *n == s.name && key_matches(k, &s.key))
    }

    /// Whether this instance moves.
    pub(super) fn covers_instance(&self, addr: &InstanceAddr) -> bool {
        self.modules.len() == addr.module.0.len()
            && self.covers_module(&addr.module)
            && self.resource.as_ref().is_some_and(|r| r.is(addr) && key_matches(&r.key, &addr.key))
    }

    /// Whether the instance's resource is named, be it by one of its instances.
    pub(super) fn names_resource(&self, addr: &InstanceAddr) -> bool {
        self.modules.len() == addr.module.0.len() && self.covers_module(&addr.module) && self.resource.as_ref().is_some_and(|r| r.is(addr))
    }

    /// Where a unit that `from` covers goes.
    pub(super) fn destination(from: &Self, to: &Self, unit: &Target) -> Option<Target> {
        let module = match unit {
            Target::Module(module) => module,
            Target::Resource(addr) => &addr.module,
        };
        // The open keys of both ends are filled alike.
        let mut open = from.modules.iter().zip(module.0.iter()).filter(|((_, key), _)| key.is_none()).map(|(_, step)| step.key.clone());
        let mut steps = Vec::with_capacity(module.0.len().max(to.modules.len()));
        for (name, key) in &to.modules {
            let key = match key {
                Some(key) => key.clone(),
                None => open.next()?,
            };
            steps.push(ModuleStep { name: name.clone(), key });
        }
        match (unit, &to.resource) {
            (Target::Module(module), None) => {
                steps.extend(module.0[from.modules.len()..].iter().cloned());
                Some(Target::Module(ModuleInstance(steps.into())))
            }
            (Target::Resource(_), Some(r)) => {
                let resource =
                    ResourceAddr { module: ModulePath::root(), mode: r.mode, type_name: r.type_name.clone(), name: r.name.clone() };
                Some(Target::Resource(resource.instance(&ModuleInstance(steps.into()), r.key.clone().unwrap_or_default())))
            }
            _ => None,
        }
    }

    /// Whether what goes to `other` may go on from here.
    pub(super) fn continues(&self, other: &Self) -> bool {
        if self.modules.len() != other.modules.len() || !self.can_meet_modules(other) {
            return false;
        }
        match (&self.resource, &other.resource) {
            (None, None) => true,
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }

    /// Whether it lies inside of `other`.
    pub(super) fn is_inside(&self, other: &Self) -> bool {
        if other.modules.len() > self.modules.len() || !self.can_meet_modules(other) {
            return false;
        }
        match (&self.resource, &other.resource) {
            (None, None) => self.modules.len() > other.modules.len(),
            (Some(_), None) => true,
            (Some(a), Some(b)) => b.key.is_none() && a.key.is_some() && self.modules.len() == other.modules.len() && a.names(b),
            (None, Some(_)) => false,
        }
    }

    fn can_meet_modules(&self, other: &Self) -> bool {
        self.modules.iter().zip(&other.modules).all(|((a, x), (b, y))| a == b && can_meet(x, y))
    }

    /// Whether both ends are instances of one module call, so that only keys change.
    pub(super) fn only_reindexes(&self, to: &Self) -> bool {
        let names = |p: &Self| p.modules.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
        self.resource.is_none() && to.resource.is_none() && names(self) == names(to)
    }
}

impl ResourcePattern {
    fn is(&self, addr: &InstanceAddr) -> bool {
        (self.mode, &self.type_name, &self.name) == (addr.mode, &addr.type_name, &addr.name)
    }
    fn names(&self, other: &Self) -> bool {
        (self.mode, &self.type_name, &self.name) == (other.mode, &other.type_name, &other.name)
    }
}

/// Open keys are written as `[*]`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |f: &mut fmt::Formatter<'_>, key: &AnyKey| match key {
            Some(key) => key.fmt(f),
            None => f.write_str("[*]"),
        };
        for (i, (name, k)) in self.modules.iter().enumerate() {
            write!(f, "{}module.{name}", if i > 0 { "." } else { "" })?;
            key(f, k)?;
        }
        let Some(r) = &self.resource else { return Ok(()) };
        let dot = if self.modules.is_empty() { "" } else { "." };
        let resource = ResourceAddr { module: ModulePath::root(), mode: r.mode, type_name: r.type_name.clone(), name: r.name.clone() };
        write!(f, "{dot}{resource}")?;
        key(f, &r.key)
    }
}
