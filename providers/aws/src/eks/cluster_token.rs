//! The token with which one logs in to a cluster: a signed question to STS who is asking.
//!
//! The cluster's authenticator puts the question in turn and so learns who holds the credentials. The question names the
//! cluster, so that no other cluster can put it. EKS's user guide has the format.

use crate::client::Aws;
use crate::error::innermost;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_types::base64;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use std::error::Error;
use std::time::{Duration, SystemTime};

/// What every token begins with.
const PREFIX: &str = "k8s-aws-v1.";
/// The header that names the cluster.
const CLUSTER: &str = "x-k8s-aws-id";
/// How long STS may be asked with it, as Terraform's provider has it.
const LIFETIME: Duration = Duration::from_mins(1);

/// A token for a cluster, which need not exist: nobody is asked.
pub(super) async fn token(aws: &Aws, cluster: &str, region: Option<&str>) -> Result<String> {
    let credentials = aws.credentials().await?;
    let (sts_region, url) = aws.sts_endpoint(region).await?;
    let question = Question { cluster, sts_region: &sts_region, url: &url };
    question.signed(&credentials, SystemTime::now()).map(|url| encoded(&url)).map_err(|error| {
        let why = innermost(&*error);
        ProviderError::new(ErrorKind::Bug, format!("the token for cluster {cluster:?} could not be signed: {why}"))
    })
}

/// `sts:GetCallerIdentity`, for one cluster.
struct Question<'a> {
    cluster: &'a str,
    sts_region: &'a str,
    /// Of STS, without path and query.
    url: &'a str,
}

impl Question<'_> {
    /// The question as a URL with the signature in its query.
    fn signed(&self, credentials: &Credentials, now: SystemTime) -> std::result::Result<String, Box<dyn Error + Send + Sync>> {
        let url = format!("{}/?Action=GetCallerIdentity&Version=2011-06-15", self.url.trim_end_matches('/'));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(LIFETIME);
        let identity = credentials.clone().into();
        let signer = v4::SigningParams::builder().identity(&identity).region(self.sts_region).name("sts");
        let signer = signer.time(now).settings(settings).build()?.into();
        let headers = [(CLUSTER, self.cluster)].into_iter();
        let request = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[]))?;
        let (signature, _) = sign(request, &signer)?.into_parts();
        let mut request = http::Request::get(&url).body(())?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }
}

/// In the alphabet for URLs, without padding.
fn encoded(url: &str) -> String {
    let text = base64::encode(url).replace('+', "-").replace('/', "_");
    format!("{PREFIX}{}", text.trim_end_matches('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn question(cluster: &str, session: Option<&str>) -> BTreeMap<String, String> {
        let keys = Credentials::new("AKIDEXAMPLE", "secret", session.map(str::to_owned), None, "test");
        let question = Question { cluster, sts_region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com" };
        let token = encoded(&question.signed(&keys, SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap());
        let text = token.strip_prefix("k8s-aws-v1.").unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{token}");
        let padded = format!("{}{}", text.replace('-', "+").replace('_', "/"), "=".repeat((4 - text.len() % 4) % 4));
        let url = String::from_utf8(base64::decode(padded).unwrap()).unwrap();
        let (place, query) = url.split_once('?').unwrap();
        assert_eq!(place, "https://sts.eu-central-1.amazonaws.com/");
        query.split('&').map(|p| p.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    #[test]
    fn a_token_is_a_signed_question_for_one_cluster() {
        let asked = question("sea", Some("session/1+2="));
        for (name, value) in [
            ("Action", "GetCallerIdentity"),
            ("Version", "2011-06-15"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "AKIDEXAMPLE%2F20231114%2Feu-central-1%2Fsts%2Faws4_request"),
            ("X-Amz-Date", "20231114T221320Z"),
            ("X-Amz-Expires", "60"),
            ("X-Amz-SignedHeaders", "host%3Bx-k8s-aws-id"),
            ("X-Amz-Security-Token", "session%2F1%2B2%3D"),
        ] {
            assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(asked.len(), 9, "{:?}", asked.keys());
        assert!(!question("sea", None).contains_key("X-Amz-Security-Token"));
    }

    /// Against a signature made by AWS's SDK for Python.
    #[test]
    fn the_cluster_is_signed() {
        let signature = |cluster| question(cluster, None)["X-Amz-Signature"].clone();
        assert_eq!(signature("sea"), "a98e1b723dcffa12e3be62dd4270f992d3df812d56ec8cb6f1f6f0b621304ba5");
        assert_ne!(signature("sea"), signature("lake"));
    }
}
