//! A timeline as text: a bar for every step.

use super::{chosen, length, summary};
use crate::cli::output::color::Paint;
use crate::engine::timeline::{Bar, EntryOutcome, Timeline};
use std::time::Duration;

/// How many bars are drawn.
const MOST: usize = 200;
/// Columns of the drawing, at least.
const NARROWEST: usize = 20;
/// Columns of a length, and of what is around it.
const MARGIN: usize = 14;

/// The whole page, so many columns wide.
pub(crate) fn page(timeline: &Timeline, width: usize, paint: Paint) -> String {
    let (bars, left_out) = chosen(timeline, MOST);
    let names: Vec<String> = bars.iter().map(|b| name(b)).collect();
    let longest = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).min(width / 2);
    let columns = width.saturating_sub(longest + MARGIN).max(NARROWEST);
    let mut out = summary(timeline).join("\n") + "\n";
    if bars.is_empty() {
        return out;
    }
    let total = length(timeline.length);
    out.push_str(&format!("\n{:12}0{:>pad$}\n", "", total, pad = columns - 1));
    for (bar, name) in bars.iter().zip(&names) {
        let drawing = drawing(bar, timeline.length, columns, paint);
        let took = format!("{:>9}", length(bar.took()));
        let (mark, name) =
            if bar.critical { (paint.bold("*").to_string(), paint.bold(name).to_string()) } else { (" ".to_owned(), name.clone()) };
        out.push_str(&format!("{took} {mark} {drawing} {name}{}\n", notes(bar, paint)));
    }
    if left_out > 0 {
        out.push_str(&format!("{left_out} shorter steps are left out; -html=PATH draws more, -json has all.\n"));
    }
    out + "\n* and █: the run's end hung on it. ·: ready, but without room. ░: lost to limiters and retries.\n"
}

fn name(bar: &Bar) -> String {
    format!("{} {}", bar.action, bar.object)
}

fn notes(bar: &Bar, paint: Paint) -> String {
    let end = match bar.outcome {
        Some(EntryOutcome::Succeeded) => None,
        Some(EntryOutcome::Failed) => Some("failed".to_owned()),
        Some(EntryOutcome::InDoubt) => Some("in doubt".to_owned()),
        None => Some("cut off".to_owned()),
    };
    let limited = (bar.limited >= Duration::from_millis(1)).then(|| format!("{} for limiters", length(bar.limited)));
    let retried = (bar.repeats > 0).then(|| format!("{} before {} retried calls", length(bar.paused), bar.repeats));
    let all: Vec<String> = end.map(|e| paint.red(e).to_string()).into_iter().chain(limited).chain(retried).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

/// One bar: blank, dots while there was no room, what was lost, and the rest.
fn drawing(bar: &Bar, total: Duration, columns: usize, paint: Paint) -> String {
    let at = |moment: Duration| column(moment, total, columns);
    let (ready, start) = (at(bar.ready), at(bar.started).min(columns - 1));
    let end = at(bar.ended).clamp(start + 1, columns);
    let lost = column(bar.limited + bar.paused, total, columns).min(end - start);
    let (solid, length) = (if bar.critical { "█" } else { "▬" }, end - start - lost);
    let solid = solid.repeat(length);
    let failed = bar.outcome != Some(EntryOutcome::Succeeded);
    let solid = if failed {
        paint.red(solid)
    } else if bar.critical {
        paint.yellow(solid)
    } else {
        paint.green(solid)
    };
    format!(
        "{}{}{}{solid}{}",
        " ".repeat(ready.min(start)),
        paint.dim("·".repeat(start.saturating_sub(ready))),
        paint.dim("░".repeat(lost)),
        " ".repeat(columns - end)
    )
}

/// In which column a moment falls.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "columns of a terminal")]
fn column(moment: Duration, total: Duration, columns: usize) -> usize {
    let share = moment.as_secs_f64() / total.as_secs_f64().max(1e-6);
    ((share * columns as f64).round() as usize).min(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::timeline::RunEnd;
    use std::time::SystemTime;

    fn bar(seq: u64, object: &str, times: [u64; 3], critical: bool) -> Bar {
        let [ready, started, ended] = times.map(Duration::from_secs);
        Bar {
            seq,
            object: object.into(),
            action: "create".into(),
            outcome: Some(EntryOutcome::Succeeded),
            ready,
            started,
            ended,
            limited: Duration::ZERO,
            paused: Duration::ZERO,
            repeats: 0,
            after: None,
            critical,
        }
    }

    #[test]
    fn a_run_is_drawn() {
        let mut late = bar(2, "a.c", [0, 50, 100], true);
        (late.limited, late.paused, late.repeats) = (Duration::from_secs(10), Duration::from_secs(10), 2);
        let mut cut = bar(3, "a.d", [90, 90, 100], false);
        cut.outcome = None;
        let bars = vec![bar(0, "a.a", [0, 0, 50], true), bar(1, "a.b", [0, 0, 20], false), late, cut];
        let length = Duration::from_secs(100);
        let timeline = Timeline { run: 7, end: Some(RunEnd::Failed), began: SystemTime::UNIX_EPOCH, length, bars };
        let expected = "\
Run 7 failed after 1m40s.
4 steps; the end hung on 2 of them, which took 1m40s.
1 step was ready before there was room (-parallelism), the longest for 50.0 s.
Lost by all steps together: 10.0 s waiting for limiters, 10.0 s before 2 retried calls.

            0              1m40s
    50s * ██████████           create a.a
   20.0 s   ▬▬▬▬                 create a.b
    50s * ··········░░░░██████ create a.c (10.0 s for limiters, 10.0 s before 2 retried calls)
   10.0 s                     ▬▬ create a.d (cut off)

* and █: the run's end hung on it. ·: ready, but without room. ░: lost to limiters and retries.
";
        assert_eq!(page(&timeline, 44, Paint::new(false)), expected.replace("    50s", "   50.0 s"));
    }
}
