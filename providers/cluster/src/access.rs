//! What is said about a cluster and about who we are there.

use crate::environment;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::TokenCommand;
use std::collections::BTreeMap;
use std::fmt;

/// Where a cluster is and who we are, as a provider block says it. What is not said there is looked up in the environment
/// ([`Access::or_environment`]).
#[derive(Clone, Default)]
pub struct Access {
    /// The URL of the API server, or its host name.
    pub host: Option<String>,
    /// A bearer token.
    pub token: Option<String>,
    /// For basic authentication, with `password`.
    pub username: Option<String>,
    /// For basic authentication, with `username`.
    pub password: Option<String>,
    /// PEM.
    pub client_certificate: Option<String>,
    /// PEM.
    pub client_key: Option<String>,
    /// PEM, one certificate or several.
    pub cluster_ca_certificate: Option<String>,
    /// Whether the server's certificate is not checked.
    pub insecure: Option<bool>,
    /// Which name the server's certificate must have, where that is not the host's.
    pub tls_server_name: Option<String>,
    /// Through which proxy.
    pub proxy_url: Option<String>,
    /// Kubeconfig files; later ones add to earlier ones.
    pub config_paths: Vec<String>,
    /// The context in them, unless their own current one is meant.
    pub config_context: Option<String>,
    /// The user in them, unless the context's is meant.
    pub config_context_auth_info: Option<String>,
    /// The cluster in them, unless the context's is meant.
    pub config_context_cluster: Option<String>,
    /// A program that makes tokens.
    pub exec: Option<Exec>,
}

/// A program that says who we are, after Kubernetes' `ExecCredential`.
#[derive(Clone, Debug, Default)]
pub struct Exec {
    /// `client.authentication.k8s.io/v1` or `v1beta1`.
    pub api_version: String,
    /// What is run.
    pub command: TokenCommand,
    /// What to do where it is missing, in its own words.
    pub install_hint: Option<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Half of the fields are secrets.
        f.debug_struct("Access").field("host", &self.host).field("config_paths", &self.config_paths).finish_non_exhaustive()
    }
}

impl Access {
    /// With what the environment says (`KUBE_HOST`, `KUBE_CONFIG_PATH` and the like), where the block says nothing.
    #[must_use]
    pub fn or_environment(self) -> Self {
        self.or(environment::variable)
    }

    /// With what `look` says under the names that Terraform's providers read.
    fn or(mut self, look: impl Fn(&str) -> Option<String>) -> Self {
        let fill = |field: &mut Option<String>, name: &str| {
            *field = field.take().filter(|v| !v.is_empty()).or_else(|| look(name));
        };
        fill(&mut self.host, "KUBE_HOST");
        fill(&mut self.token, "KUBE_TOKEN");
        fill(&mut self.username, "KUBE_USER");
        fill(&mut self.password, "KUBE_PASSWORD");
        fill(&mut self.client_certificate, "KUBE_CLIENT_CERT_DATA");
        fill(&mut self.client_key, "KUBE_CLIENT_KEY_DATA");
        fill(&mut self.cluster_ca_certificate, "KUBE_CLUSTER_CA_CERT_DATA");
        fill(&mut self.tls_server_name, "KUBE_TLS_SERVER_NAME");
        fill(&mut self.proxy_url, "KUBE_PROXY_URL");
        fill(&mut self.config_context, "KUBE_CTX");
        fill(&mut self.config_context_auth_info, "KUBE_CTX_AUTH_INFO");
        fill(&mut self.config_context_cluster, "KUBE_CTX_CLUSTER");
        self.insecure = self.insecure.or_else(|| look("KUBE_INSECURE").and_then(|v| v.parse().ok()));
        self.config_paths.retain(|p| !p.is_empty());
        if self.config_paths.is_empty() {
            let paths = look("KUBE_CONFIG_PATH").map(|p| vec![p]);
            let many = || look("KUBE_CONFIG_PATHS").map(|p| p.split(':').map(str::to_owned).collect());
            self.config_paths = paths.or_else(many).unwrap_or_default();
        }
        self
    }

    /// That nothing says where the cluster is.
    pub(crate) fn nowhere() -> ProviderError {
        ProviderError::new(ErrorKind::Configuration, "nothing says where the cluster is")
            .hint("set host (an EKS cluster's `endpoint`), or config_path (or KUBE_CONFIG_PATH) for a kubeconfig file")
    }

    /// Checks what no combination of sources can mend.
    pub(crate) fn check(&self) -> Result<()> {
        let pairs = [
            ("client_certificate", &self.client_certificate, "client_key", &self.client_key),
            ("username", &self.username, "password", &self.password),
        ];
        for (one, a, other, b) in pairs {
            if a.is_some() != b.is_some() {
                let (there, missing) = if a.is_some() { (one, other) } else { (other, one) };
                return Err(ProviderError::new(ErrorKind::Configuration, format!("{there} is set, but {missing} is not")));
            }
        }
        Ok(())
    }
}

/// What a plugin's environment is given, from a list of names and values.
pub(crate) fn pairs(env: &[std::collections::HashMap<String, String>]) -> BTreeMap<String, String> {
    env.iter().filter_map(|e| Some((e.get("name")?.clone(), e.get("value")?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_stands_above_the_environment() {
        let around = |name: &str| match name {
            "KUBE_HOST" => Some("https://around".to_owned()),
            "KUBE_CONFIG_PATHS" => Some("a:b".to_owned()),
            "KUBE_INSECURE" => Some("true".to_owned()),
            _ => None,
        };
        let said = Access { host: Some("https://said".into()), insecure: Some(false), ..Access::default() }.or(around);
        assert_eq!((said.host.as_deref(), said.insecure), (Some("https://said"), Some(false)));
        assert_eq!(said.config_paths, ["a", "b"]);
        let unsaid = Access { host: Some(String::new()), config_paths: vec!["c".into()], ..Access::default() }.or(around);
        assert_eq!((unsaid.host.as_deref(), unsaid.insecure), (Some("https://around"), Some(true)));
        assert_eq!(unsaid.config_paths, ["c"]);
    }

    #[test]
    fn half_a_login_is_none() {
        let half = Access { client_key: Some("k".into()), ..Access::default() };
        assert_eq!(half.check().unwrap_err().message, "client_key is set, but client_certificate is not");
    }
}
