//! The engine's side: providers and types behind objects, over values of the schema's type.

use crate::context::{Ctx, OpToken, StepSink};
use crate::error::{ErrorKind, ProviderError, Result};
use crate::plan::Draft;
use crate::resource::{DataSource, Effects, EphemeralResource, Identity, Resource};
use crate::schema::Schema;
use crate::shape::Shape;
use crate::type_set::TypeSet;
use futures::future::BoxFuture;
use levee_model::{Change, Diagnostics, Reversibility, Value};
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A provider that is not configured yet.
pub trait Provider: Send + Sync {
    /// Its usual local name: `aws`.
    fn name(&self) -> &'static str;
    /// Its source address without the registry's host: `hashicorp/aws`.
    fn source(&self) -> &'static str;
    /// Version of Terraform's provider whose schema ours follows.
    fn version(&self) -> &'static str;
    /// Whether nothing that it does leaves this machine: it may be asked before it is known whether the configuration is sound.
    fn is_local(&self) -> bool {
        false
    }
    /// The schema of its block, and its types.
    fn types(&self) -> &TypeSet;
    /// What a type does without a configuration: checks, identity, effects; `None` for a type it does not have.
    fn resource(&self, type_name: &str) -> Option<Arc<dyn AnyResource>> {
        self.types().resource(type_name)
    }
    /// The data source of that name.
    fn data_source(&self, type_name: &str) -> Option<Arc<dyn AnyDataSource>> {
        self.types().data_source(type_name)
    }
    /// The ephemeral type of that name.
    fn ephemeral(&self, type_name: &str) -> Option<Arc<dyn AnyEphemeral>> {
        self.types().ephemeral(type_name)
    }
    /// Checks a provider block; parts may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }
    /// Logs in, as far as the configuration says how. `config` is of the provider block's type and wholly known.
    fn configure(&self, config: Value) -> BoxFuture<'_, Result<Arc<dyn Configured>>>;
}

/// A provider that is configured: hands its client to the types, which know what it is.
pub trait Configured: Send + Sync {
    /// The client as the types of this provider expect it.
    fn client(&self) -> Arc<dyn std::any::Any + Send + Sync>;
}

/// What is configured where all types of a provider are given one client.
pub struct Ready<C>(pub Arc<C>);

impl<C: Send + Sync + 'static> Configured for Ready<C> {
    fn client(&self) -> Arc<dyn std::any::Any + Send + Sync> {
        self.0.clone()
    }
}

/// What an operation is given, before the type of the client is known.
#[derive(Clone)]
pub struct AnyCtx {
    /// From [`Configured::client`].
    pub client: Arc<dyn std::any::Any + Send + Sync>,
    /// The way back to the engine.
    pub sink: Arc<dyn StepSink>,
    /// From the `timeouts` block.
    pub timeout: Option<Duration>,
}

impl AnyCtx {
    /// With the client as the types of its provider know it.
    ///
    /// # Errors
    /// It is of another provider.
    pub fn of<C: Send + Sync + 'static>(self) -> Result<Ctx<C>> {
        let client = self.client.downcast::<C>().map_err(|_| bug("the client is of another provider"))?;
        Ok(Ctx { client, sink: self.sink, timeout: self.timeout })
    }
}

/// A resource type behind an object. Values are objects of `schema().ty()`.
pub trait AnyResource: Send + Sync {
    /// The type's name.
    fn type_name(&self) -> &'static str;
    /// Its schema.
    fn schema(&self) -> Arc<Schema>;
    /// The same type once more, which shares nothing with this one: whoever works on many objects at the same time as others do
    /// is slowed down by what both count references to. None where few objects are worth that.
    fn apart(&self) -> Option<Arc<dyn AnyResource>> {
        None
    }
    /// How an object of ours is found again.
    fn identity(&self) -> Identity;
    /// What carrying out a step touches.
    fn effects(&self) -> Effects;
    /// See [`Resource::reversibility`].
    fn reversibility(&self, change: &Change) -> Reversibility;
    /// The object's id.
    fn id(&self, object: &Value) -> Option<String>;
    /// See [`Resource::moved_from`].
    fn moved_from(&self, type_name: &str, value: &Value) -> Option<Value>;
    /// See [`Resource::validate`].
    fn validate(&self, config: &Value) -> Diagnostics;
    /// See [`Resource::plan`].
    fn plan(&self, client: Option<&Arc<dyn std::any::Any + Send + Sync>>, draft: &mut Draft) -> Result<()>;
    /// See [`Resource::read`].
    fn read(&self, ctx: AnyCtx, id: String, prior: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>>;
    /// See [`Resource::create`].
    fn create(&self, ctx: AnyCtx, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>>;
    /// See [`Resource::update`].
    fn update(&self, ctx: AnyCtx, prior: Value, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>>;
    /// See [`Resource::delete`].
    fn delete(&self, ctx: AnyCtx, prior: Value, op: OpToken) -> BoxFuture<'_, Result<()>>;
    /// See [`Resource::revive`].
    fn revive(&self, ctx: AnyCtx, was: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        let _ = (ctx, was);
        Box::pin(async { Ok(None) })
    }
    /// What a plan tells of a change besides the values, line by line, which only asking can find out. It changes nothing, and an
    /// error is one of the plan.
    fn preview(&self, ctx: AnyCtx, change: Arc<Change>) -> BoxFuture<'_, Result<Vec<String>>> {
        let _ = (ctx, change);
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Rollback: brings an object back to what it was where that is another thing than an update; `None` where it is not. `was` is the
    /// whole object as it was.
    fn restore(&self, ctx: AnyCtx, was: Value, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Option<Value>>> {
        let _ = (ctx, was, planned, op);
        Box::pin(async { Ok(None) })
    }
    /// See [`Resource::import`].
    fn import(&self, ctx: AnyCtx, id: String) -> BoxFuture<'_, Result<Option<Value>>>;
    /// See [`Resource::find`].
    fn find(&self, ctx: AnyCtx, op: OpToken, planned: Value) -> BoxFuture<'_, Result<Option<Value>>>;
}

/// A data source behind an object.
pub trait AnyDataSource: Send + Sync {
    /// The type's name.
    fn type_name(&self) -> &'static str;
    /// Its schema.
    fn schema(&self) -> Arc<Schema>;
    /// See [`DataSource::validate`].
    fn validate(&self, config: &Value) -> Diagnostics;
    /// See [`DataSource::read`].
    fn read(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>>;
}

/// An ephemeral type behind an object.
pub trait AnyEphemeral: Send + Sync {
    /// The type's name.
    fn type_name(&self) -> &'static str;
    /// Its schema.
    fn schema(&self) -> Arc<Schema>;
    /// See [`EphemeralResource::validate`].
    fn validate(&self, config: &Value) -> Diagnostics;
    /// See [`EphemeralResource::open`].
    fn open(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>>;
    /// See [`EphemeralResource::close`].
    fn close(&self, ctx: AnyCtx, opened: Value) -> BoxFuture<'_, Result<()>>;
}

/// Puts a [`Resource`] behind [`AnyResource`], a [`DataSource`] behind [`AnyDataSource`], an [`EphemeralResource`] behind
/// [`AnyEphemeral`].
pub struct Typed<T> {
    version: u64,
    schema: OnceLock<Arc<Schema>>,
    of: PhantomData<fn() -> T>,
}

impl<T: Shape> Typed<T> {
    fn of_version(version: u64) -> Arc<Self> {
        Arc::new(Self { version, schema: OnceLock::new(), of: PhantomData })
    }

    fn described(&self) -> Arc<Schema> {
        self.schema.get_or_init(|| Arc::new(Schema::new(self.version, T::block(), T::doc()))).clone()
    }
}

impl<T: Resource> Typed<T> {
    /// The type behind an object.
    pub fn resource() -> Arc<dyn AnyResource> {
        Self::of_version(T::VERSION)
    }
}

impl<T: DataSource> Typed<T> {
    /// The data source behind an object.
    pub fn data_source() -> Arc<dyn AnyDataSource> {
        Self::of_version(0)
    }
}

impl<T: EphemeralResource> Typed<T> {
    /// The ephemeral type behind an object.
    pub fn ephemeral() -> Arc<dyn AnyEphemeral> {
        Self::of_version(0)
    }
}

impl<T: EphemeralResource> AnyEphemeral for Typed<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }
    fn schema(&self) -> Arc<Schema> {
        self.described()
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        T::validate(config)
    }
    fn open(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { Ok(T::open(&ctx.of()?, shaped(&config)?).await?.to_value()) })
    }
    fn close(&self, ctx: AnyCtx, opened: Value) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { T::close(&ctx.of()?, shaped(&opened)?).await })
    }
}

fn bug(what: impl std::fmt::Display) -> ProviderError {
    ProviderError::new(ErrorKind::Bug, what.to_string())
}

fn shaped<T: Shape>(value: &Value) -> Result<T> {
    T::from_value(value).map_err(bug)
}

impl<T: Resource> AnyResource for Typed<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }
    fn schema(&self) -> Arc<Schema> {
        self.described()
    }
    fn apart(&self) -> Option<Arc<dyn AnyResource>> {
        Some(Self::of_version(self.version))
    }
    fn identity(&self) -> Identity {
        T::identity()
    }
    fn effects(&self) -> Effects {
        T::effects()
    }
    fn reversibility(&self, change: &Change) -> Reversibility {
        T::reversibility(change)
    }
    fn id(&self, object: &Value) -> Option<String> {
        shaped::<T>(object).ok()?.id().map(str::to_owned)
    }
    fn moved_from(&self, type_name: &str, value: &Value) -> Option<Value> {
        T::moved_from(type_name, value).map(|v| v.to_value())
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        T::validate(config)
    }
    fn plan(&self, client: Option<&Arc<dyn std::any::Any + Send + Sync>>, draft: &mut Draft) -> Result<()> {
        T::plan(client.and_then(|c| c.downcast_ref()), draft)
    }
    fn read(&self, ctx: AnyCtx, id: String, prior: Option<Value>) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let prior = prior.as_ref().map(shaped::<T>).transpose()?;
            let now = T::read(&ctx.of()?, &id, prior.as_ref()).await?;
            Ok(now.map(|v| v.to_value()))
        })
    }
    fn create(&self, ctx: AnyCtx, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { Ok(T::create(&ctx.of()?, shaped(&planned)?, op).await?.to_value()) })
    }
    fn update(&self, ctx: AnyCtx, prior: Value, planned: Value, op: OpToken) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { Ok(T::update(&ctx.of()?, shaped(&prior)?, shaped(&planned)?, op).await?.to_value()) })
    }
    fn delete(&self, ctx: AnyCtx, prior: Value, op: OpToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { T::delete(&ctx.of()?, shaped(&prior)?, op).await })
    }
    fn revive(&self, ctx: AnyCtx, was: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move { Ok(T::revive(&ctx.of()?, shaped(&was)?).await?.map(|v| v.to_value())) })
    }
    fn import(&self, ctx: AnyCtx, id: String) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move { Ok(T::import(&ctx.of()?, &id).await?.map(|v| v.to_value())) })
    }
    fn find(&self, ctx: AnyCtx, op: OpToken, planned: Value) -> BoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async move {
            let planned = shaped::<T>(&planned)?;
            Ok(T::find(&ctx.of()?, op, &planned).await?.map(|v| v.to_value()))
        })
    }
}

impl<T: DataSource> AnyDataSource for Typed<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }
    fn schema(&self) -> Arc<Schema> {
        self.described()
    }
    fn validate(&self, config: &Value) -> Diagnostics {
        T::validate(config)
    }
    fn read(&self, ctx: AnyCtx, config: Value) -> BoxFuture<'_, Result<Value>> {
        Box::pin(async move { Ok(T::read(&ctx.of()?, shaped(&config)?).await?.to_value()) })
    }
}
