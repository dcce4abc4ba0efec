//! Takes in what steps bring back: new values for what waits, counts, and what failed.

use super::prepare::{check_result, repeated, set_instance};
use super::scheduler::{Done, Scheduler};
use super::step::{Answer, StepError};
use crate::event::{Event, StepKind, Subject};
use crate::plan::conditions::{self, Rule};
use crate::plan::diff::{marked, provider_diagnostic};
use crate::plan::evaluate;
use crate::plan::steps::Work;
use crate::plan::values::NodeId;
use crate::plan::walk::Item;
use levee_model::check::Checkable;
use levee_model::{Action, Diagnostic, Diagnostics, Marks, Reason, Severity, Value};
use levee_sdk::ProviderError;
use levee_state::{ObjectRow, ObjectStatus, ReadRecord, StateEdit, Timing};
use std::sync::Arc;

impl Scheduler<'_> {
    /// Takes in what a step brought. Whether it went well.
    pub(super) fn accept(&mut self, step: u32, done: Done) -> bool {
        match (done, self.compiled.steps.work[step as usize]) {
            (Done::Object(Answer::Ended(answer)), work) => self.accept_object(step, answer, work),
            (Done::Data(answer, config, timing), Work::Read(i)) => self.accept_data(step, i, answer, &config, timing),
            (Done::Provider(addr, config, Ok(configured)), _) => {
                self.compiled.pool.change(addr, config, configured);
                true
            }
            (Done::Provider(addr, _, Err(error)), _) => {
                let mut d = Diagnostic::error(format!("{addr} cannot be used"), error.to_string()).about(&addr);
                d.hint = error.hint;
                self.outcome.diagnostics.push(d);
                false
            }
            (Done::Opened(answer, config), _) => self.accept_opened(step, answer, &config),
            (Done::Data(..) | Done::Object(Answer::Provisioning(_)) | Done::Reread(_), _) => false,
        }
    }

    fn accept_object(&mut self, step: u32, answer: Result<Option<Value>, StepError>, work: Work) -> bool {
        let (Work::Create(i) | Work::Update(i) | Work::Delete(i)) = work else { return false };
        match answer {
            Err(StepError::State(error)) => {
                self.outcome.state_error.get_or_insert(error);
                self.outcome.summary.failed += 1;
                false
            }
            Err(StepError::Provisioner(diagnostics)) => {
                self.outcome.summary.failed += 1;
                self.outcome.diagnostics.extend(diagnostics);
                false
            }
            Err(StepError::Provider(error)) => {
                self.outcome.summary.failed += 1;
                let item = &self.compiled.items[i];
                let what = match (work, item.change.action) {
                    (Work::Delete(_), _) => "could not be deleted",
                    (_, Action::Update) => "could not be changed",
                    _ => "could not be created",
                };
                let span = item.node.and_then(|n| {
                    let world = &self.compiled.world;
                    world.blocks.graph[world.node(n).block].span(&world.config)
                });
                self.outcome.diagnostics.push(provider_diagnostic(&item.change.addr, what, &error).at_if_none(span));
                false
            }
            Ok(None) => {
                self.outcome.summary.destroyed += 1;
                true
            }
            Ok(Some(object)) => {
                match self.compiled.items[i].change.action {
                    Action::Update => self.outcome.summary.changed += 1,
                    _ => self.outcome.summary.added += 1,
                }
                self.accept_new(step, i, object)
            }
        }
    }

    fn accept_new(&mut self, step: u32, i: usize, object: Value) -> bool {
        let item = &self.compiled.items[i];
        let Some(resource) = &item.resource else { return false };
        let schema = resource.schema();
        let planned = item.change.after.clone().unwrap_or_else(|| object.clone());
        let paths = planned.marked_paths(Marks::SENSITIVE);
        let (plain, _) = planned.unmark_deep();
        let wrong = check_result(&item.change.addr, &item.source, &schema.block, &plain, &object);
        let value = marked(&schema.block, object, &Value::null(levee_model::Type::Dynamic)).mark_at(&paths, Marks::SENSITIVE);
        set_instance(&mut self.compiled.world, NodeId(step), value.clone());
        // What was planned has been held against it and is kept no longer.
        Arc::make_mut(&mut self.compiled.items[i].change).after = Some(value.clone());
        if let Some(d) = wrong {
            self.outcome.diagnostics.push(d);
            return false;
        }
        match self.failed_checks(i, Some(value)) {
            Some(diagnostics) => {
                self.outcome.diagnostics.extend(diagnostics);
                false
            }
            None => true,
        }
    }

    /// Whether a data source belongs to a check block, which fails with it: that is told, and stops nothing.
    fn gives_way(&mut self, step: u32, error: &ProviderError) -> bool {
        let world = &mut self.compiled.world;
        let at = world.node(NodeId(step)).clone();
        let Some(resource) = evaluate::resource(world, &world.blocks.graph[at.block]).cloned() else { return false };
        let (Some(check), Some(addr)) = (resource.container.clone(), world.address(&at)) else { return false };
        let d = provider_diagnostic(&addr, "could not be read", error).at(resource.span);
        world.failed_checks.insert((at.module, check), format!("{}: {}", d.summary, d.detail));
        self.outcome.diagnostics.push(Diagnostic { severity: Severity::Warning, ..d });
        true
    }

    fn accept_data(&mut self, step: u32, i: usize, answer: Result<Value, ProviderError>, config: &Value, timing: Timing) -> bool {
        let (seq, elapsed) = (self.number(step), timing.took());
        let item = &self.compiled.items[i];
        self.shared.run.read(ReadRecord { seq, addr: item.change.addr.clone(), succeeded: answer.is_ok(), timing });
        let subject = Subject { addr: item.change.addr.clone(), deposed: None, id: None };
        let (value, is_kept) = match answer {
            Ok(value) => (value, true),
            // What the configuration says is all that there is of it. The state has that if the plan tried to read it, too.
            Err(error) if self.gives_way(step, &error) => {
                let tried = self.compiled.items[i].change.reason == Some(Reason::CheckNested);
                (config.clone().unmark_deep().0, tried)
            }
            Err(error) => {
                self.shared.listener.event(&Event::StepFailed { subject, kind: StepKind::Read, elapsed, error: error.clone() });
                self.outcome.diagnostics.push(provider_diagnostic(&self.compiled.items[i].change.addr, "could not be read", &error));
                self.outcome.summary.failed += 1;
                return false;
            }
        };
        let item = &self.compiled.items[i];
        self.shared.listener.event(&Event::StepFinished { subject, kind: StepKind::Read, elapsed });
        let Some(source) = crate::providers::registry().data_source(&item.source, &item.change.addr.type_name) else { return false };
        let schema = source.schema();
        let value = marked(&schema.block, value, config);
        let row = data_row(item, &value, &schema.block);
        set_instance(&mut self.compiled.world, NodeId(step), value.clone());
        if is_kept {
            self.compiled.edits.push(StateEdit::Put(Box::new(row)));
        }
        match self.failed_checks(i, Some(value)) {
            Some(diagnostics) => {
                self.outcome.diagnostics.extend(diagnostics);
                false
            }
            None => true,
        }
    }

    /// Checks an item's preconditions (without an object) or postconditions (with it), if the plan could not.
    pub(super) fn failed_checks(&mut self, i: usize, object: Option<Value>) -> Option<Diagnostics> {
        let item = &self.compiled.items[i];
        let node = item.node.filter(|_| item.pending_checks)?;
        let world = &self.compiled.world;
        let at = world.node(node);
        let lifecycle = evaluate::resource(world, &world.blocks.graph[at.block])?.lifecycle.clone()?;
        let mut names = repeated(world, node);
        // What the plan found out is found out anew, from the preconditions on.
        let is_first = object.is_none();
        let (rules, rule) = match object {
            None => (&lifecycle.preconditions, Rule::Precondition),
            Some(object) => {
                names.self_object = Some(object);
                (&lifecycle.postconditions, Rule::Postcondition)
            }
        };
        let checked = conditions::check(world, at.module, &names, rules, &item.change.addr.to_string(), rule);
        let (addr, checks) = (&item.change.addr, &mut self.compiled.plan.checks);
        let of = Checkable::Resource(addr.resource());
        if is_first {
            checks.reset(&of, addr.module.clone(), addr.key.clone());
        }
        for (status, problem) in checked.outcomes {
            checks.record(&of, addr.module.clone(), addr.key.clone(), status, problem);
        }
        checked.diagnostics.has_errors().then_some(checked.diagnostics)
    }
}

fn data_row(item: &Item, value: &Value, block: &levee_sdk::Block) -> ObjectRow {
    let (values, sensitive_paths) = crate::plan::objects::encode_object(value, block);
    ObjectRow {
        addr: item.change.addr.clone(),
        deposed: None,
        provider: Arc::from(item.provider.to_string()),
        provider_source: item.source.clone(),
        schema_version: 0,
        status: ObjectStatus::Ready,
        id: value.get("id").and_then(|v| v.as_str().map(str::to_owned)),
        values,
        sensitive_paths,
        // What a data source depends on is not kept: reading it again needs no order that only the state knows.
        dependencies: Vec::new(),
        create_before_destroy: false,
        private: None,
    }
}
