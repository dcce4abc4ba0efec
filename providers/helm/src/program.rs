//! The helm program: which one, of what version, and what its versions call the same thing.

use crate::environment;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// Helm 3 before this knows no labels of releases, by which a release of ours is found again.
const OLDEST: (u64, u64) = (3, 13);

/// `wait`: until objects are ready. Without it, all versions wait for hooks alone.
pub(crate) const WAIT: &str = "--wait";

/// A program that is there and good enough.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// Major and minor.
    pub(crate) version: (u64, u64),
}

impl Program {
    /// What `LEVEE_HELM` names, else the first on the search path.
    pub(crate) async fn find() -> Result<Self> {
        let Some(path) = environment::program().or_else(environment::on_the_path) else {
            return Err(hint(wrong("there is no program helm on the PATH".into())));
        };
        let mut command = Command::new(&path);
        command.args(["version", "--template", "{{.Version}}"]).stdin(Stdio::null()).kill_on_drop(true);
        for name in environment::surprises() {
            command.env_remove(name);
        }
        let output = command.output().await.map_err(|e| hint(wrong(format!("{} cannot be run: {e}", path.display()))))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let Some(version) = version(&said).filter(|_| output.status.success()) else {
            return Err(hint(wrong(format!("{} does not say its version", path.display()))));
        };
        if version < OLDEST {
            let (major, minor) = OLDEST;
            return Err(hint(wrong(format!("{} is Helm {said}; at least {major}.{minor} is needed", path.display()))));
        }
        tracing::debug!(program = %path.display(), version = said, "helm");
        Ok(Self { path, version })
    }

    fn is_4(&self) -> bool {
        self.version.0 >= 4
    }

    /// `atomic`
    pub(crate) fn atomic(&self) -> &'static str {
        if self.is_4() { "--rollback-on-failure" } else { "--atomic" }
    }

    /// `force_update`: objects are replaced instead of changed. Helm 4 does so only where it does not apply on the server's side.
    pub(crate) fn force(&self) -> &'static [&'static str] {
        if self.is_4() { &["--force-replace", "--server-side=false"] } else { &["--force"] }
    }

    /// What others wrote into fields of the chart is overwritten, as the three-way merge of Helm 3 does.
    pub(crate) fn take_fields(&self, is_server_side: bool) -> Option<&'static str> {
        (self.is_4() && is_server_side).then_some("--force-conflicts")
    }

    /// `recreate_pods`
    pub(crate) fn recreate_pods(&self) -> Result<&'static str> {
        if self.is_4() {
            return Err(missing("recreate_pods", "Helm 4 has no way to do so: annotate the pods with a checksum of what they depend on"));
        }
        Ok("--recreate-pods")
    }

    /// `postrender`: a program that changes what was rendered.
    pub(crate) fn post_renderer(&self) -> Result<()> {
        if self.is_4() {
            return Err(missing("postrender", "Helm 4 runs plugins instead of programs: use Helm 3 (LEVEE_HELM names it), or kustomize"));
        }
        Ok(())
    }

    /// `validate`: what is rendered is held against what the cluster knows.
    pub(crate) fn validate(&self) -> &'static str {
        if self.is_4() { "--dry-run=server" } else { "--validate" }
    }

    /// `take_ownership`, which came late to Helm 3.
    pub(crate) fn take_ownership(&self) -> Result<&'static str> {
        if self.version < (3, 17) {
            return Err(missing("take_ownership", "Helm 3.17 and newer have it"));
        }
        Ok("--take-ownership")
    }
}

/// Major and minor of `v4.3.1`.
fn version(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn wrong(message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Configuration, message)
}

fn hint(error: ProviderError) -> ProviderError {
    error.hint("install Helm (https://helm.sh/docs/intro/install), or name it with LEVEE_HELM; Helm 3.13 and newer, and Helm 4, are known")
}

fn missing(argument: &str, hint: &str) -> ProviderError {
    ProviderError::invalid(format!("the Helm at hand cannot carry out {argument}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_their_flags() {
        assert_eq!(version("v3.17.3+g123"), Some((3, 17)));
        assert_eq!(version("helm"), None);
        let of = |version| Program { path: PathBuf::new(), version };
        let (three, four) = (of((3, 13)), of((4, 0)));
        assert_eq!((three.atomic(), four.atomic()), ("--atomic", "--rollback-on-failure"));
        assert_eq!((three.take_fields(true), four.take_fields(true), four.take_fields(false)), (None, Some("--force-conflicts"), None));
        assert!(three.recreate_pods().is_ok() && four.recreate_pods().is_err());
        assert!(three.take_ownership().is_err() && four.take_ownership().is_ok());
    }
}
