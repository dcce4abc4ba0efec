//! Applying and deleting what a manifest is of.

use crate::client::{Kubernetes, Place, gone};
use crate::conflict;
use crate::manifest::identity::Named;
use crate::manifest::secret;
use crate::metadata::OP_ANNOTATION;
use crate::removal;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::Value;
use levee_sdk::{Ctx, OpToken};
use serde_json::{Value as Json, json};

/// How a manifest is applied.
#[derive(Clone, Debug)]
pub(crate) struct How {
    /// As whom.
    pub(crate) manager: String,
    /// Whether fields of others are taken over.
    pub(crate) force: bool,
    /// What happens to what hangs on the object when it is deleted.
    pub(crate) propagation: &'static str,
    /// Whether an object that is there already is taken over.
    pub(crate) adopts: bool,
}

/// The object that the operation made, if it made one.
pub(crate) async fn made_by(ctx: &Ctx<Kubernetes>, named: &Named, op: OpToken) -> Result<Option<(Place, Json)>> {
    let Some(place) = named.find(&ctx.client).await? else { return Ok(None) };
    let there = ctx.client.get(&place).await?;
    Ok(there.filter(|there| is_of(there, op)).map(|there| (place, there)))
}

fn is_of(object: &Json, op: OpToken) -> bool {
    object["metadata"]["annotations"][OP_ANNOTATION].as_str() == Some(&op.to_string())
}

/// Makes the object.
pub(crate) async fn create(ctx: &Ctx<Kubernetes>, manifest: &Json, how: &How, op: OpToken) -> Result<Place> {
    let named = Named::of(manifest)?;
    let place = named.find_soon(ctx).await?;
    let there = ctx.client.get(&place).await?;
    if there.as_ref().is_some_and(|there| !how.adopts && !is_of(there, op)) {
        let text = format!("{} {} exists already", named.kind, place.id());
        let hint = format!("to manage it here, import it: its id is {}", named.id());
        return Err(ProviderError::new(ErrorKind::AlreadyExists, text).hint(hint));
    }
    let mut object = manifest.clone();
    if !object["metadata"]["annotations"].is_object() {
        object["metadata"]["annotations"] = json!({});
    }
    object["metadata"]["annotations"][OP_ANNOTATION] = json!(op.to_string());
    apply(ctx, &place, &object, how, &there.unwrap_or_default()).await?;
    ctx.checkpoint(named.id()).await?;
    Ok(place)
}

/// Changes the object.
pub(crate) async fn update(ctx: &Ctx<Kubernetes>, manifest: &Json, how: &How) -> Result<Place> {
    let named = Named::of(manifest)?;
    let place = named.find_soon(ctx).await?;
    let live = ctx.client.get(&place).await?.ok_or_else(|| gone(&place))?;
    let mut object = manifest.clone();
    object["metadata"]["uid"] = live["metadata"]["uid"].clone();
    apply(ctx, &place, &object, how, &live).await?;
    Ok(place)
}

/// `live`: the object as it is, if it is there.
async fn apply(ctx: &Ctx<Kubernetes>, place: &Place, object: &Json, how: &How, live: &Json) -> Result<Json> {
    let mut object = secret::packed(object.clone());
    if let (Some(namespace), Some(metadata)) = (place.namespace(), object["metadata"].as_object_mut()) {
        metadata.insert("namespace".into(), json!(namespace));
    }
    let answer = ctx.client.apply(place, &how.manager, how.force, &object).await;
    answer.map_err(|error| if conflict::is_about_owners(&error) { owned_by_others(error, live) } else { error })
}

fn owned_by_others(error: ProviderError, live: &Json) -> ProviderError {
    let text = format!("others own fields that are to change: {}", conflict::owners(&error.message, live));
    let hint = "let them go there, take the fields out of the manifest, or take them over with force_conflicts = true in field_manager";
    ProviderError { message: text, ..error }.hint(hint)
}

/// Deletes the object and waits until it is gone.
pub(crate) async fn delete(ctx: &Ctx<Kubernetes>, named: &Named, uid: Option<&str>, how: &How) -> Result<()> {
    match named.find(&ctx.client).await? {
        Some(place) => removal::remove(ctx, &place, uid, how.propagation).await,
        None => Ok(()),
    }
}

/// A member of the object's metadata, of a value that holds the object.
pub(crate) fn of_metadata(object: &Value, name: &str) -> Option<String> {
    object.get("metadata")?.get(name)?.as_str().map(str::to_owned)
}
