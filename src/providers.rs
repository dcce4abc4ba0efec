//! The registry: which providers are built in. The only file that names provider crates.

use levee_sdk::{AnyDataSource, AnyEphemeral, AnyResource, Provider};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The registry host that Terraform's formats put before a provider's source address.
pub const REGISTRY_HOST: &str = "registry.terraform.io";

/// OpenTofu's registry, which has the same providers under the same names.
const OTHER_REGISTRY_HOST: &str = "registry.opentofu.org";

/// Every provider that is built in, by source address without host.
pub struct Registry {
    providers: BTreeMap<&'static str, Arc<dyn Provider>>,
}

impl Registry {
    fn new() -> Self {
        #[cfg(feature = "aws")]
        let cloud = [levee_aws::provider()];
        #[cfg(not(feature = "aws"))]
        let cloud = [];
        Self::of(levee_std::providers().into_iter().chain([levee_sim::provider()]).chain(cloud))
    }

    /// A registry of these providers alone.
    pub fn of(providers: impl IntoIterator<Item = Arc<dyn Provider>>) -> Self {
        Self { providers: providers.into_iter().map(|p| (p.source(), p)).collect() }
    }

    /// The provider of a source address: `hashicorp/aws`, with or without the host of a registry that has the same ones.
    pub fn get(&self, source: &str) -> Option<&Arc<dyn Provider>> {
        let short = [REGISTRY_HOST, OTHER_REGISTRY_HOST].iter().find_map(|host| source.strip_prefix(host)?.strip_prefix('/'));
        self.providers.get(short.unwrap_or(source))
    }

    /// All of them, in order of their source.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.values()
    }

    /// A resource type of the provider of that source.
    pub fn resource(&self, source: &str, type_name: &str) -> Option<Arc<dyn AnyResource>> {
        self.get(source)?.resource(type_name)
    }

    /// An ephemeral type of the provider of that source.
    pub fn ephemeral(&self, source: &str, type_name: &str) -> Option<Arc<dyn AnyEphemeral>> {
        self.get(source)?.ephemeral(type_name)
    }

    /// A data source of the provider of that source.
    pub fn data_source(&self, source: &str, type_name: &str) -> Option<Arc<dyn AnyDataSource>> {
        self.get(source)?.data_source(type_name)
    }
}

/// The registry. Schemas are built at first use, so commands that need none start at once.
pub fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::new)
}
