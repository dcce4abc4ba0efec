//! The verbs of a sandbox: start, stop, status, reset; and the environment that points AWS clients at it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use crate::error::SandboxError;
use crate::places::Places;
use crate::process::{self, Ready};
use crate::programs::Binaries;
use crate::{http, install};

/// The name of the sandbox that is meant when none is given.
pub const DEFAULT_NAME: &str = "default";
/// The file that holds the folder of the programs of a running sandbox's Kubernetes.
const KUBERNETES: &str = "kubernetes";
const CONTROL_PLANE_PATIENCE: Duration = Duration::from_mins(3);
const RESET_PATIENCE: Duration = Duration::from_mins(1);

/// How a sandbox is to be started.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// The port on 127.0.0.1; 0 lets the operating system choose.
    pub port: u16,
    /// The region that `env` names and whose services are loaded at start.
    pub region: String,
    /// Whether EKS clusters have a Kubernetes behind them; its programs are built if they are not there yet.
    pub kubernetes: bool,
    /// Further arguments of the layer, such as `--eks-cluster-seconds 5`.
    pub layer_arguments: Vec<String>,
    /// How long to wait for the first answer, installation of packages not counted.
    pub patience: Duration,
}

impl Default for StartOptions {
    fn default() -> Self {
        Self { port: 0, region: "us-west-2".to_owned(), kubernetes: false, layer_arguments: Vec::new(), patience: Duration::from_mins(1) }
    }
}

/// A sandbox by its name, running or not. Several can run side by side.
#[derive(Debug, Clone)]
pub struct Sandbox {
    name: String,
    places: Places,
}

/// A sandbox that runs.
#[derive(Debug, Clone)]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Its process.
    pub pid: i32,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The region that it was started for.
    pub region: String,
    /// Its log.
    pub log: PathBuf,
    /// The programs of its Kubernetes, if it was started with one.
    pub kubernetes: Option<Binaries>,
    /// Whether this call of `start` started it; false if it was running already.
    pub fresh: bool,
}

/// How to get into a control plane, with all rights.
#[derive(Clone, Deserialize)]
pub struct ControlPlane {
    /// `https://127.0.0.1:PORT`.
    pub endpoint: String,
    /// A bearer token.
    pub token: String,
    /// PEM.
    pub certificate_authority: String,
    /// A file with all this; it goes with the control plane.
    pub kubeconfig: PathBuf,
}

impl Sandbox {
    /// The sandbox of this name; letters, digits, `-` and `_`.
    pub fn named(name: &str, places: Places) -> Result<Self, SandboxError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(SandboxError::BadName { name: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), places })
    }

    /// Starts it, installing what is missing, and returns once it answers. One that runs already is returned as it is.
    pub fn start(&self, options: &StartOptions) -> Result<Running, SandboxError> {
        let _lock = self.lock()?;
        if let Some(running) = self.status()? {
            return Ok(running);
        }
        let installed = install::install(&self.places)?;
        let kubernetes = options.kubernetes.then(|| Binaries::installed(&self.places)).transpose()?;
        let folder = self.folder();
        install::remove(&folder)?;
        fs::create_dir_all(&folder).map_err(SandboxError::io(format!("creating {}", folder.display())))?;
        let region_file = folder.join("region");
        fs::write(&region_file, &options.region).map_err(SandboxError::io(format!("writing {}", region_file.display())))?;
        if let Some(binaries) = &kubernetes {
            let text = binaries.folder().display().to_string();
            fs::write(folder.join(KUBERNETES), text).map_err(SandboxError::io(format!("writing into {}", folder.display())))?;
        }
        let nonce = Uuid::new_v4().simple().to_string();
        match process::start(&installed, kubernetes.as_ref(), &folder, &nonce, options) {
            Ok(ready) => Ok(Running { fresh: true, ..self.running(&ready) }),
            Err(error) => {
                install::remove(&folder)?;
                Err(error)
            }
        }
    }

    /// Whether `start` with these options would have to build programs first, which takes minutes.
    pub fn must_build(&self, options: &StartOptions) -> Result<bool, SandboxError> {
        Ok(options.kubernetes && !Binaries::are_installed(&self.places) && self.status()?.is_none())
    }

    /// Ends it and removes its runtime directory. False if it was not running.
    pub fn stop(&self) -> Result<bool, SandboxError> {
        let _lock = self.lock()?;
        let ready = process::read_ready(&self.folder().join("ready.json")).filter(process::is_ours);
        if let Some(ready) = &ready {
            process::end(ready)?;
        }
        install::remove(&self.folder())?;
        Ok(ready.is_some())
    }

    /// What runs under this name, or `None`. A ready file that a crash left behind counts as nothing.
    pub fn status(&self) -> Result<Option<Running>, SandboxError> {
        let ready = process::read_ready(&self.folder().join("ready.json"));
        Ok(ready.filter(process::is_ours).map(|ready| self.running(&ready)))
    }

    /// Wipes its world: every account, every region, every fault rule and the call log.
    pub fn reset(&self) -> Result<(), SandboxError> {
        let running = self.status()?.ok_or_else(|| SandboxError::NotRunning { name: self.name.clone() })?;
        http::ask(running.port, "POST", "/_levee/reset", RESET_PATIENCE).map(drop)
    }

    /// The names of all sandboxes that run, sorted.
    pub fn list(places: &Places) -> Result<Vec<Running>, SandboxError> {
        let Ok(entries) = fs::read_dir(places.runtime()) else {
            return Ok(Vec::new());
        };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        let mut found = Vec::new();
        for name in names {
            if let Ok(sandbox) = Self::named(&name, places.clone()) {
                found.extend(sandbox.status()?);
            }
        }
        Ok(found)
    }

    fn folder(&self) -> PathBuf {
        self.places.of(&self.name)
    }

    /// Start and stop of one name exclude each other. The lock lies in the cache, so that stop leaves nothing behind.
    fn lock(&self) -> Result<fs::File, SandboxError> {
        let cache = self.places.cache();
        fs::create_dir_all(cache).map_err(SandboxError::io(format!("creating {}", cache.display())))?;
        install::lock(&cache.join(format!("name-{}.lock", self.name)))
    }

    fn running(&self, ready: &Ready) -> Running {
        let folder = self.folder();
        let region = fs::read_to_string(folder.join("region")).unwrap_or_else(|_| StartOptions::default().region);
        let kubernetes = fs::read_to_string(folder.join(KUBERNETES)).ok().map(Binaries::in_folder);
        Running { name: self.name.clone(), pid: ready.pid, port: ready.port, region, log: folder.join("log"), kubernetes, fresh: false }
    }
}

impl Running {
    /// The endpoint for AWS clients.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The variables that point AWS clients at it, in a fixed order; and one that names Helm, if it has a Kubernetes.
    pub fn env(&self) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ENDPOINT_URL", self.url()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            // A metadata service would only be waited for in vain.
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        // A Helm that is known to work with its clusters, on a machine that may have none.
        let helm = self.kubernetes.as_ref().map(|binaries| ("LEVEE_HELM", binaries.helm().display().to_string()));
        pairs.into_iter().chain(helm).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The variables that must not be set beside [`Running::env`], because they would win over it.
    pub fn unset() -> [&'static str; 2] {
        ["AWS_PROFILE", "AWS_SESSION_TOKEN"]
    }

    /// A Kubernetes of its own with so many nodes, without an EKS cluster before it; the one of this name if it runs already.
    pub fn control_plane(&self, name: &str, nodes: u32) -> Result<ControlPlane, SandboxError> {
        let path = format!("/_levee/kubernetes/planes/{name}?nodes={nodes}");
        let answer = http::ask(self.port, "POST", &path, CONTROL_PLANE_PATIENCE)?;
        serde_json::from_str(&answer).map_err(|error| SandboxError::Answer { port: self.port, reason: error.to_string() })
    }

    /// Sends a request to the control API, such as `("GET", "calls")`, and returns the JSON text of the answer.
    pub fn control(&self, method: &str, path: &str) -> Result<String, SandboxError> {
        http::ask(self.port, method, &format!("/_levee/{path}"), RESET_PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> (tempfile::TempDir, Places) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let places = Places::new(folder.path().join("cache"), folder.path().join("runtime"));
        (folder, places)
    }

    #[test]
    fn names_are_checked() {
        let (_folder, places) = places();
        for name in ["", "a/b", "..", "with space", &"x".repeat(65)] {
            assert!(Sandbox::named(name, places.clone()).is_err(), "{name:?}");
        }
        assert!(Sandbox::named("ci-1_a", places).is_ok());
    }

    #[test]
    fn what_does_not_run_has_no_status_and_stops_at_once() {
        let (_folder, places) = places();
        let sandbox = Sandbox::named(DEFAULT_NAME, places.clone()).expect("a good name");
        assert!(sandbox.status().expect("a status").is_none());
        assert!(!sandbox.stop().expect("a stop"));
        assert!(Sandbox::list(&places).expect("a list").is_empty());
        assert!(matches!(sandbox.reset(), Err(SandboxError::NotRunning { .. })));
    }

    #[test]
    fn a_ready_file_of_a_dead_or_foreign_process_counts_as_nothing_and_is_removed() {
        let (_folder, places) = places();
        let sandbox = Sandbox::named("stale", places.clone()).expect("a good name");
        fs::create_dir_all(places.of("stale")).expect("a folder");
        let own = std::process::id();
        let text = format!(r#"{{"pid":{own},"port":1,"nonce":"no process carries this"}}"#);
        fs::write(places.of("stale").join("ready.json"), text).expect("a file");
        assert!(sandbox.status().expect("a status").is_none());
        assert!(!sandbox.stop().expect("a stop"));
        assert!(!places.of("stale").exists());
    }

    #[test]
    fn the_environment_points_at_the_port() {
        let (_folder, places) = places();
        let sandbox = Sandbox::named("x", places).expect("a good name");
        let running = sandbox.running(&Ready { pid: 1, port: 4566, nonce: String::new() });
        assert_eq!(running.env()[0], ("AWS_ENDPOINT_URL".to_owned(), "http://127.0.0.1:4566".to_owned()));
    }
}
