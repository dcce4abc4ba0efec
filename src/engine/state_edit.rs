//! Changes of the state alone, as people ask for them: objects get another address, or are forgotten. Each is a run, so that
//! it stands in the history and can be told.

use super::load::state_failure;
use super::locking::lock;
use super::{Failure, RunOptions, Workspace, state_file};
use crate::config::ProviderSource;
use crate::plan::pool::parse_provider;
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, InstanceKey, ModuleInstance, ProviderAddr, ResourceAddr, Target};
use levee_state::{ObjectRow, ObjectStatus, RunEnd, RunKind, RunSpec, Snapshot, StateEdit, StateError};
use std::sync::Arc;

/// Gives objects other addresses, or with `dry_run` finds out whether that can be done.
///
/// # Errors
/// Nothing is at `from`, something is at `to`, or the state cannot be written.
pub async fn move_objects(workspace: &Workspace, from: &Target, to: &Target, dry_run: bool, options: &RunOptions) -> Result<(), Failure> {
    edit_unless(dry_run, workspace, "state mv", options, |snapshot| {
        let pairs = moves(snapshot, from, to)?;
        Ok(pairs.into_iter().map(|(from, to)| StateEdit::Move { from, to }).collect())
    })
    .await
}

/// Makes the state forget objects, and their deposed ones, or with `dry_run` finds out which. Yields the addresses.
///
/// # Errors
/// Nothing is at any of the targets, or the state cannot be written.
pub async fn forget_objects(
    workspace: &Workspace,
    targets: &[Target],
    dry_run: bool,
    options: &RunOptions,
) -> Result<Vec<InstanceAddr>, Failure> {
    let mut gone: Vec<InstanceAddr> = Vec::new();
    edit_unless(dry_run, workspace, "state rm", options, |snapshot| {
        let meant: Vec<_> = snapshot.objects.iter().filter(|o| targets.iter().any(|t| t.covers(&o.addr))).collect();
        if meant.is_empty() {
            let detail = "No matching objects found. To view the available instances, use \"levee state list\". Please modify the address to reference a specific instance.";
            return Err(Diagnostic::error("Invalid target address", detail).into());
        }
        gone = meant.iter().map(|o| o.addr.clone()).collect();
        gone.dedup();
        Ok(meant.iter().map(|o| StateEdit::Remove { addr: o.addr.clone(), deposed: o.deposed.clone() }).collect())
    })
    .await?;
    Ok(gone)
}

/// What marking an object came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It is marked so now.
    Done,
    /// There is no such object, which was fine.
    Missing,
}

/// Marks an object as tainted, so that the next plan replaces it, or takes that back.
///
/// # Errors
/// There is no such object (unless `allow_missing`), it is not tainted, or the state cannot be written.
pub async fn mark_tainted(
    workspace: &Workspace,
    addr: &InstanceAddr,
    tainted: bool,
    allow_missing: bool,
    options: &RunOptions,
) -> Result<Marked, Failure> {
    let mut marked = Marked::Done;
    edit(workspace, if tainted { "taint" } else { "untaint" }, options, |snapshot| {
        let Some(row) = snapshot.object(addr, None) else {
            marked = Marked::Missing;
            return if allow_missing { Ok(Vec::new()) } else { Err(no_such_object(snapshot, addr).into()) };
        };
        if !tainted && row.status != ObjectStatus::Tainted {
            let detail = format!("Resource instance {addr} is not currently tainted, and so it cannot be untainted.");
            return Err(Diagnostic::error("Resource instance is not tainted", detail).into());
        }
        let status = if tainted { ObjectStatus::Tainted } else { ObjectStatus::Ready };
        Ok(vec![StateEdit::Put(Box::new(ObjectRow { status, ..row.clone() }))])
    })
    .await?;
    Ok(marked)
}

fn no_such_object(snapshot: &Snapshot, addr: &InstanceAddr) -> Diagnostic {
    let detail = if snapshot.objects.is_empty() {
        "The state currently contains no resource instances whatsoever. This may occur if the configuration has never been applied or if it has recently been destroyed.".to_owned()
    } else {
        format!(
            "There is no resource instance in the state with the address {addr}. If the resource configuration has just been added, you must run \"levee apply\" once to create the corresponding instance(s) before they can be tainted."
        )
    };
    Diagnostic::error("No such resource instance", detail)
}

/// [`edit`]s, or only looks what there would be to edit.
async fn edit_unless(
    dry_run: bool,
    workspace: &Workspace,
    operation: &str,
    options: &RunOptions,
    find: impl FnOnce(&Snapshot) -> Result<Vec<StateEdit>, Diagnostics>,
) -> Result<(), Failure> {
    if !dry_run {
        return edit(workspace, operation, options, find).await;
    }
    let (snapshot, _) = state_file::read(workspace).map_err(|d| Failure::new((*d).into(), None))?;
    find(&snapshot).map(drop).map_err(|diagnostics| Failure::new(diagnostics, None))
}

/// One run that only edits. `find` sees the state under the lock.
pub(super) async fn edit(
    workspace: &Workspace,
    operation: &str,
    options: &RunOptions,
    find: impl FnOnce(&Snapshot) -> Result<Vec<StateEdit>, Diagnostics>,
) -> Result<(), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, operation, options)?;
    let snapshot = store.snapshot().map_err(failed)?;
    let edits = find(&snapshot).map_err(|diagnostics| Failure::new(diagnostics, None))?;
    let spec = edit_spec(&snapshot);
    let run = store.begin(&guard, &spec).map_err(failed)?;
    run.edit(edits).await.map_err(failed)?;
    run.finish(RunEnd::Succeeded).await.map_err(failed)?;
    state_file::export(&store, workspace, options);
    Ok(())
}

/// The record of a run that changes nothing but the state.
pub(super) fn edit_spec(snapshot: &Snapshot) -> RunSpec {
    RunSpec {
        kind: RunKind::Refresh,
        base: snapshot.base(),
        config_digest: None,
        variables: None,
        levee_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Objects of one provider belong to another from then on. Yields their resources; none if there are no such objects.
///
/// # Errors
/// The state cannot be read or written.
pub async fn replace_provider(
    workspace: &Workspace,
    from: &ProviderSource,
    to: &ProviderSource,
    write: bool,
    options: &RunOptions,
) -> Result<Vec<ResourceAddr>, Failure> {
    let mut found = Vec::new();
    let find = |snapshot: &Snapshot| {
        let of = |row: &&ObjectRow| ProviderSource::parse(&row.provider_source).is_ok_and(|source| source == *from);
        let rows: Vec<_> = snapshot.objects.iter().filter(of).collect();
        found = rows.iter().map(|row| row.addr.resource()).collect();
        found.dedup();
        Ok(rows.into_iter().map(|row| StateEdit::Put(Box::new(belonging_to(row, to)))).collect())
    };
    edit_unless(!write, workspace, "state replace-provider", options, find).await?;
    Ok(found)
}

fn belonging_to(row: &ObjectRow, to: &ProviderSource) -> ObjectRow {
    let provider = parse_provider(&row.provider).map(|p| ProviderAddr { name: to.name.clone(), ..p }.to_string());
    let provider = provider.map_or_else(|| row.provider.clone(), Arc::from);
    ObjectRow { provider, provider_source: Arc::from(to.for_display()), ..row.clone() }
}

fn moves(snapshot: &Snapshot, from: &Target, to: &Target) -> Result<Vec<(InstanceAddr, InstanceAddr)>, Diagnostics> {
    let source = |why: &str| Diagnostics::from(Diagnostic::error("Invalid source address", format!("Cannot move {from}: {why}")));
    let target = |why: &str| Diagnostics::from(Diagnostic::error("Invalid target address", format!("Cannot move to {to}: {why}")));
    let mut found: Vec<&InstanceAddr> = snapshot.objects.iter().map(|o| &o.addr).filter(|a| from.covers(a)).collect();
    found.dedup();
    if found.is_empty() {
        return Err(source("does not match anything in the current state."));
    }
    let place: Box<dyn Fn(&InstanceAddr) -> InstanceAddr> = match (from, to) {
        (Target::Module(old), Target::Module(new)) => {
            let depth = old.0.len();
            Box::new(move |a| {
                let module = ModuleInstance(new.0.iter().chain(&a.module.0[depth..]).cloned().collect());
                InstanceAddr { module, ..a.clone() }
            })
        }
        (Target::Resource(old), Target::Resource(new)) => {
            if (old.mode, &old.type_name) != (new.mode, &new.type_name) {
                return Err(target("resource types don't match."));
            }
            let one = old.key != InstanceKey::None || new.key != InstanceKey::None;
            if one && found.len() > 1 {
                return Err(source("it has several instances, and the target is one."));
            }
            Box::new(move |a| InstanceAddr { key: if one { new.key.clone() } else { a.key.clone() }, ..new.clone() })
        }
        (Target::Resource(_), Target::Module(module)) => Box::new(|a| InstanceAddr { module: module.clone(), ..a.clone() }),
        (Target::Module(_), Target::Resource(_)) => {
            let detail = format!("Cannot move {from} to {to}: the target must also be a module.");
            return Err(Diagnostic::error("Invalid target address", detail).into());
        }
    };
    let pairs: Vec<_> = found.into_iter().map(|a| (a.clone(), place(a))).collect();
    let taken = |addr: &InstanceAddr| snapshot.objects.iter().any(|o| o.addr == *addr);
    if pairs.iter().any(|(_, to)| taken(to)) {
        return Err(target("there is already a resource instance at that address in the current state."));
    }
    Ok(pairs)
}
