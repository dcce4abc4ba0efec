//! The right to change the state: of the whole, or of what a plan with targets speaks of, so that several such runs go on side
//! by side.

use super::load::state_failure;
use super::{Failure, Planned, RunOptions, Workspace, backend, state_file};
use crate::event::Event;
use levee_model::{Action, Diagnostic, InstanceAddr, ResourceAddr};
use levee_state::{Access, LockGuard, LockInfo, Scope, StateEdit, StateError, Store};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a lock that is held is waited for in any case: a process that was killed needs a moment to be gone.
const GRACE: Duration = Duration::from_millis(500);

/// What carrying a plan out touches. Moves, imports, and what goes on with or undoes an earlier run ask for the whole state.
pub(super) fn scope_of(planned: &Planned) -> Scope {
    let compiled = &planned.compiled;
    let (plan, edits) = (&compiled.plan, &compiled.edits);
    let moves = edits.iter().any(|edit| matches!(edit, StateEdit::Move { .. }));
    if !plan.targeted || moves || plan.imported() > 0 || planned.resumes.is_some() || planned.rollback_of.is_some() {
        return Scope::Whole;
    }
    let acting = compiled.items.iter().filter(|item| item.change.action != Action::NoOp).map(|item| &item.change.addr);
    let changes: BTreeSet<InstanceAddr> = acting.chain(edits.iter().map(edited)).cloned().collect();
    let needed: BTreeSet<&ResourceAddr> = compiled.items.iter().flat_map(|item| &item.dependencies).collect();
    let objects = compiled.objects.all.keys().map(|(addr, _)| addr).filter(|addr| needed.contains(&addr.resource()));
    let reads = compiled.items.iter().map(|item| &item.change.addr).chain(objects);
    Scope::Part { reads: reads.filter(|addr| !changes.contains(*addr)).cloned().collect(), changes }
}

/// The object that an edit is about.
fn edited(edit: &StateEdit) -> &InstanceAddr {
    match edit {
        StateEdit::Put(row) => &row.addr,
        StateEdit::Remove { addr, .. } | StateEdit::Depose { addr, .. } | StateEdit::Restore { addr, .. } => addr,
        StateEdit::Move { to, .. } => to,
    }
}

/// Waits until nobody else is at work on the state, as long as allowed: what is then planned of the whole is what it is applied to.
///
/// # Errors
/// Somebody is at work for longer than that, or the state cannot be read.
pub fn wait_for_others(workspace: &Workspace, options: &RunOptions) -> Result<(), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    if workspace.state.exists() && workspace.store(Access::ReadOnly).and_then(|s| s.is_at_work()).map_err(failed)? {
        drop(lock(workspace, "apply", options)?);
    }
    Ok(())
}

/// Opens the store and takes the lock of the whole state. Under it, a state file that somebody else wrote becomes the state.
pub(super) fn lock(workspace: &Workspace, operation: &str, options: &RunOptions) -> Result<(Store, LockGuard), Failure> {
    lock_scope(workspace, operation, Scope::Whole, options)
}

/// Likewise, the lock of a part of the state. A state file that somebody else wrote asks for the whole.
pub(super) fn lock_scope(
    workspace: &Workspace,
    operation: &str,
    scope: Scope,
    options: &RunOptions,
) -> Result<(Store, LockGuard), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let told = |d: Box<Diagnostic>| Failure::new((*d).into(), None);
    backend::check(workspace).map_err(told)?;
    let store = workspace.store(Access::ReadWrite).map_err(failed)?;
    let is_part = scope != Scope::Whole;
    let scope = if is_part && state_file::is_foreign(&store, workspace).map_err(told)? { Scope::Whole } else { scope };
    let guard = wait_for_lock(&store, operation, &scope, options)?;
    if let Some(dead) = guard.taken_over() {
        options.listener.event(&Event::Note(format!("The lock of {dead} was taken over: that process is gone.")));
    }
    if scope == Scope::Whole {
        state_file::take_over(&store, &guard, workspace, options).map_err(told)?;
    }
    backend::record(workspace).map_err(told)?;
    Ok((store, guard))
}

/// Takes the lock, waiting as long as allowed, and no longer than nobody asks to stop.
fn wait_for_lock(store: &Store, operation: &str, scope: &Scope, options: &RunOptions) -> Result<LockGuard, Failure> {
    let (began, limit) = (Instant::now(), options.lock_timeout.max(GRACE));
    let mut told = false;
    loop {
        match store.lock_scope(&LockInfo::current(operation), scope, GRACE.min(limit.saturating_sub(began.elapsed()))) {
            Err(StateError::Locked { .. }) if *options.interrupt.borrow() => {
                let detail = "The lock of the state was not waited for any longer. Nothing was changed.";
                return Err(Failure::new(Diagnostic::error("Interrupted", detail).into(), None));
            }
            Err(StateError::Locked { holder }) if began.elapsed() < limit => {
                if let Some(holder) = holder.filter(|_| !told) {
                    told = true;
                    let text = format!("Waiting up to {} s for the lock of the state, which {holder} holds.", limit.as_secs());
                    options.listener.event(&Event::Note(text));
                }
            }
            ended => return ended.map_err(|e| state_failure(&e, None)),
        }
    }
}
