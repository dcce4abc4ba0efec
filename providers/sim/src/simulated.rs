//! What the types share: arguments in, arguments and what the cloud adds out, through the calls.

use crate::client::{About, Moment, Sim};
use crate::record::{Action, Links, Object};
use crate::world::World;
use levee_model::{Value, json};
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::{Ctx, Draft, Identity, OpToken, Shape};

/// A type of the simulated cloud. Implement it, then list the type in [`sim_resource`].
pub(crate) trait Simulated: Shape + Clone + Send + Sync + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// What ids begin with.
    const PREFIX: &'static str;
    /// How an object is found again.
    const IDENTITY: Identity;
    /// What changes with every change, and only the cloud can tell.
    const MOVING: &'static [&'static str];

    /// Its id.
    fn id(&self) -> Option<&str>;
    /// Its name in the world's file.
    fn name(&self) -> &str;
    /// What ties it to others.
    fn links(&self) -> Links;
    /// What the world's file keeps of the arguments.
    fn kept(self) -> Self {
        self
    }
    /// The arguments, and what the cloud says of the object at this time.
    fn seen(self, object: &Object, now: u64) -> Self;
}

/// Marks as unknown what a change will change.
pub(crate) fn plan<T: Simulated>(draft: &mut Draft) {
    let prior = draft.prior.clone().map(|v| v.unmark_deep().0);
    if prior.is_some_and(|prior| prior != draft.planned.clone().unmark_deep().0) {
        for name in T::MOVING {
            draft.set_unknown(name);
        }
    }
}

fn written<T: Simulated>(object: &T) -> serde_json::Value {
    json::to_json_typed(&object.to_value().unmark_deep().0, &T::ty())
}

fn from_world<T: Simulated>(object: &Object, now: u64) -> Result<T> {
    let bug = |e: String| ProviderError::new(ErrorKind::Bug, format!("{} in the world's file: {e}", object.id));
    let value: Value = json::from_json(&object.values, &T::ty()).map_err(|e| bug(e.to_string()))?;
    Ok(T::from_value(&value).map_err(|e| bug(e.to_string()))?.seen(object, now))
}

/// The object as the world has it now.
fn current<T: Simulated>(sim: &Sim, id: &str) -> Result<T> {
    let gone = || ProviderError::new(ErrorKind::NotFound, format!("{id} is gone"));
    let (object, now) = sim.look(|world, now| (world.objects().get(id).cloned(), now))?;
    from_world(&object.ok_or_else(gone)?, now)
}

/// See [`levee_sdk::Resource::read`].
pub(crate) async fn read<T: Simulated>(ctx: &Ctx<Sim>, id: &str, prior: Option<&T>) -> Result<Option<T>> {
    let sim = &ctx.client;
    let name = prior.map_or(id, |p| p.name());
    let about = About { action: Action::Read, type_name: T::NAME, name, id: Some(id) };
    let (found, now) = sim.read(about, |world, now| (world.look(id, now, sim.lag), now)).await?;
    found.filter(|object| object.type_name == T::NAME).map(|object| from_world(&object, now)).transpose()
}

fn object<T: Simulated>(planned: &T, id: String, op: String, moment: &Moment<'_>, building: u64) -> Object {
    Object {
        id,
        type_name: T::NAME.to_owned(),
        name: planned.name().to_owned(),
        op,
        generation: 1,
        ready_at: (building > 0 || moment.broken).then_some(moment.now + building),
        broken: moment.broken,
        links: planned.links(),
        values: written(&planned.clone().kept()),
    }
}

/// Asks for a new object. Its answer may come before the object is ready.
pub(crate) async fn order<T: Simulated>(ctx: &Ctx<Sim>, planned: &T, op: OpToken) -> Result<Object> {
    let sim = &ctx.client;
    let about = About { action: Action::Create, type_name: T::NAME, name: planned.name(), id: None };
    let building = u64::try_from(sim.building(T::NAME, planned.name()).as_millis()).unwrap_or(u64::MAX / 2);
    let made = sim.change(ctx.sink.as_ref(), about, |moment| {
        // A client token that was seen before is the same wish.
        if let Some(made) = moment.world.made_by(&op.to_string()).filter(|_| T::IDENTITY == Identity::ClientToken) {
            return Ok((made.id.clone(), Some(made.clone())));
        }
        let id = match T::IDENTITY {
            Identity::NaturalKey => planned.links().unique.unwrap_or_default(),
            _ => format!("{}-{}", T::PREFIX, moment.new_id),
        };
        let object = object(planned, id.clone(), op.to_string(), &moment, building);
        moment.world.may_be(&object)?;
        Ok((id, Some(object)))
    });
    made.await?.ok_or_else(|| ProviderError::new(ErrorKind::Bug, "what was made is not there"))
}

/// See [`levee_sdk::Resource::create`].
pub(crate) async fn create<T: Simulated>(ctx: &Ctx<Sim>, planned: T, op: OpToken) -> Result<T> {
    let object = order(ctx, &planned, op).await?;
    if object.ready_at.is_some() || ctx.client.lags() {
        ctx.checkpoint(&object.id).await?;
        ctx.client.until_ready(ctx, &object).await?;
        ctx.client.until_visible(ctx, &object.id).await?;
    }
    current(&ctx.client, &object.id)
}

/// See [`levee_sdk::Resource::update`].
pub(crate) async fn update<T: Simulated>(ctx: &Ctx<Sim>, prior: T, planned: T) -> Result<T> {
    let id = prior.id().unwrap_or_default();
    let about = About { action: Action::Update, type_name: T::NAME, name: planned.name(), id: Some(id) };
    let change = |moment: Moment<'_>| {
        let known = moment.world.objects().get(id);
        let gone = || ProviderError::new(ErrorKind::NotFound, format!("{id} does not exist"));
        let known = known.ok_or_else(gone)?;
        let (generation, op) = (known.generation + 1, known.op.clone());
        let kept = (known.ready_at, known.broken);
        let new = Object { generation, ready_at: kept.0, broken: kept.1, ..object(&planned, id.to_owned(), op, &moment, 0) };
        moment.world.may_be(&new)?;
        Ok((id.to_owned(), Some(new)))
    };
    ctx.client.change(ctx.sink.as_ref(), about, change).await?;
    ctx.client.until_visible(ctx, id).await?;
    current(&ctx.client, id)
}

/// See [`levee_sdk::Resource::delete`].
pub(crate) async fn delete<T: Simulated>(ctx: &Ctx<Sim>, prior: T) -> Result<()> {
    let id = prior.id().unwrap_or_default();
    let about = About { action: Action::Delete, type_name: T::NAME, name: prior.name(), id: Some(id) };
    let change = |moment: Moment<'_>| {
        if let Some(object) = moment.world.objects().get(id) {
            moment.world.may_go(object)?;
        }
        Ok((id.to_owned(), None))
    };
    ctx.client.change(ctx.sink.as_ref(), about, change).await?;
    ctx.client.until_visible(ctx, id).await
}

/// See [`levee_sdk::Resource::find`].
pub(crate) async fn find<T: Simulated>(ctx: &Ctx<Sim>, op: OpToken, planned: &T) -> Result<Option<T>> {
    let sim = &ctx.client;
    let op = op.to_string();
    let unique = planned.links().unique;
    let ours = |world: &World| match (T::IDENTITY, &unique) {
        (Identity::NaturalKey, Some(unique)) => world.owner(T::NAME, unique).map(|o| o.id.clone()),
        // Under a name, as under a tag, it is ours only if it has our token.
        _ => world.made_by(&op).map(|o| o.id.clone()),
    };
    let about = About { action: Action::Read, type_name: T::NAME, name: planned.name(), id: None };
    let look = |world: &mut World, now| ours(world).and_then(|id| world.look(&id, now, sim.lag)).map(|object| (object, now));
    let Some((object, now)) = sim.read(about, look).await? else { return Ok(None) };
    sim.until_ready(ctx, &object).await.or_else(|e| if e.kind == ErrorKind::Failed { Ok(()) } else { Err(e) })?;
    from_world(&object, now.max(object.ready_at.unwrap_or_default())).map(Some)
}

/// Implements `Resource` for types that are [`Simulated`].
macro_rules! sim_resource {
    ($($ty:ty),+) => {$(
        impl levee_sdk::Resource for $ty {
            type Client = $crate::client::Sim;
            const TYPE: &'static str = <Self as $crate::simulated::Simulated>::NAME;

            fn identity() -> levee_sdk::Identity {
                <Self as $crate::simulated::Simulated>::IDENTITY
            }
            fn id(&self) -> Option<&str> {
                $crate::simulated::Simulated::id(self)
            }
            fn plan(_: Option<&Self::Client>, draft: &mut levee_sdk::Draft) -> levee_sdk::error::Result<()> {
                $crate::simulated::plan::<Self>(draft);
                Ok(())
            }
            async fn read(
                ctx: &levee_sdk::Ctx<Self::Client>,
                id: &str,
                prior: Option<&Self>,
            ) -> levee_sdk::error::Result<Option<Self>> {
                $crate::simulated::read(ctx, id, prior).await
            }
            async fn create(
                ctx: &levee_sdk::Ctx<Self::Client>,
                planned: Self,
                op: levee_sdk::OpToken,
            ) -> levee_sdk::error::Result<Self> {
                $crate::simulated::create(ctx, planned, op).await
            }
            async fn update(
                ctx: &levee_sdk::Ctx<Self::Client>,
                prior: Self,
                planned: Self,
                _: levee_sdk::OpToken,
            ) -> levee_sdk::error::Result<Self> {
                $crate::simulated::update(ctx, prior, planned).await
            }
            async fn delete(ctx: &levee_sdk::Ctx<Self::Client>, prior: Self, _: levee_sdk::OpToken) -> levee_sdk::error::Result<()> {
                $crate::simulated::delete(ctx, prior).await
            }
            async fn find(
                ctx: &levee_sdk::Ctx<Self::Client>,
                op: levee_sdk::OpToken,
                planned: &Self,
            ) -> levee_sdk::error::Result<Option<Self>> {
                $crate::simulated::find(ctx, op, planned).await
            }
        }
    )+};
}
pub(crate) use sim_resource;
