//! Data source `local_file`: reads a file.

use super::contents::{self, Hashes};
use super::path;
use crate::offline::NoClient;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, ErrorKind, ProviderError, Shape};

/// A file on the machine that levee runs on.
#[derive(Clone, Default, Shape)]
pub(crate) struct FileData {
    /// Where it is.
    #[attr(required)]
    filename: Option<String>,
    /// What it holds, as text; what is no UTF-8 is replaced.
    #[attr(computed)]
    content: Option<String>,
    /// What it holds, in base 64.
    #[attr(computed)]
    content_base64: Option<String>,
    /// MD5 of the content, in hexadecimal.
    #[attr(computed)]
    content_md5: Option<String>,
    /// SHA-1 of the content, in hexadecimal.
    #[attr(computed)]
    content_sha1: Option<String>,
    /// SHA-256 of the content, in hexadecimal.
    #[attr(computed)]
    content_sha256: Option<String>,
    /// SHA-512 of the content, in hexadecimal.
    #[attr(computed)]
    content_sha512: Option<String>,
    /// SHA-256 of the content, in base 64.
    #[attr(computed)]
    content_base64sha256: Option<String>,
    /// SHA-512 of the content, in base 64.
    #[attr(computed)]
    content_base64sha512: Option<String>,
    /// SHA-1 of the content, in hexadecimal.
    #[attr(computed)]
    id: Option<String>,
}

impl DataSource for FileData {
    type Client = NoClient;
    const TYPE: &'static str = "local_file";

    async fn read(_: &Ctx<NoClient>, config: Self) -> Result<Self> {
        let filename = config.filename.as_deref().unwrap_or_default();
        let missing = || ProviderError::new(ErrorKind::NotFound, format!("there is no file {filename}"));
        let bytes = &path::read(filename).await?.ok_or_else(missing)?;
        let hashes = Hashes::of(bytes);
        Ok(Self {
            content: Some(String::from_utf8_lossy(bytes).into_owned()),
            content_base64: Some(contents::base64(bytes)),
            content_md5: hashes.md5,
            content_sha1: hashes.sha1,
            content_sha256: hashes.sha256,
            content_sha512: hashes.sha512,
            content_base64sha256: hashes.base64sha256,
            content_base64sha512: hashes.base64sha512,
            id: Some(contents::sha1(bytes)),
            filename: config.filename,
        })
    }
}
