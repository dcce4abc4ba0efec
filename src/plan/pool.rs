//! The provider configurations of one run, each logged in once.

use crate::config::Config;
use crate::providers::Registry;
use levee_model::{Diagnostic, ModulePath, ProviderAddr, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::{Configured, Provider, StepSink};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Provider configurations by address.
#[derive(Clone, Default)]
pub struct Pool {
    ready: BTreeMap<ProviderAddr, (Value, Arc<dyn Configured>)>,
    /// Those that were changed during the apply, as they were before.
    before: BTreeMap<ProviderAddr, Arc<dyn Configured>>,
}

impl Pool {
    /// The configuration, if it is logged in.
    pub fn get(&self, addr: &ProviderAddr) -> Option<&Arc<dyn Configured>> {
        self.ready.get(addr).map(|(_, c)| c)
    }

    /// Whether it is logged in with these very values.
    pub fn has(&self, addr: &ProviderAddr, config: &Value) -> bool {
        self.ready.get(addr).is_some_and(|(known, _)| known == config)
    }

    /// Keeps a configuration that is logged in.
    pub fn put(&mut self, addr: ProviderAddr, config: Value, configured: Arc<dyn Configured>) {
        self.ready.insert(addr, (config, configured));
    }

    /// Takes another configuration from now on; what is there already is still found where it was made.
    pub fn change(&mut self, addr: ProviderAddr, config: Value, configured: Arc<dyn Configured>) {
        if let Some((_, before)) = self.ready.insert(addr.clone(), (config, configured)) {
            self.before.entry(addr).or_insert(before);
        }
    }

    /// The configuration with which a plan was made.
    pub fn so_far(&self, addr: &ProviderAddr) -> Option<&Arc<dyn Configured>> {
        self.before.get(addr).or_else(|| self.get(addr))
    }

    /// What a type's operation is given, if the configuration is logged in.
    pub fn ctx(&self, addr: &ProviderAddr, sink: Arc<dyn StepSink>, timeout: Option<Duration>) -> Option<AnyCtx> {
        Some(AnyCtx { client: self.get(addr)?.client(), sink, timeout })
    }
}

/// The built-in provider behind a provider configuration.
pub fn provider_for<'r>(registry: &'r Registry, config: &Config, addr: &ProviderAddr) -> Result<&'r Arc<dyn Provider>, Diagnostic> {
    let source = config.source_of(&addr.module, &addr.name);
    registry.get(&source).ok_or_else(|| {
        let known: Vec<&str> = registry.iter().map(|p| p.source()).collect();
        Diagnostic::error("Provider not built in", format!("levee has no provider {source:?}. It has: {}.", known.join(", "))).about(addr)
    })
}

/// Reads the text that [`ProviderAddr`] prints, as rows hold it.
pub fn parse_provider(text: &str) -> Option<ProviderAddr> {
    let (module, rest) = if let Some(rest) = text.strip_prefix("provider.") {
        (ModulePath::root(), rest)
    } else {
        let (module, rest) = text.split_once(".provider.")?;
        let names = module.strip_prefix("module.")?.split(".module.").map(Arc::from).collect();
        (ModulePath(names), rest)
    };
    let (name, alias) = match rest.split_once('.') {
        Some((name, alias)) => (name, Some(Arc::from(alias))),
        None => (rest, None),
    };
    Some(ProviderAddr { module, name: Arc::from(name), alias })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_addresses_are_printed_and_parsed_the_same() {
        for text in ["provider.aws", "provider.aws.west", "module.net.module.a.provider.aws.b"] {
            assert_eq!(parse_provider(text).map(|p| p.to_string()).as_deref(), Some(text));
        }
        assert_eq!(parse_provider("aws"), None);
    }
}
