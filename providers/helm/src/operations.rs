//! What helm is asked to do to a release.

use crate::client::{Helm, Job};
use crate::program::WAIT;
use crate::record::{OP_LABEL, Record};
use crate::records::History;
use crate::release::Release;
use levee_sdk::context::StepSink;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, OpToken};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// The longest that an operation may take, unless the `timeouts` say otherwise.
const LIMIT: Duration = Duration::from_mins(20);

/// A release that something is done to, and the step that does it.
pub(crate) struct Work<'a> {
    pub(crate) ctx: &'a Ctx<Helm>,
    pub(crate) release: &'a Release,
    pub(crate) op: OpToken,
}

impl Work<'_> {
    pub(crate) fn helm(&self) -> &Helm {
        &self.ctx.client
    }

    pub(crate) fn job(&self) -> Job<'_> {
        let sink: &Arc<dyn StepSink> = &self.ctx.sink;
        let mut secrets = self.release.said().secrets();
        secrets.extend(self.release.repository_password.clone());
        let limit = self.ctx.timeout.unwrap_or_else(|| LIMIT.max(self.release.patience() * 3));
        Job { sink: sink.as_ref(), limit, secrets }
    }

    /// Calls helm with what every call about this release has.
    pub(crate) async fn call(&self, verb: &str, revision: Option<i64>, more: Vec<String>, values: Option<Json>) -> Result<String> {
        let place = self.release.place();
        let source = self.release.source();
        let job = self.job();
        let (desk, flags) = self.helm().prepare(&source, Some(self.op), &job).await?;
        let mut args = vec![verb.to_owned(), place.name];
        if values.is_some() {
            self.helm().check(&source)?;
            args.extend(source.arguments());
        }
        args.extend(revision.map(|r| r.to_string()));
        args.extend(["--namespace".to_owned(), place.namespace]);
        if verb != "template" {
            args.extend(["--timeout".to_owned(), format!("{}s", self.release.patience().as_secs())]);
        }
        if let Some(values) = values {
            args.extend(["--values".to_owned(), desk.write_json("values.json", &values)?.display().to_string()]);
        }
        args.extend(more);
        args.extend(flags);
        self.helm().run(&desk, args, &job).await
    }

    /// A new release. `replaces`: whether the name was uninstalled with its history, or has failed.
    pub(crate) async fn install(&self, replaces: bool) -> Result<()> {
        let release = self.release;
        let program = self.helm().program().await?;
        let mut more = flags([
            ("--create-namespace", release.create_namespace == Some(true)),
            ("--replace", replaces || release.replace == Some(true)),
        ]);
        more.extend(self.common().await?);
        if release.force_update == Some(true) && program.version.0 < 4 {
            more.extend(program.force().iter().map(|f| (*f).to_owned()));
        }
        let values = Json::Object(release.wanted_values(None)?);
        self.ctx.status("installing");
        self.call("install", None, more, Some(values)).await.map(drop)
    }

    /// Another revision.
    pub(crate) async fn upgrade(&self, current: &Record) -> Result<()> {
        let (more, values) = self.upgrade_arguments(current).await?;
        self.ctx.status("upgrading");
        self.call("upgrade", None, more, Some(values)).await.map(drop)
    }

    /// Flags and values of an upgrade.
    pub(crate) async fn upgrade_arguments(&self, current: &Record) -> Result<(Vec<String>, Json)> {
        let release = self.release;
        let program = self.helm().program().await?;
        let mut more = vec!["--reset-values".to_owned(), "--history-max".to_owned(), release.max_history.unwrap_or_default().to_string()];
        more.extend(flags([("--cleanup-on-fail", release.cleanup_on_fail == Some(true))]));
        more.extend(self.common().await?);
        if release.force_update == Some(true) {
            more.extend(program.force().iter().map(|f| (*f).to_owned()));
        } else {
            more.extend(program.take_fields(current.is_server_side).map(str::to_owned));
        }
        if release.recreate_pods == Some(true) {
            more.push(program.recreate_pods()?.to_owned());
        }
        Ok((more, Json::Object(release.wanted_values(Some(current))?)))
    }

    /// Back to an earlier revision, as a new one.
    pub(crate) async fn roll_back(&self, to: &Record) -> Result<()> {
        let release = self.release;
        let program = self.helm().program().await?;
        let mut more = self.waiting();
        more.extend(["--history-max".to_owned(), release.max_history.unwrap_or_default().to_string()]);
        more.extend(flags([
            ("--no-hooks", release.disable_webhooks == Some(true)),
            ("--cleanup-on-fail", release.cleanup_on_fail == Some(true)),
        ]));
        if release.force_update == Some(true) {
            more.extend(program.force().iter().map(|f| (*f).to_owned()));
        } else {
            more.extend(program.take_fields(to.is_server_side).map(str::to_owned));
        }
        self.ctx.status(&format!("rolling back to revision {}", to.revision));
        self.call("rollback", Some(to.revision), more, None).await.map(drop)
    }

    /// Gone, with its history.
    pub(crate) async fn uninstall(&self) -> Result<()> {
        let release = self.release;
        let mut more = flags([("--no-hooks", release.disable_webhooks == Some(true))]);
        if release.wait != Some(false) {
            more.push(WAIT.to_owned());
        }
        self.ctx.status("uninstalling");
        match self.call("uninstall", None, more, None).await {
            Err(error) if error.message.contains("release: not found") => Ok(()),
            answer => answer.map(drop),
        }
    }

    fn waiting(&self) -> Vec<String> {
        let waits = self.release.wait != Some(false);
        flags([(WAIT, waits), ("--wait-for-jobs", waits && self.release.wait_for_jobs == Some(true))])
    }

    /// What installing and upgrading have in common.
    async fn common(&self) -> Result<Vec<String>> {
        let release = self.release;
        let program = self.helm().program().await?;
        let mut out = self.waiting();
        out.extend(["--labels".to_owned(), format!("{OP_LABEL}={}", self.op)]);
        if let Some(description) = release.description.as_ref().filter(|d| !d.is_empty()) {
            out.extend(["--description".to_owned(), description.clone()]);
        }
        out.extend(flags([
            (program.atomic(), release.atomic == Some(true)),
            ("--skip-crds", release.skip_crds == Some(true)),
            ("--render-subchart-notes", release.render_subchart_notes == Some(true)),
            ("--no-hooks", release.disable_webhooks == Some(true)),
            ("--disable-openapi-validation", release.disable_openapi_validation == Some(true)),
        ]));
        if release.take_ownership == Some(true) {
            out.push(program.take_ownership()?.to_owned());
        }
        if let Some(renderer) = &release.postrender {
            program.post_renderer()?;
            out.extend(renderer.arguments());
        }
        Ok(out)
    }

    /// All revisions there are now.
    pub(crate) async fn history(&self) -> Result<Option<History>> {
        self.helm().records()?.history(&self.release.place()).await
    }

    /// The release as it is after something was done to it.
    pub(crate) async fn settled(&self) -> Result<Release> {
        let history = self.history().await?;
        let gone = || ProviderError::new(ErrorKind::NotFound, format!("the release {} is gone", self.release.place().id()));
        let record = history.as_ref().and_then(History::latest).ok_or_else(gone)?;
        if record.status != "deployed" {
            let text = format!("the release is {}: {}", record.status, record.description);
            return Err(ProviderError::new(ErrorKind::Failed, text));
        }
        Ok(self.release.clone().seen(record, self.helm().keeps_manifests()))
    }
}

/// Those that are on.
fn flags<const N: usize>(all: [(&str, bool); N]) -> Vec<String> {
    all.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag.to_owned()).collect()
}
