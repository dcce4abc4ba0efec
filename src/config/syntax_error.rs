//! What the parser says, in the language's usual words.

use levee_model::{Diagnostic, SourceId, Span};

/// Turns a parser's error in `piece`, which begins at `base` of the file, into a message.
pub(super) fn syntax_error(source: SourceId, base: usize, piece: &str, error: &hcl_edit::parser::Error) -> Diagnostic {
    let mut at = error.location().offset().min(piece.len());
    while !piece.is_char_boundary(at) {
        at -= 1;
    }
    let rest = &piece[at..];
    let width = rest.chars().next().map_or(0, char::len_utf8);
    let (summary, detail) = explain(error.message(), rest, &piece[..at]);
    let start = base.wrapping_add(at);
    Diagnostic::error(summary, detail).at(Span::new(source, start..start + width))
}

fn explain(message: &str, rest: &str, before: &str) -> (&'static str, String) {
    let has = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if has(&["unique attribute key"]) {
        return ("Attribute redefined", "This argument was already set. Each argument may be set only once.".into());
    }
    if has(&["unique object key"]) {
        return ("Duplicate object key", "This key was already written. Each key of an object may be written once.".into());
    }
    if has(&["nested levels", "nesting depth", "operator depth"]) {
        return ("Expression too deep", format!("The text nests deeper than can be read: {message}."));
    }
    if has(&["escape sequence", "hex code"]) {
        let selector = before.rsplit('\\').next().and_then(|t| t.chars().next()).or_else(|| rest.chars().next()).unwrap_or(' ');
        let detail = match selector {
            'u' => "The \\u escape sequence must be followed by four hexadecimal digits.".into(),
            'U' => "The \\U escape sequence must be followed by eight hexadecimal digits.".into(),
            other => format!("The symbol {:?} is not a valid escape sequence selector.", other.to_string()),
        };
        return ("Invalid escape sequence", detail);
    }
    if has(&["invalid structure"]) {
        return ("Argument or block definition required", "An argument or block definition is required here.".into());
    }
    if has(&["newline or eof"]) {
        return ("Missing newline after argument", "An argument definition must end with a newline.".into());
    }
    if has(&["invalid expression", "expected `)` or expression"]) {
        return ("Invalid expression", "Expected the start of an expression, but found an invalid expression token.".into());
    }
    if has(&["block body"]) {
        return ("Invalid block definition", format!("Found {} where an argument, a block or the closing brace is expected.", seen(rest)));
    }
    if has(&["heredoc"]) {
        return ("Unterminated template string", "No closing marker was found for the string.".into());
    }
    ("Invalid expression", format!("Found {} where this cannot stand: {message}.", seen(rest)))
}

fn seen(rest: &str) -> String {
    rest.chars().next().map_or_else(|| "the end of the text".to_owned(), |c| format!("{c:?}"))
}
