//! Reads every object of the state, all at once: providers gather the reads into few calls.

use super::diff::provider_diagnostic;
use super::objects::{Objects, is_remote, resource_of};
use super::pool::{Pool, parse_provider, source_of};
use super::propose::with_schema_marks;
use crate::config::Config;
use crate::event::{Event, Listener, Subject};
use crate::graph::block::{provider_of, resource_of as resource_block};
use crate::providers::Registry;
use futures::stream::{self, StreamExt};
use levee_model::{Diagnostics, InstanceAddr, Marks, Mode, ProviderAddr, Value};
use levee_sdk::context::NoSink;
use levee_state::ObjectRow;
use std::sync::Arc;

/// Reads that may wait for an answer at the same time. Providers have limits of their own; this one bounds memory.
const AT_ONCE: usize = 1000;

/// What the configuration says about objects of the state.
pub struct Declared<'a> {
    /// The configuration.
    pub config: &'a Config,
}

impl Declared<'_> {
    /// Which provider configuration an object is read with: the one its block uses now, else the one that its row names.
    pub fn provider(&self, row: &ObjectRow) -> Option<ProviderAddr> {
        let addr = row.addr.resource();
        let module = self.config.modules.get(&addr.module);
        let block = module.and_then(|m| resource_block(m, &addr));
        let now = block.map(|b| provider_of(self.config, &addr.module, b));
        let same_kind = |p: &ProviderAddr| *source_of(self.config, &p.module, &p.name) == *row.provider_source;
        now.filter(same_kind).or_else(|| parse_provider(&row.provider))
    }
}

/// Reads each object that `wanted` lets through and whose provider is logged in, and sets its `current`. Objects whose
/// provider is not known yet keep what is stored.
pub async fn refresh(
    objects: &mut Objects,
    declared: &Declared<'_>,
    pool: &Pool,
    registry: &Registry,
    listener: &Listener,
    wanted: impl Fn(&InstanceAddr) -> bool,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut reads = Vec::new();
    for (key, prior) in &objects.all {
        if key.0.mode != Mode::Managed || !wanted(&key.0) {
            continue;
        }
        let (Some(resource), Some(provider)) = (resource_of(&prior.row, registry), declared.provider(&prior.row)) else {
            continue;
        };
        if !is_remote(resource.as_ref()) {
            continue;
        }
        let Some(ctx) = pool.ctx(&provider, Arc::new(NoSink), None) else { continue };
        let subject = Subject { addr: key.0.clone(), deposed: key.1.clone(), id: prior.row.id.clone() };
        let (plain, _) = prior.stored.clone().unmark_deep();
        let id = prior.row.id.clone().or_else(|| resource.id(&plain)).unwrap_or_default();
        let key = key.clone();
        reads.push(async move {
            listener.event(&Event::RefreshStarted(subject.clone()));
            let found = resource.read(ctx, id, Some(plain)).await;
            listener.event(&Event::RefreshFinished(subject));
            (key, resource, found)
        });
    }
    let mut answers = stream::iter(reads).buffer_unordered(AT_ONCE);
    let mut found = Vec::new();
    while let Some((key, resource, answer)) = answers.next().await {
        match answer {
            Ok(now) => found.push((key, resource, now)),
            Err(e) => diagnostics.push(provider_diagnostic(&key.0, "cannot be read", &e)),
        }
    }
    drop(answers);
    for (key, resource, now) in found {
        if let Some(prior) = objects.all.get_mut(&key) {
            let paths = prior.stored.marked_paths(Marks::SENSITIVE);
            let schema = resource.schema();
            prior.current = now.map(|v: Value| with_schema_marks(&schema.block, v.mark_at(&paths, Marks::SENSITIVE)));
        }
    }
    diagnostics
}
