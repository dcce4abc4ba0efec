//! A timeline as one page that needs nothing else: no script, no font, no picture from anywhere.

use super::{chosen, length, summary};
use crate::engine::timeline::{Bar, EntryOutcome, Timeline};
use std::time::Duration;

/// How many bars are drawn: beyond, browsers become slow.
const MOST: usize = 5000;

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(crate) fn page(timeline: &Timeline) -> String {
    let (bars, left_out) = chosen(timeline, MOST);
    let mut told = summary(timeline).into_iter();
    let title = told.next().unwrap_or_default();
    let facts: String = told.map(|line| format!("<p>{}</p>\n", escaped(&line))).collect();
    let rows: String = bars.iter().map(|bar| row(bar, timeline.length)).collect();
    let more = if left_out > 0 { format!("<p>{left_out} shorter steps are left out.</p>\n") } else { String::new() };
    let scale: String = (0..=4_u32)
        .map(|quarter| format!("<span style=\"left:{}%\">{}</span>", quarter * 25, escaped(&length(timeline.length * quarter / 4))))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n{facts}\
         <p class=\"legend\"><i class=\"critical\"></i>the run's end hung on it <i class=\"done\"></i>other steps \
         <i class=\"failed\"></i>failed or cut off <i class=\"room\"></i>ready, but without room \
         <i class=\"lost\"></i>lost to limiters and retries</p>\n\
         <div class=\"chart\">\n<div class=\"row head\"><b>Step</b><div class=\"scale\">{scale}</div><b class=\"took\">Took</b></div>\n{rows}</div>\n\
         {more}</body>\n</html>\n",
        title = escaped(&title),
    )
}

fn row(bar: &Bar, total: Duration) -> String {
    let percent = |length: Duration| length.as_secs_f64() / total.as_secs_f64().max(1e-6) * 100.0;
    let part = |class: &str, from: Duration, length: Duration| {
        if length.is_zero() {
            return String::new();
        }
        format!("<i class=\"{class}\" style=\"left:{:.3}%;width:{:.3}%\"></i>", percent(from), percent(length))
    };
    let (failed, lost) = (bar.outcome != Some(EntryOutcome::Succeeded), (bar.limited + bar.paused).min(bar.took()));
    let class = match (failed, bar.critical) {
        (true, _) => "failed",
        (_, true) => "critical",
        _ => "done",
    };
    let parts = part("room", bar.ready, bar.waited())
        + &part(class, bar.started, bar.took().max(Duration::from_micros(1)))
        + &part("lost", bar.started, lost);
    let mark = if bar.critical { " class=\"row on-path\"" } else { " class=\"row\"" };
    let (name, took) = (escaped(&format!("{} {}", bar.action, bar.object)), escaped(&length(bar.took())));
    let told = escaped(&facts(bar));
    format!("<div{mark} title=\"{told}\"><span>{name}</span><div class=\"track\">{parts}</div><span class=\"took\">{took}</span></div>\n")
}

/// What is told of a bar when it is pointed at.
fn facts(bar: &Bar) -> String {
    let end = match bar.outcome {
        Some(EntryOutcome::Succeeded) => "succeeded",
        Some(EntryOutcome::Failed) => "failed",
        Some(EntryOutcome::InDoubt) => "in doubt",
        None => "cut off",
    };
    let mut out = format!("{}: {end}; began at {}, took {}", bar.object, length(bar.started), length(bar.took()));
    for (what, lost) in [("without room", bar.waited()), ("waiting for limiters", bar.limited), ("before retried calls", bar.paused)] {
        if lost >= Duration::from_millis(1) {
            out.push_str(&format!("; {} {what}", length(lost)));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::timeline::RunEnd;
    use std::time::SystemTime;

    #[test]
    fn the_page_stands_alone_and_keys_are_no_markup() {
        let second = Duration::from_secs(1);
        let bar = Bar {
            seq: 0,
            object: "a.b[\"<script>&\"]".into(),
            action: "create".into(),
            outcome: Some(EntryOutcome::Succeeded),
            ready: Duration::ZERO,
            started: second,
            ended: second * 4,
            limited: second,
            paused: Duration::ZERO,
            repeats: 0,
            after: None,
            critical: true,
        };
        let timeline =
            Timeline { run: 1, end: Some(RunEnd::Succeeded), began: SystemTime::UNIX_EPOCH, length: second * 4, bars: vec![bar] };
        let text = page(&timeline);
        for foreign in ["http", "src=", "@import", "url(", "<script"] {
            assert!(!text.contains(foreign), "{foreign} in {text}");
        }
        assert!(text.contains("create a.b[&quot;&lt;script&gt;&amp;&quot;]"), "{text}");
        assert!(text.contains("class=\"critical\" style=\"left:25.000%;width:75.000%\""), "{text}");
        assert!(text.contains("class=\"lost\" style=\"left:25.000%;width:25.000%\""), "{text}");
    }
}
