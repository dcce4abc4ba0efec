//! Runs with `-target` and `-exclude`, and what they leave alone.

use crate::model::{Key, Model, without_keys};
use levee::plan::{Choice, PlanOptions};
use levee_sim::random::Random;
use std::collections::BTreeSet;

/// What a run is narrowed to, and what it leaves out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    pub(crate) targets: Vec<String>,
    pub(crate) exclude: Vec<String>,
}

impl Choices {
    /// Addresses of what is there, or is to be.
    pub(crate) fn random(random: &mut Random, before: &[Model], model: &Model) -> Option<Self> {
        let pool: Vec<String> = before.iter().rev().take(1).chain([model]).flat_map(addresses).collect();
        if pool.is_empty() || !random.percent(18) {
            return None;
        }
        let mut one = || pool[random.below(pool.len())].clone();
        let (first, second, third) = (one(), one(), one());
        Some(match random.below(5) {
            0 | 1 => Self { targets: vec![first], ..Self::default() },
            2 => Self { targets: vec![first, second], ..Self::default() },
            3 => Self { exclude: vec![first], ..Self::default() },
            _ => Self { targets: vec![first, second], exclude: vec![third] },
        })
    }

    pub(crate) fn apply(&self, options: &mut PlanOptions) {
        let choices = |all: &[String]| all.iter().map(|text| text.parse::<Choice>().expect("an address or a pattern")).collect();
        options.targets = choices(&self.targets);
        options.exclude = choices(&self.exclude);
    }

    /// Whether it is certain that nothing is to happen to an object, which a configuration has or had. `before`: what the state
    /// may remember; `wanted`: what the configuration says, empty to destroy.
    pub(crate) fn spares(&self, address: &str, before: &[Model], wanted: &Model) -> bool {
        let resource = without_keys(address);
        let all: Vec<&Model> = before.iter().chain([wanted]).collect();
        let excluded = self.exclude.iter().any(|choice| lies_in(address, choice));
        let kept = self.exclude.iter().any(|choice| reached(choice, &[wanted], Towards::Dependents).contains(&resource));
        let towards = if wanted.resources.is_empty() { Towards::Dependents } else { Towards::Needs };
        let named = |choice: &String| {
            resources(choice, &all).iter().any(|(_, address)| *address == resource) || reached(choice, &all, towards).contains(&resource)
        };
        excluded || kept || !(self.targets.is_empty() || self.targets.iter().any(named))
    }
}

/// Which way a choice goes on from what it names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Towards {
    Needs,
    Dependents,
}

/// What may be named: objects, resources, modules, and patterns of them.
fn addresses(model: &Model) -> Vec<String> {
    let objects = model.objects().into_keys();
    let resources = model.resources.iter().flat_map(|r| {
        let name = r.local_name();
        model.instances(r.call).into_iter().map(move |at| format!("{}{name}", model.prefix(&at)))
    });
    let modules =
        model.calls.iter().flat_map(|c| model.instances(Some(c.key))).map(|at| model.prefix(&at).trim_end_matches('.').to_owned());
    let patterns = ["sim_object.*", "**sim_network.*", "module.m1*"].into_iter().map(str::to_owned);
    objects.chain(resources).chain(modules).chain(patterns).collect()
}

/// Whether an address is the chosen one, or lies in it. Patterns are not looked into.
fn lies_in(address: &str, choice: &str) -> bool {
    let rest = address.strip_prefix(choice).filter(|_| !choice.contains('*'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The resources that a choice means, in whatever instances of their modules; of a pattern, all.
fn resources(choice: &str, models: &[&Model]) -> Vec<(Key, String)> {
    let choice = without_keys(choice);
    let all = models.iter().flat_map(|m| m.resources.iter().map(|r| (r.key, format!("{}{}", m.path(r.call), r.local_name()))));
    all.filter(|(_, address)| choice.contains('*') || lies_in(address, &choice)).collect()
}

/// The resources that are reached from what a choice means. Of what depends on a pattern nothing can be said.
fn reached(choice: &str, models: &[&Model], towards: Towards) -> BTreeSet<String> {
    if choice.contains('*') && towards == Towards::Dependents {
        return BTreeSet::new();
    }
    let named: BTreeSet<Key> = resources(choice, models).into_iter().map(|(key, _)| key).collect();
    let mut keys = named.clone();
    loop {
        let known = keys.len();
        for (model, r) in models.iter().flat_map(|m| m.resources.iter().map(move |r| (m, r))) {
            let mut needs = model.needs(r);
            // Of a module that is not there nothing is named.
            needs.retain(|key| towards == Towards::Needs || model.resource(*key).is_some_and(|n| !model.instances(n.call).is_empty()));
            if towards == Towards::Needs && keys.contains(&r.key) {
                keys.extend(needs);
            } else if towards == Towards::Dependents && !needs.is_disjoint(&keys) {
                keys.insert(r.key);
            }
        }
        if keys.len() == known {
            break;
        }
    }
    let all = models.iter().flat_map(|m| m.resources.iter().map(|r| (r.key, format!("{}{}", m.path(r.call), r.local_name()))));
    all.filter(|(key, _)| keys.contains(key) && !named.contains(key)).map(|(_, address)| address).collect()
}
