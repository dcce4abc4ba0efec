//! Which chart is meant, and how helm is told: a folder or package, a name in a repository, or a place in a registry.

use crate::desk::Desk;
use crate::values;
use levee_sdk::error::{ProviderError, Result};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// What a configuration says about a chart.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent argument of Terraform's")]
pub(crate) struct Source {
    pub(crate) chart: String,
    pub(crate) repository: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) devel: bool,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) cert_file: Option<String>,
    pub(crate) key_file: Option<String>,
    pub(crate) keyring: Option<String>,
    pub(crate) verify: bool,
    pub(crate) pass_credentials: bool,
    pub(crate) dependency_update: bool,
}

/// Where a chart comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder or a package on this machine.
    Local(PathBuf),
    /// A URL of a package, or a place in a registry: `oci://host/path`.
    Direct(String),
    /// A repository's URL, and a name in it.
    Repository(String, String),
    /// A name with that of a repository before it, which the file of repositories knows.
    Named(String),
}

impl Source {
    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        let chart = self.chart.trim();
        let repository = self.repository.as_deref().map(str::trim).filter(|r| !r.is_empty());
        match repository {
            Some(registry) if registry.starts_with("oci://") => Place::Direct(format!("{}/{chart}", registry.trim_end_matches('/'))),
            Some(url) if url.contains("://") => Place::Repository(url.to_owned(), chart.to_owned()),
            Some(folder) if Path::new(folder).join(chart).exists() => Place::Local(Path::new(folder).join(chart)),
            _ if Path::new(chart).exists() || chart.starts_with('.') || chart.starts_with('/') => Place::Local(chart.into()),
            _ if chart.contains("://") => Place::Direct(chart.to_owned()),
            Some(name) if !chart.contains('/') => Place::Named(format!("{name}/{chart}")),
            _ => Place::Named(chart.to_owned()),
        }
    }

    /// The version that a chart on this machine says of itself.
    pub(crate) fn own_version(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.local()?.join("Chart.yaml")).ok()?;
        values::yaml(&text).ok()?["version"].as_str().map(str::to_owned)
    }

    /// Where it is on this machine.
    pub(crate) fn local(&self) -> Option<PathBuf> {
        match self.place() {
            Place::Local(path) => Some(path),
            _ => None,
        }
    }

    /// The host of the registry that it is in.
    pub(crate) fn registry(&self) -> Option<String> {
        match self.place() {
            Place::Direct(url) => url.strip_prefix("oci://").and_then(|rest| rest.split('/').next()).map(str::to_owned),
            _ => None,
        }
    }

    /// What helm is told: the chart's name, then flags. No secret is among them.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut out = Vec::new();
        let place = self.place();
        match &place {
            Place::Local(path) => out.push(path.display().to_string()),
            Place::Direct(name) | Place::Named(name) => out.push(name.clone()),
            Place::Repository(_, name) if self.has_login() => out.push(format!("{OURS}/{name}")),
            Place::Repository(url, name) => out.extend([name.clone(), "--repo".to_owned(), url.clone()]),
        }
        let is_versioned = match &place {
            Place::Local(_) => false,
            Place::Direct(name) => name.starts_with("oci://"),
            _ => true,
        };
        let mut with = |flag: &str, value: Option<&String>| {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                out.extend([flag.to_owned(), value.clone()]);
            }
        };
        with("--version", self.version.as_ref().filter(|_| is_versioned));
        with("--ca-file", self.ca_file.as_ref());
        with("--cert-file", self.cert_file.as_ref());
        with("--key-file", self.key_file.as_ref());
        with("--keyring", self.keyring.as_ref());
        let flags = [
            ("--devel", self.devel && is_versioned && self.version.is_none()),
            ("--verify", self.verify),
            ("--pass-credentials", self.pass_credentials),
            ("--dependency-update", self.dependency_update),
        ];
        out.extend(flags.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag.to_owned()));
        out
    }

    fn has_login(&self) -> bool {
        self.username.is_some() || self.password.is_some()
    }

    /// Writes the file of repositories where one needs a login. Its place; helm has to fetch the index before it is used.
    pub(crate) fn write_login(&self, desk: &Desk) -> Result<Option<PathBuf>> {
        let Place::Repository(url, _) = self.place() else { return Ok(None) };
        if !self.has_login() {
            return Ok(None);
        }
        let document = json!({
            "apiVersion": "",
            "generated": "2020-01-01T00:00:00Z",
            "repositories": [{
                "name": OURS,
                "url": url,
                "username": self.username,
                "password": self.password,
                "caFile": self.ca_file,
                "certFile": self.cert_file,
                "keyFile": self.key_file,
                "pass_credentials_all": self.pass_credentials,
                "insecure_skip_tls_verify": false,
            }],
        });
        desk.write_json("repositories.yaml", &document).map(Some)
    }

    /// Checks what no helm can carry out. `has_names`: whether there is a file of repositories.
    pub(crate) fn check(&self, has_names: bool) -> Result<()> {
        match self.place() {
            Place::Local(path) if !path.exists() => Err(ProviderError::invalid(format!("there is no chart at {}", path.display()))),
            Place::Named(name) if !has_names => {
                let told = ProviderError::invalid(format!("nothing says which repository the chart {name:?} is in"));
                Err(told.hint("set repository to a URL, chart to a path or URL, or repository_config_path of the provider to a file that knows the name"))
            }
            _ => Ok(()),
        }
    }
}

/// What we call the repository of the one entry in our file.
pub(crate) const OURS: &str = "levee";

/// A file with logins of registries, as Docker has it: what `below` holds, with these over it.
pub(crate) fn logins(below: Option<Json>, logins: &[(String, String, String)]) -> Json {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut out = below.filter(Json::is_object).unwrap_or_else(|| json!({}));
    for (host, username, password) in logins {
        out["auths"][host] = json!({ "auth": STANDARD.encode(format!("{username}:{password}")) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(repository: Option<&str>, chart: &str) -> Source {
        Source { repository: repository.map(str::to_owned), chart: chart.into(), version: Some("1.2.3".into()), ..Source::default() }
    }

    #[test]
    fn places_are_told_apart() {
        let here = env!("CARGO_MANIFEST_DIR");
        assert_eq!(source(Some("oci://r.test/a/"), "b").place(), Place::Direct("oci://r.test/a/b".into()));
        assert_eq!(source(None, "oci://r.test/b").registry().as_deref(), Some("r.test"));
        assert_eq!(source(Some("https://r.test"), "b").place(), Place::Repository("https://r.test".into(), "b".into()));
        assert_eq!(source(Some(here), "src").place(), Place::Local(Path::new(here).join("src")));
        assert_eq!(source(None, here).place(), Place::Local(here.into()));
        assert_eq!(source(Some("stable"), "b").place(), Place::Named("stable/b".into()));
        assert!(source(Some("stable"), "b").check(false).is_err() && source(Some("stable"), "b").check(true).is_ok());
        assert!(source(None, "./no-such-chart").check(true).is_err());
    }

    #[test]
    fn passwords_are_no_arguments() {
        let plain = source(Some("https://r.test"), "b");
        assert_eq!(plain.arguments(), ["b", "--repo", "https://r.test", "--version", "1.2.3"]);
        let secret = Source { username: Some("me".into()), password: Some("hush".into()), ..plain };
        assert_eq!(secret.arguments(), ["levee/b", "--version", "1.2.3"]);
        let desk = Desk::new(None).unwrap();
        let path = secret.write_login(&desk).unwrap().unwrap();
        assert!(std::fs::read_to_string(path).unwrap().contains("hush"));
        assert_eq!(source(None, env!("CARGO_MANIFEST_DIR")).arguments().len(), 1, "a path has no version");
        let all = logins(Some(json!({ "auths": { "a": {} }, "x": 1 })), &[("b".into(), "me".into(), "hush".into())]);
        assert_eq!(all, json!({ "auths": { "a": {}, "b": { "auth": "bWU6aHVzaA==" } }, "x": 1 }));
    }
}
