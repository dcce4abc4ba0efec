//! One object's change: the configuration against what is there.

use super::objects::Prior;
use super::propose::{changes, propose, with_schema_marks};
use crate::config::{IgnoreChanges, IgnorePath, Lifecycle, TraversalStep};
use levee_model::{Action, Change, Diagnostic, InstanceAddr, Kind, Marks, Path, Reason, ReplaceOrder, Reversibility, Step, Type, Value};
use levee_sdk::schema::Block;
use levee_sdk::{AnyResource, Draft, ProviderError};
use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A provider's client, as types are given it.
pub type Client = Arc<dyn Any + Send + Sync>;

/// One object that the configuration wants.
pub struct Wanted<'a> {
    /// Its address.
    pub addr: &'a InstanceAddr,
    /// Its type.
    pub resource: &'a dyn AnyResource,
    /// The type's arguments.
    pub block: &'a Block,
    /// What the state knows of it.
    pub prior: Option<&'a Prior>,
    /// What the configuration says, with marks.
    pub config: Value,
    /// Its `lifecycle`.
    pub lifecycle: Option<&'a Lifecycle>,
    /// The provider's client, where it is configured already.
    pub client: Option<&'a Client>,
    /// Whether `-replace` named it.
    pub replace_requested: bool,
    /// What `replace_triggered_by` named that changes.
    pub triggers: Vec<String>,
    /// In which order a replacement happens.
    pub order: ReplaceOrder,
}

/// Finds the change. An error is about this object alone.
pub fn plan_instance(wanted: &Wanted<'_>) -> Result<Change, Diagnostic> {
    let mut change = match wanted.prior.and_then(|p| p.current.as_ref()) {
        Some(current) => plan_existing(wanted, &current.clone().unmark_deep().0),
        None => plan_new(wanted),
    }
    .map_err(|e| provider_diagnostic(wanted.addr, "cannot be planned", &e))?;
    check_prevent_destroy(wanted, &change)?;
    change.reversibility = wanted.resource.reversibility(&change);
    Ok(change)
}

fn plan_new(wanted: &Wanted<'_>) -> Result<Change, ProviderError> {
    let after = proposal(wanted.resource, wanted.block, None, &wanted.config, wanted.client)?.planned;
    let gone = wanted.prior.is_some().then_some(Reason::GoneOutside);
    let triggered = (!wanted.triggers.is_empty()).then(|| Reason::ByTriggers(wanted.triggers.clone()));
    Ok(Change {
        addr: wanted.addr.clone(),
        deposed: None,
        action: Action::Create,
        before: None,
        after: Some(marked(wanted.block, after, &wanted.config)),
        replace_paths: Vec::new(),
        reason: triggered.or(gone),
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    })
}

fn plan_existing(wanted: &Wanted<'_>, current: &Value) -> Result<Change, ProviderError> {
    let config = match wanted.lifecycle {
        Some(lifecycle) => with_ignored(&wanted.config, &lifecycle.ignore_changes, current),
        None => wanted.config.clone(),
    };
    let draft = proposal(wanted.resource, wanted.block, Some(current), &config, wanted.client)?;
    let tainted = wanted.prior.is_some_and(Prior::is_tainted);
    let before = with_stored_marks(wanted.block, current.clone(), wanted.prior);
    let reason = if !wanted.triggers.is_empty() {
        Some(Reason::ByTriggers(wanted.triggers.clone()))
    } else if tainted {
        Some(Reason::Tainted)
    } else if wanted.replace_requested {
        Some(Reason::ByRequest)
    } else if !draft.replace.is_empty() {
        Some(Reason::CannotUpdate(draft.replace.clone()))
    } else {
        None
    };
    let (action, after) = match &reason {
        Some(_) => {
            // Of an object that is made anew there are no changes that could be ignored.
            let anew = proposal(wanted.resource, wanted.block, None, &wanted.config, wanted.client)?.planned;
            (Action::Replace(wanted.order), marked(wanted.block, anew, &wanted.config))
        }
        None if changes(wanted.block, current, &draft.planned).is_empty() => {
            let after = marked(wanted.block, current.clone(), &wanted.config);
            // That something is secret by now, or no longer, is a change of what is stored of the object.
            let same = !before.has_marks() && !after.has_marks() || secrets(&before) == secrets(&after);
            (if same { Action::NoOp } else { Action::Update }, after)
        }
        None => (Action::Update, marked(wanted.block, draft.planned, &wanted.config)),
    };
    Ok(Change {
        addr: wanted.addr.clone(),
        deposed: None,
        action,
        before: Some(before),
        after: Some(after),
        // What was never whole is not compared.
        replace_paths: if tainted { Vec::new() } else { draft.replace },
        reason,
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    })
}

/// An object as it is, with the marks of the schema and of the state.
pub(super) fn with_stored_marks(block: &Block, current: Value, prior: Option<&Prior>) -> Value {
    let current = with_schema_marks(block, current);
    match prior {
        Some(p) => current.mark_at(&p.stored.marked_paths(Marks::SENSITIVE), Marks::SENSITIVE),
        None => current,
    }
}

/// Where a value is sensitive.
fn secrets(value: &Value) -> BTreeSet<Path> {
    value.marked_paths(Marks::SENSITIVE).into_iter().collect()
}

/// The draft of an object, after its type had a say. `draft.replace` holds all that forces a replacement.
pub fn proposal(
    resource: &dyn AnyResource,
    block: &Block,
    prior: Option<&Value>,
    config: &Value,
    client: Option<&Client>,
) -> Result<Draft, ProviderError> {
    let (config, _) = config.clone().unmark_deep();
    let planned = propose(block, prior, &config);
    let mut draft = Draft { prior: prior.cloned(), replace: forcing(block, prior, &planned), config, planned };
    resource.plan(client, &mut draft)?;
    for path in forcing(block, prior, &draft.planned) {
        if !draft.replace.contains(&path) {
            draft.replace.push(path);
        }
    }
    Ok(draft)
}

fn forcing(block: &Block, prior: Option<&Value>, planned: &Value) -> Vec<Path> {
    let Some(prior) = prior else { return Vec::new() };
    changes(block, prior, planned).into_iter().filter(|d| d.force_new).map(|d| d.path).collect()
}

/// With the marks of the configuration and of the schema.
pub fn marked(block: &Block, value: Value, config: &Value) -> Value {
    let paths = config.marked_paths(Marks::SENSITIVE);
    with_schema_marks(block, value.mark_at(&paths, Marks::SENSITIVE))
}

fn check_prevent_destroy(wanted: &Wanted<'_>, change: &Change) -> Result<(), Diagnostic> {
    if !change.action.is_replace() || !wanted.lifecycle.is_some_and(|l| l.prevent_destroy) {
        return Ok(());
    }
    Err(prevented(wanted.addr))
}

/// What is said when `prevent_destroy` stands in the way.
pub fn prevented(addr: &InstanceAddr) -> Diagnostic {
    Diagnostic::error(
        "Instance cannot be destroyed",
        format!(
            "Resource {addr} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."
        ),
    )
    .about(addr)
}

/// A provider's error about one object, for people.
pub fn provider_diagnostic(addr: &InstanceAddr, what: &str, error: &ProviderError) -> Diagnostic {
    let mut detail = error.to_string();
    if let Some(path) = &error.path {
        detail = format!("{path}: {detail}");
    }
    let summary = error.summary.map_or_else(|| format!("{addr} {what}"), str::to_owned);
    let mut diagnostic = Diagnostic::error(summary, detail).about(addr);
    diagnostic.hint.clone_from(&error.hint);
    diagnostic
}

/// The configuration, with what `ignore_changes` names as it is.
pub fn with_ignored(config: &Value, ignored: &IgnoreChanges, current: &Value) -> Value {
    match ignored {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => {
            let members = config.members().into_iter().flatten();
            members.fold(config.clone(), |c, (name, _)| keep(c, current, name))
        }
        IgnoreChanges::Paths(paths) => paths.iter().fold(config.clone(), |c, path| ignore(c, current, path)),
    }
}

fn keep(config: Value, current: &Value, name: &str) -> Value {
    match current.get(name) {
        Some(value) => config.with(name, value),
        None => config,
    }
}

fn ignore(config: Value, current: &Value, path: &IgnorePath) -> Value {
    let Some(mut steps) = path.steps.iter().map(TraversalStep::constant).collect::<Option<Vec<_>>>() else { return config };
    steps.insert(0, Step::Attribute(path.root.clone()));
    // The last key of a map may be missing on either side; every other step must lead somewhere.
    let key = match steps.last() {
        Some(Step::Key(key)) => Some(key.clone()),
        _ => None,
    };
    if key.is_some() {
        steps.pop();
    }
    match (lead(current, &steps), lead(&config, &steps)) {
        (Some(old), Some(new)) if old != new => put(config, &steps, kept(new, old, key.as_deref())),
        _ => config,
    }
}

/// What stands at a path, where each step is of the kind that its container takes.
fn lead(value: &Value, steps: &[Step]) -> Option<Value> {
    steps.iter().try_fold(value.clone(), |v, step| match (step, v.kind()) {
        (Step::Attribute(name), Kind::Object(_)) | (Step::Key(name), Kind::Map(..)) => v.get(name),
        (Step::Index(n), Kind::List(..) | Kind::Tuple(_)) => v.elements()?.get(*n).cloned(),
        _ => None,
    })
}

/// The value that is kept; with a key, of a map only what it holds there. What the object does not have there is left out.
fn kept(new: Value, old: Value, key: Option<&str>) -> Value {
    let (Some(key), Type::Map(element)) = (key, new.ty()) else { return old };
    if !new.is_known() {
        return new;
    }
    let members = new.members().cloned().unwrap_or_default();
    let members = match old.get(key) {
        Some(value) => members.with(key, value),
        None => members.iter().filter(|(k, _)| ***k != *key).map(|(k, v)| (k.clone(), v.clone())).collect(),
    };
    if members.is_empty() && new.is_null() { new } else { Value::map(element.as_ref().clone(), members).mark(new.unmark().1) }
}

/// Puts a value where a path leads.
fn put(whole: Value, steps: &[Step], value: Value) -> Value {
    let Some((first, rest)) = steps.split_first() else { return value };
    match (first, whole.kind()) {
        (Step::Attribute(name), Kind::Object(members)) | (Step::Key(name), Kind::Map(_, members)) => match members.get(name).cloned() {
            Some(inner) => whole.with(name, put(inner, rest, value)),
            None => whole,
        },
        (Step::Index(n), Kind::List(_, elements) | Kind::Tuple(elements)) => {
            let swap = |(i, e): (usize, &Value)| if i == *n { put(e.clone(), rest, value.clone()) } else { e.clone() };
            let swapped: Vec<Value> = elements.iter().enumerate().map(swap).collect();
            let anew = match whole.kind() {
                Kind::List(element, _) => Value::list(element.clone(), swapped),
                _ => Value::tuple(swapped),
            };
            anew.mark(whole.unmark().1)
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests;
