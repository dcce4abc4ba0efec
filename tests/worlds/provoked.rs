//! Shows that each invariant can fail: evidence of worlds where all went well is spoilt, and the invariant must see it.

use crate::evidence::Evidence;
use crate::invariants::INVARIANTS;
use crate::story::Story;
use levee_sim::record::{Action, Event, Line};

/// So many seeds are looked at for evidence that can be spoilt.
const SEEDS: u64 = 60;

/// Spoils evidence; whether there was something to spoil.
type Spoil = fn(&mut Evidence) -> bool;

/// For each invariant, in their order, what must break it.
const SPOILT: &[Spoil] = &[other_value, forgotten, never_made, unsettled, planned, in_use, begun_early, deleted_early, made_late];

/// The invariants that no spoilt evidence has broken.
pub(crate) async fn unprovoked() -> Vec<&'static str> {
    assert_eq!(SPOILT.len(), INVARIANTS.len(), "each invariant has something that breaks it");
    let mut left: Vec<usize> = (0..INVARIANTS.len()).collect();
    for seed in 1..=SEEDS {
        if left.is_empty() {
            break;
        }
        let Ok(chapters) = Story::of(seed).untroubled().tell().await else { continue };
        left.retain(|i| !chapters.iter().any(|evidence| breaks(*i, evidence)));
    }
    left.into_iter().map(|i| INVARIANTS[i].name).collect()
}

fn breaks(i: usize, evidence: &Evidence) -> bool {
    let mut spoilt = evidence.clone();
    SPOILT[i](&mut spoilt) && !(INVARIANTS[i].broken)(&spoilt).is_empty()
}

fn other_value(e: &mut Evidence) -> bool {
    let object = e.objects.values_mut().find(|o| o.values.get("size").is_some());
    object.map(|o| o.values["size"] = 77.into()).is_some()
}

fn forgotten(e: &mut Evidence) -> bool {
    e.state.pop().is_some()
}

fn never_made(e: &mut Evidence) -> bool {
    e.objects.pop_first().is_some()
}

fn unsettled(e: &mut Evidence) -> bool {
    e.unsettled.push("Update of something".to_owned());
    true
}

fn planned(e: &mut Evidence) -> bool {
    e.planned_calls += 1;
    true
}

fn in_use(e: &mut Evidence) -> bool {
    let done = e.attempts.iter_mut().flatten().find(|l| l.event == Event::Done);
    let spoilt = done.map(|line| {
        line.event = Event::Refused;
        line.note = Some("InUse: obj-1 is in use".to_owned());
    });
    spoilt.is_some()
}

/// Of two calls that followed each other, the second now comes first.
fn swapped(e: &mut Evidence, matters: impl Fn(&Line) -> bool) -> bool {
    let last = e.attempts.iter_mut().max_by_key(|lines| lines.len());
    let Some(lines) = last else { return false };
    let highest = lines.iter().map(|l| l.seq).max().unwrap_or_default();
    let mut any = false;
    for line in lines.iter_mut().filter(|l| matters(l)) {
        // Backwards in time: the last call comes first.
        line.seq = 2 * highest - line.seq;
        line.call = 2 * highest - line.call;
        any = true;
    }
    // What was asked still comes before it was done.
    for line in lines.iter_mut().filter(|l| matters(l) && l.event == Event::Done) {
        line.seq = line.call + 1;
    }
    lines.sort_by_key(|l| l.seq);
    any
}

fn begun_early(e: &mut Evidence) -> bool {
    swapped(e, |l| l.action != Action::Delete)
}

fn deleted_early(e: &mut Evidence) -> bool {
    swapped(e, |l| l.action == Action::Delete)
}

/// What was made is made only after everything was deleted.
fn made_late(e: &mut Evidence) -> bool {
    e.attempts.iter_mut().for_each(|lines| lines.sort_by_key(|l| l.action != Action::Delete));
    true
}
