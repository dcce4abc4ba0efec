//! What a JSON text becomes, and what is said about one that is none.

use super::{Node, NodeKind, read};
use levee_model::{Diagnostics, SourceId};

fn check(text: &str) -> (Node, Vec<(String, u32)>) {
    let mut diags = Diagnostics::new();
    let node = read(SourceId(0), text, &mut diags);
    (node, diags.into_iter().map(|d| (d.summary, d.span.map_or(0, |s| s.start))).collect())
}

#[test]
fn mistakes_are_told_with_their_place_and_the_rest_is_read() {
    let cases: &[(&str, &[(&str, u32)])] = &[
        ("{}", &[]),
        (r#"{"a": [1,], "b": tru}"#, &[("Trailing comma in array", 8), ("Mismatched braces", 10), ("Root value must be object", 0)]),
        (r#"{"a": tru, "b": 01, "c": "\x"}"#, &[("Invalid JSON keyword", 6), ("Invalid JSON number", 16), ("Invalid JSON string", 28)]),
        (r#"{"a" = 1}"#, &[("Missing property value colon", 5), ("Root value must be object", 0)]),
        ("{} {}", &[("Extraneous data after value", 3)]),
        ("\u{feff}{}", &[("Invalid start of value", 0), ("Root value must be object", 0)]),
        ("", &[("Missing value", 0), ("Root value must be object", 0)]),
    ];
    for (text, expected) in cases {
        let found = check(text).1;
        let expected: Vec<(String, u32)> = expected.iter().map(|(s, at)| ((*s).to_owned(), *at)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn strings_and_numbers_are_exact() {
    let (root, mistakes) = check(r#"["\u00e9\ud83d\ude00\ud800\/\n", 12345678901234567890.5, "a\\"]"#);
    assert_eq!(mistakes, []);
    let NodeKind::Array(items) = root.kind else { panic!("an array") };
    assert!(matches!(&items[0].kind, NodeKind::String(s) if &**s == "\u{e9}\u{1f600}\u{fffd}/\n"));
    assert!(matches!(&items[1].kind, NodeKind::Number(n) if n.to_string() == "12345678901234567890.5"));
    assert!(matches!(&items[2].kind, NodeKind::String(s) if &**s == "a\\"));
    assert_eq!((items[1].span.start, items[1].span.end), (33, 55));
}

#[test]
fn depth_is_bounded() {
    let (_, mistakes) = check(&"[".repeat(100_000));
    assert_eq!(mistakes[0].0, "JSON too deep");
}
