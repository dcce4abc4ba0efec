//! What types tell of their changes besides the values: asked when everything is planned, all at once.

use super::diff::provider_diagnostic;
use super::objects::is_remote;
use super::pool::Pool;
use super::walk::{Item, Login};
use futures::stream::{self, StreamExt};
use levee_model::{Action, Diagnostics, InstanceAddr};
use levee_sdk::context::NoSink;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many are asked for at a time: each may be a process.
const AT_ONCE: usize = 4;

/// What is told of each object, line by line.
pub(super) type Previews = BTreeMap<InstanceAddr, Vec<String>>;

/// Asks for all that can be asked for: changes of objects outside of the state, whose provider is known. Nothing, of a plan that
/// is none.
pub(super) async fn previews(items: &[Item], pool: &Pool, diagnostics: &mut Diagnostics) -> Previews {
    if diagnostics.has_errors() {
        return Previews::new();
    }
    let changes = |i: &&Item| matches!(i.change.action, Action::Create | Action::Update | Action::Replace(_)) && i.login == Login::Known;
    let asked = items.iter().filter(changes).filter_map(|item| {
        let resource = item.resource.as_ref().filter(|resource| is_remote(&***resource))?;
        let ctx = pool.ctx(&item.provider, Arc::new(NoSink), None)?;
        Some(async move { (&item.change.addr, resource.preview(ctx, item.change.clone()).await) })
    });
    let mut found: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    found.sort_by_key(|(addr, _)| *addr);
    let mut out = Previews::new();
    for (addr, told) in found {
        match told {
            Ok(lines) if lines.is_empty() => {}
            Ok(lines) => drop(out.insert(addr.clone(), lines)),
            Err(error) => diagnostics.push(provider_diagnostic(addr, "cannot be planned", &error)),
        }
    }
    out
}
