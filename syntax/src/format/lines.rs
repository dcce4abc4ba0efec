//! Lines, how far each is indented, and how neighbours are aligned.

use super::Piece;
use super::spacing::{nesting, space_between};
use crate::token::TokenKind;
use levee_model::graphemes::graphemes;
use std::ops::Range;

/// The parts of a line that are aligned with those of its neighbours. Each begins where the one before ends.
struct Line {
    /// Up to the equals sign, or to the comment.
    lead: Range<usize>,
    /// From the equals sign on, when what follows it ends in the same line.
    assign: Range<usize>,
    /// The comment at the end, unless it is all there is.
    comment: Range<usize>,
}

/// Sets the spaces before every token.
pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(&lines, pieces);
    for line in &lines {
        space(&line.lead, pieces);
        space(&line.assign, pieces);
    }
    align(&lines, pieces, |l| &l.assign, |l, p| columns(&p[l.lead.clone()]));
    align(&lines, pieces, |l| &l.comment, |l, p| columns(&p[l.lead.start..l.assign.end]));
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut out = Vec::new();
    let mut start = 0;
    for (i, piece) in pieces.iter().enumerate() {
        match piece.kind {
            // Whatever stands after it belongs to no line.
            TokenKind::End => {
                out.push(line(start..i, pieces));
                return out;
            }
            TokenKind::Newline => {}
            TokenKind::Comment if piece.text.ends_with('\n') => {}
            _ => continue,
        }
        out.push(line(start..i + 1, pieces));
        start = i + 1;
    }
    out
}

fn line(all: Range<usize>, pieces: &[Piece<'_>]) -> Line {
    let mut end = all.end;
    if all.len() > 1 && pieces[end - 1].kind == TokenKind::Comment {
        end -= 1;
    }
    let equals = (all.start + 1..end).find(|i| pieces[*i].kind == TokenKind::Assign);
    let whole = |at: &usize| pieces[*at..end].iter().map(|p| nesting(p.kind)).sum::<isize>() == 0;
    let lead = equals.filter(whole).unwrap_or(end);
    Line { lead: all.start..lead, assign: lead..end, comment: end..all.end }
}

/// Indents by open brackets. However many a line opens, what follows is one step deeper, until as many are closed.
fn indent(lines: &[Line], pieces: &mut [Piece<'_>]) {
    let mut open: Vec<isize> = Vec::new();
    for line in lines {
        let Some(first) = pieces[line.lead.clone()].first().map(|p| p.kind) else { continue };
        let mut spaces = 0;
        if first != TokenKind::Newline {
            let change = change(line, pieces);
            if change < 0 {
                close(&mut open, -change);
            }
            spaces = 2 * open.len();
            if change > 0 {
                open.push(change);
            }
        }
        pieces[line.lead.start].spaces = spaces;
    }
}

/// How many brackets more a line opens than it closes. What stands in a heredoc does not count, unless it is assigned.
fn change(line: &Line, pieces: &[Piece<'_>]) -> isize {
    let lead = &pieces[line.lead.clone()];
    let heredoc = lead.iter().position(|p| p.kind == TokenKind::OpenHeredoc).unwrap_or(lead.len());
    lead[..heredoc].iter().chain(&pieces[line.assign.clone()]).map(|p| nesting(p.kind)).sum()
}

fn close(open: &mut Vec<isize>, mut closed: isize) {
    while closed > 0
        && let Some(last) = open.last_mut()
    {
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

/// Sets the spaces inside a part of a line.
fn space(part: &Range<usize>, pieces: &mut [Piece<'_>]) {
    for i in part.clone().skip(1) {
        let before = (i - 1 > part.start).then(|| &pieces[i - 2]);
        pieces[i].spaces = usize::from(space_between(before, &pieces[i - 1], &pieces[i]));
    }
}

/// Moves a part to the same column in all lines of a row of lines that have it.
fn align(lines: &[Line], pieces: &mut [Piece<'_>], part: impl Fn(&Line) -> &Range<usize>, width: impl Fn(&Line, &[Piece<'_>]) -> usize) {
    for chain in lines.chunk_by(|a, b| part(a).is_empty() == part(b).is_empty()) {
        if part(&chain[0]).is_empty() {
            continue;
        }
        let widths: Vec<usize> = chain.iter().map(|l| width(l, pieces)).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            pieces[part(line).start].spaces = widest - width + 1;
        }
    }
}

fn columns(pieces: &[Piece<'_>]) -> usize {
    pieces
        .iter()
        .map(|p| p.spaces + if p.text.is_ascii() && !p.text.contains('\r') { p.text.len() } else { graphemes(&p.text).len() })
        .sum()
}
