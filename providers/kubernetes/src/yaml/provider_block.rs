//! `provider "kubectl"`.

use crate::provider_block::Exec;
use levee_cluster::Access;
use levee_sdk::Shape;

/// Which cluster, and who we are there.
#[derive(Clone, Default, Shape)]
pub(super) struct ProviderBlock {
    /// How often a failed apply is tried again. Passing failures always are.
    #[attr(optional)]
    apply_retry_count: Option<i64>,
    /// The URL of the API server, or its host name.
    #[attr(optional)]
    host: Option<String>,
    /// For basic authentication.
    #[attr(optional)]
    username: Option<String>,
    /// For basic authentication.
    #[attr(optional)]
    password: Option<String>,
    /// Whether the server's certificate is not checked.
    #[attr(optional)]
    insecure: Option<bool>,
    /// Our certificate, PEM.
    #[attr(optional)]
    client_certificate: Option<String>,
    /// Its key, PEM.
    #[attr(optional)]
    client_key: Option<String>,
    /// The certificate of the authority that the server's is of, PEM.
    #[attr(optional)]
    cluster_ca_certificate: Option<String>,
    /// Kubeconfig files; later ones add to earlier ones.
    #[attr(optional)]
    config_paths: Option<Vec<String>>,
    /// A kubeconfig file.
    #[attr(optional)]
    config_path: Option<String>,
    /// The context in it.
    #[attr(optional)]
    config_context: Option<String>,
    /// The user in it.
    #[attr(optional)]
    config_context_auth_info: Option<String>,
    /// The cluster in it.
    #[attr(optional)]
    config_context_cluster: Option<String>,
    /// A bearer token.
    #[attr(optional)]
    token: Option<String>,
    /// Through which proxy.
    #[attr(optional)]
    proxy_url: Option<String>,
    /// Which name the server's certificate must have, where that is not the host's.
    #[attr(optional)]
    tls_server_name: Option<String>,
    /// Whether kubeconfig files are read.
    #[attr(optional)]
    load_config_file: Option<bool>,
    /// A program that makes tokens.
    #[block(list)]
    exec: Vec<Exec>,
}

impl ProviderBlock {
    /// What it says about the cluster.
    pub(super) fn access(self) -> Access {
        let reads_files = self.load_config_file.unwrap_or(true);
        let paths = self.config_path.filter(|p| !p.is_empty()).map(|p| vec![p]).or(self.config_paths);
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
            config_paths: paths.filter(|_| reads_files).unwrap_or_default(),
            config_context: self.config_context,
            config_context_auth_info: self.config_context_auth_info,
            config_context_cluster: self.config_context_cluster,
            exec: self.exec.into_iter().next().map(Exec::plugin),
        }
    }
}
