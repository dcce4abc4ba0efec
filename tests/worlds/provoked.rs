//! Shows that each invariant can fail: evidence of worlds where all went well is spoilt, and the invariant must see it.

use crate::evidence::{Evidence, Moment, Step};
use crate::invariants::INVARIANTS;
use crate::story::Story;
use levee::event::StepKind;
use levee_sim::record::{Action, Event, Line};

/// So many seeds are looked at for evidence that can be spoilt.
const SEEDS: u64 = 60;

/// Spoils evidence; whether there was something to spoil.
type Spoil = fn(&mut Evidence) -> bool;

/// For each invariant, in their order, what must break it.
const SPOILT: &[Spoil] = &[
    other_value,
    forgotten,
    never_made,
    told_nothing,
    not_imported,
    unsettled,
    planned,
    disturbed,
    not_left_out,
    in_use,
    begun_early,
    deleted_early,
    made_late,
    step_early,
    step_of_deletion_early,
    one_at_a_time,
    begun_twice,
];

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

fn told_nothing(e: &mut Evidence) -> bool {
    e.outputs.pop_first().is_some()
}

fn not_imported(e: &mut Evidence) -> bool {
    let imported = e.state.iter_mut().find(|known| known.id().contains("stranger"));
    imported.map(|known| known.values["id"] = "obj-1".into()).is_some()
}

fn disturbed(e: &mut Evidence) -> bool {
    let known = e.objects.values_mut().find(|o| e.strangers.contains_key(&o.id) && o.id.contains("landmark"));
    known.map(|object| object.generation += 1).is_some()
}

fn not_left_out(e: &mut Evidence) -> bool {
    let all = e.attempts.iter().flatten().cloned().collect();
    e.attempts.first_mut().map(|first| *first = all).is_some() && e.partial.is_some()
}

fn unsettled(e: &mut Evidence) -> bool {
    e.unsettled.push("Update of something".to_owned());
    true
}

fn planned(e: &mut Evidence) -> bool {
    e.written_by_plans += 1;
    true
}

fn in_use(e: &mut Evidence) -> bool {
    let done = e.attempts.last_mut().into_iter().flatten().find(|l| l.event == Event::Done);
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

/// What was told of steps, the last one first.
fn backwards(e: &mut Evidence, which: impl Fn(&Step) -> bool) -> bool {
    for steps in &mut e.steps {
        steps.retain(&which);
        steps.reverse();
        for step in steps {
            step.moment = if step.moment == Moment::Started { Moment::Finished } else { Moment::Started };
        }
    }
    !e.steps.is_empty()
}

fn step_early(e: &mut Evidence) -> bool {
    backwards(e, |step| step.kind != StepKind::Delete)
}

fn step_of_deletion_early(e: &mut Evidence) -> bool {
    backwards(e, |step| step.kind == StepKind::Delete)
}

fn one_at_a_time(e: &mut Evidence) -> bool {
    e.at_a_time = Some(0);
    true
}

fn begun_twice(e: &mut Evidence) -> bool {
    let first = e.steps.iter_mut().find_map(|steps| Some((steps.first()?.clone(), steps)));
    first.map(|(step, steps)| steps.push(step)).is_some()
}
