//! Charts rendered by helm without anything being changed.

use crate::operations::Work;
use crate::records::History;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use serde_json::Value as Json;

impl Work<'_> {
    /// What a new release would consist of. The cluster is asked for nothing but what it can do.
    pub(crate) async fn render_new(&self) -> Result<String> {
        self.render(Vec::new(), Json::Object(self.release.wanted_values(None)?)).await
    }

    async fn render(&self, mut more: Vec<String>, values: Json) -> Result<String> {
        more.extend(self.helm().capabilities().await?);
        more.push("--no-hooks".to_owned());
        if self.release.disable_openapi_validation == Some(true) {
            more.push("--disable-openapi-validation".to_owned());
        }
        if let Some(renderer) = &self.release.postrender {
            self.helm().program().await?.post_renderer()?;
            more.extend(renderer.arguments());
        }
        self.call("template", None, more, Some(values)).await
    }

    /// What the release would consist of after an upgrade, with all that charts may look up in the cluster.
    pub(crate) async fn render_upgrade(&self, history: &History) -> Result<String> {
        let Some(latest) = history.latest() else { return self.render_new().await };
        let (mut more, values) = self.upgrade_arguments(latest).await?;
        more.extend(["--dry-run=server", "--output", "json"].map(str::to_owned));
        match self.call("upgrade", None, more, Some(values.clone())).await {
            Ok(printed) => {
                let release: Json = serde_json::from_str(&printed)
                    .map_err(|_| ProviderError::new(ErrorKind::Bug, "what helm printed is no JSON").during("helm upgrade"))?;
                Ok(release["manifest"].as_str().unwrap_or_default().to_owned())
            }
            // A kind that the chart brings itself, or that is made in the same run, is not known yet.
            Err(error) if error.message.contains("no matches for kind") => self.render(vec!["--is-upgrade".to_owned()], values).await,
            Err(error) => Err(error),
        }
    }

    /// `lint`: helm examines the chart with these values. One from elsewhere is fetched for it.
    pub(crate) async fn lint(&self) -> Result<()> {
        if self.release.lint != Some(true) {
            return Ok(());
        }
        let (source, job) = (self.release.source(), self.job());
        let (desk, flags) = self.helm().prepare(&source, None, &job).await?;
        let chart = if let Some(path) = source.local() {
            path
        } else {
            let folder = desk.path("chart");
            let mut pull = vec!["pull".to_owned()];
            pull.extend(source.arguments().into_iter().filter(|a| a != "--dependency-update"));
            pull.extend(["--untar".to_owned(), "--untardir".to_owned(), folder.display().to_string()]);
            pull.extend(flags.clone());
            self.helm().run(&desk, pull, &job).await?;
            let mut folders = std::fs::read_dir(&folder).into_iter().flatten().filter_map(std::result::Result::ok).map(|e| e.path());
            let charts = folders.find(|path| path.join("Chart.yaml").exists());
            charts.ok_or_else(|| ProviderError::invalid("what was fetched holds no chart"))?
        };
        let values = desk.write_json("values.json", &Json::Object(self.release.wanted_values(None)?))?;
        let mut args = vec!["lint".to_owned(), chart.display().to_string(), "--quiet".to_owned()];
        args.extend(["--values".to_owned(), values.display().to_string()]);
        args.extend(flags);
        self.helm().run(&desk, args, &job).await.map(drop)
    }
}
