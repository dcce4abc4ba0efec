//! Fetching one package from where it lies, whatever lies there.

use super::git::Repository;
use super::http::{Client, Remote};
use super::{archive, checksum, tree};
use crate::config::ModuleSource;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// How often an address may answer with another one.
const HOPS: usize = 10;

/// Why a package could not be had. Addresses in it hold no credentials.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address asks for something that is not done.
    #[error("{0}")]
    Address(String),
    /// What came is not what was locked.
    #[error("{0}")]
    Changed(String),
    /// The git program failed.
    #[error("git failed: {0}")]
    Git(String),
    /// There is no git program.
    #[error("the git program could not be started: {0}")]
    NoGit(io::Error),
    /// A server could not be asked.
    #[error("{0}: {1}")]
    Request(String, String),
    /// A server answered that it cannot help.
    #[error("{0}: bad response code: {1}")]
    Status(String, u16),
    /// An archive is damaged, or says what it must not say.
    #[error("the archive cannot be unpacked: {0}")]
    Archive(String),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a package turned out to be, exactly: `commit:...` or `sha256:...`; none for a directory of this machine.
pub(super) type Resolved = Option<String>;

/// The address of a package, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// What the address forces, or its scheme implies.
    pub(super) method: String,
    /// Without a forced method and without a query.
    pub(super) url: String,
    /// The query, in its order.
    query: Vec<(String, String)>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, FetchError> {
        let (forced, rest) = match text.split_once("::") {
            Some((method, rest)) if method.chars().all(|c| c.is_ascii_alphanumeric()) => (Some(method), rest),
            _ => (None, text),
        };
        let (url, query) = rest.split_once('?').unwrap_or((rest, ""));
        let scheme = url.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
        let Some(scheme) = scheme.filter(|_| !url.starts_with('-')) else {
            return Err(FetchError::Address(format!("{:?} is no address that can be fetched", redacted(text))));
        };
        let pair = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        };
        let query = query.split('&').filter(|p| !p.is_empty()).map(pair).collect();
        Ok(Self { method: forced.map_or(scheme, str::to_ascii_lowercase), url: url.to_owned(), query })
    }

    /// Takes a parameter out of the query.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.query.iter().position(|(n, _)| n == name)?;
        Some(self.query.remove(at).1).filter(|v| !v.is_empty())
    }

    /// The URL with what is left of the query.
    pub(super) fn url(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        if query.is_empty() { self.url.clone() } else { format!("{}?{}", self.url, query.join("&")) }
    }

    /// The path of a `file` URL.
    fn path(&self) -> &Path {
        Path::new(self.url.split_once("://").map_or(&*self.url, |(_, path)| path))
    }
}

/// Whether a package lies where levee does not fetch from, and says so with a diagnostic of its own.
pub(super) fn is_refused(package: &str) -> bool {
    Address::parse(package).is_ok_and(|a| ["s3", "gcs", "hg", "smb"].contains(&&*a.method))
}

/// Fetches a package into a directory that is not there yet, and says what exactly it was. `locked` is what it was before.
///
/// # Errors
/// When it cannot be had, or is not what it was.
pub(super) fn fetch(client: &Client, package: &str, into: &Path, locked: Option<&str>) -> Result<Resolved, FetchError> {
    let mut package = package.to_owned();
    for _ in 0..HOPS {
        let mut address = Address::parse(&package)?;
        match &*address.method {
            "git" | "ssh" => {
                let repository = Repository::new(&mut address)?;
                let commit = locked.and_then(|l| l.strip_prefix("commit:"));
                return repository.fetch(into, commit).map(|c| Some(format!("commit:{c}")));
            }
            "file" => return file(&mut address, into, locked),
            "http" | "https" => match http(client, &mut address, into, locked)? {
                Remote::Here(resolved) => return Ok(resolved),
                Remote::Elsewhere(next) => package = next,
            },
            other => return Err(FetchError::Address(format!("download not supported for scheme {other:?}"))),
        }
    }
    Err(FetchError::Address("one address led to another too often".to_owned()))
}

/// A directory or an archive of this machine.
fn file(address: &mut Address, into: &Path, locked: Option<&str>) -> Result<Resolved, FetchError> {
    let said = address.take("archive");
    let kind = archive::Kind::of(&address.url, said.as_deref())?;
    let wanted = address.take("checksum");
    let path = address.path().to_owned();
    match kind {
        Some(kind) => {
            let bytes_hash = checksum::sha256(&path)?;
            checksum::check(&path, wanted.as_deref())?;
            same(locked, &bytes_hash)?;
            archive::unpack(kind, &path, into)?;
            Ok(Some(bytes_hash))
        }
        None if path.is_dir() => {
            link(&fs::canonicalize(&path)?, into)?;
            Ok(None)
        }
        None => Err(FetchError::Address(format!("source path error: {} is no directory", path.display()))),
    }
}

#[cfg(unix)]
fn link(path: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(path, at)
}

#[cfg(not(unix))]
fn link(path: &Path, at: &Path) -> io::Result<()> {
    super::tree::copy(path, at)
}

fn http(client: &Client, address: &mut Address, into: &Path, locked: Option<&str>) -> Result<Remote, FetchError> {
    let said = address.take("archive");
    let kind = archive::Kind::of(&address.url, said.as_deref())?;
    let wanted = address.take("checksum");
    let Some(kind) = kind else { return client.referral(&address.url()).map(Remote::Elsewhere) };
    let beside = into.with_extension("archive");
    let fetched = client.download(&address.url(), &beside).and_then(|()| {
        let hash = checksum::sha256(&beside)?;
        checksum::check(&beside, wanted.as_deref())?;
        same(locked, &hash)?;
        archive::unpack(kind, &beside, into)?;
        Ok(Remote::Here(Some(hash)))
    });
    drop(fs::remove_file(&beside));
    fetched
}

fn same(locked: Option<&str>, found: &str) -> Result<(), FetchError> {
    match locked.filter(|l| *l != found) {
        None => Ok(()),
        Some(locked) => Err(FetchError::Changed(format!(
            "the package is {found}, and {locked} is locked. If the change is intended, run \"levee init -upgrade\""
        ))),
    }
}

/// Copies the module at a source address into a directory.
///
/// # Errors
/// When it cannot be had, or is one of a registry.
pub fn copy_module(source: &str, into: &Path) -> Result<(), FetchError> {
    let remote = match ModuleSource::parse(source) {
        Ok(ModuleSource::Local(path)) => return Ok(tree::copy(Path::new(&path), into)?),
        Ok(ModuleSource::Remote(remote)) => remote,
        Ok(ModuleSource::Registry(_)) => {
            return Err(FetchError::Address("a module of a registry cannot be copied; name the package that it lies in".to_owned()));
        }
        Err(_) => return Err(FetchError::Address("it is no module source address".to_owned())),
    };
    let beside = into.join(format!(".levee-from-module-{}", std::process::id()));
    let client = Client::new(BTreeMap::new());
    let copied = fetch(&client, &remote.package, &beside, None).and_then(|_| {
        let dir = fs::canonicalize(tree::subdir(&beside, &remote.subdir).map_err(FetchError::Address)?)?;
        Ok(tree::copy(&dir, into)?)
    });
    tree::remove(&beside)?;
    copied
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let mut ahead = bytes.clone();
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                bytes = ahead;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encoded(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/:@,".contains(&b);
    text.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A text whose URLs hold no user names, passwords and tokens: they are nobody's business.
pub(super) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let host = after.find(|c: char| c == '/' || c == '?' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(after.len());
        match after[..host].rfind('@') {
            // A name alone is none: git@ stands before every host.
            Some(user) if after[..user].contains(':') || before.contains("http") => rest = &after[user + 1..],
            _ => rest = after,
        }
    }
    without_keys(&(out + rest))
}

/// Values of `sshkey` parameters are keys.
fn without_keys(text: &str) -> String {
    let mut parts = text.split("sshkey=");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c == '&' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(part.len());
        out.push_str("sshkey=REDACTED");
        out.push_str(&part[end..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_left() {
        for (text, expected) in [
            ("git::https://me:token@example.com/x.git?ref=v1", "git::https://example.com/x.git?ref=v1"),
            (
                "fatal: 'https://token@example.com/x.git/' and ssh://git@example.com/y",
                "fatal: 'https://example.com/x.git/' and ssh://git@example.com/y",
            ),
            ("git::ssh://git@example.com/x?ref=v1&sshkey=abc&depth=1", "git::ssh://git@example.com/x?ref=v1&sshkey=REDACTED&depth=1"),
            ("no address", "no address"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn an_address_is_taken_apart() {
        let mut address = Address::parse("git::https://example.com/x.git?ref=a%2Fb&x=1").expect("an address");
        assert_eq!(address.take("ref").as_deref(), Some("a/b"));
        assert_eq!(address.method, "git");
        assert_eq!(address.url(), "https://example.com/x.git?x=1");
        for wrong in ["--upload-pack=x", "x", "git::-x://y"] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
        assert!(is_refused("s3::https://s3.amazonaws.com/a") && !is_refused("https://a/b"));
    }
}
