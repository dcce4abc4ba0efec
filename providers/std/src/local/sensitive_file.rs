//! `local_sensitive_file`: a file whose content is never shown.

use super::contents::{self, Hashes};
use super::path;
use crate::constraints::{exactly_one_of, fits};
use crate::offline::NoClient;
use crate::state_only::not_importable;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Identity, OpToken, Resource, Shape};

/// A file on the machine that levee runs on, whose content is never shown.
#[derive(Clone, Default, Shape)]
pub(crate) struct LocalSensitiveFile {
    /// Where it is. Folders on the way there are made.
    #[attr(required, force_new)]
    filename: Option<String>,
    /// What it holds, as text.
    #[attr(optional, force_new, sensitive)]
    content: Option<String>,
    /// What it holds, in base 64.
    #[attr(optional, force_new, sensitive)]
    content_base64: Option<String>,
    /// A file to copy.
    #[attr(optional, force_new)]
    source: Option<String>,
    /// Its permissions, in octal digits.
    #[attr(optional, computed, force_new, default = "0700")]
    file_permission: Option<String>,
    /// Permissions of the folders that are made, in octal digits.
    #[attr(optional, computed, force_new, default = "0700")]
    directory_permission: Option<String>,
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

impl LocalSensitiveFile {
    async fn wanted(&self) -> Result<Vec<u8>> {
        let text = self.content.as_deref();
        contents::wanted(text, self.content_base64.as_deref(), self.source.as_deref()).await
    }

    fn filename(&self) -> &str {
        self.filename.as_deref().unwrap_or_default()
    }

    fn hashed(self, bytes: &[u8]) -> Self {
        let hashes = Hashes::of(bytes);
        Self {
            content_md5: hashes.md5,
            content_sha1: hashes.sha1,
            content_sha256: hashes.sha256,
            content_sha512: hashes.sha512,
            content_base64sha256: hashes.base64sha256,
            content_base64sha512: hashes.base64sha512,
            id: Some(contents::sha1(bytes)),
            ..self
        }
    }
}

impl Resource for LocalSensitiveFile {
    type Client = NoClient;
    const TYPE: &'static str = "local_sensitive_file";

    fn identity() -> Identity {
        Identity::NaturalKey
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = exactly_one_of(config, &["content", "content_base64", "source"]);
        for name in ["file_permission", "directory_permission"] {
            out.extend(fits(config, name, "three or four octal digits such as \"0644\"", path::is_permission));
        }
        out
    }

    /// A file that holds something else is not ours any more: it is written anew.
    async fn read(_: &Ctx<NoClient>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
        let Some(prior) = prior else { return Ok(None) };
        let found = path::read(prior.filename()).await?;
        Ok(found.filter(|bytes| contents::sha1(bytes) == id).map(|_| prior.clone()))
    }

    async fn create(ctx: &Ctx<NoClient>, planned: Self, op: OpToken) -> Result<Self> {
        let bytes = planned.wanted().await?;
        let made = planned.hashed(&bytes);
        let (file, folder) = (made.file_permission.as_deref(), made.directory_permission.as_deref());
        path::write(made.filename(), bytes, file, folder, op).await?;
        ctx.checkpoint(made.id.clone().unwrap_or_default()).await?;
        Ok(made)
    }

    async fn delete(_: &Ctx<NoClient>, prior: Self, _: OpToken) -> Result<()> {
        path::delete(prior.filename()).await
    }

    async fn import(_: &Ctx<NoClient>, _: &str) -> Result<Option<Self>> {
        Err(not_importable(Self::TYPE))
    }

    /// The file, if it holds what was to be written.
    async fn find(_: &Ctx<NoClient>, op: OpToken, planned: &Self) -> Result<Option<Self>> {
        path::clear(planned.filename(), op).await?;
        let wanted = planned.wanted().await?;
        let found = path::read(planned.filename()).await?;
        Ok(found.filter(|bytes| *bytes == wanted).map(|bytes| planned.clone().hashed(&bytes)))
    }
}
