//! `local_file`: a file.

use super::contents::{self, Hashes};
use super::path;
use crate::constraints::{exactly_one_of, fits};
use crate::offline::NoClient;
use crate::state_only::not_importable;
use levee_model::{Change, Diagnostics, Reversibility, Value};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Identity, OpToken, Resource, Shape};

/// A file on the machine that levee runs on.
#[derive(Clone, Default, Shape)]
pub(crate) struct LocalFile {
    /// Where it is. Folders on the way there are made.
    #[attr(required, force_new)]
    filename: Option<String>,
    /// What it holds, as text.
    #[attr(optional, force_new)]
    content: Option<String>,
    /// What it holds, in base 64.
    #[attr(optional, force_new)]
    content_base64: Option<String>,
    /// Old way to write a secret.
    #[attr(optional, force_new, sensitive, deprecated = "Use local_sensitive_file instead.")]
    sensitive_content: Option<String>,
    /// A file to copy.
    #[attr(optional, force_new)]
    source: Option<String>,
    /// Its permissions, in octal digits.
    #[attr(optional, computed, force_new, default = "0777")]
    file_permission: Option<String>,
    /// Permissions of the folders that are made, in octal digits.
    #[attr(optional, computed, force_new, default = "0777")]
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

impl LocalFile {
    async fn wanted(&self) -> Result<Vec<u8>> {
        let text = self.content.as_deref().or(self.sensitive_content.as_deref());
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

impl Resource for LocalFile {
    type Client = NoClient;
    const TYPE: &'static str = "local_file";

    fn identity() -> Identity {
        Identity::NaturalKey
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn reversibility(change: &Change) -> Reversibility {
        let copied = change.before.as_ref().and_then(|b| b.get("source")).is_some_and(|source| !source.is_null());
        if copied {
            Reversibility::LosesData("it is copied again from a file that may hold something else by then".into())
        } else {
            Reversibility::Reversible
        }
    }

    fn validate(config: &Value) -> Diagnostics {
        let mut out = exactly_one_of(config, &["content", "sensitive_content", "content_base64", "source"]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::context::NoSink;
    use std::sync::Arc;

    fn ctx() -> Ctx<NoClient> {
        Ctx { client: Arc::new(()), sink: Arc::new(NoSink), timeout: None }
    }

    #[tokio::test]
    async fn a_file_is_made_found_read_and_deleted() {
        let temp = tempfile::tempdir().expect("a folder");
        let filename = temp.path().join("a.txt").to_str().map(str::to_owned);
        let planned = LocalFile { filename: filename.clone(), content: Some("abc".into()), ..LocalFile::default() };
        let op = OpToken::new();
        assert!(LocalFile::find(&ctx(), op, &planned).await.is_ok_and(|found| found.is_none()));
        let made = LocalFile::create(&ctx(), planned.clone(), op).await.expect("written");
        let id = made.id.clone().expect("its hash");
        assert_eq!(id, "a9993e364706816aba3e25717850c26c9cd0d89d");
        let found = LocalFile::find(&ctx(), op, &planned).await.expect("readable").expect("there");
        assert_eq!(found.to_value(), made.to_value());
        assert!(LocalFile::read(&ctx(), &id, Some(&made)).await.is_ok_and(|read| read.is_some()));
        std::fs::write(made.filename(), "changed").expect("writable");
        assert!(LocalFile::read(&ctx(), &id, Some(&made)).await.is_ok_and(|read| read.is_none()));
        assert!(LocalFile::find(&ctx(), op, &planned).await.is_ok_and(|found| found.is_none()));
        LocalFile::delete(&ctx(), made, op).await.expect("deleted");
        assert!(!temp.path().join("a.txt").exists());
    }

    #[tokio::test]
    async fn copies_bytes_that_are_no_text() {
        let temp = tempfile::tempdir().expect("a folder");
        let name = |name: &str| temp.path().join(name).to_str().map(str::to_owned);
        std::fs::write(temp.path().join("from"), [0xff, 0]).expect("writable");
        let planned = LocalFile { filename: name("to"), source: name("from"), ..LocalFile::default() };
        LocalFile::create(&ctx(), planned, OpToken::new()).await.expect("written");
        assert_eq!(std::fs::read(temp.path().join("to")).ok(), Some(vec![0xff, 0]));
        let missing = LocalFile { filename: name("to"), source: name("nothing"), ..LocalFile::default() };
        assert!(LocalFile::create(&ctx(), missing, OpToken::new()).await.is_err());
    }

    #[test]
    fn exactly_one_content() {
        let check = |file: LocalFile| LocalFile::validate(&file.to_value()).has_errors();
        let text = || Some("t".to_owned());
        assert!(check(LocalFile::default()));
        assert!(!check(LocalFile { content: text(), ..LocalFile::default() }));
        assert!(check(LocalFile { content: text(), source: text(), ..LocalFile::default() }));
        assert!(check(LocalFile { content: text(), file_permission: text(), ..LocalFile::default() }));
    }
}
