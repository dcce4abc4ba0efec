//! What to do about steps that an earlier run left open: ask the provider what became of each, and write it down.
//!
//! A create is looked for by its op token or natural key and adopted if it is ours; an update is read; a delete is read
//! and tried to its end by the plan that follows. Nothing is made here, so this can itself be killed and begun again.

use super::step::CREATE_AND_PROVISION;
use crate::event::{Event, Listener, Subject};
use crate::plan::objects::{decode_values, encode_object};
use crate::plan::pool::{Pool, parse_provider};
use crate::plan::propose::with_schema_marks;
use crate::providers::Registry;
use levee_model::{DeposedKey, Diagnostic, Diagnostics, InstanceAddr, Marks, Value};
use levee_sdk::context::NoSink;
use levee_sdk::provider::AnyCtx;
use levee_sdk::{AnyResource, Effects, Identity, OpToken, ProviderError};
use levee_state::{
    FailureRecord, Image, JournalEntry, NEVER_MADE, ObjectRow, ObjectStatus, OpenRun, Outcome, Run, RunEnd, Snapshot, StateEdit,
    StateError, fail_point,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often, and how long apart, an object that was perhaps made is looked for before it is taken for never made:
/// what is new may be hidden for a moment by eventual consistency.
const LOOKS: [Duration; 4] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1), LAST];
/// How long apart it is looked for after that, where it may be hidden for longer.
const LAST: Duration = Duration::from_secs(2);

/// What the operator says of an object, where the provider cannot tell what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is the object with this id.
    Adopt(String),
    /// There is no such object.
    Absent,
    /// The state stays as it is, and the cloud too: whatever is there, nobody looks after it.
    Leave,
}

/// What the operator has decided, by address.
pub type Decisions = BTreeMap<InstanceAddr, Decision>;

/// Who is asked what became of entries.
pub struct Asked<'a> {
    /// The provider configurations.
    pub pool: &'a Pool,
    /// The types.
    pub registry: &'a Registry,
    /// Whoever decides where those cannot.
    pub decisions: &'a Decisions,
    /// For how long after its intent a new object may be hidden that is found by its tag.
    pub hidden: Duration,
}

/// What became of an entry.
enum Finding {
    /// The object exists, whole or not.
    Exists(Value, ObjectStatus),
    /// It was never made, or is gone.
    Absent,
    /// The step touched nothing outside; it is planned again.
    Nothing,
    /// The operator said to leave it alone.
    Left,
}

/// Settles every open entry of a run and ends the run. With errors among the diagnostics the run stays open.
pub async fn settle(
    open: &OpenRun,
    run: &Run,
    snapshot: &Snapshot,
    asked: &Asked<'_>,
    listener: &Listener,
) -> Result<Diagnostics, StateError> {
    let mut diagnostics = strangers(open, asked.decisions);
    let findings = futures::future::join_all(open.unresolved.iter().map(|entry| find(entry, asked))).await;
    fail_point("recovery.found");
    for (entry, finding) in open.unresolved.iter().zip(findings) {
        match finding {
            Ok((resource, finding)) => record(entry, run, snapshot, resource.as_ref(), finding, listener).await?,
            Err(d) => diagnostics.push(d),
        }
    }
    if !diagnostics.has_errors() {
        fail_point("recovery.settled");
        run.finish(RunEnd::Interrupted).await?;
    }
    Ok(diagnostics)
}

/// What is said about decisions on objects that nothing is in doubt of.
fn strangers(open: &OpenRun, decisions: &Decisions) -> Diagnostics {
    let in_doubt = |addr: &InstanceAddr| open.unresolved.iter().any(|entry| entry.intent.addr == *addr);
    let told = decisions.keys().filter(|addr| !in_doubt(addr)).map(|addr| {
        let all: Vec<_> = open.unresolved.iter().map(|entry| format!("{} ({})", entry.intent.addr, entry.intent.action)).collect();
        let detail = format!("Run {} has no open step at {addr}. Open are: {}.", open.record.id, all.join(", "));
        Diagnostic::error("Nothing to decide about an object", detail).about(addr)
    });
    told.collect()
}

/// An entry that cannot be settled: the facts, and the choices.
fn unsettled(entry: &JournalEntry, id: Option<&str>, why: &str) -> Diagnostic {
    let intent = &entry.intent;
    let image = intent.planned.as_ref().or(intent.prior.as_ref());
    let image = image.and_then(|i| serde_json::from_str::<serde_json::Value>(&i.values).ok()).unwrap_or_default();
    let facts = [
        ("operation", Some(intent.op_token.to_string())),
        ("name", ["name", "bucket", "identifier"].iter().find_map(|n| image[*n].as_str()).map(str::to_owned)),
        ("id", entry.checkpoint.as_ref().map(|c| c.id.clone()).or_else(|| id.map(str::to_owned))),
        ("told then", entry.message.clone()),
    ];
    let facts = facts.into_iter().filter_map(|(name, fact)| Some(format!("\n  {name}: {}", fact?)));
    let detail = format!("{} of {}: {why}{}", intent.action, intent.addr, facts.collect::<String>());
    let addr = &intent.addr;
    let hint = format!(
        "Mend the cause and run the command again; nothing was changed. Or decide, if you know what became of it: levee recover with -adopt '{addr}=ID' (it is that object), -mark-absent '{addr}' (there is none), or -leave '{addr}' (whatever is there, levee forgets it)."
    );
    Diagnostic::error("A step of an earlier run cannot be settled", detail).about(addr).hint(hint)
}

async fn find(entry: &JournalEntry, asked: &Asked<'_>) -> Result<(Arc<dyn AnyResource>, Finding), Diagnostic> {
    let intent = &entry.intent;
    let decision = asked.decisions.get(&intent.addr);
    let unsettled = |why: String| unsettled(entry, None, &why);
    let resource = asked
        .registry
        .resource(&intent.provider_source, &intent.addr.type_name)
        .ok_or_else(|| unsettled(format!("the resource type is not built into {}.", intent.provider_source)))?;
    match decision {
        Some(Decision::Leave) => return Ok((resource, Finding::Left)),
        Some(Decision::Absent) => return Ok((resource, Finding::Absent)),
        _ => {}
    }
    if resource.effects() == Effects::StateOnly {
        let finding = half_provisioned(entry, resource.as_ref()).map_err(&unsettled)?;
        return Ok((resource, finding));
    }
    let addr = parse_provider(&intent.provider);
    let ctx = addr.and_then(|a| asked.pool.ctx(&a, Arc::new(NoSink), None));
    let ctx = ctx.ok_or_else(|| unsettled(format!("{} is not configured.", intent.provider)))?;
    let image = |i: &Option<Image>| -> Result<Option<Value>, Diagnostic> {
        let Some(image) = i else { return Ok(None) };
        let ty = resource.schema().ty();
        decode_values(&image.values, &image.sensitive_paths, &ty).map(|v| Some(v.unmark_deep().0)).map_err(&unsettled)
    };
    let (prior, planned) = (image(&intent.prior)?, image(&intent.planned)?);
    if let Some(Decision::Adopt(id)) = decision {
        let known = planned.or(prior);
        let found = resource.read(ctx, id.clone(), known).await.map_err(|e| unsettled(format!("{e}.")))?;
        let object = found.ok_or_else(|| unsettled(format!("there is no {} with the id {id:?}.", intent.addr.type_name)))?;
        return Ok((resource, Finding::Exists(object, ObjectStatus::Ready)));
    }
    let found = match (&*intent.action, planned, prior) {
        ("create" | "create-before-destroy" | CREATE_AND_PROVISION, Some(planned), _) => {
            look(entry, resource.as_ref(), &ctx, planned, asked.hidden).await
        }
        (_, _, Some(prior)) => reread(resource.as_ref(), ctx, prior).await,
        _ => Ok(Finding::Nothing),
    };
    found.map(|finding| (resource.clone(), finding)).map_err(|e| unsettled(format!("{e}.")))
}

/// An object that is nothing but what the state says of it: it is there if its provisioners had their turn.
fn half_provisioned(entry: &JournalEntry, resource: &dyn AnyResource) -> Result<Finding, String> {
    let image = entry.checkpoint.as_ref().and_then(|c| c.partial.as_ref());
    match image.filter(|_| &*entry.intent.action == CREATE_AND_PROVISION) {
        Some(image) => Ok(Finding::Exists(decode_values(image, "", &resource.schema().ty())?, ObjectStatus::Tainted)),
        None => Ok(Finding::Nothing),
    }
}

/// Looks for an object that a create may have made.
async fn look(
    entry: &JournalEntry,
    resource: &dyn AnyResource,
    ctx: &AnyCtx,
    planned: Value,
    hidden: Duration,
) -> Result<Finding, ProviderError> {
    let op = OpToken(entry.intent.op_token);
    // A second one of what has a name or a token is refused, or is the first one. What has only a tag is looked for longer.
    let longer = || resource.identity() == Identity::Tag && entry.since.elapsed().is_ok_and(|age| age < hidden);
    let mut pauses = LOOKS.into_iter();
    while let Some(pause) = pauses.next().or_else(|| longer().then_some(LAST)) {
        tokio::time::sleep(pause).await;
        // The type's own search comes first: it waits until the object is whole. The id is for what cannot be searched.
        let found = match (resource.find(ctx.clone(), op, planned.clone()).await?, &entry.checkpoint) {
            (None, Some(checkpoint)) => resource.read(ctx.clone(), checkpoint.id.clone(), Some(planned.clone())).await?,
            (found, _) => found,
        };
        if let Some(object) = found {
            return finish_create(entry, resource, ctx, object, planned).await;
        }
    }
    Ok(Finding::Absent)
}

/// An object that was made, but perhaps not to its end: what the plan wanted is brought about by the plan that follows.
async fn finish_create(
    entry: &JournalEntry,
    resource: &dyn AnyResource,
    ctx: &AnyCtx,
    object: Value,
    planned: Value,
) -> Result<Finding, ProviderError> {
    let id = resource.id(&object).unwrap_or_default();
    let whole = resource.read(ctx.clone(), id, Some(keep_arguments(&object, &planned))).await?;
    // The provider itself gave it up after it had seen it: half made, as when this is known at once.
    let gave_up = entry.checkpoint.is_some() && entry.outcome.is_some();
    // It is there, and nobody knows how far its provisioners came.
    let unprovisioned = &*entry.intent.action == CREATE_AND_PROVISION;
    let status = if gave_up || unprovisioned { ObjectStatus::Tainted } else { ObjectStatus::Ready };
    Ok(whole.map_or(Finding::Absent, |v| Finding::Exists(v, status)))
}

/// What a create with this token made that was not to be found when it was settled.
pub(super) async fn found_late(
    resource: &dyn AnyResource,
    ctx: &AnyCtx,
    op: OpToken,
    planned: &Value,
) -> Result<Option<Value>, ProviderError> {
    let Some(object) = resource.find(ctx.clone(), op, planned.clone()).await? else { return Ok(None) };
    let id = resource.id(&object).unwrap_or_default();
    resource.read(ctx.clone(), id, Some(keep_arguments(&object, planned))).await
}

/// What the API does not tell is as it was planned.
fn keep_arguments(object: &Value, planned: &Value) -> Value {
    let members = object.members().into_iter().flatten();
    members.fold(object.clone(), |v, (name, found)| match planned.get(name) {
        Some(wanted) if found.is_null() && !wanted.is_null() => v.with(name, wanted),
        _ => v,
    })
}

async fn reread(resource: &dyn AnyResource, ctx: AnyCtx, prior: Value) -> Result<Finding, ProviderError> {
    let id = resource.id(&prior).unwrap_or_default();
    let now = resource.read(ctx, id, Some(prior)).await?;
    Ok(now.map_or(Finding::Absent, |v| Finding::Exists(v, ObjectStatus::Ready)))
}

async fn record(
    entry: &JournalEntry,
    run: &Run,
    snapshot: &Snapshot,
    resource: &dyn AnyResource,
    finding: Finding,
    listener: &Listener,
) -> Result<(), StateError> {
    let intent = &entry.intent;
    let opened = run.reopen(entry);
    fail_point("recovery.record");
    let known = snapshot.object(&intent.addr, intent.deposed.as_ref());
    let creating = intent.planned.is_some() && intent.prior.is_none();
    let subject = |id: Option<String>| Subject { addr: intent.addr.clone(), deposed: intent.deposed.clone(), id };
    let (what, id) = match finding {
        Finding::Exists(object, status) => {
            // An object that was half made before is so still.
            let status = known.filter(|_| !creating).map_or(status, |row| row.status);
            let row = row(entry, resource, &object, status, known.filter(|_| !creating));
            let id = row.id.clone();
            let mut edits = Vec::new();
            if creating && known.is_some() {
                edits.push(StateEdit::Depose { addr: intent.addr.clone(), key: recovered_key(intent.op_token) });
            }
            edits.push(StateEdit::Put(Box::new(row)));
            opened.succeed(Outcome { edits, ..Outcome::default() }).await?;
            (if creating { "adopted" } else { "read again" }, id)
        }
        Finding::Absent if creating => {
            let record = FailureRecord { message: NEVER_MADE.to_owned(), ..FailureRecord::default() };
            opened.fail(record).await?;
            ("never made", None)
        }
        Finding::Absent => {
            let edits = vec![StateEdit::Remove { addr: intent.addr.clone(), deposed: intent.deposed.clone() }];
            opened.succeed(Outcome { edits, ..Outcome::default() }).await?;
            ("gone", None)
        }
        Finding::Nothing => {
            let record = FailureRecord { message: "interrupted".to_owned(), ..FailureRecord::default() };
            opened.fail(record).await?;
            ("planned again", None)
        }
        Finding::Left => {
            let record = FailureRecord { message: "left as it is by the operator".to_owned(), ..FailureRecord::default() };
            opened.fail(record).await?;
            ("left as it is", None)
        }
    };
    listener.event(&Event::Recovered { subject: subject(id), what: what.to_owned() });
    Ok(())
}

fn recovered_key(op: uuid::Uuid) -> DeposedKey {
    let text = op.simple().to_string();
    DeposedKey(Arc::from(&text[text.len() - 8..]))
}

/// The row of an object that was found. Of one that was to be changed nobody knows whether it was: it may still depend on
/// what it depended on before, so whatever is deleted heeds both.
fn row(entry: &JournalEntry, resource: &dyn AnyResource, object: &Value, status: ObjectStatus, before: Option<&ObjectRow>) -> ObjectRow {
    let intent = &entry.intent;
    let mut dependencies = intent.dependencies.clone();
    let earlier = before.into_iter().flat_map(|row| &row.dependencies);
    dependencies.extend(earlier.filter(|d| !intent.dependencies.contains(d)).cloned());
    let schema = resource.schema();
    // Where the configuration made values sensitive, the image of the intent knows it.
    let image = intent.planned.as_ref().or(intent.prior.as_ref());
    let paths = image
        .and_then(|i| decode_values(&i.values, &i.sensitive_paths, &schema.ty()).ok())
        .map(|v| v.marked_paths(Marks::SENSITIVE))
        .unwrap_or_default();
    let (values, sensitive_paths) =
        encode_object(&with_schema_marks(&schema.block, object.clone().mark_at(&paths, Marks::SENSITIVE)), &schema.block);
    ObjectRow {
        addr: intent.addr.clone(),
        deposed: intent.deposed.clone(),
        provider: intent.provider.clone(),
        provider_source: intent.provider_source.clone(),
        schema_version: schema.version,
        status,
        id: resource.id(object),
        values,
        sensitive_paths,
        dependencies,
        create_before_destroy: intent.create_before_destroy || before.is_some_and(|row| row.create_before_destroy),
        private: None,
    }
}
