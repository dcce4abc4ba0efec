//! What an operation is given: the configured client, and the way back to the engine.

use crate::error::Result;
use futures::future::BoxFuture;
use levee_model::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Ties a remote object to the intent that made it: client token, ownership tag or part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpToken(pub Uuid);

impl OpToken {
    /// A new token; later ones sort after earlier ones (UUID version 7, RFC 9562).
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for OpToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for OpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Tag key under which an object of an API without client tokens carries its op token.
pub const OP_TAG: &str = "levee:op";

/// The way back to the engine while an operation runs.
pub trait StepSink: Send + Sync {
    /// Makes the object's id durable. Await it as soon as the object exists, before any wait.
    /// `partial`: the object as far as it is known, of the schema's type.
    fn checkpoint(&self, id: String, partial: Option<Value>) -> BoxFuture<'_, Result<()>>;
    /// What the operation is waiting for, in a few words: "CREATING, 3 of 4 subnets attached".
    fn status(&self, text: &str);
    /// Whether the operator asked to give up waiting.
    fn is_cancelled(&self) -> bool;
}

/// A sink for calls outside of a run, such as reads while planning.
#[derive(Debug, Default)]
pub struct NoSink;

impl StepSink for NoSink {
    fn checkpoint(&self, _: String, _: Option<Value>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn status(&self, _: &str) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// What an operation of a type whose client is `C` is given. Cheap to clone.
pub struct Ctx<C> {
    /// The configured client.
    pub client: Arc<C>,
    /// The way back to the engine.
    pub sink: Arc<dyn StepSink>,
    /// From the `timeouts` block: the longest that this operation may take.
    pub timeout: Option<Duration>,
}

impl<C> Clone for Ctx<C> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), sink: self.sink.clone(), timeout: self.timeout }
    }
}

impl<C> Ctx<C> {
    /// Makes the object's id durable; see [`StepSink::checkpoint`].
    pub async fn checkpoint(&self, id: impl Into<String>) -> Result<()> {
        self.sink.checkpoint(id.into(), None).await
    }
    /// Like [`Ctx::checkpoint`], with the object as far as it is known.
    pub async fn checkpoint_with(&self, id: impl Into<String>, partial: Value) -> Result<()> {
        self.sink.checkpoint(id.into(), Some(partial)).await
    }
    /// Reports what the operation is waiting for.
    pub fn status(&self, text: &str) {
        self.sink.status(text);
    }
}
