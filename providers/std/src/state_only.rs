//! Resources that live in the state alone: there is nothing to read, nothing to delete, and nothing to find again.

use crate::offline::NoClient;
use levee_model::{Diagnostics, Value};
use levee_sdk::error::Result;
use levee_sdk::{Ctx, Draft, ProviderError, Shape};
use std::future::Future;

/// What is particular about a resource that lives in the state alone; [`state_resource!`] adds the rest.
pub(crate) trait StateOnly: Shape + Clone + Send + Sync + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Version of the stored value's layout, as in Terraform's provider.
    const LAYOUT: u64 = 0;

    /// The object's id.
    fn id(&self) -> Option<&str>;

    /// Fills in what is computed.
    fn create(planned: Self) -> impl Future<Output = Result<Self>> + Send;

    /// What is computed after a change in place.
    fn update(prior: Self, planned: Self) -> Result<Self>;

    /// Whether an object of the state still counts; one that does not is made anew.
    fn is_current(&self) -> bool {
        true
    }

    /// See [`levee_sdk::Resource::validate`].
    fn validate(config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// See [`levee_sdk::Resource::plan`].
    fn plan(draft: &mut Draft) -> Result<()> {
        let _ = draft;
        Ok(())
    }

    /// What an object of another type becomes when it moves to this one.
    fn moved_from(type_name: &str, value: &levee_model::Value) -> Option<Self> {
        let _ = (type_name, value);
        None
    }
    /// The object that an import id describes.
    fn import(id: &str) -> impl Future<Output = Result<Self>> + Send {
        let _ = id;
        async { Err(not_importable(Self::NAME)) }
    }
}

/// What an import of a type answers that has nothing to import.
pub(crate) fn not_importable(type_name: &str) -> ProviderError {
    ProviderError::invalid(format!("{type_name} cannot be imported"))
}

/// Reads an object of the state: as it was, as long as it counts.
pub(crate) fn read<T: StateOnly>(_: &Ctx<NoClient>, prior: Option<&T>) -> Option<T> {
    prior.filter(|object| object.is_current()).cloned()
}

/// Implements `Resource` for types that are [`StateOnly`].
macro_rules! state_resource {
    ($($ty:ty),+) => {$(
        impl levee_sdk::Resource for $ty {
            type Client = $crate::offline::NoClient;
            const TYPE: &'static str = <Self as $crate::state_only::StateOnly>::NAME;
            const VERSION: u64 = <Self as $crate::state_only::StateOnly>::LAYOUT;

            fn identity() -> levee_sdk::Identity {
                levee_sdk::Identity::StateOnly
            }
            fn id(&self) -> Option<&str> {
                $crate::state_only::StateOnly::id(self)
            }
            fn validate(config: &levee_model::Value) -> levee_model::Diagnostics {
                <Self as $crate::state_only::StateOnly>::validate(config)
            }
            fn plan(_: Option<&Self::Client>, draft: &mut levee_sdk::Draft) -> levee_sdk::error::Result<()> {
                <Self as $crate::state_only::StateOnly>::plan(draft)
            }
            async fn read(
                ctx: &levee_sdk::Ctx<Self::Client>,
                _: &str,
                prior: Option<&Self>,
            ) -> levee_sdk::error::Result<Option<Self>> {
                Ok($crate::state_only::read(ctx, prior))
            }
            async fn create(
                _: &levee_sdk::Ctx<Self::Client>,
                planned: Self,
                _: levee_sdk::OpToken,
            ) -> levee_sdk::error::Result<Self> {
                <Self as $crate::state_only::StateOnly>::create(planned).await
            }
            async fn update(
                _: &levee_sdk::Ctx<Self::Client>,
                prior: Self,
                planned: Self,
                _: levee_sdk::OpToken,
            ) -> levee_sdk::error::Result<Self> {
                <Self as $crate::state_only::StateOnly>::update(prior, planned)
            }
            async fn delete(_: &levee_sdk::Ctx<Self::Client>, _: Self, _: levee_sdk::OpToken) -> levee_sdk::error::Result<()> {
                Ok(())
            }
            async fn import(_: &levee_sdk::Ctx<Self::Client>, id: &str) -> levee_sdk::error::Result<Option<Self>> {
                <Self as $crate::state_only::StateOnly>::import(id).await.map(Some)
            }
            fn moved_from(type_name: &str, value: &levee_model::Value) -> Option<Self> {
                <Self as $crate::state_only::StateOnly>::moved_from(type_name, value)
            }
            async fn find(
                _: &levee_sdk::Ctx<Self::Client>,
                _: levee_sdk::OpToken,
                _: &Self,
            ) -> levee_sdk::error::Result<Option<Self>> {
                Ok(None)
            }
        }
    )+};
}
pub(crate) use state_resource;
