//! How what is said about a cluster becomes a connection and a credential.

use crate::access::{Access, Exec, pairs};
use crate::credential::{Credential, Login};
use crate::environment;
use crate::pem;
use kube::config::{AuthInfo, ExecConfig, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::{TokenCommand, TokenSource};
use std::sync::Arc;
use std::time::Duration;

/// Longest time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest silence of the server before its answer.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// A connection whose requests bear no token yet, and what makes the tokens.
pub(crate) struct Connection {
    pub(crate) config: Config,
    pub(crate) credential: Credential,
}

impl Connection {
    /// Reads files, calls nobody.
    pub(crate) async fn of(access: &Access, tokens: Option<Arc<dyn TokenSource>>) -> Result<Self> {
        access.check()?;
        let mut config = base(access).await?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = Some(READ_TIMEOUT);
        config.reset_reader_on_write = true;
        override_server(&mut config, access)?;
        let login = login(&mut config, access)?;
        Ok(Self { config, credential: Credential::new(login, tokens) })
    }

    pub(crate) fn client(config: Config) -> Result<Client> {
        Client::try_from(config).map_err(|e| configuration(format!("the connection cannot be set up: {}", crate::fault::innermost(&e))))
    }
}

pub(crate) fn configuration(message: impl Into<String>) -> ProviderError {
    ProviderError::new(ErrorKind::Configuration, message)
}

/// From kubeconfig files, from the host alone, or from the service account of the cluster that we run in.
async fn base(access: &Access) -> Result<Config> {
    if !access.config_paths.is_empty() {
        return from_files(access).await;
    }
    if let Some(host) = &access.host {
        return Ok(Config::new(url(host, access)?));
    }
    if environment::is_inside_a_cluster() {
        return Config::incluster().map_err(|e| configuration(format!("the service account of this cluster: {e}")));
    }
    Err(Access::nowhere())
}

async fn from_files(access: &Access) -> Result<Config> {
    let mut files: Option<Kubeconfig> = None;
    for path in &access.config_paths {
        let path =
            path.strip_prefix("~/").and_then(|rest| Some(format!("{}/{rest}", environment::variable("HOME")?))).unwrap_or(path.clone());
        let wrong = |e: kube::config::KubeconfigError| configuration(format!("{path}: {}", crate::fault::innermost(&e)));
        let file = Kubeconfig::read_from(&path).map_err(wrong)?;
        files = Some(match files {
            Some(before) => before.merge(file).map_err(wrong)?,
            None => file,
        });
    }
    let options = KubeConfigOptions {
        context: access.config_context.clone(),
        cluster: access.config_context_cluster.clone(),
        user: access.config_context_auth_info.clone(),
    };
    let wrong = |e| configuration(format!("{}: {e}", access.config_paths.join(", ")));
    Config::from_custom_kubeconfig(files.unwrap_or_default(), &options).await.map_err(wrong)
}

/// The URL of a host, which may be a name alone: with `https` where there is a certificate, as Kubernetes' own client has it.
fn url(host: &str, access: &Access) -> Result<http::Uri> {
    let has_tls = access.cluster_ca_certificate.is_some() || access.client_certificate.is_some() || access.insecure == Some(true);
    let whole = match host.contains("://") {
        true => host.to_owned(),
        false if has_tls => format!("https://{host}"),
        false => format!("http://{host}"),
    };
    whole.parse().map_err(|_| configuration(format!("host: {host:?} is no URL")))
}

/// What the block says of the server stands above what a file says.
fn override_server(config: &mut Config, access: &Access) -> Result<()> {
    if let Some(host) = &access.host {
        config.cluster_url = url(host, access)?;
    }
    if let Some(text) = &access.cluster_ca_certificate {
        config.root_cert = Some(pem::certificates(text, "cluster_ca_certificate")?);
        config.root_cert_file = None;
    }
    if let Some(insecure) = access.insecure {
        config.accept_invalid_certs = insecure;
    }
    if let Some(name) = &access.tls_server_name {
        config.tls_server_name = Some(name.clone());
    }
    if let Some(proxy) = &access.proxy_url {
        config.proxy_url = Some(proxy.parse().map_err(|_| configuration("proxy_url is no URL"))?);
    }
    Ok(())
}

/// Who we are: what the block says stands above a file. Programs are taken out of the connection's hands, because its errors
/// show what they print, and that is a secret.
fn login(config: &mut Config, access: &Access) -> Result<Login> {
    let says_who = access.token.is_some() || access.username.is_some() || access.client_certificate.is_some() || access.exec.is_some();
    if says_who {
        config.auth_info = AuthInfo::default();
    }
    if let (Some(certificate), Some(key)) = (&access.client_certificate, &access.client_key) {
        pem::certificates(certificate, "client_certificate")?;
        config.auth_info.client_certificate_data = Some(pem::packed(certificate));
        config.auth_info.client_key_data = Some(pem::packed(key).into());
    }
    if let (Some(name), Some(password)) = (&access.username, &access.password) {
        config.auth_info.username = Some(name.clone());
        config.auth_info.password = Some(password.clone().into());
    }
    if let Some(token) = &access.token {
        return Ok(Login::Token(token.trim().to_owned()));
    }
    if let Some(exec) = &access.exec {
        return Ok(Login::Exec(exec.clone()));
    }
    match config.auth_info.exec.take() {
        Some(exec) => Ok(Login::Exec(from_file(exec)?)),
        None => Ok(Login::None),
    }
}

fn from_file(exec: ExecConfig) -> Result<Exec> {
    let program = exec.command.ok_or_else(|| configuration("the kubeconfig file's exec names no command"))?;
    let env = pairs(&exec.env.unwrap_or_default());
    let command = TokenCommand { program, args: exec.args.unwrap_or_default(), env };
    let api_version = exec.api_version.unwrap_or_else(|| "client.authentication.k8s.io/v1".to_owned());
    Ok(Exec { api_version, command, install_hint: exec.install_hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r"
apiVersion: v1
kind: Config
current-context: sea
clusters: [{name: sea, cluster: {server: 'https://sea:6443', insecure-skip-tls-verify: true}}]
users:
- name: me
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: print, args: [token], env: [{name: A, value: b}]}
contexts: [{name: sea, context: {cluster: sea, user: me}}, {name: lake, context: {cluster: lake, user: me}}]
";

    async fn connected(access: Access) -> Result<Connection> {
        Connection::of(&access, None).await
    }

    #[tokio::test]
    async fn a_block_stands_above_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, FILE).unwrap();
        let file = Access { config_paths: vec![path.display().to_string()], ..Access::default() };
        let plain = connected(file.clone()).await.unwrap();
        assert_eq!(plain.config.cluster_url.to_string(), "https://sea:6443/");
        assert!(plain.config.auth_info.exec.is_none(), "programs are run by us");
        assert!(plain.credential.is_changing());
        let over = Access { host: Some("https://lake".into()), token: Some("t".into()), ..file.clone() };
        let over = connected(over).await.unwrap();
        assert_eq!(over.config.cluster_url.to_string(), "https://lake/");
        assert!(!over.credential.is_changing());
        let missing = connected(Access { config_context: Some("lake".into()), ..file }).await.err().unwrap();
        assert!(missing.message.contains("lake"), "{missing}");
    }

    #[tokio::test]
    async fn nowhere_is_told() {
        let error = connected(Access::default()).await.err().unwrap();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Configuration, "nothing says where the cluster is"));
    }
}
