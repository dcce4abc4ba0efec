//! Provisioners between an object's call and its outcome: each is evaluated when its turn comes, and run to its end.

use super::local_exec::LocalExec;
use super::prepare::{repeated, set_instance};
use super::scheduler::{Done, Running, Scheduler};
use super::step::{Answer, Provisioning, Shared};
use crate::event::ProvisionMoment;
use crate::plan::diff::marked;
use crate::plan::provisioners::{LOCAL_EXEC, Order, after_creation, before_deletion};
use crate::plan::steps::Work;
use crate::plan::values::NodeId;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Marks, Type, Value};

impl Scheduler<'_> {
    /// The next provisioner of a step that waits for them, or what is left of it after the last.
    pub(super) fn provision(&mut self, step: u32, provisioning: Box<Provisioning>) -> Running {
        let shared = self.shared.clone();
        let next = self.next_order(step, &provisioning);
        Box::pin(async move {
            let answer = match next {
                None => provisioning.go_on(shared).await,
                Some(Err(wrong)) => provisioning.give_up(shared, wrong).await,
                Some(Ok(order)) => run(order, *provisioning, shared).await,
            };
            (step, Done::Object(answer))
        })
    }

    fn next_order(&mut self, step: u32, p: &Provisioning) -> Option<Result<(InstanceAddr, Order), Diagnostics>> {
        let (Work::Create(i) | Work::Delete(i)) = self.compiled.steps.work[step as usize] else {
            return None;
        };
        let item = &self.compiled.items[i];
        let (Some(resource), addr) = (&item.resource, item.change.addr.clone()) else { return None };
        let schema = resource.schema();
        let known = if p.creates() { &item.change.after } else { &item.change.before };
        let paths = known.as_ref().map(|v| v.marked_paths(Marks::SENSITIVE)).unwrap_or_default();
        let object = marked(&schema.block, p.object.clone(), &Value::null(Type::Dynamic)).mark_at(&paths, Marks::SENSITIVE);
        let order = if p.creates() {
            let node = NodeId(step);
            set_instance(&mut self.compiled.world, node, object.clone());
            after_creation(&self.compiled.world, node, p.done, repeated(&self.compiled.world, node), &object)?
        } else {
            before_deletion(&self.compiled.world, &addr, p.done, &object)?
        };
        Some(order.map(|order| (addr, order)))
    }
}

async fn run((addr, order): (InstanceAddr, Order), mut p: Provisioning, shared: Shared) -> Answer {
    let placed = |d: Diagnostic| Diagnostics::from(d.at_if_none(Some(order.span)).about(&addr));
    p.tell(&shared, &order.kind, ProvisionMoment::Started);
    let ended = match LocalExec::new(&order.config) {
        Ok(command) if &*order.kind == LOCAL_EXEC => {
            command.run(shared.interrupt.clone(), |line| p.tell(&shared, &order.kind, ProvisionMoment::Output(line))).await
        }
        // Planning refuses these.
        Ok(_) => Err(Diagnostic::error("Unsupported provisioner", format!("levee does not run {:?} provisioners.", &*order.kind))),
        Err(wrong) => Err(wrong),
    };
    p.tell(&shared, &order.kind, if ended.is_ok() { ProvisionMoment::Finished } else { ProvisionMoment::Failed });
    p.done += 1;
    match ended {
        // What was cut off is not what the configuration put up with.
        Err(wrong) if !order.may_fail || *shared.interrupt.borrow() => p.give_up(shared, placed(wrong)).await,
        _ => Answer::Provisioning(Box::new(p)),
    }
}
