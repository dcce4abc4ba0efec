//! A cluster that can be asked: one request in, JSON out.

use crate::access::Access;
use crate::connection::Connection;
use crate::credential::Credential;
use crate::fault;
use crate::kubeconfig::{self, Kubeconfig};
use crate::pem;
use crate::plugin::Identity;
use kube::{Client, Config};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::TokenSource;
use serde_json::Value as Json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::Mutex;

/// What is done to an object. The words are Kubernetes' own, as its rules for access know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One object.
    Get,
    /// All objects of a kind.
    List,
    /// A new object.
    Create,
    /// Server-side apply: the object as one manager wants it.
    Apply,
    /// A JSON merge patch (RFC 7386).
    Merge,
    /// Gone.
    Delete,
}

impl Verb {
    fn method(self) -> http::Method {
        match self {
            Self::Get | Self::List => http::Method::GET,
            Self::Create => http::Method::POST,
            Self::Apply | Self::Merge => http::Method::PATCH,
            Self::Delete => http::Method::DELETE,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            // JSON is YAML, and this is the one name of the media type that every server knows.
            Self::Apply => "application/apply-patch+yaml",
            Self::Merge => "application/merge-patch+json",
            Self::Get | Self::List | Self::Create | Self::Delete => "application/json",
        }
    }

    /// Whether nothing changes by it.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::List)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Create => "create",
            Self::Apply | Self::Merge => "patch",
            Self::Delete => "delete",
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is done.
    pub verb: Verb,
    /// To what, in words: `deployments.apps shop/web`.
    pub what: String,
    /// Path and query.
    pub path: String,
    /// The body, where there is one.
    pub body: Option<Json>,
}

impl Request {
    /// A request without a body.
    pub fn new(verb: Verb, what: impl Into<String>, path: impl Into<String>) -> Self {
        Self { verb, what: what.into(), path: path.into(), body: None }
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: Json) -> Self {
        self.body = Some(body);
        self
    }
}

/// A cluster, reached as a configuration says. Requests are made over one pool of connections.
pub struct Cluster {
    config: Config,
    credential: Credential,
    /// The connections, and the certificate that they were made with, if a program says which.
    connected: Mutex<Option<(Client, Option<String>)>>,
    calls: AtomicU64,
}

impl Cluster {
    /// The cluster that is meant. Reads files; the server is called with the first request. `tokens` makes tokens that a
    /// program would make otherwise.
    pub async fn reach(access: Access, tokens: Option<Arc<dyn TokenSource>>) -> Result<Self> {
        let Connection { config, credential } = Connection::of(&access.or_environment(), tokens).await?;
        // TLS is set up by the first request, so that what is wrong with it is told now.
        Connection::client(config.clone())?;
        Ok(Self { config, credential, connected: Mutex::new(None), calls: AtomicU64::new(0) })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.config.cluster_url.to_string().trim_end_matches('/').to_owned()
    }

    /// The namespace of what names none.
    pub fn default_namespace(&self) -> &str {
        &self.config.default_namespace
    }

    /// How a program of somebody else's reaches it, with what we are there now. `token_file` is where the token will lie.
    pub async fn kubeconfig(&self, token_file: &str) -> Result<Kubeconfig> {
        let identity = self.credential.identity().await?;
        let token = identity.as_ref().and_then(|i| i.token.clone());
        let certificate = identity.as_ref().and_then(|i| i.certificate.as_ref());
        let document = kubeconfig::document(&self.config, token.as_ref().map(|_| token_file), certificate)?;
        Ok(Kubeconfig { document, token })
    }

    /// How many requests were made.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes a request.
    pub async fn ask(&self, request: &Request) -> Result<Json> {
        let unread = |e: serde_json::Error| {
            ProviderError::new(ErrorKind::Bug, format!("the answer is no JSON: {e}")).during(fault::operation(request))
        };
        serde_json::from_str(&self.ask_text(request).await?).map_err(unread)
    }

    /// Makes a request that is answered with any text, such as `/metrics`. A credential that is refused is made anew once.
    pub async fn ask_text(&self, request: &Request) -> Result<String> {
        let refused = match self.once(request).await {
            Err(error) if error.code.as_deref() == Some("Unauthorized") => error,
            answer => return answer,
        };
        if self.credential.refused().await { self.once(request).await } else { Err(refused) }
    }

    async fn once(&self, request: &Request) -> Result<String> {
        let identity = self.credential.identity().await?;
        let client = self.client(identity.as_ref()).await?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let sent = Instant::now();
        let text = client.request_text(written(request, identity.as_ref())?).await;
        let text = text.map_err(|e| fault::of(&e, request, &self.url()));
        let (operation, elapsed) = (fault::operation(request), sent.elapsed());
        match &text {
            Ok(_) => tracing::debug!(operation, ?elapsed, "answered"),
            Err(ProviderError { kind, code, .. }) => tracing::debug!(operation, ?elapsed, ?kind, code, "refused"),
        }
        text
    }

    async fn client(&self, identity: Option<&Identity>) -> Result<Client> {
        let certificate = identity.and_then(|i| i.certificate.as_ref());
        let shown = certificate.map(|(certificate, _)| certificate.clone());
        let mut connected = self.connected.lock().await;
        if let Some((client, with)) = connected.as_ref().filter(|(_, with)| *with == shown) {
            let _ = with;
            return Ok(client.clone());
        }
        let mut config = self.config.clone();
        if let Some((certificate, key)) = certificate {
            config.auth_info.client_certificate_data = Some(pem::packed(certificate));
            config.auth_info.client_key_data = Some(pem::packed(key).into());
        }
        let client = Connection::client(config)?;
        *connected = Some((client.clone(), shown));
        Ok(client)
    }
}

fn written(request: &Request, identity: Option<&Identity>) -> Result<http::Request<Vec<u8>>> {
    let bug = |e: http::Error| ProviderError::new(ErrorKind::Bug, format!("{}: {e}", request.path));
    let mut builder = http::Request::builder().method(request.verb.method()).uri(&request.path);
    builder = builder.header(http::header::ACCEPT, "application/json").header(http::header::CONTENT_TYPE, request.verb.content_type());
    if let Some(token) = identity.and_then(|i| i.token.as_ref()) {
        let refused = |_| ProviderError::new(ErrorKind::Configuration, "the token has characters that no header can hold");
        let mut value = http::HeaderValue::try_from(format!("Bearer {token}")).map_err(refused)?;
        value.set_sensitive(true);
        builder = builder.header(http::header::AUTHORIZATION, value);
    }
    let body = request.body.as_ref().map(|b| b.to_string().into_bytes()).unwrap_or_default();
    builder.body(body).map_err(bug)
}
