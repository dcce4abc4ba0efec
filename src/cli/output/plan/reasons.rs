//! Why a change is planned and whether it can be undone, in words.

use levee_model::{Action, Change, InstanceKey, Path, Reason, Reversibility};

/// The comment lines over a change, without `#`; the first names the object.
pub(crate) fn headline(change: &Change) -> Vec<String> {
    let addr = match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.addr),
        None => change.addr.to_string(),
    };
    let mut lines = vec![match (change.action, &change.previous, &change.importing) {
        (Action::NoOp, Some(previous), _) => format!("{previous} has moved to {addr}"),
        (Action::NoOp, None, Some(_)) => format!("{addr} will be imported"),
        _ => format!("{addr} {}", what(change)),
    }];
    if let Some(previous) = change.previous.as_ref().filter(|_| change.action != Action::NoOp) {
        lines.push(format!("(moved from {previous})"));
    }
    if let Some(id) = &change.importing {
        lines.push(format!("(imported from {id:?})"));
    }
    if let Some(why) = why(change) {
        lines.push(format!("({why})"));
    }
    match &change.reversibility {
        _ if !change.action.has_effect() => {}
        Reversibility::Reversible => {}
        Reversibility::LosesData(why) => lines.push(format!("can be undone, but what it holds is lost: {why}")),
        Reversibility::Irreversible(why) => lines.push(format!("cannot be undone: {why}")),
    }
    lines
}

/// The comment line over what moved outside of levee.
pub(crate) fn drift_headline(change: &Change) -> String {
    let what = if change.after.is_none() { "has been deleted" } else { "has changed" };
    format!("{} {what}", change.addr)
}

fn what(change: &Change) -> String {
    match change.action {
        Action::NoOp => "stays as it is".into(),
        Action::Create => "will be created".into(),
        Action::Read => "will be read during apply".into(),
        Action::Update => "will be updated in-place".into(),
        Action::Delete => "will be destroyed".into(),
        Action::Forget => "will be forgotten: the object stays, levee no longer manages it".into(),
        Action::Replace(_) => replaced(change),
    }
}

fn replaced(change: &Change) -> String {
    match &change.reason {
        Some(Reason::CannotUpdate(paths)) if !paths.is_empty() => cannot_update(paths),
        Some(Reason::Tainted) => "is tainted, so it must be replaced: creating it failed half way".into(),
        Some(Reason::ByRequest) => "will be replaced, as requested".into(),
        Some(Reason::ByTriggers(triggers)) if !triggers.is_empty() => {
            format!("will be replaced: {} in replace_triggered_by {}", listed(triggers), verb(triggers.len(), "changes", "change"))
        }
        Some(Reason::ByTriggers(_)) => "will be replaced: something in replace_triggered_by changes".into(),
        _ if !change.replace_paths.is_empty() => cannot_update(&change.replace_paths),
        _ => "must be replaced".into(),
    }
}

fn cannot_update(paths: &[Path]) -> String {
    let mut names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    names.dedup();
    format!("must be replaced: {} cannot be changed in place", listed(&names))
}

fn why(change: &Change) -> Option<String> {
    if change.deposed.is_some() {
        return Some("left over from a replacement that was not finished".into());
    }
    let addr = &change.addr;
    Some(match change.reason.as_ref()? {
        Reason::NoResourceConfig => "because its block is gone from the configuration".into(),
        Reason::NoMoveTarget => match &change.previous {
            Some(previous) => format!("because {previous} was moved to {addr}, which is not in the configuration"),
            None => "because its block is gone from the configuration".into(),
        },
        Reason::NoModule => format!("because {} is gone from the configuration", addr.module),
        Reason::WrongRepetition => match addr.key {
            InstanceKey::None => "because its block now has count or for_each".into(),
            InstanceKey::Int(_) => "because its block no longer has count".into(),
            InstanceKey::Str(_) => "because its block no longer has for_each".into(),
        },
        Reason::CountIndex => format!("because index {} is out of range for count", addr.key),
        Reason::EachKey => format!("because key {} is not in for_each", addr.key),
        Reason::ConfigUnknown => "its configuration refers to values that are not known yet".into(),
        Reason::DependencyPending => "it depends on something that changes".into(),
        Reason::CheckNested => "it is read again when everything is done, for its check".into(),
        Reason::GoneOutside => "because it was deleted outside of levee".into(),
        Reason::CannotUpdate(_) | Reason::Tainted | Reason::ByRequest | Reason::ByTriggers(_) => return None,
    })
}

/// What can be rolled back, of all changes: one sentence, and a line for each change that cannot.
pub(crate) fn rollback_summary<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Option<String> {
    let effects: Vec<&Change> = changes.into_iter().filter(|c| c.action.has_effect()).collect();
    let stuck: Vec<(&Change, &str)> = effects
        .iter()
        .filter_map(|c| match &c.reversibility {
            Reversibility::Irreversible(why) => Some((*c, why.as_str())),
            _ => None,
        })
        .collect();
    let lossy: Vec<(&Change, &str)> = effects
        .iter()
        .filter_map(|c| match &c.reversibility {
            Reversibility::LosesData(why) => Some((*c, why.as_str())),
            _ => None,
        })
        .collect();
    let (all, can) = (effects.len(), effects.len() - stuck.len());
    let mut text = match (all, stuck.as_slice()) {
        (0, _) => return None,
        (1, []) => "This change can be rolled back.".to_owned(),
        (_, []) => format!("All {all} changes can be rolled back."),
        (1, [(change, why)]) => format!("This change cannot be rolled back: {}: {why}.", change.addr),
        (_, [(change, why)]) => {
            format!("{can} of {all} changes can be rolled back; {} cannot: {why}.", change.addr)
        }
        _ => format!("{can} of {all} changes can be rolled back; these cannot:"),
    };
    if stuck.len() > 1 {
        for (change, why) in &stuck {
            text.push_str(&format!("\n  - {}: {why}", change.addr));
        }
    }
    if !lossy.is_empty() {
        text.push_str("\nRolling back does not bring back what these objects hold:");
        for (change, why) in &lossy {
            text.push_str(&format!("\n  - {}: {why}", change.addr));
        }
    }
    Some(text)
}

fn verb<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
