//! Plans an object in full whose provider was not configured while planning: what is there is read, the change is found
//! anew, told, and carried out as far as the approved plan announced it.

use super::prepare::configuration;
use super::scheduler::{Begun, Done, Scheduler};
use super::starts::not_configured;
use crate::event::Event;
use crate::plan::compile::Compiled;
use crate::plan::diff::{Client, Wanted, plan_instance};
use crate::plan::edits::stored_anew;
use crate::plan::evaluate;
use crate::plan::refresh::{Reading, Reread, take_in};
use crate::plan::walk::Login;
use levee_model::{Action, Change, Diagnostic, Diagnostics, ProviderAddr, ReplaceOrder};
use levee_sdk::context::NoSink;
use std::sync::Arc;

impl Scheduler<'_> {
    /// Reads what is there, if anything is, and plans when that is known.
    pub(super) fn begin_in_full(&mut self, step: u32, i: usize) -> Begun {
        let item = &self.compiled.items[i];
        let Some(ctx) = self.compiled.pool.ctx(&item.provider, Arc::new(NoSink), None) else {
            let d = not_configured(&item.provider, &item.change.addr.to_string());
            return self.fail([d]);
        };
        let key = (item.change.addr.clone(), None);
        // What is replaced is not held against anything: it goes, or is gone already.
        let prior = self.compiled.objects.all.get(&key).filter(|_| !item.change.action.is_replace());
        let registry = self.compiled.world.registry;
        match prior.and_then(|prior| Reading::of(&key, prior, item.provider.clone(), registry)) {
            Some(reading) => {
                let listener = self.shared.listener.clone();
                Begun::Running(Box::pin(async move { (step, Done::Reread(reading.read(ctx, &listener).await)) }))
            }
            None => self.plan_in_full(step, i, &ctx.client),
        }
    }

    /// Takes in what was read.
    pub(super) fn accept_reread(&mut self, step: u32, found: Reread) -> Begun {
        let wrong = take_in(&mut self.compiled.objects, vec![found]);
        if wrong.has_errors() {
            return self.fail(wrong);
        }
        let Some(i) = self.compiled.steps.work[step as usize].item() else { return Begun::Failed };
        match self.compiled.pool.get(&self.compiled.items[i].provider).map(|c| c.client()) {
            Some(client) => self.plan_in_full(step, i, &client),
            None => Begun::Failed,
        }
    }

    fn plan_in_full(&mut self, step: u32, i: usize, client: &Client) -> Begun {
        let full = match full_plan(self.compiled, i, client) {
            Ok(full) => full,
            Err(diagnostics) => return self.fail(diagnostics),
        };
        let provider = self.compiled.items[i].provider.clone();
        self.shared.listener.event(&Event::PlannedInFull { change: Box::new(full.clone()), provider: provider.to_string() });
        let approved = self.compiled.items[i].change.action;
        if full.action.is_replace() && !approved.is_replace() {
            return self.fail([unannounced(&full, approved, &provider)]);
        }
        if full.action == Action::Create && matches!(approved, Action::Update | Action::NoOp) {
            self.outcome.diagnostics.push(made_anew(&full, &provider));
        }
        let (action, after) = (full.action, full.after.clone());
        let item = &mut self.compiled.items[i];
        (item.change, item.login) = (Arc::new(full), Login::Known);
        match (action, after) {
            (Action::NoOp, Some(after)) => {
                self.compiled.edits.extend(stored_anew(&self.compiled.items[i], &self.compiled.objects));
                self.leave(step, i, after)
            }
            _ => self.begin_change(step, i),
        }
    }
}

/// The change of an item's object, now that its provider can be asked and all values are known.
fn full_plan(compiled: &Compiled, i: usize, client: &Client) -> Result<Change, Diagnostics> {
    let (world, item) = (&compiled.world, &compiled.items[i]);
    let approved = &item.change;
    let (Some(node), Some(resource)) = (item.node, &item.resource) else { return Ok(Change::clone(approved)) };
    let schema = resource.schema();
    let config = configuration(world, node, &schema.block)?;
    let declared = evaluate::resource(world, &world.blocks.graph[world.node(node).block]);
    let wanted = Wanted {
        addr: &approved.addr,
        resource: resource.as_ref(),
        block: &schema.block,
        prior: compiled.objects.current(&approved.addr).filter(|_| !approved.action.is_replace()),
        config,
        lifecycle: declared.and_then(|r| r.lifecycle.as_deref()),
        client: Some(client),
        replace_requested: false,
        triggers: Vec::new(),
        order: if item.create_before_destroy { ReplaceOrder::CreateThenDelete } else { ReplaceOrder::DeleteThenCreate },
    };
    let full = plan_instance(&wanted)?;
    Ok(if approved.action.is_replace() { Change { after: full.after, ..Change::clone(approved) } } else { full })
}

fn unannounced(full: &Change, approved: Action, provider: &ProviderAddr) -> Diagnostic {
    let told = if approved == Action::Update { "an update in place" } else { "nothing to be done" };
    let paths: Vec<String> = full.replace_paths.iter().map(ToString::to_string).collect();
    let why = if paths.is_empty() { String::new() } else { format!(" ({} cannot be changed in place)", paths.join(", ")) };
    let detail = format!(
        "{}: the plan told of {told}, since {provider} was not configured yet. Now that it is, the object would have to be replaced{why}. Nothing was done to it.",
        full.addr
    );
    Diagnostic::error("A replacement that the plan did not announce", detail)
        .about(&full.addr)
        .hint("Plan again: the provider is configured by now, and the plan will tell of the replacement.")
}

fn made_anew(full: &Change, provider: &ProviderAddr) -> Diagnostic {
    let detail = format!(
        "{}: where {provider} looks by now, there is no such object, so it is made anew. What refers to it was planned with what the state said of the earlier one.",
        full.addr
    );
    Diagnostic::warning("An object is made anew", detail).about(&full.addr).hint("Plan again to see whether something is left to do.")
}
