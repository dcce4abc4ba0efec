//! How a program of somebody else's reaches the same cluster: a kubeconfig document.

use crate::pem;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::Config;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::{Value as Json, json};

/// A document that reaches the cluster, and the token that lies beside it.
#[derive(Clone)]
pub struct Kubeconfig {
    /// JSON, which is YAML. It holds secrets: it belongs into a file that nobody else may read.
    pub document: Json,
    /// What the file that the document names as `tokenFile` is to hold. It may change while the program runs.
    pub token: Option<String>,
}

impl std::fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kubeconfig").finish_non_exhaustive()
    }
}

/// What everything in the document is called.
const NAME: &str = "levee";

/// The document. `token_file` is where the token will lie, if there is one; `certificate` is what a program said about who we are.
pub(crate) fn document(config: &Config, token_file: Option<&str>, certificate: Option<&(String, String)>) -> Result<Json> {
    let unread = |e: serde_json::Error| ProviderError::new(ErrorKind::Bug, format!("who we are cannot be written down: {e}"));
    let mut user = serde_json::to_value(&config.auth_info).map_err(unread)?;
    if let Some(path) = token_file {
        user["tokenFile"] = json!(path);
    }
    if let Some((certificate, key)) = certificate {
        user["client-certificate-data"] = json!(pem::packed(certificate));
        user["client-key-data"] = json!(pem::packed(key));
    }
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": NAME, "cluster": server(config) }],
        "users": [{ "name": NAME, "user": user }],
        "contexts": [{ "name": NAME, "context": { "cluster": NAME, "user": NAME, "namespace": config.default_namespace } }],
        "current-context": NAME,
    }))
}

fn server(config: &Config) -> Json {
    let mut cluster = json!({ "server": config.cluster_url.to_string().trim_end_matches('/') });
    if config.accept_invalid_certs {
        // Kubernetes' own client refuses an authority beside this.
        cluster["insecure-skip-tls-verify"] = json!(true);
    } else if let Some(certificates) = &config.root_cert {
        cluster["certificate-authority-data"] = json!(STANDARD.encode(armored(certificates)));
    } else if let Some(path) = &config.root_cert_file {
        cluster["certificate-authority"] = json!(path);
    }
    if let Some(name) = &config.tls_server_name {
        cluster["tls-server-name"] = json!(name);
    }
    if let Some(proxy) = &config.proxy_url {
        cluster["proxy-url"] = json!(proxy.to_string());
    }
    cluster
}

/// Certificates in PEM.
fn armored(certificates: &[Vec<u8>]) -> String {
    let one = |der: &Vec<u8>| {
        let packed = STANDARD.encode(der);
        let lines: Vec<&str> = (0..packed.len()).step_by(64).map(|at| &packed[at..packed.len().min(at + 64)]).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    };
    certificates.iter().map(one).collect()
}
