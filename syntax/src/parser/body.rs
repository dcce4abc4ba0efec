//! Files and blocks: arguments, and blocks in blocks.

use super::Parser;
use crate::ast::{Attribute, Block, Body, Label, Range};
use crate::cursor::range;
use crate::token::{Token, TokenKind};
use std::borrow::Cow;
use std::collections::HashMap;

const REQUIRED: &str = "Argument or block definition required";
const REQUIRED_HERE: &str = "An argument or block definition is required here.";
const NO_EQUALS: &str =
    "An argument or block definition is required here. To set an argument, use the equals sign \"=\" to introduce the argument value.";
const SINGLE: &str = "Invalid single-argument block definition";
const BLOCK: &str = "Invalid block definition";
const UNCLOSED: &str = "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.";

/// In a body with fewer arguments, looking through all of them is faster than a table.
const FEW: usize = 16;

/// The names that a body has already, once they are many.
type Index<'t> = HashMap<&'t str, Range>;

impl<'t> Parser<'t> {
    /// Reads up to `end`, which is the end of the text or a closing brace.
    pub(super) fn body(&mut self, end: TokenKind) -> Body<'t> {
        self.nested(|p| p.body_inside(end), |_| Body::default())
    }

    fn body_inside(&mut self, end: TokenKind) -> Body<'t> {
        let start = self.cursor.previous_range();
        let mut body = Body::default();
        let mut index = Index::new();
        loop {
            match self.cursor.peek().kind {
                kind if kind == end => {
                    self.cursor.read();
                    break;
                }
                TokenKind::Newline => drop(self.cursor.read()),
                TokenKind::Name => self.item(&mut body, &mut index),
                _ => {
                    self.no_item(start);
                    self.cursor.recover(end);
                    break;
                }
            }
        }
        body.attributes.shrink_to_fit();
        body.blocks.shrink_to_fit();
        body
    }

    /// Tells what stands where an item must begin.
    fn no_item(&mut self, body_start: Range) {
        let bad = self.cursor.read();
        let (at, summary, detail) = match bad.kind {
            TokenKind::OpenQuote => (range(bad), "Invalid argument name", "Argument names must not be quoted."),
            TokenKind::End => (body_start, "Unclosed configuration block", UNCLOSED),
            _ => (range(bad), REQUIRED, REQUIRED_HERE),
        };
        self.unless_recovering(at, summary, detail);
    }

    fn item(&mut self, body: &mut Body<'t>, index: &mut Index<'t>) {
        let name = self.cursor.read();
        match self.cursor.peek().kind {
            TokenKind::Assign => {
                let attribute = self.attribute(name, false);
                self.add(attribute, body, index);
            }
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Name => {
                let block = self.block(name);
                body.blocks.push(block);
            }
            _ => {
                self.cursor.recover_after_item();
                self.error(range(name), REQUIRED, NO_EQUALS);
            }
        }
    }

    fn add(&mut self, attribute: Attribute<'t>, body: &mut Body<'t>, index: &mut Index<'t>) {
        let known = if body.attributes.len() < FEW {
            body.attributes.iter().find(|a| a.name == attribute.name).map(|a| a.name_range)
        } else {
            if index.is_empty() {
                index.extend(body.attributes.iter().map(|a| (a.name, a.name_range)));
            }
            index.get(attribute.name).copied()
        };
        if let Some(first) = known {
            let place = self.place(first);
            let detail = format!("The argument {:?} was already set at {place}. Each argument may be set only once.", attribute.name);
            return self.error(attribute.name_range, "Attribute redefined", detail);
        }
        if body.attributes.len() >= FEW {
            index.insert(attribute.name, attribute.name_range);
        }
        body.attributes.push(attribute);
    }

    fn attribute(&mut self, name: Token, single_line: bool) -> Attribute<'t> {
        self.cursor.read(); // The equals sign.
        let before = self.diags.len();
        let expr = self.expression();
        if self.lost_since(before) {
            self.cursor.recover_after_item();
        } else if !single_line {
            self.end_of_argument();
        }
        Attribute { name: self.cursor.text(name), name_range: range(name), expr }
    }

    fn end_of_argument(&mut self) {
        let end = self.cursor.peek();
        if matches!(end.kind, TokenKind::Newline | TokenKind::End) {
            self.cursor.read();
            return;
        }
        let (summary, detail) = if end.kind == TokenKind::Comma {
            (
                "Unexpected comma after argument",
                "Argument definitions must be separated by newlines, not commas. An argument definition must end with a newline.",
            )
        } else {
            ("Missing newline after argument", "An argument definition must end with a newline.")
        };
        self.unless_recovering(range(end), summary, detail);
        self.cursor.recover_after_item();
    }

    fn block(&mut self, name: Token) -> Block<'t> {
        let placeholder = range(name);
        let mut block = Block {
            type_name: self.cursor.text(name),
            type_range: placeholder,
            labels: Vec::new(),
            open: placeholder,
            close: placeholder,
            body: Body::default(),
        };
        loop {
            let token = self.cursor.peek();
            match token.kind {
                TokenKind::OpenBrace => break,
                TokenKind::OpenQuote => block.labels.push(self.quoted_label()),
                TokenKind::Name => {
                    self.cursor.read();
                    block.labels.push(Label { text: Cow::Borrowed(self.cursor.text(token)), range: range(token) });
                }
                _ => {
                    self.no_block(token);
                    self.cursor.recover_after_item();
                    return block;
                }
            }
        }
        block.open = range(self.cursor.read());
        block.body = match self.cursor.peek().kind {
            TokenKind::Newline | TokenKind::End | TokenKind::CloseBrace => self.body(TokenKind::CloseBrace),
            _ => self.single_line_body(block.open),
        };
        block.close = self.cursor.previous_range();
        self.end_of_block();
        block
    }

    fn end_of_block(&mut self) {
        let end = self.cursor.peek();
        if matches!(end.kind, TokenKind::Newline | TokenKind::End) {
            self.cursor.read();
            return;
        }
        self.unless_recovering(range(end), "Missing newline after block definition", "A block definition must end with a newline.");
        self.cursor.recover_after_item();
    }

    /// Tells what stands where a label or the opening brace must.
    fn no_block(&mut self, token: Token) {
        match token.kind {
            TokenKind::Assign => self.error(
                range(token),
                BLOCK,
                "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block.",
            ),
            TokenKind::Newline => self.error(
                range(token),
                BLOCK,
                "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header.",
            ),
            _ => self.unless_recovering(
                range(token),
                BLOCK,
                "Either a quoted string block label or an opening brace (\"{\") is expected here.",
            ),
        }
    }

    /// `{ name = value }` on one line.
    fn single_line_body(&mut self, open: Range) -> Body<'t> {
        let mut body = Body::default();
        body.attributes.extend(self.single_attribute());
        let next = self.cursor.peek();
        let detail = match next.kind {
            TokenKind::CloseBrace => {
                self.cursor.read();
                return body;
            }
            TokenKind::Comma => {
                "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument definition per line."
            }
            TokenKind::Newline => {
                "An argument definition on the same line as its containing block creates a single-line block definition, which must also be closed on the same line. Place the block's closing brace immediately after the argument definition."
            }
            _ => {
                if next.kind == TokenKind::End {
                    self.unless_recovering(open, "Unclosed configuration block", UNCLOSED);
                } else {
                    let detail =
                        "A single-line block definition must end with a closing brace immediately after its single argument definition.";
                    self.unless_recovering(range(next), SINGLE, detail);
                }
                self.cursor.recover(TokenKind::CloseBrace);
                return body;
            }
        };
        self.error(range(next), SINGLE, detail);
        self.cursor.recover(TokenKind::CloseBrace);
        body
    }

    fn single_attribute(&mut self) -> Option<Attribute<'t>> {
        let name = self.cursor.read();
        if name.kind != TokenKind::Name {
            self.cursor.recover_after_item();
            self.error(range(name), REQUIRED, REQUIRED_HERE);
            return None;
        }
        let next = self.cursor.peek();
        match next.kind {
            TokenKind::Assign => return Some(self.attribute(name, true)),
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Name => {
                self.cursor.recover_after_item();
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define argument {:?}, use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.",
                    self.cursor.text(name)
                );
                self.error(range(name).to(range(next)), "Argument definition required", detail);
            }
            _ => {
                self.cursor.recover_after_item();
                self.error(range(name), REQUIRED, NO_EQUALS);
            }
        }
        None
    }
}
