//! `levee state check`, `backup` and `restore`

use crate::cli::args::{JsonArgs, PlaceArgs, RunArgs};
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::json;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, CheckReport};
use levee_model::{Diagnostic, Fault};
use std::path::Path;

pub(super) fn check(args: &JsonArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.place.state.as_deref());
    let report = match engine::check_state(&workspace) {
        Ok(report) => report,
        Err(failure) => return session.fail(failure),
    };
    let sound = report.as_ref().is_none_or(|r| r.damage.is_empty());
    if args.json {
        session.console.out(&format!("{}\n", json::history::check(report.as_ref())));
        return if sound { Exit::Success } else { Exit::Damaged };
    }
    let place = workspace.state.display().to_string();
    let Some(report) = report else {
        session.console.out(&format!("There is no state yet: {place} is not there.\n"));
        return Exit::Success;
    };
    if sound {
        session.console.out(&described(&place, &report));
        return Exit::Success;
    }
    let list: String = report.damage.iter().map(|d| format!("\n  - {d}")).collect();
    let detail = format!("In {place}:{list}");
    let hint = engine::way_back(&workspace.state);
    session.refuse(Diagnostic::error("The state file is damaged", detail).hint(hint).fault(Fault::StateDamaged))
}

fn described(place: &str, report: &CheckReport) -> String {
    let CheckReport { layout, size, objects, runs, entries, .. } = report;
    let serial = report.base.map_or_else(|| "-".to_owned(), |b| b.serial.to_string());
    let notes: String = report.notes.iter().map(|n| format!("Note: {n}.\n")).collect();
    format!(
        "{place} is sound.\n  objects: {objects}\n  runs:    {runs}, with {entries} steps\n  serial:  {serial}\n  layout:  {layout}\n  size:    {size} bytes\n{notes}"
    )
}

pub(super) fn backup(to: Option<&Path>, place: &PlaceArgs, session: &Session) -> Exit {
    match engine::backup_state(&session.workspace(place.state.as_deref()), to) {
        Ok((path, objects)) => {
            session.console.out(&format!("The state was copied to {}, and the copy checked (objects: {objects}).\n", path.display()));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

pub(super) fn restore(from: &Path, force: bool, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let options = planning::run_options(run, session, interrupt);
    match engine::restore_state(&session.workspace(run.place.state.as_deref()), from, force, &options) {
        Ok(restored) => {
            let kept = restored.kept.map_or_else(String::new, |kept| {
                let damaged = if restored.was_damaged { ", which was damaged," } else { "" };
                format!("\nWhat was there before{damaged} is kept in {}.", kept.display())
            });
            let lost =
                if restored.was_damaged { "\nRuns after that serial, and steps they may have left open, are not in it." } else { "" };
            session.console.out(&format!(
                "The state is that of {} (serial {}, objects: {}); its serial is {} from now on.{kept}{lost}\nRun \"levee plan\" to see what differs from it by now.\n",
                from.display(),
                restored.serial,
                restored.objects,
                restored.base.serial
            ));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}
