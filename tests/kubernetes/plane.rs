//! A control plane that all tests share, and a hand in it that is not levee's.

use crate::test_env::TestEnv;
use levee_cluster::{Access, Cluster, Request, Verb};
use levee_sandbox::{Places, Sandbox, StartOptions};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tempfile::TempDir;

/// A control plane. It ends when no test holds it any more.
struct Plane {
    sandbox: Sandbox,
    kubeconfig: String,
    helm4: String,
    _places: TempDir,
}

impl Plane {
    /// The one that runs, or a new one.
    fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<Plane>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plane) = running.upgrade() {
            return plane;
        }
        let plane = Arc::new(Self::start());
        *running = Arc::downgrade(&plane);
        plane
    }

    fn start() -> Self {
        let runtime = tempfile::tempdir().expect("a temporary directory");
        let shared = Places::from_environment().expect("a cache");
        let sandbox = Sandbox::named("objects", Places::new(shared.cache(), runtime.path())).expect("a good name");
        let options = StartOptions { kubernetes: true, ..StartOptions::default() };
        let running = sandbox.start(&options).unwrap_or_else(|error| panic!("{error} {:?}", error.hint()));
        let answer = running.control("POST", "kubernetes/planes/objects?nodes=2").expect("a control plane");
        let plane: Json = serde_json::from_str(&answer).expect("JSON");
        let helm4 = running.env().into_iter().find(|(name, _)| name == "LEVEE_HELM").expect("Helm is named").1;
        let kubeconfig = plane["kubeconfig"].as_str().expect("a kubeconfig").to_owned();
        Self { sandbox, kubeconfig, helm4, _places: runtime }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.sandbox.stop().expect("it can be stopped");
    }
}

/// A module of a test, and the cluster that it is about.
pub(crate) struct Bench {
    pub(crate) env: TestEnv,
    hand: Cluster,
    runtime: tokio::runtime::Runtime,
    plane: Arc<Plane>,
}

/// What every module of these tests begins with.
const HEAD: &str = r#"
terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    kubectl    = { source = "gavinbunney/kubectl" }
    helm       = { source = "hashicorp/helm" }
  }
}
provider "kubernetes" {}
provider "helm" {}
"#;

impl Bench {
    /// A module with this configuration.
    pub(crate) fn new(case: &str, main: &str) -> Self {
        let plane = Plane::shared();
        let mut env = TestEnv::new(case);
        env.set("KUBE_CONFIG_PATH", &plane.kubeconfig);
        env.set("LEVEE_HELM", &plane.helm4);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let access = Access { config_paths: vec![plane.kubeconfig.clone()], ..Access::default() };
        let hand = runtime.block_on(Cluster::reach(access, None)).expect("a cluster");
        let bench = Self { env, hand, runtime, plane };
        bench.write(main);
        bench.env.levee(["init"]).ok();
        bench
    }

    /// Another configuration.
    pub(crate) fn write(&self, main: &str) {
        self.env.write("main.tf", &format!("{HEAD}\n{main}"));
    }

    pub(crate) fn apply(&self) {
        self.env.levee(["apply", "-auto-approve"]).ok();
    }

    pub(crate) fn destroy(&self) {
        self.env.levee(["destroy", "-auto-approve"]).ok();
    }

    /// There is nothing left to do, and nothing looks different from what the last run left.
    #[track_caller]
    pub(crate) fn is_settled(&self) {
        self.env.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.").hides("Objects have changed outside of levee");
    }

    /// What somebody else asks of the cluster.
    pub(crate) fn ask(&self, verb: Verb, path: &str, body: Option<Json>) -> Option<Json> {
        let mut request = Request::new(verb, "by hand", path);
        request.body = body;
        match self.runtime.block_on(self.hand.ask(&request)) {
            Ok(answer) => Some(answer),
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<Json> {
        self.ask(Verb::Get, path, None)
    }

    /// What somebody else writes into an object.
    pub(crate) fn edit(&self, path: &str, patch: Json) {
        self.ask(Verb::Merge, &format!("{path}?fieldManager=kubectl-edit"), Some(patch)).expect("it is there");
    }

    /// Somebody else deletes an object, and it is gone.
    pub(crate) fn delete(&self, path: &str) {
        let at_once = json!({ "propagationPolicy": "Background", "gracePeriodSeconds": 0 });
        self.ask(Verb::Delete, path, Some(at_once));
        crate::test_env::until("the deletion", || self.get(path).is_none());
    }

    /// Where the cluster is and who we are there.
    pub(crate) fn kubeconfig(&self) -> &str {
        &self.plane.kubeconfig
    }

    /// Helm 4.
    pub(crate) fn helm4(&self) -> &str {
        &self.plane.helm4
    }
}
