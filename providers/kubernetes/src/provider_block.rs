//! `provider "kubernetes"`.

use levee_cluster::{Access, Exec as Plugin};
use levee_sdk::Shape;
use levee_sdk::token::TokenCommand;
use std::collections::BTreeMap;

/// Which cluster, and who we are there.
#[derive(Clone, Default, Shape)]
pub struct ProviderBlock {
    /// The URL of the API server, or its host name.
    #[attr(optional)]
    pub host: Option<String>,
    /// A bearer token.
    #[attr(optional)]
    pub token: Option<String>,
    /// For basic authentication.
    #[attr(optional)]
    pub username: Option<String>,
    /// For basic authentication.
    #[attr(optional)]
    pub password: Option<String>,
    /// Whether the server's certificate is not checked.
    #[attr(optional)]
    pub insecure: Option<bool>,
    /// Which name the server's certificate must have, where that is not the host's.
    #[attr(optional)]
    pub tls_server_name: Option<String>,
    /// Our certificate, PEM.
    #[attr(optional)]
    pub client_certificate: Option<String>,
    /// Its key, PEM.
    #[attr(optional)]
    pub client_key: Option<String>,
    /// The certificate of the authority that the server's is of, PEM.
    #[attr(optional)]
    pub cluster_ca_certificate: Option<String>,
    /// Kubeconfig files; later ones add to earlier ones.
    #[attr(optional)]
    pub config_paths: Option<Vec<String>>,
    /// A kubeconfig file.
    #[attr(optional)]
    pub config_path: Option<String>,
    /// The context in it.
    #[attr(optional)]
    pub config_context: Option<String>,
    /// The user in it.
    #[attr(optional)]
    pub config_context_auth_info: Option<String>,
    /// The cluster in it.
    #[attr(optional)]
    pub config_context_cluster: Option<String>,
    /// Through which proxy.
    #[attr(optional)]
    pub proxy_url: Option<String>,
    /// Annotations that belong to somebody else. None that are not ours are ever looked at, so there is nothing to add.
    #[attr(optional)]
    pub ignore_annotations: Option<Vec<String>>,
    /// Labels that belong to somebody else; as `ignore_annotations`.
    #[attr(optional)]
    pub ignore_labels: Option<Vec<String>>,
    /// A program that makes tokens. `aws eks get-token` need not be there: its tokens are made by us.
    #[block(list)]
    pub exec: Vec<Exec>,
    /// Had a meaning once.
    #[block(list)]
    pub experiments: Vec<Experiments>,
}

/// A program that makes tokens.
#[derive(Clone, Default, Shape)]
pub struct Exec {
    /// `client.authentication.k8s.io/v1` or `v1beta1`.
    #[attr(required)]
    pub api_version: Option<String>,
    /// The program.
    #[attr(required)]
    pub command: Option<String>,
    /// What its environment has besides ours.
    #[attr(optional)]
    pub env: Option<BTreeMap<String, String>>,
    /// Its arguments.
    #[attr(optional)]
    pub args: Option<Vec<String>>,
}

/// What was tried out once.
#[derive(Clone, Default, Shape)]
pub struct Experiments {
    /// `kubernetes_manifest` is always there.
    #[attr(optional, deprecated = "kubernetes_manifest is always there.")]
    pub manifest_resource: Option<bool>,
}

impl ProviderBlock {
    /// What it says about the cluster.
    pub(crate) fn access(self) -> Access {
        let paths = self.config_path.filter(|p| !p.is_empty()).map(|p| vec![p]);
        Access {
            host: self.host,
            token: self.token,
            username: self.username,
            password: self.password,
            client_certificate: self.client_certificate,
            client_key: self.client_key,
            cluster_ca_certificate: self.cluster_ca_certificate,
            insecure: self.insecure,
            tls_server_name: self.tls_server_name,
            proxy_url: self.proxy_url,
            config_paths: paths.or(self.config_paths).unwrap_or_default(),
            config_context: self.config_context,
            config_context_auth_info: self.config_context_auth_info,
            config_context_cluster: self.config_context_cluster,
            exec: self.exec.into_iter().next().map(Exec::plugin),
        }
    }
}

impl Exec {
    /// As clusters are reached with it.
    pub(crate) fn plugin(self) -> Plugin {
        Plugin {
            api_version: self.api_version.unwrap_or_default(),
            command: TokenCommand {
                program: self.command.unwrap_or_default(),
                args: self.args.unwrap_or_default(),
                env: self.env.unwrap_or_default(),
            },
            install_hint: None,
        }
    }
}
