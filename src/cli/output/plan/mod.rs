//! A plan as text.
//!
//! In reading order: [`sequence`] compares sequences, [`difference`] values and [`block`] the insides of blocks; [`draw`]
//! draws what they found; [`reasons`] says why; this file puts the page together.

pub(crate) mod sequence;
pub(crate) mod difference;
pub(crate) mod block;
pub(crate) mod draw;
pub(crate) mod reasons;

use super::color::Paint;
use super::schemas::SchemaBook;
use crate::cli::duration;
use crate::plan::expectation::Expectation;
use crate::plan::{LeftOut, Mode, OutputChange, Plan};
use draw::{Pen, put};
use levee_model::{self as model, Action, Change, Path, ProviderAddr, ReplaceOrder, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// The line between the sections of a page.
const RULE: &str = "─────────────────────────────────────────────────────────────────────────────";

/// Tells the whole page piece by piece, the last of which ends in a line break. It is never there as a whole: of a large plan it
/// would be a tenth of the memory.
pub(crate) fn page(plan: &Plan, schemas: &SchemaBook, paint: Paint, out: &mut dyn FnMut(&str)) {
    let pen = Pen::changes(paint);
    let changes: Vec<&Change> = plan.changes.iter().map(|c| &**c).filter(|c| shown(c)).collect();
    let outputs = output_changes(&plan.outputs, pen);
    let drift = drift(plan, schemas, paint);
    out(&drift);
    if plan.mode == Mode::RefreshOnly {
        if drift.is_empty() && outputs.is_empty() {
            out(&no_changes(plan, paint));
        }
    } else if changes.is_empty() && outputs.is_empty() {
        out(&no_changes(plan, paint));
    } else if !changes.is_empty() {
        actions(plan, &changes, schemas, paint, out);
        out(&format!("{}\n", summary(plan, paint)));
        if let Some(text) = reasons::rollback_summary(changes.iter().copied()) {
            out(&format!("{text}\n"));
        }
        if let Some(expected) = &plan.expected {
            out(&format!("{}\n", expectation(expected)));
        }
    }
    if !outputs.is_empty() {
        out(&format!("\n{}\n{outputs}", paint.bold("Changes to Outputs:")));
        if changes.is_empty() {
            out("\nApplying this plan only stores the new output values; no object is touched.\n");
        }
    }
    out(&pending(plan));
    out(&left_out(plan));
}

fn later(change: &Change, provider: &ProviderAddr) -> String {
    let what = if change.action == Action::Read { "it is read" } else { "planned in full" };
    format!("{what} during the apply, once {provider} is configured")
}

/// What is known of the objects whose provider cannot be asked yet.
fn pending(plan: &Plan) -> String {
    let objects: Vec<&Change> =
        plan.changes.iter().map(|c| &**c).filter(|c| c.action != Action::Read && plan.pending.contains_key(&c.addr)).collect();
    let Some(first) = objects.first() else { return String::new() };
    let providers: BTreeSet<String> = objects.iter().filter_map(|c| plan.pending.get(&c.addr)).map(ToString::to_string).collect();
    let providers: Vec<String> = providers.into_iter().collect();
    let count = if objects.len() == 1 { format!("{} was", first.addr) } else { format!("{} objects were", objects.len()) };
    let quiet = objects.iter().filter(|c| !shown(c)).count();
    let quiet =
        if quiet > 0 { format!(" Of {quiet} of them nothing is shown, since configuration and state agree.") } else { String::new() };
    format!(
        "\nNote: {count} planned from the configuration and what the state remembers, without asking the provider: the configuration\nof {} is not known before the apply. Once it is, each is read and planned in full, and that plan is shown before it is\ncarried out. A replacement that is not announced here is not carried out.{quiet}\n",
        providers.join(", ")
    )
}

/// A change that was planned during the apply.
pub(crate) fn in_full(change: &Change, provider: &str) -> String {
    let schemas = SchemaBook::of(crate::providers::registry());
    let head = reasons::headline(change).join("\n  # ");
    let mut out = format!("Planned in full, now that {provider} is configured:\n\n  # {head}\n");
    if shown(change) {
        body(&mut out, change, change.action, &schemas, Pen::changes(Paint::new(false)));
        out.push('\n');
    }
    out
}

/// How many resources that are left out are named before the rest is counted.
const TOLD: usize = 10;

/// What `-target` and `-exclude` left out, and why.
fn left_out(plan: &Plan) -> String {
    if plan.left_out.is_empty() {
        return String::new();
    }
    let why = |why: &LeftOut| match why {
        LeftOut::NotNamed => "no -target names it or needs it".to_owned(),
        LeftOut::Excluded => "excluded".to_owned(),
        LeftOut::DependsOn(addr) => format!("depends on {addr}, which is excluded"),
    };
    let lines: String = plan.left_out.iter().take(TOLD).map(|(addr, reason)| format!("  - {addr}: {}\n", why(reason))).collect();
    let more = plan.left_out.len().saturating_sub(TOLD);
    let rest = if more > 0 { format!("  - and {more} more\n") } else { String::new() };
    format!("\nLeft out of this plan:\n{lines}{rest}")
}

fn shown(change: &Change) -> bool {
    change.action != Action::NoOp || change.importing.is_some() || change.previous.is_some()
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub(crate) fn summary(plan: &Plan, paint: Paint) -> String {
    let (add, change, destroy) = plan.counts();
    let forget = plan.changes.iter().filter(|c| c.action == Action::Forget).count();
    let forgotten = if forget > 0 { format!(", {forget} to forget") } else { String::new() };
    let imported = plan.imported();
    let import = if imported > 0 { format!("{imported} to import, ") } else { String::new() };
    format!("{} {import}{add} to add, {change} to change, {destroy} to destroy{forgotten}.", paint.bold("Plan:"))
}

/// `Expected to take about 12m30s, most of it for aws_eks_cluster.main.`
fn expectation(expected: &Expectation) -> String {
    let Expectation { duration, guessed, mostly } = expected;
    let length =
        if *duration < Duration::from_secs(1) { "less than a second".into() } else { format!("about {}", duration::seconds(*duration)) };
    let mostly = mostly.as_ref().filter(|_| *duration >= Duration::from_secs(1));
    let mostly = mostly.map(|addr| format!(", most of it for {addr}")).unwrap_or_default();
    let guess = if *guessed { " This is a guess: nothing of the kind has been measured here yet." } else { "" };
    format!("Expected to take {length}{mostly}.{guess}")
}

fn no_changes(plan: &Plan, paint: Paint) -> String {
    let (head, rest) = match plan.mode {
        Mode::Normal => (
            "Your infrastructure matches the configuration.",
            "levee compared every object with the configuration and found nothing to do.",
        ),
        Mode::Destroy => ("No objects need to be destroyed.", "The state holds no object that could be destroyed."),
        Mode::RefreshOnly => {
            ("Your infrastructure still matches the state.", "levee read every object again and found each as it was after the last run.")
        }
    };
    format!("\n{} {}\n\n{rest}\n", paint.bold(paint.green("No changes.")), paint.bold(head))
}

/// What moved behind our back, where it matters: objects that are gone, and objects that the plan does something about.
/// What only the provider computes moves all the time; a refresh-only plan shows that too.
fn drift(plan: &Plan, schemas: &SchemaBook, paint: Paint) -> String {
    let acting: BTreeSet<_> = plan.changes.iter().filter(|c| shown(c)).map(|c| (&c.addr, &c.deposed)).collect();
    let matters = |c: &&Change| plan.mode == Mode::RefreshOnly || c.after.is_none() || acting.contains(&(&c.addr, &c.deposed));
    // An address that changed is nothing that somebody else did.
    let changes: Vec<&Change> = plan.drift.iter().filter(|c| c.action != Action::NoOp).filter(matters).collect();
    if changes.is_empty() {
        return String::new();
    }
    let pen = Pen::changes(paint);
    let mut out = format!(
        "\n{}\n\nSince the last run these objects were changed by something other than levee:\n\n",
        paint.bold(paint.cyan("Note: Objects have changed outside of levee"))
    );
    for change in changes {
        out.push_str(&format!("  {}\n", paint.bold(format!("# {}", reasons::drift_headline(change)))));
        let action = if change.after.is_none() { Action::Delete } else { Action::Update };
        body(&mut out, change, action, schemas, pen);
        out.push_str("\n\n");
    }
    out.push_str(match plan.mode {
        Mode::RefreshOnly => {
            "This is a refresh-only plan: nothing is done about these changes. Applying it takes them over into the state.\n"
        }
        _ => "The plan below answers to these changes where the configuration says otherwise.\n",
    });
    out.push_str(&format!("\n{RULE}\n"));
    out
}

/// Changes that are drawn at a time, by one thread.
const PIECE: usize = 100;
/// Pieces that a thread draws ahead of what was told.
const AHEAD: usize = 4;

fn actions(plan: &Plan, changes: &[&Change], schemas: &SchemaBook, paint: Paint, out: &mut dyn FnMut(&str)) {
    out(&format!("\n{}\nlevee will perform the following actions:\n\n", legend(changes, Pen::changes(paint))));
    let draw = &|changes: &[&Change], schemas: &SchemaBook| {
        let mut text = String::new();
        changes.iter().for_each(|c| action(&mut text, plan, c, schemas, paint));
        text
    };
    // The pieces know nothing of each other, and drawing them is a third of the time of a large plan: the threads take turns.
    let pieces: &Vec<&[&Change]> = &changes.chunks(PIECE).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
    std::thread::scope(|scope| {
        let other = |turn: usize| {
            let (tell, drawn) = mpsc::sync_channel(AHEAD);
            scope.spawn(move || {
                let schemas = schemas.apart();
                let own = pieces.iter().skip(turn).step_by(threads);
                own.map(|piece| tell.send(draw(piece, &schemas))).take_while(Result::is_ok).for_each(drop);
            });
            drawn
        };
        let others: Vec<_> = (1..threads).map(other).collect();
        for (at, piece) in pieces.iter().enumerate() {
            match (at % threads).checked_sub(1) {
                None => out(&draw(piece, schemas)),
                // One that tells nothing has panicked, and the scope does so for it.
                Some(other) => out(&others[other].recv().unwrap_or_default()),
            }
        }
    });
}

/// One change: why, and what.
fn action(out: &mut String, plan: &Plan, change: &Change, schemas: &SchemaBook, paint: Paint) {
    let mut head = reasons::headline(change).into_iter();
    if let Some(first) = head.next() {
        put(out, format_args!("  {}\n", paint.bold(format_args!("# {first}"))));
    }
    for line in head {
        match line.contains("undone") {
            true => put(out, format_args!("  {}\n", paint.yellow(format_args!("# {line}")))),
            false => put(out, format_args!("  # {line}\n")),
        }
    }
    if let Some(provider) = plan.pending.get(&change.addr) {
        put(out, format_args!("  # ({})\n", later(change, provider)));
    }
    body(out, change, change.action, schemas, Pen::changes(paint));
    out.push('\n');
    if let Some(told) = plan.previews.get(&change.addr).filter(|_| change.deposed.is_none()) {
        told.iter().for_each(|line| preview(out, line, paint));
    }
    out.push('\n');
}

/// A line that the type tells of a change.
fn preview(out: &mut String, line: &str, paint: Paint) {
    let text = line.trim_start();
    let margin = &line[..line.len() - text.len()];
    match text.chars().next() {
        Some(sign @ '+') => put(out, format_args!("      {margin}{}{}\n", paint.green(sign), &text[1..])),
        Some(sign @ '-') => put(out, format_args!("      {margin}{}{}\n", paint.red(sign), &text[1..])),
        Some(sign @ '~') => put(out, format_args!("      {margin}{}{}\n", paint.yellow(sign), &text[1..])),
        _ => put(out, format_args!("    # {line}\n")),
    }
}

fn legend(changes: &[&Change], pen: Pen) -> String {
    let lines = [
        (Action::Create, "create"),
        (Action::Update, "update in-place"),
        (Action::Delete, "destroy"),
        (Action::Replace(ReplaceOrder::DeleteThenCreate), "destroy and then create replacement"),
        (Action::Replace(ReplaceOrder::CreateThenDelete), "create replacement and then destroy"),
        (Action::Read, "read (data resources)"),
        (Action::Forget, "forget (the object stays)"),
    ];
    let used = lines.iter().filter(|(a, _)| changes.iter().any(|c| c.action == *a));
    let mut out = String::from("Resource actions are indicated with the following symbols:\n");
    used.for_each(|(action, text)| {
        pen.symbol(&mut out, *action);
        put(&mut out, format_args!("{text}\n"));
    });
    out
}

/// `+ resource "aws_vpc" "main" { ... }`
fn body(out: &mut String, change: &Change, action: Action, schemas: &SchemaBook, pen: Pen) {
    let entry = schemas.get(&change.addr);
    let schema = entry.as_ref().map(|e| &e.schema.block);
    let node = block::compare_block(change.before.as_ref(), change.after.as_ref(), schema, &Path::root(), &change.replace_paths);
    let addr = &change.addr;
    pen.symbol(out, action);
    put(out, format_args!("{} \"{}\" \"{}\" ", word(addr.mode), addr.type_name, addr.name));
    pen.value(out, &node, 0, false);
}

/// The word that a block of this mode begins with.
pub(crate) fn word(mode: model::Mode) -> &'static str {
    match mode {
        model::Mode::Managed => "resource",
        model::Mode::Data => "data",
        model::Mode::Ephemeral => "ephemeral",
    }
}

fn output_changes(outputs: &BTreeMap<Arc<str>, OutputChange>, pen: Pen) -> String {
    let changed: Vec<_> = outputs.iter().filter(|(_, o)| o.action != Action::NoOp).collect();
    let width = changed.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, change) in changed {
        let hide = |v: Option<&Value>| v.map(|v| if change.sensitive { v.clone().sensitive() } else { v.clone() });
        let (before, after) = (hide(change.before.as_ref()), hide(change.after.as_ref()));
        let node = difference::compare(before.as_ref(), after.as_ref(), &Path::root(), &[]);
        pen.symbol(&mut out, change.action);
        put(&mut out, format_args!("{name:width$} = "));
        pen.value(&mut out, &node, 0, true);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
