//! Checking a configuration as a whole, on a thread of its own. Nobody outside is asked anything before it has ended well;
//! what can be planned without asking anybody is planned beside it.

use super::load::Loaded;
use crate::event::{Event, Listener, Observer};
use crate::graph::Block;
use crate::plan::compile::{Source, validate};
use levee_model::{Diagnostic, Diagnostics, Mode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

/// A check under way.
pub(super) struct Checking(JoinHandle<Diagnostics>);

impl Checking {
    /// Begins to check. Events that `held` has, and gets, are let go when it has ended well.
    pub(super) fn begin(loaded: &Loaded, timestamp: String, held: Arc<HeldBack>) -> Self {
        let (config, blocks, surroundings) = (loaded.config.clone(), loaded.blocks.clone(), loaded.surroundings.clone());
        let loaded = Loaded { config, blocks, surroundings, files: loaded.files.clone(), diagnostics: Diagnostics::new() };
        Self(spawn_blocking(move || {
            let found = Handle::current().block_on(validate(&loaded.into_checked(Some(timestamp))));
            if !found.has_errors() {
                held.let_go();
            }
            found
        }))
    }

    /// What it found.
    pub(super) async fn end(self) -> Diagnostics {
        let fault = |e| Diagnostic::error("The configuration was not checked", format!("{e}. This is a fault of levee."));
        self.0.await.unwrap_or_else(|e| fault(e).into())
    }
}

/// Whether planning asks nobody outside of this machine: no provider that it needs does, and no data source is read, which
/// may run a command.
pub(super) fn asks_nobody(source: &Source) -> bool {
    let mut known = BTreeMap::new();
    let mut is_local = |s: &str| match known.get(s) {
        Some(is_local) => *is_local,
        None => {
            let is_local = source.registry.get(s).is_some_and(|provider| provider.is_local());
            known.insert(s.to_owned(), is_local);
            is_local
        }
    };
    let blocks = &source.blocks;
    let used = blocks.graph.node_indices().all(|id| match &blocks.graph[id] {
        Block::Resource(addr) => addr.mode == Mode::Managed && blocks.declared(id).is_none_or(|declared| is_local(&declared.source)),
        Block::Provider(addr) => is_local(&source.config.source_of(&addr.module, &addr.name)),
        _ => true,
    });
    used && source.objects.all.values().all(|prior| is_local(&prior.row.provider_source))
}

/// An observer that tells nothing before it is let go: the plan of a configuration that turns out to be wrong was never made.
pub(super) struct HeldBack {
    to: Listener,
    held: Mutex<Option<Vec<Event>>>,
}

impl HeldBack {
    /// Everything is held back at first.
    pub(super) fn new(to: Listener) -> Self {
        Self { to, held: Mutex::new(Some(Vec::new())) }
    }

    fn let_go(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.take().into_iter().flatten().for_each(|event| self.to.event(&event));
    }
}

impl Observer for HeldBack {
    fn hears_of_state_reads(&self) -> bool {
        self.to.hears_of_state_reads()
    }

    fn event(&self, event: &Event) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *held {
            Some(events) => events.push(event.clone()),
            None => self.to.event(event),
        }
    }
}
