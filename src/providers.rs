//! The registry: which providers are built in. The only file that names provider crates.

#[cfg(any(feature = "kubernetes", feature = "helm"))]
use levee_sdk::token::TokenSource;
use levee_sdk::{AnyDataSource, AnyEphemeral, AnyResource, KeyService, Provider};
use std::sync::{Arc, LazyLock};

/// The registry host that Terraform's formats put before a provider's source address.
pub const REGISTRY_HOST: &str = "registry.terraform.io";

/// OpenTofu's registry, which has the same providers under the same names.
const OTHER_REGISTRY_HOST: &str = "registry.opentofu.org";

/// Every provider that is built in, by source address without host.
pub struct Registry {
    /// In order of their sources.
    providers: Vec<(&'static str, Lazy)>,
}

/// A provider that is made when it is asked for: its schemas take time and memory.
type Lazy = LazyLock<Arc<dyn Provider>, Box<dyn FnOnce() -> Arc<dyn Provider> + Send>>;

impl Registry {
    fn new() -> Self {
        let registry = Self::of(levee_std::providers().into_iter().chain([levee_sim::provider()]));
        #[cfg(feature = "aws")]
        let registry = registry.with(levee_aws::SOURCE, levee_aws::provider);
        #[cfg(feature = "kubernetes")]
        let registry = registry.with(levee_kubernetes::SOURCE, || levee_kubernetes::provider(token_source()));
        #[cfg(feature = "kubernetes")]
        let registry = registry.with(levee_kubernetes::KUBECTL_SOURCE, || levee_kubernetes::kubectl_provider(token_source()));
        #[cfg(feature = "helm")]
        let registry = registry.with(levee_helm::SOURCE, || levee_helm::provider(token_source()));
        registry
    }

    /// A registry of these providers alone.
    pub fn of(providers: impl IntoIterator<Item = Arc<dyn Provider>>) -> Self {
        let made = |p: Arc<dyn Provider>| -> (_, Lazy) { (p.source(), LazyLock::new(Box::new(move || p))) };
        let mut providers: Vec<_> = providers.into_iter().map(made).collect();
        providers.sort_by_key(|(source, _)| *source);
        Self { providers }
    }

    #[cfg(any(feature = "aws", feature = "kubernetes", feature = "helm"))]
    fn with(mut self, source: &'static str, make: fn() -> Arc<dyn Provider>) -> Self {
        let at = self.providers.partition_point(|(other, _)| *other < source);
        self.providers.insert(at, (source, LazyLock::new(Box::new(make))));
        self
    }

    /// The provider of a source address: `hashicorp/aws`, with or without the host of a registry that has the same ones.
    pub fn get(&self, source: &str) -> Option<&Arc<dyn Provider>> {
        let short = [REGISTRY_HOST, OTHER_REGISTRY_HOST].iter().find_map(|host| source.strip_prefix(host)?.strip_prefix('/'));
        let short = short.unwrap_or(source);
        // There are few, and most differ in length.
        self.providers.iter().find(|(source, _)| *source == short).map(|(_, p)| &**p)
    }

    /// All of them, in order of their source.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.iter().map(|(_, p)| &**p)
    }

    /// All of them, beginning with the one that a type of this name is most likely of.
    pub fn by_type(&self, type_name: &str) -> impl Iterator<Item = &Arc<dyn Provider>> {
        let name = type_name.split_once('_').map_or(type_name, |(name, _)| name).to_owned();
        let is_likely = move |source: &str| source.rsplit_once('/').is_some_and(|(_, last)| last == name);
        let likely = self.providers.iter().filter({
            let is_likely = is_likely.clone();
            move |(source, _)| is_likely(source)
        });
        let others = self.providers.iter().filter(move |(source, _)| !is_likely(source));
        likely.chain(others).map(|(_, p)| &**p)
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

/// The key management service of that name; none if this levee was built without it.
pub fn key_service(name: &str) -> Option<Box<dyn KeyService>> {
    #[cfg(feature = "aws")]
    if name == levee_sdk::AWS_KMS {
        return Some(levee_aws::key_service());
    }
    let _ = name;
    None
}

/// Who makes the tokens of clusters, so that no program has to: AWS, for EKS.
#[cfg(any(feature = "kubernetes", feature = "helm"))]
fn token_source() -> Option<Arc<dyn TokenSource>> {
    #[cfg(feature = "aws")]
    return Some(levee_aws::token_source());
    #[cfg(not(feature = "aws"))]
    None
}

/// The registry. Schemas are built at first use, so commands that need none start at once.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);
    &REGISTRY
}
