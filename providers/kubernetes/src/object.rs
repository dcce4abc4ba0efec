//! A typed resource: any kind of object behind the engine's interface.

use crate::client::{Kubernetes, Place, gone};
use crate::conflict;
use crate::field::{self, Field};
use crate::kind::{Kind, Settling};
use crate::metadata::{self, MANAGER, OP_ANNOTATION};
use crate::owned::Owned;
use crate::read::{Known, read};
use crate::write::{Before, write};
use crate::{removal, spelling};
use futures::future::BoxFuture;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::model::{Change, Diagnostic, Diagnostics, Reversibility, Type, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::schema::Schema;
use levee_sdk::{AnyResource, Ctx, Draft, Effects, Identity, OpToken};
use serde_json::{Map, Value as Json, json};
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// A resource type of a kind.
pub(crate) struct ObjectType {
    name: &'static str,
    kind: &'static Kind,
    fields: Vec<Field>,
    /// Built when it is asked for.
    schema: OnceLock<Arc<Schema>>,
}

impl ObjectType {
    /// All types of a kind: they differ in nothing but their names.
    pub(crate) fn all(kind: &'static Kind) -> impl Iterator<Item = Arc<dyn AnyResource>> {
        let one = move |name: &&'static str| -> Arc<dyn AnyResource> {
            Arc::new(Self { name, kind, fields: kind.all_fields(), schema: OnceLock::new() })
        };
        kind.types.iter().map(one)
    }

    /// The object as a value.
    fn value(&self, place: &Place, live: &Json, known: Option<&Value>, how: Known) -> Value {
        let value = read(&self.fields, live, known, &Owned::by(live, MANAGER), how);
        let value = self.kind.rules.read(live, known, value).with("id", Value::string(place.id()));
        match known.filter(|_| how == Known::State) {
            Some(known) => without_noise(value, known),
            None => value,
        }
    }

    /// The object as it is to be applied.
    fn written(&self, place: &Place, planned: &Value, before: &Before<'_>) -> Json {
        let mut object = Map::new();
        object.insert("apiVersion".into(), self.kind.api_version.into());
        object.insert("kind".into(), self.kind.kind.into());
        write(&self.fields, planned, before, &mut object);
        let mut object = Json::Object(object);
        object["metadata"]["name"] = json!(place.name);
        if let Some(namespace) = place.namespace() {
            object["metadata"]["namespace"] = json!(namespace);
        }
        self.kind.rules.written(planned, &mut object);
        object
    }

    fn place(&self, planned: &Value, op: OpToken) -> Place {
        self.kind.place(metadata::of(planned, "namespace").as_deref(), &metadata::name(planned, op))
    }

    /// Waits until it is ready, then says how it is.
    async fn settled(&self, ctx: &Ctx<Kubernetes>, place: &Place, planned: &Value, live: &Json, is_new: bool) -> Result<Value> {
        self.kind.rules.settle(Settling { ctx, place, planned, live, is_new }).await?;
        let live = ctx.client.get(place).await?.ok_or_else(|| gone(place))?;
        Ok(self.value(place, &live, Some(planned), Known::Plan))
    }

    async fn create_object(&self, ctx: &Ctx<Kubernetes>, planned: &Value, op: OpToken) -> Result<Value> {
        let place = self.place(planned, op);
        if let Some(there) = ctx.client.get(&place).await?.filter(|there| !is_of(there, op)) {
            return Err(taken(&place, self.kind.kind, &there));
        }
        let mut object = self.written(&place, planned, &Before::default());
        object["metadata"]["annotations"][OP_ANNOTATION] = json!(op.to_string());
        let live = ctx.client.apply(&place, MANAGER, false, &object).await?;
        ctx.checkpoint(place.id()).await?;
        self.settled(ctx, &place, planned, &live, true).await
    }

    async fn update_object(&self, ctx: &Ctx<Kubernetes>, prior: &Value, planned: &Value) -> Result<Value> {
        let id = self.kind.id(prior).unwrap_or_default();
        let place = self.kind.place_of_id(&id);
        let live = ctx.client.get(&place).await?.ok_or_else(|| gone(&place))?;
        let before = Before::of(prior, &live, Owned::by(&live, MANAGER));
        let mut object = self.written(&place, planned, &before);
        // So that an object that was made anew meanwhile is not taken for the one that was planned with.
        object["metadata"]["uid"] = live["metadata"]["uid"].clone();
        let live = conflict::apply_over(ctx, &place, &object, &live).await?;
        self.settled(ctx, &place, planned, &live, false).await
    }

    async fn find_object(&self, ctx: &Ctx<Kubernetes>, op: OpToken, planned: &Value) -> Result<Option<Value>> {
        let place = self.place(planned, op);
        let Some(live) = ctx.client.get(&place).await?.filter(|there| is_of(there, op)) else { return Ok(None) };
        self.settled(ctx, &place, planned, &live, true).await.map(Some)
    }
}

/// Whether the operation made this object.
fn is_of(object: &Json, op: OpToken) -> bool {
    object["metadata"]["annotations"][OP_ANNOTATION].as_str() == Some(&op.to_string())
}

fn taken(place: &Place, kind: &str, there: &Json) -> ProviderError {
    let is_going = there["metadata"]["deletionTimestamp"].is_string();
    let text = if is_going { "is still being deleted" } else { "exists already" };
    let told = ProviderError::new(ErrorKind::AlreadyExists, format!("{kind} {} {text}", place.id()));
    if is_going { told } else { told.hint(format!("to manage it here, import it: its id is {}", place.id())) }
}

/// The version of an object changes with everything that anybody writes into it; if nothing of ours changed, it is none of our
/// business.
fn without_noise(now: Value, known: &Value) -> Value {
    let quiet = ["resource_version", "generation"].iter().fold(now.clone(), |value, name| {
        let old = known.get("metadata").and_then(|m| m.elements()?.first()?.get(name));
        old.map_or(value.clone(), |old| metadata::with(&value, name, &old))
    });
    if quiet == known.clone().unmark_deep().0 { quiet } else { now }
}

impl AnyResource for ObjectType {
    fn type_name(&self) -> &'static str {
        self.name
    }
    fn schema(&self) -> Arc<Schema> {
        let made = || Arc::new(Schema::new(0, field::block(&self.fields), self.kind.doc));
        self.schema.get_or_init(made).clone()
    }
    fn identity(&self) -> Identity {
        Identity::Name
    }
    fn effects(&self) -> Effects {
        Effects::Remote
    }
    fn reversibility(&self, change: &Change) -> Reversibility {
        self.kind.rules.reversibility(change)
    }
    fn id(&self, object: &Value) -> Option<String> {
        self.kind.id(object)
    }
    fn moved_from(&self, type_name: &str, value: &Value) -> Option<Value> {
        self.kind.types.contains(&type_name).then(|| value.clone())
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        let mut told = self.kind.rules.validate(config);
        let says = |name: &str| metadata::of(config, name).is_some();
        if says("name") && says("generate_name") {
            told.push(Diagnostic::error("Both name and generate_name are set", "An object has a name, or one is made up for it."));
        }
        told
    }
    fn plan(&self, _: Option<&Arc<dyn Any + Send + Sync>>, draft: &mut Draft) -> Result<()> {
        let prior = draft.prior.clone().map(|p| p.unmark_deep().0);
        if let Some(prior) = &prior {
            draft.planned = spelling::kept(&self.fields, prior, &draft.planned);
        }
        if let Some(prior) = prior.as_ref().filter(|prior| **prior != draft.planned.clone().unmark_deep().0) {
            draft.planned = metadata::with(&draft.planned, "resource_version", &Value::unknown(Type::String));
            // Some kinds have none.
            if prior.get("metadata").and_then(|m| m.elements()?.first()?.get("generation")).is_some_and(|g| !g.is_null()) {
                draft.planned = metadata::with(&draft.planned, "generation", &Value::unknown(Type::Number));
            }
        }
        if let Some(id) = self.kind.id(&draft.planned).filter(|_| draft.is_create()) {
            draft.set("id", Value::string(id));
        }
        self.kind.rules.plan(draft);
        Ok(())
    }
    fn read(&self, ctx: AnyCtx, id: String, prior: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let (ctx, place) = (ctx.of::<Kubernetes>()?, self.kind.place_of_id(&id));
            let live = ctx.client.read(&place).await?;
            let prior = prior.map(|p| p.unmark_deep().0);
            Ok(live.map(|live| {
                let how = match prior {
                    Some(_) => Known::State,
                    None if Owned::by(&live, MANAGER).any() => Known::Owned,
                    None => Known::Nothing,
                };
                self.value(&place, &live, prior.as_ref(), how)
            }))
        })
    }
    fn create(&self, ctx: AnyCtx, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { self.create_object(&ctx.of()?, &planned.unmark_deep().0, op).await })
    }
    fn update(&self, ctx: AnyCtx, prior: Value, planned: Value, _: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { self.update_object(&ctx.of()?, &prior.unmark_deep().0, &planned.unmark_deep().0).await })
    }
    fn delete(&self, ctx: AnyCtx, prior: Value, _: OpToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let place = self.kind.place_of_id(&self.kind.id(&prior).unwrap_or_default());
            let uid = metadata::of(&prior, "uid");
            removal::remove(&ctx.of()?, &place, uid.as_deref(), self.kind.rules.propagation()).await
        })
    }
    fn import(&self, ctx: AnyCtx, id: String) -> BoxFuture<'_, Result<Option<Value>>> {
        self.read(ctx, id, None)
    }
    fn find(&self, ctx: AnyCtx, op: OpToken, planned: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move { self.find_object(&ctx.of()?, op, &planned.unmark_deep().0).await })
    }
}
