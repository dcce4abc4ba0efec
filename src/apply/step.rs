//! One step between intent and outcome. Whatever happens in between, the journal can tell what to ask the provider.

use super::clock::Clock;
use super::recovery::found_late;
use super::sink::JournalSink;
use crate::event::{Event, Listener, ProvisionMoment, StepKind, Subject};
use crate::plan::objects::encode_object;
use crate::plan::propose::with_schema_marks;
use levee_model::{DeposedKey, Diagnostics, InstanceAddr, Marks, Path, ResourceAddr, Value};
use levee_sdk::meter::{self, Lost, Place};
use levee_sdk::provider::AnyCtx;
use levee_sdk::{AnyResource, Effects, ErrorKind, OpToken, ProviderError};
use levee_state::{
    FailureRecord, Image, Intent, ObjectRow, ObjectStatus, OpenEntry, Outcome, Run, StateEdit, StateError, Timing, fail_point,
};
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// The journal's word for a create whose object is good only when its provisioners have run.
pub(super) const CREATE_AND_PROVISION: &str = "create-and-provision";

const PROVISIONER_FAILED: &str = "a provisioner failed";

/// What the steps of one run share.
#[derive(Clone)]
pub struct Shared {
    /// The run.
    pub run: Run,
    /// Who listens.
    pub listener: Listener,
    /// Set when the operator asks to stop.
    pub interrupt: watch::Receiver<bool>,
    /// What time it is.
    pub clock: Clock,
}

/// What a step waited for before it began.
#[derive(Clone, Copy, Debug)]
pub struct Waited {
    /// When all that it waits for was done.
    pub ready: SystemTime,
    /// The number of the step that it waited for last.
    pub after: Option<u64>,
}

impl Waited {
    /// The times of a step that began then and ends now.
    pub fn timing(&self, clock: &Clock, started: Instant, lost: Lost) -> Timing {
        let Lost { limited, paused, repeats } = lost;
        let (started, ended) = (clock.at(started), clock.at(Instant::now()));
        Timing { ready: self.ready, started, ended, after: self.after, limited, paused, repeats }
    }
}

/// What is done to an object.
pub enum Doing {
    /// It is made; `replaces` is the key under which the object that is there now is deposed.
    Create {
        /// As planned, unmarked; null where the provider is to tell.
        planned: Value,
        /// Set for create-before-destroy.
        replaces: Option<DeposedKey>,
    },
    /// It is changed.
    Update {
        /// As it is.
        prior: Value,
        /// As planned.
        planned: Value,
    },
    /// It is deleted.
    Delete {
        /// As it is.
        prior: Value,
    },
}

/// One step, ready to go.
pub struct Step {
    /// Number in the journal.
    pub seq: u64,
    /// What it waited for.
    pub waited: Waited,
    /// Its place among the steps that go on at a time.
    pub place: Option<Arc<dyn Place>>,
    /// The object.
    pub addr: InstanceAddr,
    /// Which deposed one.
    pub deposed: Option<DeposedKey>,
    /// Its id, where it is known.
    pub id: Option<String>,
    /// What is done.
    pub doing: Doing,
    /// Write-only arguments: name and value as the configuration has them. They go into the call and nowhere else.
    pub write_only: Vec<(Arc<str>, Value)>,
    /// Where the configuration made values sensitive.
    pub marks: Vec<Path>,
    /// Its type.
    pub resource: Arc<dyn AnyResource>,
    /// The provider configuration that manages it.
    pub provider: Arc<str>,
    /// Where that provider comes from.
    pub source: Arc<str>,
    /// The configured client.
    pub client: Arc<dyn Any + Send + Sync>,
    /// From the `timeouts` block.
    pub timeout: Option<Duration>,
    /// The resources it depends on.
    pub dependencies: Vec<ResourceAddr>,
    /// Whether it is made anew before it is deleted.
    pub create_before_destroy: bool,
    /// Whether the object, which lives in the state alone, is put back as it was: nobody is asked to make it.
    pub put_back: bool,
    /// The object as it was, where it is to be that again: perhaps it can still be had.
    pub was: Option<Value>,
    /// Whether provisioners are to run: after the object has been made, or before it is deleted.
    pub provisioned: bool,
}

/// What a step brings back.
pub enum Answer {
    /// The object as it is now; `None` when it is gone.
    Ended(Ended),
    /// It waits for its provisioners.
    Provisioning(Box<Provisioning>),
}

/// A step whose provisioners are at work: its intent is written, its outcome is not.
pub struct Provisioning {
    step: Step,
    op: OpToken,
    entry: OpenEntry,
    subject: Subject,
    started: Instant,
    lost: Lost,
    /// The object: as it was made, or as it is before its deletion.
    pub object: Value,
    /// How many provisioners have been run.
    pub done: usize,
}

/// How a step ended: the object as it is now; `None` when it is gone.
type Ended = Result<Option<Value>, StepError>;

/// Why a step failed.
#[derive(Debug)]
pub enum StepError {
    /// The provider said so.
    Provider(ProviderError),
    /// A provisioner did.
    Provisioner(Diagnostics),
    /// The state could not be written. The run must end.
    State(StateError),
}

impl From<StateError> for StepError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// With null for what only the provider can tell, so that the image is whole.
fn known(value: Value) -> Value {
    value.transform(&mut |v| if v.is_known() { v } else { Value::null(v.ty()) })
}

impl Step {
    fn kind(&self) -> StepKind {
        match self.doing {
            Doing::Create { .. } => StepKind::Create,
            Doing::Update { .. } => StepKind::Update,
            Doing::Delete { .. } => StepKind::Delete,
        }
    }

    fn intent(&self, op: OpToken) -> Intent {
        let schema = self.resource.schema();
        let sensitive = |v: &Value| {
            let marked = with_schema_marks(&schema.block, known(v.clone()).mark_at(&self.marks, Marks::SENSITIVE));
            let (values, sensitive_paths) = encode_object(&marked, &schema.block);
            Image { values, sensitive_paths }
        };
        let (action, prior, planned) = match &self.doing {
            // Whoever settles this must know that the object is good only with its provisioners.
            Doing::Create { planned, .. } if self.provisioned => (CREATE_AND_PROVISION, None, Some(sensitive(planned))),
            Doing::Create { planned, replaces: None } => ("create", None, Some(sensitive(planned))),
            Doing::Create { planned, replaces: Some(_) } => ("create-before-destroy", None, Some(sensitive(planned))),
            Doing::Update { prior, planned } => ("update", Some(sensitive(prior)), Some(sensitive(planned))),
            Doing::Delete { prior } => ("delete", Some(sensitive(prior)), None),
        };
        Intent {
            seq: self.seq,
            addr: self.addr.clone(),
            deposed: self.deposed.clone(),
            action: Arc::from(action),
            op_token: op.0,
            prior,
            planned,
            provider: self.provider.clone(),
            provider_source: self.source.clone(),
            schema_version: self.resource.schema().version,
            dependencies: self.dependencies.clone(),
            create_before_destroy: self.create_before_destroy,
        }
    }

    fn row(&self, object: &Value, status: ObjectStatus) -> ObjectRow {
        let schema = self.resource.schema();
        let marked = with_schema_marks(&schema.block, object.clone().mark_at(&self.marks, Marks::SENSITIVE));
        let (values, sensitive_paths) = encode_object(&marked, &schema.block);
        ObjectRow {
            addr: self.addr.clone(),
            deposed: None,
            provider: self.provider.clone(),
            provider_source: self.source.clone(),
            schema_version: self.resource.schema().version,
            status,
            id: self.resource.id(object),
            values,
            sensitive_paths,
            dependencies: self.dependencies.clone(),
            create_before_destroy: self.create_before_destroy,
            private: None,
        }
    }

    /// The state's edits for an object that this step made or changed.
    fn edits(&self, object: &Value, status: ObjectStatus) -> Vec<StateEdit> {
        let put = StateEdit::Put(Box::new(self.row(object, status)));
        match &self.doing {
            Doing::Create { replaces: Some(key), .. } => vec![StateEdit::Depose { addr: self.addr.clone(), key: key.clone() }, put],
            _ => vec![put],
        }
    }

    /// Carries the step out: intent, call, outcome. With provisioners it stops where they are to run, and goes on with
    /// [`Provisioning::go_on`].
    pub async fn run(mut self, shared: Shared) -> Answer {
        let (kind, started) = (self.kind(), Instant::now());
        let subject = Subject { addr: self.addr.clone(), deposed: self.deposed.clone(), id: self.id.clone() };
        let earlier = matches!(self.doing, Doing::Create { .. }).then(|| shared.run.earlier_token(&self.addr)).flatten();
        let op = earlier.map_or_else(OpToken::new, OpToken);
        let intent = self.intent(op);
        fail_point("intent.before");
        let entry = if self.is_deferred() {
            shared.run.intent_deferred(intent)
        } else {
            match shared.run.intent(intent).await {
                Ok(entry) => entry,
                Err(error) => return Answer::Ended(self.told(&shared, subject, started, Err(error.into()))),
            }
        };
        fail_point("intent.after");
        tracing::debug!(addr = %self.addr, ?kind, token = %op, deferred = self.is_deferred(), "intent");
        // Told once the journal knows of it: who sees that a step has begun can rely on its being found again.
        shared.listener.event(&Event::StepStarted { subject: subject.clone(), kind });
        match &mut self.doing {
            Doing::Delete { prior } if self.provisioned => {
                let object = prior.clone();
                Answer::Provisioning(Box::new(Provisioning {
                    step: self,
                    op,
                    entry,
                    subject,
                    started,
                    lost: Lost::default(),
                    object,
                    done: 0,
                }))
            }
            _ => self.carry_out(shared, op, entry, subject, started).await,
        }
    }

    /// Whether journal and state may become durable a moment later: when nothing outside is touched.
    fn is_deferred(&self) -> bool {
        self.resource.effects() == Effects::StateOnly && !self.provisioned
    }

    /// Tells how the step ended.
    fn told(&self, shared: &Shared, subject: Subject, started: Instant, ended: Ended) -> Ended {
        let (kind, elapsed) = (self.kind(), started.elapsed());
        match &ended {
            Ok(_) => tracing::debug!(addr = %self.addr, ?kind, ?elapsed, "outcome"),
            Err(_) => tracing::warn!(addr = %self.addr, ?kind, ?elapsed, "failed"),
        }
        shared.listener.event(&match &ended {
            Ok(object) => {
                let id = object.as_ref().and_then(|o| self.resource.id(o)).or(subject.id);
                Event::StepFinished { subject: Subject { id, ..subject }, kind, elapsed }
            }
            Err(StepError::Provider(error)) => Event::StepFailed { subject, kind, elapsed, error: error.clone() },
            Err(StepError::Provisioner(_)) => {
                Event::StepFailed { subject, kind, elapsed, error: ProviderError::new(ErrorKind::Invalid, PROVISIONER_FAILED) }
            }
            Err(StepError::State(error)) => {
                Event::StepFailed { subject, kind, elapsed, error: ProviderError::new(ErrorKind::Bug, error.to_string()) }
            }
        });
        ended
    }

    /// The call, and its outcome unless provisioners come first.
    async fn carry_out(self, shared: Shared, op: OpToken, entry: OpenEntry, subject: Subject, started: Instant) -> Answer {
        let entry = Arc::new(entry);
        let sink = JournalSink::new(entry.clone(), self.resource.schema(), subject.clone(), self.kind(), shared.listener.clone());
        let sink = Arc::new(sink);
        let again = shared.run.earlier_token(&self.addr) == Some(op.0);
        let (answer, lost) = meter::measured(self.place.clone(), self.call(op, again, sink.clone())).await;
        fail_point("call.after");
        let timing = self.waited.timing(&shared.clock, started, lost);
        let id_seen = sink.id();
        drop(sink);
        // The provider may hold its context a moment longer; an entry that others still hold stays in doubt.
        let Some(entry) = Arc::into_inner(entry) else {
            let error = ProviderError::new(ErrorKind::Bug, "the provider kept its context after it answered");
            return Answer::Ended(self.told(&shared, subject, started, Err(StepError::Provider(error))));
        };
        fail_point("outcome.before");
        let ended = match answer {
            Ok(Some(object)) if self.provisioned && self.kind() == StepKind::Create => {
                let waiting = Provisioning { step: self, op, entry, subject, started, lost, object, done: 0 };
                return waiting.begin(shared).await;
            }
            Ok(object) => self.succeed(entry, object, timing).await,
            Err(error) => match self.record_failure(entry, &error, id_seen, timing).await {
                Ok(()) => Err(StepError::Provider(error)),
                Err(fault) => Err(fault.into()),
            },
        };
        fail_point("outcome.after");
        Answer::Ended(self.told(&shared, subject, started, ended))
    }

    /// The outcome of a step that did what it was to do.
    async fn succeed(&self, entry: OpenEntry, object: Option<Value>, timing: Timing) -> Ended {
        let edits = match &object {
            Some(object) => self.edits(object, ObjectStatus::Ready),
            None => vec![StateEdit::Remove { addr: self.addr.clone(), deposed: self.deposed.clone() }],
        };
        let outcome = Outcome { edits, duration: timing.took(), timing: Some(timing) };
        if self.is_deferred() {
            entry.succeed_deferred(outcome);
        } else {
            entry.succeed(outcome).await?;
        }
        Ok(object)
    }

    fn with_write_only(&self, planned: &Value) -> Value {
        self.write_only.iter().fold(planned.clone(), |v, (name, secret)| v.with(name, secret.clone()))
    }

    fn without_write_only(&self, object: Value) -> Value {
        self.write_only.iter().fold(object, |v, (name, secret)| v.with(name, Value::null(secret.ty())))
    }

    async fn call(&self, op: OpToken, again: bool, sink: Arc<JournalSink>) -> levee_sdk::error::Result<Option<Value>> {
        let ctx = AnyCtx { client: self.client.clone(), sink, timeout: self.timeout };
        match &self.doing {
            Doing::Create { planned, .. } | Doing::Update { planned, .. } if self.put_back => Ok(Some(planned.clone())),
            Doing::Create { planned, .. } => {
                if let Some(was) = &self.was
                    && let Some(back) = self.resource.revive(ctx.clone(), was.clone()).await?
                {
                    return Ok(Some(back));
                }
                let late = if again { found_late(self.resource.as_ref(), &ctx, op, planned).await? } else { None };
                let made = match late {
                    Some(made) => made,
                    None => self.resource.create(ctx, self.with_write_only(planned), op).await?,
                };
                Ok(Some(self.without_write_only(made)))
            }
            // Only what is secret has changed, which the provider knows nothing of.
            Doing::Update { prior, planned } if prior == planned && self.write_only.is_empty() => Ok(Some(planned.clone())),
            Doing::Update { prior, planned } => {
                if let Some(was) = &self.was
                    && let Some(back) = self.resource.restore(ctx.clone(), was.clone(), planned.clone(), op).await?
                {
                    return Ok(Some(back));
                }
                let changed = self.resource.update(ctx, prior.clone(), self.with_write_only(planned), op).await?;
                Ok(Some(self.without_write_only(changed)))
            }
            Doing::Delete { prior } => match self.resource.delete(ctx, prior.clone(), op).await {
                Err(e) if !e.is_not_found() => Err(e),
                _ => Ok(None),
            },
        }
    }

    /// A create that failed after its object was seen leaves a tainted object; one that is in doubt leaves an open entry.
    async fn record_failure(
        &self,
        entry: OpenEntry,
        error: &ProviderError,
        id_seen: Option<String>,
        timing: Timing,
    ) -> Result<(), StateError> {
        let mut record = FailureRecord { message: error.to_string(), timing: Some(timing), ..FailureRecord::default() };
        match (&self.doing, id_seen) {
            (Doing::Create { planned, .. }, Some(id)) => {
                record.edits = self.tainted(planned, id).await;
                record.in_doubt = record.edits.is_empty();
            }
            _ => record.in_doubt = matches!(error.kind, ErrorKind::InDoubt | ErrorKind::Cancelled),
        }
        entry.fail(record).await
    }

    async fn tainted(&self, planned: &Value, id: String) -> Vec<StateEdit> {
        let ctx = AnyCtx { client: self.client.clone(), sink: Arc::new(levee_sdk::context::NoSink), timeout: None };
        match self.resource.read(ctx, id, Some(planned.clone())).await {
            Ok(Some(object)) => self.edits(&self.without_write_only(object), ObjectStatus::Tainted),
            // It cannot be read now: the entry stays open, and the next run asks again.
            _ => Vec::new(),
        }
    }
}

impl Provisioning {
    /// The object is there and whole; that it is must be known before a provisioner touches anything.
    async fn begin(self, shared: Shared) -> Answer {
        let id = self.step.resource.id(&self.object).unwrap_or_default();
        let image = encode_object(&self.object, &self.step.resource.schema().block).0;
        match self.entry.checkpoint(id, Some(image)).await {
            Ok(()) => Answer::Provisioning(Box::new(self)),
            Err(error) => Answer::Ended(self.step.told(&shared, self.subject, self.started, Err(error.into()))),
        }
    }

    /// Whether the object is there because of this step.
    pub fn creates(&self) -> bool {
        self.step.kind() == StepKind::Create
    }

    /// Tells a moment of a provisioner.
    pub fn tell(&self, shared: &Shared, provisioner: &Arc<str>, moment: ProvisionMoment) {
        let subject = Subject { id: self.step.resource.id(&self.object), ..self.subject.clone() };
        shared.listener.event(&Event::Provision { subject, provisioner: provisioner.clone(), moment });
    }

    /// All provisioners have been run: what is left of the step.
    pub async fn go_on(self, shared: Shared) -> Answer {
        let Self { step, op, entry, subject, started, lost, object, .. } = self;
        if step.kind() != StepKind::Create {
            return step.carry_out(shared, op, entry, subject, started).await;
        }
        let timing = step.waited.timing(&shared.clock, started, lost);
        let ended = step.succeed(entry, Some(object), timing).await;
        Answer::Ended(step.told(&shared, subject, started, ended))
    }

    /// A provisioner failed: what was made is tainted, what was to be deleted stays as it is.
    pub async fn give_up(self, shared: Shared, why: Diagnostics) -> Answer {
        let Self { step, entry, subject, started, lost, object, .. } = self;
        let edits = if step.kind() == StepKind::Create { step.edits(&object, ObjectStatus::Tainted) } else { Vec::new() };
        let timing = Some(step.waited.timing(&shared.clock, started, lost));
        let record = FailureRecord { message: PROVISIONER_FAILED.to_owned(), in_doubt: false, edits, timing };
        let ended = match entry.fail(record).await {
            Ok(()) => Err(StepError::Provisioner(why)),
            Err(error) => Err(error.into()),
        };
        Answer::Ended(step.told(&shared, subject, started, ended))
    }
}
