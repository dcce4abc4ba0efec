//! Module registries: which versions of a module there are, and where one of them lies.

use super::fetch::FetchError;
use super::http::{Client, absolute, header};
use crate::config::source::RegistryModule;
use crate::config::version::{Constraints, Version};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Registries, asked once for each thing.
pub(super) struct Registries {
    /// Where each host's modules are asked for.
    services: BTreeMap<String, String>,
    versions: BTreeMap<String, Vec<Version>>,
}

/// Why a registry could not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum RegistryError {
    #[error("the registry has no such module")]
    NotFound,
    #[error("{0}")]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Answer(String),
}

impl Registries {
    pub(super) fn new() -> Self {
        Self { services: BTreeMap::new(), versions: BTreeMap::new() }
    }

    /// The service that answers for a host's modules.
    fn service(&mut self, client: &Client, host: &str) -> Result<String, RegistryError> {
        if let Some(known) = self.services.get(host) {
            return Ok(known.clone());
        }
        let url = format!("{}://{host}/.well-known/terraform.json", Client::scheme(host));
        let document = json(&client.text(&url, Some(host))?)?;
        let Some(service) = document["modules.v1"].as_str() else {
            return Err(RegistryError::Answer(format!("host {host} does not provide a module registry")));
        };
        let mut service = absolute(&url, service);
        if !service.ends_with('/') {
            service.push('/');
        }
        self.services.insert(host.to_owned(), service.clone());
        Ok(service)
    }

    /// All versions of a module; what is no version is left out.
    pub(super) fn versions(&mut self, client: &Client, module: &RegistryModule) -> Result<&[Version], RegistryError> {
        let key = module.package();
        if !self.versions.contains_key(&key) {
            let service = self.service(client, &module.host)?;
            let url = format!("{service}{}/{}/{}/versions", module.namespace, module.name, module.system);
            let text = match client.text(&url, Some(&module.host)) {
                Err(FetchError::Status(_, 404)) => return Err(RegistryError::NotFound),
                other => other?,
            };
            let document = json(&text)?;
            let Some(versions) = document["modules"][0]["versions"].as_array() else {
                return Err(RegistryError::Answer("the answer names no versions".to_owned()));
            };
            let found = versions.iter().filter_map(|v| Version::parse(v["version"].as_str()?)).collect();
            self.versions.insert(key.clone(), found);
        }
        Ok(self.versions.get(&key).map_or(&[], |v| v))
    }

    /// Where a version of a module lies: an address that needs no registry.
    pub(super) fn location(&mut self, client: &Client, module: &RegistryModule, version: &str) -> Result<String, RegistryError> {
        let service = self.service(client, &module.host)?;
        let url = format!("{service}{}/{}/{}/{version}/download", module.namespace, module.name, module.system);
        let reply = client.get(&url, Some(&module.host))?;
        if !reply.status().is_success() {
            return Err(FetchError::Status(url, reply.status().as_u16()).into());
        }
        if let Some(found) = header(&reply, "X-Terraform-Get") {
            return Ok(absolute(&url, &found));
        }
        let document = json(&client.text(&url, Some(&module.host))?)?;
        match document["location"].as_str() {
            Some(found) => Ok(absolute(&url, found)),
            None => Err(RegistryError::Answer("the answer names no location".to_owned())),
        }
    }
}

/// The newest version that is allowed, and the newest of all.
pub(super) fn newest<'v>(versions: &'v [Version], allowed: Option<&Constraints>) -> (Option<&'v Version>, Option<&'v Version>) {
    let top = |it: &mut dyn Iterator<Item = &'v Version>| it.max_by(|a, b| a.compare(b));
    let fits = |v: &&Version| allowed.map_or(!v.is_prerelease(), |c| c.choose(v));
    (top(&mut versions.iter().filter(fits)), top(&mut versions.iter().filter(|v| !v.is_prerelease())))
}

fn json(text: &str) -> Result<Json, RegistryError> {
    serde_json::from_str(text).map_err(|e| RegistryError::Answer(format!("the answer is no JSON document: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_that_is_allowed() {
        let versions: Vec<Version> = ["1.0.0", "1.10.0", "1.9.0", "2.0.0-beta1"].iter().filter_map(|v| Version::parse(v)).collect();
        for (text, expected) in
            [(Some("~> 1.0"), Some("1.10.0")), (Some("< 1.0"), None), (Some("2.0.0-beta1"), Some("2.0.0-beta1")), (None, Some("1.10.0"))]
        {
            let constraints = text.map(|t| Constraints::parse(t).expect("constraints"));
            let (found, _) = newest(&versions, constraints.as_ref());
            assert_eq!(found.map(ToString::to_string).as_deref(), expected, "{text:?}");
        }
    }
}
