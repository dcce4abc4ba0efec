//! `provider "helm"`.

use crate::records::Driver;
use levee_cluster::{Access, Exec as Plugin};
use levee_sdk::Shape;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::TokenCommand;
use std::collections::BTreeMap;

/// Which cluster, and how Helm works.
#[derive(Clone, Default, Shape)]
pub(crate) struct ProviderBlock {
    /// The limit of requests at once that Helm sets itself.
    #[attr(optional)]
    pub(crate) burst_limit: Option<i64>,
    /// Whether Helm tells more when it fails.
    #[attr(optional)]
    pub(crate) debug: Option<bool>,
    /// What is tried out.
    #[attr(optional, nested)]
    pub(crate) experiments: Option<Experiments>,
    /// Where releases are recorded: `secret` or `configmap`.
    #[attr(optional)]
    pub(crate) helm_driver: Option<String>,
    /// Which cluster, and who we are there.
    #[attr(optional, nested)]
    pub(crate) kubernetes: Option<Kubernetes>,
    /// Where Helm's plugins lie.
    #[attr(optional)]
    pub(crate) plugins_path: Option<String>,
    /// How many requests a second Helm makes.
    #[attr(optional)]
    pub(crate) qps: Option<f64>,
    /// Who we are in registries.
    #[attr(optional, nested)]
    pub(crate) registries: Option<Vec<Registry>>,
    /// The file with logins of registries.
    #[attr(optional)]
    pub(crate) registry_config_path: Option<String>,
    /// Where charts and indexes are kept.
    #[attr(optional)]
    pub(crate) repository_cache: Option<String>,
    /// The file with names of repositories.
    #[attr(optional)]
    pub(crate) repository_config_path: Option<String>,
}

/// What is tried out.
#[derive(Clone, Default, Shape)]
pub(crate) struct Experiments {
    /// Whether what was rendered is kept in the state, and a difference in it is a change.
    #[attr(optional)]
    pub(crate) manifest: Option<bool>,
}

/// Who we are in a registry.
#[derive(Clone, Default, Shape)]
pub(crate) struct Registry {
    /// Its password.
    #[attr(required)]
    pub(crate) password: Option<String>,
    /// `oci://host`.
    #[attr(required)]
    pub(crate) url: Option<String>,
    /// The user's name.
    #[attr(required)]
    pub(crate) username: Option<String>,
}

/// Which cluster, and who we are there.
#[derive(Clone, Default, Shape)]
pub(crate) struct Kubernetes {
    /// Our certificate, PEM.
    #[attr(optional)]
    client_certificate: Option<String>,
    /// Its key, PEM.
    #[attr(optional)]
    client_key: Option<String>,
    /// The certificate of the authority that the server's is of, PEM.
    #[attr(optional)]
    cluster_ca_certificate: Option<String>,
    /// The context in the kubeconfig file.
    #[attr(optional)]
    config_context: Option<String>,
    /// The user in it.
    #[attr(optional)]
    config_context_auth_info: Option<String>,
    /// The cluster in it.
    #[attr(optional)]
    config_context_cluster: Option<String>,
    /// A kubeconfig file.
    #[attr(optional)]
    config_path: Option<String>,
    /// Kubeconfig files; later ones add to earlier ones.
    #[attr(optional)]
    config_paths: Option<Vec<String>>,
    /// A program that makes tokens. `aws eks get-token` need not be there: its tokens are made by us.
    #[attr(optional, nested)]
    exec: Option<Exec>,
    /// The URL of the API server, or its host name.
    #[attr(optional)]
    host: Option<String>,
    /// Whether the server's certificate is not checked.
    #[attr(optional)]
    insecure: Option<bool>,
    /// For basic authentication.
    #[attr(optional)]
    password: Option<String>,
    /// Through which proxy.
    #[attr(optional)]
    proxy_url: Option<String>,
    /// Which name the server's certificate must have, where that is not the host's.
    #[attr(optional)]
    tls_server_name: Option<String>,
    /// A bearer token.
    #[attr(optional)]
    token: Option<String>,
    /// For basic authentication.
    #[attr(optional)]
    username: Option<String>,
}

/// A program that makes tokens.
#[derive(Clone, Default, Shape)]
struct Exec {
    /// `client.authentication.k8s.io/v1` or `v1beta1`.
    #[attr(required)]
    api_version: Option<String>,
    /// Its arguments.
    #[attr(optional)]
    args: Option<Vec<String>>,
    /// The program.
    #[attr(required)]
    command: Option<String>,
    /// What its environment has besides ours.
    #[attr(optional)]
    env: Option<BTreeMap<String, String>>,
}

impl ProviderBlock {
    /// What it says about the cluster.
    pub(crate) fn access(&self) -> Access {
        let said = self.kubernetes.clone().unwrap_or_default();
        let paths = said.config_path.filter(|p| !p.is_empty()).map(|p| vec![p]);
        Access {
            host: said.host,
            token: said.token,
            username: said.username,
            password: said.password,
            client_certificate: said.client_certificate,
            client_key: said.client_key,
            cluster_ca_certificate: said.cluster_ca_certificate,
            insecure: said.insecure,
            tls_server_name: said.tls_server_name,
            proxy_url: said.proxy_url,
            config_paths: paths.or(said.config_paths).unwrap_or_default(),
            config_context: said.config_context,
            config_context_auth_info: said.config_context_auth_info,
            config_context_cluster: said.config_context_cluster,
            exec: said.exec.map(|exec| Plugin {
                api_version: exec.api_version.unwrap_or_default(),
                command: TokenCommand {
                    program: exec.command.unwrap_or_default(),
                    args: exec.args.unwrap_or_default(),
                    env: exec.env.unwrap_or_default(),
                },
                install_hint: None,
            }),
        }
    }

    /// Where releases are recorded.
    pub(crate) fn driver(&self) -> Result<Driver> {
        match self.helm_driver.as_deref() {
            None | Some("" | "secret" | "secrets") => Ok(Driver::Secrets),
            Some("configmap" | "configmaps") => Ok(Driver::ConfigMaps),
            Some(other) => Err(ProviderError::new(
                ErrorKind::Configuration,
                format!("helm_driver: levee does not read releases that are recorded in {other:?}"),
            )
            .hint(
                "secret (which is the default) and configmap are known; memory forgets each release at once, and sql is not carried out",
            )),
        }
    }
}
