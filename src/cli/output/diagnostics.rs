//! Messages to the user: what is wrong, where, and what to do about it.

use super::color::Paint;
use super::excerpt::{Excerpt, excerpt};
use levee_model::{Diagnostic, Severity, Sources};

/// Lines of source shown for one message.
const EXCERPT_LINES: usize = 8;

/// How messages are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) paint: Paint,
    /// Columns to wrap at.
    pub(crate) width: usize,
}

/// One message in its box, ending in a line break.
pub(crate) fn boxed(diagnostic: &Diagnostic, sources: Option<&Sources>, format: Format) -> String {
    let p = format.paint;
    let rule = |c: &'static str| if diagnostic.is_error() { p.red(c) } else { p.yellow(c) };
    let mut out = format!("{}\n", rule("╷"));
    for line in body(diagnostic, sources, format).lines() {
        out.push_str(&format!("{} {line}\n", rule("│")));
    }
    out + &format!("{}\n", rule("╵"))
}

fn body(diagnostic: &Diagnostic, sources: Option<&Sources>, format: Format) -> String {
    let p = format.paint;
    let word = match diagnostic.severity {
        Severity::Error => p.red("Error: "),
        Severity::Warning => p.yellow("Warning: "),
    };
    let mut parts = vec![format!("{}{}\n", p.bold(word), p.bold(&diagnostic.summary))];
    let found = diagnostic.span.zip(sources).and_then(|(span, sources)| excerpt(sources, span));
    if let Some(found) = found {
        parts.push(source(diagnostic, &found, p));
    } else if let Some(place) = diagnostic.address.as_ref().or(diagnostic.context.as_ref()) {
        parts.push(format!("  with {place}\n"));
    }
    if diagnostic.span.is_none() && !diagnostic.values.is_empty() {
        parts.push(diagnostic.values.iter().map(|(name, at)| format!("  {name} at {at}\n")).collect());
    }
    let width = format.width.saturating_sub(2);
    if !diagnostic.detail.is_empty() {
        parts.push(format!("{}\n", wrap(&diagnostic.detail, width)));
    }
    if let Some(hint) = &diagnostic.hint {
        parts.push(format!("{}\n", wrap(&format!("Hint: {hint}"), width)));
    }
    parts.join("\n")
}

/// `on main.tf line 3, in resource "x" "y":`, the lines, and what the references in them stand for.
fn source(diagnostic: &Diagnostic, found: &Excerpt, p: Paint) -> String {
    let mut out = String::new();
    if let Some(addr) = &diagnostic.address {
        out.push_str(&format!("  with {addr},\n"));
    }
    let context = diagnostic.context.as_ref().or(found.context.as_ref()).map(|c| format!(", in {c}")).unwrap_or_default();
    out.push_str(&format!("  on {} line {}{context}:\n", found.file, found.start.line));
    out.push_str(&numbered(found, p));
    if !diagnostic.values.is_empty() {
        out.push_str(&format!("    {}\n", p.dim("├────────────────")));
        for (name, value) in &diagnostic.values {
            out.push_str(&format!("    {} {} is {value}\n", p.dim("│"), p.bold(name)));
        }
    }
    out
}

fn numbered(found: &Excerpt, p: Paint) -> String {
    let mut out = String::new();
    let mut offset = 0;
    let lines: Vec<&str> = found.code.split('\n').collect();
    for (i, line) in lines.iter().enumerate() {
        if i == EXCERPT_LINES && lines.len() > EXCERPT_LINES + 1 {
            out.push_str("      ...\n");
            break;
        }
        let number = format!("{:4}: ", found.start.line + i);
        let part = |n: usize| n.saturating_sub(offset).min(line.len());
        let (from, to) = (part(found.highlight.0), part(found.highlight.1));
        let (head, marked, tail) = (&line[..from], &line[from..to], &line[to..]);
        if p.is_on() {
            out.push_str(&format!("{number}{head}{}{tail}\n", p.underline(marked)));
        } else {
            out.push_str(&format!("{number}{line}\n"));
            if lines.len() == 1 {
                out.push_str(&caret(number.len(), head, marked));
            }
        }
        offset += line.len() + 1;
    }
    out
}

/// A line of `^` under the marked part; tabs before it stay tabs, so that it stands in the same column.
fn caret(margin: usize, head: &str, marked: &str) -> String {
    let pad: String = head.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("{}{pad}{}\n", " ".repeat(margin), "^".repeat(marked.chars().count().max(1)))
}

/// Breaks long lines between words. Lines that begin with a space are left alone: they are laid out already.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| if line.starts_with(' ') { line.to_owned() } else { wrap_line(line, width) });
    lines.collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Warnings as a list of summaries, each with its place.
pub(crate) fn compact(warnings: &[&Diagnostic], sources: Option<&Sources>) -> String {
    let mut out = String::from("Warnings:\n\n");
    for warning in warnings {
        let place = warning.span.zip(sources).and_then(|(span, s)| s.locate(span));
        let place = place.map(|l| format!("\n  on {} line {}", l.file, l.line)).unwrap_or_default();
        out.push_str(&format!("- {}{place}\n", warning.summary));
    }
    out + "\nRun without -compact-warnings to read them in full.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_model::Span;

    const SOURCE: &str = "resource \"x\" \"y\" {\n  size = var.zone + 1\n  tags = {\n    a = 1\n  }\n}\n";

    fn check(span: std::ops::Range<usize>, color: bool, expected: &str) {
        let mut sources = Sources::default();
        let id = sources.add("main.tf", SOURCE);
        let mut diagnostic =
            Diagnostic::error("Invalid operand", "A number is required here, and this string is not one, so it cannot be added.")
                .at(Span::new(id, span))
                .hint("Use tonumber() if it holds digits.");
        diagnostic.context = Some("resource \"x\" \"y\"".into());
        diagnostic.values = vec![("var.zone".into(), "\"us-west-2a\"".into())];
        let text = boxed(&diagnostic, Some(&sources), Format { paint: Paint::new(color), width: 60 });
        assert_eq!(text.replace('\u{1b}', "E"), expected);
    }

    #[test]
    fn with_caret() {
        let expected = "\
╷
│ Error: Invalid operand
│ 
│   on main.tf line 2, in resource \"x\" \"y\":
│    2:   size = var.zone + 1
│                ^^^^^^^^
│     ├────────────────
│     │ var.zone is \"us-west-2a\"
│ 
│ A number is required here, and this string is not one, so
│ it cannot be added.
│ 
│ Hint: Use tonumber() if it holds digits.
╵
";
        check(28..36, false, expected);
    }

    #[test]
    fn several_lines_have_no_caret() {
        let start = SOURCE.find("tags").expect("is there");
        let mut sources = Sources::default();
        let id = sources.add("main.tf", SOURCE);
        let found = excerpt(&sources, Span::new(id, start..start + 18)).expect("is there");
        assert_eq!(numbered(&found, Paint::new(false)), "   3:   tags = {\n   4:     a = 1\n");
        assert_eq!(numbered(&found, Paint::new(true)).matches("\u{1b}[4m").count(), 2);
    }

    #[test]
    fn without_source() {
        let warning = Diagnostic::warning("Slow", "").about("aws_vpc.main");
        let text = boxed(&warning, None, Format { paint: Paint::new(false), width: 60 });
        assert_eq!(text, "╷\n│ Warning: Slow\n│ \n│   with aws_vpc.main\n╵\n");
        assert_eq!(compact(&[&warning], None).lines().nth(2), Some("- Slow"));
    }
}
