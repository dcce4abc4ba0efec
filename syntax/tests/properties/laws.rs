//! What holds for every text. The fuzz targets hold it against theirs, the property tests against what they make up.
#![expect(unreachable_pub, reason = "a module of the fuzz targets, too, which use it from outside")]

use levee_model::{Diagnostics, SourceId, Sources};
use levee_syntax::ast::Body;
use levee_syntax::{File, format, parse_body, parse_expression, parse_pieces, print_body, print_expr, scan};

/// Tokens stand in the text one after the other; the text has a tree, whose text has the same tree; and laying it out
/// changes neither what it means nor what is laid out already.
pub fn of_a_body(text: &str) {
    tokens_stand_in_order(text);
    pieces_are_the_whole(text);
    let Some(printed) = body(text) else { return };
    assert_eq!(body(&printed).as_deref(), Some(printed.as_str()), "printing\n{text}\nchanges it");
    let laid_out = format(text);
    assert_eq!(format(&laid_out), laid_out, "laying out\n{text}\ntwice gives something else");
    // Laying out also writes some expressions more plainly, so both sides go through it.
    assert_eq!(body(&format(&printed)), body(&laid_out), "laying out\n{text}\nas\n{laid_out}\nchanges what it means");
}

/// A file that is parsed in pieces has the same tree and the same mistakes, wherever it is cut.
fn pieces_are_the_whole(text: &str) {
    let file = File::unnamed(source(), text);
    let (whole, mistakes) = parse_body(file);
    for size in [0, text.len() / 3] {
        let (mut together, mut told, mut last) = (Body::default(), Diagnostics::new(), false);
        for piece in parse_pieces(file, size) {
            assert!(!last, "a piece follows the last one of\n{text}");
            last = piece.is_last;
            together.attributes.extend(piece.body.attributes);
            together.blocks.extend(piece.body.blocks);
            told.extend(piece.diags);
        }
        assert!(last, "no piece of\n{text}\nis the last one");
        assert_eq!(format!("{told:?}"), format!("{mistakes:?}"), "pieces from {size} bytes on of\n{text}");
        assert_eq!(print_body(&together), print_body(&whole), "pieces from {size} bytes on of\n{text}");
    }
}

/// The same for an expression, apart from laying out.
pub fn of_an_expression(text: &str) {
    let Some(printed) = expression(text) else { return };
    assert_eq!(expression(&printed).as_deref(), Some(printed.as_str()), "printing\n{text}\nchanges it");
}

/// The text of a body's tree; none when the text has mistakes.
fn body(text: &str) -> Option<String> {
    let (body, diagnostics) = parse_body(File::unnamed(source(), text));
    (!diagnostics.has_errors()).then(|| print_body(&body))
}

fn expression(text: &str) -> Option<String> {
    let (expr, diagnostics) = parse_expression(File::unnamed(source(), text));
    (!diagnostics.has_errors()).then(|| print_expr(&expr))
}

fn source() -> SourceId {
    Sources::default().add("main.tf", "")
}

fn tokens_stand_in_order(text: &str) {
    let mut end = 0;
    for token in scan(text, false) {
        let (start, stop) = (token.start as usize, token.end as usize);
        assert!(end <= start && start <= stop && text.get(start..stop).is_some(), "{token:?} of\n{text}\nstands wrong");
        end = stop;
    }
    assert_eq!(end, text.len(), "the last token of\n{text}\nends too early");
}
