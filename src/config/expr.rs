//! Expressions, compiled: names are bound, templates are trimmed, and every node knows where it stands.
//!
//! Variables that an expression itself introduces (`for`, splat, `dynamic`) are resolved lexically here: a
//! [`Subject::Bound`] names a slot of the evaluator's stack, so that evaluation never looks names up.

use levee_model::{Diagnostic, Mode, Span, Value};
use std::sync::Arc;

pub use levee_syntax::ast::{BinaryOp, UnaryOp};

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it does.
    pub kind: ExprKind,
    /// All of its text.
    pub span: Span,
}

/// What an expression does.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Literal(Value),
    /// Text with interpolations or directives; always a string.
    Template(Box<[Part]>),
    /// A name and what follows it.
    Ref(Box<Reference>),
    /// A name that means nothing where values are expected. Arguments that take keywords read it (`type = string`).
    Unresolved(Box<Unresolved>),
    /// `source.a[0]`, where the source is no name.
    Traverse(Box<Expr>, Box<[TraversalStep]>),
    /// `source[*].a` or `source.*.a`.
    Splat(Box<Splat>),
    /// `-a`, `!a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b - c`
    Binary(Box<Binary>),
    /// `condition ? yes : no`
    Conditional(Box<(Expr, Expr, Expr)>),
    /// `[for ...]`, `{for ...}`
    For(Box<For>),
    /// `[a, b]`
    Tuple(Box<[Expr]>),
    /// `{a = b}`
    Object(Box<[(ObjectKey, Expr)]>),
    /// `f(a, b...)`
    Call(Box<Call>),
    /// `(a)`
    Paren(Box<Expr>),
    /// A string that is one interpolation and nothing else, so that it keeps its type.
    Wrap(Box<Expr>),
    /// A string of a JSON file that is a template.
    JsonString(Box<JsonString>),
    /// What can be written, but has no value.
    Faulty(Box<Faulty>),
}

/// An expression whose evaluation is a mistake.
#[derive(Clone, Debug)]
pub struct Faulty {
    /// What is written there.
    pub inner: Expr,
    /// What to say where its value is wanted.
    pub problem: Diagnostic,
}

/// Operators of one precedence, which go from the left to the right. They are one node, so that a chain is no deeper than
/// one operator.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The first operand.
    pub first: Expr,
    /// Each operator with its right operand. Never empty.
    pub rest: Box<[(BinaryOp, Expr)]>,
}

/// A string of a JSON file that is a template.
#[derive(Clone, Debug)]
pub struct JsonString {
    /// As it is written, its JSON escapes read.
    pub text: Arc<str>,
    /// What it means.
    pub template: Expr,
}

/// A name that is no reference, kept for arguments that read names as keywords.
#[derive(Clone, Debug)]
pub struct Unresolved {
    /// The first name.
    pub root: Arc<str>,
    /// What follows it.
    pub steps: Box<[TraversalStep]>,
    /// What to say where a value is expected.
    pub problem: Diagnostic,
    /// What it names with an empty name, which is likely not there: Terraform says that, too.
    pub nameless: Option<Reference>,
}

/// One part of a template. White space around trimmed markers is gone already.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it is.
    Literal(Arc<str>),
    /// `${...}`
    Interpolation(Expr),
    /// `%{if}...%{else}...%{endif}`
    If(Box<TemplateIf>),
    /// `%{for}...%{endfor}`
    For(Box<TemplateFor>),
}

/// An `if` directive of a template.
#[derive(Clone, Debug)]
pub struct TemplateIf {
    /// Which of the two it is.
    pub condition: Expr,
    /// What stands there if it is true.
    pub yes: Box<[Part]>,
    /// What stands there if it is false.
    pub no: Box<[Part]>,
}

/// A `for` directive of a template.
#[derive(Clone, Debug)]
pub struct TemplateFor {
    /// What it goes through.
    pub collection: Expr,
    /// The first slot: the key's if it is named, and after it the value's.
    pub slot: u32,
    /// Whether it names the key.
    pub has_key: bool,
    /// What is repeated.
    pub body: Box<[Part]>,
    /// From the opening marker to the closing one.
    pub span: Span,
}

/// A splat: `each` is evaluated for every element, which stands in `slot`.
#[derive(Clone, Debug)]
pub struct Splat {
    /// The whole.
    pub source: Expr,
    /// Evaluated for each element.
    pub each: Expr,
    /// Where the element stands.
    pub slot: u32,
    /// The marker itself: `[*]` or `.*`.
    pub marker: Span,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For {
    /// What it goes through.
    pub collection: Expr,
    /// The first slot: the key's if it is named, and after it the value's.
    pub slot: u32,
    /// Whether it names the key.
    pub has_key: bool,
    /// Set for an object.
    pub key: Option<Expr>,
    /// The element.
    pub value: Expr,
    /// `if ...`
    pub condition: Option<Expr>,
    /// `...` after the value: values of one key are collected.
    pub grouping: bool,
}

/// The left side of an object's item.
#[derive(Clone, Debug)]
pub enum ObjectKey {
    /// A bare word, which stands for itself.
    Name(Arc<str>, Span),
    /// Anything else.
    Expr(Expr),
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name, with its namespace: `upper`, `provider::terraform::encode_expr`.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// The name and the opening parenthesis.
    pub start_span: Span,
    /// The closing parenthesis.
    pub close_span: Span,
    /// The arguments.
    pub arguments: Box<[Expr]>,
    /// `...` after the last one.
    pub expand_final: bool,
}

/// A name and the steps that follow it: `aws_subnet.private["a"].id`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What is named.
    pub subject: Subject,
    /// What follows, in order. `aws_subnet.private` itself has none.
    pub steps: Box<[TraversalStep]>,
    /// The name and the steps.
    pub span: Span,
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// `var.NAME`
    Variable(Arc<str>),
    /// `local.NAME`
    Local(Arc<str>),
    /// `TYPE.NAME`, `data.TYPE.NAME`, `ephemeral.TYPE.NAME`
    Resource {
        /// Which kind of block.
        mode: Mode,
        /// Resource type.
        type_name: Arc<str>,
        /// Its own name.
        name: Arc<str>,
    },
    /// `module.NAME`
    Module(Arc<str>),
    /// `each`: an object with `key` and `value`.
    Each,
    /// `count`: an object with `index`.
    Count,
    /// `path`: an object with `module`, `root` and `cwd`.
    Path,
    /// `terraform`: an object with `workspace` and `applying`.
    Terraform,
    /// `self`
    SelfObject,
    /// A variable of the expression's own (`for`, splat, `dynamic`), at a slot of the evaluator's stack.
    Bound {
        /// As it was written.
        name: Arc<str>,
        /// Where its value stands.
        slot: u32,
    },
}

/// One step of a traversal.
#[derive(Clone, Debug)]
pub enum TraversalStep {
    /// `.name`
    Attr {
        /// The name.
        name: Arc<str>,
        /// With the dot.
        span: Span,
    },
    /// `[key]`, or the old `.0`
    Index {
        /// The key.
        key: Expr,
        /// With the brackets.
        span: Span,
    },
}

impl TraversalStep {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Attr { span, .. } | Self::Index { span, .. } => *span,
        }
    }
}

impl Expr {
    /// A constant that stands at `span`.
    pub fn literal(value: Value, span: Span) -> Self {
        Self { kind: ExprKind::Literal(value), span }
    }

    /// The value of a constant.
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Literal(v) => Some(v),
            ExprKind::Paren(inner) | ExprKind::Wrap(inner) => inner.as_literal(),
            ExprKind::JsonString(s) => s.template.as_literal(),
            _ => None,
        }
    }

    /// Where it begins, as far as messages about the whole of it point there.
    pub fn start_span(&self) -> Span {
        let sign = Span { end: self.span.start + 1, ..self.span };
        match &self.kind {
            // What stands between the quotes.
            ExprKind::Literal(value) if value.as_str().is_some_and(|s| !s.is_empty()) && self.span.end > self.span.start + 2 => {
                Span { start: self.span.start + 1, end: self.span.end - 1, ..self.span }
            }
            ExprKind::Splat(splat) => splat.marker,
            ExprKind::Unary(..) | ExprKind::For(_) | ExprKind::Tuple(_) | ExprKind::Object(_) => sign,
            ExprKind::Binary(chain) => chain.first.start_span(),
            ExprKind::Conditional(parts) => parts.0.start_span(),
            ExprKind::Call(call) => call.start_span,
            _ => self.span,
        }
    }

    /// Every reference in it, in the order they are written; its own bound variables are left out.
    pub fn references(&self) -> Vec<&Reference> {
        let mut out = Vec::new();
        self.visit_references(&mut |r| out.push(r));
        out
    }
}
