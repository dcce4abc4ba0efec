//! A run's timeline: as text ([`text`]), as a page ([`html`]), as a document ([`document`]).

pub(crate) mod text;
pub(crate) mod html;
pub(crate) mod document;

use crate::engine::timeline::{Bar, Timeline};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is shorter is not told as lost.
const WORTH: Duration = Duration::from_millis(2);

/// `850 ms`, `3.4 s`, `1m30s`
fn length(duration: Duration) -> String {
    match duration.as_millis() {
        0..1000 => format!("{} ms", duration.as_millis()),
        1000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => crate::cli::duration::seconds(duration),
    }
}

/// What steps lost: waiting for room, for limiters, and before calls were tried again.
struct Lost {
    /// How many had to wait for room, and the longest of these waits.
    crowded: (usize, Duration),
    /// All steps together.
    limited: Duration,
    paused: Duration,
    repeats: u32,
}

impl Lost {
    fn of(bars: &[Bar]) -> Self {
        let waits = || bars.iter().map(Bar::waited).filter(|wait| *wait >= WORTH);
        Self {
            crowded: (waits().count(), waits().max().unwrap_or_default()),
            limited: bars.iter().map(|b| b.limited).sum(),
            paused: bars.iter().map(|b| b.paused).sum(),
            repeats: bars.iter().map(|b| b.repeats).sum(),
        }
    }
}

/// `Run 3 succeeded after 12m30s.`, and what it consisted of, a line each.
fn summary(timeline: &Timeline) -> Vec<String> {
    use crate::engine::timeline::RunEnd;
    let end = match timeline.end {
        Some(RunEnd::Succeeded) => "succeeded",
        Some(RunEnd::Failed) => "failed",
        Some(RunEnd::Interrupted) => "was interrupted",
        None => "was not brought to its end; what is known of it covers",
    };
    let after = if timeline.end.is_some() { "after " } else { "" };
    let lost = Lost::of(&timeline.bars);
    let critical: Vec<&Bar> = timeline.bars.iter().filter(|b| b.critical).collect();
    let on_path = critical.iter().map(|b| b.took()).sum();
    let mut out = vec![
        format!("Run {} {end} {after}{}.", timeline.run, length(timeline.length)),
        format!("{} steps; the end hung on {} of them, which took {}.", timeline.bars.len(), critical.len(), length(on_path)),
    ];
    let (crowded, longest) = lost.crowded;
    if crowded > 0 {
        let waits = if crowded == 1 { "step was" } else { "steps were" };
        out.push(format!("{crowded} {waits} ready before there was room (-parallelism), the longest for {}.", length(longest)));
    }
    let retries = format!("before {} retried calls", lost.repeats);
    let parts = [(lost.limited, "waiting for limiters"), (lost.paused, retries.as_str())];
    let parts: Vec<String> = parts.iter().filter(|(t, _)| *t >= WORTH).map(|(t, what)| format!("{} {what}", length(*t))).collect();
    if !parts.is_empty() {
        out.push(format!("Lost by all steps together: {}.", parts.join(", ")));
    }
    out
}

/// At most so many bars, in their order: those that the end hung on, and then the longest. And how many are left out.
fn chosen(timeline: &Timeline, most: usize) -> (Vec<&Bar>, usize) {
    let mut by_weight: Vec<&Bar> = timeline.bars.iter().collect();
    by_weight.sort_by_key(|b| (!b.critical, std::cmp::Reverse(b.took()), b.seq));
    let kept: BTreeSet<u64> = by_weight.iter().take(most).map(|b| b.seq).collect();
    (timeline.bars.iter().filter(|b| kept.contains(&b.seq)).collect(), timeline.bars.len().saturating_sub(most))
}
