//! The data source `kubernetes_server_version`.

use crate::client::Kubernetes;
use levee_cluster::{Request, Verb};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, Shape};
use serde_json::Value as Json;

/// Which Kubernetes the cluster runs.
#[derive(Clone, Default, Shape)]
pub(crate) struct ServerVersion {
    /// The version.
    #[attr(optional, computed)]
    id: Option<String>,
    /// `1.36.3`.
    #[attr(computed)]
    version: Option<String>,
    /// `v1.36.3`.
    #[attr(computed)]
    git_version: Option<String>,
    /// The commit that it was built of.
    #[attr(computed)]
    git_commit: Option<String>,
    /// Whether it was built of that commit alone.
    #[attr(computed)]
    git_tree_state: Option<String>,
    /// When it was built.
    #[attr(computed)]
    build_date: Option<String>,
    /// With which compiler.
    #[attr(computed)]
    compiler: Option<String>,
    /// With which Go.
    #[attr(computed)]
    go_version: Option<String>,
    /// `1`.
    #[attr(computed)]
    major: Option<String>,
    /// `36`.
    #[attr(computed)]
    minor: Option<String>,
    /// `linux/amd64`.
    #[attr(computed)]
    platform: Option<String>,
}

impl DataSource for ServerVersion {
    type Client = Kubernetes;
    const TYPE: &'static str = "kubernetes_server_version";

    async fn read(ctx: &Ctx<Kubernetes>, _: Self) -> Result<Self> {
        let told = ctx.client.cluster().ask(&Request::new(Verb::Get, "version", "/version")).await?;
        let text = |name: &str| told.get(name).and_then(Json::as_str).map(str::to_owned);
        let git_version = text("gitVersion");
        Ok(Self {
            id: git_version.clone(),
            version: git_version.as_ref().map(|v| v.trim_start_matches('v').to_owned()),
            git_version,
            git_commit: text("gitCommit"),
            git_tree_state: text("gitTreeState"),
            build_date: text("buildDate"),
            compiler: text("compiler"),
            go_version: text("goVersion"),
            major: text("major"),
            minor: text("minor"),
            platform: text("platform"),
        })
    }
}
