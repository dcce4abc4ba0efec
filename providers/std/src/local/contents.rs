//! What a file holds: its spellings and hashes.

use crate::hexadecimal::hexadecimal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use levee_sdk::ProviderError;
use levee_sdk::error::Result;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Hashes of a file's bytes, as attributes have them: hexadecimal where the name says nothing else.
pub(super) struct Hashes {
    pub(super) md5: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) sha512: Option<String>,
    pub(super) base64sha256: Option<String>,
    pub(super) base64sha512: Option<String>,
}

impl Hashes {
    /// Of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (sha256, sha512) = (Sha256::digest(bytes), Sha512::digest(bytes));
        Self {
            md5: Some(hexadecimal(&Md5::digest(bytes))),
            sha1: Some(sha1(bytes)),
            sha256: Some(hexadecimal(&sha256)),
            sha512: Some(hexadecimal(&sha512)),
            base64sha256: Some(STANDARD.encode(sha256)),
            base64sha512: Some(STANDARD.encode(sha512)),
        }
    }
}

/// The SHA-1 hash in hexadecimal, which is a file's id.
pub(super) fn sha1(bytes: &[u8]) -> String {
    hexadecimal(&Sha1::digest(bytes))
}

/// In base 64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes that the arguments of a file say: text, base 64, or another file. Exactly one is set.
pub(super) async fn wanted(text: Option<&str>, base64: Option<&str>, source: Option<&str>) -> Result<Vec<u8>> {
    match (text, base64, source) {
        (Some(text), _, _) => Ok(text.as_bytes().to_vec()),
        (None, Some(base64), _) => STANDARD.decode(base64).map_err(|_| ProviderError::invalid("content_base64 is no base 64 text")),
        (None, None, Some(source)) => {
            super::path::read(source).await?.ok_or_else(|| ProviderError::invalid(format!("there is no file {source}, which source names")))
        }
        (None, None, None) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_standard_ones() {
        let hashes = Hashes::of(b"abc");
        let of = |text: Option<String>| text.unwrap_or_default();
        assert_eq!(of(hashes.md5), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(of(hashes.sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(of(hashes.sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(of(hashes.base64sha256), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert!(of(hashes.sha512).starts_with("ddaf35a193617aba"));
        assert!(of(hashes.base64sha512).starts_with("3a81oZNherrMQXNJ"));
    }

    #[tokio::test]
    async fn text_comes_before_base64() {
        assert_eq!(wanted(None, Some("AAE="), None).await.ok(), Some(vec![0, 1]));
        assert_eq!(wanted(Some("t"), None, None).await.ok(), Some(b"t".to_vec()));
        assert!(wanted(None, Some("?"), None).await.is_err());
    }
}
