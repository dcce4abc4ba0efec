//! What undoes a run, folded from its journal: for each object, from what there is now to what it was before.

use super::history::History;
use super::image::{config_of, unkept_secret};
use super::moved::Rows;
use super::outputs;
use super::retention::{Why, kept};
use crate::config::Lifecycle;
use crate::graph::Known;
use crate::graph::choice::Choice;
use crate::plan::images::{Image, Images};
use crate::plan::moves::Moves;
use crate::plan::objects::{Objects, decode_values};
use crate::plan::pool::parse_provider;
use crate::providers::Registry;
use levee_model::{Action, Change, Diagnostic, Diagnostics, InstanceAddr, Mode, ReplaceOrder, ResourceAddr, Reversibility, Value};
use levee_sdk::AnyResource;
use levee_state::{JournalEntry, ObjectRow, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// All that a plan is made from that undoes a run.
pub struct Compensation {
    /// What objects are to be.
    pub images: Images,
    /// The objects that there are.
    pub objects: Objects,
    /// What the state alone is told.
    pub moves: Moves,
    /// Which provider configuration each resource has, and what it depends on.
    pub known: Known,
    /// What stays as it is, and why.
    pub kept: BTreeMap<InstanceAddr, Why>,
    /// What is lost all the same.
    pub notes: Diagnostics,
}

/// What is to be undone of one object.
#[derive(Default)]
pub(super) struct Undo {
    /// As it was; none if it was not there.
    image: Option<Image>,
    /// Whether the object that is there is destroyed on the way.
    pub(super) destroys: bool,
    /// Whether there is one now.
    pub(super) is_there: bool,
    /// Whether `prevent_destroy` is set.
    pub(super) protected: bool,
    /// Why its type says that it cannot be undone.
    pub(super) irreversible: Option<String>,
    /// What it depends on.
    pub(super) needs_now: Vec<ResourceAddr>,
    /// What it depended on.
    pub(super) needs_then: Vec<ResourceAddr>,
    /// Whether only the state is to forget it.
    forget: bool,
}

/// Compiles what undoes a run.
///
/// # Errors
/// Later runs touched the same objects; `skip` names nothing of the run; an image cannot be read.
pub fn compile(history: &History, skip: &[Choice], registry: &'static Registry) -> Result<Compensation, Diagnostics> {
    let touched = history.touched();
    let wrong = history.in_the_way(&touched);
    if wrong.has_errors() {
        return Err(wrong);
    }
    let mut rows = Rows::of(&history.now);
    rows.move_back(history);
    rows.restore(history, &touched);
    put_back(history, &touched, &mut rows);
    let gone: BTreeSet<&InstanceAddr> = rows.previous.values().filter(|a| rows.current(a).is_none()).collect();
    let mut undo = BTreeMap::new();
    for addr in touched.iter().filter(|a| !gone.contains(a) || History::row(&history.before, a).is_some()) {
        undo.extend(undo_of(history, &rows, addr, registry)?.map(|undo| (addr.clone(), undo)));
    }
    let unmatched = skip.iter().filter(|s| !undo.keys().any(|addr| s.covers(addr)));
    let unmatched: Diagnostics = unmatched.map(|s| nothing_to_skip(s, history)).collect();
    if unmatched.has_errors() {
        return Err(unmatched);
    }
    assemble(history, rows, undo, skip, registry)
}

fn nothing_to_skip(skip: &Choice, history: &History) -> Diagnostic {
    let detail = format!("Run {} did nothing to {skip} that could be left as it is.", history.run.id);
    Diagnostic::error("Nothing to skip", detail)
}

fn assemble(
    history: &History,
    rows: Rows,
    undo: BTreeMap<InstanceAddr, Undo>,
    skip: &[Choice],
    registry: &'static Registry,
) -> Result<Compensation, Diagnostics> {
    let kept = kept(&undo, skip);
    let (objects, wrong) = Objects::decode(snapshot_of(&rows, &history.now), registry);
    let (before, wrong_before) = Objects::decode(Snapshot { objects: Vec::new(), ..history.before.clone() }, registry);
    if wrong.has_errors() || wrong_before.has_errors() {
        return Err(wrong.into_iter().chain(wrong_before).collect());
    }
    let mut images = Images { outputs: outputs::outputs(history, &before.outputs, &objects.outputs), ..Images::default() };
    let mut notes = Diagnostics::new();
    let touched: BTreeSet<InstanceAddr> = undo.keys().cloned().collect();
    for (addr, undo) in undo {
        let stays = kept.contains_key(&addr);
        match undo.image {
            Some(image) if stays => drop(images.left.insert(addr, image.whole)),
            Some(image) => {
                notes.extend(secret_note(history, &rows, &addr, &image, registry));
                images.wanted.insert(addr, image);
            }
            None if stays || !undo.is_there => {}
            None if undo.forget => drop(images.forgotten.insert(addr)),
            None => drop(images.deleted.insert((addr, None))),
        }
    }
    let known_before = |row: &ObjectRow| history.before.objects.iter().any(|b| b.addr == row.addr && b.id == row.id);
    notes.extend(not_made_again(history));
    let aside = rows.all.values().filter(|row| row.deposed.is_some() && touched.contains(&row.addr));
    let aside = aside.filter(|row| !known_before(row) && !kept.contains_key(&row.addr));
    images.deleted.extend(aside.map(|row| (row.addr.clone(), row.deposed.clone())));
    images.modules = modules(images.wanted.keys().chain(rows.all.keys().map(|(addr, _)| addr)));
    let known = known(history, &rows, &images);
    let mut edits = rows.edits;
    edits.extend(outputs::data(history));
    let moves = Moves { edits, previous: rows.previous, ..Moves::default() };
    Ok(Compensation { images, objects, moves, known, kept, notes })
}

fn snapshot_of(rows: &Rows, now: &Snapshot) -> Snapshot {
    Snapshot { objects: rows.all.values().cloned().collect(), ..now.clone() }
}

/// What the run made the state forget without touching it is in the state again. Whether it is there at all, reading it tells.
fn put_back(history: &History, touched: &BTreeSet<InstanceAddr>, rows: &mut Rows) {
    for addr in touched.iter().filter(|a| !history.acted_on(a)) {
        let lost = History::row(&history.before, addr).filter(|_| rows.current(addr).is_none());
        if let Some(row) = lost {
            rows.put(row);
        }
    }
}

fn undo_of(history: &History, rows: &Rows, addr: &InstanceAddr, registry: &'static Registry) -> Result<Option<Undo>, Diagnostics> {
    let (before, now) = (History::row(&history.before, addr), rows.current(addr));
    let Some(any) = before.or(now) else { return Ok(None) };
    let Some(resource) = registry.resource(&any.provider_source, &addr.type_name) else { return Err(unknown_type(any).into()) };
    let image = match before {
        Some(row) => Some(image_of(history, row, resource.as_ref()).map_err(|why| unreadable(addr, &why))?),
        None => None,
    };
    let replaced = before.zip(now).is_some_and(|(b, n)| b.id != n.id) && history.deleted(addr);
    let original = original(history, addr, image.as_ref(), resource.as_ref());
    let irreversible = original.map(|change| resource.reversibility(&change));
    Ok(Some(Undo {
        destroys: now.is_some() && (before.is_none() || replaced),
        is_there: now.is_some(),
        protected: history.protected.contains(&addr.resource()),
        irreversible: irreversible.and_then(|r| if let Reversibility::Irreversible(why) = r { Some(why) } else { None }),
        needs_now: now.map(|row| row.dependencies.clone()).unwrap_or_default(),
        needs_then: before.map(|row| row.dependencies.clone()).unwrap_or_default(),
        forget: before.is_none() && !history.made(addr),
        image,
    }))
}

fn unknown_type(row: &ObjectRow) -> Diagnostic {
    let detail = format!("{}: the resource type is not known to {}.", row.addr, row.provider_source);
    Diagnostic::error("An object cannot be rolled back", detail).about(&row.addr)
}

fn unreadable(addr: &InstanceAddr, why: &str) -> Diagnostics {
    Diagnostic::error("An image in the journal cannot be read", format!("{addr}: {why}.")).about(addr).into()
}

/// The object before the run: as the run found it, if it did something to it, else as the state had it.
fn image_of(history: &History, row: &ObjectRow, resource: &dyn AnyResource) -> Result<Image, String> {
    let schema = resource.schema();
    let ty = schema.ty();
    let found = history.steps(&row.addr).filter_map(|e| Some((e, e.intent.prior.as_ref()?)));
    let mut whole = None;
    for (entry, prior) in found {
        let value = decode_values(&prior.values, &prior.sensitive_paths, &ty)?;
        if entry.intent.deposed.is_none() || resource.id(&value.clone().unmark_deep().0) == row.id {
            whole = Some(value);
            break;
        }
    }
    let whole = match whole {
        Some(value) => value,
        None => decode_values(&row.values, &row.sensitive_paths, &ty)?,
    };
    let life: &[JournalEntry] = history.lives.get(&row.addr).map_or(&[], |life| life);
    Ok(Image {
        config: config_of(&schema.block, &whole, life),
        whole,
        dependencies: row.dependencies.clone(),
        create_before_destroy: row.create_before_destroy,
        lifecycle: lifecycle(history, &row.addr),
    })
}

/// What must not be destroyed, and what is left to others. Of an object that the run itself has made, it set everything.
fn lifecycle(history: &History, addr: &InstanceAddr) -> Lifecycle {
    let resource = addr.resource();
    let ignored = history.ignored.get(&resource).filter(|_| !history.made(addr));
    Lifecycle {
        prevent_destroy: history.protected.contains(&resource),
        ignore_changes: ignored.cloned().unwrap_or_default(),
        ..Lifecycle::default()
    }
}

/// The change that the run made, as its plan had it. None if it made none.
fn original(history: &History, addr: &InstanceAddr, before: Option<&Image>, resource: &dyn AnyResource) -> Option<Change> {
    let (created, deleted) = (history.made(addr), history.deleted(addr));
    let order = if history.steps(addr).any(|e| &*e.intent.action == "create-before-destroy") {
        ReplaceOrder::CreateThenDelete
    } else {
        ReplaceOrder::DeleteThenCreate
    };
    let action = match (created, deleted) {
        (true, true) => Action::Replace(order),
        (true, false) => Action::Create,
        (false, true) => Action::Delete,
        (false, false) => Action::Update,
    };
    let ty = resource.schema().ty();
    let planned = history.steps(addr).filter_map(|e| e.intent.planned.as_ref()).last();
    let after: Option<Value> = planned.and_then(|i| decode_values(&i.values, &i.sensitive_paths, &ty).ok());
    history.acted_on(addr).then(|| Change {
        addr: addr.clone(),
        deposed: None,
        action,
        before: before.map(|image| image.whole.clone()),
        after,
        replace_paths: Vec::new(),
        reason: None,
        reversibility: Reversibility::Reversible,
        previous: None,
        importing: None,
    })
}

/// What is said about an object that is made again without a secret that nobody has kept.
fn secret_note(history: &History, rows: &Rows, addr: &InstanceAddr, image: &Image, registry: &Registry) -> Option<Diagnostic> {
    let row = History::row(&history.before, addr)?;
    let resource = registry.resource(&row.provider_source, &addr.type_name)?;
    let secret = unkept_secret(&resource.schema().block, &image.whole)?;
    let version = |v: &Value| v.clone().unmark_deep().0.get(&format!("{secret}_version"));
    let now = rows.current(addr).and_then(|row| decode_values(&row.values, "", &resource.schema().ty()).ok());
    if now.is_some_and(|now| version(&now) == version(&image.whole)) {
        return None;
    }
    let detail = format!("{addr}: {secret} is sent and never kept, so nobody knows what it was. Set it anew with the next apply.");
    Some(Diagnostic::warning("A secret cannot be restored", detail).about(addr))
}

/// What is said about leftovers of earlier replacements that the run deleted.
fn not_made_again(history: &History) -> Option<Diagnostic> {
    let was_aside =
        |e: &&JournalEntry| e.intent.deposed.is_some() && history.before.object(&e.intent.addr, e.intent.deposed.as_ref()).is_some();
    let gone: String = history.entries.iter().filter(was_aside).map(|e| format!("\n  - {}", e.intent.addr)).collect();
    let detail = format!("Run {} deleted objects that an earlier replacement had left. They are not made again:{gone}", history.run.id);
    (!gone.is_empty()).then(|| Diagnostic::warning("Leftovers are not made again", detail))
}

/// Every module instance on the way to these objects.
fn modules<'a>(addrs: impl Iterator<Item = &'a InstanceAddr>) -> BTreeSet<levee_model::ModuleInstance> {
    let mut out = BTreeSet::new();
    for addr in addrs {
        let mut module = addr.module.clone();
        while !module.is_root() && out.insert(module.clone()) {
            let Some((parent, _)) = module.split_last() else { break };
            module = parent;
        }
    }
    out
}

fn known(history: &History, rows: &Rows, images: &Images) -> Known {
    let mut known = Known::default();
    let then = history.before.objects.iter().filter(|row| images.wanted.contains_key(&row.addr));
    // What an object was made with counts for it, where that differs from what is there now.
    for row in rows.all.values().chain(then).filter(|row| row.addr.mode == Mode::Managed) {
        if let Some(provider) = parse_provider(&row.provider) {
            known.providers.insert(row.addr.resource(), (provider, row.provider_source.clone()));
        }
    }
    let mut needs: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
    for (addr, image) in &images.wanted {
        let own = addr.resource();
        let on = image.dependencies.iter().filter(|d| **d != own && known.providers.contains_key(*d));
        let on: Vec<ResourceAddr> = on.cloned().collect();
        needs.entry(own).or_default().extend(on);
    }
    known.needs = without_circles(needs);
    known
}

/// What each resource needs, less what would close a circle: objects that were left alone may remember what has been turned
/// round since.
fn without_circles(needs: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>>) -> BTreeMap<ResourceAddr, Vec<ResourceAddr>> {
    let mut out: BTreeMap<ResourceAddr, Vec<ResourceAddr>> = BTreeMap::new();
    for (own, on) in needs {
        let free: Vec<ResourceAddr> = on.into_iter().filter(|d| !reaches(&out, d, &own)).collect();
        out.insert(own, free);
    }
    out
}

fn reaches(needs: &BTreeMap<ResourceAddr, Vec<ResourceAddr>>, from: &ResourceAddr, to: &ResourceAddr) -> bool {
    let (mut stack, mut seen) = (vec![from], BTreeSet::new());
    while let Some(at) = stack.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            stack.extend(needs.get(at).into_iter().flatten());
        }
    }
    false
}
