//! The way back from a provider while a step runs: checkpoints go to the journal, sub-status to whoever listens.

use crate::event::{Event, Listener, StepKind, Subject};
use crate::plan::objects::encode_object;
use levee_sdk::schema::Schema;
use futures::future::BoxFuture;
use levee_model::Value;
use levee_sdk::{ErrorKind, ProviderError, StepSink};
use levee_state::OpenEntry;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// One step's way back.
pub struct JournalSink {
    entry: Arc<OpenEntry>,
    schema: Arc<Schema>,
    subject: Subject,
    kind: StepKind,
    listener: Listener,
    cancelled: watch::Receiver<bool>,
    id: Mutex<Option<String>>,
}

impl JournalSink {
    /// The way back of the step that `entry` records.
    pub fn new(
        entry: Arc<OpenEntry>,
        schema: Arc<Schema>,
        subject: Subject,
        kind: StepKind,
        listener: Listener,
        cancelled: watch::Receiver<bool>,
    ) -> Self {
        Self { entry, schema, subject, kind, listener, cancelled, id: Mutex::new(None) }
    }

    /// The id that the last checkpoint told.
    pub fn id(&self) -> Option<String> {
        self.id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl StepSink for JournalSink {
    fn checkpoint(&self, id: String, partial: Option<Value>) -> BoxFuture<'_, levee_sdk::error::Result<()>> {
        Box::pin(async move {
            *self.id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.clone());
            let partial = partial.map(|v| encode_object(&v, &self.schema.block).0);
            self.entry.checkpoint(id, partial).await.map_err(|e| {
                ProviderError::new(ErrorKind::Bug, format!("the object was made, but its id could not be recorded: {e}")).hint(e.hint())
            })
        })
    }

    fn status(&self, text: &str) {
        let text = text.to_owned();
        self.listener.event(&Event::StepStatus { subject: self.subject.clone(), kind: self.kind, text });
    }

    fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }
}
