//! The author's side: one struct a type, one impl of a small trait.

use crate::context::{Ctx, OpToken};
use crate::error::{ErrorKind, ProviderError, Result};
use crate::plan::Draft;
use crate::shape::Shape;
use levee_model::{Change, Diagnostics, Reversibility, Value};
use std::future::Future;

/// How an object of ours is found again when the answer to its creation was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The op token is the API's client token: repeating the call is safe and yields the same object.
    ClientToken,
    /// The configuration gives it a name that is unique; ownership is shown by the op tag where there are tags.
    Name,
    /// It carries the op token as a tag from the creating call on.
    Tag,
    /// What it connects identifies it: a route in its table, a policy on its role. Creating it twice is harmless.
    NaturalKey,
    /// There is nothing outside of the state.
    StateOnly,
}

/// What carrying out a step touches. Decides what must be durable before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// Something outside: the intent is on disk before the call.
    Remote,
    /// Nothing but the state: intent and outcome may be written together.
    StateOnly,
}

/// A managed resource type. `Self` is the whole object: arguments and computed attributes.
///
/// Every operation gets known values only: what was unknown in the plan is filled in by then, and what the provider is to
/// compute is `None`.
pub trait Resource: Shape + Clone + Send + Sync + 'static {
    /// What the provider's configuration yields.
    type Client: Send + Sync + 'static;
    /// The type's name: `aws_vpc`.
    const TYPE: &'static str;
    /// Version of the stored value's layout.
    const VERSION: u64 = 0;

    /// How an object of ours is found again.
    fn identity() -> Identity;

    /// What carrying out a step touches.
    fn effects() -> Effects {
        if Self::identity() == Identity::StateOnly { Effects::StateOnly } else { Effects::Remote }
    }

    /// Whether a planned change can be undone.
    fn reversibility(change: &Change) -> Reversibility {
        let _ = change;
        Reversibility::Reversible
    }

    /// The object's id, as state and import know it.
    fn id(&self) -> Option<&str>;

    /// Checks of the configuration beyond the schema; parts may be unknown.
    fn validate(config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Changes the draft of a plan: computed values that are known beforehand, replacements the schema cannot express.
    /// Makes no call.
    fn plan(client: Option<&Self::Client>, draft: &mut Draft) -> Result<()> {
        let _ = (client, draft);
        Ok(())
    }

    /// The object as it is now; `None` when it is gone. `prior` holds what the API does not tell (none on import).
    fn read(ctx: &Ctx<Self::Client>, id: &str, prior: Option<&Self>) -> impl Future<Output = Result<Option<Self>>> + Send;

    /// Makes the object and waits until it is ready.
    fn create(ctx: &Ctx<Self::Client>, planned: Self, op: OpToken) -> impl Future<Output = Result<Self>> + Send;

    /// Changes the object in place and waits until that is done.
    fn update(ctx: &Ctx<Self::Client>, prior: Self, planned: Self, op: OpToken) -> impl Future<Output = Result<Self>> + Send {
        let _ = (ctx, prior, planned, op);
        async { Err(ProviderError::new(ErrorKind::Bug, format!("{} has nothing that can be updated", Self::TYPE))) }
    }

    /// Deletes the object and waits until it is gone. An object that is gone already is no error.
    fn delete(ctx: &Ctx<Self::Client>, prior: Self, op: OpToken) -> impl Future<Output = Result<()>> + Send;

    /// Rollback: brings a deleted object back that can still be had, as it was; `None` where it has to be made anew. One that is
    /// back already is no error: whoever was cut off asks again.
    fn revive(ctx: &Ctx<Self::Client>, was: Self) -> impl Future<Output = Result<Option<Self>>> + Send {
        let _ = (ctx, was);
        async { Ok(None) }
    }

    /// The object that an import names; `None` when there is none.
    fn import(ctx: &Ctx<Self::Client>, id: &str) -> impl Future<Output = Result<Option<Self>>> + Send {
        Self::read(ctx, id, None)
    }

    /// What an object of another type becomes when a `moved` block makes it one of this type; `None` where that has no
    /// meaning. `value` follows the other type's schema.
    fn moved_from(type_name: &str, value: &Value) -> Option<Self> {
        let _ = (type_name, value);
        None
    }

    /// Recovery: the object that the create with this token made, if it made one. Never somebody else's.
    fn find(ctx: &Ctx<Self::Client>, op: OpToken, planned: &Self) -> impl Future<Output = Result<Option<Self>>> + Send;
}

/// A data source. `Self` is arguments and results together.
pub trait DataSource: Shape + Clone + Send + Sync + 'static {
    /// What the provider's configuration yields.
    type Client: Send + Sync + 'static;
    /// The type's name: `aws_vpc`.
    const TYPE: &'static str;

    /// Checks of the configuration beyond the schema; parts may be unknown.
    fn validate(config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Looks it up. Nothing found, or more than one where one is wanted, is an error.
    fn read(ctx: &Ctx<Self::Client>, config: Self) -> impl Future<Output = Result<Self>> + Send;
}

/// What an ephemeral block does: its object lives as long as one plan or one apply, and is never stored.
pub trait EphemeralResource: Shape + Clone + Send + Sync + 'static {
    /// What the provider's configuration yields.
    type Client: Send + Sync + 'static;
    /// The type's name: `random_password`.
    const TYPE: &'static str;

    /// Checks of the configuration beyond the schema; parts may be unknown.
    fn validate(config: &Value) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Makes or fetches it, when it is needed for the first time.
    fn open(ctx: &Ctx<Self::Client>, config: Self) -> impl Future<Output = Result<Self>> + Send;

    /// Gives it back, when nothing needs it any more.
    fn close(ctx: &Ctx<Self::Client>, opened: Self) -> impl Future<Output = Result<()>> + Send {
        let _ = (ctx, opened);
        async { Ok(()) }
    }
}
