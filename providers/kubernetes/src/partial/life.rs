//! How parts of objects live: all alike, whatever they are parts of.

use crate::client::Kubernetes;
use crate::manifest::identity::Named;
use crate::partial::part::{Part, Texts};
use levee_sdk::Ctx;
use levee_sdk::error::Result;

/// A resource type that is a part of somebody else's object.
pub(super) trait Partial: Clone + Send + Sync {
    /// The part that is described.
    fn part(&self) -> Part;
    /// The same with the maps as they are, in the order of [`Part::maps`].
    fn with(self, maps: Vec<Texts>) -> Self;
    /// The same with the id that the object has for this type.
    fn identified(self, named: &Named) -> Self;
    /// What the id of an import says.
    fn of_id(id: &str) -> Result<Self>;
}

/// See [`levee_sdk::Resource::read`].
pub(super) async fn read<T: Partial>(ctx: &Ctx<Kubernetes>, id: &str, prior: Option<&T>) -> Result<Option<T>> {
    let known = prior.cloned().map_or_else(|| T::of_id(id), Ok)?;
    let maps = known.part().read(ctx, prior.is_none()).await?;
    Ok(maps.map(|maps| known.with(maps)))
}

/// Makes the object's maps as `planned` says; `prior` is what they were by us.
pub(super) async fn write<T: Partial>(ctx: &Ctx<Kubernetes>, planned: T, prior: Option<&T>) -> Result<T> {
    let part = planned.part();
    part.write(ctx, prior.map(T::part).as_ref()).await?;
    Ok(planned.identified(&part.named))
}

/// See [`levee_sdk::Resource::find`].
pub(super) async fn find<T: Partial>(ctx: &Ctx<Kubernetes>, planned: &T) -> Result<Option<T>> {
    let part = planned.part();
    let wanted: Vec<Texts> = part.maps.iter().map(|(_, texts)| texts.clone()).collect();
    let there = part.read(ctx, false).await?.filter(|there| *there == wanted);
    // It is there as it was to be: writing it once more says who owns it.
    if there.is_some() { write(ctx, planned.clone(), None).await.map(Some) } else { Ok(None) }
}

/// Makes a [`Partial`] with a field `id` the resource type of that name.
macro_rules! resource {
    ($part:ty, $name:literal) => {
        impl levee_sdk::Resource for $part {
            type Client = crate::client::Kubernetes;
            const TYPE: &'static str = $name;

            fn identity() -> levee_sdk::Identity {
                levee_sdk::Identity::NaturalKey
            }
            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }
            async fn read(ctx: &levee_sdk::Ctx<Self::Client>, id: &str, prior: Option<&Self>) -> Result<Option<Self>> {
                crate::partial::life::read(ctx, id, prior).await
            }
            async fn create(ctx: &levee_sdk::Ctx<Self::Client>, planned: Self, _: levee_sdk::OpToken) -> Result<Self> {
                crate::partial::life::write(ctx, planned, None).await
            }
            async fn update(ctx: &levee_sdk::Ctx<Self::Client>, prior: Self, planned: Self, _: levee_sdk::OpToken) -> Result<Self> {
                crate::partial::life::write(ctx, planned, Some(&prior)).await
            }
            async fn delete(ctx: &levee_sdk::Ctx<Self::Client>, prior: Self, _: levee_sdk::OpToken) -> Result<()> {
                prior.part().remove(ctx).await
            }
            async fn find(ctx: &levee_sdk::Ctx<Self::Client>, _: levee_sdk::OpToken, planned: &Self) -> Result<Option<Self>> {
                crate::partial::life::find(ctx, planned).await
            }
        }
    };
}
pub(super) use resource;
