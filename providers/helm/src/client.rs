//! The client that the types of this provider are given: the records of a cluster, and calls of helm.

use crate::chart::{Source, logins};
use crate::desk::{self, Desk};
use crate::environment;
use crate::program::Program;
use crate::provider_block::ProviderBlock;
use crate::records::{Driver, Records};
use crate::run::{self, Call};
use levee_cluster::{Cluster, Request, Verb};
use levee_sdk::OpToken;
use levee_sdk::context::StepSink;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// A configured provider.
pub(crate) struct Helm {
    /// The cluster with its records, or why there is none: charts can be rendered without one.
    cluster: Result<(Arc<Cluster>, Records)>,
    driver: Driver,
    capabilities: OnceCell<Vec<String>>,
    block: ProviderBlock,
    program: OnceCell<Program>,
}

/// What a call of helm is about, besides its arguments.
pub(crate) struct Job<'a> {
    /// The way back to the engine.
    pub(crate) sink: &'a dyn StepSink,
    /// How long it may take at most.
    pub(crate) limit: Duration,
    /// Texts that must not be told.
    pub(crate) secrets: Vec<String>,
}

impl Helm {
    /// Of a block that is wholly known.
    pub(crate) fn new(cluster: Result<Cluster>, block: ProviderBlock) -> Result<Self> {
        let driver = block.driver()?;
        let cluster = cluster.map(|cluster| {
            let cluster = Arc::new(cluster);
            (cluster.clone(), Records::new(cluster, driver))
        });
        desk::sweep();
        Ok(Self { cluster, driver, capabilities: OnceCell::new(), block, program: OnceCell::new() })
    }

    /// The cluster.
    pub(crate) fn cluster(&self) -> Result<&Cluster> {
        self.cluster.as_ref().map(|(cluster, _)| &**cluster).map_err(Clone::clone)
    }

    /// What is recorded in it.
    pub(crate) fn records(&self) -> Result<&Records> {
        self.cluster.as_ref().map(|(_, records)| records).map_err(Clone::clone)
    }

    /// Flags that tell helm what the cluster can do, where it renders without asking.
    pub(crate) async fn capabilities(&self) -> Result<Vec<String>> {
        let found = self.capabilities.get_or_try_init(|| async {
            let get = |path: &str| Request::new(Verb::Get, format!("{path} of the cluster"), path);
            let (version, groups) = (self.cluster()?.ask(&get("/version")).await?, self.cluster()?.ask(&get("/apis")).await?);
            let mut out = vec!["--kube-version".to_owned(), version["gitVersion"].as_str().unwrap_or_default().to_owned()];
            let versions = groups["groups"].as_array().into_iter().flatten().flat_map(|g| g["versions"].as_array().into_iter().flatten());
            let names = versions.filter_map(|v| v["groupVersion"].as_str());
            out.extend(names.flat_map(|name| ["--api-versions".to_owned(), name.to_owned()]));
            Ok(out)
        });
        found.await.cloned()
    }

    /// Whether what was rendered is kept in the state.
    pub(crate) fn keeps_manifests(&self) -> bool {
        self.block.experiments.as_ref().and_then(|e| e.manifest).unwrap_or(false)
    }

    /// The program. It is looked for once.
    pub(crate) async fn program(&self) -> Result<&Program> {
        self.program.get_or_try_init(Program::find).await
    }

    /// Checks what is said about a chart.
    pub(crate) fn check(&self, source: &Source) -> Result<()> {
        source.check(self.block.repository_config_path.is_some())
    }

    /// A folder with all that a call needs to reach the cluster and the chart; and the flags that say so.
    pub(crate) async fn prepare(&self, source: &Source, op: Option<OpToken>, job: &Job<'_>) -> Result<(Desk, Vec<String>)> {
        let desk = Desk::new(op)?;
        let mut flags = Vec::new();
        if let Ok(cluster) = self.cluster() {
            let token_file = desk.token_file().display().to_string();
            let kubeconfig = desk.reach(&cluster.kubeconfig(&token_file).await?)?;
            flags.extend(["--kubeconfig".to_owned(), kubeconfig.display().to_string()]);
        }
        flags.extend(["--registry-config".to_owned(), self.registry_config(source, &desk)?.display().to_string()]);
        let login = source.write_login(&desk)?;
        let is_fetched = login.is_some();
        let names = login.or_else(|| self.block.repository_config_path.clone().map(PathBuf::from));
        if let Some(names) = names {
            flags.extend(["--repository-config".to_owned(), names.display().to_string()]);
        }
        let ours = if is_fetched { Some(desk.path("cache")) } else { None };
        if let Some(cache) = ours.or_else(|| self.block.repository_cache.clone().map(PathBuf::from)) {
            flags.extend(["--repository-cache".to_owned(), cache.display().to_string()]);
        }
        if let Some(limit) = self.block.burst_limit {
            flags.extend(["--burst-limit".to_owned(), limit.to_string()]);
        }
        if let Some(qps) = self.block.qps {
            flags.extend(["--qps".to_owned(), qps.to_string()]);
        }
        if self.block.debug == Some(true) {
            flags.push("--debug".to_owned());
        }
        if is_fetched {
            let update = ["repo", "update"].map(str::to_owned).into_iter().chain(flags.iter().cloned()).collect();
            self.run(&desk, update, job).await?;
        }
        Ok((desk, flags))
    }

    /// The file of logins: the one that is named, with ours over it.
    fn registry_config(&self, source: &Source, desk: &Desk) -> Result<PathBuf> {
        let host = |url: &str| url.trim_start_matches("oci://").split('/').next().unwrap_or_default().to_owned();
        let said = self.block.registries.iter().flatten();
        let mut all: Vec<(String, String, String)> = said
            .filter_map(|r| Some((host(r.url.as_deref()?), r.username.clone().unwrap_or_default(), r.password.clone().unwrap_or_default())))
            .collect();
        if let (Some(host), Some(user)) = (source.registry(), &source.username) {
            all.push((host, user.clone(), source.password.clone().unwrap_or_default()));
        }
        match &self.block.registry_config_path {
            Some(path) if all.is_empty() => Ok(path.into()),
            path => {
                let below = path.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
                let below = below.and_then(|text| serde_json::from_str::<Json>(&text).ok());
                desk.write_json("registries.json", &logins(below, &all))
            }
        }
    }

    /// Calls helm and yields what it prints.
    pub(crate) async fn run(&self, desk: &Desk, args: Vec<String>, job: &Job<'_>) -> Result<String> {
        let program = self.program().await?;
        let mut secrets = job.secrets.clone();
        secrets.extend(self.block.registries.iter().flatten().filter_map(|r| r.password.clone()));
        let home = environment::cache();
        let mut env: Vec<(&str, PathBuf)> = vec![
            ("HELM_CACHE_HOME", home.join("cache")),
            ("HELM_CONFIG_HOME", home.join("config")),
            ("HELM_DATA_HOME", home.join("data")),
            ("HELM_DRIVER", self.driver.word().into()),
        ];
        if let Some(plugins) = &self.block.plugins_path {
            env.push(("HELM_PLUGINS", plugins.into()));
        }
        let call = Call { program: &program.path, args, env, secrets, sink: job.sink, limit: job.limit };
        let renewed = || async {
            let token_file = desk.token_file().display().to_string();
            // What cannot be renewed now is tried again; helm goes on with what it has.
            let Ok(cluster) = self.cluster() else { return };
            if let Ok(kubeconfig) = cluster.kubeconfig(&token_file).await {
                let _ = desk.renew(&kubeconfig);
            }
        };
        run::run(call, desk, renewed).await
    }

    /// Waits until the helm of a step, whose levee was killed, is done.
    pub(crate) async fn outlast(&self, op: OpToken, sink: &dyn StepSink) -> Result<()> {
        while desk::is_at_work(op) {
            sink.status("the helm of the interrupted run is still at work");
            if sink.is_cancelled() {
                return Err(ProviderError::new(ErrorKind::Cancelled, "the helm of the interrupted run was not waited for"));
            }
            tokio::time::sleep(run::LOOK).await;
        }
        Ok(())
    }
}
