//! What holds for every text, tried on texts made of the language's own pieces. `PROPTEST_CASES` says on how many.

mod laws;

use proptest::prelude::*;

/// What configurations are made of, and what breaks them.
const PIECES: &[&str] = &[
    "a",
    "b1",
    "\na {",
    "\n}\n",
    "each",
    "null",
    "true",
    "0",
    "1.5",
    "1e9",
    "\"s\"",
    "\"",
    "${",
    "%{",
    "~}",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    " = ",
    " == ",
    "=>",
    ":",
    "::",
    ",",
    ".",
    "...",
    "*",
    ".*",
    "[*]",
    ".0",
    "?",
    "!",
    "-",
    "+",
    "/",
    "%",
    "&&",
    "||",
    "<",
    ">=",
    " ",
    "\n",
    "\r\n",
    "\t",
    "# c\n",
    "// c\n",
    "/* c */",
    "/*",
    "<<EOT\n",
    "\nEOT\n",
    "<<-E\n",
    "\n  E\n",
    "\\n",
    "\\u00e9",
    "\\",
    "é",
    "e\u{301}",
    "\u{feff}",
    "$$",
    "%%",
    "$",
    "@",
    "'",
    ";",
    "if ",
    "for ",
    " in ",
    "else",
    "endif",
    "endfor",
    "block \"x\" {\n",
    "x = ",
    "[for k, v in a : v]",
    "{for k, v in a : k => v...}",
    "\"${a}\"",
    "\"%{ if a }b%{ endif }\"",
    "f(a, b...)",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Expressions that can be read.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["a", "null", "true", "12", "0.5", "\"s $${x} é\"", "b.c", "d[0]", "\"\\\"\\n\""]);
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"]))
                .prop_map(|((a, b), op)| format!("{a} {op} {b}")),
            (inner.clone(), pair.clone()).prop_map(|(a, (b, c))| format!("({a} ? {b} : {c})")),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(pair.clone(), 0..3)
                .prop_map(|items| format!("{{{}}}", items.iter().map(|(k, v)| format!("({k}) = {v}")).collect::<Vec<_>>().join(", "))),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("f({})", items.join(", "))),
            pair.clone().prop_map(|(a, b)| format!("[for k, v in {a} : {b} if k != 0]")),
            inner.clone().prop_map(|a| format!("\"x${{{a}}}y\"")),
            pair.prop_map(|(a, b)| format!("\"%{{ if {a} ~}} ${{{b}}} %{{~ else }}z%{{ endif }}\"")),
            inner.clone().prop_map(|a| format!("({a})[*].x")),
            inner.clone().prop_map(|a| format!("({a}).*.y.0")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

/// Bodies that can be read, laid out anyhow.
fn body() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", " ", "   ", "\t"]);
    let argument =
        (prop::sample::select(vec!["a", "bb", "ccc"]), space(), space(), expression(), prop::sample::select(vec!["", " # c", " // c"]))
            .prop_map(|(name, before, after, value, comment)| format!("{name}{before}={after}{value}{comment}\n"));
    let lines = prop::collection::vec(prop_oneof![4 => argument, 1 => Just("\n".to_owned()), 1 => Just("  # c\n".to_owned())], 0..3);
    (lines, prop::collection::vec((space(), expression()), 0..2)).prop_map(|(lines, blocks)| {
        let unique = |(i, line): (usize, &String)| if line.contains('=') { format!("n{i}{line}") } else { line.clone() };
        let mut text: String = lines.iter().enumerate().map(unique).collect();
        for (space, value) in blocks {
            text += &format!("{space}block{space} \"l\" {{\n{space}inner ={space}{value}\n{space}}}\n");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_the_laws(text in soup()) {
        laws::of_a_body(&text);
        laws::of_an_expression(&text);
    }

    #[test]
    fn expressions_keep_the_laws(text in expression()) {
        laws::of_an_expression(&text);
    }

    #[test]
    fn bodies_keep_the_laws(text in body()) {
        laws::of_a_body(&text);
    }
}
