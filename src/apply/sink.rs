//! The way back from a provider while a step runs: checkpoints go to the journal, sub-status to whoever listens.

use crate::event::{Event, Listener, StepKind, Subject};
use crate::plan::objects::encode_object;
use futures::future::BoxFuture;
use levee_model::Value;
use levee_sdk::schema::Schema;
use levee_sdk::{ErrorKind, ProviderError, StepSink};
use levee_state::{OpenEntry, fail_point};
use std::sync::{Arc, Mutex, PoisonError};

/// One step's way back.
pub struct JournalSink {
    entry: Arc<OpenEntry>,
    schema: Arc<Schema>,
    subject: Subject,
    kind: StepKind,
    listener: Listener,
    id: Mutex<Option<String>>,
}

impl JournalSink {
    /// The way back of the step that `entry` records.
    pub fn new(entry: Arc<OpenEntry>, schema: Arc<Schema>, subject: Subject, kind: StepKind, listener: Listener) -> Self {
        Self { entry, schema, subject, kind, listener, id: Mutex::new(None) }
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
            fail_point("checkpoint.before");
            let recorded = self.entry.checkpoint(id, partial).await;
            fail_point("checkpoint.after");
            recorded.map_err(|e| {
                ProviderError::new(ErrorKind::Bug, format!("the object was made, but its id could not be recorded: {e}")).hint(e.hint())
            })
        })
    }

    fn status(&self, text: &str) {
        let text = text.to_owned();
        self.listener.event(&Event::StepStatus { subject: self.subject.clone(), kind: self.kind, text });
    }

    /// Never: an interrupt starts nothing new and lets what is under way come to its end. Whoever cannot wait interrupts
    /// again, which ends the process; the next one finds the entry open and asks what became of it.
    fn is_cancelled(&self) -> bool {
        false
    }
}
