//! What a run was asked for and what was agreed to, as the run keeps it: what is left of it can be planned again, and held
//! against what was agreed to. Sensitive and ephemeral values are left out and given again.

use super::compile::Compiled;
use super::file::{PlanFileError, SavedValue, mode_of, mode_text, restored, saved};
use super::plan_type::{Plan, PlanOptions};
use super::values::Surroundings;
use crate::config::{Config, InputSource};
use crate::eval::input::RootInput;
use levee_model::{Action, Change, Diagnostic, InstanceAddr, Marks, ModulePath, ReplaceOrder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was asked for and agreed to.
#[derive(Serialize, Deserialize)]
pub struct Approval {
    /// Where it was.
    pub surroundings: Surroundings,
    mode: String,
    targets: Vec<String>,
    exclude: Vec<String>,
    replace: Vec<String>,
    /// When the plan was made.
    pub timestamp: Option<String>,
    inputs: BTreeMap<String, SavedValue>,
    /// Variables that were given and whose values are not kept.
    pub left_out: BTreeSet<String>,
    changes: Vec<Agreed>,
}

/// One change that was agreed to.
#[derive(Serialize, Deserialize)]
struct Agreed {
    addr: String,
    deposed: Option<String>,
    action: String,
    /// Whether the rest of it was to be found out during the run.
    pending: bool,
}

/// What a run has tried to make so far, and what of it was made.
#[derive(Debug, Default)]
pub struct Made {
    /// Objects whose creation was begun.
    pub tried: BTreeSet<InstanceAddr>,
    /// Objects whose creation succeeded.
    pub done: BTreeSet<InstanceAddr>,
}

impl Approval {
    /// What is to be kept of a plan that was agreed to.
    pub fn new(compiled: &Compiled, config: &Config, options: &PlanOptions, timestamp: Option<String>) -> Self {
        let root = config.modules.get(&ModulePath::root());
        let is_secret = |name: &str, input: &RootInput| {
            let declared = root.and_then(|m| m.variables.get(name));
            declared.is_some_and(|v| v.sensitive || v.ephemeral) || input.value.clone().unmark_deep().1.contains(Marks::SENSITIVE)
        };
        let (left_out, kept): (Vec<_>, Vec<_>) = compiled.inputs.iter().partition(|(name, input)| is_secret(name, input));
        let does = |c: &&Arc<Change>| !matches!(c.action, Action::NoOp | Action::Read) || compiled.plan.pending.contains_key(&c.addr);
        let agreed = |c: &Arc<Change>| Agreed {
            addr: c.addr.to_string(),
            deposed: c.deposed.as_ref().map(|key| key.0.to_string()),
            action: action_text(c.action).to_owned(),
            pending: compiled.plan.pending.contains_key(&c.addr),
        };
        Self {
            surroundings: compiled.world.surroundings.clone(),
            mode: mode_text(options.mode).to_owned(),
            targets: options.targets.iter().map(ToString::to_string).collect(),
            exclude: options.exclude.iter().map(ToString::to_string).collect(),
            replace: options.replace.iter().map(ToString::to_string).collect(),
            timestamp,
            inputs: kept.into_iter().map(|(name, input)| (name.to_string(), saved(&input.value))).collect(),
            left_out: left_out.into_iter().map(|(name, _)| name.to_string()).collect(),
            changes: compiled.plan.changes.iter().filter(does).map(agreed).collect(),
        }
    }

    /// What was asked for. What was to be replaced and has been is not replaced again.
    pub fn options(&self, made: &Made) -> PlanOptions {
        let replace = self.replace.iter().filter_map(|a| a.parse().ok());
        PlanOptions {
            mode: mode_of(&self.mode),
            targets: self.targets.iter().filter_map(|t| t.parse().ok()).collect(),
            exclude: self.exclude.iter().filter_map(|t| t.parse().ok()).collect(),
            replace: replace.filter(|addr| !made.done.contains(addr)).collect(),
            ..PlanOptions::default()
        }
    }

    /// What was given for the root module's variables, as far as it is kept.
    pub fn inputs(&self) -> Result<BTreeMap<Arc<str>, RootInput>, PlanFileError> {
        let input = |v: &SavedValue| Ok::<_, PlanFileError>(RootInput { value: restored(v)?, source: InputSource::Plan, span: None });
        self.inputs.iter().map(|(name, v)| Ok((Arc::from(name.as_str()), input(v)?))).collect()
    }

    /// What a plan of the rest does beyond what was agreed to; an error that tells it all.
    pub fn beyond(&self, plan: &Plan, made: &Made) -> Option<Diagnostic> {
        let agreed: BTreeMap<(&str, Option<&str>), &Agreed> =
            self.changes.iter().map(|a| ((a.addr.as_str(), a.deposed.as_deref()), a)).collect();
        let mut lines = Vec::new();
        for change in &plan.changes {
            let addr = change.addr.to_string();
            let own = agreed.get(&(addr.as_str(), change.deposed.as_ref().map(|key| &*key.0))).copied();
            let current = agreed.get(&(addr.as_str(), None)).copied();
            if !is_part(change, own, current, made.tried.contains(&change.addr)) {
                let was = own.map_or("left alone", |a| told(&a.action));
                lines.push(format!("  - {addr} would be {}; agreed was that it is {was}", told(action_text(change.action))));
            }
        }
        if lines.is_empty() {
            return None;
        }
        let detail = format!("What is left to do is not what was agreed to when the run began:\n{}", lines.join("\n"));
        let hint = "The world, or what is known of it, has changed since. \"levee apply\" plans anew and asks.";
        Some(Diagnostic::error("The run cannot go on", detail).hint(hint))
    }
}

/// Whether a change is part of what was agreed to: for itself, or for the object that it belongs to. What the run has begun to
/// make is its own: it may be completed, or made again.
fn is_part(change: &Change, own: Option<&Agreed>, current: Option<&Agreed>, tried: bool) -> bool {
    let agreed = |a: Option<&Agreed>, actions: &[&str]| a.is_some_and(|a| actions.contains(&a.action.as_str()));
    let replacing = ["delete-create", "create-delete"];
    match change.action {
        Action::NoOp | Action::Read => true,
        Action::Delete if change.deposed.is_some() => agreed(own, &["delete"]) || agreed(current, &replacing) || tried,
        Action::Delete | Action::Forget => agreed(own, &[action_text(change.action)]),
        Action::Create => agreed(own, &["create", replacing[0], replacing[1]]) || own.is_some_and(|a| a.pending),
        Action::Update => agreed(own, &["update"]) || own.is_some() && tried || own.is_some_and(|a| a.pending),
        Action::Replace(_) => agreed(own, &replacing) || agreed(own, &["create"]) && tried,
    }
}

fn action_text(action: Action) -> &'static str {
    match action {
        Action::NoOp => "no-op",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Replace(ReplaceOrder::DeleteThenCreate) => "delete-create",
        Action::Replace(ReplaceOrder::CreateThenDelete) => "create-delete",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

fn told(action: &str) -> &'static str {
    match action {
        "create" => "created",
        "update" => "changed in place",
        "delete-create" | "create-delete" => "replaced",
        "delete" => "deleted",
        "forget" => "forgotten",
        _ => "left alone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::{DeposedKey, Reversibility};

    fn approval(changes: &[(&str, &str)]) -> Approval {
        let agreed = |(addr, action): &(&str, &str)| Agreed {
            addr: (*addr).to_owned(),
            deposed: None,
            action: (*action).to_owned(),
            pending: false,
        };
        Approval {
            surroundings: Surroundings::default(),
            mode: "normal".to_owned(),
            targets: Vec::new(),
            exclude: Vec::new(),
            replace: vec!["a.done".to_owned(), "a.left".to_owned()],
            timestamp: None,
            inputs: BTreeMap::new(),
            left_out: BTreeSet::new(),
            changes: changes.iter().map(agreed).collect(),
        }
    }

    fn is_agreed(agreed: &[(&str, &str)], action: Action, deposed: bool, tried: bool) -> bool {
        let addr: InstanceAddr = "a.x".parse().expect("an address");
        let change = Change {
            addr: addr.clone(),
            deposed: deposed.then(|| DeposedKey(Arc::from("0badcafe"))),
            action,
            before: None,
            after: None,
            replace_paths: Vec::new(),
            reason: None,
            reversibility: Reversibility::Reversible,
            previous: None,
            importing: None,
        };
        let plan = Plan { changes: vec![Arc::new(change)], ..Plan::default() };
        let made = Made { tried: tried.then_some(addr).into_iter().collect(), ..Made::default() };
        approval(agreed).beyond(&plan, &made).is_none()
    }

    #[test]
    fn what_is_left_is_part_of_what_was_agreed_to() {
        let replace = Action::Replace(ReplaceOrder::DeleteThenCreate);
        let cases: [(&str, Action, bool, bool, bool); 14] = [
            ("create", Action::NoOp, false, true, true),
            ("create", Action::Create, false, false, true),
            ("create", replace, false, true, true),
            ("create", replace, false, false, false),
            ("create", Action::Update, false, true, true),
            ("create", Action::Delete, false, true, false),
            ("update", Action::Update, false, false, true),
            ("update", Action::Create, false, false, false),
            ("update", replace, false, false, false),
            ("delete-create", Action::Create, false, false, true),
            ("create-delete", Action::Delete, true, true, true),
            ("delete", Action::Delete, false, false, true),
            ("delete", Action::Create, false, false, false),
            ("update", Action::Delete, true, false, false),
        ];
        for (agreed, action, deposed, tried, expected) in cases {
            assert_eq!(is_agreed(&[("a.x", agreed)], action, deposed, tried), expected, "{agreed}, then {action:?}");
        }
        assert!(!is_agreed(&[], Action::Update, false, false), "nothing was to be done to it");
    }

    #[test]
    fn what_has_been_replaced_is_not_replaced_again() {
        let made = Made { done: ["a.done".parse().expect("an address")].into(), ..Made::default() };
        let left: Vec<_> = approval(&[]).options(&made).replace.iter().map(ToString::to_string).collect();
        assert_eq!(left, ["a.left"]);
    }
}
