use super::{is_identifier, scan, scan_template};
use crate::token::{Token, TokenKind as K};

/// Kinds and texts, and that nothing but blanks lies between tokens.
fn cut<'t>(text: &'t str, tokens: &[Token]) -> Vec<(K, &'t str)> {
    let mut at = 0;
    for token in tokens {
        let gap = &text[at..token.start as usize];
        assert!(gap.bytes().all(|b| matches!(b, b' ' | b'\t')) || at == 0 && gap == "\u{feff}", "{text:?}: gap {gap:?}");
        at = token.end as usize;
    }
    assert_eq!(at, text.len(), "{text:?}");
    tokens.iter().map(|t| (t.kind, t.text(text))).collect()
}

fn check(text: &str, expected: &[(K, &str)]) {
    let mut found = cut(text, &scan(text, false));
    assert_eq!(found.pop(), Some((K::End, "")), "{text:?}");
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn code_is_cut_at_the_longest_match() {
    use K::{Assign, Comment, Directive, Dot, Ellipsis, Equal, FatArrow, Invalid, Less, Name, Newline, Number, Plus, Slash, Star};
    check("\u{feff}a-b=1e5\r\n", &[(Name, "a-b"), (Assign, "="), (Number, "1e5"), (Newline, "\r\n")]);
    check(
        "1.5.2 1. 1... 1e+",
        &[(Number, "1.5.2"), (Number, "1"), (Dot, "."), (Number, "1"), (Ellipsis, "..."), (Number, "1"), (Name, "e"), (Plus, "+")],
    );
    check("# a\n// b\n/* c\n*/", &[(Comment, "# a\n"), (Comment, "// b\n"), (Comment, "/* c\n*/")]);
    check("/* /*", &[(Slash, "/"), (Star, "*"), (Slash, "/"), (Star, "*")]);
    check("===> é$", &[(Equal, "=="), (FatArrow, "=>"), (Name, "é"), (Invalid, "$")]);
    check("<<a", &[(Less, "<"), (Less, "<"), (Name, "a")]);
    check("\"%{\"", &[(K::OpenQuote, "\""), (Directive, "%{"), (K::OpenQuote, "\"")]);
}

#[test]
fn templates_nest_in_code_and_code_in_templates() {
    use K::{
        CloseBrace, CloseHeredoc, CloseQuote, Interpolation, Name, Newline, OpenBrace, OpenHeredoc, OpenQuote, QuotedText, TemplateEnd,
        Text,
    };
    check(
        "\"a$${b${~{}~}\\\"$\"",
        &[
            (OpenQuote, "\""),
            (QuotedText, "a"),
            (QuotedText, "$${"),
            (QuotedText, "b"),
            (Interpolation, "${~"),
            (OpenBrace, "{"),
            (CloseBrace, "}"),
            (TemplateEnd, "~}"),
            (QuotedText, "\\\""),
            (QuotedText, "$"),
            (CloseQuote, "\""),
        ],
    );
    check(
        "<<-E\n x ${\"E\n\"}\n  E \r\n",
        &[
            (OpenHeredoc, "<<-E\n"),
            (Text, " x "),
            (Interpolation, "${"),
            (OpenQuote, "\""),
            (QuotedText, "E"),
            (K::QuotedNewline, "\n"),
            (CloseQuote, "\""),
            (TemplateEnd, "}"),
            (Text, "\n"),
            (CloseHeredoc, "  E "),
            (Newline, "\r\n"),
        ],
    );
    let bare = "a\n${b}\r$";
    let found = cut(bare, &scan_template(bare, false));
    assert_eq!(found, [(Text, "a\n"), (Interpolation, "${"), (Name, "b"), (TemplateEnd, "}"), (Text, "\r$"), (K::End, "")]);
}

#[test]
fn bytes_that_are_no_text_are_told_unless_a_comment_holds_them() {
    let text = String::from_utf8_lossy(b"# \xff\na = \xff \"\xffb\"\n");
    let kinds: Vec<_> = cut(&text, &scan(&text, true)).into_iter().map(|(kind, _)| kind).collect();
    use K::{Assign, BadUtf8, CloseQuote, Comment, End, Name, Newline, OpenQuote, QuotedText};
    assert_eq!(kinds, [Comment, Name, Assign, BadUtf8, OpenQuote, BadUtf8, QuotedText, CloseQuote, Newline, End]);
    assert!(scan("\"\u{fffd}\"", false).iter().all(|t| t.kind != BadUtf8));
}

#[test]
fn long_runs_take_linear_time() {
    for piece in ["/*", "\"${", "<<E\n", "\"", "{", "<<a", "$", "\u{fffd}", "${\"%{"] {
        let text = piece.repeat(100_000);
        assert!(scan(&text, true).len() + scan_template(&text, true).len() > 2);
    }
}

#[test]
fn identifiers() {
    assert!(["a", "_", "a-1", "é"].iter().all(|t| is_identifier(t)));
    assert!(["", "1", "-a", "a b", "a."].iter().all(|t| !is_identifier(t)));
}
