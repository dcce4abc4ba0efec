//! Reads objects of the state, all at once: providers gather the reads into few calls.

use super::diff::provider_diagnostic;
use super::objects::{ObjectKey, Objects, Prior, ResourceTypes, is_remote, resource_of};
use super::pool::parse_provider;
use super::propose::with_schema_marks;
use crate::event::{Event, Listener, Subject};
use crate::graph::BlockGraph;
use crate::providers::Registry;
use futures::stream::{self, StreamExt};
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, Marks, Mode, ProviderAddr, ResourceAddr, Value};
use levee_sdk::error::ErrorKind;
use levee_sdk::provider::AnyCtx;
use levee_sdk::{AnyResource, ProviderError};
use levee_state::ObjectRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads that may wait for an answer at the same time. Providers have limits of their own; this one bounds memory.
const AT_ONCE: usize = 1000;

/// Which provider configuration an object is read with: the one its block uses now, else the one that its row names.
pub fn provider_of_row(blocks: &BlockGraph, row: &ObjectRow) -> Option<ProviderAddr> {
    let block = blocks.resource_block(&row.addr.resource());
    let same_kind = block.filter(|b| b.source == row.provider_source);
    same_kind.map(|b| b.provider.clone()).or_else(|| parse_provider(&row.provider))
}

/// The objects of a state that there is something to be read of.
pub struct Due<'a> {
    /// The blocks of the configuration.
    pub blocks: &'a BlockGraph,
    /// What the state knows.
    pub objects: &'a Objects,
    /// Providers.
    pub registry: &'a Registry,
}

impl Due<'_> {
    /// The objects that `wanted` lets through.
    pub fn readings(&self, wanted: impl Fn(&InstanceAddr, &ProviderAddr) -> bool) -> Vec<Reading> {
        let managed = self.objects.all.iter().filter(|((addr, _), _)| addr.mode == Mode::Managed);
        let mut types = ResourceTypes::new(self.registry);
        let one = |(key, prior): (&ObjectKey, &Prior)| {
            let resource = types.of(&prior.row).filter(|r| is_remote(r.as_ref()))?;
            let provider = provider_of_row(self.blocks, &prior.row).filter(|provider| wanted(&key.0, provider))?;
            Some(Reading::new(key, prior, provider, resource.clone()))
        };
        managed.filter_map(one).collect()
    }
}

/// An object that is to be read.
pub struct Reading {
    key: ObjectKey,
    resource: Arc<dyn AnyResource>,
    provider: ProviderAddr,
    subject: Subject,
    /// As it is stored, without marks.
    stored: Value,
    id: String,
}

/// What reading an object has found; none when it is gone.
pub struct Reread {
    key: ObjectKey,
    resource: Arc<dyn AnyResource>,
    provider: ProviderAddr,
    found: Result<Option<Value>, ProviderError>,
}

impl Reading {
    /// `None` when there is nothing outside of the state to be read.
    pub fn of(key: &ObjectKey, prior: &Prior, provider: ProviderAddr, registry: &Registry) -> Option<Self> {
        let resource = resource_of(&prior.row, registry).filter(|r| is_remote(r.as_ref()))?;
        Some(Self::new(key, prior, provider, resource))
    }

    fn new(key: &ObjectKey, prior: &Prior, provider: ProviderAddr, resource: Arc<dyn AnyResource>) -> Self {
        let subject = Subject { addr: key.0.clone(), deposed: key.1.clone(), id: prior.row.id.clone() };
        let (stored, _) = prior.stored.clone().unmark_deep();
        let id = prior.row.id.clone().or_else(|| resource.id(&stored)).unwrap_or_default();
        Self { key: key.clone(), resource, provider, subject, stored, id }
    }

    /// The provider configuration that it is read with.
    pub fn provider(&self) -> &ProviderAddr {
        &self.provider
    }

    /// Asks the provider.
    pub async fn read(self, ctx: AnyCtx, listener: &Listener) -> Reread {
        listener.event(&Event::RefreshStarted(self.subject.clone()));
        let found = self.resource.read(ctx, self.id, Some(self.stored)).await;
        listener.event(&Event::RefreshFinished(self.subject));
        Reread { key: self.key, resource: self.resource, provider: self.provider, found }
    }
}

/// Reads everything whose provider is logged in. Objects whose provider is not known yet keep what is stored.
pub async fn read_all(readings: Vec<Reading>, ctx: impl Fn(&ProviderAddr) -> Option<AnyCtx>, listener: &Listener) -> Vec<Reread> {
    let ready = readings.into_iter().filter_map(|r| Some((ctx(&r.provider)?, r)));
    stream::iter(ready.map(|(ctx, reading)| reading.read(ctx, listener))).buffer_unordered(AT_ONCE).collect().await
}

/// What lies in something that is gone itself, such as a cluster, is gone with it where it cannot be reached either; whoever reads the
/// plan is told. `foundations`: the resources that each provider configuration names.
pub fn gone_with(objects: &Objects, foundations: &BTreeMap<ProviderAddr, BTreeSet<ResourceAddr>>, found: &mut [Reread]) -> Diagnostics {
    let is_gone = |resource: &&ResourceAddr| {
        let mut instances = objects.all.iter().filter(|((addr, _), _)| addr.resource() == **resource).peekable();
        instances.peek().is_some() && instances.all(|(_, prior)| prior.current.is_none())
    };
    let gone: BTreeMap<_, _> = foundations.iter().filter_map(|(p, on)| Some((p, on.iter().find(is_gone)?))).collect();
    let mut dropped: BTreeMap<&ResourceAddr, Vec<String>> = BTreeMap::new();
    for read in found {
        let Some(foundation) = gone.get(&read.provider) else { continue };
        if read.found.as_ref().is_err_and(|e| e.kind == ErrorKind::Transient) {
            read.found = Ok(None);
            dropped.entry(foundation).or_default().push(read.key.0.to_string());
        }
    }
    dropped.into_iter().map(|(foundation, objects)| went_with(foundation, objects)).collect()
}

fn went_with(foundation: &ResourceAddr, mut objects: Vec<String>) -> Diagnostic {
    objects.sort();
    let detail = format!(
        "{foundation} has been deleted outside of levee, and what was in it cannot be reached any more. It is taken to be gone as well, and \
         dropped from the state:\n  - {}\n\nWhat these objects may have made elsewhere, such as load balancers and volumes, is left.",
        objects.join("\n  - ")
    );
    Diagnostic::warning("Objects went with what they were in", detail)
}

/// Sets the `current` of what was read.
pub fn take_in(objects: &mut Objects, mut found: Vec<Reread>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    for Reread { key, resource, found, .. } in found {
        match (found, objects.all.get_mut(&key)) {
            (Ok(now), Some(prior)) => {
                let paths = prior.stored.marked_paths(Marks::SENSITIVE);
                let schema = resource.schema();
                prior.current = now.map(|v| with_schema_marks(&schema.block, v.mark_at(&paths, Marks::SENSITIVE)));
            }
            (Ok(_), None) => {}
            (Err(e), _) => diagnostics.push(provider_diagnostic(&key.0, "cannot be read", &e)),
        }
    }
    diagnostics
}
