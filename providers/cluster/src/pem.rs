//! Certificates as configurations hold them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The certificates of a PEM text, in DER. `argument` names it in errors.
pub(crate) fn certificates(text: &str, argument: &str) -> Result<Vec<Vec<u8>>> {
    let wrong = |why: &str| {
        ProviderError::new(ErrorKind::Configuration, format!("{argument}: {why}"))
            .hint("it is a text that begins with -----BEGIN CERTIFICATE-----; EKS gives it in base64: wrap it in base64decode()")
    };
    let read = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<std::result::Result<Vec<_>, _>>();
    let found = read.map_err(|_| wrong("it is not PEM"))?;
    if found.is_empty() {
        return Err(wrong("there is no certificate in it"));
    }
    Ok(found.into_iter().map(|c| c.to_vec()).collect())
}

/// As kubeconfig files hold it.
pub(crate) fn packed(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_in_base64_is_told() {
        let error = certificates("LS0tLS1CRUdJTg==", "cluster_ca_certificate").unwrap_err();
        assert_eq!(error.message, "cluster_ca_certificate: there is no certificate in it");
        assert!(error.hint.unwrap().contains("base64decode"));
    }
}
