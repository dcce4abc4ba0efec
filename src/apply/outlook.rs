//! What can be said of the rest of a run: how long it will take, and which step it waits for.

use crate::plan::schedule::{Order, StepId};
use std::collections::BTreeMap;

/// What of a run is under way and left, in microseconds.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// The steps that have begun, and when.
    pub(super) running: BTreeMap<StepId, u64>,
    /// What all steps that have not ended are expected to take together.
    pub(super) work: u64,
}

/// An outlook, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How long it still takes; none when the step that everything waits for takes longer than was expected.
    pub(super) left: Option<u64>,
    /// The running step with the longest chain behind it.
    pub(super) critical: StepId,
}

/// A step is overdue when it takes half as long again as expected, and some moments more.
const MOMENTS: u64 = 2_000_000;

impl Rest {
    /// What is to be seen at a moment. `longest_ready`: the longest chain among the steps that wait for room; `None` if
    /// nothing more is started, and only what runs is awaited. `None` when nothing runs.
    pub(super) fn seen(&self, order: &Order, now: u64, longest_ready: Option<u64>, parallelism: usize) -> Option<Seen> {
        let ahead = if longest_ready.is_some() { &order.remaining } else { &order.expected };
        let spent = |(step, began): (&StepId, &u64)| (now - began.min(&now)).min(order.expected[*step as usize]);
        let chain = |running: (&StepId, &u64)| ahead[*running.0 as usize] - spent(running);
        let (critical, began) = self.running.iter().max_by_key(|r| (chain(*r), std::cmp::Reverse(*r.0)))?;
        let expected = order.expected[*critical as usize];
        let overdue = now.saturating_sub(*began) > expected + expected / 2 + MOMENTS;
        let work = self.work.saturating_sub(self.running.iter().map(spent).sum());
        let waiting = longest_ready.map_or(0, |chain| chain.max(work / parallelism.max(1) as u64));
        let left = chain((critical, began)).max(waiting);
        Some(Seen { left: (!overdue).then_some(left), critical: *critical })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    /// 0 (10 s) and then 1 (5 s); 2, 3 and 4 (4 s each) beside.
    fn order() -> Order {
        let expected = [10, 5, 4, 4, 4].map(|s| s * SECOND).to_vec();
        Order::new([vec![1], vec![], vec![], vec![], vec![]].into_iter().collect(), vec![false; 5], expected, &[0, 1, 2, 3, 4])
    }

    fn check(running: &[(StepId, u64)], work: u64, now: u64, ready: u64, expected: (Option<u64>, StepId)) {
        let rest = Rest { running: running.iter().map(|(s, at)| (*s, at * SECOND)).collect(), work: work * SECOND };
        let seen = rest.seen(&order(), now * SECOND, Some(ready * SECOND), 2).expect("something runs");
        assert_eq!((seen.left.map(|l| l / SECOND), seen.critical), expected);
    }

    #[test]
    fn the_longest_chain_counts_or_all_work_together() {
        check(&[(0, 0), (2, 0)], 27, 1, 4, (Some(14), 0));
        check(&[(0, 0), (3, 4)], 23, 9, 4, (Some(6), 0));
        check(&[(2, 0), (3, 0)], 12, 3, 4, (Some(4), 2));
        check(&[(2, 0), (3, 0)], 60, 3, 4, (Some(27), 2));
    }

    #[test]
    fn when_nothing_more_is_started_only_what_runs_counts() {
        let rest = Rest { running: [(0, 0), (2, 8 * SECOND)].into(), work: 50 * SECOND };
        let seen = rest.seen(&order(), 9 * SECOND, None, 2).expect("something runs");
        assert_eq!(seen, Seen { left: Some(3 * SECOND), critical: 2 });
    }

    #[test]
    fn what_is_overdue_leaves_the_end_open() {
        check(&[(0, 0)], 15, 12, 0, (Some(5), 0));
        check(&[(0, 0)], 15, 18, 0, (None, 0));
        assert_eq!(Rest::default().seen(&order(), 0, Some(0), 2), None);
    }
}
