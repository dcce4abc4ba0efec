//! Ephemeral objects during a run: opened anew before what needs them, closed when everything is done.

use super::prepare::{configuration, repeated, set_instance};
use super::scheduler::{Begun, Done, Scheduler};
use super::starts::not_configured;
use crate::plan::conditions::{self, Rule};
use crate::plan::diff::{marked, provider_diagnostic};
use crate::plan::ephemeral::Opened;
use crate::plan::evaluate;
use crate::plan::values::NodeId;
use levee_model::{Marks, Value};
use levee_sdk::ProviderError;
use levee_sdk::provider::AnyCtx;
use std::sync::Arc;

impl Scheduler<'_> {
    pub(super) fn begin_open(&mut self, step: u32) -> Begun {
        let world = &self.compiled.world;
        let at = world.node(NodeId(step));
        let (Some(declared), Some(addr)) = (world.blocks.declared(at.block), world.address(at)) else {
            return Begun::Done;
        };
        let Some(kind) = world.registry.ephemeral(&declared.source, &addr.type_name) else { return Begun::Failed };
        let Some(configured) = self.compiled.pool.get(&declared.provider) else {
            let d = not_configured(&declared.provider, &addr.to_string());
            return self.fail([d]);
        };
        let ctx = AnyCtx { client: configured.client(), sink: Arc::new(levee_sdk::context::NoSink), timeout: None };
        let config = match configuration(&self.compiled.world, NodeId(step), &kind.schema().block) {
            Ok(config) => config,
            Err(diagnostics) => return self.fail(diagnostics),
        };
        Begun::Running(Box::pin(async move {
            let answer = kind.open(ctx.clone(), config.clone().unmark_deep().0).await;
            let opened = answer.map(|value| Opened { addr, kind, ctx, value });
            (step, Done::Opened(opened, config))
        }))
    }

    pub(super) fn accept_opened(&mut self, step: u32, answer: Result<Opened, ProviderError>, config: &Value) -> bool {
        let node = NodeId(step);
        let opened = match answer {
            Ok(opened) => opened,
            Err(error) => {
                let Some(addr) = self.compiled.world.address(self.compiled.world.node(node)) else { return false };
                self.outcome.diagnostics.push(provider_diagnostic(&addr, "could not be opened", &error));
                return false;
            }
        };
        let value = marked(&opened.kind.schema().block, opened.value.clone(), config).mark(Marks::EPHEMERAL);
        let addr = opened.addr.to_string();
        self.opened.push(opened);
        set_instance(&mut self.compiled.world, node, value.clone());
        let world = &self.compiled.world;
        let at = world.node(node);
        let lifecycle = evaluate::resource(world, &world.blocks.graph[at.block]).and_then(|r| r.lifecycle.clone());
        let Some(lifecycle) = lifecycle else { return true };
        let mut names = repeated(world, node);
        names.self_object = Some(value);
        let checked = conditions::check(world, at.module, &names, &lifecycle.postconditions, &addr, Rule::Postcondition);
        let failed = checked.diagnostics.has_errors();
        self.outcome.diagnostics.extend(checked.diagnostics);
        !failed
    }
}
