//! How long a plan is expected to take, and what most of that time goes into.

use super::schedule::{self, Order, StepId};
use super::steps::StepGraph;
use super::walk::Item;
use levee_model::InstanceAddr;
use std::time::Duration;

/// What a plan is expected to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// From the first step to the last.
    pub duration: Duration,
    /// Whether most of it is a guess: the types are not known to be slow or fast, and have not been measured yet.
    pub guessed: bool,
    /// The object that takes more than half of it.
    pub mostly: Option<InstanceAddr>,
}

/// What is expected of these steps when so many may run at a time; `None` when nothing is to be done.
pub fn of(steps: &StepGraph, items: &[Item], parallelism: usize) -> Option<Expectation> {
    let order = &steps.order;
    if order.work() == 0 {
        return None;
    }
    let simulated = schedule::choose(order, parallelism).simulated;
    // Of what is too large to be tried out, the bound: large graphs come close to it.
    let duration = simulated.map_or_else(|| schedule::bound(order, parallelism), |s| s.makespan);
    let chain = longest_chain(order);
    let length = |steps: &mut dyn Iterator<Item = &StepId>| steps.map(|s| order.expected[*s as usize]).sum::<u64>();
    let guessed = length(&mut chain.iter().filter(|s| steps.guessed.contains(s)));
    let longest = chain.iter().max_by_key(|s| order.expected[**s as usize]).filter(|s| order.expected[**s as usize] > duration / 2);
    let mostly = longest.and_then(|s| steps.work[*s as usize].item()).map(|i| items[i].change.addr.clone());
    Some(Expectation { duration: Duration::from_micros(duration), guessed: guessed * 2 > order.critical_path(), mostly })
}

/// The steps of the chain that takes longest, in their order.
fn longest_chain(order: &Order) -> Vec<StepId> {
    let longest = |steps: &mut dyn Iterator<Item = StepId>| steps.max_by_key(|s| order.remaining[*s as usize]);
    let mut out = Vec::new();
    let mut next = longest(&mut (0..).take(order.remaining.len()));
    while let Some(step) = next.filter(|s| order.remaining[*s as usize] > 0) {
        out.push(step);
        next = longest(&mut order.dependents.of(step).iter().copied());
    }
    out
}
