//! A JSON text as a tree whose every part knows its place.

use levee_model::{Number, Span};
use std::sync::Arc;

/// A JSON value.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// All of its text.
    pub span: Span,
}

/// What a JSON value is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// With every digit.
    Number(Number),
    /// Its escapes are read; templates in it are not.
    String(Arc<str>),
    /// Its items.
    Array(Vec<Node>),
    /// Properties as they are written: a name may stand twice.
    Object(Vec<Property>),
    /// Something else, which has been reported.
    Invalid,
}

/// One property of an object.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name, with the escapes read.
    pub name: Arc<str>,
    /// With its quotes.
    pub name_span: Span,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// Where it begins: the opening bracket of an object or array, all of anything else.
    pub fn start(&self) -> Span {
        match self.kind {
            NodeKind::Array(_) | NodeKind::Object(_) => Span { end: self.span.end.min(self.span.start + 1), ..self.span },
            _ => self.span,
        }
    }

    /// Where something is missing that should stand in it.
    pub fn missing(&self) -> Span {
        match self.kind {
            NodeKind::Object(_) => Span { start: self.span.end.saturating_sub(1).max(self.span.start), ..self.span },
            _ => self.start(),
        }
    }
}
