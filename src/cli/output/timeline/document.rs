//! A timeline as a JSON document. Lengths and moments are seconds; moments are counted from the run's beginning.

use super::Lost;
use crate::cli::output::json::timestamp;
use crate::engine::timeline::{Bar, EntryOutcome, RunEnd, Timeline};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// The whole document.
pub(crate) fn document(timeline: &Timeline) -> Json {
    let lost = Lost::of(&timeline.bars);
    let on_path: Duration = timeline.bars.iter().filter(|b| b.critical).map(Bar::took).sum();
    json!({
        "format_version": "1.0",
        "run": timeline.run,
        "outcome": timeline.end.map(|end| match end {
            RunEnd::Succeeded => "succeeded",
            RunEnd::Failed => "failed",
            RunEnd::Interrupted => "interrupted",
        }),
        "started_at": timestamp::of(timeline.began),
        "seconds": seconds(timeline.length),
        "critical_path_seconds": seconds(on_path),
        "lost": {
            "room_steps": lost.crowded.0,
            "room_longest_seconds": seconds(lost.crowded.1),
            "limiter_seconds": seconds(lost.limited),
            "retry_seconds": seconds(lost.paused),
            "retries": lost.repeats,
        },
        "steps": timeline.bars.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(bar: &Bar) -> Json {
    json!({
        "number": bar.seq,
        "object": bar.object,
        "action": bar.action,
        "outcome": bar.outcome.map(|outcome| match outcome {
            EntryOutcome::Succeeded => "succeeded",
            EntryOutcome::Failed => "failed",
            EntryOutcome::InDoubt => "in_doubt",
        }),
        "ready": seconds(bar.ready),
        "started": seconds(bar.started),
        "ended": seconds(bar.ended),
        "limiter_seconds": seconds(bar.limited),
        "retry_seconds": seconds(bar.paused),
        "retries": bar.repeats,
        "after": bar.after,
        "critical": bar.critical,
    })
}

/// To the millisecond.
fn seconds(duration: Duration) -> Json {
    json!((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}
