//! A step under way: the one place where its end can be recorded, and only once.

use crate::error::StateError;
use crate::journal::{Checkpoint, FailureRecord, Intent, Outcome};
use crate::run::Run;
use crate::writer::{Ended, Write};
use levee_model::address::InstanceAddr;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// An intent whose outcome is to come. Success or failure consumes it. Dropped without either, it stays in the journal
/// without an outcome, which is the truth: what became of the object is then in doubt until someone asks the provider.
#[must_use = "an entry that is dropped stays in doubt"]
pub struct OpenEntry {
    run: Run,
    seq: u64,
    addr: InstanceAddr,
    action: Arc<str>,
    op_token: Uuid,
}

impl OpenEntry {
    pub(crate) fn new(run: Run, intent: &Intent) -> Self {
        Self { run, seq: intent.seq, addr: intent.addr.clone(), action: intent.action.clone(), op_token: intent.op_token }
    }

    /// Its number in the run.
    pub fn seq(&self) -> u64 {
        self.seq
    }
    /// The instance.
    pub fn addr(&self) -> &InstanceAddr {
        &self.addr
    }
    /// What ties the remote object to this entry.
    pub fn op_token(&self) -> Uuid {
        self.op_token
    }

    /// Records the object's id as soon as it is known, and what else is known (a JSON object). Durable when it returns.
    pub async fn checkpoint(&self, id: impl Into<String>, mut partial: Option<String>) -> Result<(), StateError> {
        // Nobody says what of it is sensitive.
        partial.iter_mut().for_each(|text| self.run.hiding().hide(text));
        let checkpoint = Checkpoint { id: id.into(), partial };
        self.run.writer().durable(Write::Checkpoint { seq: self.seq, checkpoint }).await
    }

    /// The step is done. The outcome and the state rows are one transaction, durable when this returns.
    pub async fn succeed(self, outcome: Outcome) -> Result<(), StateError> {
        let write = self.success(outcome);
        self.run.writer().durable(write).await
    }

    /// As [`OpenEntry::succeed`], but not waited for: for steps that touch nothing outside the state.
    pub fn succeed_deferred(self, outcome: Outcome) {
        let write = self.success(outcome);
        self.run.writer().deferred(write);
    }

    /// The step failed. The failure and the state rows it brings (a tainted object) are one transaction, durable when
    /// this returns. In doubt, the entry stays to be settled.
    pub async fn fail(self, failure: FailureRecord) -> Result<(), StateError> {
        let FailureRecord { message, in_doubt, mut edits, timing } = failure;
        self.run.hiding().hide_edits(&mut edits);
        let ended = Ended { seq: self.seq, type_name: self.addr.type_name.clone(), action: self.action.clone(), edits, timing };
        self.run.writer().durable(Write::Failure { ended, message, in_doubt }).await
    }

    fn success(&self, outcome: Outcome) -> Write {
        let Outcome { mut edits, duration, timing } = outcome;
        self.run.hiding().hide_edits(&mut edits);
        let ended = Ended { seq: self.seq, type_name: self.addr.type_name.clone(), action: self.action.clone(), edits, timing };
        Write::Success { ended, duration }
    }
}

impl fmt::Debug for OpenEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenEntry({} of {:?}: {} {})", self.seq, self.run, self.action, self.addr)
    }
}
