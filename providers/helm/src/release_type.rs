//! `helm_release`: the resource type.

use crate::client::Helm;
use crate::operations::Work;
use crate::planning;
use crate::preview;
use crate::record::Record;
use crate::records::{History, Place};
use crate::release::Release;
use crate::stuck::{self, Remedy};
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Change, Diagnostic, Diagnostics, Reversibility, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Schema;
use levee_sdk::{AnyResource, Ctx, Draft, Effects, Identity, OpToken, Shape};
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Version of the stored value's layout, as Terraform's provider has it.
const VERSION: u64 = 2;
/// Helm's own limit.
const LONGEST_NAME: usize = 53;

/// The resource type.
#[derive(Default)]
pub(crate) struct ReleaseType {
    schema: OnceLock<Arc<Schema>>,
}

fn shaped(value: &Value) -> Result<Release> {
    Release::from_value(value).map_err(|e| ProviderError::new(ErrorKind::Bug, e.to_string()))
}

/// `namespace/name`; a name alone is in `default`.
fn place(id: &str) -> Place {
    let (namespace, name) = id.split_once('/').unwrap_or(("default", id));
    Place { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// The record that stands for a release, unless all that is left of it is its history.
fn standing(history: &History) -> Option<&Record> {
    history.latest().filter(|r| r.status != "uninstalled")
}

/// Brings a release to what is wanted, whatever state it is in.
async fn bring_about(work: &Work<'_>, history: &History) -> Result<Release> {
    let latest = history.latest().cloned();
    match (stuck::remedy(history), latest) {
        (Remedy::None, Some(latest)) => work.upgrade(&latest).await?,
        (Remedy::RollBack(revision), Some(latest)) => {
            let whole = history.revision(revision).cloned().unwrap_or(latest);
            work.roll_back(&whole).await?;
            work.upgrade(&whole).await?;
        }
        (Remedy::Anew, _) => {
            work.uninstall().await?;
            work.install(false).await?;
        }
        (Remedy::Gone | Remedy::None | Remedy::RollBack(_), latest) => work.install(latest.is_some()).await?,
    }
    work.settled().await
}

async fn create(work: &Work<'_>) -> Result<Release> {
    let release = work.release;
    let history = work.history().await?.unwrap_or_default();
    let there = standing(&history);
    let is_ours = there.is_some_and(|r| r.op.as_deref() == Some(&work.op.to_string()));
    let gives_way = there.is_some_and(|r| r.status == "failed") && release.replace == Some(true);
    if there.is_some() && !is_ours && !gives_way && release.upgrade_install != Some(true) {
        let text = format!("there is a release {} already", release.place().id());
        let hint = format!("to manage it here, import it: its id is {}; or set upgrade_install", release.place().id());
        return Err(ProviderError::new(ErrorKind::AlreadyExists, text).hint(hint));
    }
    let made = match there {
        Some(_) if !gives_way => bring_about(work, &history).await,
        _ => match work.install(history.latest().is_some()).await {
            Ok(()) => work.settled().await,
            Err(error) => Err(error),
        },
    };
    let Err(error) = &made else { return made };
    // What was interrupted is found again by its label. What has failed is there, and tainted.
    if error.kind != ErrorKind::Cancelled {
        let now = work.history().await?.unwrap_or_default();
        if standing(&now).is_some_and(|r| r.op.as_deref() == Some(&work.op.to_string())) {
            work.ctx.checkpoint(release.place().id()).await?;
        }
    }
    made
}

async fn update(work: &Work<'_>, prior: &Release) -> Result<Release> {
    // The plan has told what the record will go on to say: only how Helm works is another.
    if work.release.metadata.is_some() {
        return Ok(Release { metadata: prior.metadata.clone(), ..work.release.clone() });
    }
    let history = work.history().await?.unwrap_or_default();
    bring_about(work, &history).await
}

/// Back to the revision before a run, if it is still there and is what it was; else an upgrade brings it back.
async fn restore(work: &Work<'_>, was: &Release) -> Result<Option<Release>> {
    let Some(known) = was.metadata.as_ref().filter(|_| work.release.metadata.is_none()) else { return Ok(None) };
    let history = work.history().await?.unwrap_or_default();
    let there = history.revision(known.revision.unwrap_or_default()).filter(|r| {
        let is_it = Some(r.last_deployed) == known.last_deployed && Some(&r.version) == known.version.as_ref();
        is_it && matches!(r.status.as_str(), "superseded" | "deployed")
    });
    let Some(whole) = there else { return Ok(None) };
    work.roll_back(whole).await?;
    work.settled().await.map(Some)
}

async fn read(ctx: &Ctx<Helm>, id: &str, prior: Option<Release>) -> Result<Option<Release>> {
    let place = prior.as_ref().map_or_else(|| place(id), Release::place);
    let history = ctx.client.records()?.standing(&place).await?;
    let Some(record) = history.as_deref().and_then(standing) else { return Ok(None) };
    let known = prior.unwrap_or_else(|| Release::imported(record));
    Ok(Some(known.seen(record, ctx.client.keeps_manifests())))
}

async fn find(ctx: &Ctx<Helm>, op: OpToken, planned: Release) -> Result<Option<Release>> {
    ctx.client.outlast(op, ctx.sink.as_ref()).await?;
    let history = ctx.client.records()?.history(&planned.place()).await?.unwrap_or_default();
    let ours = standing(&history).filter(|r| r.op.as_deref() == Some(&op.to_string()));
    Ok(ours.map(|record| planned.seen(record, ctx.client.keeps_manifests())))
}

fn validate(config: &Value) -> Diagnostics {
    let mut out = Diagnostics::new();
    let text = |name: &str| config.get(name).and_then(|v| v.unmark().0.as_str().map(str::to_owned));
    if let Some(name) = text("name").filter(|n| n.is_empty() || n.len() > LONGEST_NAME) {
        let detail = format!("It has {} characters; a release's name has between 1 and {LONGEST_NAME}.", name.len());
        out.push(Diagnostic::error("Unusable name of a release", detail));
    }
    if let Some(version) = text("version").filter(|v| !v.trim().is_empty() && !is_exact(v.trim())) {
        let detail = format!("{version:?} may mean another version tomorrow, so no plan would hold. Name one version: 1.2.3.");
        out.push(Diagnostic::error("The chart's version is not exact", detail));
    }
    let plain = config.clone().unmark_deep().0;
    let known = ["values", "set", "set_list", "set_sensitive", "set_wo"].iter().all(|n| plain.get(n).is_none_or(|v| v.is_wholly_known()));
    if let Some(release) = Release::from_value(&plain).ok().filter(|_| known)
        && let Err(error) = release.said().merged()
    {
        out.push(Diagnostic::error("Unusable values", format!("{}.", error.message)));
    }
    out
}

/// Whether a version is one, and no range of them.
fn is_exact(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').splitn(3, '.');
    let number = |part: Option<&str>| part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let last = |part: &str| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < part.len() && (rest.is_empty() || rest.starts_with(['-', '+'])) && !part.contains([' ', ',', '|'])
    };
    number(parts.next()) && number(parts.next()) && parts.next().is_some_and(last)
}

impl AnyResource for ReleaseType {
    fn type_name(&self) -> &'static str {
        "helm_release"
    }
    fn schema(&self) -> Arc<Schema> {
        self.schema.get_or_init(|| Arc::new(Schema::new(VERSION, Release::block(), Release::doc()))).clone()
    }
    fn identity(&self) -> Identity {
        Identity::Name
    }
    fn effects(&self) -> Effects {
        Effects::Remote
    }
    fn reversibility(&self, _: &Change) -> Reversibility {
        Reversibility::Reversible
    }
    fn id(&self, object: &Value) -> Option<String> {
        let of = |name: &str| object.get(name).and_then(|v| v.unmark().0.as_str().map(str::to_owned));
        Some(format!("{}/{}", of("namespace").unwrap_or_else(|| "default".to_owned()), of("name")?))
    }
    fn moved_from(&self, _: &str, _: &Value) -> Option<Value> {
        None
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }
    fn plan(&self, client: Option<&Arc<dyn Any + Send + Sync>>, draft: &mut Draft) -> Result<()> {
        planning::plan(client.and_then(|c| c.downcast_ref::<Helm>()), draft);
        Ok(())
    }
    fn read(&self, ctx: AnyCtx, id: String, prior: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let prior = prior.as_ref().map(shaped).transpose()?;
            Ok(read(&ctx.of()?, &id, prior).await?.map(|r| r.to_value()))
        })
    }
    fn create(&self, ctx: AnyCtx, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let (ctx, release) = (ctx.of()?, shaped(&planned)?);
            create(&Work { ctx: &ctx, release: &release, op }).await.map(|r| r.to_value())
        })
    }
    fn update(&self, ctx: AnyCtx, prior: Value, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let (ctx, release) = (ctx.of()?, shaped(&planned)?);
            update(&Work { ctx: &ctx, release: &release, op }, &shaped(&prior)?).await.map(|r| r.to_value())
        })
    }
    fn delete(&self, ctx: AnyCtx, prior: Value, op: OpToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let (ctx, release) = (ctx.of()?, shaped(&prior)?);
            let work = Work { ctx: &ctx, release: &release, op };
            match work.history().await? {
                Some(_) => work.uninstall().await,
                None => Ok(()),
            }
        })
    }
    fn preview(&self, ctx: AnyCtx, change: Arc<Change>) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async move { preview::preview(&ctx.of()?, &change).await })
    }
    fn restore(&self, ctx: AnyCtx, was: Value, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let (ctx, was, release) = (ctx.of()?, shaped(&was)?, shaped(&planned)?);
            let back = restore(&Work { ctx: &ctx, release: &release, op }, &was).await?;
            Ok(back.map(|r| r.to_value()))
        })
    }
    fn import(&self, ctx: AnyCtx, id: String) -> BoxFuture<'_, Result<Option<Value>>> {
        self.read(ctx, id, None)
    }
    fn find(&self, ctx: AnyCtx, op: OpToken, planned: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move { Ok(find(&ctx.of()?, op, shaped(&planned)?).await?.map(|r| r.to_value())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_versions() {
        assert_eq!(place("a/b"), Place { namespace: "a".into(), name: "b".into() });
        assert_eq!(place("b").namespace, "default");
        assert!(["1.2.3", "v1.2.3", "1.2.3-rc.1+x"].into_iter().all(is_exact));
        assert!(!["1", "1.2", "~1.2.3", ">=1.2.3", "1.2.x", "^1", "1.2.3 - 2.0.0", "1.2.3 || 2.0.0"].into_iter().any(is_exact));
    }
}
