//! Module source addresses: where a module is to be had, as the text of a `source` argument says it.

use std::fmt;

/// The registry that an address without a host speaks of.
pub const DEFAULT_HOST: &str = "registry.terraform.io";

/// Where a module is to be had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleSource {
    /// A directory beside the caller: `./child`, `../shared`. It belongs to the caller's package.
    Local(String),
    /// An address that a registry turns into a package.
    Registry(RegistryModule),
    /// A package that is fetched from where it lies.
    Remote(RemotePackage),
}

/// `HOST/NAMESPACE/NAME/SYSTEM//SUBDIR`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryModule {
    /// The registry; [`DEFAULT_HOST`] when the address names none.
    pub host: String,
    /// Whose module it is.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is for: mostly a provider's name.
    pub system: String,
    /// The directory in the package; empty for its top.
    pub subdir: String,
}

/// A package's address, and the directory in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemotePackage {
    /// The address with its method where one is forced: `git::https://example.com/x.git?ref=v1`.
    pub package: String,
    /// The directory in the package; empty for its top.
    pub subdir: String,
}

/// Why a text is no module source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// It may have been meant as a directory and lacks `./`.
    MaybeRelative(String),
    /// What is wrong with it.
    Invalid(String),
}

impl ModuleSource {
    /// Reads any source address.
    ///
    /// # Errors
    /// When no method is known that could fetch it.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        if is_local(text) {
            return Ok(Self::Local(local(text)));
        }
        if let Ok(module) = RegistryModule::parse(text) {
            return Ok(Self::Registry(module));
        }
        RemotePackage::parse(text).map(Self::Remote)
    }

    /// Reads an address that a `version` argument says is one of a registry.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse_registry(text: &str) -> Result<Self, SourceError> {
        if is_local(text) {
            return Err(SourceError::Invalid(format!("can't use local directory {text:?} as a module registry address")));
        }
        RegistryModule::parse(text).map(Self::Registry).map_err(SourceError::Invalid)
    }
}

impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => f.write_str(path),
            Self::Registry(module) => write!(f, "{module}"),
            Self::Remote(package) => write!(f, "{package}"),
        }
    }
}

fn is_local(text: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|p| text.starts_with(p))
}

fn local(text: &str) -> String {
    let path = clean(&text.replace('\\', "/"));
    if path.starts_with("../") { path } else { format!("./{path}") }
}

/// A path without what cancels out, as text; `.` when nothing is left.
fn clean(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if out.last().is_some_and(|l| *l != "..") => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.is_empty() { ".".to_owned() } else { out.join("/") }
}

/// Cuts `//SUBDIR` out of an address; a query stays with the package.
pub fn split_subdir(text: &str) -> (String, String) {
    let (address, query) = text.split_once('?').map_or((text, None), |(a, q)| (a, Some(q)));
    let from = address.find("://").map_or(0, |at| at + 3);
    let Some(at) = address[from..].find("//").map(|at| at + from) else { return (text.to_owned(), String::new()) };
    let subdir = clean(address[at + 2..].trim_start_matches('/'));
    let package = query.map_or_else(|| address[..at].to_owned(), |q| format!("{}?{q}", &address[..at]));
    (package, if subdir == "." { String::new() } else { subdir })
}

fn check_subdir(subdir: &str) -> Result<(), String> {
    if subdir == ".." || subdir.starts_with("../") {
        return Err(format!("subdirectory path {subdir:?} leads outside of the module package"));
    }
    Ok(())
}

const NAME_RULE: &str = "must be between one and 64 characters, including ASCII letters, digits, dashes, and underscores, where dashes and underscores may not be the prefix or suffix";

impl RegistryModule {
    fn parse(text: &str) -> Result<Self, String> {
        let (address, subdir) = split_subdir(text);
        check_subdir(&subdir)?;
        let parts: Vec<&str> = address.split('/').collect();
        let (host, parts) = match *parts.as_slice() {
            [a, b, c] => (DEFAULT_HOST.to_owned(), [a, b, c]),
            [host, a, b, c] => (registry_host(host)?, [a, b, c]),
            _ => return Err("a module registry source address must have either three or four slash-separated components".to_owned()),
        };
        if ["github.com", "bitbucket.org", "gitlab.com"].contains(&&*host) {
            return Err(format!(
                "can't use {host:?} as a module registry host, because it's reserved for installing directly from version control repositories"
            ));
        }
        let [namespace, name, system] = parts;
        if !is_name(namespace) {
            if namespace.contains('.') {
                let detail =
                    "source address must have three more components after the hostname: the namespace, the name, and the target system";
                return Err(detail.to_owned());
            }
            return Err(format!("invalid namespace {namespace:?}: {NAME_RULE}"));
        }
        if !is_name(name) {
            return Err(format!("invalid module name {name:?}: {NAME_RULE}"));
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if system.is_empty() || system.len() > 64 || !system.chars().all(fits) {
            if system.contains('?') {
                return Err("module registry addresses may not include a query string portion".to_owned());
            }
            return Err(format!("invalid target system {system:?}: must be between one and 64 ASCII letters or digits"));
        }
        Ok(Self { host, namespace: namespace.to_owned(), name: name.to_owned(), system: system.to_owned(), subdir })
    }

    /// The address without its directory.
    pub fn package(&self) -> String {
        format!("{}/{}/{}/{}", self.host, self.namespace, self.name, self.system)
    }

    /// The address as people write it: the default host is left out.
    pub fn for_display(&self) -> String {
        let text = self.to_string();
        text.strip_prefix(DEFAULT_HOST).and_then(|t| t.strip_prefix('/')).map_or(text.clone(), str::to_owned)
    }
}

impl fmt::Display for RegistryModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.package())?;
        if self.subdir.is_empty() { Ok(()) } else { write!(f, "//{}", self.subdir) }
    }
}

fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 64 && edge(text.chars().next()) && edge(text.chars().next_back()) && text.chars().all(inner)
}

/// A registry's host, in the form in which hosts are compared.
pub(super) fn registry_host(text: &str) -> Result<String, String> {
    if text.contains("--") {
        return Err(format!(
            "invalid module registry hostname {text:?}; internationalized domain names must be given as direct unicode characters, not in punycode"
        ));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p)));
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() && !c.is_control() || c == '-')
    };
    let port_is_one = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|n| n > 0));
    if !port_is_one || !host.split('.').all(label) {
        return Err(format!("invalid module registry hostname {text:?}"));
    }
    if !text.contains('.') {
        return Err("invalid module registry hostname: must contain at least one dot".to_owned());
    }
    let port = port.filter(|p| *p != "443").map_or_else(String::new, |p| format!(":{p}"));
    Ok(host.to_lowercase() + &port)
}

impl RemotePackage {
    /// Reads the address of a package that no registry stands before.
    ///
    /// # Errors
    /// When no method is known that could fetch it.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let (address, subdir) = split_subdir(text);
        check_subdir(&subdir).map_err(SourceError::Invalid)?;
        let (package, inner) = split_subdir(&expanded(&address)?);
        let subdir = match (inner.is_empty(), subdir.is_empty()) {
            (true, _) => subdir,
            (false, true) => inner,
            (false, false) => clean(&format!("{inner}/{subdir}")),
        };
        check_subdir(&subdir).map_err(SourceError::Invalid)?;
        Ok(Self { package, subdir })
    }

    /// The method that the address forces, and the rest: `git::ssh://x` is `git` and `ssh://x`.
    pub fn forced(&self) -> (Option<&str>, &str) {
        forced(&self.package)
    }
}

impl fmt::Display for RemotePackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.subdir.is_empty() {
            return f.write_str(&self.package);
        }
        match self.package.split_once('?') {
            Some((address, query)) => write!(f, "{address}//{}?{query}", self.subdir),
            None => write!(f, "{}//{}", self.package, self.subdir),
        }
    }
}

fn forced(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((method, rest)) if !method.is_empty() && !rest.is_empty() && method.chars().all(|c| c.is_ascii_alphanumeric()) => {
            (Some(method), rest)
        }
        _ => (None, text),
    }
}

/// An address with its shorthand written out.
fn expanded(text: &str) -> Result<String, SourceError> {
    let (method, rest) = forced(text);
    if has_scheme(rest) {
        return Ok(text.to_owned());
    }
    let with = |found: &str, address: String| format!("{}::{address}", method.unwrap_or(found));
    if let Some(path) = rest.strip_prefix("github.com/") {
        return Ok(with("git", github(path)?));
    }
    if let Some(address) = ssh(rest) {
        return Ok(with("git", address));
    }
    if let Some(path) = rest.strip_prefix("bitbucket.org/") {
        return Ok(with("git", dot_git("bitbucket.org", path)));
    }
    if rest.contains("googleapis.com/") {
        return Ok(with("gcs", format!("https://{rest}")));
    }
    if rest.contains(".amazonaws.com/") {
        return Ok(with("s3", format!("https://{rest}")));
    }
    if let Some(path) = rest.strip_prefix('/') {
        let file = format!("file:///{path}");
        return Ok(method.map_or(file.clone(), |m| format!("{m}::{file}")));
    }
    if rest.is_empty() {
        return Err(SourceError::Invalid(format!("invalid source address: {text}")));
    }
    Err(SourceError::MaybeRelative(rest.to_owned()))
}

/// Whether a text is a URL with a scheme: `git@host:path` is none.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let mut chars = scheme.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn github(path: &str) -> Result<String, SourceError> {
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let mut parts = path.splitn(3, '/');
    let (Some(owner), Some(name)) = (parts.next(), parts.next()) else {
        return Err(SourceError::Invalid("GitHub URLs should be github.com/username/repo".to_owned()));
    };
    let subdir = parts.next().map_or_else(String::new, |s| format!("//{s}"));
    let query = query.map_or_else(String::new, |q| format!("?{q}"));
    let suffix = if name.ends_with(".git") { "" } else { ".git" };
    Ok(format!("https://github.com/{owner}/{name}{suffix}{subdir}{query}"))
}

fn dot_git(host: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, String::new()), |(p, q)| (p, format!("?{q}")));
    let suffix = if path.ends_with(".git") { "" } else { ".git" };
    format!("https://{host}/{path}{suffix}{query}")
}

/// `git@host:path` as a URL. Any other user's is none of git's.
fn ssh(text: &str) -> Option<String> {
    let (host, path) = text.strip_prefix("git@")?.split_once(':')?;
    let path = path.strip_prefix('/').unwrap_or(path);
    (!host.is_empty() && !path.is_empty()).then(|| format!("ssh://git@{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match ModuleSource::parse(text) {
            Ok(ModuleSource::Local(path)) => format!("local {path}"),
            Ok(ModuleSource::Registry(m)) => format!("registry {m}"),
            Ok(ModuleSource::Remote(r)) => format!("{} [{}]", r.package, r.subdir),
            Err(SourceError::MaybeRelative(text)) => format!("relative? {text}"),
            Err(SourceError::Invalid(why)) => format!("invalid: {why}"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_kind_of_address() {
        for (text, expected) in [
            ("./child", "local ./child"),
            ("./nope/../../sibling", "local ../sibling"),
            (".\\a\\b", "local ./a/b"),
            ("a/b/aws", "registry registry.terraform.io/a/b/aws"),
            ("a/b/aws//modules/x", "registry registry.terraform.io/a/b/aws//modules/x"),
            ("Example.com/a/b/aws", "registry example.com/a/b/aws"),
            ("github.com/a/b", "git::https://github.com/a/b.git []"),
            ("github.com/a/b/c/d?ref=v1", "git::https://github.com/a/b.git?ref=v1 [c/d]"),
            ("github.com/a/b.git//c?ref=v1", "git::https://github.com/a/b.git?ref=v1 [c]"),
            ("bitbucket.org/a/b", "git::https://bitbucket.org/a/b.git []"),
            ("git@github.com:a/b.git//c?ref=v1", "git::ssh://git@github.com/a/b.git?ref=v1 [c]"),
            ("git::https://example.com/a.git//x/../y", "git::https://example.com/a.git [y]"),
            ("git::git@example.com:a/b", "git::ssh://git@example.com/a/b []"),
            ("https://example.com/a.zip//x?archive=zip", "https://example.com/a.zip?archive=zip [x]"),
            ("/abs/path", "file:///abs/path []"),
            ("child", "relative? child"),
            ("github.com/a", "invalid: GitHub URLs should be github.com/username/repo"),
            ("", "invalid: invalid source address: "),
            ("a/b/aws//../x", "invalid: subdirectory path \"../x\" leads outside of the module package"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_directory_goes_before_the_query() {
        let source = ModuleSource::parse("github.com/a/b//c?ref=v1").expect("an address");
        assert_eq!(source.to_string(), "git::https://github.com/a/b.git//c?ref=v1");
    }
}
