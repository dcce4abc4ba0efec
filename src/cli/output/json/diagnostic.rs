//! Messages in Terraform's JSON form, as `validate -json` and the event stream hold them.

use crate::cli::output::excerpt::{Excerpt, Place, excerpt};
use levee_model::{Diagnostic, Diagnostics, InstanceAddr, MachinePlace, Severity, Sources};
use serde_json::{Map, Value as Json, json};

/// Version of the format of `validate -json`.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// One message.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, sources: Option<&Sources>) -> Json {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = Map::new();
    out.insert("severity".into(), severity.into());
    out.insert("summary".into(), diagnostic.summary.clone().into());
    out.insert("detail".into(), detail(diagnostic).into());
    // The format knows addresses of objects only.
    if let Some(address) = diagnostic.address.as_ref().filter(|a| a.parse::<InstanceAddr>().is_ok()) {
        out.insert("address".into(), address.clone().into());
    }
    let span = diagnostic.span.filter(|_| diagnostic.machine_place == MachinePlace::Place);
    if diagnostic.machine_place == MachinePlace::Empty {
        let nowhere = json!({ "line": 0, "column": 0, "byte": 0 });
        out.insert("range".into(), json!({ "filename": "", "start": nowhere, "end": nowhere }));
    }
    if let Some(found) = span.zip(sources).and_then(|(span, sources)| excerpt(sources, span)) {
        let range = json!({ "filename": &*found.file, "start": place(found.start), "end": place(found.end) });
        out.insert("range".into(), range);
        out.insert("snippet".into(), snippet(diagnostic, &found));
    }
    out.into()
}

/// The format has no place for a hint, so it follows the detail.
fn detail(diagnostic: &Diagnostic) -> String {
    match &diagnostic.hint {
        None => diagnostic.detail.clone(),
        Some(hint) if diagnostic.detail.is_empty() => hint.clone(),
        Some(hint) => format!("{}\n\n{hint}", diagnostic.detail),
    }
}

fn place(place: Place) -> Json {
    json!({ "line": place.line, "column": place.column, "byte": place.byte })
}

fn snippet(diagnostic: &Diagnostic, found: &Excerpt) -> Json {
    let value = |(name, value): &(String, String)| json!({ "traversal": name, "statement": format!("is {value}") });
    json!({
        "context": diagnostic.context.as_ref().or(found.context.as_ref()),
        "code": found.code,
        "start_line": found.start.line,
        "highlight_start_offset": found.highlight.0,
        "highlight_end_offset": found.highlight.1,
        "values": diagnostic.values.iter().map(value).collect::<Vec<_>>(),
    })
}

/// The document of `validate -json`.
pub(crate) fn validation(all: &Diagnostics, sources: Option<&Sources>) -> Json {
    let errors = all.iter().filter(|d| d.is_error()).count();
    json!({
        "format_version": FORMAT_VERSION,
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": all.len() - errors,
        "diagnostics": all.iter().map(|d| diagnostic(d, sources)).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Span;

    #[test]
    fn as_terraform_writes_it() {
        let mut sources = Sources::default();
        let id = sources.add("main.tf", "resource \"terraform_data\" \"y\" {\n  input = var.x + 1\n}\n");
        let mut wrong = Diagnostic::error("Invalid operand", "a number is required.").at(Span::new(id, 42..47));
        wrong.context = Some("resource \"terraform_data\" \"y\"".into());
        wrong.values = vec![("var.x".into(), "\"abc\"".into())];
        let found = validation(&wrong.into(), Some(&sources));
        let expected = json!({
            "format_version": "1.0", "valid": false, "error_count": 1, "warning_count": 0,
            "diagnostics": [{
                "severity": "error", "summary": "Invalid operand", "detail": "a number is required.",
                "range": {
                    "filename": "main.tf",
                    "start": { "line": 2, "column": 11, "byte": 42 }, "end": { "line": 2, "column": 16, "byte": 47 },
                },
                "snippet": {
                    "context": "resource \"terraform_data\" \"y\"", "code": "  input = var.x + 1", "start_line": 2,
                    "highlight_start_offset": 10, "highlight_end_offset": 15,
                    "values": [{ "traversal": "var.x", "statement": "is \"abc\"" }],
                },
            }],
        });
        assert_eq!(found, expected);
    }
}
