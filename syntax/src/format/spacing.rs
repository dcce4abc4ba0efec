//! Where a space stands between two tokens of a line.

use super::Piece;
use crate::token::TokenKind as K;

/// Whether a space follows `this` before `after`; `before` is what stands before it, if anything does.
pub(super) fn space_between(before: Option<&Piece<'_>>, this: &Piece<'_>, after: &Piece<'_>) -> bool {
    let (kind, next) = (this.kind, after.kind);
    match (kind, next) {
        (_, K::Newline) | (K::Name, K::OpenParen | K::DoubleColon) | (K::DoubleColon, K::Name) => false,
        (K::Dot, _) | (_, K::Dot | K::Comma | K::Ellipsis) => false,
        (K::Comma, _) => true,
        (K::QuotedText | K::Text | K::OpenQuote | K::OpenHeredoc, _) => false,
        (_, K::QuotedText | K::Text | K::CloseQuote | K::CloseHeredoc) => false,
        // `for x in [a]`: the list is no index.
        (K::Name, _) if this.text == "in" && before.is_some_and(|b| b.kind == K::Name) => true,
        (_, K::OpenBracket) if matches!(kind, K::Name | K::Number) || nesting(kind) < 0 => false,
        (K::Not, _) => false,
        (K::Minus, _) => before.is_some_and(|b| ends_operand(b.kind)),
        (K::OpenBrace, K::CloseBrace) => false,
        (K::OpenBrace, _) | (_, K::CloseBrace) => true,
        (K::Interpolation | K::Directive, K::OpenBrace) | (K::CloseBrace, K::TemplateEnd) => true,
        (K::TemplateEnd, K::Interpolation | K::Directive) => false,
        _ => nesting(kind) <= 0 && nesting(next) >= 0,
    }
}

/// Whether a minus after a token takes something away; after others it makes a number negative.
fn ends_operand(kind: K) -> bool {
    !matches!(
        kind,
        K::OpenParen
            | K::OpenBrace
            | K::OpenBracket
            | K::Assign
            | K::Colon
            | K::Comma
            | K::Question
            | K::Plus
            | K::Star
            | K::Slash
            | K::Percent
            | K::Minus
            | K::Equal
            | K::NotEqual
            | K::Greater
            | K::GreaterOrEqual
            | K::Less
            | K::LessOrEqual
            | K::And
            | K::Or
            | K::Not
    )
}

/// By how much a token deepens the nesting of brackets.
pub(super) fn nesting(kind: K) -> isize {
    match kind {
        K::OpenBrace | K::OpenBracket | K::OpenParen | K::Directive | K::Interpolation => 1,
        K::CloseBrace | K::CloseBracket | K::CloseParen | K::TemplateEnd => -1,
        _ => 0,
    }
}
