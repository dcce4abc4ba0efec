//! JSON texts to trees. A mistake leaves the rest readable where that can be done, so that several are reported.

use super::scan::{Token, TokenKind, Tokens};
use super::tree::{Node, NodeKind, Property};
use levee_model::suggest::suggest;
use levee_model::{Diagnostic, Diagnostics, Number, SourceId, Span};
use std::ops::Range;
use std::sync::Arc;

/// Reads a file, whose outermost value is an object or an array. Another is reported, and an empty object stands for it.
pub fn read(source: SourceId, text: &str, diags: &mut Diagnostics) -> Node {
    let mut reader = Reader { tokens: Tokens::new(text), text, source, found: Diagnostics::new(), depth: 0 };
    let mut root = reader.value();
    let next = reader.tokens.peek();
    if reader.found.is_empty() && next.kind != TokenKind::End {
        reader.error(next.range, "Extraneous data after value", "Extra characters appear after the JSON value.");
    }
    diags.extend(reader.found);
    if !matches!(root.kind, NodeKind::Object(_) | NodeKind::Array(_)) {
        let detail = "The root value in a JSON-based configuration must be either a JSON object or a JSON array of objects.";
        diags.push(Diagnostic::error("Root value must be object", detail).at(root.start()));
        root = Node { kind: NodeKind::Object(Vec::new()), span: Span::new(source, 0..0) };
    }
    root
}

/// Deeper values are not read.
const DEEPEST: usize = 500;

const BEGINNINGS: &str = "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.";

struct Reader<'a> {
    tokens: Tokens<'a>,
    text: &'a str,
    source: SourceId,
    found: Diagnostics,
    depth: usize,
}

/// An object or array that could not be read to its end.
struct Broken;

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range)
    }

    fn error(&mut self, range: Range<usize>, summary: &str, detail: impl Into<String>) {
        let span = self.span(range);
        self.found.push(Diagnostic::error(summary, detail).at(span));
    }

    fn broken(&mut self, range: Range<usize>, summary: &str, detail: &str) -> Broken {
        self.error(range, summary, detail);
        Broken
    }

    fn value(&mut self) -> Node {
        let token = self.tokens.peek();
        let start = token.range.clone();
        let kind = match token.kind {
            TokenKind::BraceOpen | TokenKind::BracketOpen => return self.nested(&token),
            TokenKind::Number => self.number(),
            TokenKind::String => self.string(),
            TokenKind::Keyword => self.keyword(),
            other => {
                let (summary, detail) = match other {
                    TokenKind::BraceClose => ("Missing JSON value", BEGINNINGS),
                    TokenKind::BracketClose => ("Missing array element value", BEGINNINGS),
                    TokenKind::End => ("Missing value", "The JSON data ends prematurely."),
                    _ => ("Invalid start of value", BEGINNINGS),
                };
                self.error(start.clone(), summary, detail);
                NodeKind::Invalid
            }
        };
        Node { kind, span: self.span(start) }
    }

    fn nested(&mut self, open: &Token) -> Node {
        self.tokens.read();
        self.depth += 1;
        let read = if self.depth > DEEPEST {
            self.tokens.stop();
            Err(self.broken(open.range.clone(), "JSON too deep", "Objects and arrays stand in each other too often to be read."))
        } else if open.kind == TokenKind::BraceOpen {
            self.object(open)
        } else {
            self.array(open)
        };
        self.depth -= 1;
        match read {
            Ok((kind, end)) => Node { kind, span: self.span(open.range.start..end) },
            Err(Broken) => Node { kind: NodeKind::Invalid, span: self.span(open.range.clone()) },
        }
    }

    /// What follows the opening brace, and where it ends.
    fn object(&mut self, open: &Token) -> Result<(NodeKind, usize), Broken> {
        let mut properties = Vec::new();
        while self.tokens.peek().kind != TokenKind::BraceClose {
            let key = self.value();
            let NodeKind::String(name) = key.kind else {
                let at = key.start();
                let range = at.start as usize..at.end as usize;
                return Err(self.broken(range, "Invalid object property name", "A JSON object property name must be a string"));
            };
            self.colon()?;
            let value = self.value();
            properties.push(Property { name, name_span: key.span, value });
            if !self.after_property(open)? {
                break;
            }
        }
        Ok((NodeKind::Object(properties), self.tokens.read().range.end))
    }

    fn colon(&mut self) -> Result<(), Broken> {
        let token = self.tokens.read();
        if token.kind == TokenKind::Colon {
            return Ok(());
        }
        let (summary, detail) = match token.kind {
            TokenKind::BraceClose | TokenKind::Comma => {
                ("Missing object value", "A JSON object attribute must have a value, introduced by a colon.")
            }
            TokenKind::Equals => ("Missing property value colon", "JSON uses a colon as its name/value delimiter, not an equals sign."),
            _ => ("Missing property value colon", "A colon must appear between an object property's name and its value."),
        };
        let range = token.range.clone();
        self.skip(token, TokenKind::BraceOpen, TokenKind::BraceClose);
        Err(self.broken(range, summary, detail))
    }

    /// Whether another property follows.
    fn after_property(&mut self, open: &Token) -> Result<bool, Broken> {
        match self.tokens.peek().kind {
            TokenKind::Comma => {
                let comma = self.tokens.read();
                if self.tokens.peek().kind == TokenKind::BraceClose {
                    let detail = "JSON does not permit a trailing comma after the final property in an object.";
                    return Err(self.broken(comma.range, "Trailing comma in object", detail));
                }
                Ok(true)
            }
            TokenKind::BraceClose => Ok(false),
            TokenKind::End => Err(self.broken(open.range.clone(), "Unclosed object", "No closing brace was found for this JSON object.")),
            TokenKind::BracketClose => {
                self.tokens.read();
                let at = self.tokens.peek().range;
                Err(self.broken(at, "Mismatched braces", "A JSON object must be closed with a brace, not a bracket."))
            }
            _ => {
                let detail = "A comma must appear between each property definition in an object.";
                Err(self.past(TokenKind::BraceOpen, TokenKind::BraceClose, "Missing attribute seperator comma", detail))
            }
        }
    }

    /// What follows the opening bracket, and where it ends.
    fn array(&mut self, open: &Token) -> Result<(NodeKind, usize), Broken> {
        let mut items = Vec::new();
        while self.tokens.peek().kind != TokenKind::BracketClose {
            items.push(self.value());
            if !self.after_item(open)? {
                break;
            }
        }
        Ok((NodeKind::Array(items), self.tokens.read().range.end))
    }

    /// Whether another item follows.
    fn after_item(&mut self, open: &Token) -> Result<bool, Broken> {
        let (summary, detail) = match self.tokens.peek().kind {
            TokenKind::Comma => {
                let comma = self.tokens.read();
                if self.tokens.peek().kind == TokenKind::BracketClose {
                    let detail = "JSON does not permit a trailing comma after the final value in an array.";
                    return Err(self.broken(comma.range, "Trailing comma in array", detail));
                }
                return Ok(true);
            }
            TokenKind::BracketClose => return Ok(false),
            TokenKind::End => {
                return Err(self.broken(open.range.clone(), "Unclosed object", "No closing bracket was found for this JSON array."));
            }
            TokenKind::Colon => ("Invalid array value", "A colon is not used to introduce values in a JSON array."),
            TokenKind::BraceClose => ("Mismatched brackets", "A JSON array must be closed with a bracket, not a brace."),
            _ => ("Missing attribute seperator comma", "A comma must appear between each value in an array."),
        };
        Err(self.past(TokenKind::BracketOpen, TokenKind::BracketClose, summary, detail))
    }

    /// Skips what is left of an object or array, and reports what is wrong with it where the text goes on.
    fn past(&mut self, open: TokenKind, close: TokenKind, summary: &str, detail: &str) -> Broken {
        let token = self.tokens.read();
        self.skip(token, open, close);
        let at = self.tokens.peek().range;
        self.broken(at, summary, detail)
    }

    /// Skips to what seems to be the end of the object or array around `token`, which has been read.
    fn skip(&mut self, mut token: Token, open: TokenKind, close: TokenKind) {
        let mut depth = 1_usize;
        loop {
            if token.kind == open {
                depth += 1;
            } else if token.kind == close {
                depth -= 1;
                if depth <= 1 {
                    return;
                }
            } else if token.kind == TokenKind::End {
                return;
            }
            token = self.tokens.read();
        }
    }

    fn number(&mut self) -> NodeKind {
        let token = self.tokens.read();
        let text = &self.text[token.range.clone()];
        if let Some(number) = Number::parse(text).filter(|_| is_number(text)) {
            return NodeKind::Number(number);
        }
        self.error(token.range, "Invalid JSON number", "There is a syntax error in the given JSON number.");
        NodeKind::Invalid
    }

    fn string(&mut self) -> NodeKind {
        let token = self.tokens.read();
        match unescape(&self.text[token.range.clone()]) {
            Ok(text) => NodeKind::String(Arc::from(text)),
            Err(offset) => {
                let at = token.range.start + offset;
                self.error(at..at + 1, "Invalid JSON string", "There is a syntax error in the given JSON string.");
                NodeKind::Invalid
            }
        }
    }

    fn keyword(&mut self) -> NodeKind {
        let token = self.tokens.read();
        let word = &self.text[token.range.clone()];
        let detail = match word {
            "true" => return NodeKind::Bool(true),
            "false" => return NodeKind::Bool(false),
            "null" => return NodeKind::Null,
            "undefined" | "NaN" | "Infinity" => format!("The JavaScript identifier {word:?} cannot be used in JSON."),
            _ => {
                let close = suggest(word, ["false", "true", "null"]).map_or_else(String::new, |c| format!(" Did you mean {c:?}?"));
                format!("{word:?} is not a valid JSON keyword.{close}")
            }
        };
        self.error(token.range, "Invalid JSON keyword", detail);
        NodeKind::Invalid
    }
}

/// Whether a text is a number as JSON writes them.
fn is_number(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// The text that a quoted string stands for, or how many bytes of it can be read.
fn unescape(quoted: &str) -> Result<String, usize> {
    let inside = quoted[1..].strip_suffix('"').ok_or(quoted.len())?;
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(i) = rest.find('\\') {
        out.push_str(&rest[..i]);
        let escape = &rest[i + 1..];
        let place = quoted.len() - 1 - escape.len();
        let (c, after) = escaped(escape).ok_or(place + 1)?;
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The character that an escape stands for, and what follows it. Halves of a pair stand for no character.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let simple = match escape.chars().next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (code, after) = hex(&escape[1..])?;
            let pair = after.strip_prefix("\\u").and_then(hex).filter(|(low, _)| (0xdc00..0xe000).contains(low));
            return Some(match pair {
                Some((low, after)) if (0xd800..0xdc00).contains(&code) => {
                    let joined = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER), after)
                }
                _ => (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after),
            });
        }
        _ => return None,
    };
    Some((simple, &escape[1..]))
}

fn hex(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(digits, 16).ok()?, &text[4..]))
}
