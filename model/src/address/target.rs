//! What `-target`, `moved` and the commands on the state name: a module, a resource, or an instance of either.

use super::{InstanceAddr, InstanceKey, ModuleInstance};
use std::fmt;

/// A module with everything in it, or a resource. Without a key at its end it may mean all instances.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A module with everything in it.
    Module(ModuleInstance),
    /// A resource, or one instance of it.
    Resource(InstanceAddr),
}

impl Target {
    /// Whether it means this instance. A target without a key means every instance.
    pub fn covers(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Module(module) => covers_module(module, &addr.module),
            Self::Resource(target) => {
                (target.mode, &target.type_name, &target.name) == (addr.mode, &addr.type_name, &addr.name)
                    && target.module.0.len() == addr.module.0.len()
                    && covers_module(&target.module, &addr.module)
                    && covers_key(&target.key, &addr.key)
            }
        }
    }
}

fn covers_key(target: &InstanceKey, key: &InstanceKey) -> bool {
    *target == InstanceKey::None || target == key
}

fn covers_module(target: &ModuleInstance, module: &ModuleInstance) -> bool {
    target.0.len() <= module.0.len() && target.0.iter().zip(module.0.iter()).all(|(t, m)| t.name == m.name && covers_key(&t.key, &m.key))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(module) => module.fmt(f),
            Self::Resource(addr) => addr.fmt(f),
        }
    }
}
