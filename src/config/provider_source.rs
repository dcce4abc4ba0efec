//! Provider source addresses: `hashicorp/aws`, `registry.example.com/acme/cloud`, `terraform.io/builtin/terraform`.

use super::source::{DEFAULT_HOST, registry_host};
use levee_model::Diagnostic;
use std::fmt;
use std::sync::Arc;

/// The host of what is built in, in the language's own addresses.
const BUILTIN_HOST: &str = "terraform.io";

/// Which provider is meant: a registry, whose it is, and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderSource {
    /// The registry.
    pub host: Arc<str>,
    /// Whose it is.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl ProviderSource {
    fn new(host: &str, namespace: &str, name: &str) -> Self {
        Self { host: Arc::from(host), namespace: Arc::from(namespace), name: Arc::from(name) }
    }

    /// The provider that a name stands for in a provider block or a `providers` argument that nothing else is said about.
    pub fn default_of(name: &str) -> Self {
        Self::new(DEFAULT_HOST, "hashicorp", name)
    }

    /// The provider that a resource type's prefix stands for when `required_providers` does not name it.
    pub fn implied(name: &str) -> Self {
        if name == "terraform" { Self::new(BUILTIN_HOST, "builtin", name) } else { Self::default_of(name) }
    }

    /// Whether it is one that a bare name stands for.
    pub fn is_default(&self) -> bool {
        *self == Self::default_of(&self.name)
    }

    /// The address as people write it: the default registry is left out.
    pub fn for_display(&self) -> String {
        if &*self.host == DEFAULT_HOST { format!("{}/{}", self.namespace, self.name) } else { self.to_string() }
    }

    /// Whether it is built into the language: `terraform.io/builtin/...`.
    pub fn is_builtin(&self) -> bool {
        &*self.host == BUILTIN_HOST
    }

    /// Reads `[HOST/][NAMESPACE/]NAME`.
    ///
    /// # Errors
    /// With what is wrong with it, without a place.
    pub fn parse(text: &str) -> Result<Self, Box<Diagnostic>> {
        let parts: Vec<&str> = text.split('/').collect();
        if parts.is_empty() || parts.len() > 3 || parts.iter().any(|p| p.is_empty()) {
            return wrong(
                "Invalid provider source string",
                "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"",
            );
        }
        let name = parts[parts.len() - 1];
        let kind = part(name)
            .or_else(|why| wrong("Invalid provider type", format!("Invalid provider type {name:?} in source {text:?}: {why}\"")))?;
        if parts.len() == 1 {
            return Ok(Self::default_of(&kind));
        }
        let namespace = parts[parts.len() - 2];
        // The dash stood for providers of unknown origin once.
        let owner = if namespace == "-" { "-".to_owned() } else { Self::owner(namespace, text)? };
        let host = if parts.len() == 3 { Self::host(parts[0], text)? } else { DEFAULT_HOST.to_owned() };
        if let Some(short) = kind.strip_prefix("terraform-provider-") {
            return wrong("Invalid provider type", prefixed(text, &kind, short));
        }
        if let Some(short) = kind.strip_prefix("terraform-").filter(|_| &*host == DEFAULT_HOST || host.is_empty()) {
            return wrong("Invalid provider type", prefixed(text, &kind, short).replace("terraform-provider-", "terraform-"));
        }
        Ok(Self::new(&host, &owner, &kind))
    }

    fn owner(text: &str, source: &str) -> Result<String, Box<Diagnostic>> {
        part(text)
            .or_else(|why| wrong("Invalid provider namespace", format!("Invalid provider namespace \"\" in source {source:?}: {why}\"")))
    }

    fn host(text: &str, source: &str) -> Result<String, Box<Diagnostic>> {
        // A host of the own network may have one label.
        let found = if text.contains('.') { registry_host(text) } else { registry_host(&format!("{text}.x")).map(|_| text.to_lowercase()) };
        found.or_else(|_| {
            let strange = text.chars().find(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-.:".contains(*c));
            let why = strange.map_or_else(|| format!("invalid label {text:?}"), |c| format!("disallowed rune U+{:04X}", u32::from(c)));
            let detail = format!("Invalid provider source hostname namespace \"\" in source {source:?}: idna: {why}\"");
            wrong("Invalid provider source hostname", detail)
        })
    }
}

impl fmt::Display for ProviderSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.name)
    }
}

fn wrong<T>(summary: &str, detail: impl Into<String>) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error(summary, detail)))
}

fn prefixed(source: &str, kind: &str, short: &str) -> String {
    let better = source.replace(kind, short);
    format!(
        "Provider source {source:?} has a type with the prefix \"terraform-provider-\", which isn't valid. Although that prefix is often used in the names of version control repositories for Terraform providers, provider source strings should not include it.\n\nDid you mean {better:?}?"
    )
}

/// A namespace or name in the form in which they are compared: lower case.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn part(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("must have at least one character");
    }
    let fits = |c: char| c.is_alphanumeric() || c == '-';
    if !text.chars().all(fits) || text.starts_with('-') || text.ends_with('-') {
        return Err("must contain only letters, digits, and dashes, and may not use leading or trailing dashes");
    }
    if text.contains("--") {
        return Err("cannot use multiple consecutive dashes");
    }
    Ok(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_in_full() {
        for (text, expected) in [
            ("aws", "registry.terraform.io/hashicorp/aws"),
            ("Acme/Cloud", "registry.terraform.io/acme/cloud"),
            ("registry.opentofu.org/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"),
            ("terraform.io/builtin/terraform", "terraform.io/builtin/terraform"),
        ] {
            assert_eq!(ProviderSource::parse(text).map(|s| s.to_string()).ok().as_deref(), Some(expected), "{text}");
        }
        for wrong in ["", "a/b/c/d", "a//b", "x_y", "hashicorp/terraform-provider-aws", "-a/b"] {
            assert!(ProviderSource::parse(wrong).is_err(), "{wrong}");
        }
    }
}
