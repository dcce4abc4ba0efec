//! One build of all programs, in a folder beside the final one, which it becomes by a rename.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::go;
use crate::error::SandboxError;
use crate::install::{self, run, tail_of, write};
use crate::places::Places;

pub(super) const GO_MOD: &str = include_str!("../../kubernetes/go.mod");
pub(super) const GO_SUM: &str = include_str!("../../kubernetes/go.sum");

/// Where the programs' own versions stand in their code: (module, its variable). Go's linker sets them.
const VERSIONS: &[(&str, &str)] = &[
    ("k8s.io/kubernetes", "k8s.io/component-base/version.gitVersion"),
    ("helm.sh/helm/v4", "helm.sh/helm/v4/internal/version.version"),
    ("sigs.k8s.io/kwok", "sigs.k8s.io/kwok/pkg/consts.Version"),
];

/// Where a build into `target` works.
fn workshop(target: &Path) -> PathBuf {
    target.with_extension("part")
}

/// Whether a build was killed while it threw its caches away, or is just about it.
pub(super) fn has_left_something(target: &Path) -> bool {
    workshop(target).is_dir()
}

/// Builds into `target`, unless somebody else has done so while we waited for the lock.
pub(super) fn build(places: &Places, target: &Path) -> Result<(), SandboxError> {
    let cache = places.cache();
    fs::create_dir_all(cache).map_err(SandboxError::io(format!("creating {}", cache.display())))?;
    let _lock = install::lock(&cache.join("kubernetes.lock"))?;
    if target.is_dir() {
        return install::remove(&workshop(target));
    }
    build_with(&go::find(places)?, target)
}

/// Builds with this Go. `target` appears whole or not at all, and nothing else stays.
fn build_with(go: &Path, target: &Path) -> Result<(), SandboxError> {
    let workshop = workshop(target);
    install::remove(&workshop)?; // a build that was killed
    let built = build_in(go, &workshop).and_then(|()| {
        let programs = workshop.join("bin");
        fs::rename(&programs, target).map_err(SandboxError::io(format!("renaming {}", programs.display())))
    });
    install::remove(&workshop)?;
    built
}

/// The programs come into `bin` below `workshop`. Go's caches lie there as well, because 4 GB for programs that are built
/// once are not worth keeping; whoever wants to keep them says where by `GOMODCACHE` and `GOCACHE`.
fn build_in(go: &Path, workshop: &Path) -> Result<(), SandboxError> {
    let programs = workshop.join("bin");
    fs::create_dir_all(&programs).map_err(SandboxError::io(format!("creating {}", programs.display())))?;
    write(&workshop.join("go.mod"), GO_MOD)?;
    write(&workshop.join("go.sum"), GO_SUM)?;
    let mut command = Command::new(go);
    command.args(["build", "-trimpath", "-ldflags", &linker_flags(), "-o"]).arg(&programs).arg("tool").current_dir(workshop);
    // A module cache is read-only otherwise, and could not be removed.
    command.env("GOFLAGS", "-mod=readonly -modcacherw").env("GOTOOLCHAIN", "local").env("GOWORK", "off").env("CGO_ENABLED", "0");
    for foreign in ["GOOS", "GOARCH", "GO111MODULE"] {
        command.env_remove(foreign);
    }
    for (variable, folder) in install::unset(&[("GOMODCACHE", "modules"), ("GOCACHE", "objects")]) {
        command.env(variable, workshop.join(folder));
    }
    let output = run(&mut command, "running go build")?;
    if !output.status.success() {
        return Err(SandboxError::Build { output: tail_of(&output) });
    }
    let (made, named) = (programs.join("server"), programs.join("etcd"));
    fs::rename(&made, &named).map_err(SandboxError::io(format!("renaming {}", made.display())))
}

fn linker_flags() -> String {
    let versions = VERSIONS.iter().map(|(module, variable)| format!(" -X {variable}={}", version_of(module).unwrap_or_default()));
    format!("-s -w{}", versions.collect::<String>())
}

/// The version that go.mod requires of a module.
fn version_of(module: &str) -> Option<&'static str> {
    GO_MOD.lines().find_map(|line| line.trim().strip_prefix(module)?.strip_prefix(' ')?.split(' ').next().filter(|v| v.starts_with('v')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in the place of Go, and the folder that it lies in.
    fn go_that(does: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let go = folder.path().join("go");
        fs::write(&go, format!("#!/bin/sh\n{does}\n")).expect("a file");
        fs::set_permissions(&go, fs::Permissions::from_mode(0o755)).expect("permissions");
        (folder, go)
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().map(|e| e.file_name().display().to_string()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_built_appears_whole_and_alone_or_not_at_all() {
        // Arguments: build -trimpath -ldflags FLAGS -o FOLDER tool.
        let (folder, go) = go_that(r#"test -s go.mod && test -s go.sum && touch "$6/server" "$6/kwok" junk"#);
        let target = folder.path().join("programs");
        fs::create_dir(workshop(&target)).expect("a folder that a killed build left");
        build_with(&go, &target).expect("a build");
        assert_eq!(names_in(&target), ["etcd", "kwok"]);
        assert_eq!(names_in(folder.path()), ["go", "programs"]);
        fails_and_leaves_nothing();
    }

    /// Not a test by itself: a script that is written while another test starts a process may be busy when it is run.
    fn fails_and_leaves_nothing() {
        let (folder, go) = go_that(r#"touch "$6/server"; echo 'write x: no space left on device' >&2; exit 1"#);
        let error = build_with(&go, &folder.path().join("programs")).expect_err("an error");
        assert!(error.to_string().ends_with("write x: no space left on device"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("LEVEE_CACHE_DIR")), "{error}");
        assert_eq!(names_in(folder.path()), ["go"]);
    }

    #[test]
    fn every_version_is_known() {
        for (module, _) in VERSIONS {
            assert!(version_of(module).is_some(), "{module}");
        }
        assert!(linker_flags().contains("version.gitVersion=v1."), "{}", linker_flags());
    }
}
