//! Git repositories, through the `git` program. Nothing goes through a shell, and no credentials into its arguments.

use super::fetch::{Address, FetchError, redacted};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Transports that a module may come by. Git knows others, which run programs.
const SCHEMES: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// A repository, and what of it is wanted.
pub(super) struct Repository {
    url: String,
    /// A branch, a tag or a commit; none for the default branch.
    reference: Option<String>,
    /// How much history is fetched; none for all.
    depth: Option<u32>,
}

/// What a name turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It moves, and that is fine.
    Branch,
    /// It should not move.
    Fixed,
}

impl Repository {
    pub(super) fn new(address: &mut Address) -> Result<Self, FetchError> {
        let refused = |why: &str| Err(FetchError::Address(why.to_owned()));
        if address.take("sshkey").is_some() {
            return refused("a key in a module's address would stand in files and logs: let an SSH agent hold it");
        }
        let reference = address.take("ref");
        if reference.as_ref().is_some_and(|r| r.starts_with('-') || r.contains([' ', ':', '\n', '*', '^', '~', '?', '[', '\\'])) {
            return refused("the ref is no name of a branch, a tag or a commit");
        }
        let depth = match address.take("depth") {
            None => None,
            Some(text) => match text.parse() {
                Ok(depth) => Some(depth).filter(|d| *d > 0),
                Err(_) => return refused("depth must be a number"),
            },
        };
        let url = address.url();
        let scheme = url.split_once("://").map_or("", |(s, _)| s);
        if !SCHEMES.contains(&scheme) || url[scheme.len() + 3..].starts_with('-') {
            return refused("git repositories are fetched over https, http, ssh, git and file only");
        }
        Ok(Self { url, reference, depth })
    }

    /// Puts the files of the wanted commit into a directory, and says which commit that was.
    pub(super) fn fetch(&self, into: &Path, locked: Option<&str>) -> Result<String, FetchError> {
        std::fs::create_dir_all(into)?;
        self.git(into, &["init", "--quiet"])?;
        let (found, kind) = self.find(into)?;
        let commit = match locked.filter(|l| *l != found) {
            None => found,
            Some(locked) if kind == Kind::Branch => {
                self.have(into, locked)?;
                locked.to_owned()
            }
            Some(locked) => {
                let name = self.reference.as_deref().unwrap_or_default();
                return Err(FetchError::Changed(format!(
                    "{name:?} names the commit {found} by now, and {locked} is locked. If the change is intended, run \"levee init -upgrade\""
                )));
            }
        };
        self.git(into, &["-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", "--detach", &commit])?;
        if into.join(".gitmodules").is_file() {
            self.git(into, &["submodule", "update", "--init", "--recursive", "--quiet"])?;
        }
        std::fs::remove_dir_all(into.join(".git"))?;
        Ok(commit)
    }

    /// Fetches, and finds the commit that is wanted.
    fn find(&self, dir: &Path) -> Result<(String, Kind), FetchError> {
        let Some(name) = &self.reference else {
            self.get(dir, &["+HEAD:refs/levee/found"])?;
            return Ok((self.commit(dir, "refs/levee/found")?, Kind::Branch));
        };
        let branch = format!("+refs/heads/{name}:refs/levee/found");
        let tag = format!("+refs/tags/{name}:refs/levee/found");
        let is_commit = name.len() >= 7 && name.chars().all(|c| c.is_ascii_hexdigit());
        let first = match self.get(dir, &[&branch]) {
            Ok(()) => return Ok((self.commit(dir, "refs/levee/found")?, Kind::Branch)),
            Err(error) => error,
        };
        if self.get(dir, &[&tag]).is_ok() {
            return Ok((self.commit(dir, "refs/levee/found")?, Kind::Fixed));
        }
        if !is_commit {
            return Err(first);
        }
        self.have(dir, name)?;
        Ok((self.commit(dir, name)?, Kind::Fixed))
    }

    /// Makes sure that a commit is there. Not every server gives one out by its name: then all branches and tags may hold it.
    fn have(&self, dir: &Path, commit: &str) -> Result<(), FetchError> {
        if commit.len() == 40 && self.get(dir, &[commit]).is_ok() {
            return Ok(());
        }
        let all = ["fetch", "--quiet", "--force", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"];
        self.git(dir, &all)?;
        self.commit(dir, commit).map(drop)
    }

    fn get(&self, dir: &Path, refspecs: &[&str]) -> Result<(), FetchError> {
        let depth = self.depth.map(|d| format!("--depth={d}"));
        let mut args = vec!["fetch", "--quiet", "--force", "--no-tags"];
        args.extend(depth.as_deref());
        args.push("origin");
        args.extend(refspecs);
        self.git(dir, &args).map(drop)
    }

    fn commit(&self, dir: &Path, name: &str) -> Result<String, FetchError> {
        let out = self.git(dir, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])?;
        Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    }

    fn git(&self, dir: &Path, args: &[&str]) -> Result<Output, FetchError> {
        let mut command = Command::new("git");
        command.arg("-C").arg(dir).args(args).stdin(Stdio::null());
        // The address goes by the environment: arguments can be read by everybody on this machine.
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "remote.origin.url").env("GIT_CONFIG_VALUE_0", &self.url);
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
            command.env_remove(inherited);
        }
        let out = command.output().map_err(FetchError::NoGit)?;
        if out.status.success() {
            return Ok(out);
        }
        let said = redacted(String::from_utf8_lossy(&out.stderr).trim());
        let verb = args.iter().find(|a| !a.starts_with('-') && !a.contains('=')).copied().unwrap_or_default();
        Err(FetchError::Git(if said.is_empty() { format!("{verb} ended with {}", out.status) } else { said }))
    }
}
