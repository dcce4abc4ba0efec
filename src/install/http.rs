//! Asking servers: with the system's trust, a bound on what is taken in, and tokens for the hosts that they are for.

use super::fetch::{FetchError, Resolved, redacted};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http};

/// The largest archive, in bytes.
const LARGEST_ARCHIVE: u64 = 1 << 30;
/// The largest document, in bytes.
const LARGEST_DOCUMENT: u64 = 8 << 20;
/// How long a server may take for a connection, and for the beginning of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an address yielded.
pub(super) enum Remote {
    /// The package.
    Here(Resolved),
    /// Another address.
    Elsewhere(String),
}

/// Asks servers.
pub(super) struct Client {
    agent: Agent,
    tokens: BTreeMap<String, String>,
}

impl Client {
    /// A client that shows these tokens, each to its host alone.
    pub(super) fn new(tokens: BTreeMap<String, String>) -> Self {
        let trusted = rustls_native_certs::load_native_certs().certs;
        let trusted = trusted.iter().map(|c| Certificate::from_der(c).to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(trusted)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .user_agent(concat!("levee/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE));
        Self { agent: config.build().new_agent(), tokens }
    }

    /// The scheme by which a registry is asked: a host of this very machine needs no encryption.
    pub(super) fn scheme(host: &str) -> &'static str {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if ["127.0.0.1", "localhost", "[::1]"].contains(&name) { "http" } else { "https" }
    }

    /// The answer to a request, whatever it says. `host`: whose token is shown.
    pub(super) fn get(&self, url: &str, host: Option<&str>) -> Result<http::Response<Body>, FetchError> {
        let shown = redacted(url);
        let (url, login) = without_login(url);
        let mut request = self.agent.get(&url);
        if let Some(token) = host.and_then(|h| self.tokens.get(h)) {
            request = request.header("Authorization", format!("Bearer {token}"));
        } else if let Some(login) = login {
            use base64::Engine as _;
            let login = base64::engine::general_purpose::STANDARD.encode(login);
            request = request.header("Authorization", format!("Basic {login}"));
        }
        request.call().map_err(|e| FetchError::Request(format!("Get {shown:?}"), redacted(&e.to_string())))
    }

    /// A document, as text.
    pub(super) fn text(&self, url: &str, host: Option<&str>) -> Result<String, FetchError> {
        body(url, self.get(url, host)?)
    }

    /// The address that a page names in a header, or in its head.
    pub(super) fn referral(&self, url: &str) -> Result<String, FetchError> {
        let sign = if url.contains('?') { '&' } else { '?' };
        let asked = format!("{url}{sign}terraform-get=1");
        let reply = self.get(&asked, None)?;
        if let Some(source) = header(&reply, "X-Terraform-Get") {
            return Ok(absolute(url, &source));
        }
        let page = body(&asked, reply)?;
        match meta(&page) {
            Some(source) => Ok(absolute(url, &source)),
            None => Err(FetchError::Address("no source URL was returned".to_owned())),
        }
    }

    /// Downloads into a file.
    pub(super) fn download(&self, url: &str, into: &Path) -> Result<(), FetchError> {
        let mut reply = self.get(url, None)?;
        check(url, &reply)?;
        let mut reader = reply.body_mut().with_config().limit(LARGEST_ARCHIVE).reader();
        io::copy(&mut reader, &mut File::create(into)?)?;
        Ok(())
    }
}

fn check(url: &str, reply: &http::Response<Body>) -> Result<(), FetchError> {
    let status = reply.status();
    if status.is_success() { Ok(()) } else { Err(FetchError::Status(redacted(url), status.as_u16())) }
}

fn body(url: &str, mut reply: http::Response<Body>) -> Result<String, FetchError> {
    check(url, &reply)?;
    let read = reply.body_mut().with_config().limit(LARGEST_DOCUMENT).read_to_string();
    read.map_err(|e| FetchError::Request(format!("Get {:?}", redacted(url)), redacted(&e.to_string())))
}

/// A header of an answer, when it is text.
pub(super) fn header(reply: &http::Response<Body>, name: &str) -> Option<String> {
    reply.headers().get(name).and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty()).map(str::to_owned)
}

/// User and password out of a URL.
fn without_login(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => (format!("{scheme}://{}", &rest[at + 1..]), Some(rest[..at].to_owned())),
        None => (url.to_owned(), None),
    }
}

/// An address that may be relative to the one that named it.
pub(super) fn absolute(base: &str, found: &str) -> String {
    let is_relative = found.starts_with('/') || found.starts_with("./") || found.starts_with("../");
    let Some((scheme, rest)) = base.split_once("://").filter(|_| is_relative) else { return found.to_owned() };
    let rest = rest.split('?').next().unwrap_or_default();
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (found, query) = found.split_once('?').map_or((found, String::new()), |(f, q)| (f, format!("?{q}")));
    let joined =
        if found.starts_with('/') { found.to_owned() } else { format!("{}/{found}", path.rsplit_once('/').map_or("", |(d, _)| d)) };
    let mut parts: Vec<&str> = Vec::new();
    let (package, subdir) = joined.split_once("//").map_or((&*joined, None), |(p, s)| (p, Some(s)));
    for part in package.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    let subdir = subdir.map_or_else(String::new, |s| format!("//{s}"));
    format!("{scheme}://{host}/{}{subdir}{query}", parts.join("/"))
}

/// The content of `<meta name="terraform-get" content="...">`.
fn meta(page: &str) -> Option<String> {
    let mut rest = page;
    while let Some(at) = rest.find("<meta") {
        let tag = &rest[at..at + rest[at..].find('>')?];
        let attribute = |name: &str| {
            let (_, after) = tag.split_once(&format!("{name}="))?;
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'')?;
            after[1..].split(quote).next()
        };
        if attribute("name") == Some("terraform-get") {
            return attribute("content").map(|c| c.replace("&amp;", "&"));
        }
        rest = &rest[at + 5..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_relative() {
        for (found, expected) in [
            ("https://elsewhere.example/x.zip", "https://elsewhere.example/x.zip"),
            ("/x.zip?archive=zip", "https://example.com/x.zip?archive=zip"),
            ("./x.zip", "https://example.com/a/b/x.zip"),
            ("../x.tgz//sub", "https://example.com/a/x.tgz//sub"),
        ] {
            assert_eq!(absolute("https://example.com/a/b/download?x=1", found), expected, "{found}");
        }
    }

    #[test]
    fn a_page_names_the_source() {
        let page =
            "<html><head><meta charset='x'><meta name=\"terraform-get\" content=\"git::https://example.com/a?x=1&amp;y=2\" /></head>";
        assert_eq!(meta(page).as_deref(), Some("git::https://example.com/a?x=1&y=2"));
        assert_eq!(meta("<meta name='other' content='x'>"), None);
    }

    #[test]
    fn only_this_machine_is_asked_without_encryption() {
        for (host, expected) in [("127.0.0.1:80", "http"), ("example.com", "https"), ("localhost.example.com", "https")] {
            assert_eq!(Client::scheme(host), expected, "{host}");
        }
    }
}
