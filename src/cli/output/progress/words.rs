//! Events in words, as Terraform's users know them: `aws_vpc.main: Creation complete after 1s [id=vpc-1]`.

use crate::cli::duration;
use crate::cli::output::plan;
use crate::event::{Event, Outlook, ProvisionMoment, StepKind, Subject};
use std::time::Duration;

/// The object as a line begins with it.
pub(crate) fn object(subject: &Subject) -> String {
    match &subject.deposed {
        Some(key) => format!("{} (deposed object {key})", subject.addr),
        None => subject.addr.to_string(),
    }
}

/// ` [id=vpc-1]`, or nothing.
pub(crate) fn id(subject: &Subject) -> String {
    subject.id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default()
}

/// `Creating`
pub(crate) fn doing(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Create => "Creating",
        StepKind::Update => "Modifying",
        StepKind::Delete => "Destroying",
        StepKind::Read => "Reading",
        StepKind::Forget => "Forgetting",
    }
}

fn deed(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Create => "Creation",
        StepKind::Update => "Modifications",
        StepKind::Delete => "Destruction",
        StepKind::Read => "Read",
        StepKind::Forget => "Removal from the state",
    }
}

/// A step begins.
pub(crate) fn started(subject: &Subject, kind: StepKind) -> String {
    let id = if kind == StepKind::Create { String::new() } else { id(subject) };
    format!("{}: {}...{id}", object(subject), doing(kind))
}

/// What a line says, in the words of the stream of events: there data sources are refreshed, and what failed errored.
pub(crate) fn streamed(line: &str, event: &Event) -> String {
    match event {
        Event::ReadStarted(_) | Event::StepStarted { kind: StepKind::Read, .. } => line.replacen(": Reading...", ": Refreshing...", 1),
        Event::ReadFinished(..) | Event::StepFinished { kind: StepKind::Read, .. } => {
            line.replacen(": Read complete", ": Refresh complete", 1)
        }
        Event::StepFailed { subject, kind, elapsed, .. } => {
            let deed = if *kind == StepKind::Read { "Refresh" } else { deed(*kind) };
            format!("{}: {deed} errored after {}", object(subject), duration::seconds(*elapsed))
        }
        _ => line.to_owned(),
    }
}

/// A step goes on.
pub(crate) fn still(subject: &Subject, kind: StepKind, elapsed: Duration, status: Option<&str>) -> String {
    let status = status.map(|s| format!(", {s}")).unwrap_or_default();
    let doing = doing(kind).to_lowercase();
    format!("{}: Still {doing}... [{} elapsed{status}]", object(subject), duration::seconds(elapsed))
}

/// A step is done.
pub(crate) fn done(subject: &Subject, kind: StepKind, elapsed: Duration) -> String {
    let id = if kind == StepKind::Delete { String::new() } else { id(subject) };
    format!("{}: {} complete after {}{id}", object(subject), deed(kind), duration::seconds(elapsed))
}

/// A step failed.
pub(crate) fn failed(subject: &Subject, kind: StepKind, elapsed: Duration, error: &str) -> String {
    format!("{}: {} failed after {}: {error}", object(subject), deed(kind), duration::seconds(elapsed))
}

/// How a run stands, told so long ago.
pub(crate) fn outlook(outlook: &Outlook, ago: Duration) -> String {
    let waiting_for = object(&outlook.waiting_for);
    let about = if outlook.guessed { "perhaps" } else { "about" };
    match outlook.left.map(|left| left.saturating_sub(ago)) {
        None => format!("no telling how long: {waiting_for} takes longer than expected"),
        Some(left) if left < Duration::from_secs(1) => format!("nearly there, waiting for {waiting_for}"),
        Some(left) => format!("{about} {} left, waiting for {waiting_for}", duration::seconds(left)),
    }
}

/// A provisioner begins or says something; its end is told with that of its step.
fn provision(subject: &Subject, provisioner: &str, moment: &ProvisionMoment) -> Option<String> {
    match moment {
        ProvisionMoment::Started => Some(format!("{}: Provisioning with '{provisioner}'...", object(subject))),
        ProvisionMoment::Output(line) => Some(format!("{} ({provisioner}): {line}", object(subject))),
        ProvisionMoment::Finished | ProvisionMoment::Failed => None,
    }
}

/// The line for an event that has one of its own; steps that go on are told about by the clock.
pub(crate) fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Note(text) => text.clone(),
        Event::RefreshStarted(subject) => format!("{}: Refreshing state...{}", object(subject), id(subject)),
        Event::ReadStarted(subject) => format!("{}: Reading...", object(subject)),
        Event::ReadFinished(subject, elapsed) => done(subject, StepKind::Read, *elapsed),
        Event::Recovered { subject, what } => {
            format!("{}: Left open by an earlier run: {what}{}", object(subject), id(subject))
        }
        Event::PlannedInFull { change, provider } => plan::in_full(change, provider),
        Event::StepStarted { subject, kind } => started(subject, *kind),
        Event::Provision { subject, provisioner, moment } => return provision(subject, provisioner, moment),
        Event::StepFinished { subject, kind, elapsed } => done(subject, *kind, *elapsed),
        Event::StepFailed { subject, kind, elapsed, error } => failed(subject, *kind, *elapsed, &error.to_string()),
        Event::Diagnostic(_)
        | Event::RefreshFinished(_)
        | Event::StateRead(_)
        | Event::RunStarted { .. }
        | Event::StepStatus { .. }
        | Event::Outlook(_)
        | Event::RunFinished(_) => {
            return None;
        }
    })
}
