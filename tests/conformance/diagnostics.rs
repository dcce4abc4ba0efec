//! Diagnostics as they are compared: from the machine-readable stream, and from the text that people read.

use super::normal::Place;
use serde_json::{Value, json};

/// One diagnostic of a stream or of `validate -json`, in the corpus' form.
pub(super) fn record(diagnostic: &Value, place: &Place) -> Value {
    let text = |name: &str| place.shown(diagnostic[name].as_str().unwrap_or_default());
    let mut out = json!({
        "severity": diagnostic["severity"],
        "summary": canonical_summary(&text("summary")),
        "detail": canonical_detail(&text("detail")),
    });
    let range = &diagnostic["range"];
    if range.is_object() {
        let file = place.shown(range["filename"].as_str().unwrap_or_default());
        out["file"] = file.strip_prefix("<cwd>/").unwrap_or(&file).into();
        out["line"] = range["start"]["line"].clone();
        out["column"] = range["start"]["column"].clone();
    }
    if let Some(address) = diagnostic["address"].as_str().filter(|a| !a.is_empty()) {
        out["address"] = address.into();
    }
    out
}

/// In an order of their own, because programs tell them as they come.
pub(super) fn sorted(mut diagnostics: Vec<Value>) -> Value {
    diagnostics.sort_by_key(|d| {
        let text = |name: &str| d[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| d[name].as_u64().unwrap_or(0);
        (text("severity"), text("file"), number("line"), number("column"), text("summary"), text("detail"), text("address"))
    });
    diagnostics.into()
}

/// Members of a cycle come in any order.
fn canonical_summary(summary: &str) -> String {
    let Some(members) = summary.strip_prefix("Cycle: ") else { return summary.to_owned() };
    let mut members: Vec<&str> = members.split(", ").collect();
    members.sort_unstable();
    format!("Cycle: {}", members.join(", "))
}

/// So do the items of a list; stack traces are cut off.
fn canonical_detail(detail: &str) -> String {
    let detail = detail.split("\ngoroutine ").next().unwrap_or_default();
    let mut out: Vec<&str> = Vec::new();
    let mut items = 0;
    for line in detail.split('\n') {
        if line.trim_start().starts_with("- ") {
            items += 1;
        } else {
            items = 0;
        }
        out.push(line);
        let end = out.len();
        out[end - items..].sort_unstable();
    }
    out.join("\n")
}

/// Text with each run of white space as one blank.
pub(super) fn squashed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Errors and warnings in what people read: `Error: summary`, where it stands, and the detail.
pub(super) fn from_text(text: &str, place: &Place) -> Vec<Value> {
    let lines: Vec<String> = text.lines().map(|l| uncoloured(l).trim_start_matches(['╷', '│', '╵']).trim().to_owned()).collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|i| heading(&lines[*i]).is_some()).collect();
    let mut out = Vec::new();
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(lines.len());
        let Some((severity, summary)) = heading(&lines[*start]) else { continue };
        let mut found = json!({ "severity": severity, "summary": canonical_summary(&place.shown(summary)), "from_text": true });
        let detail = body(&lines[start + 1..end], &mut found, place);
        found["detail"] = canonical_detail(&place.shown(&detail)).into();
        out.push(found);
    }
    out
}

/// Reads where it stands into `found`, and answers the detail.
fn body(lines: &[String], found: &mut Value, place: &Place) -> String {
    let mut detail: Vec<&str> = Vec::new();
    let mut excerpt = false;
    for line in lines {
        if line.starts_with("For more help on using this command") {
            break;
        }
        if let Some((file, number)) = standing(line).filter(|_| detail.is_empty() && found["file"].is_null()) {
            found["file"] = place.shown(file).into();
            found["line"] = number.into();
            excerpt = true;
        } else if let Some(address) = line.strip_prefix("with ").and_then(|l| l.strip_suffix(',')).filter(|_| detail.is_empty()) {
            found["address"] = address.into();
        } else if line.is_empty() {
            excerpt = false;
        } else if !excerpt {
            detail.push(line);
        }
    }
    detail.join("\n")
}

fn heading(line: &str) -> Option<(&'static str, &str)> {
    let error = line.strip_prefix("Error: ").map(|s| ("error", s));
    error.or_else(|| line.strip_prefix("Warning: ").map(|s| ("warning", s)))
}

/// `on FILE line N, in BLOCK:`
fn standing(line: &str) -> Option<(&str, u64)> {
    let (file, rest) = line.strip_prefix("on ")?.split_once(" line ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((file, digits.parse().ok()?))
}

fn uncoloured(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, r)| r);
    }
    out + rest
}
