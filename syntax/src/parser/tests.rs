use super::{File, parse_body, parse_expression, parse_template};
use crate::ast::{BinaryOp, Expr, ExprKind, Part};
use levee_model::{Diagnostics, SourceId};

fn file(text: &str) -> File<'_> {
    File { source: SourceId(0), name: "t.tf", text, offset: 0, lossy: false }
}

/// Each message's summary with the text that it is about.
fn told<'t>(text: &'t str, diags: &'t Diagnostics) -> Vec<(&'t str, &'t str)> {
    let at = |d: &levee_model::Diagnostic| d.span.map(|s| &text[s.start as usize..s.end as usize]).unwrap_or("");
    diags.iter().map(|d| (&*d.summary, at(d))).collect()
}

#[test]
fn a_mistake_leaves_the_rest_of_the_file_readable() {
    let text = "a = 1 2\nb \"x\" {\n  c = [1 2]\n  d = 3\n}\ne {\n  f = \"${x y}\"\n}\na = 4\ng = (1\n";
    let (body, diags) = parse_body(file(text));
    // After the first mistake only those are told that cannot be its consequence.
    let expected = [("Missing newline after argument", "2"), ("Attribute redefined", "a"), ("Unbalanced parentheses", "")];
    assert_eq!(told(text, &diags), expected);
    assert!(diags.iter().any(|d| d.detail == "The argument \"a\" was already set at t.tf:1,1-2. Each argument may be set only once."));
    assert_eq!(body.attributes.iter().map(|a| a.name).collect::<Vec<_>>(), ["a", "g"]);
    assert_eq!(body.blocks.iter().map(|b| b.type_name).collect::<Vec<_>>(), ["b", "e"]);
    assert_eq!(body.blocks[0].body.attributes.iter().map(|a| a.name).collect::<Vec<_>>(), ["c", "d"]);
}

#[test]
fn messages_name_what_is_wrong() {
    for (text, expected) in [
        ("1 +", ("Missing expression", "")),
        ("[1 2]", ("Missing item separator", "2")),
        ("{a 1}", ("Missing key/value separator", "1")),
        ("f(1 2)", ("Missing argument separator", "2")),
        ("1.2.3", ("Invalid number literal", "1.2.3")),
        ("a ? b", ("Missing false expression in conditional", "")),
        ("\"\\q\"", ("Invalid escape sequence", "\\q")),
        ("\"%{ els }\"", ("Invalid template control keyword", "els")),
        ("\"%{ if a }\"", ("Unexpected end of template", "\"")),
        ("{for a in b : c}", ("Invalid 'for' expression", "c")),
        ("a.*.*", ("Nested splat expression not allowed", "*")),
        ("a 'b'", ("Invalid character", "'")),
    ] {
        let (_, diags) = parse_expression(file(text));
        assert_eq!(told(text, &diags).first(), Some(&expected), "{text}");
    }
}

#[test]
fn operators_make_chains_by_precedence() {
    let (expr, diags) = parse_expression(file("1 + 2 * 3 - 4 == 5 && !a"));
    assert!(diags.is_empty());
    let ExprKind::Binary(and) = &expr.kind else { panic!("{expr:?}") };
    assert_eq!(and.rest[0].0, BinaryOp::And);
    let ExprKind::Binary(equal) = &and.first.kind else { panic!("{expr:?}") };
    let ExprKind::Binary(sum) = &equal.first.kind else { panic!("{expr:?}") };
    assert_eq!(sum.rest.iter().map(|(op, _)| *op).collect::<Vec<_>>(), [BinaryOp::Add, BinaryOp::Subtract]);
}

fn literals(expr: &Expr) -> Vec<String> {
    match &expr.kind {
        ExprKind::String(text) => vec![text.to_string()],
        ExprKind::Template(parts) => {
            parts.iter().map(|p| if let Part::Literal(text, _) = p { text.to_string() } else { "*".to_owned() }).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn templates_are_trimmed_and_unindented() {
    for (text, expected) in [
        ("\"a $${b} \\u00e9\\n\"", &["a ${b} é\n"][..]),
        ("<<-E\n    a\n\n      ${b}\n  E\n", &["a\n\n  ", "*", "\n"]),
        ("<<E\n a ${~ b ~}\n c\nE\n", &[" a", "*", " c\n"]),
        ("\"%{ if a ~} b %{~ else }c%{ endif }\"", &["*"]),
    ] {
        assert_eq!(literals(&parse_expression(file(text)).0), expected, "{text}");
    }
    assert_eq!(literals(&parse_template(file("a\n$${b}${c}\n")).0), ["a\n${b}", "*", "\n"]);
}

#[test]
fn depth_is_bounded_and_length_is_not() {
    let text = "1+".repeat(20_000);
    let (chain, diags) = parse_expression(file(&text[..39_999]));
    assert!(diags.is_empty(), "{diags:?}");
    assert!(matches!(chain.kind, ExprKind::Binary(chain) if chain.rest.len() == 19_999));
    for piece in ["(", "[", "{a=", "-", "f(", "a[", "\"${", "1?", "{for a in ", "%{if a}", "a[*]", "1?1:", "b {\n", "<<E\n${", "1*(1+"] {
        let text = piece.repeat(100_000);
        for diags in [parse_body(file(&text)).1, parse_expression(file(&text)).1, parse_template(file(&text)).1] {
            assert!(diags.len() < 10, "{piece}");
        }
        let enough = piece.repeat(450);
        assert!(!parse_expression(file(&enough)).1.iter().any(|d| d.summary == "Nesting too deep"), "{piece}");
    }
}
