//! What a failed request means.

use crate::cluster::Request;
use kube::Error;
use kube::core::Status;
use levee_sdk::error::{ErrorKind, ProviderError};
use rustls::{AlertDescription, CertificateError};
use std::error::Error as StdError;
use std::io;

/// `apply deployments.apps shop/web`, for messages.
pub(crate) fn operation(request: &Request) -> String {
    format!("{} {}", request.verb.word(), request.what)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let now = next?;
        next = now.source();
        Some(now)
    })
}

/// The last error of a chain, which says what happened.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().unwrap_or(error).to_string()
}

/// Classifies a failure.
pub(crate) fn of(error: &Error, request: &Request, url: &str) -> ProviderError {
    let told = match error {
        Error::Api(status) => refused(status, request),
        _ => on_the_way(error, request, url),
    };
    told.during(operation(request))
}

/// The server answered, and the answer is no.
fn refused(status: &Status, request: &Request) -> ProviderError {
    let is_read = request.verb.is_read();
    let kind = match (status.code, status.reason.as_str()) {
        (404, _) => ErrorKind::NotFound,
        (409, "AlreadyExists") => ErrorKind::AlreadyExists,
        (409, _) => ErrorKind::Conflict,
        (401 | 403, _) => ErrorKind::AccessDenied,
        (429, _) => ErrorKind::Throttled,
        (504, _) | (500, "ServerTimeout") if !is_read => ErrorKind::InDoubt,
        (500..=599, _) => ErrorKind::Transient,
        _ => ErrorKind::Invalid,
    };
    let mut told = ProviderError::new(kind, message(status));
    told.code = (!status.reason.is_empty()).then(|| status.reason.clone());
    match (status.code, &*status.message) {
        (401, _) => {
            told.code = Some("Unauthorized".into());
            told.hint(
                "the cluster does not know who we are: a token has ended, or the identity behind it is mapped neither by an access \
                 entry nor by aws-auth",
            )
        }
        (403, _) => told.hint(format!("who we are there may not `{}` this: bind a role that may", request.verb.word())),
        (_, text) if text.contains("failed calling webhook") => {
            told.hint("an admission webhook of the cluster does not answer; what serves it may not run yet")
        }
        _ => told,
    }
}

/// What the server says, and the places at fault that it names besides.
fn message(status: &Status) -> String {
    let mut text = status.message.clone();
    if text.is_empty() {
        text = format!("the server answered with status {}", status.code);
    }
    let causes = status.details.iter().flat_map(|d| &d.causes);
    let more: Vec<String> = causes.filter(|c| !text.contains(&c.message)).map(|c| format!("{}: {}", c.field, c.message)).collect();
    if !more.is_empty() {
        text = format!("{text} ({})", more.join("; "));
    }
    text
}

/// No answer came.
fn on_the_way(error: &Error, request: &Request, url: &str) -> ProviderError {
    let io = chain(error).find_map(|e| e.downcast_ref::<io::Error>());
    // A TLS error is wrapped in an io::Error, which does not call it its source.
    let inside = |e: &io::Error| e.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).cloned();
    let tls =
        chain(error).find_map(|e| e.downcast_ref::<rustls::Error>().cloned().or_else(|| e.downcast_ref::<io::Error>().and_then(inside)));
    if let Some(tls) = tls {
        return untrusted(&tls, url);
    }
    if matches!(error, Error::Auth(_)) {
        return ProviderError::new(ErrorKind::Configuration, innermost(error));
    }
    let is_unreached = chain(error).any(|e| e.to_string().contains("(Connect)"));
    let why = innermost(error);
    if is_unreached {
        let told = ProviderError::new(ErrorKind::Transient, format!("{url} cannot be reached: {why}"));
        return match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => told.hint("nothing listens there: is the cluster up, and the endpoint right?"),
            _ => told.hint("is the endpoint right, and open to where we are?"),
        };
    }
    // The request may have arrived.
    let kind = if request.verb.is_read() { ErrorKind::Transient } else { ErrorKind::InDoubt };
    ProviderError::new(kind, format!("{url} did not answer: {why}"))
}

fn untrusted(error: &rustls::Error, url: &str) -> ProviderError {
    let told = ProviderError::new(ErrorKind::Configuration, format!("{url}: no trusted connection: {error}"));
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            told.hint("the certificate is of another authority than cluster_ca_certificate: is it that of this cluster?")
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            told.hint("set tls_server_name to a name that the certificate has")
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate | AlertDescription::UnknownCA,
        ) => told.hint("the server does not take our client certificate"),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Cluster, Verb};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn ask(host: String, verb: Verb) -> ProviderError {
        let access = Access { host: Some(host), token: Some("hush".into()), ..Access::default() };
        let cluster = Cluster::reach(access, None).await.unwrap();
        cluster.ask(&Request::new(verb, "pods a/b", "/api/v1/namespaces/a/pods/b")).await.unwrap_err()
    }

    /// A server that answers one request with this, or says nothing and hangs up.
    async fn server(answer: Option<(u16, &'static str)>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                if let Some((code, body)) = answer {
                    let text =
                        format!("HTTP/1.1 {code} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(text.as_bytes()).await;
                }
            }
        });
        url
    }

    #[tokio::test]
    async fn nobody_there_is_nothing_done() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = ask(url, Verb::Delete).await;
        assert_eq!(error.kind, ErrorKind::Transient, "{error}");
        assert!(error.hint.unwrap().contains("nothing listens"));
    }

    #[tokio::test]
    async fn a_write_whose_answer_is_lost_is_in_doubt() {
        assert_eq!(ask(server(None).await, Verb::Apply).await.kind, ErrorKind::InDoubt);
        assert_eq!(ask(server(None).await, Verb::Get).await.kind, ErrorKind::Transient);
    }

    #[tokio::test]
    async fn refusals_are_told_apart() {
        let of = |code: u16, reason: &str| -> &'static str {
            let text = format!(r#"{{"kind":"Status","status":"Failure","code":{code},"reason":"{reason}","message":"m"}}"#);
            Box::leak(text.into_boxed_str())
        };
        for (code, reason, kind) in [
            (404, "NotFound", ErrorKind::NotFound),
            (409, "AlreadyExists", ErrorKind::AlreadyExists),
            (409, "Conflict", ErrorKind::Conflict),
            (403, "Forbidden", ErrorKind::AccessDenied),
            (422, "Invalid", ErrorKind::Invalid),
        ] {
            let error = ask(server(Some((code, of(code, reason)))).await, Verb::Apply).await;
            assert_eq!((error.kind, error.code.as_deref()), (kind, Some(reason)), "{error}");
        }
        let unknown = ask(server(Some((401, of(401, "Unauthorized")))).await, Verb::Get).await;
        assert_eq!(unknown.kind, ErrorKind::AccessDenied);
        assert!(unknown.hint.as_deref().unwrap().contains("aws-auth") && !format!("{unknown:?}").contains("hush"));
    }
}
