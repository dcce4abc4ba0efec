//! Ephemeral blocks in a walk: opened as soon as their configuration is known, and closed when the plan is made. What they
//! yield is in no plan and in no state.

use super::conditions::Rule;
use super::diff::{marked, provider_diagnostic};
use super::managed::{Declared, Making};
use super::walk::{Answer, Pass, Task, Walk};
use crate::graph::BlockId;
use levee_model::{Diagnostics, Marks, Value};
use levee_sdk::provider::AnyCtx;
use levee_sdk::{AnyEphemeral, ProviderError};
use std::sync::Arc;

/// An object that was opened and must be closed.
pub struct Opened {
    /// Its address.
    pub addr: levee_model::InstanceAddr,
    /// Its type.
    pub kind: Arc<dyn AnyEphemeral>,
    /// What it was opened with.
    pub ctx: AnyCtx,
    /// What it yielded.
    pub value: Value,
}

/// An object that has been opened, or was to be.
pub(super) struct Opening {
    declared: Declared,
    making: Making,
    config: Value,
    kind: Arc<dyn AnyEphemeral>,
    ctx: AnyCtx,
    result: Result<Value, ProviderError>,
}

impl Walk<'_> {
    pub(super) fn visit_ephemeral(&mut self, declared: &Declared, mut making: Making) -> Option<Task> {
        let kind = self.registry.ephemeral(&declared.block.source, &declared.addr.type_name)?;
        let written = self.written(declared, &mut making, |config| kind.validate(config));
        if self.pass == Pass::Validate {
            self.settle_declared(declared, making);
            return None;
        }
        let placeholder =
            Making { module: making.module, addr: making.addr.clone(), repeated: making.repeated.clone(), needs: making.needs.clone() };
        self.settle(declared.id, placeholder, written.proposed(declared).mark(Marks::EPHEMERAL));
        let ctx = self.ctx(&declared.block.provider)?;
        let (plain, _) = written.config.clone().unmark_deep();
        if written.failed || !plain.is_wholly_known() {
            return None;
        }
        let declared = declared.shared();
        Some(Box::pin(async move {
            let result = kind.open(ctx.clone(), plain.clone()).await;
            let id = declared.id;
            (id, Answer::Ephemeral(Box::new(Opening { declared, making, config: written.config, kind, ctx, result })))
        }))
    }

    pub(super) fn accept_ephemeral(&mut self, id: BlockId, opening: Opening) {
        let Opening { declared, mut making, config, kind, ctx, result } = opening;
        let plain = match result {
            Ok(value) => value,
            Err(e) => {
                let d = provider_diagnostic(&making.addr, "could not be opened", &e);
                return self.diagnostics.push(d.at(declared.block.resource.span));
            }
        };
        self.opened.push(Opened { addr: making.addr.clone(), kind, ctx, value: plain.clone() });
        let value = marked(&declared.schema.block, plain, &config).mark(Marks::EPHEMERAL);
        let node = self.world.resource(id, making.module).and_then(|e| e.instances.get(&making.addr.key)).map(|(n, _)| *n);
        if let (Some(node), Some(entry)) = (node, self.world.resource_mut(id, making.module)) {
            entry.set(making.addr.key.clone(), node, value.clone());
        }
        let conditions = declared.block.resource.lifecycle.as_ref().map_or(&[][..], |l| &l.postconditions);
        if !conditions.is_empty() {
            making.repeated.self_object = Some(value);
            let addr = making.addr.to_string();
            self.check(&making, conditions, &addr, Rule::Postcondition);
        }
    }
}

/// Closes what was opened, the last one first.
pub async fn close(opened: Vec<Opened>) -> Diagnostics {
    let mut out = Diagnostics::new();
    for one in opened.into_iter().rev() {
        if let Err(e) = one.kind.close(one.ctx, one.value).await {
            out.push(provider_diagnostic(&one.addr, "could not be closed", &e));
        }
    }
    out
}
