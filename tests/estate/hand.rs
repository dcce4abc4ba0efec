//! A hand in an estate's cluster that is not levee's: what kubectl and Helm would find there.

use crate::estate::Estate;
use levee_cluster::{Access, Cluster, Request, Verb};
use levee_sandbox::Places;
use levee_sandbox::programs::Binaries;
use serde_json::{Value as Json, json};
use std::process::Command;

/// Somebody who is logged in to the cluster, for the fifteen minutes that a token lasts.
pub(crate) struct Hand {
    cluster: Cluster,
    runtime: tokio::runtime::Runtime,
    kubeconfig: Json,
}

impl Hand {
    /// Whoever made the cluster of this name; or the role of this ARN.
    pub(crate) fn of(estate: &Estate, cluster: &str, role: Option<&str>) -> Self {
        let args: Vec<&str> = [cluster].into_iter().chain(role).collect();
        let login = estate.script_with("cluster_login.py", &args).json();
        let text = |name: &str| login[name].as_str().expect("a text").to_owned();
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{ "name": "it", "cluster": { "server": text("host"), "certificate-authority-data": text("authority") } }],
            "users": [{ "name": "it", "user": { "token": text("token") } }],
            "contexts": [{ "name": "it", "context": { "cluster": "it", "user": "it" } }],
        });
        let file = estate.env.path("../kubeconfig.json");
        std::fs::write(&file, kubeconfig.to_string()).expect("a kubeconfig");
        let access = Access { config_paths: vec![file.display().to_string()], ..Access::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let cluster = runtime.block_on(Cluster::reach(access, None)).expect("a cluster");
        Self { cluster, runtime, kubeconfig }
    }

    /// An object or a list; `None` when there is none. Whoever may not see it is refused.
    pub(crate) fn look(&self, path: &str) -> Result<Option<Json>, String> {
        match self.runtime.block_on(self.cluster.ask(&Request::new(Verb::Get, "by hand", path))) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.code.unwrap_or(error.message)),
        }
    }

    /// An object or a list.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Option<Json> {
        self.look(path).unwrap_or_else(|refusal| panic!("{path}: {refusal}"))
    }

    /// `NAMESPACE/NAME` of the objects of a list.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let listed = self.get(path).expect("a list");
        let name = |o: &Json| {
            let part = |p: &str| o["metadata"][p].as_str().unwrap_or_default();
            format!("{}/{}", part("namespace"), part("name"))
        };
        listed["items"].as_array().expect("items").iter().map(name).collect()
    }

    /// What Helm says, as JSON.
    #[track_caller]
    pub(crate) fn helm(&self, estate: &Estate, args: &[&str]) -> Json {
        let places = Places::from_environment().expect("a cache");
        let helm = Binaries::installed(&places).expect("they are built").helm();
        let file = estate.env.path("../kubeconfig.json");
        std::fs::write(&file, self.kubeconfig.to_string()).expect("a kubeconfig");
        let mut command = Command::new(helm);
        command.args(args).args(["-o", "json"]).env_clear().env("KUBECONFIG", file).env("HOME", estate.env.path(".."));
        estate.env.run(command).ok().json()
    }
}
