//! What is said of tokens that can never stand in a text, whatever is around them.

use crate::cursor::range;
use crate::parser::File;
use crate::token::{Token, TokenKind};
use levee_model::{Diagnostic, Diagnostics};

/// How often the same kind of mistake is told.
#[derive(Default)]
struct Told {
    bitwise: u8,
    backtick: u8,
    apostrophe: u8,
    semicolon: bool,
    encoding: bool,
}

/// A diagnostic for every token that has no meaning; of the same mistake, only the first few.
pub fn strange_tokens(file: File<'_>, tokens: &[Token]) -> Diagnostics {
    let mut told = Told::default();
    let mut diags = Diagnostics::new();
    for token in tokens {
        if let Some((summary, detail)) = told.explain(*token, file.text) {
            diags.push(Diagnostic::error(summary, detail).at(range(*token).span(file.source, file.offset)));
        }
    }
    diags
}

impl Told {
    fn explain(&mut self, token: Token, text: &str) -> Option<(&'static str, &'static str)> {
        const CHARACTER: &str = "Invalid character";
        match token.kind {
            TokenKind::BitAnd | TokenKind::BitOr | TokenKind::BitNot | TokenKind::BitXor => self.bitwise(token.kind),
            TokenKind::Backtick => alternate(&mut self.backtick).then_some((
                CHARACTER,
                "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, like \"<<EOT\".",
            )),
            TokenKind::Apostrophe => alternate(&mut self.apostrophe)
                .then_some((CHARACTER, "Single quotes are not valid. Use double quotes (\") to enclose strings.")),
            TokenKind::Semicolon => (!std::mem::replace(&mut self.semicolon, true)).then_some((
                CHARACTER,
                "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.",
            )),
            TokenKind::BadUtf8 => (!std::mem::replace(&mut self.encoding, true)).then_some((
                "Invalid character encoding",
                "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your editor.",
            )),
            TokenKind::QuotedNewline => Some((
                "Invalid multi-line string",
                "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.",
            )),
            TokenKind::Invalid if matches!(token.text(text), "“" | "”") => Some((
                CHARACTER,
                "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when sharing code via documents or discussion forums. It might help to replace the character with a \"straight quote\".",
            )),
            TokenKind::Invalid => Some((CHARACTER, "This character is not used within the language.")),
            _ => None,
        }
    }

    fn bitwise(&mut self, kind: TokenKind) -> Option<(&'static str, &'static str)> {
        self.bitwise = self.bitwise.saturating_add(1);
        let detail = match kind {
            TokenKind::BitAnd => "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?",
            TokenKind::BitOr => "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?",
            TokenKind::BitNot => "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?",
            _ => "Bitwise operators are not supported.",
        };
        (self.bitwise <= 4).then_some(("Unsupported operator", detail))
    }
}

/// Whether to tell of a quoting character: the one that opens, not the one that closes, and no more than twice.
fn alternate(count: &mut u8) -> bool {
    let tell = count.is_multiple_of(2);
    *count = count.saturating_add(1).min(3);
    tell
}
