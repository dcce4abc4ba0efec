//! `provider` blocks, `required_providers`, and how blocks name a provider configuration.

use super::body::Body;
use super::provider_source::ProviderSource;
use levee_model::Span;
use std::fmt;
use std::sync::Arc;

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    /// Local name: `aws`.
    pub name: Arc<str>,
    /// `alias`
    pub alias: Option<Arc<str>>,
    /// Everything that the provider's schema speaks of.
    pub body: Body,
    /// `version`, an old way to write `required_providers`.
    pub version: Option<Arc<str>>,
    /// The block's heading.
    pub span: Span,
}

/// How another block names a provider configuration: `aws.west`.
#[derive(Clone, Debug)]
pub struct ProviderRef {
    /// Local name.
    pub name: Arc<str>,
    /// Which of the configurations.
    pub alias: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
}

/// One entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Local name.
    pub name: Arc<str>,
    /// Which provider `source` names, or its name implies.
    pub source: ProviderSource,
    /// `version`
    pub version: Option<Arc<str>>,
    /// `configuration_aliases`
    pub configuration_aliases: Vec<ProviderRef>,
    /// The entry's value.
    pub span: Span,
}

impl ProviderRef {
    /// Whether both name the same configuration.
    pub fn same(&self, other: &Self) -> bool {
        (&self.name, &self.alias) == (&other.name, &other.alias)
    }
}

impl fmt::Display for ProviderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.alias.as_ref().map_or(Ok(()), |alias| write!(f, ".{alias}"))
    }
}
